"""Monthly gifts."""

import uuid
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from donations.managers import BookManager, OfSubscriptionManager
from donations.models.accounts import PaymentAccount
from donations.models.funds import Fund
from donations.models.gifts import Acceptance, Donation
from donations.money import MoneyField, format_roubles
from donations.secrets import seal, unseal
from tenancy.managers import ScopedModel


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
    fund = models.ForeignKey(
        Fund, verbose_name=_("fund"), on_delete=models.PROTECT, related_name="subscriptions"
    )
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

    objects = BookManager.from_queryset(SubscriptionQuerySet)()

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

    objects = OfSubscriptionManager()

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return self.get_what_display()
