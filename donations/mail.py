"""Letters to donors: a pair of templates per kind, the subject on the text's first line."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.models import Site

from donations.models import Donation, Follower, Letter, LetterKind, Refund, StaffLetter
from donations.models.letters import ABOUT_THE_SITE, NOTICES
from donations.names import given_and_family
from donations.purpose import purpose_for
from donations.tokens import monthly_token
from site_settings.models import Organisation
from site_settings.recipients import receiver_of
from tenancy.models import AuditEntry
from tenancy.scope import unrestricted

LONGEST_FIRST_NAME = 30


def first_name(name: str) -> str:
    """The given name when it can be one: letters and hyphens, one capital in front. Else «».

    A letter must not carry an address or a slogan to a stranger's mailbox, nor greet «ООО».
    """
    word = given_and_family(name)[0].partition(" ")[0] if name.strip() else ""
    parts = word.split("-")
    is_name = len(word) <= LONGEST_FIRST_NAME and all(part.isalpha() for part in parts)
    return word if is_name and not (len(word) > 1 and word.isupper()) else ""


def send(letter: Letter) -> None:
    """Send the letter that is owed. Raises OSError or SMTPException when the mail server fails."""
    donation = letter.donation
    own = Organisation.for_site(donation.site)
    organisation = own
    if own.is_group:
        with unrestricted("who received the money signs, for a group too"):
            organisation = Organisation.for_site(donation.account.site)
    context = {
        "donation": donation,
        "organisation": organisation,
        "group": own if own.is_group else None,
        "first_name": first_name(donation.name),
        "site_url": donation.site.root_url,
        "page_url": f"{donation.site.root_url}{donation.page_path or '/'}",
    }
    with translation.override(donation.language):
        context |= {"purpose": _purpose(letter), **_more(letter)}
        text = render_to_string(f"donations/letters/{letter.kind}.txt", context)
        html = render_to_string(f"donations/letters/{letter.kind}.html", context)
    # The same for every try, so a repeat after a crash is seen as a repeat by the mail program.
    matter = f"{letter.kind}{letter.about}{f'.{letter.resends}' if letter.resends else ''}"
    send_pair(
        text,
        html,
        to=donation.email,
        organisation=organisation,
        headers={"Message-ID": f"<{donation.public_id}.{matter}@{donation.site.hostname}>"},
    )


def _purpose(letter: Letter) -> str:
    donation = letter.donation
    if letter.kind in (LetterKind.THANKS, LetterKind.REFUND) or donation.subscription is None:
        return purpose_for(donation.fund, donation.purpose)
    return purpose_for(donation.subscription.fund)  # it can have gone on to another fund


def _more(letter: Letter) -> dict[str, Any]:
    if letter.kind == LetterKind.REFUND:
        return {
            "refund": Refund.objects.get(donation=letter.donation, pk=letter.about),
            **_of_monthly(letter),
        }
    if letter.kind == LetterKind.THANKS:
        path = reverse("donation_status", args=[letter.donation.public_id])
        gift_url = f"{letter.donation.site.root_url}{path}"
        return {"gift_url": gift_url, **_of_monthly(letter), **_news_wanted(letter.donation)}
    return _of_monthly(letter)


def _news_wanted(donation: Donation) -> dict[str, Any]:
    """The thanks ask whoever ticked the box to confirm."""
    rows = Follower.objects.unconfirmed().filter(fund=donation.fund_id, email=donation.email)
    follower = rows.select_related("site").first()
    return {"news_url": news_address(follower)} if follower else {}


def news_address(follower: Follower) -> str:
    """Where news are confirmed and stopped, without a password."""
    with translation.override(follower.language):
        return f"{follower.site.root_url}{reverse('news_by_mail', args=[follower.token])}"


def senders(site: Site) -> dict[str, Any]:
    """Who signs a letter of the site: the receiver of the gifts, and the group it is about."""
    own = Organisation.for_site(site)
    return {"organisation": receiver_of(own) or own, "group": own if own.is_group else None}


def ask_to_confirm(follower: Follower) -> None:
    """Ask whether the address wants the news. Raises OSError or SMTPException."""
    with translation.override(follower.language):
        context = {
            **senders(follower.site),
            "language": follower.language,
            "purpose": purpose_for(follower.fund),
            "news_url": news_address(follower),
            "site_url": follower.site.root_url,
        }
        text = render_to_string("donations/letters/confirm_news.txt", context)
        html = render_to_string("donations/letters/confirm_news.html", context)
    asked = f"{follower.agreed_at:%Y%m%d%H%M%S%f}"
    send_pair(
        text,
        html,
        to=follower.email,
        organisation=context["organisation"],
        headers={"Message-ID": f"<news.{follower.pk}.{asked}@{follower.site.hostname}>"},
    )


def send_pair(
    text: str, html: str, *, to: str, organisation: Organisation, headers: dict[str, str]
) -> None:
    """Send a rendered pair; the subject is the text's first line."""
    subject, _, body = text.partition("\n")
    message = EmailMultiAlternatives(
        subject=subject.strip(),
        body=re.sub(r"\n{3,}", "\n\n", body.strip()) + "\n",
        to=[to],
        reply_to=[organisation.email] if organisation.email else None,
        headers=headers,
    )
    message.attach_alternative(html, "text/html")
    message.send()


def _of_monthly(letter: Letter) -> dict[str, Any]:
    """What a letter says of the monthly gift behind it; the link to change or stop it always."""
    subscription = letter.donation.subscription
    if subscription is None:
        return {}
    with translation.override(subscription.language):
        path = reverse("monthly_gift", args=[monthly_token(subscription.public_id)])
    more = {
        "subscription": subscription,
        "manage_url": f"{letter.donation.site.root_url}{path}",
        "why": stopped_text(subscription.reason),
    }
    if letter.kind in NOTICES:
        day, _dot, kopecks = letter.about.partition(".")
        # The charge waits a day for a letter that the mail held up.
        tomorrow = timezone.localdate(
            timezone.now() + timedelta(days=1), Organisation.for_site(letter.donation.site).zone
        )
        more["day"] = max(date.fromisoformat(day), tomorrow)
        more["amount"] = Decimal(kopecks) / 100
    return more


def stopped_text(reason: str) -> str:
    """Why a monthly gift has ended, in words."""
    words = {
        "canceled": _("It was stopped at your wish."),
        "fund_closed": _("The campaign is closed."),
        "exhausted": _("The bank refused the payment four times."),
        "card_expired": _("The card has expired."),
        "permission_revoked": _("The bank says that the permission to charge was taken back."),
    }
    return words.get(reason, _("The bank no longer lets this card be charged."))


def _why(letter: StaffLetter) -> str:
    """What the coordinator wrote when the state of the site was changed, or «»."""
    if letter.kind not in ABOUT_THE_SITE:
        return ""
    return str(AuditEntry.objects.get(pk=letter.about).details.get("why", ""))


def send_to_staff(letter: StaffLetter) -> None:
    """Write to a person of the site's staff. Raises OSError or SMTPException."""
    with translation.override(settings.LANGUAGE_CODE):
        context = {
            "site": letter.site,
            "fund": letter.fund,
            "why": _why(letter),
            "admin_url": f"{settings.WAGTAILADMIN_BASE_URL}{reverse('wagtailadmin_home')}",
            "owed_at": timezone.localtime(letter.owed_at, Organisation.for_site(letter.site).zone),
        }
        text = render_to_string(f"donations/letters/staff_{letter.kind}.txt", context)
        html = render_to_string(f"donations/letters/staff_{letter.kind}.html", context)
    subject, _newline, body = text.partition("\n")
    message = EmailMultiAlternatives(
        subject=subject.strip(),
        body=re.sub(r"\n{3,}", "\n\n", body.strip()) + "\n",
        to=[letter.to.email],
        headers={"Message-ID": f"<staff.{letter.pk}.{letter.kind}@{letter.site.hostname}>"},
    )
    message.attach_alternative(html, "text/html")
    message.send()
