"""Who asked for news of a campaign by e-mail, and what came of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from donations.models.accounts import new_token
from donations.models.funds import Fund
from site_settings.models import LegalText
from tenancy.managers import ScopedManager
from tenancy.outbox import Owed


class FollowerQuerySet(models.QuerySet):
    def of_site(self, site: Site) -> "FollowerQuerySet":
        return self.filter(site=site)

    def following(self) -> "FollowerQuerySet":
        """Those whom news may be sent to at this moment."""
        return self.filter(confirmed_at__isnull=False, left_at=None)

    def unconfirmed(self) -> "FollowerQuerySet":
        return self.filter(confirmed_at=None, left_at=None)


class Follower(Owed):
    """An address that asked for news of one fund's campaign.

    What is owed is the letter that asks to confirm; one who asked with a gift is asked by the
    thanks, and nothing more is owed. Nobody is written to between `left_at` and a new wish.

    The token is kept and not signed: links in old letters must still stop the news after the
    site has moved to another installation, whose secrets are its own.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="followers")
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(max_length=10, default="ru")
    page_path = models.CharField(max_length=500, blank=True, help_text="Where it was asked for")
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    text = models.ForeignKey(
        LegalText, on_delete=models.PROTECT, related_name="+", help_text="What was agreed to"
    )
    agreed_at = models.DateTimeField()
    source = models.CharField(max_length=40, help_text="donation form, campaign page")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager.from_queryset(FollowerQuerySet)()

    class Meta:
        indexes = (models.Index(fields=("sent_at", "next_try_at"), name="follower_to_ask"),)
        constraints = (
            models.UniqueConstraint(
                fields=("fund", "email"), condition=~Q(email=""), name="one_follower_per_address"
            ),
            models.CheckConstraint(
                condition=~Q(email="") | Q(left_at__isnull=False),
                name="only_who_left_is_forgotten",
            ),
        )

    def __str__(self) -> str:
        return f"{self.fund_id} · {self.pk}"

    @property
    def is_following(self) -> bool:
        return self.confirmed_at is not None and self.left_at is None
