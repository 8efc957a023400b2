"""The demo network as data: one TOML file per site, pictures beside them.

``load_sites()`` gives the sites in the order in which they are opened, the centre first.
Nothing here imports Django: ``manage.py demo`` turns these values into pages and payments.

A site's file holds
    label            first part of the host name, "" for the centre itself
    languages        codes, the main language first
    [organisation]   requisites, named as the fields of the organisation's settings. They are
                     invented: region code 00 exists in no register, so neither INN, OGRN nor BIC
                     can belong to anybody, yet every control digit is right
    [appearance]     tagline, accent, second (hex colours), logo (picture); fonts, header, home and
                     footer_notice may be left out
    [channels]       vk_url, max_url, ok_url, telegram_url, each may be ""
    [home]           page; [about], [contacts] and [campaigns_page] are pages too
    [[campaigns]]    slug, page, goal (absent: none), deadline_days (from today) or deadline (a
                     fixed ISO date) or neither, stages and budget (lists of title and sum; each
                     makes the goal), if_less, if_more, units (count, noun, price), share (percent of the goal its donations make),
                     news (title, days_ago, body, optional picture and translations.<code>
                     of title and body),
                     state (a note for those who show the demo), topic and district (for the
                     showcase: every campaign of the demo is in it), donations, report (due,
                     event_on, event_place, event_people, spent: a sum for each line of the budget,
                     body)

A page has title, lead, optional picture, body and ``translations.<code>`` (title, lead, body; of
a campaign also titles of its stages, if_less, if_more).
A picture is ``{ file, alt }`` inside ``pictures/``. A body is a list of blocks, told apart by
``type``: text (text), picture (picture, caption), video (title, url, site_name, poster), quote
(text, who), faq (items of question and answer), donation (heading, intro, presets of amount and
meaning); those of ``AS_STORED`` have the names of the blocks' own fields. Long texts know three marks: an empty line ends a paragraph, ``## `` begins a heading,
``- `` begins a list item; they arrive as safe HTML.

A donation is ``{ name, show_name, amount, days_ago, message }``; ``name`` may be "". Days are
counted back from today, or from the last day of a campaign that is over.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any, TypeVar

FOLDER = Path(__file__).parent
PICTURES = FOLDER / "pictures"
ORDER = ("centre", "veloput", "lapy", "dymka", "shag", "ladushki", "invozho")

Table = Mapping[str, Any]
Kind = TypeVar("Kind")


class DemoDataError(ValueError):
    """A file of the demo lacks something or says something unknown."""


@dataclass(frozen=True)
class Picture:
    file: str
    alt: str

    @property
    def path(self) -> Path:
        return PICTURES / self.file


@dataclass(frozen=True)
class Preset:
    amount: Decimal
    meaning: str


@dataclass(frozen=True)
class FaqItem:
    question: str
    answer: str  # HTML


@dataclass(frozen=True)
class TextBlock:
    html: str
    type: str = field(default="text", init=False)


@dataclass(frozen=True)
class PictureBlock:
    picture: Picture
    caption: str
    type: str = field(default="picture", init=False)


@dataclass(frozen=True)
class VideoBlock:
    title: str
    url: str
    site_name: str
    poster: Picture
    type: str = field(default="video", init=False)


@dataclass(frozen=True)
class QuoteBlock:
    text: str
    who: str
    type: str = field(default="quote", init=False)


@dataclass(frozen=True)
class FaqBlock:
    items: tuple[FaqItem, ...]
    type: str = field(default="faq", init=False)


@dataclass(frozen=True)
class DonationBlock:
    heading: str
    intro: str
    presets: tuple[Preset, ...]
    type: str = field(default="donation", init=False)


@dataclass(frozen=True)
class StoredBlock:
    """A block whose value is written down as the page keeps it."""

    type: str
    value: Table


Block = TextBlock | PictureBlock | VideoBlock | QuoteBlock | FaqBlock | DonationBlock | StoredBlock


@dataclass(frozen=True)
class Translation:
    title: str
    lead: str
    body: tuple[Block, ...]
    stages: tuple[str, ...]
    if_less: str
    if_more: str


@dataclass(frozen=True)
class DemoPage:
    title: str
    lead: str
    picture: Picture | None
    body: tuple[Block, ...]
    translations: Mapping[str, Translation]


@dataclass(frozen=True)
class DemoDonation:
    name: str
    show_name: bool
    amount: Decimal
    days_ago: int
    message: str
    email: str


@dataclass(frozen=True)
class DemoReport:
    due: date
    event_on: date
    event_place: str
    event_people: int
    spent: tuple[Decimal, ...]
    body: tuple[Block, ...]


@dataclass(frozen=True)
class DemoNews:
    title: str
    days_ago: int
    picture: Picture | None
    body: tuple[Block, ...]
    translations: Mapping[str, tuple[str, tuple[Block, ...]]]  # code → title and body


@dataclass(frozen=True)
class DemoCampaign:
    slug: str
    page: DemoPage
    goal: Decimal | None
    stages: tuple[tuple[str, Decimal], ...]
    budget: tuple[tuple[str, Decimal], ...]
    units: tuple[int, str, Decimal] | None
    if_less: str | None  # None: what a new campaign says by itself
    if_more: str | None
    deadline_days: int | None
    deadline: date | None
    share: int | None
    state: str
    topic: str
    district: str
    donations: tuple[DemoDonation, ...]
    report: DemoReport | None
    news: tuple[DemoNews, ...]

    @property
    def raised(self) -> Decimal:
        return sum((donation.amount for donation in self.donations), Decimal(0))

    def deadline_on(self, today: date) -> date | None:
        if self.deadline_days is not None:
            return today + timedelta(days=self.deadline_days)
        return self.deadline

    def given_on(self, donation: "DemoDonation | DemoNews", today: date) -> date:
        last_day = min(today, self.deadline) if self.deadline else today
        return last_day - timedelta(days=donation.days_ago)


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


def rich_text(text: str) -> str:
    """HTML of a long text with the three marks named above."""
    return "".join(_paragraph(part) for part in text.strip().split("\n\n"))


def _paragraph(part: str) -> str:
    lines = [escape(line.strip(), quote=False) for line in part.strip().splitlines()]
    if lines[0].startswith("## "):
        return f"<h2>{lines[0][3:]}</h2>" + (_paragraph("\n".join(lines[1:])) if lines[1:] else "")
    if all(line.startswith("- ") for line in lines):
        return "<ul>" + "".join(f"<li>{line[2:]}</li>" for line in lines) + "</ul>"
    return f"<p>{' '.join(lines)}</p>"


def _load(path: Path) -> DemoSite:
    try:
        return _site(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, DemoDataError) as error:
        raise DemoDataError(f"{path.name}: {error}") from error


def _keys(table: Table, where: str, required: str, optional: str = "") -> None:
    missing = set(required.split()) - set(table)
    unknown = set(table) - set(required.split()) - set(optional.split())
    if missing or unknown:
        raise DemoDataError(f"{where}: missing {sorted(missing)}, unknown {sorted(unknown)}")


def _site(table: Table) -> DemoSite:
    _keys(
        table,
        "site",
        "label languages organisation appearance channels home about contacts",
        "campaigns_page campaigns",
    )
    return DemoSite(
        label=table["label"],
        languages=tuple(table["languages"]),
        organisation=_plain(DemoOrganisation, table["organisation"], "organisation"),
        appearance=_appearance(table["appearance"]),
        channels=_plain(DemoChannels, table["channels"], "channels"),
        home=_page(table["home"], "home"),
        about=_page(table["about"], "about"),
        contacts=_page(table["contacts"], "contacts"),
        campaigns_page=(
            _page(table["campaigns_page"], "campaigns_page") if "campaigns_page" in table else None
        ),
        campaigns=tuple(_campaign(each, table["label"]) for each in table.get("campaigns", ())),
    )


def _plain(kind: type[Kind], table: Table, where: str) -> Kind:
    optional = {name for name in kind.__annotations__ if hasattr(kind, name)}  # with a default
    required = [name for name in kind.__annotations__ if name not in optional]
    _keys(table, where, " ".join(required), " ".join(optional))
    return kind(**table)


def _appearance(table: Table) -> DemoAppearance:
    _keys(table, "appearance", "tagline accent second logo", "fonts header home footer_notice")
    return DemoAppearance(**{**table, "logo": _picture(table["logo"], "logo")})


def _picture(table: Table, where: str) -> Picture:
    return _plain(Picture, table, f"{where} picture")


def _page(table: Table, where: str) -> DemoPage:
    _keys(table, where, "title lead", "picture body translations")
    translations = table.get("translations", {})
    for code, each in translations.items():
        _keys(each, f"{where} in {code}", "title lead", "body stages if_less if_more")
    return DemoPage(
        title=table["title"],
        lead=table["lead"],
        picture=_picture(table["picture"], where) if "picture" in table else None,
        body=_body(table, where),
        translations={
            code: Translation(
                each["title"],
                each["lead"],
                _body(each, f"{where} in {code}"),
                tuple(each.get("stages", ())),
                each.get("if_less", ""),
                each.get("if_more", ""),
            )
            for code, each in translations.items()
        },
    )


def _body(table: Table, where: str) -> tuple[Block, ...]:
    return tuple(_block(block, where) for block in table.get("body", ()))


def _block(table: Table, where: str) -> Block:
    kind = table.get("type", "")
    if kind not in BLOCKS:
        raise DemoDataError(f"{where}: unknown block type {kind!r}")
    keys, build = BLOCKS[kind]
    _keys(table, f"{where}, block {kind}", f"type {keys}")
    return build(table)


def _faq(table: Table) -> FaqBlock:
    for item in table["items"]:
        _keys(item, "faq item", "question answer")
    return FaqBlock(
        tuple(FaqItem(item["question"], rich_text(item["answer"])) for item in table["items"])
    )


def _donation_block(table: Table) -> DonationBlock:
    for preset in table["presets"]:
        _keys(preset, "preset", "amount meaning")
    presets = tuple(Preset(Decimal(each["amount"]), each["meaning"]) for each in table["presets"])
    return DonationBlock(table["heading"], table["intro"], presets)


BLOCKS: dict[str, tuple[str, Callable[[Table], Block]]] = {
    "text": ("text", lambda table: TextBlock(rich_text(table["text"]))),
    "picture": (
        "picture caption",
        lambda table: PictureBlock(_picture(table["picture"], "body"), table["caption"]),
    ),
    "video": (
        "title url site_name poster",
        lambda table: VideoBlock(
            table["title"], table["url"], table["site_name"], _picture(table["poster"], "video")
        ),
    ),
    "quote": ("text who", lambda table: QuoteBlock(table["text"], table["who"])),
    "faq": ("items", _faq),
    "donation": ("heading intro presets", _donation_block),
}
# Items of their lists are tables here; a table's columns are pairs of type and heading.
AS_STORED = {
    "campaigns": "heading show topic order most",
    "people": "heading people",
    "testimonials": "heading words",
    "partners": "heading partners",
    "table": "caption columns rows",
    "totals": "heading",
    "wall": "heading",
}
BLOCKS |= {
    kind: (
        keys,
        lambda table: StoredBlock(
            table["type"], {key: table[key] for key in table if key != "type"}
        ),
    )
    for kind, keys in AS_STORED.items()
}

PAGE_KEYS = ("title", "lead", "picture", "body", "translations")


def _campaign(table: Table, label: str) -> DemoCampaign:
    where = f"campaign {table.get('slug', '')}"
    _keys(
        table,
        where,
        "slug title lead picture body state topic district donations",
        "translations goal stages budget units if_less if_more deadline_days deadline share report news",
    )
    return DemoCampaign(
        slug=table["slug"],
        page=_page({key: table[key] for key in PAGE_KEYS if key in table}, where),
        goal=Decimal(table["goal"]) if "goal" in table else None,
        stages=_lines(table, "stages", where),
        budget=_lines(table, "budget", where),
        units=_units(table, where),
        if_less=table.get("if_less"),
        if_more=table.get("if_more"),
        deadline_days=table.get("deadline_days"),
        deadline=date.fromisoformat(table["deadline"]) if "deadline" in table else None,
        share=table.get("share"),
        state=table["state"],
        topic=table["topic"],
        district=table["district"],
        donations=tuple(
            _donation(each, f"donor{number:02d}@{label}.example.org")
            for number, each in enumerate(table["donations"], start=1)
        ),
        report=_report(table["report"], where) if "report" in table else None,
        news=tuple(_news(each, where) for each in table.get("news", ())),
    )


def _news(table: Table, campaign: str) -> DemoNews:
    where = f"{campaign} news"
    _keys(table, where, "title days_ago body", "picture translations")
    return DemoNews(
        title=table["title"],
        days_ago=table["days_ago"],
        picture=_picture(table["picture"], where) if "picture" in table else None,
        body=_body(table, where),
        translations={
            code: (each["title"], _body(each, f"{where} in {code}"))
            for code, each in table.get("translations", {}).items()
        },
    )


def _lines(table: Table, key: str, where: str) -> tuple[tuple[str, Decimal], ...]:
    lines = tuple((title, Decimal(amount)) for title, amount in table.get(key, ()))
    if lines and sum(amount for _title, amount in lines) != table.get("goal"):
        raise DemoDataError(f"{where}: {key} do not make the goal")
    return lines


def _report(table: Table, where: str) -> DemoReport:
    _keys(table, f"{where} report", "due event_on event_place event_people spent body")
    return DemoReport(
        due=date.fromisoformat(table["due"]),
        event_on=date.fromisoformat(table["event_on"]),
        event_place=table["event_place"],
        event_people=table["event_people"],
        spent=tuple(Decimal(each) for each in table["spent"]),
        body=_body(table, f"{where} report"),
    )


def _units(table: Table, where: str) -> tuple[int, str, Decimal] | None:
    if "units" not in table:
        return None
    units = table["units"]
    _keys(units, f"{where} units", "count noun price")
    if units["count"] * units["price"] != table["goal"]:
        raise DemoDataError(f"{where}: units do not make the goal")
    return units["count"], units["noun"], Decimal(units["price"])


def _donation(table: Table, email: str) -> DemoDonation:
    _keys(table, "donation", "name show_name amount days_ago message")
    return DemoDonation(**{**table, "amount": Decimal(table["amount"]), "email": email})
