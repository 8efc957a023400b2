"""How donors call the methods of payment, in the order they are named: SBP costs an NGO least."""

from django.utils.translation import gettext_lazy as _

from donations.models import AccountKind, PaymentAccount

METHODS = {
    "sbp": _("SBP"),
    "bank_card": _("bank card"),
    "sberbank": "SberPay",
    "tinkoff_bank": "T-Pay",
    "yoo_money": "ЮMoney",
}
USUAL = ("sbp", "bank_card", "sberbank")  # the pretend bank names what a shop has in life


def methods_of(account: PaymentAccount) -> str:
    """«СБП, банковская карта»; «» while the payment service has not told."""
    pretend = account.kind == AccountKind.SANDBOX
    known = USUAL if pretend else account.facts.get("methods", ())
    return ", ".join(str(word) for method, word in METHODS.items() if method in known)
