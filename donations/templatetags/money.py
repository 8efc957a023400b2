from decimal import Decimal

from django import template

from donations.money import NO_BREAK_SPACE, format_roubles

register = template.Library()


@register.filter
def rubles(amount: Decimal | None) -> str:
    """«1 234 ₽» for pages, with narrow no-break spaces."""
    return "" if amount is None else format_roubles(Decimal(amount))


@register.filter
def rubles_plain(amount: Decimal | None) -> str:
    """The same for letters and documents, with ordinary no-break spaces."""
    return "" if amount is None else format_roubles(Decimal(amount), space=NO_BREAK_SPACE)
