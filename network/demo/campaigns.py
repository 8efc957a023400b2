"""Campaigns of the demo: goal, gifts, news and report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from network.demo.blocks import Block, Picture, read_body, read_picture
from network.demo.pages import PAGE_KEYS, DemoPage, read_page
from network.demo.tables import DemoDataError, Table, check_keys


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


def read_campaign(table: Table, label: str) -> DemoCampaign:
    where = f"campaign {table.get('slug', '')}"
    check_keys(
        table,
        where,
        "slug title lead picture body state topic district donations",
        "translations goal stages budget units if_less if_more deadline_days deadline share report news",
    )
    return DemoCampaign(
        slug=table["slug"],
        page=read_page({key: table[key] for key in PAGE_KEYS if key in table}, where),
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
    check_keys(table, where, "title days_ago body", "picture translations")
    return DemoNews(
        title=table["title"],
        days_ago=table["days_ago"],
        picture=read_picture(table["picture"], where) if "picture" in table else None,
        body=read_body(table, where),
        translations={
            code: (each["title"], read_body(each, f"{where} in {code}"))
            for code, each in table.get("translations", {}).items()
        },
    )


def _lines(table: Table, key: str, where: str) -> tuple[tuple[str, Decimal], ...]:
    lines = tuple((title, Decimal(amount)) for title, amount in table.get(key, ()))
    if lines and sum(amount for _title, amount in lines) != table.get("goal"):
        raise DemoDataError(f"{where}: {key} do not make the goal")
    return lines


def _report(table: Table, where: str) -> DemoReport:
    check_keys(table, f"{where} report", "due event_on event_place event_people spent body")
    return DemoReport(
        due=date.fromisoformat(table["due"]),
        event_on=date.fromisoformat(table["event_on"]),
        event_place=table["event_place"],
        event_people=table["event_people"],
        spent=tuple(Decimal(each) for each in table["spent"]),
        body=read_body(table, f"{where} report"),
    )


def _units(table: Table, where: str) -> tuple[int, str, Decimal] | None:
    if "units" not in table:
        return None
    units = table["units"]
    check_keys(units, f"{where} units", "count noun price")
    if units["count"] * units["price"] != table["goal"]:
        raise DemoDataError(f"{where}: units do not make the goal")
    return units["count"], units["noun"], Decimal(units["price"])


def _donation(table: Table, email: str) -> DemoDonation:
    check_keys(table, "donation", "name show_name amount days_ago message")
    return DemoDonation(**{**table, "amount": Decimal(table["amount"]), "email": email})
