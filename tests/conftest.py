"""Fixtures for everybody. Data is made the way it is made in life: by actions."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings
from wagtail.models import Collection, Locale, Page, Site

from accounts.models import User
from campaigns import visits
from campaigns.visits import Tally
from donations.actions.accounts import use_account
from donations.actions.giving import Gift, start_donation
from donations.actions.payments import refresh_donation
from donations.actions.sandbox import decide
from donations.models import Donation, Fund, PaymentAccount, SandboxPayment
from donations.providers import gate
from network.actions import OpenedSite, ensure_coordinators, open_site
from tenancy.models import Role, RoleGroup
from tenancy.scope import scoped, unrestricted
from tests import migrated, ready_made
from tests.emulator import YooKassaEmulator

PASSWORD = "dva slova i 47"
EMPTIED = pytest.StashKey[bool]()  # set once a test with real commits has run in this worker
COLLECTED = pytest.StashKey[list[pytest.Item]]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """All tests there are, before any is left out, for tests/test_bad_inputs.py."""
    config.stash[COLLECTED] = list(items)


@pytest.fixture(autouse=True)
def see_everything() -> Iterator[None]:
    """A test's own queries see all rows; what a request sees is set by the request (SiteClient)."""
    with unrestricted("test set-up"):
        yield


@pytest.fixture(autouse=True)
def no_visits_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Visits are written when a test says so: the clock would write them into the next test's."""
    tally = Tally()
    tally.by_the_clock = False
    monkeypatch.setattr(visits, "tally", tally)


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """SQLite's file lies in a folder of this run alone: what is there is ours to go on with."""
    return migrated.on_sqlite() or bool(request.config.getoption("reuse_db"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    migrated.lay_out()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        migrated.keep()


@pytest.fixture(scope="session")
def _rights(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> tuple[list[ContentType], list[Permission]]:
    """Content types and permissions as the migrations left them."""
    with django_db_blocker.unblock():
        return list(ContentType.objects.all()), list(Permission.objects.all())


def put_back(types: list[ContentType], permissions: list[Permission]) -> None:
    """Emptied tables get new content types, but Wagtail's policies keep the old ones in memory, and
    a permission made by a migration is not made again."""
    if set(ContentType.objects.values_list("pk", flat=True)) == {kind.pk for kind in types}:
        return
    for model in (Permission, ContentType):
        rows = model.objects.all()
        rows._raw_delete(rows.db)
    ContentType.objects.bulk_create(types)
    Permission.objects.bulk_create(permissions)
    ContentType.objects.clear_cache()


@pytest.fixture(autouse=True)
def _roots(request: pytest.FixtureRequest, see_everything: None) -> None:
    """After a test with real commits the tables are emptied, Wagtail's own roots included."""
    cache.clear()
    if {"db", "transactional_db", "django_db_setup"} & set(request.fixturenames) or (
        request.node.get_closest_marker("django_db")
    ):
        types, permissions = request.getfixturevalue("_rights")
        request.getfixturevalue("transactional_db" if _is_transactional(request) else "db")
        if EMPTIED in request.config.stash:
            put_back(types, permissions)
            Locale.objects.get_or_create(language_code=django_settings.LANGUAGE_CODE)
            if not Page.objects.filter(depth=1).exists():
                Page.add_root(instance=Page(title="Root", slug="root"))
            if not Collection.objects.filter(depth=1).exists():
                Collection.add_root(instance=Collection(name="Root"))
        if _is_transactional(request):
            request.config.stash[EMPTIED] = True
        elif READY_MADE.keys() & set(request.fixturenames):
            request.getfixturevalue("_sites")  # before any other fixture writes a row


def _is_transactional(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    names = {"transactional_db", "live_server"} & set(request.fixturenames)
    return bool(names) or bool(marker and marker.kwargs.get("transaction"))


class SiteClient(Client):
    """A browser at one host. Each request begins without a scope, as in a fresh server thread."""

    def __init__(self, host: str, **defaults: Any) -> None:
        super().__init__(**{"HTTP_HOST": host, **defaults})
        self.host = host

    def request(self, **request: Any) -> Any:
        with scoped(None):
            return super().request(**request)

    def send_form(self, path: str, data: dict[str, Any], **headers: Any) -> Any:
        """POST as a browser does from a page of the same site."""
        return self.post(path, data, **{"HTTP_SEC_FETCH_SITE": "same-origin", **headers})


OpenSite = Callable[..., OpenedSite]


@pytest.fixture
def open_a_site(db: None) -> OpenSite:
    """Open a site: open_a_site("lapy") or open_a_site("lapy", organisation="Приют")."""

    def make(label: str, organisation: str = "") -> OpenedSite:
        return open_site(
            organisation=organisation or f"НКО {label}",
            hostname=f"{label}.{django_settings.BASE_DOMAIN}",
            editor_email="",
            by=None,
        )

    return make


READY_MADE = {"site": "veloput", "other_site": "lapy"}


@pytest.fixture
def _sites(request: pytest.FixtureRequest, open_a_site: OpenSite) -> None:
    """Both sites before anything else is written: their rows have the same ids in every test."""
    labels = [READY_MADE[name] for name in READY_MADE if name in request.fixturenames]
    if _is_transactional(request):
        for label in labels:
            open_a_site(label)
    else:
        ready_made.put(labels, open_a_site)


@pytest.fixture
def site(_sites: None) -> Site:
    return Site.objects.get(hostname=f"veloput.{django_settings.BASE_DOMAIN}")


@pytest.fixture
def other_site(_sites: None) -> Site:
    return Site.objects.get(hostname=f"lapy.{django_settings.BASE_DOMAIN}")


@pytest.fixture
def fund(site: Site) -> Fund:
    """The general fund of `site`."""
    return Fund.objects.of_site(site).general().get()


@pytest.fixture
def visitor(site: Site) -> SiteClient:
    """Somebody who looks at the public pages of `site`."""
    return SiteClient(site.hostname)


@pytest.fixture
def make_person(db: None) -> Callable[..., User]:
    """make_person(Role.EDITOR, site) or make_person(Role.COORDINATOR)."""

    def make(role: Role, site: Site | None = None, email: str = "") -> User:
        if role == Role.COORDINATOR:
            group = ensure_coordinators()
        else:
            group = RoleGroup.objects.get(site=site, role=role).group
        address = email or f"{role.value}@{site.hostname if site else 'centre'}.example.org"
        user, _created = User.objects.get_or_create(email=address)
        user.set_password(PASSWORD)
        user.save()
        user.groups.add(group)
        return user

    return make


@pytest.fixture
def admin_as() -> Callable[[User], SiteClient]:
    """A browser on the admin host, signed in as the given person."""

    def sign_in(user: User) -> SiteClient:
        client = SiteClient(django_settings.ADMIN_HOST)
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def give() -> Callable[..., Donation]:
    """Begin a gift: give(fund, "500.00", email=…). With pay=True also pay it in the sandbox."""

    def begin(fund: Fund, amount: str = "500.00", *, pay: bool = False, **fields: Any) -> Donation:
        number = Donation.objects.count()
        gift = Gift(
            amount=Decimal(amount),
            email=fields.pop("email", "anna@example.org"),
            key=fields.pop("key", f"test:{number}"),
            **fields,
        )
        donation = start_donation(fund=fund, gift=gift)
        if pay:
            decide(
                payment=SandboxPayment.objects.get(external_id=str(donation.external_id)), pay=True
            )
            donation = refresh_donation(donation, source="return")
        return donation

    return begin


@pytest.fixture
def emulator(settings: Settings) -> Iterator[YooKassaEmulator]:
    """The payment service, as a real server on loopback."""
    gate.forget()
    with YooKassaEmulator() as running:
        settings.YOOKASSA_API_URL = running.url
        yield running


@pytest.fixture
def shop(emulator: YooKassaEmulator, site: Site) -> PaymentAccount:
    """`site` is paid through a test shop of the emulator."""
    emulator.add_shop("100500", "test_secret_of_veloput")
    return use_account(
        site=site, kind="yookassa", shop_id="100500", secret_key="test_secret_of_veloput", by=None
    )
