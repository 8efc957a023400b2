"""A site's own domain: added, seen to point here, made the main one."""

from datetime import timedelta

import dns.resolver
import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django.fixtures import Settings
from wagtail.models import Site

from accounts.models import User
from network import dns as names
from network.actions.addresses import (
    add_hostname,
    check_hostname_points_here,
    check_waiting_hostnames,
    make_main,
    remove_hostname,
)
from network.dns import NO_ANSWER, NO_NAME, CannotResolve
from site_settings.models import LegalKind, LegalText
from tenancy.models import AuditEntry, SiteHostname
from tests.conftest import SiteClient

OURS = frozenset({"203.0.113.10", "2001:db8::10"})


class World:
    """A resolver of a test: what each name points at, or why it does not."""

    def __init__(self, **names: frozenset[str] | str) -> None:
        self.names: dict[str, frozenset[str] | str] = {"admin.localhost": OURS}
        self.asked: list[str] = []

    def __call__(self, name: str) -> frozenset[str]:
        self.asked.append(name)
        found = self.names.get(name, NO_NAME)
        if isinstance(found, str):
            raise CannotResolve(found)
        return found


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def waiting(site: Site) -> SiteHostname:
    return add_hostname(site=site, hostname="https://Dobro.example.org/", by=None)


def test_own_domain_waits_and_a_sub_domain_works_at_once(site: Site, waiting: SiteHostname) -> None:
    assert (waiting.hostname, waiting.verified_at) == ("dobro.example.org", None)
    second = add_hostname(site=site, hostname="velo", by=None)
    assert second.hostname == "velo.localhost"
    assert SiteClient("dobro.example.org").get("/").status_code == 404
    assert SiteClient("velo.localhost").get("/")["Location"] == "http://veloput.localhost:8000/"


@pytest.mark.parametrize(
    ("points", "trouble"),
    [
        (OURS, ""),
        (frozenset({"203.0.113.10"}), ""),
        (frozenset({"203.0.113.10", "198.51.100.1"}), "points elsewhere"),
        (frozenset({"198.51.100.1"}), "points elsewhere"),
        (frozenset(), "has no address"),
        (NO_NAME, NO_NAME),
        (NO_ANSWER, NO_ANSWER),
    ],
)
def test_name_is_ours_only_when_all_it_points_at_is_ours(
    waiting: SiteHostname, world: World, points: frozenset[str] | str, trouble: str
) -> None:
    world.names[waiting.hostname] = points
    row = check_hostname_points_here(waiting, ask=world)
    row.refresh_from_db()
    assert row.finding["trouble"] == trouble
    assert row.finding["wanted"] == sorted(OURS)
    assert (row.verified_at is not None) == (not trouble)
    assert row.checked_at is not None


def test_nothing_is_ours_while_our_own_address_is_not_known(
    waiting: SiteHostname, world: World
) -> None:
    world.names = {"admin.localhost": NO_ANSWER, waiting.hostname: OURS}
    assert check_hostname_points_here(waiting, ask=world).verified_at is None


def test_failing_name_server_closes_no_address_that_worked(
    waiting: SiteHostname, world: World
) -> None:
    world.names[waiting.hostname] = OURS
    check_hostname_points_here(waiting, ask=world)
    world.names[waiting.hostname] = NO_ANSWER
    check_hostname_points_here(waiting, ask=world)
    assert SiteClient(waiting.hostname).get("/").status_code == 301


def test_worker_looks_after_waiting_names_every_ten_minutes_for_two_weeks(
    waiting: SiteHostname, world: World
) -> None:
    assert check_waiting_hostnames(ask=world) == 0
    assert check_waiting_hostnames(ask=world) == 0
    assert world.asked.count(waiting.hostname) == 1
    long_ago = timezone.now() - timedelta(minutes=11)
    SiteHostname.objects.update(checked_at=long_ago)
    world.names[waiting.hostname] = OURS
    assert check_waiting_hostnames(ask=world) == 1
    SiteHostname.objects.update(checked_at=long_ago)
    assert check_waiting_hostnames(ask=world) == 0
    SiteHostname.objects.update(verified_at=None, added_at=timezone.now() - timedelta(days=15))
    assert check_waiting_hostnames(ask=world) == 0
    assert world.asked.count(waiting.hostname) == 2


@pytest.mark.bad_input("change_hostname")
def test_verified_name_becomes_the_main_one_and_the_former_leads_there(
    site: Site, waiting: SiteHostname, world: World
) -> None:
    world.names[waiting.hostname] = OURS
    make_main(row=check_hostname_points_here(waiting, ask=world), by=None)
    assert Site.objects.get(pk=site.pk).hostname == "dobro.example.org"
    assert [row.hostname for row in SiteHostname.objects.all()] == ["veloput.localhost"]
    assert SiteClient("dobro.example.org").get("/").status_code == 200
    texts = LegalText.objects.filter(site=site, body__contains="dobro.example.org")
    assert LegalKind.PRIVACY in texts.values_list("kind", flat=True)  # dated from today on
    moved = SiteClient("veloput.localhost").get("/sbory/?page=2")
    assert moved["Location"] == "http://dobro.example.org:8000/sbory/?page=2"
    make_main(row=SiteHostname.objects.get(), by=None)
    assert SiteClient("veloput.localhost").get("/").status_code == 200


def test_name_that_does_not_point_here_is_not_made_the_main_one(waiting: SiteHostname) -> None:
    with pytest.raises(ValidationError):
        make_main(row=waiting, by=None)
    assert SiteHostname.objects.get().hostname == "dobro.example.org"


@pytest.mark.parametrize(
    "typed", ["lapy", "LAPY.localhost", "dobro.example.org", "admin", "", "a b", "127.0.0.1"]
)
def test_taken_or_wrong_name_is_refused(
    site: Site, other_site: Site, waiting: SiteHostname, typed: str
) -> None:
    for asks in (site, other_site):
        with pytest.raises(ValidationError):
            add_hostname(site=asks, hostname=typed, by=None)
    assert SiteHostname.objects.count() == 1


def test_removed_name_is_free_again(other_site: Site, waiting: SiteHostname) -> None:
    remove_hostname(row=waiting, by=None)
    assert add_hostname(site=other_site, hostname="dobro.example.org", by=None).site == other_site
    whats = AuditEntry.objects.exclude(what="site opened").order_by("pk").values_list("what")
    assert [what for (what,) in whats] == ["address added", "address removed", "address added"]


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("gosuslugi", id="lookalike_gosuslugi"),
        "sber-help",
        "g0suslugi",
        "вк",
        "сбербанк",
    ],
)
def test_name_that_looks_like_a_bank_is_given_by_the_keeper_of_the_server_only(
    site: Site, typed: str
) -> None:
    coordinator = User.objects.create(email="coordinator@example.org")
    root = User.objects.create(email="root@example.org", is_superuser=True)
    for person in (None, coordinator):
        with pytest.raises(ValidationError, match="банк"):
            add_hostname(site=site, hostname=typed, by=person)
    assert add_hostname(site=site, hostname=typed, by=root).pk


@pytest.mark.parametrize("typed", ["bank-edy", "tatbanka", "mir", "max", "24chasa"])
def test_good_word_with_a_bank_in_it_is_nobodys_brand(site: Site, typed: str) -> None:
    assert add_hostname(site=site, hostname=typed, by=None).pk


@pytest.mark.bad_input("foreign_domain_not_verified")
def test_own_domain_answers_for_its_name_itself(site: Site) -> None:
    assert add_hostname(site=site, hostname="sberbank.ru", by=None).verified_at is None


def test_resolver_tells_no_name_from_no_answer(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def refuse(error: type[Exception]) -> None:
        def resolve(*args: object, **kwargs: object) -> None:
            raise error

        monkeypatch.setattr(dns.resolver.Resolver, "resolve", resolve)

    for error, reason in (
        (dns.resolver.NXDOMAIN, NO_NAME),
        (dns.resolver.NoNameservers, NO_ANSWER),
    ):
        refuse(error)
        with pytest.raises(CannotResolve, match=reason):
            names.resolve("dobro.example.org")
