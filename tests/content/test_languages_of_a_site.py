"""A site speaks the languages its home page is translated into."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from wagtail.models import GroupPagePermission, Locale, Page, Site
from wagtail_localize.operations import translate_object

from accounts.models import User
from tenancy.models import Role, RoleGroup
from tests.conftest import SiteClient


@pytest.fixture
def locales(db: None) -> dict[str, Locale]:
    codes = ("en", "tt")
    return {code: Locale.objects.get_or_create(language_code=code)[0] for code in codes}


def offered(client: SiteClient, page: Page) -> set[str]:
    address = reverse("wagtail_localize:submit_page_translation", args=[page.pk])
    locales = client.get(address).context["form"].fields["locales"].queryset
    return set(locales.values_list("language_code", flat=True))


def test_page_is_offered_the_languages_of_its_site_and_the_home_all(
    site: Site,
    other_site: Site,
    locales: dict[str, Locale],
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
) -> None:
    client = admin_as(make_person(Role.COORDINATOR))
    home, about = site.root_page, site.root_page.get_children().first()
    assert offered(client, home) == {"en", "tt"}
    assert offered(client, about) == set()
    translate_object(other_site.root_page.specific, [locales["tt"]])
    translate_object(home.specific, [locales["en"]])
    assert offered(client, about) == {"en"}

    address = reverse("wagtail_localize:submit_page_translation", args=[about.pk])
    refused = client.post(address, {"locales": [locales["tt"].pk], "include_subtree": ""})
    assert "locales" in refused.context["form"].errors
    assert about.get_translation_or_none(locales["tt"]) is None


def test_translated_home_belongs_to_the_same_people(
    site: Site, other_site: Site, locales: dict[str, Locale]
) -> None:
    translate_object(site.root_page.specific, [locales["en"]])
    english = site.root_page.get_translation(locales["en"])
    for role, number in ((Role.EDITOR, 3), (Role.ACCOUNTANT, 0), (Role.MANAGER, 3)):
        group = RoleGroup.objects.get(site=site, role=role).group
        granted = GroupPagePermission.objects.filter(group=group, page=english)
        assert granted.count() == number
    stranger = RoleGroup.objects.get(site=other_site, role=Role.EDITOR).group
    assert not GroupPagePermission.objects.filter(group=stranger, page=english).exists()


def test_language_without_a_home_is_404(
    site: Site, other_site: Site, locales: dict[str, Locale]
) -> None:
    translate_object(other_site.root_page.specific, [locales["en"]])
    other_site.root_page.get_translation(locales["en"]).specific.save_revision().publish()
    Site.clear_site_root_paths_cache()
    assert SiteClient(other_site.hostname).get("/en/").status_code == 200
    for path in ("/en/", "/en/o-nas/", "/tt/"):
        assert SiteClient(site.hostname).get(path).status_code == 404, path
