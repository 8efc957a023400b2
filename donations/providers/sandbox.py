"""The pretend bank: a page of ours where a gift is «paid» or refused. No money moves."""

import json
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from donations.models import SandboxPayment
from donations.providers.base import Credentials, Order, Payment, PaymentNotFound


class Sandbox:
    takes_credentials = False

    def request_body(self, order: Order) -> str:
        return json.dumps(
            {
                "amount": f"{order.amount:.2f}",
                "description": order.description[:128],
                "return_url": order.return_url,
                "reference": order.reference,
            },
            ensure_ascii=False,
            sort_keys=True,
        )

    def create(self, credentials: Credentials, body: str, idempotence_key: str) -> Payment:
        wish = json.loads(body)
        try:
            with transaction.atomic():
                row, _created = SandboxPayment.objects.get_or_create(
                    idempotence_key=idempotence_key,
                    defaults={
                        "shop_id": credentials.shop_id,
                        "amount": Decimal(wish["amount"]),
                        "description": wish["description"],
                        "return_url": wish["return_url"],
                        "metadata": {"donation": wish["reference"]},
                    },
                )
        except IntegrityError:
            row = SandboxPayment.objects.get(idempotence_key=idempotence_key)
        return _payment(row)

    def fetch(self, credentials: Credentials, external_id: str) -> Payment:
        try:
            known = SandboxPayment.objects.filter(external_id=UUID(external_id))
        except ValueError:
            raise PaymentNotFound from None
        row = known.filter(shop_id=credentials.shop_id).first()
        if row is None:
            raise PaymentNotFound
        return _payment(row)

    def find(
        self, credentials: Credentials, reference: str, created_after: datetime
    ) -> Payment | None:
        row = (
            SandboxPayment.objects.filter(
                shop_id=credentials.shop_id,
                metadata__donation=reference,
                created_at__gte=created_after,
            )
            .order_by("-pk")
            .first()
        )
        return _payment(row) if row else None


def _payment(row: SandboxPayment) -> Payment:
    paid_at = row.paid_at.isoformat() if row.paid_at else None
    return Payment(
        external_id=str(row.external_id),
        state=row.state,
        amount=row.amount,
        currency="RUB",
        shop_id=row.shop_id,
        reference=row.metadata.get("donation", ""),
        is_test=True,
        confirmation_url=reverse("donation_sandbox", args=[row.external_id]),
        paid_at=parse_datetime(paid_at) if paid_at else None,
        reason="refused_in_sandbox" if row.state == "canceled" else "",
        raw={"id": str(row.external_id), "status": row.state, "sandbox": True},
    )
