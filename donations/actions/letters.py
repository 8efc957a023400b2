"""Letters are owed in the database and sent by the worker: one per donation, kind and matter."""

import time

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks import task
from wagtail.models import Site

from accounts.models import User
from donations import mail
from donations.actions.funds import count_people_again, lock_funds
from donations.models import (
    Donation,
    DonationEvent,
    DonationState,
    Follower,
    Fund,
    Letter,
    LetterKind,
    StaffLetter,
    StaffLetterKind,
    Subscription,
    SubscriptionState,
)
from donations.models.letters import NOTICES
from tenancy.models import AuditEntry, RoleGroup
from tenancy.outbox import LONGEST_RUN, send_due
from tenancy.scope import scoped, site_scope, unrestricted


class NoLongerTrue(Exception):
    """The letter tells of a charge that will not happen. It is not sent again."""


def owe_letter(donation: Donation, kind: LetterKind, *, about: str = "") -> None:
    """Owe a letter, once; nothing when the donor's address is not known.

    It goes out after the transaction that owes it is committed.
    """
    known = Letter.objects.filter(donation=donation, kind=kind, about=about)
    if not donation.email or known.exists():
        return
    letter = Letter(donation=donation, site_id=donation.site_id, kind=kind, about=about)
    # Of two at once the database takes one.
    Letter.objects.bulk_create([letter], ignore_conflicts=True)
    # The clock sends what the queue did not take.
    deliver_soon(letter.site_id)


def deliver_soon(site_id: int) -> None:
    """After commit. The clock sends what the queue did not take."""

    def enqueue() -> None:
        deliver_letters.enqueue(site_id)

    transaction.on_commit(enqueue, robust=True)


def send_owed_letters() -> int:
    """Send what is owed and due on the sites in scope; returns how many letters went out.

    Stops after a minute.
    """
    end = time.monotonic() + LONGEST_RUN
    to_donors = Letter.objects.select_related(
        "donation__site", "donation__fund", "donation__subscription__fund"
    )
    to_staff = StaffLetter.objects.select_related("site", "fund", "to")
    to_confirm = Follower.objects.unconfirmed().select_related("site", "fund")
    sent = send_due(to_donors, mail.send, until=end)
    sent += send_due(to_staff, mail.send_to_staff, until=end)
    return sent + send_due(to_confirm, mail.ask_to_confirm, until=end)


def owe_staff_letters(fund: Fund, kind: StaffLetterKind, *, about: str) -> None:
    """Owe everybody of the site's staff a letter, once for each matter."""
    groups = RoleGroup.objects.filter(site_id=fund.site_id).values("group_id")
    with unrestricted("the staff of this one site, whoever caused the letter"):
        staff = list(User.objects.filter(groups__in=groups, is_active=True).distinct())
    for person in staff:
        StaffLetter.objects.get_or_create(
            fund=fund, kind=kind, about=about, to=person, defaults={"site_id": fund.site_id}
        )
    deliver_soon(fund.site_id)


@task(queue_name="money")
def deliver_letters(site_id: int) -> int:
    """The letters of one site as a background job. Also sent by the worker's clock, so nothing
    depends on it."""
    with scoped(site_scope(Site.objects.get(pk=site_id))):
        return send_owed_letters()


def resend_letter(*, letter: Letter, resends: int, by: User) -> bool:
    """Owe a letter again; False when somebody else did so meanwhile (`resends` as it was seen).

    One that was never sent is only made due: the number in its Message-ID stays, so that a repeat
    is seen as a repeat. One that is being sent at this moment is left to whoever sends it. Raises
    NoLongerTrue.
    """
    with transaction.atomic():
        letter = Letter.objects.select_for_update(no_key=True).get(pk=letter.pk)
        if letter.resends != resends:
            return False
        if letter.kind in NOTICES and not _is_still_true(letter):
            raise NoLongerTrue
        if letter.sent_at is not None:
            letter.sent_at, letter.attempts = None, 0
            letter.resends += 1
            letter.next_try_at = timezone.now()
        elif not letter.is_being_sent:
            letter.next_try_at = timezone.now()
        letter.save(update_fields=["sent_at", "attempts", "resends", "next_try_at"])
        AuditEntry.objects.create(
            site_id=letter.site_id, by=by, what="letter sent again", details={"letter": letter.pk}
        )
        deliver_soon(letter.site_id)
    return True


def _is_still_true(notice: Letter) -> bool:
    subscription = notice.donation.subscription
    return (
        subscription is not None
        and subscription.state == SubscriptionState.ACTIVE
        and subscription.notice_key == notice.about
    )


def correct_email(*, donation: Donation, email: str, by: User) -> None:
    """The donor's address was wrong. Letters that could not be sent go to the new one at once.

    Neither the old nor the new address is written anywhere but in the gift itself.
    """
    with transaction.atomic():
        funds = _funds_of(donation)
        lock_funds(funds)
        donation = Donation.objects.select_for_update(no_key=True).get(pk=donation.pk)
        if donation.email == email:
            return
        before, donation.email = donation.email, email
        donation.save(update_fields=["email"])
        gifts = [donation.pk]
        if donation.subscription_id is not None:
            gifts += _correct_monthly(donation.subscription_id, before, email)
        if not before and donation.state == DonationState.SUCCEEDED:
            owe_letter(donation, LetterKind.THANKS)  # nobody could be thanked until now
        count_people_again(funds)
        if not Follower.objects.filter(fund=donation.fund_id, email=email).exists():
            unconfirmed = Follower.objects.unconfirmed().filter(fund=donation.fund_id)
            unconfirmed.filter(email=before).update(email=email)
        Letter.objects.filter(donation__in=gifts, sent_at=None).exclude(last_error="").update(
            next_try_at=timezone.now()
        )
        DonationEvent.objects.create(
            donation=donation,
            site_id=donation.site_id,
            source="person",
            by=by,
            from_state=donation.state,
            to_state=donation.state,
            note="address corrected",
        )
        AuditEntry.objects.create(
            site_id=donation.site_id,
            by=by,
            what="donor address corrected",
            details={"donation": donation.pk},
        )
        deliver_soon(donation.site_id)


def _funds_of(donation: Donation) -> list[int]:
    """Those that count the gift and others of the same monthly gift."""
    same = Q(pk=donation.pk)
    if donation.subscription_id is not None:
        same |= Q(subscription=donation.subscription_id)
    return list(Donation.objects.filter(same).order_by().values_list("fund", flat=True).distinct())


def _correct_monthly(subscription_id: int, before: str, email: str) -> list[int]:
    """The same slip stands in the monthly gift, in what it was begun with and in its charges."""
    subscription = Subscription.objects.select_for_update(no_key=True).get(pk=subscription_id)
    if subscription.email == before:
        subscription.email = email
        subscription.save(update_fields=["email"])
    same = Donation.objects.filter(subscription=subscription, email=before)
    pks = list(same.values_list("pk", flat=True))
    same.update(email=email)
    return pks
