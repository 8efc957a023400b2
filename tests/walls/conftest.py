"""Two furnished sites, and people of one of them who walk about."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import pytest
from wagtail.models import Page, Site

from accounts.actions import invite
from accounts.models import User
from campaigns.models import CampaignPage
from donations.models import AccountKind, Donation, Fund, PaymentAccount
from network.actions.recipients import Consent, agree_on_recipient
from site_settings.models import Organisation
from tenancy import middleware
from tenancy.membership import user_scope
from tenancy.models import Role
from tenancy.scope import Visibility
from tests import ready_made
from tests.conftest import OpenSite, SiteClient
from tests.network.recipients import REQUISITES
from tests.tenancy.conftest import (
    Key,
    Things,
    add_document,
    add_person,
    add_picture,
    keys_of,
    things_of,
)
from tests.walls.addresses import Addresses
from tests.walls.planting import furnish
from tests.walls.rows import Belongings
from tests.walls.walk import Walker

MARK = "zqxhidden"
OWN = "zqxourown"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of 404 are what is wished for."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def _scope_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person may see is computed once a test, not in each of thousands of requests: what
    they change there is taken back."""
    known: dict[tuple[Any, int | None], Visibility] = {}

    def remembered(user: Any, *, chosen: int | None = None) -> Visibility:
        if (user.pk, chosen) not in known:
            known[user.pk, chosen] = user_scope(user, chosen=chosen)
        return known[user.pk, chosen]

    monkeypatch.setattr(middleware, "user_scope", remembered)


@dataclass(frozen=True)
class World:
    own: Things
    theirs: Things


@pytest.fixture
def world(db: None, open_a_site: OpenSite, give: Callable[..., Donation]) -> World:
    """`theirs` is the site whose every text carries MARK. Furnished once: see tests.ready_made."""

    def make(mark: str) -> dict[str, Key]:
        label, name = ("veloput", "") if mark == OWN else (mark, f"{mark} NGO")
        return keys_of(furnish(open_a_site(label, organisation=name), mark, give))

    return World(*(things_of(keys) for keys in ready_made.put([OWN, MARK], make)))


class Who(StrEnum):
    """Whoever walks about. All of them are of `own`, and nobody is of `theirs`."""

    MANAGER = "manager"
    EDITOR = "editor"
    ACCOUNTANT = "accountant"
    OF_TWO_SITES = "of-two-sites"  # editor here, accountant of a third site
    OF_A_RECIPIENT = "of-a-recipient"  # accountant; `own` receives for a third site, not for them


@pytest.fixture
def person(
    world: World,
    make_person: Callable[..., User],
    open_a_site: OpenSite,
    give: Callable[..., Donation],
) -> Callable[[Who], User]:
    def make(who: Who) -> User:
        own, email = world.own.site, "somebody@example.org"
        if who == Who.OF_TWO_SITES:
            third = open_a_site("tretii").site
            invite(email=f"{MARK}@example.org", role=Role.EDITOR, site=third, by=None)
            make_person(Role.ACCOUNTANT, third, email)
            return make_person(Role.EDITOR, own, email)
        if who == Who.OF_A_RECIPIENT:
            group = open_a_site("tretii").site
            groups = Organisation.objects.filter(site__in=(group, world.theirs.site))
            groups.update(is_group=True)
            Organisation.objects.filter(site=own).update(**REQUISITES)
            agree_on_recipient(site=group, consent=Consent(own, "Ирина", date(2026, 3, 1)), by=None)
            accounts = PaymentAccount.objects.filter(site=own)
            accounts.update(is_active=False)  # back to the sandbox, where a test can pay
            accounts.filter(kind=AccountKind.SANDBOX).update(is_active=True)
            give(Fund.objects.get(site=group), pay=True)
            _mark_all_but_the_gift(group)
            return make_person(Role.ACCOUNTANT, own, email)
        return make_person(Role(who.value), own, email)

    return make


def _mark_all_but_the_gift(group: Site) -> None:
    """Of a group its recipient's accountant is shown gifts and what they are for, and nothing of
    its other pages, its files and people."""
    editor = add_person(group, Role.EDITOR, MARK)
    pages = Page.objects.descendant_of(group.root_page, inclusive=True).not_type(CampaignPage)
    for page in pages.specific():
        page.title = f"{MARK} {page.title}"
        page.save_revision(user=editor).publish()
    add_picture(group, f"{MARK} picture", tag=f"{MARK} tag")
    add_document(group, f"{MARK} document", tag=f"{MARK} tag")


Walk = Callable[[Who], tuple[Walker, Addresses]]


@pytest.fixture
def walk_as(
    world: World, person: Callable[[Who], User], admin_as: Callable[[User], SiteClient]
) -> Walk:
    def walk(who: Who) -> tuple[Walker, Addresses]:
        client = admin_as(person(who))
        own, theirs = Belongings(world.own.site), Belongings(world.theirs.site)
        return Walker(client, own, theirs, MARK), Addresses(own, theirs)

    return walk
