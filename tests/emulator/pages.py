"""The page a donor sees at "YooKassa": plainly an emulator, works without script."""

from html import escape

from .objects import REASONS, Payment

STYLE = """\
body { margin: 0; font: 1.125rem/1.5 system-ui, sans-serif; color: #1c1c1c; background: #f3f3f3 }
main { max-width: 30rem; margin: 2rem auto; padding: 1.5rem; background: #fff; border-radius: 8px }
.mark { margin: 0; padding: .75rem; text-align: center; background: #7a1f1f; color: #fff }
h1 { margin-top: 0; font-size: 1.5rem }
dt { color: #555 }
dd { margin: 0 0 .75rem; overflow-wrap: anywhere }
button, select { font: inherit; min-height: 44px; padding: .5rem 1rem; margin: .25rem 0 }
.pay { background: #1b5e20; color: #fff; border: 0; border-radius: 6px }
"""
_REASONS_FIRST = "general_decline"


def confirmation_page(payment: Payment) -> str:
    """The payment and two buttons; a payment that is no longer open only leads back."""
    back = escape(payment.return_url or "")
    amount = f"{payment.amount:.2f}".replace(".", ",")
    facts = [
        ("Сумма", f"{amount} ₽"),
        ("Назначение", payment.order.description or "—"),
        ("Магазин", payment.shop.shop_id + (" (тестовый)" if payment.shop.test else "")),
        ("Платёж", payment.id),
    ]
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    actions = _form() if payment.status == "pending" else "<p>Этот платёж уже завершён.</p>"
    leave = f'<p><a href="{back}">Вернуться на сайт без оплаты</a></p>' if back else ""
    return _page("Эмулятор ЮKassa: оплата", f"<dl>{rows}</dl>{actions}{leave}")


def plain_page(text: str) -> str:
    return _page("Эмулятор ЮKassa", f"<p>{escape(text)}</p>")


def _form() -> str:
    reasons = sorted(REASONS - {_REASONS_FIRST})
    options = "".join(f"<option>{reason}</option>" for reason in [_REASONS_FIRST, *reasons])
    return (
        '<form method="post">'
        '<p><button class="pay" name="decision" value="pay">Оплатить</button></p>'
        '<p><label for="reason">Причина отказа</label><br>'
        f'<select id="reason" name="reason">{options}</select></p>'
        '<p><button name="decision" value="refuse">Отказаться</button></p>'
        "</form>"
    )


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="ru"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title}</title><link rel="stylesheet" href="/confirm.css"></head><body>'
        '<p class="mark">Это эмулятор ЮKassa для проверок. Деньги не списываются.</p>'
        f"<main><h1>{title}</h1>{content}</main></body></html>"
    )
