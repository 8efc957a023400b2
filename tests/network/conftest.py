import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import transaction
from django.utils import translation
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings
from wagtail.models import Collection, Locale, Page, Site

from accounts.models import User
from donations.models import Fund, PaymentAccount
from network.actions.recipients import Consent, agree_on_recipient
from network.leaving.exporting import export_site
from site_settings.models import Organisation
from tenancy.models import Role
from tenancy.scope import unrestricted
from tests.conftest import SiteClient, put_back
from tests.network.leaving import (
    PASSPHRASE,
    Left,
    books,
    everything,
    fill,
    public_files,
    public_pages,
    silent,
)
from tests.network.recipients import REQUISITES, World


@pytest.fixture(scope="session")
def left(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: Any,
    _rights: tuple[list[ContentType], list[Permission]],
) -> Left:
    """Made once; the network is rolled back, so a test begins with an empty installation."""
    place = tmp_path_factory.mktemp("leaving")
    with (
        django_db_blocker.unblock(),
        unrestricted("test set-up"),
        transaction.atomic(),
    ):
        cache.clear()
        put_back(*_rights)  # the test before may have emptied all tables
        Locale.objects.get_or_create(language_code="ru")
        if not Page.objects.exists():
            Page.add_root(instance=Page(title="Root", slug="root"))
            Collection.add_root(instance=Collection(name="Root"))
        site, before = fill()
        after = everything()
        came = {label: after[label] - before[label] for label in after}
        found = Left(
            site=site,
            file=place / "site.zip",
            with_secrets=place / "secrets.zip",
            folder=place / "unpacked",
            came=came,
            pages=public_pages(site),
            pictures=public_files(),
            books=books(),
        )
        export_site(site=site, to=found.file, passphrase=None, tell=silent)
        export_site(site=site, to=found.with_secrets, passphrase=PASSPHRASE, tell=silent)
        with zipfile.ZipFile(found.file) as archive:
            archive.extractall(found.folder)
        transaction.set_rollback(True)
    cache.clear()
    return found


@pytest.fixture
def home(db: None, settings: Settings, tmp_path: Path) -> Path:
    """An empty stand-alone installation; the folder of its files."""
    settings.NETWORK = False
    settings.ADMIN_HOST = "admin.new-home.example.org"
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def english() -> Iterator[None]:
    """What is refused is told apart by its words."""
    with translation.override("en"):
        yield


@pytest.fixture
def world(site: Site, other_site: Site) -> World:
    """`site` is a group of travellers; `other_site` receives for it."""
    PaymentAccount.objects.filter(site=site).delete()
    Organisation.objects.filter(site=site).update(
        is_group=True, full_name="Пешком к морю", short_name="Пешком к морю"
    )
    Organisation.objects.filter(site=other_site).update(**REQUISITES)
    consent = Consent(other_site, "Ирина Лаптева, директор", date(2026, 3, 1))
    agreement = agree_on_recipient(site=site, consent=consent, by=None)
    return World(site, other_site, Fund.objects.of_site(site).general().get(), agreement)


@pytest.fixture
def accountant(
    world: World, make_person: Callable[..., User], admin_as: Callable[[User], SiteClient]
) -> SiteClient:
    return admin_as(make_person(Role.ACCOUNTANT, world.recipient))
