"""Every address of the admin, asked by people of one site with the ids of another."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from accounts.models import User
from tenancy.membership import user_scope
from tenancy.models import Role, RoleGroup
from tenancy.scope import scoped
from tests.conftest import SiteClient
from tests.tenancy.conftest import MARK, Things

# Wagtail leaves the temporary file of a new rendition to the garbage collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. .function SpooledTemporaryFile:"
    "pytest.PytestUnraisableExceptionWarning"
)

AdminAs = Callable[[User], SiteClient]
MakePerson = Callable[..., User]


@pytest.mark.usefixtures("indexed")
def test_own_screens_do_show_the_mark_of_one_s_own(own: Things, admin_as: AdminAs) -> None:
    """The walk would be worthless if the screens were empty for everybody."""
    client = admin_as(own.editor)
    for address in (
        "/admin/",
        f"/admin/pages/{own.home.pk}/",
        f"/admin/pages/{own.about.pk}/edit/",
        "/admin/pages/search/?q=ourown",
        "/admin/choose-page/search/?q=ourown",
        f"/admin/choose-page/{own.home.pk}/",
        "/admin/images/",
        "/admin/documents/",
        "/admin/images/chooser/",
        "/admin/documents/chooser/",
        "/admin/donations/",
        "/admin/words/",
        f"/admin/api/main/pages/?child_of={own.home.pk}&for_explorer=1",
    ):
        response = client.get(address)
        assert response.status_code == 200, address
        assert "ourown" in response.content.decode(), address


@pytest.mark.bad_input("editor_reports", "editor_users_list")
def test_screens_of_the_network_and_the_server_are_404_for_an_ngo(
    own: Things, neighbour: Things, make_person: MakePerson, admin_as: AdminAs
) -> None:
    manager = make_person(Role.MANAGER, own.site)
    for person in (own.editor, own.accountant, manager):
        client = admin_as(person)
        for path in (
            "network/sites/",
            "network/sites/open/",
            f"network/sites/{own.site.pk}/opened/",
            "users/",
            f"users/edit/{own.editor.pk}/",
            "groups/",
            "sites/",
            "locales/",
            "collections/",
            "workflows/list/",
            "reports/site-history/",
            "reports/locked/",
            "reports/aging-pages/",
            "reports/page-types-usage/",
            "localize/reports/translations/",
            "snippets/",
            "tag-autocomplete/?term=zz",
            "api/main/images/",
            "api/main/documents/",
            "bulk/accounts/user/delete/?id=1",
        ):
            response = client.get(f"/admin/{path}")
            assert response.status_code == 404, (person.email, path)
            assert response.templates[0].name == "wagtailadmin/404.html", path


def test_coordinator_passes_the_gate(
    own: Things, make_person: MakePerson, admin_as: AdminAs
) -> None:
    client = admin_as(make_person(Role.COORDINATOR))
    assert client.get("/admin/network/sites/").status_code == 200
    assert client.get(f"/admin/pages/{own.about.pk}/edit/").status_code == 200


SERVER = (
    "users/",
    "users/new/",
    "groups/",
    "groups/new/",
    "sites/",
    "sites/results/",
)


def test_sites_users_and_groups_of_wagtail_are_the_superusers(
    own: Things, make_person: MakePerson, admin_as: AdminAs
) -> None:
    """Even with every permission for them: who may change groups or people can become anybody."""
    coordinator = make_person(Role.COORDINATOR)
    coordinator.groups.get().permissions.add(
        *Permission.objects.filter(content_type__model__in=("user", "group", "site"))
    )
    superuser = User.objects.create_superuser("root@example.org", "dva slova i 47")
    for path in (*SERVER, f"sites/edit/{own.site.pk}/", f"users/edit/{own.editor.pk}/"):
        assert admin_as(coordinator).get(f"/admin/{path}").status_code == 404, path
        assert admin_as(superuser).get(f"/admin/{path}").status_code == 200, path


def test_forms_of_copy_and_move_offer_one_s_own_places(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    client, page = admin_as(own.editor), own.about.pk
    own_pages = set(Page.objects.descendant_of(own.home, inclusive=True))
    for path, field in (
        (f"pages/{page}/copy/", "new_parent_page"),
        (f"pages/{page}/move/", "new_parent_page"),
        (f"bulk/wagtailcore/page/move/?id={page}", "chooser"),
    ):
        form = client.get(f"/admin/{path}").context["form"]
        assert set(form.fields[field].queryset) == own_pages, path


def test_address_of_a_neighbours_page_stays_an_outer_link(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    """Wagtail would answer with the page's number and title."""
    address = f"http://{neighbour.site.hostname}:8000/o-nas/"
    data = {"external-link-chooser-url": address, "external-link-chooser-link_text": "x"}
    answer = admin_as(own.editor).post("/admin/choose-external-link/", data).json()
    assert answer["step"] == "external_link_chosen"
    assert answer["result"]["url"] == address
    assert "id" not in answer["result"]


@pytest.mark.parametrize("kind", ["images", "documents"])
def test_choosers_do_not_break_on_what_is_no_number(
    kind: str, own: Things, admin_as: AdminAs
) -> None:
    client = admin_as(own.editor)
    assert client.get(f"/admin/{kind}/chooser/chosen-multiple/?id=all").status_code == 404
    assert client.post("/admin/choose-external-link/", {}).status_code == 404


PAGE_VIEWS = (
    "edit/",
    "view_draft/",
    "delete/",
    "unpublish/",
    "copy/",
    "move/",
    "history/",
    "revisions/",
    "usage/",
    "lock/",
    "unlock/",
    "privacy/",
    "workflow_history/",
    "add_subpage/",
    "convert_alias/",
    "revisions/compare/earliest...latest/",
)


@pytest.mark.parametrize("view", PAGE_VIEWS)
def test_neighbours_page_is_404_in_every_page_view(
    view: str, own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    client = admin_as(own.editor)
    address = f"/admin/pages/{neighbour.about.pk}/{view}"
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    assert Page.objects.get(pk=neighbour.about.pk).title == f"{MARK} О нас"


def test_page_that_does_not_exist_looks_like_the_neighbours(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    client = admin_as(own.editor)
    there = client.get(f"/admin/pages/{neighbour.about.pk}/edit/")
    nowhere = client.get("/admin/pages/999999/edit/")
    assert (there.status_code, there.content) == (nowhere.status_code, nowhere.content)


@pytest.mark.bad_input("move_under_other_tenant", "copy_other_tenant_page")
def test_page_is_not_copied_or_moved_to_the_neighbour(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    client = admin_as(own.editor)
    before = Page.objects.count()
    form = {"new_title": "x", "new_slug": "x", "new_parent_page": neighbour.home.pk}
    assert client.post(f"/admin/pages/{own.about.pk}/copy/", form).status_code == 404
    move = f"/admin/pages/{own.about.pk}/move/{neighbour.home.pk}/confirm/"
    assert client.post(move).status_code == 404
    bulk = f"/admin/bulk/wagtailcore/page/move/?id={own.about.pk}"
    assert client.post(bulk, {"chooser": neighbour.home.pk}).status_code == 404
    assert Page.objects.count() == before
    assert Page.objects.child_of(neighbour.home).filter(pk=own.about.pk).exists() is False


@pytest.mark.parametrize(
    "query",
    [
        "wagtailcore/page/delete/?id={page}",
        "wagtailcore/page/delete/?id={own}&id={page}",
        "wagtailcore/page/publish/?id={page}",
        "wagtailcore/page/unpublish/?id=all&childOf={home}",
        "wagtailcore/page/unpublish/?id=all",
        "content/picture/delete/?id={picture}",
        "content/attachment/delete/?id={document}",
        "content/picture/delete/?id=x",
        "accounts/user/delete/?id={user}",
        "home/nothing/delete/?id=1",
    ],
)
@pytest.mark.bad_input("editor_bulk")
def test_bulk_action_is_404_when_one_id_is_the_neighbours(
    query: str, own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    client = admin_as(own.editor)
    address = "/admin/bulk/" + query.format(
        own=own.about.pk,
        page=neighbour.about.pk,
        home=neighbour.home.pk,
        picture=neighbour.picture.pk,
        document=neighbour.document.pk,
        user=neighbour.editor.pk,
    )
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    neighbour.picture.refresh_from_db()
    assert Page.objects.get(pk=neighbour.about.pk).live is True


def test_bulk_actions_work_on_one_s_own(own: Things, admin_as: AdminAs) -> None:
    client = admin_as(own.editor)
    client.post(f"/admin/bulk/wagtailcore/page/unpublish/?id={own.about.pk}")
    assert Page.objects.get(pk=own.about.pk).live is False
    client.post(f"/admin/bulk/content/picture/delete/?id={own.picture.pk}")
    assert type(own.picture).objects.filter(pk=own.picture.pk).exists() is False


def test_filters_of_the_explorer_name_own_sites_and_people_only(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    page = admin_as(own.editor).get(f"/admin/pages/{own.home.pk}/")
    fields = page.context["filters"].form.fields
    with scoped(user_scope(own.editor)):
        assert [site.pk for site in fields["site"].queryset] == [own.site.pk]
        assert [user.pk for user in fields["owner"].queryset] == [own.editor.pk]
    assert "ourown-last" in page.content.decode()


def test_popular_tags_are_one_s_own(own: Things, neighbour: Things, admin_as: AdminAs) -> None:
    client = admin_as(own.editor)
    for address in ("/admin/images/", "/admin/documents/"):
        tags = client.get(address).context["filters"].form.fields["tag"].choices
        assert list(tags) == [("ourown tag", "ourown tag")], address
    chooser = client.get("/admin/images/chooser/")
    assert [tag.name for tag in chooser.context["popular_tags"]] == ["ourown tag"]


def test_page_chooser_begins_at_home_even_when_only_the_neighbour_has_such_pages(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    own.draft.delete()
    client = admin_as(own.editor)
    response = client.get("/admin/choose-page/?page_type=campaigns.campaignpage")
    assert response.status_code == 302
    assert response["Location"].startswith(f"/admin/choose-page/{own.home.pk}/?page_type=")
    shown = client.get(response["Location"])
    assert shown.status_code == 200
    assert MARK not in shown.content.decode()


def test_privacy_of_a_page_cannot_be_changed(own: Things, admin_as: AdminAs) -> None:
    """Visitors have no cookies; and Wagtail's form would name everybody's groups."""
    client = admin_as(own.editor)
    address = f"/admin/pages/{own.about.pk}/privacy/"
    assert "role" not in client.get(address).content.decode()
    client.post(address, {"restriction_type": "login"})
    assert PageViewRestriction.objects.count() == 0


def test_somebody_without_a_site_any_more_reaches_nothing(own: Things, admin_as: AdminAs) -> None:
    own.editor.groups.clear()
    client = admin_as(own.editor)
    assert client.get(f"/admin/pages/{own.about.pk}/edit/").status_code == 404
    assert client.get("/admin/images/").status_code in (302, 404)


def test_pages_edited_once_on_a_site_one_has_left_are_not_on_the_dashboard(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    person = own.editor
    person.groups.add(RoleGroup.objects.get(site=neighbour.site, role=Role.EDITOR).group)
    neighbour.about.save_revision(user=person, log_action=True)
    own.about.save_revision(user=person, log_action=True)
    Page.objects.filter(pk=neighbour.about.pk).update(
        locked=True, locked_by=person, locked_at=timezone.now()
    )
    assert f"{MARK} О нас" in admin_as(person).get("/admin/").content.decode()

    person.groups.remove(RoleGroup.objects.get(site=neighbour.site, role=Role.EDITOR).group)
    shown = admin_as(User.objects.get(pk=person.pk)).get("/admin/").content.decode()
    assert MARK not in shown
    assert "ourown О нас" in shown
