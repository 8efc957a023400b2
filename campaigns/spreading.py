"""How word of a campaign spreads: a short link per channel, and how often people came by it."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from campaigns.channels import READY
from tenancy.managers import ScopedManager, ScopedModel

# No vowels, so that no word comes out; nothing that looks like something else on paper.
ALPHABET = "bcdfghjkmnpqrstvwxz23456789"
SHORTEST = 4


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(SHORTEST))


class ShortLink(ScopedModel):
    """`/-/k7m2`: leads to the campaign and says by which channel somebody came.

    It belongs to the campaign and not to a page: a page that is renamed or moved is found all the
    same. It is never deleted: it may hang on a fence somewhere.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField(editable=False, help_text="Of the fund: the campaign in all languages")
    code = models.CharField(max_length=8, default=new_code, editable=False)
    channel = models.CharField(max_length=40)
    name = models.CharField(_("what it is called"), max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ScopedManager()
    # The language of the page it was asked for; the same code leads to each of them.
    language: str = ""

    class Meta:
        verbose_name = _("short link")
        verbose_name_plural = _("short links")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("site", "code"), name="one_short_link_per_code"),
            models.UniqueConstraint(
                fields=("site", "key", "channel"), name="one_short_link_per_channel"
            ),
        )

    def __str__(self) -> str:
        return f"{self.label}: {self.code}"

    @property
    def label(self) -> str:
        return self.name or str(READY.get(self.channel, self.channel))

    @property
    def url(self) -> str:
        """The whole address, at the site's own name."""
        with translation.override(self.language or settings.LANGUAGE_CODE):
            return f"{self.site.root_url}{reverse('short_link', args=[self.code])}"


class CameBy(models.TextChoices):
    LINK = "link", _("opened the short link")
    VISIT = "visit", _("saw the page")


class VisitCount(ScopedModel):
    """How many came to a campaign on a day by a channel. Nothing of any one of them is kept.

    Written in batches, see `campaigns.visits`. The day is the server's (Moscow's).
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField(editable=False)
    channel = models.CharField(max_length=40, blank=True)
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=CameBy.choices)
    number = models.PositiveIntegerField(default=0)

    objects = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("site", "key", "channel", "day", "kind"), name="one_visit_count_per_day"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.channel} {self.number}"
