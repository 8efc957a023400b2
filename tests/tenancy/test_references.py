"""A crafted form may name any id; what is saved may point at one's own things only."""

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django.fixtures import Settings
from wagtail.models import Page, Revision

from accounts.models import User
from campaigns.models import CampaignPage
from content.models import Picture
from content.scheduled import publish_scheduled
from home.models import StandardPage
from site_settings.models import Appearance
from tenancy.membership import user_scope
from tenancy.models import Role
from tenancy.scope import Unrestricted, scoped
from tests.campaigns.test_campaign_form import typed
from tests.conftest import SiteClient
from tests.tenancy.conftest import Things

REFUSAL = (
    "Здесь есть чужое: ссылка, фотография или документ с другого сайта. "
    "Выберите своё; страницу другого сайта можно указать её адресом."
)
AdminAs = Callable[[User], SiteClient]


def rich(html_entity: dict[str, Any], text: str = "слово") -> str:
    """What Draftail sends for a paragraph with one entity over the whole text."""
    block = {
        "key": "a1",
        "text": text,
        "type": "unstyled",
        "depth": 0,
        "inlineStyleRanges": [],
        "entityRanges": [{"offset": 0, "length": len(text), "key": 0}],
    }
    return json.dumps({"blocks": [block], "entityMap": {"0": html_entity}})


def page_link(pk: int) -> str:
    return rich({"type": "LINK", "mutability": "MUTABLE", "data": {"id": pk, "url": "/x/"}})


def document_link(pk: int) -> str:
    return rich(
        {"type": "DOCUMENT", "mutability": "MUTABLE", "data": {"id": pk, "filename": "x.txt"}}
    )


def block(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    fields = {"body-0-deleted": "", "body-0-order": "0", "body-0-type": kind, "body-0-id": ""}
    return {"body-count": "1", **fields, **value}


def form(page: Page, **more: Any) -> dict[str, Any]:
    return {
        "title": "Новое имя",
        "slug": page.slug,
        "lead": "Начало",
        "body-count": "0",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "comments-MIN_NUM_FORMS": "0",
        "comments-MAX_NUM_FORMS": "",
        **more,
    }


def body_with(kind: str, things: Things) -> dict[str, Any]:
    return {
        "picture": block("picture", {"body-0-value-picture": str(things.picture.pk)}),
        "page": block("text", {"body-0-value": page_link(things.about.pk)}),
        "document": block("text", {"body-0-value": document_link(things.document.pk)}),
        "poster": block(
            "video",
            {
                "body-0-value-title": "Видео",
                "body-0-value-url": "https://rutube.ru/video/1/",
                "body-0-value-poster": str(things.picture.pk),
            },
        ),
        "answer": block(
            "faq",
            {
                "body-0-value-items-count": "1",
                "body-0-value-items-0-deleted": "",
                "body-0-value-items-0-order": "0",
                "body-0-value-items-0-type": "item",
                "body-0-value-items-0-id": "",
                "body-0-value-items-0-value-question": "Вопрос?",
                "body-0-value-items-0-value-answer": page_link(things.about.pk),
            },
        ),
    }[kind]


KINDS = ["picture", "page", "document", "poster", "answer"]


@pytest.mark.parametrize("kind", ["page", "document", "answer"])
@pytest.mark.parametrize("publish", [False, True])
@pytest.mark.bad_input("page_link_to_other_tenant_draft")
def test_page_that_points_at_the_neighbour_is_refused(
    kind: str, publish: bool, own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    revisions = own.about.revisions.count()
    data = form(own.about, **body_with(kind, neighbour))
    if publish:
        data["action-publish"] = "1"
    response = admin_as(own.editor).post(f"/admin/pages/{own.about.pk}/edit/", data)
    assert response.status_code == 200
    assert response.context["form"].errors == {"body": [REFUSAL]}
    assert own.about.revisions.count() == revisions
    assert Page.objects.get(pk=own.about.pk).title == "ourown О нас"


def test_neighbours_picture_does_not_exist_for_a_block(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    """To the chooser nothing was chosen: no page is published, a draft has no picture yet."""
    client, address = admin_as(own.editor), f"/admin/pages/{own.about.pk}/edit/"
    data = form(own.about, **body_with("picture", neighbour))
    refused = client.post(address, data | {"action-publish": "1"})
    assert refused.status_code == 200
    assert refused.context["form"].errors.keys() == {"body"}
    assert len(StandardPage.objects.get(pk=own.about.pk).body) == 0
    assert client.post(address, data).status_code == 302
    (block,) = StandardPage.objects.get(pk=own.about.pk).get_latest_revision_as_object().body
    assert block.value["picture"] is None


def test_picture_that_may_be_left_out_is_left_out_when_it_is_the_neighbours(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    data = form(own.about, **body_with("poster", neighbour), **{"action-publish": "1"})
    admin_as(own.editor).post(f"/admin/pages/{own.about.pk}/edit/", data)
    (video,) = StandardPage.objects.get(pk=own.about.pk).body
    assert (video.value["title"], video.value["poster"]) == ("Видео", None)


def every_chooser(things: Things) -> dict[str, tuple[str, Any]]:
    """Each place of a block that points at something, pointing at these things."""
    picture, document, campaign = things.picture.pk, things.document.pk, things.draft.pk
    link = f'<p><a linktype="page" id="{things.about.pk}">о нас</a></p>'
    paper = {"documents": [{"document": document, "title": ""}]}
    return {
        "gallery": ("gallery", {"pictures": [{"picture": picture, "caption": ""}]}),
        "person": ("people", {"people": [{"name": "Ольга", "photo": picture}]}),
        "helped": ("testimonials", {"words": [{"words": "Да", "who": "Я", "photo": picture}]}),
        "partner": ("partners", {"partners": [{"name": "Завод", "logo": picture}]}),
        "map": ("contacts", {"address": "Киров", "picture": picture}),
        "paper": ("documents", paper),
        "link in a column": ("columns", {"left": [{"type": "text", "value": link}], "right": []}),
        "paper in a column": (
            "columns",
            {"left": [], "right": [{"type": "documents", "value": paper}]},
        ),
        "card": ("cards", {"campaigns": [campaign]}),
        "bar": ("thermometer", {"campaign": campaign}),
        "form": ("donation", {"to": "campaign", "campaign": campaign, "presets": []}),
    }


def test_every_chooser_of_every_block_is_checked(own: Things, neighbour: Things) -> None:
    """The second layer again: what a form would not offer is put into the page by hand."""
    refused = []
    page: Any = own.about  # its type does not say that a StreamField takes JSON
    whoever = (user_scope(own.editor), Unrestricted("coordinator"))
    for whose, who in product((own, neighbour), whoever):
        for place, (kind, value) in every_chooser(whose).items():
            page.body = json.dumps([{"type": kind, "value": value}])
            page.body.get_prep_value()
            list(page.body)  # read while everything can be seen
            with scoped(who):
                try:
                    page.full_clean()
                except ValidationError as refusal:
                    refused.append((whose, place, refusal.message_dict))
    found = [(neighbour, place, {"body": [REFUSAL]}) for place in every_chooser(neighbour)]
    assert refused == found * len(whoever)


@pytest.mark.parametrize("kind", KINDS)
def test_page_that_points_at_one_s_own_things_is_saved(
    kind: str, own: Things, admin_as: AdminAs
) -> None:
    data = form(own.about, **body_with(kind, own), **{"action-publish": "1"})
    response = admin_as(own.editor).post(f"/admin/pages/{own.about.pk}/edit/", data)
    assert response.status_code == 302
    page = StandardPage.objects.get(pk=own.about.pk)
    assert page.title == "Новое имя"
    assert len(page.body) == 1


def test_link_to_a_page_that_is_gone_does_not_stop_the_editor(
    own: Things, admin_as: AdminAs
) -> None:
    data = form(own.about, **block("text", {"body-0-value": page_link(999_999)}))
    response = admin_as(own.editor).post(f"/admin/pages/{own.about.pk}/edit/", data)
    assert response.status_code == 302
    assert (
        StandardPage.objects.get(pk=own.about.pk).get_latest_revision_as_object().lead == "Начало"
    )


def test_page_that_fails_keeps_no_other_from_coming_and_going(
    own: Things,
    neighbour: Things,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hour_ago, pages = timezone.now() - timedelta(hours=1), (own.about, neighbour.about)

    def breaks(real: Callable[..., None], pk: Callable[[Any], str]) -> Callable[..., None]:
        def broken(row: Any, **kwargs: Any) -> None:
            real(row, **kwargs)
            if pk(row) == str(own.about.pk):
                raise RuntimeError("words of a page")

        return broken

    for page in pages:
        page.title = "Новое имя"
        revision = page.save_revision()
        Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=hour_ago)
    monkeypatch.setattr(Revision, "publish", breaks(Revision.publish, lambda row: row.object_id))
    assert publish_scheduled() == 1
    titles = [Page.objects.get(pk=page.pk).title == "Новое имя" for page in pages]
    assert titles == [False, True]
    assert Revision.objects.filter(approved_go_live_at=hour_ago).count() == 1  # tried again
    Revision.objects.update(approved_go_live_at=None)
    for number, page in enumerate(pages):
        expired = hour_ago + timedelta(minutes=number)
        Page.objects.filter(pk=page.pk).update(expire_at=expired)
    monkeypatch.setattr(Page, "unpublish", breaks(Page.unpublish, lambda row: str(row.pk)))
    assert publish_scheduled() == 1
    assert [Page.objects.get(pk=page.pk).live for page in pages] == [True, False]
    assert f"page {own.about.pk} cannot be published or taken off: RuntimeError" in caplog.text
    assert "words of a page" not in caplog.text


def test_page_that_cannot_come_out_is_tried_once_and_its_editor_is_told(
    own: Things, neighbour: Things, admin_as: AdminAs, caplog: pytest.LogCaptureFixture
) -> None:
    """A link from a time when nobody refused it waits to be published, before another's page."""
    hour_ago = timezone.now() - timedelta(hours=1)
    link = f'<p><a linktype="page" id="{neighbour.about.pk}">соседи</a></p>'
    for page, words in ((own.about, link), (neighbour.about, "<p>свои</p>")):
        block: Any = json.dumps([{"type": "text", "value": words}])
        page.body = block
        revision = page.save_revision(clean=False)
        Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=hour_ago)
    assert publish_scheduled() == 1
    assert "соседи" not in str(StandardPage.objects.get(pk=own.about.pk).body)
    assert "свои" in str(StandardPage.objects.get(pk=neighbour.about.pk).body)
    assert "cannot be published" in caplog.text
    caplog.clear()
    assert publish_scheduled() == 0
    assert caplog.text == ""
    editor, place = admin_as(own.editor), f"/admin/pages/{own.about.pk}"
    told = "Страница не вышла в назначенное время: Здесь есть чужое"
    for screen in ("edit/", "history/"):
        assert told in editor.get(f"{place}/{screen}").content.decode(), screen
    own.about.save_revision(clean=False, log_action=True)
    assert told not in editor.get(f"{place}/edit/").content.decode()


def campaign_form(page: CampaignPage, picture: Picture) -> dict[str, Any]:
    data = typed(slug=page.slug, lead="Начало", picture=str(picture.pk), goal="")
    data.pop("action-publish")
    return data


def appearance_form(logo: Picture) -> dict[str, Any]:
    colours = {"tagline": "Строка", "accent": "#1f6f54", "second": "#d9822b"}
    layout = {"fonts": "neighbour", "header": "line", "home": "beside", "footer_notice": ""}
    return {**colours, **layout, "logo": str(logo.pk)}


@pytest.mark.bad_input("image_fk_of_other_tenant")
def test_picture_of_a_campaign_must_be_one_s_own(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    client = admin_as(own.editor)
    address = f"/admin/pages/{own.draft.pk}/edit/"
    refused = client.post(address, campaign_form(own.draft, neighbour.picture))
    assert refused.status_code == 200
    assert refused.context["form"].errors["picture"] == [
        "Выберите корректный вариант. Вашего варианта нет среди допустимых значений."
    ]
    assert client.post(address, campaign_form(own.draft, own.picture)).status_code == 302
    latest = CampaignPage.objects.get(pk=own.draft.pk).get_latest_revision_as_object()
    assert latest.picture == own.picture


def test_new_page_that_points_at_the_neighbour_is_not_made(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    address = f"/admin/pages/add/home/standardpage/{own.home.pk}/"
    data = form(own.about, **body_with("page", neighbour)) | {"slug": "novaia"}
    response = admin_as(own.editor).post(address, data)
    assert response.status_code == 200
    assert response.context["form"].errors == {"body": [REFUSAL]}
    assert not Page.objects.filter(slug="novaia").exists()


@pytest.fixture(params=["both", "coordinator"])
def sees_both(
    request: pytest.FixtureRequest,
    own: Things,
    neighbour: Things,
    make_person: Callable[..., User],
    admin_as: AdminAs,
) -> SiteClient:
    if request.param == "coordinator":
        return admin_as(make_person(Role.COORDINATOR))
    for site in (own.site, neighbour.site):
        person = make_person(Role.EDITOR, site, email="both@example.org")
    return admin_as(person)


def test_whoever_sees_both_sites_puts_nothing_of_one_on_the_other(
    own: Things, neighbour: Things, sees_both: SiteClient
) -> None:
    edit, settings = (
        f"/admin/pages/{own.about.pk}/edit/",
        f"/admin/settings/site_settings/appearance/{own.site.pk}/",
    )
    new = f"/admin/pages/add/home/standardpage/{own.home.pk}/"
    campaign = f"/admin/pages/{own.draft.pk}/edit/"

    def forms(things: Things) -> list[tuple[str, dict[str, Any], str]]:
        return [
            *((edit, form(own.about, **body_with(kind, things)), "body") for kind in KINDS),
            (new, form(own.about, **body_with("picture", things)) | {"slug": "novaia"}, "body"),
            (campaign, campaign_form(own.draft, things.picture), "picture"),
            (settings, appearance_form(things.picture), "logo"),
        ]

    for address, data, field in forms(neighbour):
        refused = sees_both.post(address, data)
        assert refused.status_code == 200
        assert refused.context["form"].errors == {field: [REFUSAL]}
        assert refused.context["form"].data.dict() == data
    assert not Page.objects.filter(slug="novaia").exists()
    for address, data, _field in forms(own):
        assert sees_both.post(address, data).status_code == 302


def test_the_centres_pages_lead_to_its_sites_and_show_nothing_of_theirs(
    own: Things,
    neighbour: Things,
    make_person: Callable[..., User],
    admin_as: AdminAs,
    settings: Settings,
) -> None:
    settings.BASE_DOMAIN = own.site.hostname
    client = admin_as(make_person(Role.COORDINATOR))
    answers = [
        client.post(f"/admin/pages/{own.about.pk}/edit/", form(own.about, **body_with(*what)))
        for what in (("page", neighbour), ("picture", neighbour))
    ]
    assert [answer.status_code for answer in answers] == [302, 200]


def test_settings_refuse_what_is_another_sites_whoever_fills_them_in(
    own: Things, neighbour: Things
) -> None:
    """The second layer: the form's own field is not asked."""
    appearance = Appearance.objects.get(site=own.site)
    with scoped(user_scope(own.editor)):
        appearance.logo = own.picture
        appearance.full_clean()
        appearance.logo_id = neighbour.picture.pk
        with pytest.raises(ValidationError) as refusal:
            appearance.full_clean(exclude=["logo"])
    assert refusal.value.message_dict == {"__all__": [REFUSAL]}


def test_pages_are_moved_and_copied_within_their_site_only(
    own: Things, neighbour: Things, sees_both: SiteClient
) -> None:
    """Pictures and drafts would go along; a superuser's tester is the coordinator's too."""
    moving, copying = (f"/admin/pages/{own.about.pk}/{what}/" for what in ("move", "copy"))
    new = {"new_title": "Копия", "new_slug": "kopiia", "alias": "", "publish_copies": "on"}
    bulk = f"/admin/bulk/wagtailcore/page/move/?id={own.about.pk}&next=/admin/"
    for there, is_allowed in ((neighbour.home, False), (own.home, True)):
        sees_both.post(f"{moving}{there.pk}/confirm/")
        sees_both.post(bulk, {"chooser": str(there.pk)})
        sees_both.post(copying, {**new, "new_parent_page": str(there.pk)})
        sees_both.post(copying, {**new, "new_parent_page": str(there.pk), "copy_subpages": "on"})
        own.about.refresh_from_db()
        assert own.about.is_child_of(own.home)
        assert Page.objects.child_of(there).filter(slug="kopiia").exists() is is_allowed
    assert not Page.objects.filter(slug="kopiia").descendant_of(neighbour.home).exists()


@pytest.mark.parametrize("moved", ["site", "collection"])
def test_nothing_is_moved_to_another_site(moved: str, own: Things, neighbour: Things) -> None:
    thing: Any = {"site": Appearance.objects.get(site=own.site), "collection": own.picture}[moved]
    there = {"site": neighbour.site, "collection": neighbour.site.walls.collection}[moved]
    with scoped(user_scope(own.editor)):
        thing.full_clean()
        setattr(thing, moved, there)
        with pytest.raises(ValidationError) as refusal:
            thing.full_clean(validate_unique=False)
    assert refusal.value.message_dict[moved] == [REFUSAL]


def test_logo_of_the_site_must_be_one_s_own(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    client = admin_as(own.editor)
    address = f"/admin/settings/site_settings/appearance/{own.site.pk}/"
    refused = client.post(address, appearance_form(neighbour.picture))
    assert refused.status_code == 200
    assert "logo" in refused.context["form"].errors
    assert Appearance.objects.get(site=own.site).tagline == ""
    assert client.post(address, appearance_form(own.picture)).status_code == 302
    assert Appearance.objects.get(site=own.site).logo == own.picture
