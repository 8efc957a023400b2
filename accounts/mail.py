"""One function per letter."""

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
    with translation.override(settings.LANGUAGE_CODE):
        text = render_to_string("accounts/letters/invitation.txt", context)
        html = render_to_string("accounts/letters/invitation.html", context)
    subject, _, body = text.partition("\n")
    letter = EmailMultiAlternatives(subject.strip(), body.lstrip("\n"), to=[row.email])
    letter.attach_alternative(html, "text/html")
    letter.send()
