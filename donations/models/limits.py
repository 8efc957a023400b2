"""Notifications nobody awaits: known, so that floods of them end."""

from django.db import models
from wagtail.models import Site

from donations.models.accounts import PaymentAccount
from tenancy.managers import ScopedManager, ScopedModel


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
