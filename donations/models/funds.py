"""What a donation is given to."""

import uuid
from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from donations.managers import FundManager
from donations.money import ZERO, MoneyField
from site_settings.recipients import received_for
from tenancy.managers import ScopedModel
from tenancy.models import SiteState, state_of

SMALLEST, LARGEST = Decimal("10.00"), Decimal("350000.00")


class FundQuerySet(models.QuerySet):
    def of_site(self, site: Site) -> "FundQuerySet":
        # Whether a fund is open depends on the site's state: known without asking once more.
        return self.filter(site=site).select_related("site__walls")

    def in_books_of(self, site: Site) -> "FundQuerySet":
        """Its own, and those of the groups whose gifts it receives now."""
        received = received_for(site).values("site")
        return self.filter(Q(site=site) | Q(site__in=received))

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
    closes_at_goal = models.BooleanField(default=False)
    accepts = models.BooleanField(default=True)
    by_link_only = models.BooleanField(
        default=False, help_text="Its page is in no list yet: it is offered nowhere else"
    )
    smallest = MoneyField(default=SMALLEST)
    largest = MoneyField(default=LARGEST)
    raised = MoneyField(default=ZERO)
    refunded = MoneyField(default=ZERO)
    count = models.PositiveIntegerField(default=0)  # of gifts not given back wholly
    people = models.PositiveIntegerField(
        default=0,
        db_default=0,  # a process of the version before may still open funds
        help_text="Who gave them: different e-mails, and every gift without one",
    )
    strict_until = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Every start must be confirmed until then",
    )

    objects = FundManager.from_queryset(FundQuerySet)()

    class Meta:
        verbose_name = _("fund")
        verbose_name_plural = _("funds")
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
        in_time = self.closes_at is None or moment < self.closes_at
        full = self.closes_at_goal and self.goal is not None and self.total >= self.goal
        return self.accepts and in_time and not full
