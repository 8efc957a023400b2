"""The sites of the demo, each from its file."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from network.demo.blocks import Picture, read_picture
from network.demo.campaigns import DemoCampaign, read_campaign
from network.demo.pages import DemoPage, read_page
from network.demo.tables import FOLDER, DemoDataError, Table, check_keys, read_plain

ORDER = ("centre", "veloput", "lapy", "dymka", "shag", "ladushki", "invozho")


@dataclass(frozen=True)
class DemoOrganisation:
    short_name: str
    full_name: str
    inn: str
    kpp: str
    ogrn: str
    legal_address: str
    director_name: str
    email: str
    phone: str
    bank_name: str
    bic: str
    account_number: str
    correspondent_account: str


@dataclass(frozen=True)
class DemoAppearance:
    tagline: str
    accent: str
    second: str
    logo: Picture
    fonts: str = "neighbour"
    header: str = "line"
    home: str = "beside"
    footer_notice: str = ""


@dataclass(frozen=True)
class DemoChannels:
    vk_url: str
    max_url: str
    ok_url: str
    telegram_url: str
    widget_addresses: str = ""


@dataclass(frozen=True)
class DemoSite:
    label: str
    languages: tuple[str, ...]
    organisation: DemoOrganisation
    appearance: DemoAppearance
    channels: DemoChannels
    home: DemoPage
    about: DemoPage
    contacts: DemoPage
    campaigns_page: DemoPage | None  # None at the centre, which has the showcase instead
    campaigns: tuple[DemoCampaign, ...]


def load_sites() -> list[DemoSite]:
    """All sites of the demo; raises ``DemoDataError`` naming the file and the key at fault."""
    return [_load(FOLDER / f"{name}.toml") for name in ORDER]


def _load(path: Path) -> DemoSite:
    try:
        return read_site(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, DemoDataError) as error:
        raise DemoDataError(f"{path.name}: {error}") from error


def read_site(table: Table) -> DemoSite:
    check_keys(
        table,
        "site",
        "label languages organisation appearance channels home about contacts",
        "campaigns_page campaigns",
    )
    return DemoSite(
        label=table["label"],
        languages=tuple(table["languages"]),
        organisation=read_plain(DemoOrganisation, table["organisation"], "organisation"),
        appearance=_appearance(table["appearance"]),
        channels=read_plain(DemoChannels, table["channels"], "channels"),
        home=read_page(table["home"], "home"),
        about=read_page(table["about"], "about"),
        contacts=read_page(table["contacts"], "contacts"),
        campaigns_page=(
            read_page(table["campaigns_page"], "campaigns_page")
            if "campaigns_page" in table
            else None
        ),
        campaigns=tuple(read_campaign(each, table["label"]) for each in table.get("campaigns", ())),
    )


def _appearance(table: Table) -> DemoAppearance:
    check_keys(table, "appearance", "tagline accent second logo", "fonts header home footer_notice")
    return DemoAppearance(**{**table, "logo": read_picture(table["logo"], "logo")})
