"""Two furnished sites, and people of one of them who walk about."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from accounts.models import User
from donations.models import Donation
from tenancy.models import Role
from tests import ready_made
from tests.conftest import OpenSite, SiteClient
from tests.tenancy.conftest import Key, Things, keys_of, things_of
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


Walk = Callable[[Role], tuple[Walker, Addresses]]


@pytest.fixture
def walk_as(
    world: World,
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
) -> Walk:
    def walk(role: Role) -> tuple[Walker, Addresses]:
        person = make_person(role, world.own.site, email="somebody@example.org")
        client = admin_as(person)
        own, theirs = Belongings(world.own.site), Belongings(world.theirs.site)
        return Walker(client, own, theirs, MARK), Addresses(own, theirs)

    return walk
