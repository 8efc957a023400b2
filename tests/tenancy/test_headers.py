"""What a stranger writes into the head of a request, sent to the real server over a socket."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import mail
from pytest_django.fixtures import Settings
from wagtail.models import Site

from accounts.models import User
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.donations.test_server import _wait_for, database_url, free_port


@pytest.fixture
def server(transactional_db: None, site: Site, other_site: Site) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "sonko_cms.wsgi", f"--bind=127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command, "--threads=2", "--log-level=critical"],
        env={**os.environ, "DATABASE_URL": database_url()},
        cwd=django_settings.BASE_DIR,
    )
    try:
        _wait_for(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def send(port: int, head: str) -> tuple[int, str]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        line.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: line.recv(65536), b"")).decode(errors="replace")
    return int(answer.split(" ", 2)[1]), answer


OWN = "Host: veloput.localhost"
HEADS = [
    ("two_hosts", f"GET / HTTP/1.1\n{OWN}\nHost: lapy.localhost", {400}),
    ("host_empty", "GET / HTTP/1.1", {400, 404}),
    ("host_userinfo", "GET / HTTP/1.1\nHost: veloput.localhost@evil.example", {400}),
    ("absolute_uri", f"GET http://evil.example/ HTTP/1.1\n{OWN}", {200, 400}),
    ("path_traversal", f"GET /media/../../etc/passwd HTTP/1.1\n{OWN}", {400, 404}),
    ("path_encoded", f"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\n{OWN}", {400, 404}),
    ("path_bad_utf8", f"GET /%ff%fe/ HTTP/1.1\n{OWN}", {400, 404}),
    ("double_slash_redirect", f"GET //evil.example/%2e%2e HTTP/1.1\n{OWN}", {400, 404}),
    ("query_10k_params", f"GET /?{'a=1&' * 10000} HTTP/1.1\n{OWN}", {400, 414, 431}),
    ("cookie_8kb", f"GET / HTTP/1.1\n{OWN}\nCookie: {'a=b; ' * 2000}", {400, 431}),
    ("accept_language", f"GET / HTTP/1.1\n{OWN}\nAccept-Language: {'x' * 500}", {200}),
    ("page_param_nan", f"GET /sbory/?page=NaN HTTP/1.1\n{OWN}", {200, 404}),
    ("page_param_huge", f"GET /sbory/?page=99999999999999999999 HTTP/1.1\n{OWN}", {200, 404}),
    ("host_port", "GET / HTTP/1.1\nHost: veloput.localhost:8443", {200, 400}),
    ("xfh", f"GET / HTTP/1.1\n{OWN}\nX-Forwarded-Host: lapy.localhost", {200}),
]


@pytest.mark.bad_input(*[name for name, _head, _expected in HEADS])
def test_strange_heads_get_one_s_own_page_or_a_short_refusal(server: int) -> None:
    for name, head, expected in HEADS:
        status, answer = send(server, f"{head}\nConnection: close")
        assert status in expected, (name, answer[:300])
        assert "НКО lapy" not in answer, name
        assert "root:" not in answer, name
        assert "Traceback" not in answer, name
        assert "Location: http://evil" not in answer, name
        assert "Location: //" not in answer, name
        assert ":8443" not in answer, name
        if status != 200:
            assert len(answer) < 12000, name  # Django's own page, DEBUG is on here


@pytest.mark.bad_input("xfp_http")
def test_proxy_that_is_not_ours_does_not_say_that_the_line_is_safe(
    site: Site, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert settings.SECURE_PROXY_SSL_HEADER is None  # TRUSTED_PROXIES=0
    answer = SiteClient(site.hostname).get("/", HTTP_X_FORWARDED_PROTO="https")
    assert answer["Location"] == "https://veloput.localhost/"


@pytest.mark.parametrize("host", ["evil.example", "lapy.localhost", "veloput.localhost"])
@pytest.mark.bad_input("reset_poison", "reset_other_tenant_host")
def test_new_password_is_asked_for_at_the_admins_host_only(
    site: Site, other_site: Site, make_person: Callable[..., User], host: str
) -> None:
    person = make_person(Role.EDITOR, site)
    answer = SiteClient(host).post("/admin/password_reset/", {"email": person.email})
    assert answer.status_code == 404
    assert mail.outbox == []


@pytest.mark.parametrize("words", ["(" * 2000, "%" * 2000, "\0", "' OR 1=1 --", "я" * 2000])
@pytest.mark.parametrize("page", ["NaN", "99999999999999999999", "-1", ""])
@pytest.mark.bad_input("search_2000_chars")
def test_list_of_sites_is_searched_by_anything(
    site: Site,
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
    words: str,
    page: str,
) -> None:
    browser: Any = admin_as(make_person(Role.COORDINATOR))
    answer = browser.get("/admin/network/sites/", {"q": words, "p": page, "state": "gone"})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode().partition("<main")[2]
