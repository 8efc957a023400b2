"""A network whose biggest demo site is about to leave, and what every other row of it says.

The other sites are there first, and each of their texts is marked. So a mark in the file is a leak,
and a row that came afterwards and is not in the file was forgotten: neither is asked of the code
that decides what leaves.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from bs4 import BeautifulSoup
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from wagtail.fields import StreamField
from wagtail.log_actions import log
from wagtail.models import Locale, Page, Site
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from accounts.actions import invite
from accounts.models import User
from campaigns.models import CampaignPage
from campaigns.news import UpdateLetter, UpdateMailing
from content.models import Attachment, Picture
from donations.actions.accounts import use_account
from donations.actions.by_hand import OfflineGift, correct, enter_gift
from donations.actions.followers import ask_to_follow, confirm
from donations.actions.giving import Gift, start_donation
from donations.actions.letters import owe_staff_letters
from donations.actions.payments import refresh_donation
from donations.actions.refunds import refund_donation
from donations.actions.sandbox import decide
from donations.models import (
    AccountKind,
    Donation,
    Follower,
    Fund,
    PaymentAccount,
    SandboxPayment,
    StaffLetterKind,
    Subscription,
)
from home.models import HomePage
from network import demo, demo_network
from network.actions import invite_coordinator
from network.leaving.importing import Imported, import_site
from network.leaving.inventory import all_models
from site_settings.legal import original_wording
from site_settings.models import LegalKind, LegalWording
from tenancy.models import Role
from tests.conftest import SiteClient

MARK = "FOREIGNMARK"
HOST = "veloput.localhost"
PASSPHRASE = "семь чужих слов"
SHOP_KEY = "test_shop_key_of_veloput"
# What other columns are looked up by, and what the roots and languages of every installation say.
KEPT = {"path", "url_path", "slug", "language_code", "hostname", "file", "format", "data_hash"}
SHARED = {
    "wagtailcore.Locale",
    "contenttypes.ContentType",
    "auth.Permission",
    "wagtail_localize.Template",  # tags without words: the same on every site
    "wagtailsearch.IndexEntry",
    "wagtailsearch.SQLiteFTSIndexEntry",
}


def biggest() -> demo.DemoSite:
    """The demo's site with the most languages, and of these the one with the most gifts."""
    sites = demo.load_sites()
    return max(sites, key=lambda site: (len(site.languages), _gifts(site)))


def _gifts(site: demo.DemoSite) -> int:
    return sum(len(campaign.donations) for campaign in site.campaigns)


def everything() -> dict[str, set[Any]]:
    """Every row of every table, by its number."""
    return {
        model._meta.label: set(model._base_manager.values_list("pk", flat=True))
        for model in all_models()
    }


def fill() -> tuple[Site, dict[str, set[Any]]]:
    """The network; the site that leaves, and the rows that were there before it."""
    leaving = biggest()
    assert f"{leaving.label}.localhost" == HOST
    for other in demo.load_sites():
        if other.label != leaving.label and other.label in ("", "lapy"):
            site = demo_network._make_site(other)
            live_with(site, other.label or "centre")
    author = User.objects.create(email="lawyer@centre.example.org", last_name="Тайна")
    words = original_wording(LegalKind.OFFER)
    LegalWording.objects.create(kind=LegalKind.OFFER, body=f"{words} Прежнее.", by=author)
    mark_everything()
    before = everything()
    LegalWording.objects.create(kind=LegalKind.OFFER, body=f"{words} Новое.", by=author)
    cache.clear()
    site = demo_network._make_site(leaving)
    demo_network._make_logins()
    live_with(site, "veloput")
    return site, before


def live_with(site: Site, label: str) -> None:
    """What a site's people do in a year, a little of each."""
    invite_coordinator(email=f"centre-{label}@example.org", by=None)
    invite(email=f"asked@{label}.example.org", role=Role.EDITOR, site=site, by=None)
    manager = User.objects.create(email=f"{label}@example.org", password="a-hash")
    manager.groups.add(site.role_groups.get(role=Role.MANAGER).group)
    _money(site, manager)
    _pages(site, manager)
    _news(site)


def _money(site: Site, manager: User) -> None:
    fund = Fund.objects.filter(site=site, key=None).get()
    outsider = User.objects.create(email=f"once-{site.pk}@centre.example.org", last_name="Тайна")
    _gift(fund, "300.00", monthly=True, email="anna@example.org")
    back = _gift(fund, "250.00")
    refund_donation(donation=back, amount=Decimal("100.50"), reason="ошибка", by=manager)
    day = datetime(2026, 3, 1, tzinfo=UTC).date()
    enter_gift(
        site=site,
        fund=fund,
        gift=OfflineGift(AccountKind.CASH, Decimal("1000.00"), day, document=f"ПКО {site.pk}"),
        by=manager,
    )
    correct(
        fund=fund,
        donation=None,
        amount=Decimal("-10.10"),
        reason="пересчёт",
        document="акт 1",
        key=UUID(int=site.pk),
        by=outsider,
    )
    owe_staff_letters(fund, StaffLetterKind.CARD_TESTING, about="2026-03-01T12:00:00")
    use_account(site=site, kind="yookassa", shop_id=str(site.pk), secret_key=SHOP_KEY, by=manager)


def _gift(fund: Fund, amount: str, **fields: Any) -> Donation:
    number = Donation.objects.count()
    gift = Gift(
        amount=Decimal(amount), key=f"life:{number}", **{"email": "ivan@example.org", **fields}
    )
    donation = start_donation(fund=fund, gift=gift)
    decide(payment=SandboxPayment.objects.get(external_id=str(donation.external_id)), pay=True)
    return refresh_donation(donation, source="return")


def _news(site: Site) -> None:
    """Somebody follows a campaign and waits for a letter, somebody has not confirmed yet."""
    campaign = Fund.objects.filter(site=site).exclude(key=None).first()
    if campaign is None:
        return
    for email in ("olga@example.org", "petr@example.org"):
        ask_to_follow(fund=campaign, email=email, language="ru", page_path="/sbory/")
    olga = Follower.objects.get(site=site, email="olga@example.org")
    confirm(olga)
    mailing = UpdateMailing.objects.filter(site=site).first()
    assert mailing is not None
    UpdateLetter.objects.create(site=site, mailing=mailing, follower=olga)


def _pages(site: Site, manager: User) -> None:
    home = HomePage.objects.get(pk=site.root_page_id)
    foreign = Page.objects.filter(depth=2).exclude(pk=home.pk).first()
    picture = Picture.objects.filter(collection=site.walls.collection).first()
    assert picture is not None
    picture.tags.add("лето")
    paper = Attachment.objects.create(
        title="Отчёт", collection=site.walls.collection, uploaded_by_user=manager
    )
    paper.file.save(f"report-{site.pk}.pdf", ContentFile(b"%PDF-1.4 " + str(site.pk).encode()))
    links = f'<p><a linktype="document" id="{paper.pk}">отчёт</a></p>'
    if foreign is not None:
        links += f'<p><a linktype="page" id="{foreign.pk}">соседи</a></p>'
        data = {"source": {"id": foreign.pk, "title": foreign.title}}
        log(instance=home, action="wagtail.move", data=data, user=manager)
    home.body = json.dumps([*home.body.get_prep_value(), {"type": "text", "value": links}])
    list(home.body)
    with patch("content.models.check_references"):  # a link from before it was refused
        home.save_revision(user=manager).publish()
        _draft_with_anothers_picture(home, picture)
    _translate(site)


def _draft_with_anothers_picture(home: Any, own: Picture) -> None:
    """Only the draft shows it. And one's own that was thrown away: its number is nobody's."""
    Picture.objects.create(
        title="Лишний", file=own.file, collection=own.collection, width=1, height=1
    ).delete()
    foreign = Picture.objects.exclude(collection=own.collection).first()
    if foreign is not None:
        block = {"type": "picture", "value": {"picture": foreign.pk, "caption": "Соседи"}}
        home.body = json.dumps([*home.body.get_prep_value(), block])
        list(home.body)
        home.save_revision()


def _translate(site: Site) -> None:
    page = CampaignPage.objects.descendant_of(site.root_page).first() or site.root_page.specific
    english, _created = Locale.objects.get_or_create(language_code="tt")
    source, _created = TranslationSource.update_or_create_from_instance(page)
    Translation.objects.get_or_create(source=source, target_locale=english)
    for segment in source.stringsegment_set.all():
        StringTranslation.objects.get_or_create(
            translation_of=segment.string,
            locale=english,
            context=segment.context,
            defaults={"data": f"сүз {site.pk}"},
        )


def mark_everything() -> None:
    """Every text of every row says whose it is not."""
    for model in all_models():
        if model._meta.label in SHARED:
            continue
        rows = model._base_manager.all()
        if model._meta.label in ("wagtailcore.Page", "wagtailcore.Collection"):
            rows = rows.filter(depth__gt=1)
        for field in model._meta.local_concrete_fields:
            for pk in rows.values_list("pk", flat=True) if _takes_marks(field) else ():
                rows.filter(pk=pk).update(**{field.attname: _marked(field, pk)})


def _takes_marks(field: models.Field[Any, Any]) -> bool:
    if field.name in KEPT or field.choices or field.is_relation or field.primary_key:
        return False
    if isinstance(field, models.JSONField | StreamField):
        return True
    wide = field.max_length is None or field.max_length >= 40
    return isinstance(field, models.CharField | models.TextField) and wide


def _marked(field: models.Field[Any, Any], pk: Any) -> Any:
    if isinstance(field, models.JSONField):
        return {"title": MARK}
    if isinstance(field, StreamField):
        return json.dumps([{"type": "text", "value": f"<p>{MARK}</p>"}])
    text = f"{MARK}-{str(pk)[-12:]}"
    return f"{text}@example.org" if isinstance(field, models.EmailField) else text


def lines_of(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(table, row) of an unpacked file."""
    for path in sorted((folder / "rows").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            yield path.stem, json.loads(line)


TOKEN = re.compile(r'(name="(?:token|nonce)"[^>]*value=")[^"]*')


def silent(label: str, done: int, total: int) -> None:
    """Nobody watches."""


@dataclass
class Left:
    """The site at its old home, and its files."""

    site: Site
    file: Path
    with_secrets: Path
    folder: Path  # the first file, unpacked
    came: dict[str, set[Any]]  # rows that the site brought into the network
    pages: dict[str, str]
    pictures: dict[str, str]
    books: list[Any]


def arrive(file: Path, passphrase: str = PASSPHRASE) -> Imported:
    return import_site(path=file, ask_passphrase=lambda: passphrase, tell=silent)


def public_pages(site: Site) -> dict[str, str]:
    """Path → what a visitor reads there, but for what every moment makes anew."""
    browser = SiteClient(site.hostname)
    found = {}
    homes = Page.objects.filter(translation_key=site.root_page.translation_key)
    for each in homes:
        for page in Page.objects.descendant_of(each, inclusive=True).live():
            path = page.specific.get_url_parts(None)[2]
            answer = browser.get(path)
            assert answer.status_code == 200, path
            text = TOKEN.sub(r"\1", answer.content.decode())
            # Where there are several sites, pages are linked to with their host.
            found[path] = text.replace(f'href="{site.root_url}/', 'href="/')
    for kind in LegalKind:
        found[f"/legal/{kind}/"] = legal_text(browser, kind)
    return found


def legal_text(browser: SiteClient, kind: str) -> str:
    answer = browser.get(f"/legal/{kind}/")
    assert answer.status_code == 200, kind
    return "".join(one.get_text() for one in BeautifulSoup(answer.content, "html.parser")("main"))


def public_files() -> dict[str, str]:
    """Every picture and document by name, with a checksum of what is in it."""
    names = [
        *Picture.objects.filter(collection__walls__site__hostname=HOST).values_list(
            "file", flat=True
        ),
        *Attachment.objects.filter(collection__walls__site__hostname=HOST).values_list(
            "file", flat=True
        ),
    ]
    found = {}
    for name in names:
        with default_storage.open(name) as file:
            found[name] = hashlib.sha256(file.read()).hexdigest()
    return found


def books() -> list[Any]:
    """The books of the site as donors and accountants know them: public ids and sums."""
    gifts = Donation.objects.filter(site__hostname=HOST).order_by("public_id")
    funds = Fund.objects.filter(site__hostname=HOST).order_by("public_id")
    monthly = Subscription.objects.filter(site__hostname=HOST).order_by("public_id")
    return [
        list(funds.values_list("public_id", "key", "raised", "refunded", "count")),
        list(gifts.values_list("public_id", "amount", "refunded", "corrected", "state", "paid_at")),
        list(monthly.values_list("public_id", "amount", "period")),
        sorted(PaymentAccount.objects.filter(site__hostname=HOST).values_list("token", flat=True)),
    ]
