"""One function per letter to donors."""

from collections.abc import Callable

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from donations.models import Donation, LetterKind
from site_settings.models import Organisation


def thanks(donation: Donation) -> None:
    """Thank the donor. Raises OSError or SMTPException when the mail server fails."""
    _send(donation, "thanks")


def _send(donation: Donation, template: str) -> None:
    organisation = Organisation.for_site(donation.site)
    context = {
        "donation": donation,
        "organisation": organisation,
        "first_name": donation.name.split(" ")[0] if donation.name else "",
        "site_url": donation.site.root_url,
        "page_url": f"{donation.site.root_url}{donation.page_path or '/'}",
    }
    with translation.override(donation.language):
        text = render_to_string(f"donations/letters/{template}.txt", context)
        html = render_to_string(f"donations/letters/{template}.html", context)
    subject, _, body = text.partition("\n")
    letter = EmailMultiAlternatives(
        subject=subject.strip(),
        body=body.lstrip("\n"),
        to=[donation.email],
        reply_to=[organisation.email] if organisation.email else None,
        # The same for every try, so a repeat after a crash is seen as a repeat by the mail program.
        headers={"Message-ID": f"<{donation.public_id}.{template}@{donation.site.hostname}>"},
    )
    letter.attach_alternative(html, "text/html")
    letter.send()


SENDERS: dict[str, Callable[[Donation], None]] = {LetterKind.THANKS: thanks}
