"""Letters owed to donors."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from donations.managers import OfDonationManager
from donations.models.funds import Fund
from donations.models.gifts import Donation
from tenancy.managers import ScopedManager
from tenancy.outbox import Owed


class LetterKind(models.TextChoices):
    THANKS = "thanks", _("thanks")
    REFUND = "refund", _("refund")
    MONTHLY_NOTICE = "monthly_notice", _("notice of a monthly gift")
    MONTHLY_FAILED = "monthly_failed", _("monthly gift not paid")
    MONTHLY_CLOSED = "monthly_closed", _("campaign of a monthly gift closed")
    MONTHLY_STOPPED = "monthly_stopped", _("monthly gift stopped")
    MONTHLY_SHOP = "monthly_shop", _("monthly gift needs its card again")


NOTICES = (LetterKind.MONTHLY_NOTICE, LetterKind.MONTHLY_FAILED)  # they name a charge to come


class Letter(Owed):
    """A letter that is owed to a donor; sent when `sent_at` is set.

    One per donation, kind and what it is about: a refund tells of itself by its key, thanks by «».
    """

    donation = models.ForeignKey(Donation, on_delete=models.PROTECT, related_name="letters")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=LetterKind.choices)
    about = models.CharField(max_length=64, blank=True)
    resends = models.PositiveIntegerField(default=0, help_text="How often staff sent it again")

    objects = OfDonationManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("donation", "kind", "about"), name="one_letter_per_kind_and_matter"
            ),
        )
        indexes = (models.Index(fields=("sent_at", "next_try_at"), name="letter_owed"),)

    def __str__(self) -> str:
        return f"{self.kind} · {self.donation_id}"


class StaffLetterKind(models.TextChoices):
    CARD_TESTING = "card_testing", _("somebody tries cards")
    SITE_PAUSED = "site_paused", _("the site is paused")
    SITE_ARCHIVED = "site_archived", _("the site is closed")
    SITE_REOPENED = "site_reopened", _("the site works again")


ABOUT_THE_SITE = (
    StaffLetterKind.SITE_PAUSED,
    StaffLetterKind.SITE_ARCHIVED,
    StaffLetterKind.SITE_REOPENED,
)


class StaffLetter(Owed):
    """A letter that is owed to a person of the site's staff, once per matter (`about`).

    One about the site itself hangs on its general fund; `about` is then the audit entry's key.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=StaffLetterKind.choices)
    about = models.CharField(max_length=64)

    objects = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("fund", "kind", "about", "to"), name="one_letter_per_person_and_matter"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} · {self.fund_id}"
