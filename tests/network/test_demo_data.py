import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from stdnum.ru import inn, ogrn

from network.demo.blocks import (
    Block,
    DonationBlock,
    Picture,
    PictureBlock,
    StoredBlock,
    VideoBlock,
    read_block,
    rich_text,
)
from network.demo.campaigns import DemoCampaign
from network.demo.pages import DemoPage
from network.demo.sites import ORDER, DemoSite, load_sites, read_site
from network.demo.tables import FOLDER, PICTURES, DemoDataError

SITES = load_sites()
CAMPAIGNS = [campaign for site in SITES for campaign in site.campaigns]
TODAY = date(2026, 11, 24)

each_site = pytest.mark.parametrize("site", SITES, ids=lambda site: site.label or "centre")
each_campaign = pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda each: each.slug)
each_file = pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem
)


def _control_sum(prefix: str, account: str) -> int:
    digits = [int(digit) for digit in prefix + account]
    return sum(digit * (7, 1, 3)[place % 3] % 10 for place, digit in enumerate(digits)) % 10


def _pages(site: DemoSite) -> Iterator[DemoPage]:
    yield from (site.home, site.about, site.contacts)
    if site.campaigns_page:
        yield site.campaigns_page
    yield from (campaign.page for campaign in site.campaigns)


def _bodies(page: DemoPage) -> Iterator[tuple[Block, ...]]:
    yield page.body
    yield from (translation.body for translation in page.translations.values())


def _pictures(site: DemoSite) -> Iterator[Picture]:
    for page in _pages(site):
        if page.picture:
            yield page.picture
        for block in (block for body in _bodies(page) for block in body):
            if isinstance(block, PictureBlock):
                yield block.picture
            if isinstance(block, VideoBlock):
                yield block.poster
            if isinstance(block, StoredBlock):
                yield from _stored_pictures(block.value)


def _stored_pictures(value: Any) -> Iterator[Picture]:
    if isinstance(value, Picture):
        yield value
    if isinstance(value, dict):
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from _stored_pictures(each)


def test_the_network_has_a_centre_and_six_sites_in_order() -> None:
    assert [site.label for site in SITES] == [
        "",
        "veloput",
        "lapy",
        "dymka",
        "shag",
        "ladushki",
        "invozho",
    ]
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted([*ORDER, "news"])


@each_site
def test_requisites_have_right_control_digits(site: DemoSite) -> None:
    requisites = site.organisation

    assert inn.is_valid(requisites.inn)
    assert ogrn.is_valid(requisites.ogrn)
    assert _control_sum(requisites.bic[-3:], requisites.account_number) == 0
    assert _control_sum("0" + requisites.bic[4:6], requisites.correspondent_account) == 0
    assert requisites.correspondent_account.endswith(requisites.bic[-3:])
    assert re.fullmatch(r"\d{4}[0-9A-Z]{2}\d{3}", requisites.kpp)


@each_site
def test_requisites_belong_to_no_region_and_so_to_nobody(site: DemoSite) -> None:
    requisites = site.organisation

    assert (requisites.inn[:2], requisites.ogrn[3:5], requisites.bic[2:4]) == ("00", "00", "00")
    assert requisites.bank_name == "Тестовый банк"
    assert requisites.email.endswith("example.org")
    assert requisites.phone.startswith("+7 8332 00-00-")


def test_no_two_sites_share_requisites_or_colours() -> None:
    for values in (
        {site.organisation.inn for site in SITES},
        {site.organisation.ogrn for site in SITES},
        {site.organisation.account_number for site in SITES},
        {site.appearance.accent for site in SITES},
    ):
        assert len(values) == len(SITES)


@each_site
def test_site_leads_to_no_real_address(site: DemoSite) -> None:
    channels = " ".join(vars(site.channels).values()).split()

    hosts = [url.removeprefix("https://").partition("/")[0] for url in channels]
    assert all(f".{host}".endswith(".example.org") for host in hosts)


@each_file
def test_texts_keep_the_words_of_the_house(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()

    assert not re.search(r"крауд|\bдонат|донейш|дашборд", text)
    assert "!" not in text
    assert not re.search(r"(?<!\d)\d(?:[ -]?\d){15}(?!\d)", text), "looks like a card number"


@each_site
def test_pictures_are_small_wide_and_described(site: DemoSite) -> None:
    for picture in _pictures(site):
        assert picture.path.stat().st_size <= 120_000
        assert len(picture.alt) > 20
        with Image.open(picture.path) as image:
            assert image.size == (1600, 1000)


@each_site
def test_logo_is_a_transparent_square(site: DemoSite) -> None:
    with Image.open(site.appearance.logo.path) as image:
        assert image.size == (512, 512)
        assert image.convert("RGBA").getchannel("A").getpixel((0, 0)) == 0


def test_every_picture_is_used() -> None:
    used = {picture.file for site in SITES for picture in _pictures(site)}
    used |= {site.appearance.logo.file for site in SITES}

    assert {path.name for path in PICTURES.iterdir()} == used


@each_site
def test_translations_are_in_the_languages_of_the_site(site: DemoSite) -> None:
    others = set(site.languages[1:])

    assert set(site.home.translations) == others
    for campaign in site.campaigns:
        assert set(campaign.page.translations) == others


@each_campaign
def test_every_version_of_a_campaign_begins_with_giving(campaign: DemoCampaign) -> None:
    for body in _bodies(campaign.page):
        first, *rest = body
        assert isinstance(first, DonationBlock)
        assert 3 <= len(first.presets) <= 4
        assert [preset.amount for preset in first.presets] == sorted(
            preset.amount for preset in first.presets
        )
        assert not any(isinstance(block, DonationBlock) for block in rest)


@each_campaign
def test_donations_make_the_stated_share_of_the_goal(campaign: DemoCampaign) -> None:
    assert campaign.goal is not None
    assert campaign.share is not None

    assert abs(campaign.raised * 100 / campaign.goal - campaign.share) <= 5
    assert 12 <= len(campaign.donations) <= 40


@each_campaign
def test_donors_choose_their_words_and_have_addresses_of_their_own(campaign: DemoCampaign) -> None:
    emails = [donation.email for donation in campaign.donations]

    assert len(set(emails)) == len(emails)
    assert all(donation.name or not donation.show_name for donation in campaign.donations)
    assert all(len(donation.message) <= 500 for donation in campaign.donations)


def test_campaigns_show_the_states_they_are_here_for() -> None:
    by_slug = {campaign.slug: campaign for campaign in CAMPAIGNS}

    assert by_slug["gibraltar"].deadline_on(TODAY) == date(2026, 11, 28)
    assert by_slug["gibraltar"].raised == Decimal(24800)
    assert by_slug["kolyaski"].deadline_on(TODAY) is None
    assert min(each.days_ago for each in by_slug["pandus"].donations) == 9
    assert by_slug["festival"].raised > Decimal(27500)


def test_gifts_of_a_finished_campaign_were_given_before_its_end() -> None:
    festival = next(campaign for campaign in CAMPAIGNS if campaign.slug == "festival")
    last = festival.donations[-1]

    assert festival.given_on(last, TODAY) == date(2026, 6, 1)


def test_gifts_of_an_open_campaign_are_counted_from_today() -> None:
    ramp = next(campaign for campaign in CAMPAIGNS if campaign.slug == "pandus")

    assert ramp.given_on(ramp.donations[-1], TODAY) == date(2026, 11, 15)


def test_long_text_becomes_safe_html() -> None:
    assert rich_text("## Зачем\n\nДва <b>слова</b>\nв строке\n\n- раз;\n- два.") == (
        "<h2>Зачем</h2><p>Два &lt;b&gt;слова&lt;/b&gt; в строке</p>"
        "<ul><li>раз;</li><li>два.</li></ul>"
    )


def test_an_unknown_block_is_named() -> None:
    with pytest.raises(DemoDataError, match="home: unknown block type 'carousel'"):
        read_block({"type": "carousel"}, "home")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(DemoDataError, match=r"missing \['about'.*unknown \['abuot'\]"):
        read_site({"label": "x", "abuot": {}})
