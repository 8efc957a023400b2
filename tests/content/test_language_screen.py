"""People of a site switch on its languages and send pages to be translated; no other site's."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Locale, Page, Revision, Site
from wagtail_localize.models import Translation, TranslationSource

from accounts.models import User
from donations.models import Donation, Fund
from network.actions.states import archive_site
from tenancy.models import AuditEntry, Role, RoleGroup
from tests.conftest import SiteClient

AdminAs = Callable[[User], SiteClient]
MakePerson = Callable[..., User]


@pytest.fixture
def editor(site: Site, make_person: MakePerson, admin_as: AdminAs) -> SiteClient:
    return admin_as(make_person(Role.EDITOR, site))


def about(site: Site) -> Page:
    return Page.objects.descendant_of(site.root_page).get(slug="o-nas")


def screen(site: Site) -> str:
    return f"/admin/languages/{site.pk}/"


def home_in(site: Site, code: str) -> Page:
    return site.root_page.get_translation(Locale.objects.get(language_code=code))


def publish(page: Page) -> None:
    page.specific.save_revision().publish()


def submit(client: SiteClient, page: Page, *codes: str) -> int:
    chosen = list(Locale.objects.filter(language_code__in=codes).values_list("pk", flat=True))
    answer = client.post(f"/admin/localize/submit/page/{page.pk}/", {"locales": chosen})
    return int(answer.status_code)


@pytest.mark.parametrize("code", ["en", "tt", "udm", "mhr"])
def test_language_is_switched_on_translated_and_then_seen(
    site: Site, editor: SiteClient, visitor: SiteClient, code: str
) -> None:
    answer = editor.post(f"{screen(site)}switch/", {"on": code})
    home = home_in(site, code)
    assert answer["Location"] == f"/admin/pages/{home.pk}/edit/"
    assert home.live is False
    assert visitor.get(f"/{code}/").status_code == 404
    assert f'href="/{code}/"' not in visitor.get("/").content.decode()
    publish(home)
    Site.clear_site_root_paths_cache()
    shown = visitor.get(f"/{code}/")
    assert shown.status_code == 200
    assert f'<html lang="{code}"' in shown.content.decode()
    assert f'hreflang="{code}"' in visitor.get("/").content.decode()
    # Menu only where a translation exists: this page has none.
    assert "hreflang" not in visitor.get("/o-nas/").content.decode()
    written = AuditEntry.objects.get(site=site, what="language switched on")
    assert written.details == {"language": code}


def test_language_taken_off_is_gone_whole_and_can_come_back(
    site: Site, editor: SiteClient, visitor: SiteClient, give: Callable[..., Donation]
) -> None:
    editor.post(f"{screen(site)}switch/", {"on": "en"})
    publish(home_in(site, "en"))
    assert submit(editor, about(site), "en") == 302
    publish(about(site).get_translation(Locale.objects.get(language_code="en")))
    Site.clear_site_root_paths_cache()
    assert visitor.get("/en/o-nas/").status_code == 200
    assert "visitors see it" not in editor.get(screen(site)).content.decode()
    assert "его видят" in editor.get(screen(site)).content.decode()
    editor.post(f"{screen(site)}switch/", {"off": "en"})
    assert visitor.get("/en/").status_code == 404
    assert visitor.get("/en/o-nas/").status_code == 404
    # A link of a letter in that language goes on working.
    gift = give(Fund.objects.of_site(site).general().get())
    assert visitor.get(f"/en/donations/{gift.public_id}/").status_code == 200
    assert visitor.get("/en/donations/give/").status_code == 404
    assert "hreflang" not in visitor.get("/o-nas/").content.decode()
    editor.post(f"{screen(site)}switch/", {"on": "en"})
    assert Page.objects.filter(translation_key=site.root_page.translation_key).count() == 2
    publish(home_in(site, "en"))
    assert visitor.get("/en/").status_code == 200


def test_clock_brings_no_language_back_that_was_taken_off(
    site: Site, other_site: Site, editor: SiteClient, visitor: SiteClient
) -> None:
    soon = timezone.now() + timedelta(hours=1)

    def plan(page: Page) -> None:
        later = page.specific
        later.go_live_at = soon
        later.save_revision().publish()

    editor.post(f"{screen(site)}switch/", {"on": "en"})
    publish(home_in(site, "en"))
    assert submit(editor, about(site), "en") == 302
    plan(home_in(site, "en"))  # published, and once more in an hour
    plan(about(site).get_translation(Locale.objects.get(language_code="en")))  # in an hour first
    plan(about(site))  # in the main language, and the neighbour's: not touched
    plan(about(other_site))
    editor.post(f"{screen(site)}switch/", {"off": "en"})
    planned = Revision.objects.filter(approved_go_live_at__isnull=False)
    assert {row.object_id for row in planned} == {str(about(site).pk), str(about(other_site).pk)}
    with time_machine.travel(soon + timedelta(minutes=1)):
        call_command("publish_scheduled")
    assert not Page.objects.filter(locale__language_code="en", live=True).exists()
    assert visitor.get("/en/").status_code == 404


def test_language_taken_up_again_is_written_down(site: Site, editor: SiteClient) -> None:
    written = AuditEntry.objects.filter(site=site, what="language switched on")
    editor.post(f"{screen(site)}switch/", {"on": "en"})
    publish(home_in(site, "en"))
    editor.post(f"{screen(site)}switch/", {"on": "en"})  # it is on
    assert written.count() == 1
    editor.post(f"{screen(site)}switch/", {"off": "en"})
    editor.post(f"{screen(site)}switch/", {"on": "en"})
    assert written.count() == 2


def test_home_page_that_cannot_be_copied_is_told_in_words(site: Site, editor: SiteClient) -> None:
    Page.objects.filter(pk=site.root_page_id).update(title="")
    answer = editor.post(f"{screen(site)}switch/", {"on": "en"}, follow=True)
    assert answer.redirect_chain == [(screen(site), 302)]
    assert "Главную страницу пока нельзя скопировать" in answer.content.decode()
    assert not site.root_page.get_translations().exists()
    assert not TranslationSource.objects.exists()
    assert not AuditEntry.objects.filter(what="language switched on").exists()


def test_home_taken_off_by_hand_takes_its_language_out_of_every_menu(
    site: Site, editor: SiteClient, visitor: SiteClient
) -> None:
    editor.post(f"{screen(site)}switch/", {"on": "en"})
    publish(home_in(site, "en"))
    submit(editor, about(site), "en")
    publish(about(site).get_translation(Locale.objects.get(language_code="en")))
    Site.clear_site_root_paths_cache()
    assert "hreflang" in visitor.get("/o-nas/").content.decode()
    home_in(site, "en").unpublish()
    assert "hreflang" not in visitor.get("/o-nas/").content.decode()


def test_editor_sends_own_pages_to_own_languages_only(
    site: Site, other_site: Site, editor: SiteClient
) -> None:
    Locale.objects.get_or_create(language_code="tt")
    led = editor.get(f"/admin/localize/submit/page/{about(site).pk}/")
    assert led["Location"] == "/admin/languages/"
    editor.post(f"{screen(site)}switch/", {"on": "en"})
    assert submit(editor, about(site), "tt") == 200  # refused at its field
    assert submit(editor, about(site), "en") == 302
    page = about(site).get_translation(Locale.objects.get(language_code="en"))
    assert (page.live, page.get_parent().pk) == (False, home_in(site, "en").pk)
    for theirs in (other_site.root_page, about(other_site)):
        assert editor.get(f"/admin/localize/submit/page/{theirs.pk}/").status_code == 404
        assert submit(editor, theirs, "en") == 404
    assert (
        Translation.objects.exclude(
            source__object_id__in=[site.root_page.translation_key, about(site).translation_key]
        ).count()
        == 0
    )


def test_editor_brings_own_translations_up_to_date_and_no_other(
    site: Site, other_site: Site, editor: SiteClient, make_person: MakePerson, admin_as: AdminAs
) -> None:
    neighbour = admin_as(make_person(Role.EDITOR, other_site))
    for place, person in ((site, editor), (other_site, neighbour)):
        person.post(f"{screen(place)}switch/", {"on": "en"})
        assert submit(person, about(place), "en") == 302
    sources = {
        place.pk: TranslationSource.objects.get(object_id=about(place).translation_key).pk
        for place in (site, other_site)
    }
    assert editor.post(f"/admin/localize/update/{sources[site.pk]}/").status_code == 302
    assert editor.get(f"/admin/localize/update/{sources[other_site.pk]}/").status_code == 404
    assert editor.post(f"/admin/localize/update/{sources[other_site.pk]}/").status_code == 404


def test_languages_are_for_those_who_publish_on_the_site(
    site: Site, other_site: Site, editor: SiteClient, make_person: MakePerson, admin_as: AdminAs
) -> None:
    accountant = admin_as(make_person(Role.ACCOUNTANT, site))
    assert accountant.get(screen(site)).status_code == 404
    assert accountant.get("/admin/languages/").status_code == 404
    assert accountant.post(f"{screen(site)}switch/", {"on": "en"}).status_code == 404
    assert submit(accountant, about(site), "en") != 200
    assert editor.get(screen(other_site)).status_code == 404
    assert editor.post(f"{screen(other_site)}switch/", {"on": "en"}).status_code == 404
    assert editor.post(f"{screen(site)}switch/", {"on": "xx"}).status_code == 404
    assert editor.post(f"{screen(site)}switch/", {"on": "ru"}).status_code == 404
    assert editor.get(f"{screen(site)}switch/").status_code == 405
    assert Page.objects.filter(depth=2).count() == 2
    assert editor.get("/admin/languages/")["Location"] == screen(site)


def test_who_edits_one_site_and_keeps_the_books_of_another_translates_the_first_only(
    site: Site, other_site: Site, make_person: MakePerson, admin_as: AdminAs
) -> None:
    make_person(Role.EDITOR, site, email="both@example.org")
    both = admin_as(make_person(Role.ACCOUNTANT, other_site, email="both@example.org"))
    assert both.get(screen(site)).status_code == 200
    assert both.get(screen(other_site)).status_code == 404
    home = other_site.root_page
    assert both.get(f"/admin/localize/submit/page/{home.pk}/")["Location"] == "/admin/"


def test_archived_site_is_not_translated_by_the_centre(
    site: Site, make_person: MakePerson, admin_as: AdminAs
) -> None:
    Locale.objects.get_or_create(language_code="en")
    archive_site(site=site, typed_name=site.site_name, by=None)
    helper = admin_as(make_person(Role.COORDINATOR))
    assert helper.get(screen(site)).status_code == 404
    assert submit(helper, site.root_page, "en") == 302
    assert Page.objects.filter(translation_key=site.root_page.translation_key).count() == 1


def test_people_of_sites_opened_before_get_the_permission(site: Site, other_site: Site) -> None:
    migration = import_module("network.migrations.0002_people_of_sites_may_translate")
    archive_site(site=other_site, typed_name=other_site.site_name, by=None)
    permission = Permission.objects.get(codename="submit_translation")

    def holders() -> set[tuple[int, str]]:
        rows = RoleGroup.objects.filter(group__permissions=permission, site__isnull=False)
        return set(rows.values_list("site", "role"))

    granted = {(site.pk, Role.EDITOR), (site.pk, Role.MANAGER)}
    assert holders() == granted
    migration.take_back(apps, None)
    assert holders() == set()
    migration.grant(apps, None)
    assert holders() == granted
