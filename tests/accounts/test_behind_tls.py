"""Signing in as in life: gunicorn with DEBUG off, behind a proxy that ends TLS."""

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from wagtail.models import Site

from accounts.models import User
from tenancy.models import Role, RoleGroup
from tests.conftest import PASSWORD
from tests.donations.test_server import _wait_for, database_url, free_port

pytestmark = pytest.mark.django_db(transaction=True)
HOST = settings.ADMIN_HOST
TOKEN = "a" * 32
TLS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


@pytest.fixture
def port(transactional_db: None, site: Site) -> Iterator[int]:
    number = free_port()
    production = {
        "DEBUG": "off",
        "REQUIRE_2FA": "on",
        "TRUSTED_PROXIES": "1",
        "EMAIL_URL": "smtp://localhost:25",
        "DATABASE_URL": database_url(),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "sonko_cms.wsgi", f"--bind=127.0.0.1:{number}"],
        env={**os.environ, **production},
        cwd=settings.BASE_DIR,
    )
    try:
        _wait_for(process, number)
        yield number
    finally:
        process.terminate()
        process.wait(20)


def person(site: Site, role: Role) -> User:
    user = User.objects.create(email=f"{role.value}@example.org")
    hasher = Argon2PasswordHasher()  # the server takes no other, and the suite has a cheap one
    User.objects.update(password=hasher.encode(PASSWORD, hasher.salt()))
    user.groups.add(RoleGroup.objects.get(site=site, role=role).group)
    return user


def ask(
    port: int, method: str, path: str, form: dict[str, str] | None = None, **headers: str
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = urlencode(form) if form is not None else None
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, body, {"Host": HOST, **headers})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def sign_in(port: int, user: User, origin: str = f"https://{HOST}", **headers: str) -> list[str]:
    """The cookies that the answer sets."""
    form = {"username": user.email, "password": PASSWORD, "csrfmiddlewaretoken": TOKEN}
    sent = {**TLS, "Origin": origin, "Cookie": f"__Host-csrftoken={TOKEN}", **headers}
    answer = ask(port, "POST", "/admin/login/", form, **sent)
    return answer.headers.get_all("Set-Cookie") or []


def test_person_signs_in_with_cookies_that_only_this_host_gets(port: int, site: Site) -> None:
    cookies = sign_in(port, person(site, Role.EDITOR))
    session = next(cookie for cookie in cookies if cookie.startswith("__Host-sessionid="))
    parts = {part.strip().partition("=")[0].lower() for part in session.split(";")[1:]}
    assert {"secure", "httponly", "path", "samesite"} <= parts
    assert "domain" not in parts
    assert "samesite=lax" in session.lower()
    cookie = session.partition(";")[0]
    # Signed in: the door leads on.
    answer = ask(port, "GET", "/admin/login/", None, **TLS, Cookie=cookie)
    assert (answer.status, answer.headers["Location"]) == (302, "/admin/")
    # A cookie under the plain name, which a neighbour could toss, is nobody's.
    tossed = cookie.removeprefix("__Host-")
    stranger = ask(port, "GET", "/admin/donations/", None, **TLS, Cookie=tossed)
    assert stranger.headers["Location"] == "/admin/login/?next=/admin/donations/"


def test_who_sees_money_is_led_to_the_second_factor(port: int, site: Site) -> None:
    cookies = sign_in(port, person(site, Role.ACCOUNTANT))
    cookie = next(c for c in cookies if c.startswith("__Host-sessionid=")).partition(";")[0]
    answer = ask(port, "GET", "/admin/donations/", None, **TLS, Cookie=cookie)
    assert answer.headers["Location"] == "/admin/second-factor/?next=%2Fadmin%2Fdonations%2F"


def test_form_of_a_neighbour_under_the_same_domain_signs_nobody_in(port: int, site: Site) -> None:
    user = person(site, Role.EDITOR)
    for origin in (f"https://{site.hostname}", "null", f"http://{HOST}", "https://evil.example"):
        assert not any("sessionid" in cookie for cookie in sign_in(port, user, origin))
    assert any("sessionid" in cookie for cookie in sign_in(port, user))


def test_without_tls_one_is_led_to_it_and_no_cookie_is_set(port: int, site: Site) -> None:
    answer = ask(port, "GET", "/admin/login/", None, **{"X-Forwarded-Proto": "http"})
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/admin/login/")
    assert answer.headers.get_all("Set-Cookie") is None
