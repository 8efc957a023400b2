"""What a page says of itself to search engines, in the words of schema.org."""

import json
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from wagtail.models import Page, Site

from site_settings.models import Appearance, Channels, Organisation

Thing = dict[str, Any]
# Inside <script> only these could end it; as escapes they mean the same to whoever reads JSON.
ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}
SHARED_PICTURE = "fill-1200x630|format-jpeg"  # the one that base.html shows to social networks


def as_json(things: list[Thing]) -> SafeString:
    """The graph of a page, safe inside <script type="application/ld+json">."""
    graph = {"@context": "https://schema.org", "@graph": things}
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return mark_safe(text)  # noqa: S308 -- nothing in it can end the script


def said(thing: Thing) -> Thing:
    """Without what is empty."""
    return {name: value for name, value in thing.items() if value not in (None, "", [], {})}


def site_of(request: HttpRequest) -> Site | None:
    return Site.find_for_request(request)


def owner_id(request: HttpRequest) -> Thing:
    """A mention of the organisation, which `organisation` tells of on the same page."""
    site = site_of(request)
    return {"@id": f"{site.root_url}/#organisation"} if site else {}


def organisation(request: HttpRequest) -> Thing:
    own, channels = Organisation.for_request(request), Channels.for_request(request)
    site = site_of(request) or own.site
    logo = Appearance.for_request(request).logo
    links = (channels.vk_url, channels.max_url, channels.ok_url, channels.telegram_url)
    return said(
        {
            "@type": "Organization" if own.is_group else "NGO",
            "@id": f"{site.root_url}/#organisation",
            "name": own.short_name or own.full_name or site.site_name,
            "legalName": "" if own.is_group else own.full_name,
            "url": f"{site.root_url}/",
            "email": own.email,
            "telephone": own.phone,
            "address": own.legal_address,
            "taxID": own.inn,
            "logo": absolute(site, logo.get_rendition("max-256x80").url) if logo else "",
            "sameAs": [link for link in links if link],
        }
    )


def absolute(site: Site, address: str) -> str:
    return f"{site.root_url}{address}" if address.startswith("/") else address


def picture_of(page: Any, request: HttpRequest) -> str:
    site, picture = site_of(request), getattr(page, "picture", None)
    if site is None or picture is None:
        return ""
    return absolute(site, picture.get_rendition(SHARED_PICTURE).url)


def website(home: Page, request: HttpRequest) -> Thing:
    own = Organisation.for_request(request)
    site = site_of(request) or own.site
    search = f"{site.root_url}{reverse('site_search')}?q={{search_term_string}}"
    return {
        "@type": "WebSite",
        "name": own.short_name or site.site_name,
        "url": home.get_full_url(request),
        "inLanguage": home.locale.language_code,
        "publisher": owner_id(request),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": search},
            "query-input": "required name=search_term_string",
        },
    }


def article(page: Any, day: date, request: HttpRequest) -> Thing:
    changed = page.last_published_at
    return said(
        {
            "@type": "NewsArticle",
            "headline": page.title[:110],
            "description": page.search_description or page.lead,
            "datePublished": day.isoformat(),
            "dateModified": changed.isoformat() if changed else "",
            "inLanguage": page.locale.language_code,
            "image": picture_of(page, request),
            "mainEntityOfPage": page.full_url,
            "author": owner_id(request),
            "publisher": owner_id(request),
        }
    )


def passed(request: HttpRequest) -> list[Page]:
    """The pages that the request came through, the home first: the address is the way."""
    way: list[Page] = vars(request).setdefault("pages_passed", [])
    return way


def breadcrumbs(page: Page, request: HttpRequest) -> list[Thing]:
    """The way from the home page to this one, without a query; nothing on the home itself. A step
    that is not public (a section taken off the site) is left out.
    """
    way = passed(request)
    if not way or way[-1].pk != page.pk:
        return []
    way = [step for step in way if step.live or step.pk == page.pk]
    if len(way) < 2:
        return []
    return [
        {
            "@type": "BreadcrumbList",
            "itemListElement": [
                {
                    "@type": "ListItem",
                    "position": position,
                    "name": step.title,
                    "item": step.get_full_url(request),
                }
                for position, step in enumerate(way, start=1)
            ],
        }
    ]
