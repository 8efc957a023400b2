"""Fills an empty installation with the demo network of `network/demo/`.

Everything goes the way it goes in life: sites are opened by `open_site`, gifts are paid in the
sandbox and learnt by `refresh_donation`. Only the dates are moved back afterwards.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.images import ImageFile
from django.utils import timezone
from django.utils.html import escape
from wagtail.models import Locale, Page, Site

from accounts.actions import accept_invitation, invite
from accounts.models import User
from campaigns.models import CampaignIndexPage, CampaignPage
from campaigns.news import UpdatePage
from content.models import Picture
from donations.actions.giving import Gift, start_donation
from donations.actions.payments import refresh_donation
from donations.actions.sandbox import decide
from donations.models import Donation, Fund, Letter, MessageState, SandboxPayment
from home.models import (
    ContactsPage,
    EventPage,
    EventsIndexPage,
    HomePage,
    NewsIndexPage,
    NewsPage,
    StandardPage,
)
from network import demo
from network.actions import invite_coordinator, open_site
from network.demo.news import DemoNews, news_of
from network.demo_books import fill_books
from network.demo_visits import channel_of_gift, fill_visits
from network.models import ShowcasePage
from site_settings.models import Appearance, Channels, Organisation
from tenancy.models import Role

LOGINS = (
    ("coordinator@example.org", "coordinator of the network"),
    ("editor@veloput.example.org", "editor of veloput"),
    ("accountant@veloput.example.org", "accountant of veloput"),
)
# A stand-alone installation has no centre: the site's manager keeps it.
ALONE = "veloput"
LOGINS_ALONE = (
    ("manager@veloput.example.org", "manager of the site"),
    ("editor@veloput.example.org", "editor"),
    ("accountant@veloput.example.org", "accountant"),
)
ROLES_ALONE = (Role.MANAGER, Role.EDITOR, Role.ACCOUNTANT)
NOON = time(12, 0, tzinfo=ZoneInfo("Europe/Kirov"))

Say = Callable[[str], None]


def fill(*, say: Say) -> None:
    """Make the demo network; stand-alone, one site. `say` is told a line for each as it is done."""
    if not settings.NETWORK:
        site = _make_alone()
        say(f"  {site.root_url}/  {site.site_name}")
        return
    sites = []
    for site_data in demo.load_sites():
        site = _make_site(site_data)
        sites.append(site)
        say(f"  {site.root_url}/  {site.site_name}")
    _open_showcase(sites[0])
    _list_sites(centre=sites[0], others=sites[1:])
    _make_logins()
    # Nobody waits for letters about gifts of people who do not exist.
    Letter.objects.filter(sent_at=None).update(sent_at=timezone.now())
    fill_books(site=sites[1], by=User.objects.get(email=LOGINS[2][0]))


def logins() -> tuple[tuple[str, str], ...]:
    """The demo's people: (e-mail, who it is)."""
    return LOGINS if settings.NETWORK else LOGINS_ALONE


def _make_alone() -> Site:
    """One organisation's own site, at the domain itself, and its people."""
    data = next(site for site in demo.load_sites() if site.label == ALONE)
    site = _make_site(replace(data, label=""))
    for (email, _who), role in zip(LOGINS_ALONE, ROLES_ALONE, strict=True):
        invitation = invite(email=email, role=role, site=site, by=None)
        accept_invitation(invitation=invitation, password=settings.DEMO_PASSWORD)
    Letter.objects.filter(sent_at=None).update(sent_at=timezone.now())
    fill_books(site=site, by=User.objects.get(email=LOGINS_ALONE[2][0]))
    return site


def _make_site(data: demo.DemoSite) -> Site:
    host = f"{data.label}.{settings.BASE_DOMAIN}" if data.label else settings.BASE_DOMAIN
    opened = open_site(
        organisation=data.organisation.short_name, hostname=host, editor_email="", by=None
    )
    site = opened.site
    pictures = Pictures(site)
    Organisation.objects.filter(site=site).update(**vars(data.organisation))
    Channels.objects.filter(site=site).update(**vars(data.channels))
    appearance = {**vars(data.appearance), "logo": pictures.get(data.appearance.logo)}
    Appearance.objects.filter(site=site).update(**appearance)
    _write(opened.home, data.home, pictures)
    _write(StandardPage.objects.child_of(opened.home).get(), data.about, pictures)
    _write(ContactsPage.objects.child_of(opened.home).get(), data.contacts, pictures)
    _make_campaigns(opened.home, data, pictures)
    _make_news(opened.home, news_of(data), pictures)
    return site


def _make_news(home: HomePage, data: DemoNews, pictures: "Pictures") -> None:
    today = timezone.localdate()
    for item in data.news:
        page: Any = NewsPage(title=item.page.title, day=today - timedelta(days=item.days_ago))
        page.slug = item.slug
        NewsIndexPage.objects.child_of(home).get().add_child(instance=page)
        _write(page, item.page, pictures)
    if data.events:
        events = EventsIndexPage(
            title="События", slug="sobytiya", lead="Приходите, мы рады гостям.", show_in_menus=True
        )
        home.add_child(instance=events)
        events.save_revision().publish()
        events.move(ContactsPage.objects.child_of(home).get(), pos="left")
    for event in data.events:
        page = EventPage(
            title=event.page.title,
            slug=event.slug,
            day=today + timedelta(days=event.in_days),
            begins=event.begins,
            ends=event.ends,
            place=event.place,
        )
        EventsIndexPage.objects.child_of(home).get().add_child(instance=page)
        _write(page, event.page, pictures)


def _make_campaigns(home: HomePage, data: demo.DemoSite, pictures: "Pictures") -> None:
    index = CampaignIndexPage.objects.child_of(home).get()
    draft = CampaignPage.objects.child_of(index).get()
    if data.campaigns_page is None:
        # The centre collects nothing itself: its list stays a draft.
        index.show_in_menus = False
        index.save()
        index.unpublish()
        return
    _write(index, data.campaigns_page, pictures)
    for number, campaign in enumerate(data.campaigns):
        page = draft if number == 0 else _new_draft(index, campaign)
        _make_campaign(page, campaign, pictures)


def _new_draft(index: CampaignIndexPage, data: demo.DemoCampaign) -> CampaignPage:
    page = CampaignPage(title=data.page.title, slug=data.slug, lead=data.page.lead, live=False)
    index.add_child(instance=page)
    return page


def _make_campaign(page: CampaignPage, data: demo.DemoCampaign, pictures: "Pictures") -> None:
    today = timezone.localdate()
    page.slug, page.goal, page.deadline = data.slug, data.goal, data.deadline_on(today)
    streams: Any = page  # its type does not say that a StreamField takes a list
    streams.stages = _lines("stage", data.stages)
    streams.budget = _lines("line", data.budget)
    if data.units is not None:
        page.unit_count, page.unit_noun, page.unit_price = data.units
    page.if_less = page.if_less if data.if_less is None else data.if_less
    page.if_more = page.if_more if data.if_more is None else data.if_more
    page.in_showcase, page.topic, page.district = True, data.topic, data.district
    _write(page, data.page, pictures)
    _give(page, data, today)
    fill_visits(page, today)
    page.refresh_from_db()  # its address has changed with the slug, and its news stand below it
    for number, news in enumerate(data.news, start=1):
        _tell(page, number, news, data.given_on(news, today), pictures)
    if page.deadline and page.deadline < today:
        page.refresh_from_db()
        page.closes_at_deadline = True
        if data.report is not None:
            _report(page, data.report, pictures)
        page.save_revision().publish()


def _tell(
    campaign: CampaignPage, number: int, data: demo.DemoNews, day: date, pictures: "Pictures"
) -> None:
    """News of the campaign. There are no followers yet, so no letter goes."""
    picture = pictures.get(data.picture) if data.picture else None
    news = UpdatePage(
        title=data.title, slug=f"novost-{number}", date=day, picture=picture, live=False
    )
    campaign.add_child(instance=news)
    _publish_news(news, data.title, data.body, pictures)
    for language, (title, body) in data.translations.items():
        locale = Locale.objects.get(language_code=language)
        _publish_news(news.copy_for_translation(locale), title, body, pictures)


def _publish_news(page: Any, title: str, body: Any, pictures: "Pictures") -> None:
    page.title = title
    page.body = json.dumps([_block(block, pictures) for block in body])
    list(page.body)  # as in _publish
    page.save_revision().publish()


def _report(page: Any, data: demo.DemoReport, pictures: "Pictures") -> None:
    page.report_due, page.event_on = data.due, data.event_on
    page.event_place, page.event_people = data.event_place, data.event_people
    page.report = json.dumps([_block(block, pictures) for block in data.body])
    for line, spent in zip(page.budget, data.spent, strict=True):
        line.value["spent"] = f"{spent:.2f}"


def _lines(kind: str, lines: tuple[tuple[str, Decimal], ...]) -> list[dict[str, Any]]:
    return [
        {"type": kind, "id": str(uuid4()), "value": {"title": title, "amount": f"{amount:.2f}"}}
        for title, amount in lines
    ]


def _give(page: CampaignPage, data: demo.DemoCampaign, today: date) -> None:
    fund = Fund.objects.select_related("site").get(key=page.fund_key)
    for number, given in enumerate(data.donations):
        gift = Gift(
            amount=given.amount,
            email=given.email,
            key=f"demo:{data.slug}:{number}",
            name=given.name,
            show_name=given.show_name,
            message=given.message,
            page_path=page.get_url() or "/",
            channel=channel_of_gift(number),
            source="demo",
        )
        donation = start_donation(fund=fund, gift=gift)
        decide(payment=SandboxPayment.objects.get(external_id=str(donation.external_id)), pay=True)
        refresh_donation(donation, source="return")
        moment = datetime.combine(data.given_on(given, today), NOON) - timedelta(minutes=number)
        Donation.objects.filter(pk=donation.pk).update(created_at=moment, paid_at=moment)
    # The latest words still wait for the editor.
    read = Donation.objects.filter(fund=fund, message_state=MessageState.WAITING)
    read.filter(paid_at__lt=timezone.now() - timedelta(days=4)).update(
        message_state=MessageState.SHOWN, message_decided_at=timezone.now()
    )


def _write(page: Page, data: demo.DemoPage, pictures: "Pictures") -> None:
    """Put the texts into the page and publish it, in the main language and in the others."""
    _publish(page, data.title, data.lead, data.body, pictures)
    if data.picture is not None and hasattr(page, "picture"):
        page.picture = pictures.get(data.picture)
        page.save_revision().publish()
    for language, words in data.translations.items():
        locale, _created = Locale.objects.get_or_create(language_code=language)
        translated = page.copy_for_translation(locale, copy_parents=True)
        if isinstance(translated, CampaignPage):
            translated.if_less, translated.if_more = words.if_less, words.if_more
            for stage, title in zip(translated.stages, words.stages, strict=True):
                stage.value["title"] = title
        _publish(translated, words.title, words.lead, words.body, pictures)


def _publish(page: Page, title: str, lead: str, body: Any, pictures: "Pictures") -> None:
    page.title, page.lead = title, lead
    if hasattr(page, "body"):
        page.body = json.dumps([_block(block, pictures) for block in body])
        list(page.body)  # reading gives the items of lists their ids; localize finds words by them
    page.save_revision().publish()


class Pictures:
    """Pictures of one site, each file taken once."""

    def __init__(self, site: Site) -> None:
        self.collection = site.walls.collection
        self.known: dict[str, Picture] = {}

    def get(self, data: demo.Picture) -> Picture:
        if data.file not in self.known:
            with data.path.open("rb") as file:
                self.known[data.file] = Picture.objects.create(
                    title=data.alt[:255],
                    alt_text=data.alt[:255],
                    collection=self.collection,
                    file=ImageFile(file, name=data.path.name),
                )
        return self.known[data.file]


def _block(block: demo.Block, pictures: Pictures) -> dict[str, Any]:
    return {"type": block.type, "value": _value(block, pictures)}


def _value(block: demo.Block, pictures: Pictures) -> Any:
    if isinstance(block, demo.TextBlock):
        return block.html
    if isinstance(block, demo.PictureBlock):
        return {"picture": pictures.get(block.picture).pk, "caption": block.caption}
    if isinstance(block, demo.QuoteBlock):
        return {"text": block.text, "who": block.who}
    if isinstance(block, demo.FaqBlock):
        return {"items": [{"question": i.question, "answer": i.answer} for i in block.items]}
    if isinstance(block, demo.StoredBlock):
        return _with_keys(_stored(block), pictures)
    if isinstance(block, demo.VideoBlock):
        poster = pictures.get(block.poster).pk if block.poster else None
        return {"title": block.title, "url": block.url, "poster": poster}
    presets = [{"amount": f"{p.amount:.2f}", "meaning": p.meaning} for p in block.presets]
    return {"heading": block.heading, "intro": block.intro, "presets": presets}


def _stored(block: demo.StoredBlock) -> dict[str, Any]:
    value = dict(block.value)
    if block.type == "table":
        columns = [{"type": kind, "heading": heading} for kind, heading in value["columns"]]
        return value | {"columns": columns, "rows": [{"values": row} for row in value["rows"]]}
    for name, rows in value.items():
        if isinstance(rows, list):
            value[name] = [{"type": "item", "id": str(uuid4()), "value": row} for row in rows]
    return value


def _with_keys(value: Any, pictures: Pictures) -> Any:
    """The same with the number of each picture in its place."""
    if isinstance(value, demo.Picture):
        return pictures.get(value).pk
    if isinstance(value, dict):
        return {key: _with_keys(each, pictures) for key, each in value.items()}
    return [_with_keys(each, pictures) for each in value] if isinstance(value, list) else value


def _open_showcase(centre: Site) -> None:
    page = ShowcasePage(
        title="Все сборы сети",
        slug="vitrina",
        lead="Маленькие суммы, понятные вещи, близкий срок. Выберите дело рядом с вами.",
        show_in_menus=True,
    )
    home = HomePage.objects.get(pk=centre.root_page_id)
    home.add_child(instance=page)
    page.save_revision().publish()
    page.move(home, pos="first-child")


def _list_sites(*, centre: Site, others: list[Site]) -> None:
    """The centre's home leads to the sites, by page links: another port breaks none of them."""
    taglines = dict(Appearance.objects.values_list("site_id", "tagline"))
    links = "".join(
        f'<li><a linktype="page" id="{site.root_page_id}">{escape(site.site_name)}</a>: '
        f"{escape(taglines[site.pk])}</li>"
        for site in others
    )
    home = HomePage.objects.get(pk=centre.root_page_id)
    body = home.body.get_prep_value()
    home.body = json.dumps(
        [{"type": "text", "value": f"<h2>Организации сети</h2><ul>{links}</ul>"}, *body]
    )
    home.save_revision().publish()


def _make_logins() -> None:
    veloput = Site.objects.get(hostname=f"veloput.{settings.BASE_DOMAIN}")
    invitations = (
        invite_coordinator(email=LOGINS[0][0], by=None),
        invite(email=LOGINS[1][0], role=Role.EDITOR, site=veloput, by=None),
        invite(email=LOGINS[2][0], role=Role.ACCOUNTANT, site=veloput, by=None),
    )
    for invitation in invitations:
        accept_invitation(invitation=invitation, password=settings.DEMO_PASSWORD)
