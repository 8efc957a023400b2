"""An archived site is changed by nobody, the centre and the keeper of the server included."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page, Revision, Site

from accounts.actions import (
    CannotInvite,
    accept_invitation,
    invitation_token,
    invite,
    send_owed_invitations,
)
from accounts.models import User
from campaigns.models import CampaignPage
from content.models import Picture
from content.scheduled import publish_scheduled
from donations.models import Donation, Fund
from home.models import StandardPage
from network.actions.states import archive_site, reopen_site
from site_settings.models import Organisation
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.home.pages import messages_of
from tests.home.test_messages_screen import listed, write
from tests.tenancy.conftest import add_document, add_picture, png

READ_ONLY = "Этот сайт в архиве: его можно только читать. Сначала откройте его снова."
AdminAs = Callable[[User], SiteClient]


def close(site: Site) -> None:
    archive_site(site=site, typed_name=site.site_name, by=None)


def about(site: Site) -> StandardPage:
    return StandardPage.objects.descendant_of(site.root_page).get()


@pytest.fixture(params=["coordinator", "superuser"])
def helper(request: pytest.FixtureRequest, make_person: Callable[..., User]) -> User:
    if request.param == "coordinator":
        return make_person(Role.COORDINATOR)
    return User.objects.create_superuser("root@example.org", "x")


def test_pages_are_read_and_not_changed(site: Site, helper: User, admin_as: AdminAs) -> None:
    close(site)
    page, client = about(site), admin_as(helper)
    assert client.get(f"/admin/pages/{site.root_page_id}/").status_code == 200
    for path in (
        f"/admin/pages/{page.pk}/edit/",
        f"/admin/pages/{page.pk}/delete/",
        f"/admin/pages/{page.pk}/unpublish/",
        f"/admin/pages/{page.pk}/move/",
        f"/admin/pages/{page.pk}/copy/",
        f"/admin/pages/add/home/standardpage/{site.root_page_id}/",
    ):
        asked = client.get(path, follow=True)
        assert asked.redirect_chain == [("/admin/", 302)], path
        assert READ_ONLY in [str(one) for one in asked.context["messages"]], path
        typed = {"title": "changed", "slug": "changed", "action-publish": "1"}
        assert client.post(path, typed)["Location"] == "/admin/", path
    bulk = f"/admin/bulk/wagtailcore/page/unpublish/?id={page.pk}"
    client.post(bulk)
    assert [(one.title, one.live) for one in Page.objects.filter(pk=page.pk)] == [("О нас", True)]


def test_nothing_is_moved_or_copied_into_it(
    site: Site, other_site: Site, helper: User, admin_as: AdminAs
) -> None:
    close(site)
    page, home = about(other_site), site.root_page
    before = Page.objects.descendant_of(home).count()
    client = admin_as(helper)
    client.post(f"/admin/pages/{page.pk}/move/{home.pk}/confirm/")
    client.post(
        f"/admin/pages/{page.pk}/copy/",
        {"new_title": "x", "new_slug": "x", "new_parent_page": str(home.pk)},
    )
    assert Page.objects.descendant_of(home).count() == before
    assert not page.permissions_for_user(helper).can_move_to(home)
    assert not page.permissions_for_user(helper).can_copy_to(home)


def test_settings_and_payments_are_closed_and_the_neighbours_are_not(
    site: Site, other_site: Site, helper: User, admin_as: AdminAs
) -> None:
    close(site)
    client, words = admin_as(helper), {"full_name": "changed", "time_zone": "Europe/Kirov"}
    for model in ("organisation", "appearance", "channels"):
        path = f"/admin/settings/site_settings/{model}/{site.pk}/"
        assert client.post(path, words)["Location"] == "/admin/", model
    assert Organisation.objects.get(site=site).full_name == "НКО veloput"
    assert client.get(f"/admin/payments/{site.pk}/").status_code == 404
    path = f"/admin/settings/site_settings/organisation/{other_site.pk}/"
    assert client.post(path, words).status_code == 302
    assert Organisation.objects.get(site=other_site).full_name == "changed"
    assert client.get(f"/admin/payments/{other_site.pk}/").status_code == 200


def test_pictures_and_documents_are_looked_at_and_not_changed(
    site: Site, other_site: Site, helper: User, admin_as: AdminAs
) -> None:
    picture, document = add_picture(site, "велосипед"), add_document(site, "отчёт")
    close(site)
    client = admin_as(helper)
    assert "велосипед" in client.get("/admin/images/").content.decode()
    for path in (
        f"/admin/images/{picture.pk}/",
        f"/admin/images/{picture.pk}/delete/",
        f"/admin/documents/edit/{document.pk}/",
        f"/admin/documents/delete/{document.pk}/",
    ):
        answer = client.post(path, {"title": "changed"})
        assert (answer.status_code, answer.get("Location")) == (302, "/admin/"), path
    for place in (site, other_site):
        file = SimpleUploadedFile("a.png", png())
        typed = {"title": place.site_name, "file": file}
        client.post("/admin/images/add/", {**typed, "collection": place.walls.collection_id})
    assert set(Picture.objects.values_list("title", flat=True)) == {"велосипед", "НКО lapy"}


def test_open_again_it_is_changed_again(site: Site, helper: User, admin_as: AdminAs) -> None:
    close(site)
    reopen_site(site=site, by=helper)
    client = admin_as(helper)
    assert client.get(f"/admin/pages/{about(site).pk}/edit/").status_code == 200
    assert client.get(f"/admin/payments/{site.pk}/").status_code == 200


def test_what_was_to_come_or_go_waits_for_the_opening(site: Site, other_site: Site) -> None:
    soon, late = timezone.now() + timedelta(hours=1), timezone.now() - timedelta(hours=1)
    for place in (site, other_site):
        draft = CampaignPage.objects.descendant_of(place.root_page).get()
        draft.go_live_at, draft.goal = soon, Decimal("3000.00")
        draft.save_revision().publish()
        Page.objects.filter(pk=about(place).pk).update(expire_at=late)
    for revision in Revision.page_revisions.filter(approved_go_live_at=soon):
        revision.content["go_live_at"] = late.isoformat()  # the hour has come
        revision.approved_go_live_at = late
        revision.save()
    close(site)
    live = {"sbory", "kontakty", "novosti", "napisat-nam"}
    assert publish_scheduled() == 2
    assert slugs(other_site) == {*live, "pervyi-sbor"}
    assert slugs(site) == {*live, "o-nas"}
    reopen_site(site=site, by=None)
    assert publish_scheduled() == 2
    assert slugs(site) == {*live, "pervyi-sbor"}


def slugs(site: Site) -> set[str]:
    pages = Page.objects.descendant_of(site.root_page).live()
    return set(pages.values_list("slug", flat=True))


def test_nobody_is_invited_and_who_was_waits(site: Site, helper: User, admin_as: AdminAs) -> None:
    waiting = invite(email="anna@example.org", role=Role.EDITOR, site=site, by=None)
    close(site)
    words = "Сайт в архиве: сначала откройте его снова."
    with pytest.raises(CannotInvite) as refused:
        invite(email="boris@example.org", role=Role.EDITOR, site=site, by=helper)
    assert refused.value.messages == [words]
    said = admin_as(helper).post(
        f"/admin/people/{site.pk}/invite/", {"email": "boris@example.org", "role": "editor"}
    )
    assert words in said.content.decode()
    assert send_owed_invitations() == 0
    assert mail.outbox == []
    link = f"/admin/invitation/{invitation_token(waiting)}/"
    assert accept_invitation(invitation=waiting, password="dva slova i 47") is None
    assert SiteClient(django_settings.ADMIN_HOST).get(link).status_code == 410
    reopen_site(site=site, by=helper)
    assert send_owed_invitations() == 1
    assert accept_invitation(invitation=waiting, password="dva slova i 47") is not None


def test_gift_is_given_back_from_an_archived_site_too(
    site: Site, fund: Fund, helper: User, admin_as: AdminAs, give: Callable[..., Donation]
) -> None:
    donation = give(fund, pay=True)
    close(site)
    page = admin_as(helper).get(f"/admin/donations/{donation.pk}/")
    assert page.status_code == 200


def test_coordinator_pays_for_it_with_one_query(
    site: Site, make_person: Callable[..., User], admin_as: AdminAs
) -> None:
    client = admin_as(make_person(Role.COORDINATOR))
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/admin/pages/{site.root_page_id}/")
    asked = [one for one in queries if '"state" = ' in one["sql"] and "walls" in one["sql"]]
    assert len(asked) <= 1


def test_messages_are_read_and_not_deleted(
    site: Site, other_site: Site, helper: User, admin_as: AdminAs
) -> None:
    own, other = write(site, "Анна"), write(other_site, "Борис")
    close(site)
    client = admin_as(helper)
    assert "Анна" in client.get(listed(site)).content.decode()
    path = f"{listed(site)}delete/?selected-submissions={own.pk}"
    for ask in (client.get, client.post):
        answer = ask(path, follow=True)
        assert READ_ONLY in [str(one) for one in answer.context["messages"]]
    assert messages_of(site) == [own]
    client.post(f"{listed(other_site)}delete/?selected-submissions={other.pk}")
    assert messages_of(other_site) == []
