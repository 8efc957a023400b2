"""Two furnished sites, and people of one of them who walk about."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from accounts.models import User
from donations.models import Donation
from network.actions import OpenedSite
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.tenancy.conftest import Things
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
def world(open_a_site: Callable[..., OpenedSite], give: Callable[..., Donation]) -> World:
    """`theirs` is the site whose every text carries MARK."""
    own = furnish(open_a_site("veloput"), OWN, give)
    return World(own, furnish(open_a_site(MARK, organisation=f"{MARK} NGO"), MARK, give))


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
