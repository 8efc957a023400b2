"""The pretend bank's own ledger."""

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import Sum
from django.utils import timezone

from donations.models.gifts import DonationState
from donations.money import ZERO, MoneyField


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
