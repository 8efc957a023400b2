"""Addresses of pages are the ones Wagtail would build, without its list of all sites."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, Page, Site

from home.models import HomePage, StandardPage
from network.actions import OpenedSite
from tenancy.roots import roots_above, speaks_several
from tests.conftest import SiteClient

OpenSite = Callable[..., OpenedSite]


def wagtails(page: Page) -> set[Any]:
    return {root for root in Site.get_site_root_paths() if page.url_path.startswith(root.root_path)}


def fresh(page: Page) -> Page:
    return Page.objects.get(pk=page.pk)


def test_roots_are_wagtails_own_in_every_language(site: Site, other_site: Site) -> None:
    english = Locale.objects.create(language_code="en")
    site.root_page.specific.copy_for_translation(english).save_revision().publish()
    Site.clear_site_root_paths_cache()
    pages = Page.objects.filter(depth__gte=1)
    assert pages.count() > 9
    for page in pages:
        assert set(roots_above(page)) == wagtails(page), page.url_path


def test_home_that_is_deleted_is_forgotten_at_once(site: Site) -> None:
    english = Locale.objects.create(language_code="en")
    home = site.root_page.specific.copy_for_translation(english)
    assert speaks_several(site)
    home.delete()
    assert not speaks_several(site)


def test_link_to_another_site_carries_its_host(site: Site, other_site: Site) -> None:
    assert fresh(site.root_page).url == "http://veloput.localhost:8000/"
    assert fresh(other_site.root_page).url == "http://lapy.localhost:8000/"


def test_the_only_site_links_within_itself_by_path(open_a_site: OpenSite) -> None:
    about = StandardPage.objects.child_of(open_a_site("veloput").home).get()
    assert about.url == "/o-nas/"
    open_a_site("lapy")
    Site.clear_site_root_paths_cache()
    assert StandardPage.objects.get(pk=about.pk).url == "http://veloput.localhost:8000/o-nas/"


def test_changed_name_and_slug_are_known_at_once(site: Site, other_site: Site) -> None:
    about = StandardPage.objects.child_of(site.root_page).get()
    assert fresh(about).full_url == "http://veloput.localhost:8000/o-nas/"
    site.hostname = "velo.localhost"
    site.save()
    assert fresh(about).full_url == "http://velo.localhost:8000/o-nas/"
    home = HomePage.objects.get(pk=site.root_page_id)
    home.slug = "another"
    home.save()
    assert fresh(about).full_url == "http://velo.localhost:8000/o-nas/"


def test_root_of_a_site_deeper_in_the_tree_is_found_too(site: Site, other_site: Site) -> None:
    about = StandardPage.objects.child_of(site.root_page).get()
    other_site.root_page = about
    other_site.save()
    assert fresh(about).full_url == "http://lapy.localhost:8000/"


def test_public_page_reads_no_list_of_all_sites(
    site: Site, other_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Site, "get_site_root_paths", lambda: 1 / 0)
    visitor = SiteClient(site.hostname)
    for path in ("/", "/sbory/", "/o-nas/", "/kontakty/", "/legal/offer/"):
        assert visitor.get(path).status_code == 200


@pytest.mark.bad_input("two_hundred_sites")
def test_page_after_a_new_site_costs_the_same_with_two_sites_and_with_five(
    open_a_site: OpenSite,
) -> None:
    visitor = SiteClient(open_a_site("first").site.hostname)
    counts = []
    for label in ("b", "c", "d", "e"):
        open_a_site(label)
        Site.clear_site_root_paths_cache()
        with CaptureQueriesContext(connection) as queries:
            visitor.get("/sbory/")
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts
