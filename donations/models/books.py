"""The accountant's books: reconciliation, lines of the bank's statement, corrections."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from donations.managers import CorrectionManager, OfDonationManager
from donations.models.accounts import PaymentAccount
from donations.models.funds import Fund
from donations.models.gifts import Donation
from donations.money import ZERO, MoneyField, format_roubles
from tenancy.managers import ScopedManager, ScopedModel


class Reconciliation(ScopedModel):
    """The provider's list beside ours for a span of time: what agreed, what was mended, what not.

    `differences` is a list of {"kind", "external_id", "donation", "ours", "theirs", "mended"},
    and "refund" when it is of a refund; sums are texts in roubles.
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

    objects = CorrectionManager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(condition=~Q(amount=ZERO), name="correction_changes_something"),
        )

    def __str__(self) -> str:
        return f"{format_roubles(self.amount)} · {self.document}"


class FlagVerdict(models.TextChoices):
    THEIRS = "theirs", _("Count the sum the payment service took")
    OURS = "ours", _("Count the sum of the donation")
    NOT = "not", _("Do not count")


class FlagDecision(ScopedModel):
    """What a person decided about a payment that does not agree with its donation. Rows are only
    added: a later one takes the place of the earlier."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    donation = models.ForeignKey(Donation, on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField(_("decision"), max_length=10, choices=FlagVerdict.choices)
    counts = MoneyField(help_text="Roubles the gift counts from now on")
    reason = models.CharField(_("reason"), max_length=250)
    number = models.PositiveSmallIntegerField(help_text="The first decision of a gift is 1")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OfDonationManager()

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("donation", "number"), name="one_decision_at_a_time"),
        )

    def __str__(self) -> str:
        return self.get_verdict_display()


class SelfCheck(ScopedModel):
    """What the last recount of a site's books found; an empty list is a good day."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    findings = models.JSONField(default=list)

    objects = ScopedManager()

    def __str__(self) -> str:
        return f"{self.site_id} {self.at:%Y-%m-%d %H:%M}"
