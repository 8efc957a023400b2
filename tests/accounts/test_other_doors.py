"""Ways into somebody's session or another site that are no sign-in at all."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings
from wagtail.models import Page, Site

from accounts.models import User
from donations.models import Donation, Fund
from site_settings.models import Channels
from tenancy.models import Role
from tests.conftest import SiteClient

MakePerson = Callable[..., User]
AdminAs = Callable[[User], SiteClient]


@pytest.mark.parametrize("origin", ["http://veloput.localhost", "https://evil.example", "null"])
@pytest.mark.bad_input("csrf_admin_cross_tenant")
def test_form_of_another_origin_changes_nothing_though_its_cookies_come_along(
    origin: str, editor: User, site: Site
) -> None:
    """A site under the same domain is same-site for cookies: only the origin tells it apart."""
    client = SiteClient(django_settings.ADMIN_HOST, enforce_csrf_checks=True)
    client.force_login(editor)
    token = "a" * 32
    client.cookies["csrftoken"] = token
    path = f"/admin/pages/{site.root_page_id}/unpublish/"
    form = {"csrfmiddlewaretoken": token}
    assert client.post(path, form, HTTP_ORIGIN=origin).status_code == 403
    assert Page.objects.get(pk=site.root_page_id).live is True
    own = client.post(path, form, HTTP_ORIGIN=f"http://{django_settings.ADMIN_HOST}")
    assert own.status_code == 302
    assert Page.objects.get(pk=site.root_page_id).live is False


@pytest.mark.parametrize("path", ["/admin/", "/admin/account/", "/admin/login/", "/admin/nowhere/"])
@pytest.mark.bad_input("clickjack_admin")
def test_nobody_puts_the_admin_into_a_frame(path: str, editor: User, admin_as: AdminAs) -> None:
    client = SiteClient(django_settings.ADMIN_HOST) if "login" in path else admin_as(editor)
    policy = client.get(path)["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy


def test_preview_stays_in_the_frame_of_the_editor(
    editor: User, site: Site, admin_as: AdminAs
) -> None:
    answer = admin_as(editor).get(f"/admin/pages/{site.root_page_id}/edit/preview/")
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]


@pytest.mark.bad_input("superuser_views_ngo_page")
def test_page_of_an_ngo_cannot_act_in_the_session_of_who_looks_at_it(
    site: Site, admin_as: AdminAs
) -> None:
    """Script that got into a page would run at another origin, and it does not run at all."""
    root = admin_as(User.objects.create_superuser("root@example.org", "x"))
    public = SiteClient(site.hostname)
    public.cookies = root.cookies
    page = public.get("/")
    scripts = [part for part in page["Content-Security-Policy"].split(";") if "script-src" in part]
    assert [part.split() for part in scripts] == [["script-src", "'self'"]]
    assert "Set-Cookie" not in page
    for path in ("/admin/", "/admin/users/", "/admin/account/"):
        assert public.get(path).status_code == 404
    preview = root.get(f"/admin/pages/{site.root_page_id}/view_draft/")
    assert "unsafe-inline" not in preview["Content-Security-Policy"]


@pytest.mark.bad_input("editor_settings_site_param")
def test_settings_of_another_site_are_not_reached_by_a_parameter(
    site: Site, other_site: Site, editor: User, admin_as: AdminAs
) -> None:
    client = admin_as(editor)
    Channels.objects.filter(site=other_site).update(vk_url="https://vk.com/zzneighbour")
    path = "/admin/settings/site_settings/channels/"
    assert client.get(f"{path}{other_site.pk}/").status_code == 404
    assert client.post(f"{path}{other_site.pk}/", {"vk_url": ""}).status_code == 404
    for name in ("site_pk", "site", "pk"):
        answer = client.get(f"{path}?{name}={other_site.pk}", follow=True)
        assert answer.redirect_chain[-1][0].partition("?")[0] == f"{path}{site.pk}/"
        assert "zzneighbour" not in answer.content.decode()
    assert Channels.objects.get(site=other_site).vk_url == "https://vk.com/zzneighbour"


@pytest.mark.bad_input("donor_receipt_link")
def test_page_of_a_gift_is_found_on_its_own_site_only(
    site: Site, other_site: Site, fund: Fund, give: Callable[..., Donation]
) -> None:
    donation = give(fund, "500.00", pay=True)
    path = f"/donations/{donation.public_id}/"
    assert SiteClient(site.hostname).get(path).status_code == 200
    for host, asked in (
        (other_site.hostname, path),
        (site.hostname, f"/donations/{uuid.uuid4()}/"),
        (site.hostname, f"/donations/{donation.pk}/"),
    ):
        answer: Any = SiteClient(host).get(asked)
        assert answer.status_code == 404
        assert "500" not in answer.content.decode()


@pytest.mark.bad_input("unsubscribe_token_forged")
def test_forged_token_of_a_monthly_gift_is_404_and_changes_nothing(site: Site) -> None:
    visitor = SiteClient(site.hostname)
    for token in ("x", "MQ:abc:def", "1", "a" * 500):
        assert visitor.get(f"/monthly/{token}/").status_code == 404
        assert visitor.send_form(f"/monthly/{token}/", {"action": "stop"}).status_code == 404


def test_person_of_no_site_any_more_reaches_nothing(
    site: Site, editor: User, make_person: MakePerson, admin_as: AdminAs
) -> None:
    client = admin_as(editor)
    editor.groups.clear()
    make_person(Role.EDITOR, site, email="other@example.org")
    for path in (f"/admin/pages/{site.root_page_id}/edit/", "/admin/images/", "/admin/people/"):
        assert client.get(path).status_code in (302, 404)
        assert "other@example.org" not in client.get(path).content.decode()
