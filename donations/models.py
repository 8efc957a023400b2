"""The books. A donation knows no pages, only the fund it is given to.

States move along `Donation.ARROWS` and only inside `donations.actions`; every change appends an
event. The totals of a fund are changed in the same transaction and can always be counted again
(`manage.py check_totals`).
"""

import secrets
import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from donations.money import ZERO, MoneyField, format_roubles
from donations.secrets import seal, unseal
from site_settings.models import LegalText
from tenancy.managers import ScopedManager, ScopedModel

SMALLEST, LARGEST = Decimal("10.00"), Decimal("350000.00")


def new_token() -> str:
    return secrets.token_urlsafe(24)


class FundQuerySet(models.QuerySet):
    def of_site(self, site: Site) -> "FundQuerySet":
        return self.filter(site=site)

    def general(self) -> "FundQuerySet":
        return self.filter(key__isnull=True)


class Fund(ScopedModel):
    """What a donation is given to: the purpose as the books read it, its limits and its totals.

    `key` is the `translation_key` of the campaign page; the general fund of a site has none.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField(null=True, blank=True, editable=False)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    purpose = models.CharField(_("purpose"), max_length=255)
    goal = MoneyField(null=True, blank=True)
    deadline = models.DateField(null=True, blank=True)
    closes_at = models.DateTimeField(
        null=True, blank=True, help_text=_("No new gifts from this moment on")
    )
    accepts = models.BooleanField(default=True)
    smallest = MoneyField(default=SMALLEST)
    largest = MoneyField(default=LARGEST)
    raised = MoneyField(default=ZERO)
    refunded = MoneyField(default=ZERO)
    count = models.PositiveIntegerField(default=0)

    objects = ScopedManager.from_queryset(FundQuerySet)()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("site", "key"), name="one_fund_per_site_and_key"),
            models.UniqueConstraint(
                fields=("site",), condition=Q(key__isnull=True), name="one_general_fund_per_site"
            ),
            models.CheckConstraint(
                condition=Q(raised__gte=0)
                & Q(refunded__gte=0)
                & Q(refunded__lte=models.F("raised")),
                name="fund_totals_are_never_negative",
            ),
            models.CheckConstraint(
                condition=Q(smallest__gte=Decimal("1.00")) & Q(largest__gte=models.F("smallest")),
                name="fund_limits_make_sense",
            ),
        )

    def __str__(self) -> str:
        return self.purpose

    @property
    def total(self) -> Decimal:
        """What the fund holds: raised less refunded."""
        return self.raised - self.refunded

    def is_open(self, now: datetime | None = None) -> bool:
        """Whether a gift may be begun now. One begun before closing counts whenever it is paid."""
        moment = now or timezone.now()
        return self.accepts and (self.closes_at is None or moment < self.closes_at)


class AccountKind(models.TextChoices):
    SANDBOX = "sandbox", _("Test payments")
    YOOKASSA = "yookassa", "ЮKassa"


class PaymentAccountQuerySet(models.QuerySet):
    def active(self) -> "PaymentAccountQuerySet":
        return self.filter(is_active=True)

    def of_site(self, site: Site) -> "PaymentAccountQuerySet":
        return self.filter(site=site)


class PaymentAccount(ScopedModel):
    """Where the money of a site goes. The secret is sealed and never shown again."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("payment service"), max_length=20, choices=AccountKind.choices)
    shop_id = models.CharField(_("shop id"), max_length=50, blank=True)
    sealed_secret = models.TextField(blank=True, editable=False)
    is_live = models.BooleanField(
        default=False, editable=False, help_text=_("Real money; a test shop is not live")
    )
    is_active = models.BooleanField(_("takes new donations"), default=True)
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager.from_queryset(PaymentAccountQuerySet)()

    class Meta:
        verbose_name = _("payment account")
        verbose_name_plural = _("payment accounts")
        constraints = (
            models.UniqueConstraint(
                fields=("site",), condition=Q(is_active=True), name="one_active_account_per_site"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.shop_id}".strip()

    @property
    def secret_key(self) -> str:
        """In clear. Raises donations.secrets.KeysUnavailable."""
        return unseal(self.sealed_secret) if self.sealed_secret else ""

    def set_secret_key(self, secret: str) -> None:
        self.sealed_secret = seal(secret)


class DonationState(models.TextChoices):
    CREATED = "created", _("created")
    PENDING = "pending", _("waiting for the donor")
    WAITING_FOR_CAPTURE = "waiting_for_capture", _("waiting for capture")
    SUCCEEDED = "succeeded", _("paid")
    CANCELED = "canceled", _("not paid")


class DonationQuerySet(models.QuerySet):
    def of_site(self, site: Site) -> "DonationQuerySet":
        return self.filter(site=site)

    def paid(self) -> "DonationQuerySet":
        return self.filter(state=DonationState.SUCCEEDED)

    def counted(self) -> "DonationQuerySet":
        return self.paid().filter(counted=True)

    def unfinished(self) -> "DonationQuerySet":
        """Those whose end is not known: the provider has to be asked. A flag waits for a person."""
        return self.filter(
            flag="",
            state__in=(
                DonationState.CREATED,
                DonationState.PENDING,
                DonationState.WAITING_FOR_CAPTURE,
            ),
        )

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
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="donations")
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
    language = models.CharField(max_length=10, default="ru")
    page_path = models.CharField(
        max_length=500, blank=True, help_text=_("The page the gift was begun on, for going back")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True, editable=False)
    gift_key = models.CharField(max_length=80, editable=False)
    idempotence_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider_request = models.TextField(blank=True, editable=False)
    external_id = models.CharField(max_length=64, null=True, blank=True, editable=False)  # noqa: DJ001
    confirmation_url = models.TextField(blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    reason = models.CharField(max_length=60, blank=True, editable=False)
    flag = models.CharField(max_length=200, blank=True, editable=False)
    counted = models.BooleanField(default=False, editable=False)

    objects = ScopedManager.from_queryset(DonationQuerySet)()

    class Meta:
        verbose_name = _("donation")
        verbose_name_plural = _("donations")
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(fields=("site", "-created_at"), name="donation_site_newest"),
            models.Index(fields=("state", "checked_at"), name="donation_to_ask_about"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="donation_is_more_than_nothing"),
            models.UniqueConstraint(
                fields=("account", "external_id"), name="one_donation_per_external_id"
            ),
            models.UniqueConstraint(fields=("site", "gift_key"), name="one_donation_per_gift_key"),
            models.CheckConstraint(
                condition=~Q(state=DonationState.SUCCEEDED)
                | Q(paid_at__isnull=False, external_id__isnull=False),
                name="paid_donation_has_time_and_external_id",
            ),
            models.CheckConstraint(
                condition=Q(counted=False) | Q(state=DonationState.SUCCEEDED),
                name="only_paid_donations_count",
            ),
        )

    def __str__(self) -> str:
        return f"{format_roubles(self.amount)} {self.public_id}"

    @property
    def is_finished(self) -> bool:
        return not self.ARROWS[self.state]

    @property
    def public_name(self) -> str:
        """The name as everybody may read it; «» for one who did not agree or gave no name."""
        return self.name if self.show_name else ""


class DonationEvent(ScopedModel):
    """What happened to a donation, and what the provider said. Rows are only added."""

    donation = models.ForeignKey(Donation, on_delete=models.PROTECT, related_name="events")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    source = models.CharField(
        max_length=20, help_text="start, notification, return, sweeper, person"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)
    note = models.CharField(max_length=200, blank=True)
    answer = models.JSONField(default=dict)

    objects = ScopedManager()

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

    objects = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("donation", "text"), name="one_acceptance_per_gift_and_text"
            ),
        )

    def __str__(self) -> str:
        return f"{self.text} · {self.donation_id}"


class LetterKind(models.TextChoices):
    THANKS = "thanks", _("thanks")


class Letter(ScopedModel):
    """A letter that is owed to a donor. One per donation and kind; sent when `sent_at` is set."""

    donation = models.ForeignKey(Donation, on_delete=models.PROTECT, related_name="letters")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=LetterKind.choices)
    owed_at = models.DateTimeField(auto_now_add=True)
    next_try_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=100, blank=True)

    objects = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("donation", "kind"), name="one_letter_per_kind"),
        )
        indexes = (models.Index(fields=("sent_at", "next_try_at"), name="letter_owed"),)

    def __str__(self) -> str:
        return f"{self.kind} · {self.donation_id}"


class StrayNotice(ScopedModel):
    """A payment id from a notification that is no gift of ours: asked about once, then known."""

    account = models.ForeignKey(PaymentAccount, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=64)
    seen_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("account", "external_id"), name="one_stray_notice_per_id"
            ),
        )

    def __str__(self) -> str:
        return self.external_id


class SandboxPayment(models.Model):
    """The pretend bank's own ledger: what a real provider would keep at home.

    Only `providers.sandbox` and the sandbox page read it. No site: a provider knows shops, and
    whoever holds the long random id may act, as with a real payment page.
    """

    external_id = models.UUIDField(default=uuid.uuid4, unique=True)
    idempotence_key = models.CharField(max_length=64, unique=True)
    shop_id = models.CharField(max_length=50)
    amount = MoneyField()
    description = models.CharField(max_length=128)
    return_url = models.TextField()
    metadata = models.JSONField(default=dict)
    state = models.CharField(max_length=20, default=DonationState.PENDING)
    created_at = models.DateTimeField(default=timezone.now)
    paid_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.external_id)
