"""The books. A donation knows no pages, only the fund it is given to.

States move along `Donation.ARROWS` and only inside `donations.actions`; every change appends an
event. The totals of a fund are changed in the same transaction and can always be counted again
(`manage.py check_totals`).
"""

import secrets
import uuid
from datetime import date, datetime
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
from tenancy.models import SiteState, state_of

SMALLEST, LARGEST = Decimal("10.00"), Decimal("350000.00")


def new_token() -> str:
    return secrets.token_urlsafe(24)


class FundQuerySet(models.QuerySet):
    def of_site(self, site: Site) -> "FundQuerySet":
        # Whether a fund is open depends on the site's state: known without asking once more.
        return self.filter(site=site).select_related("site__walls")

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
    strict_until = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Every start must be confirmed until then",
    )

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
        return self.accepts_at(now) and state_of(self.site) == SiteState.ACTIVE

    def accepts_at(self, now: datetime | None = None) -> bool:
        """The same, whatever the state of the site is."""
        moment = now or timezone.now()
        return self.accepts and (self.closes_at is None or moment < self.closes_at)


class AccountKind(models.TextChoices):
    SANDBOX = "sandbox", _("Test payments")
    YOOKASSA = "yookassa", "ЮKassa"
    BANK = "bank", _("Bank transfer")
    CASH = "cash", _("Cash")


# No provider stands behind these: the accountant tells what came in.
OFFLINE = (AccountKind.BANK, AccountKind.CASH)


class PaymentAccountQuerySet(models.QuerySet):
    def online(self) -> "PaymentAccountQuerySet":
        """Those with a provider that can be asked."""
        return self.exclude(kind__in=OFFLINE)

    def with_real_money(self) -> "PaymentAccountQuerySet":
        """Live shops, and the books of bank and cash once something was counted there."""
        has_money = ~Q(kind__in=OFFLINE) | Q(donations__counted=True)
        return self.filter(has_money, is_live=True).distinct()

    def active(self) -> "PaymentAccountQuerySet":
        """The online account that takes new gifts, one per site."""
        return self.online().filter(is_active=True)

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
    recurring = models.BooleanField(
        _("monthly gifts are agreed with the payment service"), default=False
    )
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    home = models.JSONField(
        default=list, editable=False, help_text="ADMIN_HOSTs where a live key may be used"
    )
    facts = models.JSONField(
        default=dict, editable=False, help_text="What the provider says of the shop"
    )
    facts_at = models.DateTimeField(null=True, editable=False)
    last_notice_at = models.DateTimeField(null=True, editable=False)

    objects = ScopedManager.from_queryset(PaymentAccountQuerySet)()

    class Meta:
        verbose_name = _("payment account")
        verbose_name_plural = _("payment accounts")
        constraints = (
            models.UniqueConstraint(
                fields=("site",),
                condition=Q(is_active=True) & ~Q(kind__in=OFFLINE),
                name="one_active_account_per_site",
            ),
            models.UniqueConstraint(
                fields=("site", "kind", "shop_id"),
                condition=Q(kind__in=OFFLINE),
                name="one_offline_account_per_number",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.shop_id}".strip()

    @property
    def is_online(self) -> bool:
        return self.kind not in OFFLINE

    @property
    def secret_key(self) -> str:
        """In clear. Raises donations.secrets.KeysUnavailable."""
        return unseal(self.sealed_secret) if self.sealed_secret else ""

    @property
    def is_at_home(self) -> bool:
        """A copy of the database elsewhere must not take real money; test shops work anywhere."""
        return not self.is_live or settings.ADMIN_HOST in self.home

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
        """Those whose end is not known: the provider has to be asked. A flag waits for a person.

        Behind a bank transfer there is nobody to ask: see `promised`.
        """
        return self.exclude(account__kind__in=OFFLINE).filter(
            flag="",
            state__in=(
                DonationState.CREATED,
                DonationState.PENDING,
                DonationState.WAITING_FOR_CAPTURE,
            ),
        )

    def promised(self) -> "DonationQuerySet":
        """Transfers somebody said they would send and that have not come yet."""
        return self.filter(account__kind=AccountKind.BANK, state=DonationState.PENDING)

    def totals(self) -> dict[str, Any]:
        """{"raised": Decimal roubles, "count": int} of these donations."""
        found = self.aggregate(raised=Sum("amount"), count=Count("pk"))
        return {"raised": found["raised"] or ZERO, "count": found["count"]}


class RefundQuerySet(models.QuerySet):
    def done(self) -> "RefundQuerySet":
        return self.filter(state="succeeded")

    def unfinished(self) -> "RefundQuerySet":
        return self.filter(state__in=("created", "pending"))


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
            models.UniqueConstraint(fields=("site", "code"), name="one_promise_per_code"),
            models.CheckConstraint(
                condition=~Q(state=DonationState.SUCCEEDED)
                | Q(paid_at__isnull=False, external_id__isnull=False),
                name="paid_donation_has_time_and_external_id",
            ),
            models.CheckConstraint(
                condition=Q(refunded__gte=ZERO)
                & Q(refunded__lte=models.F("amount") + models.F("corrected")),
                name="no_more_is_given_back_than_was_given",
            ),
            models.CheckConstraint(
                condition=Q(counted=False) | Q(state=DonationState.SUCCEEDED),
                name="only_paid_donations_count",
            ),
            models.CheckConstraint(
                condition=Q(counted=False) | Q(proof=False), name="proof_payments_never_count"
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
    def public_name(self) -> str:
        """The name as everybody may read it; «» for one who did not agree or gave no name."""
        return self.name if self.show_name else ""


class RefundState(models.TextChoices):
    CREATED = "created", _("asked for")
    PENDING = "pending", _("on its way")
    SUCCEEDED = "succeeded", _("given back")
    CANCELED = "canceled", _("refused")


class Refund(ScopedModel):
    """Money given back, wholly or in part; begun here by a person or at the provider.

    A row of its own with its own key: the donation stays as it was, the totals fall.
    """

    donation = models.ForeignKey(Donation, on_delete=models.PROTECT, related_name="refunds")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(PaymentAccount, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=20, choices=RefundState.choices, default=RefundState.CREATED, editable=False
    )
    amount = MoneyField(_("sum"))
    reason = models.CharField(_("reason"), max_length=250, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    idempotence_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider_request = models.TextField(blank=True, editable=False)
    external_id = models.CharField(max_length=64, null=True, blank=True, editable=False)  # noqa: DJ001
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    refusal = models.CharField(max_length=60, blank=True, editable=False)

    objects = ScopedManager.from_queryset(RefundQuerySet)()

    class Meta:
        verbose_name = _("refund")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_is_more_than_nothing"),
            models.UniqueConstraint(
                fields=("account", "external_id"), name="one_refund_per_external_id"
            ),
            models.CheckConstraint(
                condition=~Q(state=RefundState.SUCCEEDED)
                | Q(finished_at__isnull=False, external_id__isnull=False),
                name="finished_refund_has_time_and_external_id",
            ),
        )

    def __str__(self) -> str:
        return f"−{format_roubles(self.amount)} · {self.donation_id}"


class DonationEvent(ScopedModel):
    """What happened to a donation, and what the provider said. Rows are only added."""

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
    REFUND = "refund", _("refund")
    MONTHLY_NOTICE = "monthly_notice", _("notice of a monthly gift")
    MONTHLY_FAILED = "monthly_failed", _("monthly gift not paid")
    MONTHLY_CLOSED = "monthly_closed", _("campaign of a monthly gift closed")
    MONTHLY_STOPPED = "monthly_stopped", _("monthly gift stopped")


class Letter(ScopedModel):
    """A letter that is owed to a donor; sent when `sent_at` is set.

    One per donation, kind and what it is about: a refund tells of itself by its key, thanks by «».
    """

    donation = models.ForeignKey(Donation, on_delete=models.PROTECT, related_name="letters")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=LetterKind.choices)
    about = models.CharField(max_length=64, blank=True)
    owed_at = models.DateTimeField(auto_now_add=True)
    next_try_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=100, blank=True)
    resends = models.PositiveIntegerField(default=0, help_text="How often staff sent it again")

    objects = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("donation", "kind", "about"), name="one_letter_per_kind_and_matter"
            ),
        )
        indexes = (models.Index(fields=("sent_at", "next_try_at"), name="letter_owed"),)

    def __str__(self) -> str:
        return f"{self.kind} · {self.donation_id}"


class SubscriptionState(models.TextChoices):
    ACTIVE = "active", _("goes on")
    PAUSED = "paused", _("paused")
    STOPPED = "stopped", _("stopped")


class SubscriptionQuerySet(models.QuerySet):
    def of_site(self, site: Site) -> "SubscriptionQuerySet":
        return self.filter(site=site)

    def going_on(self) -> "SubscriptionQuerySet":
        return self.exclude(state=SubscriptionState.STOPPED)


class Subscription(ScopedModel):
    """A gift every month from a saved card. The schedule is ours; the provider keeps none.

    `period` is the first day of the month that is charged next, `next_charge_on` the day it is
    meant to happen: the day of the month the first gift was made on, or later after a failure or
    a sleep of the worker. Neither moves the other months.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="subscriptions")
    account = models.ForeignKey(PaymentAccount, on_delete=models.PROTECT, related_name="+")
    consent = models.OneToOneField(
        Acceptance, on_delete=models.PROTECT, related_name="subscription"
    )
    state = models.CharField(
        _("state"),
        max_length=20,
        choices=SubscriptionState.choices,
        default=SubscriptionState.ACTIVE,
    )
    amount = MoneyField(_("sum"))
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=100, blank=True)
    show_name = models.BooleanField(default=False)
    language = models.CharField(max_length=10, default="ru")
    page_path = models.CharField(max_length=500, blank=True)
    sealed_method = models.TextField(blank=True, editable=False)
    method_title = models.CharField(_("card"), max_length=60, blank=True)
    charge_day = models.PositiveSmallIntegerField()
    period = models.DateField()
    next_charge_on = models.DateField(_("next charge"))
    failures = models.PositiveSmallIntegerField(default=0)
    closed_seen_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager.from_queryset(SubscriptionQuerySet)()

    class Meta:
        verbose_name = _("monthly gift")
        verbose_name_plural = _("monthly gifts")
        ordering = ("-created_at", "-pk")
        indexes = (models.Index(fields=("state", "next_charge_on"), name="subscription_due"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="subscription_is_more_than_nothing"
            ),
            models.CheckConstraint(
                condition=Q(charge_day__gte=1, charge_day__lte=31),
                name="charge_day_is_a_day_of_a_month",
            ),
            models.CheckConstraint(
                condition=~Q(state=SubscriptionState.STOPPED)
                | Q(stopped_at__isnull=False, sealed_method=""),
                name="stopped_subscription_has_a_time_and_no_method",
            ),
        )

    def __str__(self) -> str:
        return f"{format_roubles(self.amount)} {self.public_id}"

    @property
    def method_id(self) -> str:
        """In clear; «» when forgotten. Raises donations.secrets.KeysUnavailable."""
        return unseal(self.sealed_method) if self.sealed_method else ""

    def set_method(self, method_id: str, title: str) -> None:
        self.sealed_method, self.method_title = seal(method_id), title[:60]

    @property
    def first_donation(self) -> Donation:
        """The gift its letters hang on."""
        return self.consent.donation

    @property
    def notice_key(self) -> str:
        """What a notice tells of: this sum on this day, and no other."""
        return notice_key(self.next_charge_on, self.amount)


def notice_key(day: date, amount: Decimal) -> str:
    return f"{day:%Y-%m-%d}.{amount * 100:.0f}"


class SubscriptionChange(models.TextChoices):
    OPENED = "opened", _("begun")
    PAID = "paid", _("month paid")
    DECLINED = "declined", _("the bank refused")
    REFUSED = "refused", _("the payment service took no order")
    PLANNED = "planned anew", _("day of the charge moved")
    CARD = "card changed", _("card changed")
    SUM = "sum changed", _("sum changed")
    PAUSED = "paused", _("paused")
    RESUMED = "resumed", _("goes on")
    CLOSED = "campaign closed", _("campaign closed")
    MOVED = "moved to general", _("goes on to the general fund")
    STOPPED = "stopped", _("stopped")


class SubscriptionEvent(ScopedModel):
    """What happened to a monthly gift, and who did it; nobody when the clock or the bank did."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="events")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    source = models.CharField(max_length=20, help_text="donor, staff, clock, provider")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    what = models.CharField(max_length=40, choices=SubscriptionChange.choices)
    details = models.JSONField(default=dict)

    objects = ScopedManager()

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return self.get_what_display()


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


class Counter(models.Model):
    """How many starts a key has in a window of time. Keys are digests; see actions.shield.

    No site: a limit on an address holds over all sites at once.
    """

    key = models.CharField(max_length=60)
    window_start = models.BigIntegerField(help_text="Seconds since 1970")
    number = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("key", "window_start"), name="one_counter_per_window"),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.number}"


class Reconciliation(ScopedModel):
    """The provider's list beside ours for a span of time: what agreed, what was mended, what not.

    `differences` is a list of {"kind", "external_id", "donation", "ours", "theirs", "mended"};
    sums are texts in roubles.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(PaymentAccount, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    agreed = models.PositiveIntegerField(default=0)
    their_sum = MoneyField(default=ZERO)
    our_sum = MoneyField(default=ZERO)
    differences = models.JSONField(default=list)

    objects = ScopedManager()

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ("-started_at", "-pk")

    def __str__(self) -> str:
        return f"{self.account} {self.since:%d.%m.%Y}–{self.until:%d.%m.%Y}"

    @property
    def open_differences(self) -> list[dict[str, Any]]:
        return [row for row in self.differences if not row["mended"]]


class StatementLineQuerySet(models.QuerySet):
    def waiting(self) -> "StatementLineQuerySet":
        """Those that are no donation yet and that nobody has put aside."""
        return self.filter(donation=None, set_aside=False)


class StatementLine(ScopedModel):
    """Money that came in to the bank account, as the bank's statement has it. Never changed;
    only what it became is added: a donation, or put aside as none of a donor's."""

    account = models.ForeignKey(PaymentAccount, on_delete=models.PROTECT, related_name="lines")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, help_text="See bank.statement.Incoming")
    day = models.DateField(_("date"))
    number = models.CharField(_("number"), max_length=40, blank=True)
    amount = MoneyField(_("sum"))
    payer = models.CharField(_("payer"), max_length=200, blank=True)
    payer_inn = models.CharField(max_length=12, blank=True)
    purpose = models.CharField(_("purpose"), max_length=500, blank=True)
    donation = models.OneToOneField(
        Donation, null=True, blank=True, on_delete=models.PROTECT, related_name="statement_line"
    )
    set_aside = models.BooleanField(default=False)
    imported_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ScopedManager.from_queryset(StatementLineQuerySet)()

    class Meta:
        ordering = ("-day", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("account", "key"), name="one_line_per_account_and_key"),
            models.CheckConstraint(
                condition=Q(donation__isnull=True) | Q(set_aside=False),
                name="line_is_a_donation_or_set_aside",
            ),
        )

    def __str__(self) -> str:
        return f"{self.day:%d.%m.%Y} № {self.number} {format_roubles(self.amount)}"


class Correction(ScopedModel):
    """A change of what was counted: of a donation, or of a fund as a whole. Rows are only added."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="corrections")
    donation = models.ForeignKey(
        Donation, null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    amount = MoneyField(_("sum"), help_text="With its sign")
    reason = models.CharField(_("reason"), max_length=250)
    document = models.CharField(_("document"), max_length=100)
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(condition=~Q(amount=ZERO), name="correction_changes_something"),
        )

    def __str__(self) -> str:
        return f"{format_roubles(self.amount)} · {self.document}"


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

    @property
    def refunded(self) -> Decimal:
        return self.refunds.aggregate(total=Sum("amount"))["total"] or ZERO


class SandboxRefund(models.Model):
    """Money the pretend bank gave back; at once, as there is none."""

    external_id = models.UUIDField(default=uuid.uuid4, unique=True)
    payment = models.ForeignKey(SandboxPayment, on_delete=models.PROTECT, related_name="refunds")
    idempotence_key = models.CharField(max_length=64, unique=True)
    amount = MoneyField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.external_id)
