"""What is counted so that floods end: notifications nobody awaits, starts of gifts."""

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
