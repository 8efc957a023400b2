"""Each wall holds something: taken out, the walk finds what came through."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from unittest.mock import patch

import pytest
from django.db.models import Q
from wagtail_localize.models import Translation

from donations.managers import InBooks
from tenancy import admin_gate, managers, stock_lists, wagtail_hooks
from tests.tenancy.conftest import add_picture
from tests.walls.addresses import GONE
from tests.walls.conftest import MARK, Walk, Who, World
from tests.walls.walk import Walker

pytestmark = pytest.mark.walls

Steps = Callable[[Walker, World], None]
Breach = Callable[[], AbstractContextManager[object]]


def everything(*_args: object, **_kwargs: object) -> tuple[str, list[object]]:
    return "1 = 1", []


def without_doors(name: str) -> Breach:
    return lambda: patch.dict(admin_gate.open_screens(), {name: ()})


def let_in(*names: str) -> Breach:
    """As if the table knew these screens."""
    return lambda: patch.dict(admin_gate.open_screens(), dict.fromkeys(names, ()))


def see(address: str) -> Steps:
    """Read it, and compare it with what was never there.

    Behind some walls stands Wagtail's own: it tells nothing, yet refuses in other words ("no
    access") than for a thing that does not exist, and so tells that there is one.
    """

    def steps(walker: Walker, world: World) -> None:
        translated = world.theirs.about.translation_key
        theirs = {
            "page": world.theirs.about.pk,
            "document": world.theirs.document.pk,
            "translation": Translation.objects.get(source__object_id=translated).pk,
        }
        known = {"home": world.own.home.pk, "q": MARK[:-2]}
        nothing = dict.fromkeys(theirs, GONE)
        walker.compare(address.format(**theirs, **known), address.format(**nothing, **known))

    return steps


def their_rendition(walker: Walker, world: World) -> None:
    """A file carries the mark in its name only."""
    rendition = add_picture(world.theirs.site, f"{MARK} photo").get_rendition("width-20")
    if walker.get(rendition.url).status_code == 200:
        walker.findings.append(None)  # type: ignore[arg-type]


WALLS: dict[str, tuple[Breach, Steps]] = {
    "the table is closed by default": (
        let_in("wagtailadmin_tag_autocomplete"),
        see("/admin/tag-autocomplete/?term=zqx"),
    ),
    "pages named in an address are one's own": (
        lambda: patch.object(admin_gate, "PAGE_ARGUMENTS", ()),
        see("/admin/pages/{page}/privacy/"),
    ),
    "every id of a bulk action is one's own": (
        without_doors("wagtail_bulk_action"),
        see("/admin/bulk/wagtailcore/page/delete/?id={page}"),
    ),
    "translations are of one's own pages": (
        without_doors("wagtail_localize:download_pofile"),
        see("/admin/localize/translate/{translation}/pofile/download/"),
    ),
    "pages of a multiple choice are one's own": (
        without_doors("wagtailadmin_choose_page_chosen_multiple"),
        see("/admin/choose-page/chosen-multiple/?id={page}"),
    ),
    "the chooser of pages is narrowed": (
        lambda: patch.object(wagtail_hooks, "own_pages", Q),
        see("/admin/choose-page/search/?q={q}"),
    ),
    "filters offer one's own sites": (
        lambda: patch.object(stock_lists, "current", lambda: None),
        see("/admin/pages/{home}/"),
    ),
    "managers narrow by site": (
        lambda: patch.object(managers.SiteInScope, "condition", everything),
        see("/admin/donations/"),
    ),
    "managers narrow by collection": (
        lambda: patch.object(managers.CollectionInScope, "condition", everything),
        see("/admin/documents/chooser/chosen/{document}/"),
    ),
    "media are of those one may see": (
        lambda: patch.object(managers.CollectionInScope, "condition", everything),
        their_rendition,
    ),
    "books are those one keeps": (
        lambda: patch.object(InBooks, "condition", everything),
        see("/admin/donations/"),
    ),
    "people are those of one's sites": (
        lambda: patch.object(managers.PersonInScope, "condition", everything),
        see("/admin/pages/{home}/"),
    ),
}


@pytest.fixture
def walker(walk_as: Walk) -> Walker:
    return walk_as(Who.MANAGER)[0]


def test_each_wall_holds_something(walker: Walker, world: World) -> None:
    unneeded, leaking = [], []
    for name, (take_out, steps) in WALLS.items():
        walker.findings.clear()
        steps(walker, world)
        if walker.findings:
            leaking.append(name)
        walker.findings.clear()
        with take_out():
            steps(walker, world)
        if not walker.findings:
            unneeded.append(name)
    assert leaking == []
    assert unneeded == []
