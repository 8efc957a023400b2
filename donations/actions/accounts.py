"""Payment accounts: made, changed, taken live."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, F, Q, Sum, Value
from django.utils.translation import gettext as _
from wagtail.models import Site

from accounts.models import User
from donations.actions.funds import count_people_again, lock_funds
from donations.models import (
    AccountKind,
    Donation,
    DonationQuerySet,
    Fund,
    PaymentAccount,
    Subscription,
)
from donations.money import MoneyField
from donations.providers import provider_for
from donations.secrets import reseal
from site_settings.models import Organisation
from site_settings.recipients import groups_of, takes_for
from tenancy.models import AuditEntry
from tenancy.scope import unrestricted

TEST_KEY_PREFIX = "test_"


def account_for(organisation: Organisation) -> PaymentAccount | None:
    """The online account that takes new gifts of the organisation's site; for a group it is that of
    its recipient, and there is none without one.
    """
    return account_of(takes_for(organisation))


def account_of(receiver: Organisation | None) -> PaymentAccount | None:
    """The same, for whom `takes_for` has named."""
    if receiver is None:
        return None
    with unrestricted("gifts of a group go to the account of its recipient"):
        accounts = PaymentAccount.objects.active().of_site(receiver.site)
        return accounts.select_related("site").first()


def open_sandbox(*, site: Site) -> PaymentAccount:
    """The account every site begins with. Quiet when the site has an active account."""
    account = PaymentAccount.objects.of_site(site).active().first()
    return account or PaymentAccount.objects.create(
        site=site, kind=AccountKind.SANDBOX, shop_id=f"sandbox-{site.pk}"
    )


def use_account(
    *,
    site: Site,
    kind: str,
    shop_id: str,
    secret_key: str,
    by: User | None,
    recurring: bool | None = None,
) -> PaymentAccount:
    """From now on the site is paid through this shop.

    A new key of the same shop replaces the old one; another shop, or a live key after a test one,
    is a new account, and the old one stays for the payments begun with it. An empty `secret_key`
    keeps the stored one. `recurring`: monthly gifts are agreed with the service; None keeps it.
    """
    if Organisation.for_site(site).is_group:
        raise ValidationError(_("A group takes donations through its recipient's account."))
    with transaction.atomic():
        known = PaymentAccount.objects.select_for_update(no_key=True).of_site(site)
        same = known.filter(kind=kind, shop_id=shop_id).order_by("-is_active", "-pk")
        if secret_key:
            same = same.filter(is_live=_is_live(kind, secret_key))
        account = same.first()
        known.active().exclude(pk=account.pk if account else None).update(is_active=False)
        if account is None:
            account = PaymentAccount(site=site, kind=kind, shop_id=shop_id)
        if secret_key:
            account.set_secret_key(secret_key)
            account.is_live = _is_live(kind, secret_key)
            account.facts, account.facts_at = {}, None
        if secret_key and account.is_live:
            # Whoever holds the key makes this host a home of it.
            account.home = sorted({*account.home, settings.ADMIN_HOST})
        account.is_active = True
        if recurring is not None:
            account.recurring = recurring
        account.save()
        AuditEntry.objects.create(
            site=site,
            by=by,
            what="payment account set",
            details={"account": account.pk, "recurring": account.recurring},
        )
        if account.is_live:
            lock_books(site)
            drop_test_gifts(site=site)
    return account


def _is_live(kind: str, secret_key: str) -> bool:
    return provider_for(kind).takes_credentials and not secret_key.startswith(TEST_KEY_PREFIX)


def lock_books(site: Site, *funds: int) -> None:
    """Lock these funds and all that gifts to accounts of the site are counted in.

    So a test gift that is being counted right now is waited for.
    """
    own = Q(site__in={site.pk, *groups_of(site)}) | Q(pk__in=_test_gifts(site).values("fund"))
    lock_funds(Fund.objects.filter(own | Q(pk__in=funds)).values("pk"))


def _test_gifts(site: Site) -> DonationQuerySet[Any]:
    return Donation.objects.filter(account__site=site, account__is_live=False)


def drop_test_gifts(*, site: Site) -> None:
    """The site takes real money: test gifts stay in the books but no longer count.

    Those of the groups it receives gifts for as well. The caller has locked the books.
    """
    tests = _test_gifts(site).counted()
    # Those given back wholly left the count when that happened.
    kept = Count("pk", filter=Q(refunded__lt=F("amount")))
    sums = list(
        tests.values("fund_id").annotate(sum=Sum("amount"), back=Sum("refunded"), number=kept)
    )
    for row in sums:
        Fund.objects.filter(pk=row["fund_id"]).update(
            raised=F("raised") - Value(row["sum"], output_field=MoneyField()),
            refunded=F("refunded") - Value(row["back"], output_field=MoneyField()),
            count=F("count") - row["number"],
        )
    tests.update(counted=False)
    count_people_again(row["fund_id"] for row in sums)


def rotate_secrets() -> int:
    """Seal every stored secret with the first key of FIELD_KEYS; returns how many."""
    number = 0
    for account in PaymentAccount.objects.exclude(sealed_secret=""):
        with transaction.atomic():
            account = PaymentAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
            account.sealed_secret = reseal(account.sealed_secret)
            account.save(update_fields=["sealed_secret"])
        number += 1
    for pk in Subscription.objects.exclude(sealed_method="").values_list("pk", flat=True):
        with transaction.atomic():
            subscription = Subscription.objects.select_for_update(no_key=True).get(pk=pk)
            if subscription.sealed_method:
                subscription.sealed_method = reseal(subscription.sealed_method)
                subscription.save(update_fields=["sealed_method"])
                number += 1
    return number
