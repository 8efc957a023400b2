"""The accountant's file: a row for each gift that counts.

«Remains» and the corrections of whole funds add up to the totals.
"""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from donations.methods import METHODS
from donations.models import DonationEvent, DonationState
from site_settings.models import Organisation


def sheet_rows(gifts: QuerySet) -> QuerySet:
    """With what the columns need, in one query whatever the number of gifts."""
    paid = DonationEvent.objects.filter(donation=OuterRef("pk"), to_state=DonationState.SUCCEEDED)
    paid = paid.exclude(from_state=DonationState.SUCCEEDED)
    receiver = Organisation.objects.filter(site=OuterRef("account__site"))
    return gifts.select_related("site", "fund", "account").annotate(
        answer=Subquery(paid.values("answer")[:1]),
        receiver=Subquery(receiver.values("full_name")[:1]),
    )


def _fee(gift: Any) -> Decimal | None:
    """What the payment service kept, where its answer tells."""
    answer = gift.answer or {}
    try:
        return Decimal(answer["amount"]["value"]) - Decimal(answer["income_amount"]["value"])
    except (KeyError, TypeError, InvalidOperation):
        return None


def _method(gift: Any) -> str:
    method = ((gift.answer or {}).get("payment_method") or {}).get("type", "")
    kind = gift.account.get_kind_display()
    return f"{kind} · {METHODS.get(method, method)}" if method else kind


def _state(gift: Any) -> str:
    if not gift.refunded:
        state = str(DonationState.SUCCEEDED.label)
    else:
        state = _("given back in part") if gift.left else _("given back")
    mark = _("test")
    return state if gift.account.is_live else f"{state} · {mark}"


COLUMNS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "paid_at": (gettext_lazy("Paid"), lambda gift: gift.paid_at),
    "public_id": (gettext_lazy("Number of the donation"), lambda gift: str(gift.public_id)),
    "site": (gettext_lazy("Site"), lambda gift: gift.site.site_name),
    "fund": (gettext_lazy("Fund"), lambda gift: gift.fund.purpose),
    "purpose": (gettext_lazy("Purpose on that day"), lambda gift: gift.purpose),
    "amount": (gettext_lazy("Sum"), lambda gift: gift.amount),
    "corrected": (gettext_lazy("Corrected by"), lambda gift: gift.corrected),
    "refunded": (gettext_lazy("Given back"), lambda gift: gift.refunded),
    "left": (gettext_lazy("Remains"), lambda gift: gift.left),
    "fee": (gettext_lazy("Fee of the payment service"), _fee),
    "method": (gettext_lazy("Way of payment"), _method),
    "external_id": (
        gettext_lazy("Number at the payment service, at the bank or of the document"),
        lambda gift: gift.external_id,
    ),
    "state": (gettext_lazy("State"), _state),
    "name": (gettext_lazy("Payer"), lambda gift: gift.name),
    "email": (gettext_lazy("E-mail"), lambda gift: gift.email),
    "receiver": (gettext_lazy("Received by"), lambda gift: gift.receiver),
}
HEADINGS = {name: heading for name, (heading, _value) in COLUMNS.items()}
