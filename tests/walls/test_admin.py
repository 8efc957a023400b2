"""Every screen of the admin, asked by people of one site with everything of another's."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.models import Collection, Page, Workflow

from accounts.models import User
from content.models import Attachment, Picture
from tenancy.admin_gate import open_screens
from tenancy.models import Role
from tests.walls.addresses import Addresses, Screen, screens
from tests.walls.conftest import MARK, Walk, World
from tests.walls.rows import Belongings
from tests.walls.walk import Walker, filter_queries, form_data, forms_in, told

pytestmark = [
    pytest.mark.walls,
    # Wagtail leaves the temporary file of a new rendition to the garbage collector.
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. .function SpooledTemporaryFile:"
        "pytest.PytestUnraisableExceptionWarning"
    ),
]

# The manager may do what the editor and the accountant may; those two walk every sixth screen, or
# with WALLS=full all of them.
FULL = os.environ.get("WALLS") == "full"
PARTS = 4
SAMPLE = 1 if FULL else 6
WALKS = [
    pytest.param(role, part, id=f"{role.value}-{part}")
    for role in (Role.MANAGER, Role.EDITOR, Role.ACCOUNTANT)
    for part in range(PARTS if FULL or role == Role.MANAGER else 1)
]
# It fails on purpose, to look at Wagtail's own page of errors.
ERROR_TEST = "wagtailadmin_error_test"


def screens_of(role: Role, part: int) -> list[Screen]:
    """Each part has its share of all screens, open ones first: they take the time."""
    known = [screen for screen in screens() if screen.name != ERROR_TEST]
    known.sort(key=lambda screen: screen.name not in open_screens())
    step = PARTS if FULL or role == Role.MANAGER else SAMPLE
    return known[part::step]


def queries(theirs: Belongings) -> list[str]:
    """A part of the mark is sought: what an answer repeats of the question is then no leak."""
    page, picture = theirs.of(Page)[-1], theirs.of(Picture)[-1]
    many = "".join(f"&id={pk}" for pk in {page, picture, theirs.of(Attachment)[-1]})
    ids = (
        f"&site={theirs.site.pk}&site_pk={theirs.site.pk}&collection_id={theirs.of(Collection)[0]}"
        f"&user={theirs.of(User)[0]}&owner={theirs.of(User)[0]}&child_of={page}&childOf={page}"
        f"&descendant_of={page}&parent={page}"
    )
    return [
        f"?q={MARK[:-2]}&term={MARK[:-2]}&search={MARK[:-2]}&search_all=true{many}",
        f"?x=1{ids}",
        f"?export=xlsx&id=all&childOf={page}",
        f"?export=csv{many}",
    ]


@pytest.mark.parametrize(("role", "part"), WALKS)
@pytest.mark.bad_input("editor_chooser", "editor_reports", "editor_api")
def test_nothing_of_another_site_is_shown(role: Role, part: int, walk_as: Walk) -> None:
    walker, addresses = walk_as(role)
    for screen in screens_of(role, part):
        is_open = screen.name in open_screens()
        for number, (address, nothing) in enumerate(addresses.foreign(screen, thorough=is_open)):
            if nothing and is_open:
                walker.compare(address, nothing)
            else:
                walker.get(address)
            for query in queries(walker.theirs) if number < (2 if is_open else 1) else ():
                walker.get(address, query)
        if is_open:
            look_at_own(walker, addresses, screen)
    assert not walker.findings, told(walker.findings)
    assert walker.asked > 300


def look_at_own(walker: Walker, addresses: Addresses, screen: Screen) -> None:
    """One's own place, with every filter set to something of the other site."""
    for address in addresses.own_places(screen):
        response = walker.get(address)
        if response.status_code == 200:
            for query in (*queries(walker.theirs), *filter_queries(response, walker.theirs)):
                walker.get(address, query)


def everything_of(theirs: Belongings) -> dict[str, Any]:
    """Ids of the other site under every name that some form of Wagtail reads."""
    page, user = theirs.of(Page)[-1], theirs.of(User)[0]
    return {
        **dict.fromkeys(("new_parent_page", "chooser", "page", "parent_page", "pk"), page),
        **dict.fromkeys(("user", "owner", "person", "by"), user),
        **dict.fromkeys(("group", "groups", "role"), theirs.of(Group)[0]),
        **dict.fromkeys(("id", "ids", "lines", "line", "donation", "fund"), page),
        "site": theirs.site.pk,
        "collection": theirs.of(Collection)[0],
        "parent": theirs.of(Collection)[0],
        "workflow": theirs.of(Workflow)[0],
        "root_page": page,
        "hostname": "elsewhere.localhost",
        "title": "word", "name": "word", "new_title": "word", "new_slug": "word", "slug": "word",
        "email": "somebody-new@example.org", "restriction_type": "none", "action": "approve",
        "is_superuser": "on", "tags": "word", "comment": "word", "reason": "word",
    }  # fmt: skip


@pytest.mark.parametrize(("role", "part"), WALKS)
@pytest.mark.bad_input("editor_idor_post", "editor_bulk")
def test_nothing_of_another_site_is_changed(role: Role, part: int, walk_as: Walk) -> None:
    walker, addresses = walk_as(role)
    every = everything_of(walker.theirs)
    for screen in screens_of(role, part):
        is_open = screen.name in open_screens()
        for address, _nothing in addresses.foreign(screen, thorough=is_open):
            walker.post(address, every)
            if is_open:
                walker.post(address, {})
                for query in queries(walker.theirs)[:1]:
                    walker.post(address + query, every)
        if is_open:
            for address, data in forms_of(walker, addresses, screen):
                walker.post(address, data)
    assert not walker.findings, told(walker.findings)
    assert walker.asked > 300


def forms_of(
    walker: Walker, addresses: Addresses, screen: Screen
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Forms of one's own places, sent with what is the other site's."""
    for address in addresses.own_places(screen):
        response = walker.get(address)
        found = list(forms_in(response)) if response.status_code == 200 else []
        if not found:
            yield address, everything_of(walker.theirs)
        for form in found:
            for data in form_data(form, walker.theirs):
                yield address, data
                if isinstance(form, WagtailAdminPageForm):
                    yield address, data | {"action-publish": "1"}


def test_the_walk_is_not_blind(
    world: World, walk_as: Walk, make_person: Callable[..., User]
) -> None:
    """Somebody of the other site is told, and changes, what this walk looks for."""
    walker, _addresses = walk_as(Role.MANAGER)
    insider = make_person(Role.EDITOR, world.theirs.site, email="insider@example.org")
    walker.client.force_login(insider)
    walker.get(f"/admin/pages/{world.theirs.about.pk}/edit/")
    walker.post(f"/admin/pages/{world.theirs.about.pk}/unpublish/", {})
    kinds = {finding.what for finding in walker.findings}
    assert {"read", "changed"} <= kinds
