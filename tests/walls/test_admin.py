"""Every screen of the admin, asked by people of one site with everything of another's."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.urls import resolve
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.models import Collection, Page, Workflow

from accounts.models import User
from content.models import Attachment, Picture
from tenancy.admin_gate import open_screens
from tenancy.models import Role
from tests.walls.addresses import FULL, Addresses, Screen, screens
from tests.walls.conftest import MARK, Walk, Who, World
from tests.walls.rows import Belongings
from tests.walls.walk import Finding, Walker, filter_queries, form_data, forms_in, told

pytestmark = [
    pytest.mark.walls,
    # Wagtail leaves the temporary file of a new rendition to the garbage collector.
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. .function SpooledTemporaryFile:"
        "pytest.PytestUnraisableExceptionWarning"
    ),
]

# The manager may do what the editor and the accountant may; the others walk every sixteenth,
# each other ones, or with WALLS=full all of them.
PARTS, SAMPLE = 4, 16
WALKS = [
    pytest.param(who, part, id=f"{who.value}-{part}")
    for number, who in enumerate(Who)
    for part in (range(PARTS) if FULL or who == Who.MANAGER else [3 * (number - 1)])
]
URLENCODED = "application/x-www-form-urlencoded"
# What a sample of a role has at least.
BOOKS = ("donations:index", "donation_in_books", "correct_donation", "donor_address")
# It fails on purpose, to look at Wagtail's own page of errors.
ERROR_TEST = "wagtailadmin_error_test"


def screens_of(who: Who, part: int) -> list[Screen]:
    """Each part has its share of all screens, open ones first: they take the time."""
    known = [screen for screen in screens() if screen.name != ERROR_TEST]
    known.sort(key=lambda screen: screen.name not in open_screens())
    if FULL or who == Who.MANAGER:
        return known[part::PARTS]
    by_name = {screen.name: screen for screen in known}
    return list(dict.fromkeys([*known[part::SAMPLE], *(by_name[name] for name in BOOKS)]))


def queries(theirs: Belongings) -> list[str]:
    """A part of the mark is sought: what an answer repeats of the question is then no leak."""
    page, picture = theirs.of(Page)[-1], theirs.of(Picture)[-1]
    bulk = {page, picture, theirs.of(Attachment)[-1], theirs.of(User)[0]}
    many = "".join(f"&id={pk}" for pk in sorted(bulk))
    ids = (
        f"&site={theirs.site.pk}&site_pk={theirs.site.pk}&collection_id={theirs.of(Collection)[0]}"
        f"&user={theirs.of(User)[0]}&owner={theirs.of(User)[0]}&child_of={page}&childOf={page}"
        f"&descendant_of={page}&parent={page}"
    )
    return [
        f"?q={MARK[:-2]}&term={MARK[:-2]}&search={MARK[:-2]}&search_all=true{many}",
        f"?x=1{ids}",
        f"?export=xlsx&id=all&childOf={page}{many}",
        "?export=csv",
    ]


def of_the_kind(address: str, theirs: Belongings) -> str:
    """Ids of the model a bulk action is for, and no others: one of another kind hides a hole."""
    named = resolve(address).kwargs
    model = apps.get_model(named["app_label"], named["model_name"])
    return "?x=1" + "".join(f"&id={pk}" for pk in theirs.of(model)[-2:])


@pytest.mark.parametrize(("who", "part"), WALKS)
@pytest.mark.bad_input("editor_chooser", "editor_reports", "editor_api")
def test_nothing_of_another_site_is_shown(who: Who, part: int, walk_as: Walk) -> None:
    walker, addresses = walk_as(who)
    for screen in screens_of(who, part):
        if screen.name not in open_screens():
            find_closed(walker, addresses, screen)
            continue
        for number, (address, nothing) in enumerate(addresses.foreign(screen)):
            if nothing:
                walker.compare(address, nothing)
            else:
                walker.get(address)
            # A bulk action reads its ids from the question: each is asked, the first ones in full.
            is_bulk = screen.name == "wagtail_bulk_action"
            asked = queries(walker.theirs)[: 4 if number < 2 else is_bulk]
            for query in (*asked, *([of_the_kind(address, walker.theirs)] if is_bulk else [])):
                walker.get(address, query)
        look_at_own(walker, addresses, screen)
    assert not walker.findings, told(walker.findings)
    assert walker.asked > 100


def find_closed(walker: Walker, addresses: Addresses, screen: Screen) -> None:
    """The table is asked for the screen's name alone: one address speaks for all."""
    for address, _nothing in islice(addresses.foreign(screen), None if FULL else 1):
        if walker.get(address).status_code != 404:
            walker.findings.append(Finding("not closed", "GET", address))
        if walker.post(address, everything_of(walker.theirs)).status_code != 404:
            walker.findings.append(Finding("not closed", "POST", address))


def look_at_own(walker: Walker, addresses: Addresses, screen: Screen) -> None:
    """One's own places; the first ones with every filter set to something of the other site."""
    number = 0
    for address, response in opened(walker, addresses, screen):
        if response.status_code == 200 and (FULL or number < 2):
            number += 1
            for query in (*queries(walker.theirs), *filter_queries(response, walker.theirs)):
                walker.get(address, query)


def opened(walker: Walker, addresses: Addresses, screen: Screen) -> Iterator[tuple[str, Any]]:
    """One's own places, of all kinds, until enough of them are open."""
    for enough, places in addresses.own_places(screen):
        found = 0
        for address in places:
            response = walker.get(address)
            yield address, response
            found += response.status_code == 200
            if found == enough:
                break


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


@pytest.mark.parametrize(("who", "part"), WALKS)
@pytest.mark.bad_input("editor_idor_post", "editor_bulk")
def test_nothing_of_another_site_is_changed(who: Who, part: int, walk_as: Walk) -> None:
    walker, addresses = walk_as(who)
    every = everything_of(walker.theirs)
    for screen in screens_of(who, part):
        if screen.name not in open_screens():
            continue
        for number, (address, _nothing) in enumerate(addresses.foreign(screen)):
            walker.post(address, {})
            walker.post(address + queries(walker.theirs)[0], every)
            if screen.name == "wagtail_bulk_action":
                walker.post(address + of_the_kind(address, walker.theirs), every)
            if screen.is_api or not number:
                walker.send("put", address, "value=word", content_type=URLENCODED)
                walker.send("delete", address, "")
        for address, data in forms_of(walker, addresses, screen):
            walker.post(address, data)
    assert not walker.findings, told(walker.findings)
    assert walker.asked > 100


def forms_of(
    walker: Walker, addresses: Addresses, screen: Screen
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Forms of one's own places, sent with what is the other site's."""
    for address, response in opened(walker, addresses, screen):
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
    walker, _addresses = walk_as(Who.MANAGER)
    insider = make_person(Role.EDITOR, world.theirs.site, email="insider@example.org")
    walker.client.force_login(insider)
    walker.get(f"/admin/pages/{world.theirs.about.pk}/edit/")
    walker.post(f"/admin/pages/{world.theirs.about.pk}/unpublish/", {})
    kinds = {finding.what for finding in walker.findings}
    assert {"read", "changed"} <= kinds
