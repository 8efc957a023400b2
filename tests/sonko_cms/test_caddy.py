"""The web server of compose.yaml, for real: Debian's Caddy on loopback, with its own authority."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from wagtail.models import Site

from network.actions.addresses import make_main
from tenancy.models import SiteHostname

CADDY = shutil.which("caddy")
CADDYFILE = Path(django_settings.BASE_DIR) / "Caddyfile"
OWN, WAITING, UNKNOWN = "dobro.example.org", "waits.example.org", "evil.example"

pytestmark = [
    pytest.mark.skipif(
        CADDY is None and not os.environ.get("REQUIRE_BROWSER"), reason="caddy is not installed"
    ),
    pytest.mark.django_db(transaction=True),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Front:
    port: int
    authority: Path

    def get(self, host: str, path: str = "/", accepts: str = "identity") -> tuple[int, str]:
        """Status and text of a page over TLS whose certificate is checked for this very name."""
        trusted = ssl.create_default_context(cafile=str(self.authority))
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=20) as plain,
            trusted.wrap_socket(plain, server_hostname=host) as secure,
        ):
            lines = (f"GET {path} HTTP/1.0", f"Host: {host}", f"Accept-Encoding: {accepts}")
            secure.sendall("\r\n".join((*lines, "", "")).encode())
            answer = b"".join(iter(lambda: secure.recv(65536), b""))
        head, _blank, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), f"{head.decode()}\n{body.decode(errors='replace')}"


@pytest.fixture
def front(live_server: LiveServer, tmp_path: Path) -> Iterator[Front]:
    assert CADDY is not None, "install caddy: .ci/run does"
    port, plain = free_port(), free_port()
    options = f"local_certs\nskip_install_trust\nadmin off\nhttp_port {plain}\nhttps_port {port}"
    place = {name: str(tmp_path) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    more = {
        **place,
        "UPSTREAM": live_server.url.removeprefix("http://"),
        "ACME_EMAIL": "keeper@example.org",
        "CADDY_GLOBAL": options,
    }
    log = (tmp_path / "caddy.log").open("wb")
    process = subprocess.Popen(
        [CADDY, "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"],
        env={**os.environ, **more},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    authority = tmp_path / "caddy/pki/authorities/local/root.crt"
    try:
        for _try in range(300):
            if authority.exists() and _listens(port):
                break
            assert process.poll() is None, (tmp_path / "caddy.log").read_text()
            time.sleep(0.1)
        yield Front(port, authority)
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_own_domain_gets_a_certificate_by_itself_and_a_strangers_name_none(
    site: Site, front: Front
) -> None:
    row = SiteHostname.objects.create(site=site, hostname=OWN, verified_at=timezone.now())
    make_main(row=row, by=None)
    SiteHostname.objects.create(site=site, hostname=WAITING)
    status, page = front.get(OWN)
    assert status == 200
    assert "НКО veloput" in page
    former, moved = front.get("veloput.localhost", "/sbory/?a=1")
    assert former == 301
    assert f"Location: http://{OWN}:8000/sbory/?a=1" in moved
    assert front.get("admin.localhost", "/admin/login/")[0] == 200
    assert front.get(OWN, f"/internal/tls-allowed?domain={OWN}")[0] == 404
    for name in (UNKNOWN, WAITING, f"x.{OWN}"):
        with pytest.raises(ssl.SSLError):
            front.get(name)


def test_pages_and_the_css_of_the_theme_go_out_compressed(site: Site, front: Front) -> None:
    page = front.get("veloput.localhost")[1]
    (theme,) = re.findall(r'href="(/theme/[^"]+)"', page)
    told = [
        re.findall("^Content-Encoding: (.+)\r$", front.get("veloput.localhost", path, way)[1], re.M)
        for path in ("/", theme)
        for way in ("identity", "gzip", "gzip, zstd")
    ]
    assert told == [[], ["gzip"], ["zstd"]] * 2


@pytest.mark.bad_input("slowloris")
def test_head_sent_letter_by_letter_is_not_waited_for() -> None:
    assert CADDY is not None, "install caddy: .ci/run does"
    command = [CADDY, "adapt", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    given = {**os.environ, "ACME_EMAIL": "keeper@example.org"}
    told = subprocess.run(command, env=given, check=True, capture_output=True)
    servers = json.loads(told.stdout)["apps"]["http"]["servers"].values()
    assert [server["read_header_timeout"] for server in servers] == [10_000_000_000]
