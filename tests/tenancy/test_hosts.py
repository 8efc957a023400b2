"""Which host answers what."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django.fixtures import Settings
from wagtail.models import Page, Site

from accounts.models import User
from home.models import StandardPage
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.tenancy.conftest import MARK, Things, add_document

# Wagtail leaves the temporary file of a new rendition to the garbage collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. .function SpooledTemporaryFile:"
    "pytest.PytestUnraisableExceptionWarning"
)

STRICT = {"default-src 'none'", "script-src 'self'", "style-src 'self'", "object-src 'none'"}


def policy(response: Any) -> set[str]:
    return {part.strip() for part in response["Content-Security-Policy"].split(";")}


@pytest.mark.parametrize(
    "host",
    ["veloput.localhost", "veloput.localhost:8000", "VeloPut.LOCALHOST", "veloput.localhost:1"],
)
@pytest.mark.bad_input("host_port")
def test_site_answers_at_its_exact_name_whatever_case_and_port(site: Site, host: str) -> None:
    response = SiteClient(host).get("/")
    assert response.status_code == 200
    assert "НКО veloput" in response.content.decode()


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("veloput.localhost.", id="host_dot"),
        "veloput.localhost.:8000",
        pytest.param("veloput.localhost@evil.example", id="host_userinfo"),
        "veloput_.localhost",
        "velo put.localhost",
        "veloput.localhost:port",
        "veloput.localhost/x",
        "<script>",
        "велопуть.localhost",
        pytest.param("", id="host_empty"),
        " ",
        "a..b",
        ".veloput.localhost",
    ],
)
def test_malformed_host_is_400_without_a_word_of_ours(site: Site, host: str) -> None:
    response = SiteClient(host).get("/")
    assert (response.status_code, response.content) == (400, b"Bad request")
    assert response["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("evil.example", id="unknown_host"),
        "localhost",
        pytest.param("veloput.localhost.evil.example", id="host_suffix"),
        "xveloput.localhost",
        "127.0.0.1",
        "[::1]",
        pytest.param("203.0.113.10:8000", id="host_ip"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/admin/", "/media/images/x.png", "/sbory/", "/nowhere/"])
@pytest.mark.bad_input("default_site_unset")
def test_well_formed_unknown_host_gets_a_plain_404(site: Site, host: str, path: str) -> None:
    Site.objects.update(is_default_site=True)  # even if somebody marks one
    response = SiteClient(host).get(path)
    text = response.content.decode()
    assert response.status_code == 404
    assert [template.name for template in response.templates] == ["tenancy/unknown_host.html"]
    for word in ("veloput", "stylesheet", "sonko", "Sonko"):
        assert word not in text


def test_stand_alone_installation_has_no_default_site_either(
    site: Site, settings: Settings
) -> None:
    settings.NETWORK = False
    Site.objects.update(is_default_site=True)
    assert SiteClient("evil.example").get("/").status_code == 404
    assert SiteClient(site.hostname).get("/").status_code == 200


@pytest.mark.bad_input("xfh")
def test_forwarded_host_is_ignored(site: Site, other_site: Site) -> None:
    visitor = SiteClient(site.hostname, HTTP_X_FORWARDED_HOST=other_site.hostname)
    text = visitor.get("/").content.decode()
    assert "НКО veloput" in text
    assert "lapy" not in text
    unknown = SiteClient("evil.example", HTTP_X_FORWARDED_HOST=site.hostname)
    assert unknown.get("/").status_code == 404


@pytest.mark.parametrize("path", ["/admin", "/admin/", "/admin/login/", "/admin/nowhere/"])
@pytest.mark.bad_input("admin_on_tenant_host")
def test_admin_is_404_on_a_site(site: Site, path: str) -> None:
    response = SiteClient(site.hostname).get(path)
    assert response.status_code == 404
    assert "wagtail" not in response.content.decode().lower()


@pytest.mark.bad_input("admin_host_serves_pages")
def test_admin_host_serves_no_page_of_a_site(site: Site) -> None:
    client = SiteClient(django_settings.ADMIN_HOST)
    for path in ("/sbory/", "/o-nas/", "/donations/start/", "/legal/offer/", "/en/"):
        response = client.get(path)
        assert response.status_code == 404, path
        assert "veloput" not in response.content.decode()
    assert client.get("/")["Location"] == "/admin/"
    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"


def test_page_whose_address_begins_like_the_admin_is_not_swallowed(site: Site) -> None:
    page = StandardPage(title="Администрация", slug="administration")
    site.root_page.add_child(instance=page)
    page.save_revision().publish()
    response = SiteClient(site.hostname).get("/administration/")
    assert response.status_code == 200
    assert "Администрация" in response.content.decode()


def test_health_is_answered_on_every_host(site: Site) -> None:
    for host in (site.hostname, django_settings.ADMIN_HOST, "10.1.2.3", "evil.example"):
        response = SiteClient(host).get("/healthz")
        assert (response.status_code, response.content) == (200, b"ok")


def test_media_and_static_are_answered_on_the_admin_host(own: Things) -> None:
    rendition = own.picture.get_rendition("width-20")
    client = SiteClient(django_settings.ADMIN_HOST)
    client.force_login(own.editor)
    for host_client in (client, SiteClient(own.site.hostname)):
        response = host_client.get(rendition.url)
        assert (response.status_code, response["Content-Type"]) == (200, "image/png")
        assert b"".join(response).startswith(b"\x89PNG")
    static = client.get("/static/wagtailadmin/css/core.css")
    assert (static.status_code, static["Content-Type"]) == (200, 'text/css; charset="utf-8"')
    assert b"".join(static)


@pytest.mark.bad_input("doc_of_other_tenant")
def test_documents_are_answered_where_they_belong_only(
    own: Things, neighbour: Things, admin_as: Callable[[User], SiteClient]
) -> None:
    paths = {things.document.url: things for things in (own, neighbour)}
    own_path, their_path = paths
    clients = (SiteClient(own.site.hostname), admin_as(own.editor))
    for client in clients:
        response = client.get(own_path)
        assert (response.status_code, b"".join(response)) == (200, b"ourown document")
        assert client.get(their_path).status_code == 404
    assert SiteClient(django_settings.ADMIN_HOST).get(own_path).status_code == 404


def test_public_answers_set_no_cookie_and_carry_the_strict_policy(site: Site) -> None:
    visitor = SiteClient(site.hostname)
    for path in ("/", "/sbory/", "/o-nas/", "/kontakty/", "/legal/offer/", "/nowhere/"):
        response = visitor.get(path)
        assert not response.cookies, path
        assert policy(response) >= STRICT, path
        assert "unsafe" not in response["Content-Security-Policy"], path
        assert "Cookie" not in response.get("Vary", ""), path


@pytest.mark.bad_input("cookie_toss_parent")
def test_public_pages_read_no_session_of_the_admin(
    own: Things, admin_as: Callable[[User], SiteClient]
) -> None:
    session = admin_as(own.editor).cookies[django_settings.SESSION_COOKIE_NAME].value
    visitor = SiteClient(own.site.hostname)
    visitor.cookies[django_settings.SESSION_COOKIE_NAME] = session
    response = visitor.get("/")
    assert own.editor.email not in response.content.decode()
    assert "wagtail-userbar" not in response.content.decode()
    assert visitor.get(f"/{own.draft.slug}/").status_code == 404


@pytest.mark.bad_input("cookie_toss_session")
def test_session_of_another_name_is_read_by_nobody(
    own: Things, admin_as: Callable[[User], SiteClient], settings: Settings
) -> None:
    settings.SESSION_COOKIE_NAME = "__Host-sessionid"
    session = admin_as(own.editor).cookies["__Host-sessionid"].value
    tossed = f"sessionid=attacker; sessionid={session}"
    for cookies, status in ((tossed, 302), (f"{tossed}; __Host-sessionid={session}", 200)):
        browser = SiteClient(django_settings.ADMIN_HOST, HTTP_COOKIE=cookies)
        assert browser.get("/admin/").status_code == status


def test_admin_has_its_own_policy_and_cookies_of_its_host_only(own: Things) -> None:
    response = SiteClient(django_settings.ADMIN_HOST).get("/admin/login/")
    assert "script-src 'self' 'unsafe-inline'" in policy(response)
    assert "default-src 'none'" in policy(response)
    for cookie in response.cookies.values():
        assert cookie["domain"] == ""
        assert cookie["samesite"] == "Lax"
        assert cookie["httponly"]


@pytest.mark.bad_input("cache_key_host")
def test_sites_answer_with_their_own_page_at_the_same_path(own: Things, neighbour: Things) -> None:
    here = SiteClient(own.site.hostname).get("/o-nas/").content.decode()
    there = SiteClient(neighbour.site.hostname).get("/o-nas/").content.decode()
    assert "ourown О нас" in here
    assert MARK not in here
    assert f"{MARK} О нас" in there
    assert "ourown" not in there


def test_site_not_translated_has_no_other_language(site: Site) -> None:
    for path in ("/en/", "/en/sbory/", "/tt/"):
        response = SiteClient(site.hostname).get(path)
        assert response.status_code == 404, path
        assert "Наш первый сбор" not in response.content.decode()


def preview_form(page: StandardPage) -> dict[str, str]:
    return {
        "title": "Черновик нового",
        "slug": page.slug,
        "lead": "Ещё не напечатано",
        "body-count": "0",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "comments-MIN_NUM_FORMS": "0",
        "comments-MAX_NUM_FORMS": "",
    }


def test_preview_of_a_draft_works_on_the_admin_host_with_the_public_policy(
    own: Things, admin_as: Callable[[User], SiteClient]
) -> None:
    client = admin_as(own.editor)
    address = f"/admin/pages/{own.about.pk}/edit/preview/"
    answer = client.post(address, preview_form(own.about))
    assert answer.json() == {"is_valid": True, "is_available": True}
    shown = client.get(address)
    text = shown.content.decode()
    assert shown.status_code == 200
    assert "Черновик нового" in text
    assert "Ещё не напечатано" in text
    assert policy(shown) >= STRICT
    assert "unsafe" not in shown["Content-Security-Policy"]
    assert not shown.cookies
    assert Page.objects.get(pk=own.about.pk).title == "ourown О нас"


def test_scope_of_the_admin_is_back_after_the_nested_request_of_a_preview(
    own: Things,
    neighbour: Things,
    admin_as: Callable[[User], SiteClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tenancy import middleware, scope  # noqa: PLC0415

    seen: list[object] = []
    real = middleware.scoped

    def watch(visibility: Any) -> Any:
        seen.append((scope._current.get(), visibility))
        return real(visibility)

    monkeypatch.setattr(middleware, "scoped", watch)
    client = admin_as(own.editor)
    draft = client.get(f"/admin/pages/{own.draft.pk}/view_draft/")
    assert draft.status_code == 200
    assert "ourown Наш первый сбор" in draft.content.decode()
    outer, inner = seen
    assert outer[0] is None  # type: ignore[index]
    assert inner[0] == outer[1]  # type: ignore[index]
    assert inner[1] == scope.site_scope(own.site)  # type: ignore[index]
    assert client.get("/admin/images/").status_code == 200


def test_draft_is_404_for_visitors_even_with_the_editor_signed_in_elsewhere(own: Things) -> None:
    assert SiteClient(own.site.hostname).get("/sbory/pervyi-sbor/").status_code == 404


def test_document_of_one_site_is_not_given_by_another(own: Things, neighbour: Things) -> None:
    secret = add_document(neighbour.site, "plan")
    assert SiteClient(own.site.hostname).get(secret.url).status_code == 404
    assert SiteClient(own.site.hostname).get(f"/media/{secret.file.name}").status_code == 404


def test_original_picture_is_given_nowhere(own: Things) -> None:
    for host in (own.site.hostname, django_settings.ADMIN_HOST):
        assert Client(HTTP_HOST=host).get(f"/media/{own.picture.file.name}").status_code == 404


def test_person_of_another_role_cannot_preview(
    own: Things,
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
) -> None:
    accountant = make_person(Role.ACCOUNTANT, own.site)
    response = admin_as(accountant).get(f"/admin/pages/{own.draft.pk}/view_draft/")
    assert "первый сбор" not in response.content.decode()
