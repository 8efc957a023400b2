"""Money given back."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from donations.managers import BookManager
from donations.models.accounts import PaymentAccount
from donations.models.gifts import Donation
from donations.money import MoneyField, format_roubles
from tenancy.managers import ScopedModel


class RefundQuerySet(models.QuerySet):
    def done(self) -> "RefundQuerySet":
        return self.filter(state="succeeded")

    def unfinished(self) -> "RefundQuerySet":
        return self.filter(state__in=("created", "pending"))


class RefundState(models.TextChoices):
    CREATED = "created", _("asked for")
    PENDING = "pending", _("on its way")
    SUCCEEDED = "succeeded", _("given back")
    CANCELED = "canceled", _("refused")


def in_history(state: str) -> str:
    """A refund's state among its gift's events: told apart from a gift's own."""
    return f"refund_{state}" if state else ""


class Refund(ScopedModel):
    """Money given back, wholly or in part; begun here by a person or at the provider.

    A row of its own with its own key: the donation stays as it was, the totals fall.
    """

    ARROWS: ClassVar[dict[str, tuple[str, ...]]] = {
        RefundState.CREATED: (RefundState.PENDING, RefundState.SUCCEEDED, RefundState.CANCELED),
        RefundState.PENDING: (RefundState.SUCCEEDED, RefundState.CANCELED),
        RefundState.SUCCEEDED: (),
        RefundState.CANCELED: (),
    }

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

    objects = BookManager.from_queryset(RefundQuerySet)()

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

    @property
    def is_unfinished(self) -> bool:
        return self.state in (RefundState.CREATED, RefundState.PENDING)

    def __str__(self) -> str:
        return f"−{format_roubles(self.amount)} · {self.donation_id}"
