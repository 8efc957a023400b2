"""One host gives nothing of another's, and nothing that is not published."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLResolver, get_resolver
from wagtail.models import CollectionViewRestriction, Page

from accounts.models import User
from home.models import StandardPage
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.tenancy.conftest import add_document, add_picture
from tests.walls.addresses import ARGUMENT
from tests.walls.conftest import MARK, World
from tests.walls.rows import Belongings
from tests.walls.walk import contents

pytestmark = pytest.mark.walls

UUID_SHAPE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def public_addresses(theirs: Belongings) -> Iterator[str]:
    """Every address that is not of the admin, with everything of the other site in it."""
    numbers = sorted(
        {pk for model in theirs.rows for pk in theirs.of(model) if isinstance(pk, int)}
    )
    keys = [str(pk) for model in theirs.rows for pk in theirs.of(model) if not isinstance(pk, int)]
    uuids = {
        str(row[name])
        for model, rows in theirs.rows.items()
        for pk, row in rows.items()
        if theirs.has(model, pk)
        for name in row
        if name in ("public_id", "translation_key", "key", "token", "uuid", "digest") and row[name]
    }
    values = [*numbers[:80], *keys, *sorted(uuids)]
    for route in _routes(get_resolver().url_patterns, ""):
        kinds = {kind for kind, _name in ARGUMENT.findall(route)}
        for value in values if kinds else [""]:
            if not kinds or any(_fits(kind, value) for kind in kinds):
                yield "/" + ARGUMENT.sub(str(value), route)


def _fits(kind: str, value: Any) -> bool:
    """A word where the address takes a number is the address of nothing."""
    if kind == "int":
        return isinstance(value, int)
    return kind != "uuid" or bool(UUID_SHAPE.fullmatch(str(value)))


def _routes(patterns: list[Any], before: str) -> Iterator[str]:
    for entry in patterns:
        route = before + str(entry.pattern).lstrip("^").rstrip("$")
        if route.startswith("admin/"):
            continue
        if isinstance(entry, URLResolver):
            yield from _routes(entry.url_patterns, route)
        elif "(" not in route:
            yield route


@pytest.fixture
def media(world: World) -> list[str]:
    """Addresses of files of the other site: renditions, originals, documents by both ways."""
    CollectionViewRestriction.objects.all().delete()  # planted; private documents are nobody's
    picture = add_picture(world.theirs.site, f"{MARK} photo")
    document = add_document(world.theirs.site, f"{MARK} report")
    return [
        picture.get_rendition("width-20").url,
        f"/media/{picture.file.name}",
        f"/media/{document.file.name}",
        document.url,
    ]


def statuses(client: SiteClient, addresses: list[str]) -> list[int]:
    answers = [client.get(address) for address in addresses]
    return [answer.status_code for answer in answers if contents(answer)]


def test_host_gives_nothing_of_another_site(world: World, media: list[str]) -> None:
    theirs = Belongings(world.theirs.site)
    visitor = SiteClient(world.own.site.hostname)
    pages = Page.objects.filter(path__startswith=world.theirs.home.path)
    paths = [page.url_path.removeprefix(world.theirs.home.url_path) for page in pages]
    found = []
    for address in [*public_addresses(theirs), *(f"/{path}" for path in paths), *media]:
        for query in ("", f"?q={MARK[:-2]}&page={pages[0].pk}&id={pages[0].pk}"):
            response = visitor.get(address + query)
            assert response.status_code < 500, address
            if MARK in contents(response):
                found.append(address)
            if response.status_code == 404:
                break  # no question is answered where there is nothing
    assert found == []
    assert statuses(visitor, media) == [404] * 4
    assert statuses(SiteClient(world.theirs.site.hostname), media) == [200, 404, 404, 200]


def test_file_of_another_site_is_not_given_to_its_neighbours_in_the_admin(
    world: World, media: list[str], make_person: Callable[..., User]
) -> None:
    client = SiteClient(settings.ADMIN_HOST)
    client.force_login(make_person(Role.EDITOR, world.own.site, email="somebody@example.org"))
    assert statuses(client, media) == [404] * 4
    client.force_login(make_person(Role.EDITOR, world.theirs.site, email="insider@example.org"))
    assert statuses(client, media) == [200, 404, 404, 200]
    assert statuses(SiteClient(settings.ADMIN_HOST), media) == [404] * 4


def test_unpublished_words_are_on_no_page_of_the_host(world: World) -> None:
    secret = "zqxunpublished"
    page = StandardPage.objects.get(pk=world.own.about.pk)
    page.title = page.lead = secret
    page.save_revision()
    draft = world.own.home.add_child(instance=StandardPage(title=secret, slug=secret, live=False))
    draft.save_revision()
    visitor = SiteClient(world.own.site.hostname)
    live = Page.objects.live().filter(path__startswith=world.own.home.path)
    for address in ["/", f"/{secret}/", *(shown.get_url() for shown in live)]:
        path = "/" + address.partition("://")[2].partition("/")[2] if "://" in address else address
        assert secret not in contents(visitor.get(path)).replace(f"/{secret}/", ""), path
    assert visitor.get(f"/{secret}/").status_code == 404
