"""One function per letter."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.models import Invitation


def invitation(row: Invitation, *, token: str) -> None:
    """Invite a person to a site (or to the network). Raises OSError when the mail server fails."""
    path = reverse("accounts_invitation", args=[token])
    context = {
        "site_name": row.site.site_name or row.site.hostname if row.site else "",
        "link": f"{settings.WAGTAILADMIN_BASE_URL}{path}",
        "expires_at": row.expires_at,
        "email": row.email,
    }
    _send("invitation", row.email, context)


def new_address(email: str, *, token: str) -> None:
    """Ask the owner of `email` to confirm it. Raises OSError when the mail server fails."""
    path = reverse("address_confirm", args=[token])
    _send("new_address", email, {"link": f"{settings.WAGTAILADMIN_BASE_URL}{path}"})


def address_changed(email: str) -> None:
    """Tell the old address. Raises OSError when the mail server fails."""
    _send("address_changed", email, {})


def _send(name: str, email: str, context: dict[str, Any]) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        text = render_to_string(f"accounts/letters/{name}.txt", context)
        html = render_to_string(f"accounts/letters/{name}.html", context)
    subject, _, body = text.partition("\n")
    letter = EmailMultiAlternatives(subject.strip(), body.lstrip("\n"), to=[email])
    letter.attach_alternative(html, "text/html")
    letter.send()
