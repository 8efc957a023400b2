"""Donations, what happened to them and what the donor agreed to."""

import re
import uuid
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from donations.managers import BookManager, OfDonationManager
from donations.models.accounts import OFFLINE, AccountKind, PaymentAccount
from donations.models.funds import Fund
from donations.money import ZERO, MoneyField, format_roubles
from site_settings.models import LegalText
from tenancy.managers import ScopedModel

PART_OF_NUMBER = re.compile("[0-9a-f]{4,32}")


class DonationState(models.TextChoices):
    CREATED = "created", _("created")
    PENDING = "pending", _("waiting for the donor")
    WAITING_FOR_CAPTURE = "waiting_for_capture", _("waiting for capture")
    SUCCEEDED = "succeeded", _("paid")
    CANCELED = "canceled", _("not paid")


UNFINISHED = (
    DonationState.CREATED,
    DonationState.PENDING,
    DonationState.WAITING_FOR_CAPTURE,
)


class MessageState(models.TextChoices):
    """Where a donor's words are on their way to the page. Without one they are a word to the
    organisation and go no further."""

    WAITING = "waiting", _("waits to be read")
    SHOWN = "shown", _("on the page")
    DECLINED = "declined", _("not shown")

    @classmethod
    def at_first(cls, message: str, show_name: bool) -> str:
        """Whoever agrees to be named agrees to be quoted too, once somebody has read it."""
        return cls.WAITING if message and show_name else ""


class DonationQuerySet(models.QuerySet):
    def of_site(self, site: Site) -> "DonationQuerySet":
        return self.filter(site=site)

    def paid(self) -> "DonationQuerySet":
        return self.filter(state=DonationState.SUCCEEDED)

    def counted(self) -> "DonationQuerySet":
        return self.paid().filter(counted=True)

    def unfinished(self) -> "DonationQuerySet":
        """Those whose end is not known: the provider has to be asked. A flag waits for a person.

        Behind a bank transfer there is nobody to ask: see `promised`.
        """
        return self.exclude(account__kind__in=OFFLINE).filter(flag="", state__in=UNFINISHED)

    def found_by(self, words: str) -> "DonationQuerySet":
        """The beginning (or the whole) of the e-mail, of our number or of the provider's."""
        words = words.strip()
        found = Q(email__istartswith=words) | Q(external_id__istartswith=words)
        digits = words.replace("-", "").lower()
        if PART_OF_NUMBER.fullmatch(digits):
            between = (uuid.UUID(digits.ljust(32, "0")), uuid.UUID(digits.ljust(32, "f")))
            found |= Q(public_id__range=between)
        return self.filter(found)

    def not_given_back(self) -> "DonationQuerySet":
        return self.filter(refunded__lt=F("amount") + F("corrected"))

    def standing(self) -> "DonationQuerySet":
        """What the count of a fund counts, and its people gave."""
        return self.counted().not_given_back()

    def with_words(self, *states: MessageState) -> "DonationQuerySet":
        """Gifts that count, with words of the donor that may stand on a page, or do, or may not."""
        return self.standing().filter(message_state__in=states or MessageState.values)

    def promised(self) -> "DonationQuerySet":
        """Transfers somebody said they would send and that have not come yet."""
        return self.filter(account__kind=AccountKind.BANK, state=DonationState.PENDING)

    def totals(self) -> dict[str, Any]:
        """{"raised": Decimal roubles, "count": int} of these donations."""
        found = self.aggregate(raised=Sum("amount"), count=Count("pk"))
        return {"raised": found["raised"] or ZERO, "count": found["count"]}


class Donation(ScopedModel):
    """One gift, from the moment the form was accepted."""

    ARROWS: ClassVar[dict[str, tuple[str, ...]]] = {
        DonationState.CREATED: (DonationState.PENDING, DonationState.CANCELED),
        DonationState.PENDING: (
            DonationState.WAITING_FOR_CAPTURE,
            DonationState.SUCCEEDED,
            DonationState.CANCELED,
        ),
        DonationState.WAITING_FOR_CAPTURE: (DonationState.SUCCEEDED, DonationState.CANCELED),
        DonationState.SUCCEEDED: (),
        DonationState.CANCELED: (),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    fund = models.ForeignKey(
        Fund, verbose_name=_("fund"), on_delete=models.PROTECT, related_name="donations"
    )
    account = models.ForeignKey(PaymentAccount, on_delete=models.PROTECT, related_name="donations")
    state = models.CharField(
        max_length=20, choices=DonationState.choices, default=DonationState.CREATED, editable=False
    )
    amount = MoneyField(_("sum"))
    purpose = models.CharField(
        _("purpose"), max_length=255, help_text=_("As it read on the day of the gift")
    )
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=100, blank=True)
    show_name = models.BooleanField(_("show the name"), default=False)
    message = models.TextField(_("message"), blank=True)
    message_state = models.CharField(
        max_length=10, choices=MessageState.choices, blank=True, editable=False
    )
    message_decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    language = models.CharField(max_length=10, default="ru")
    channel = models.CharField(
        max_length=40, blank=True, help_text="What the link named: the post, the poster, the letter"
    )
    page_path = models.CharField(
        max_length=500, blank=True, help_text=_("The page the gift was begun on, for going back")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True, editable=False)
    gift_key = models.CharField(max_length=80, editable=False)
    typed_digest = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",  # a process of the version before may still write gifts
        editable=False,
        help_text="What was typed and where from: two tabs are known by it",
    )
    idempotence_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider_request = models.TextField(blank=True, editable=False)
    external_id = models.CharField(max_length=64, null=True, blank=True, editable=False)  # noqa: DJ001
    confirmation_url = models.TextField(blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    shield_counts = models.JSONField(default=list, blank=True, editable=False)
    reason = models.CharField(max_length=60, blank=True, editable=False)
    flag = models.CharField(max_length=200, blank=True, editable=False)
    counted = models.BooleanField(default=False, editable=False)
    proof = models.BooleanField(
        default=False, editable=False, help_text="Staff tried the way of a payment: nobody's gift"
    )
    refunded = MoneyField(_("given back"), default=ZERO, editable=False)
    saves_method = models.BooleanField(
        default=False, editable=False, help_text="The donor agreed to be charged every month"
    )
    subscription = models.ForeignKey(
        "Subscription", null=True, blank=True, on_delete=models.PROTECT, related_name="donations"
    )
    period = models.DateField(
        null=True, blank=True, editable=False, help_text="The first day of the month it is for"
    )
    corrected = MoneyField(_("corrected by"), default=ZERO, editable=False)
    code = models.CharField(max_length=10, null=True, blank=True, editable=False)  # noqa: DJ001

    objects = BookManager.from_queryset(DonationQuerySet)()

    class Meta:
        verbose_name = _("donation")
        verbose_name_plural = _("donations")
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(fields=("site", "-created_at"), name="donation_site_newest"),
            models.Index(fields=("state", "checked_at"), name="donation_to_ask_about"),
            # Has this person given to this fund before?
            models.Index(F("fund"), Lower("email"), name="donation_donor_of_fund"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="donation_is_more_than_nothing"),
            models.UniqueConstraint(
                fields=("account", "external_id"), name="one_donation_per_external_id"
            ),
            models.UniqueConstraint(fields=("site", "gift_key"), name="one_donation_per_gift_key"),
            models.UniqueConstraint(
                fields=("site", "typed_digest"),
                condition=Q(state__in=UNFINISHED) & ~Q(typed_digest=""),
                name="one_unfinished_donation_per_typed_words",
            ),
            models.UniqueConstraint(fields=("account", "code"), name="one_promise_per_code"),
            models.CheckConstraint(
                condition=~Q(state=DonationState.SUCCEEDED)
                | Q(paid_at__isnull=False, external_id__isnull=False),
                name="paid_donation_has_time_and_external_id",
            ),
            models.CheckConstraint(
                condition=Q(refunded__gte=ZERO) & Q(refunded__lte=F("amount") + F("corrected")),
                name="no_more_is_given_back_than_was_given",
            ),
            models.CheckConstraint(
                condition=Q(counted=False) | Q(state=DonationState.SUCCEEDED),
                name="only_paid_donations_count",
            ),
            models.CheckConstraint(
                condition=Q(counted=False) | Q(proof=False), name="proof_payments_never_count"
            ),
            models.CheckConstraint(
                condition=Q(message_state="") | (Q(show_name=True) & ~Q(message="")),
                name="words_go_public_only_as_the_donor_agreed",
            ),
            models.UniqueConstraint(
                fields=("subscription", "period"),
                condition=~Q(state=DonationState.CANCELED),
                name="one_charge_per_subscription_and_period",
            ),
            models.CheckConstraint(
                condition=Q(subscription__isnull=True, period__isnull=True)
                | Q(subscription__isnull=False, period__isnull=False),
                name="gift_of_a_subscription_has_a_period",
            ),
        )

    def __str__(self) -> str:
        return f"{format_roubles(self.amount)} {self.public_id}"

    @property
    def is_finished(self) -> bool:
        return not self.ARROWS[self.state]

    @property
    def left(self) -> Decimal:
        """What can still be given back."""
        return self.amount + self.corrected - self.refunded

    @property
    def given(self) -> Decimal:
        """The sum as the books have it: what was asked for, corrected."""
        return self.amount + self.corrected

    @property
    def public_name(self) -> str:
        """The name as everybody may read it; «» for one who did not agree or gave no name."""
        return self.name if self.show_name else ""


class DonationEvent(ScopedModel):
    """What happened to a donation or to a refund of it, and what the provider said. Rows are only
    added."""

    donation = models.ForeignKey(Donation, on_delete=models.PROTECT, related_name="events")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    source = models.CharField(
        max_length=20, help_text="start, notification, return, sweeper, statement, person"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)
    refund = models.ForeignKey(
        "Refund", null=True, blank=True, on_delete=models.PROTECT, related_name="events"
    )
    note = models.CharField(max_length=200, blank=True)
    answer = models.JSONField(default=dict)

    objects = OfDonationManager()

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class Acceptance(ScopedModel):
    """A legal text the donor agreed to with a gift: which wording, when, and where."""

    donation = models.ForeignKey(Donation, on_delete=models.PROTECT, related_name="acceptances")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    text = models.ForeignKey(LegalText, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    source = models.CharField(max_length=40, default="donation form")

    objects = OfDonationManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("donation", "text"), name="one_acceptance_per_gift_and_text"
            ),
        )

    def __str__(self) -> str:
        return f"{self.text} · {self.donation_id}"
