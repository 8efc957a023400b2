"""The pretend bank: a page of ours where a gift is «paid» or refused. No money moves."""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from donations.models import SandboxPayment, SandboxRefund
from donations.providers.base import (
    Credentials,
    GivenBack,
    Order,
    Payment,
    PaymentNotFound,
    ProviderError,
    ShopFacts,
)


class Sandbox:
    takes_credentials = False
    saves_by_agreement = False

    def check(self, credentials: Credentials) -> ShopFacts:
        return ShopFacts(
            shop_id=credentials.shop_id,
            is_enabled=True,
            is_test=True,
            inn="",
            needs_receipts=False,
            methods=(),
        )

    def request_body(self, order: Order) -> str:
        return json.dumps(
            {
                "amount": f"{order.amount:.2f}",
                "description": order.description[:128],
                "return_url": order.return_url,
                "reference": order.reference,
                "fund": order.fund,
                "save": order.save,
            },
            ensure_ascii=False,
            sort_keys=True,
        )

    def create(
        self, credentials: Credentials, body: str, idempotence_key: str, method_id: str = ""
    ) -> Payment:
        wish = json.loads(body)
        metadata = {"donation": wish["reference"], "fund": wish["fund"], "save": wish.get("save")}
        charge = _charge(credentials, method_id) if method_id else {}
        try:
            with transaction.atomic():
                row, _created = SandboxPayment.objects.get_or_create(
                    idempotence_key=idempotence_key,
                    defaults={
                        "shop_id": credentials.shop_id,
                        "amount": Decimal(wish["amount"]),
                        "description": wish["description"],
                        "return_url": wish["return_url"],
                        "metadata": {**metadata, "reason": charge.pop("reason", "")},
                        **charge,
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

    def read(self, answer: dict[str, Any]) -> Payment:
        row = SandboxPayment.objects.filter(external_id=str(answer["id"])).first()
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

    def payments(
        self, credentials: Credentials, since: datetime, until: datetime
    ) -> Iterator[Payment]:
        rows = SandboxPayment.objects.filter(
            shop_id=credentials.shop_id, created_at__gte=since, created_at__lt=until
        )
        return map(_payment, rows.order_by("-pk"))

    def refund_body(self, payment_id: str, amount: Decimal, reason: str) -> str:
        return json.dumps({"payment_id": payment_id, "amount": f"{amount:.2f}"}, sort_keys=True)

    def refund(self, credentials: Credentials, body: str, idempotence_key: str) -> GivenBack:
        wish = json.loads(body)
        with transaction.atomic():
            payment = (
                SandboxPayment.objects.select_for_update()
                .filter(external_id=wish["payment_id"], shop_id=credentials.shop_id)
                .first()
            )
            if payment is None:
                raise PaymentNotFound
            amount = Decimal(wish["amount"])
            known = payment.refunds.filter(idempotence_key=idempotence_key).first()
            if known is None and amount > payment.amount - payment.refunded:
                raise ProviderError("more_than_is_left", permanent=True)
            row = known or SandboxRefund.objects.create(
                payment=payment, idempotence_key=idempotence_key, amount=amount
            )
        return _given_back(row)

    def refunds(
        self, credentials: Credentials, since: datetime, until: datetime
    ) -> Iterator[GivenBack]:
        rows = SandboxRefund.objects.filter(
            payment__shop_id=credentials.shop_id, created_at__gte=since, created_at__lt=until
        )
        return map(_given_back, rows.select_related("payment").order_by("-pk"))

    def refunds_of(self, credentials: Credentials, payment_id: str) -> list[GivenBack]:
        rows = SandboxRefund.objects.filter(
            payment__external_id=payment_id, payment__shop_id=credentials.shop_id
        ).select_related("payment")
        return [_given_back(row) for row in rows.order_by("pk")]


def _charge(credentials: Credentials, method_id: str) -> dict[str, Any]:
    """What comes of a charge of a saved card: paid at once, or refused for the reason that stands
    as `charges_fail` in the metadata of the payment that saved it."""
    card = SandboxPayment.objects.filter(
        external_id=method_id, shop_id=credentials.shop_id, metadata__save=True
    ).first()
    if card is None:
        raise ProviderError("invalid_request", permanent=True)
    if reason := card.metadata.get("charges_fail"):
        return {"state": "canceled", "reason": reason}
    return {"state": "succeeded", "paid_at": timezone.now()}


def _given_back(row: SandboxRefund) -> GivenBack:
    return GivenBack(
        external_id=str(row.external_id),
        payment_id=str(row.payment.external_id),
        state="succeeded",
        amount=row.amount,
        currency="RUB",
        finished_at=row.created_at,
        raw={"id": str(row.external_id), "sandbox": True},
    )


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
        created_at=row.created_at,
        paid_at=parse_datetime(paid_at) if paid_at else None,
        refunded=row.refunded,
        fund=row.metadata.get("fund", ""),
        reason=(row.metadata.get("reason") or "refused_in_sandbox")
        if row.state == "canceled"
        else "",
        saved_method=str(row.external_id) if row.metadata.get("save") and row.paid_at else "",
        method_title="Test ·· 0000",
        raw={"id": str(row.external_id), "status": row.state, "sandbox": True},
    )
