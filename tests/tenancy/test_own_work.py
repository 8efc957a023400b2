"""What the walls must not break: an editor's own work, screen by screen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from wagtail.admin.models import EditingSession
from wagtail.models import Locale, Page
from wagtail_localize.models import TranslationSource
from wagtail_localize.operations import translate_object

from accounts.models import User
from campaigns.models import CampaignPage
from content.models import Attachment, Picture
from home.models import StandardPage
from tests.conftest import SiteClient
from tests.tenancy.conftest import Things, png
from tests.tenancy.test_references import form

pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. .function SpooledTemporaryFile:"
    "pytest.PytestUnraisableExceptionWarning"
)

AdminAs = Callable[[User], SiteClient]


@pytest.fixture
def editor(own: Things, neighbour: Things, admin_as: AdminAs) -> SiteClient:
    return admin_as(own.editor)


def test_screens_of_one_s_own_page_answer(own: Things, editor: SiteClient) -> None:
    page = own.about.pk
    for path in (
        "",
        f"pages/{own.home.pk}/",
        f"pages/{own.home.pk}/results/",
        f"pages/{page}/edit/",
        f"pages/{page}/view_draft/",
        f"pages/{own.home.pk}/add_subpage/",
        f"pages/{page}/copy/",
        f"pages/{page}/move/",
        f"pages/{page}/move/{own.home.pk}/confirm/",
        f"pages/{page}/unpublish/",
        f"pages/{page}/history/",
        f"pages/{page}/usage/",
        f"pages/{page}/revisions/compare/earliest...latest/",
        f"pages/{page}/revisions/{own.about.latest_revision_id}/view/",
        f"pages/{page}/revisions/{own.about.latest_revision_id}/revert/",
        f"pages/{page}/privacy/",
        f"pages/add/home/standardpage/{own.home.pk}/",
        f"choose-page/{own.home.pk}/",
        "choose-external-link/",
        "choose-email-link/",
        "choose-anchor-link/",
        "pages/search/?q=ourown",
        f"choose-page/chosen-multiple/?id={page}",
        f"api/main/pages/{own.home.pk}/",
        f"images/{own.picture.pk}/",
        f"images/usage/{own.picture.pk}/",
        f"images/chooser/chosen/{own.picture.pk}/",
        f"images/chooser/{own.picture.pk}/select_format/",
        "images/chooser/?q=ourown",
        "images/add/",
        "images/multiple/add/",
        f"documents/edit/{own.document.pk}/",
        f"documents/chooser/chosen/{own.document.pk}/",
        "documents/chooser/?q=ourown",
        "documents/multiple/add/",
        "account/",
        "jsi18n/",
        "localize/jsi18n/",
        "sprite/",
    ):
        answer = editor.get(f"/admin/{path}")
        assert answer.status_code == 200, path
        assert b"zzneighbour" not in answer.content, path


def test_root_of_the_tree_leads_home(own: Things, editor: SiteClient) -> None:
    for address in ("/admin/pages/", "/admin/choose-page/"):
        answer = editor.get(address, follow=True)
        assert answer.status_code == 200
        assert f"/{own.home.pk}/" in answer.request["PATH_INFO"]
    assert editor.get("/admin/pages/1/").status_code in (302, 200)


def test_people_of_two_sites_begin_above_both(
    own: Things, neighbour: Things, open_a_site: Callable[..., Any], admin_as: AdminAs
) -> None:
    open_a_site("third", organisation="Третья")
    own.editor.groups.add(*neighbour.editor.groups.all())
    listed = admin_as(own.editor).get("/admin/pages/", follow=True)
    assert {page.pk for page in listed.context["object_list"]} == {own.home.pk, neighbour.home.pk}
    assert "Третья" not in listed.content.decode()


def test_page_is_made_published_unpublished_moved_copied_and_deleted(
    own: Things, editor: SiteClient
) -> None:
    address = f"/admin/pages/add/home/standardpage/{own.home.pk}/"
    data = form(own.about) | {"slug": "otchiot", "action-publish": "1"}
    assert editor.post(address, data).status_code == 302
    page = StandardPage.objects.get(slug="otchiot")
    assert (page.live, page.owner) == (True, own.editor)
    assert SiteClient(own.site.hostname).get("/otchiot/").status_code == 200

    editor.post(f"/admin/pages/{page.pk}/unpublish/")
    assert Page.objects.get(pk=page.pk).live is False
    editor.post(f"/admin/pages/{page.pk}/move/{own.about.pk}/confirm/")
    assert Page.objects.get(pk=page.pk).get_parent().pk == own.about.pk
    copy = {"new_title": "Копия", "new_slug": "kopiia", "new_parent_page": own.home.pk}
    editor.post(f"/admin/pages/{page.pk}/copy/", copy)
    assert Page.objects.child_of(own.home).get(slug="kopiia").title == "Копия"
    editor.post(f"/admin/pages/{page.pk}/delete/")
    assert not Page.objects.filter(pk=page.pk).exists()


def test_position_of_a_page_is_changed(own: Things, editor: SiteClient) -> None:
    assert editor.post(f"/admin/pages/{own.about.pk}/set_position/?position=0").status_code == 200
    assert own.home.get_children().first().pk == own.about.pk


def test_other_editor_is_seen_at_work_on_the_same_page_only(
    own: Things, neighbour: Things, editor: SiteClient
) -> None:
    session = EditingSession.objects.create(
        user=own.editor,
        content_type=ContentType.objects.get_for_model(Page),
        object_id=own.about.pk,
        last_seen_at=timezone.now(),
    )
    ping = "/admin/editing-sessions/ping/wagtailcore/page/{page}/{session}/"
    answer = editor.post(ping.format(page=own.about.pk, session=session.pk))
    assert answer.json()["session_id"] == session.pk
    for page in (neighbour.about.pk, 999_999):
        assert editor.post(ping.format(page=page, session=session.pk)).status_code == 404
    picture = "/admin/editing-sessions/ping/accounts/user/1/1/"
    assert editor.post(picture).status_code == 404


def test_picture_and_document_are_uploaded_changed_and_deleted(
    own: Things, editor: SiteClient
) -> None:
    def upload(path: str, name: str, data: bytes) -> Any:
        fields = {"title": "Новое", "files[]": SimpleUploadedFile(name, data)}
        return editor.post(path, fields, HTTP_X_REQUESTED_WITH="XMLHttpRequest")

    answer = upload("/admin/images/multiple/add/", "new.png", png("blue"))
    assert answer.json()["success"] is True
    picture = Picture.objects.get(title="Новое")
    assert picture.collection == own.site.walls.collection
    assert picture.uploaded_by_user == own.editor
    change = {f"image-{picture.pk}-title": "Другое", f"image-{picture.pk}-tags": ""}
    editor.post(
        f"/admin/images/multiple/{picture.pk}/", change, HTTP_X_REQUESTED_WITH="XMLHttpRequest"
    )
    assert Picture.objects.get(pk=picture.pk).title == "Другое"
    editor.post(f"/admin/images/{picture.pk}/delete/")
    assert not Picture.objects.filter(pk=picture.pk).exists()

    answer = upload("/admin/documents/multiple/add/", "plan.txt", b"plan")
    assert answer.json()["success"] is True
    document = Attachment.objects.get(title="Новое")
    assert document.collection == own.site.walls.collection
    editor.post(f"/admin/documents/delete/{document.pk}/")
    assert not Attachment.objects.filter(pk=document.pk).exists()


def test_picture_cannot_be_put_into_the_neighbours_collection(
    own: Things, neighbour: Things, editor: SiteClient
) -> None:
    data = {
        "title": "Подмена",
        "collection": neighbour.site.walls.collection.pk,
        "tags": "",
        "alt_text": "",
    }
    editor.post(f"/admin/images/{own.picture.pk}/", data)
    assert Picture.objects.get(pk=own.picture.pk).collection == own.site.walls.collection


def test_translated_home_is_in_the_editors_hands(
    own: Things, neighbour: Things, editor: SiteClient
) -> None:
    english, _created = Locale.objects.get_or_create(language_code="en")
    home = own.home.copy_for_translation(english)
    home.title = "Home in English"
    home.save_revision().publish()
    for path in (f"pages/{home.pk}/", f"pages/{home.pk}/edit/", f"choose-page/{home.pk}/"):
        answer = editor.get(f"/admin/{path}")
        assert answer.status_code == 200, path
    # Wagtail would begin above both homes; the main one leads to the other.
    for start in ("/admin/pages/", "/admin/pages/1/"):
        listed = editor.get(start, follow=True)
        assert listed.request["PATH_INFO"] == f"/admin/pages/{own.home.pk}/"
        assert f"/admin/pages/{home.pk}/".encode() in listed.content
        assert b"zzneighbour" not in listed.content
    chooser = editor.get("/admin/choose-page/", follow=True)
    assert f"/admin/choose-page/{home.pk}/" in chooser.json()["html"]
    assert b"zzneighbour" not in chooser.content
    data = form(home) | {"title": "Changed", "action-publish": "1"}
    assert editor.post(f"/admin/pages/{home.pk}/edit/", data).status_code == 302
    assert Page.objects.get(pk=home.pk).title == "Changed"


@pytest.mark.bad_input("editor_localize")
def test_own_translation_is_edited_and_the_neighbours_is_404(
    own: Things, neighbour: Things, editor: SiteClient
) -> None:
    english, _created = Locale.objects.get_or_create(language_code="en")
    translations = {}
    for things in (own, neighbour):
        page = CampaignPage.objects.get(pk=things.draft.pk)
        translate_object(page, [english])
        source = TranslationSource.objects.get(object_id=page.translation_key)
        translations[things.site.pk] = source.translations.get()
    mine, theirs = translations[own.site.pk], translations[neighbour.site.pk]
    page = mine.get_target_instance()
    assert editor.get(f"/admin/pages/{page.pk}/edit/").status_code == 200
    for name in ("preview/", "pofile/download/"):
        assert editor.get(f"/admin/localize/translate/{mine.pk}/{name}").status_code == 200, name
        assert editor.get(f"/admin/localize/translate/{theirs.pk}/{name}").status_code == 404, name
    segment = mine.source.stringsegment_set.first()
    edit = f"/admin/localize/translate/{{}}/strings/{segment.pk}/edit/"
    sent = ("value=x", "application/x-www-form-urlencoded")
    assert editor.put(edit.format(mine.pk), *sent).status_code == 201
    assert editor.put(edit.format(theirs.pk), *sent).status_code == 404
    for path in (
        f"/admin/localize/update/{theirs.source.pk}/",
        f"/admin/localize/translate/{theirs.pk}/disable/",
        f"/admin/localize/submit/page/{neighbour.about.pk}/",
    ):
        assert editor.post(path).status_code == 404, path
    theirs.refresh_from_db()
    assert theirs.enabled is True


def test_editor_of_a_site_with_a_translated_page_keeps_the_permissions_of_the_source(
    own: Things,
) -> None:
    english, _created = Locale.objects.get_or_create(language_code="en")
    home = own.home.copy_for_translation(english)
    granted = {
        page.pk: set(page.group_permissions.values_list("group", "permission"))
        for page in (own.home, home)
    }
    assert granted[home.pk] == granted[own.home.pk]
    assert len(granted[home.pk]) == 6
