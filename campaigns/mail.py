"""The letter that carries a piece of news: a pair of templates, the subject on the first line."""

from typing import cast
from urllib.parse import urljoin

from django.template.loader import render_to_string
from django.utils import translation

from campaigns.news import UpdateLetter, UpdatePage, excerpt_of
from donations.mail import news_address, send_pair, senders

LONGEST_WORDS = 1200


def send_news(letter: UpdateLetter) -> None:
    """Send the news in the follower's language. Raises OSError or SMTPException.

    Mail programs show a button of their own for one press: RFC 8058.
    """
    follower, site = letter.follower, letter.site
    # A letter whose page is gone is not owed any more.
    page = _in_language(cast("UpdatePage", letter.mailing.page), follower.language)
    stop_url = news_address(follower)
    with translation.override(page.locale.language_code):
        context = {
            **senders(site),
            "language": page.locale.language_code,
            "news": page,
            "campaign": page.campaign,
            "words": words_of(page),
            "news_url": page.full_url,
            "picture": _picture(page, site.root_url),
            "stop_url": stop_url,
            "site_url": site.root_url,
        }
        text = render_to_string("campaigns/letters/news.txt", context)
        html = render_to_string("campaigns/letters/news.html", context)
    send_pair(
        text,
        html,
        to=follower.email,
        organisation=context["organisation"],
        headers={
            "Message-ID": f"<news.{letter.mailing.key}.{letter.pk}@{site.hostname}>",
            "List-ID": f"<{follower.fund.public_id}.{site.hostname}>",
            "List-Unsubscribe": f"<{stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def _in_language(page: UpdatePage, language: str) -> UpdatePage:
    """The translation that is public now, else the page in the main language."""
    translated = (
        UpdatePage.objects.public()
        .filter(
            translation_key=page.translation_key,
            locale__language_code=language,
            alias_of=None,
        )
        .select_related("locale", "picture")
        .first()
    )
    return translated or page


def words_of(page: UpdatePage) -> list[str]:
    """The text blocks as plain paragraphs, together not much longer than a letter should be."""
    paragraphs: list[str] = []
    length = 0
    for block in page.body.raw_data:
        if block["type"] != "text" or length >= LONGEST_WORDS:
            continue
        for part in str(block["value"]).replace("</li>", "</p>").split("</p>"):
            words = excerpt_of([part], LONGEST_WORDS - length) if length < LONGEST_WORDS else ""
            if words:
                paragraphs.append(words)
                length += len(words)
    return paragraphs


def _picture(page: UpdatePage, root_url: str) -> dict[str, object] | None:
    if page.picture is None:
        return None
    try:
        shown = page.picture.get_rendition("fill-1120x630|format-jpeg|jpegquality-75")
    except OSError:  # its file is lost; the words go all the same
        return None
    return {"url": urljoin(root_url, shown.url), "alt": page.picture.alt_text}
