"""A video is a picture until somebody clicks: its player is ours to name, and nobody is asked."""

import socket
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from wagtail.models import Site

from content.blocks import VideoBlock
from content.video import FRAME_HOSTS, video_of
from home.models import StandardPage
from tests.conftest import SiteClient

VK = "https://vkvideo.ru/video_ext.php?oid=-22&id=33&autoplay=1"
TUBE = "https://www.youtube-nocookie.com/embed/a-B_c9?autoplay=1"


def cleaned(url: str) -> Any:
    block = VideoBlock()
    return block.clean(block.to_python({"title": "Ступени", "url": url, "poster": None}))


@pytest.fixture
def nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise AssertionError("somebody was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("nobody_is_asked")
@pytest.mark.parametrize(
    ("url", "player"),
    [
        ("https://vk.com/video-22_33", VK),
        ("https://vk.com/video-1_1", "https://vkvideo.ru/video_ext.php?oid=-1&id=1&autoplay=1"),
        (
            "https://rutube.ru/video/c6cc4d620b1d4338901770a44b3e82f4/",
            "https://rutube.ru/play/embed/c6cc4d620b1d4338901770a44b3e82f4/",
        ),
        (
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
            "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1",
        ),
        ("https://vk.ru/video-22_33", VK),
        ("https://m.vk.ru/video-22_33?list=1", VK),
        ("https://vkvideo.ru/video-22_33?t=1m", VK),
        ("https://vkvideo.ru/playlist/-22_5/video-22_33", VK),
        ("https://vk.com/videos-22?z=video-22_33%2Fclub22", VK),
        ("https://vk.com/clip-22_33", VK),
        ("https://rutube.ru/video/0f9e/", "https://rutube.ru/play/embed/0f9e/"),
        ("https://rutube.ru/video/private/0f9e/?p=k-1", "https://rutube.ru/play/embed/0f9e/?p=k-1"),
        ("https://rutube.ru/video/0f9e/?p=%22%3E", "https://rutube.ru/play/embed/0f9e/"),
        ("https://www.youtube.com/watch?v=a-B_c9&t=5", TUBE),
        ("https://youtu.be/a-B_c9?si=1", TUBE),
        ("https://m.youtube.com/shorts/a-B_c9", TUBE),
        ("http://www.youtube.com/watch?v=a-B_c9", TUBE),
    ],
)
@pytest.mark.bad_input("youtube", "rutube", "vk_video", "http_scheme")
def test_player_is_built_from_the_id_of_the_video(url: str, player: str) -> None:
    value = cleaned(url)
    assert value.video.player == player
    assert value["url"].startswith("https://")


@pytest.mark.usefixtures("nobody_is_asked")
@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com.chuzhoy.ru/watch?v=1",
        "https://chuzhoy.ru/?https://www.youtube.com/watch?v=1",
        "https://www.youtube.com@chuzhoy.ru/watch?v=1",
        "http://localhost/",
        "http://169.254.169.254/latest/",
        "http://[::1]/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://name-that-leads-home.example/",
        "gopher://127.0.0.1:25/",
        "javascript:alert(1)",
        "data:text/html,<script>",
        "https://youtu.be/" + "a" * 5000,
        "https://youtu.be/" + "a" * 200,
        "https://youtu.be/x\r\nHost: chuzhoy",
        "https://youtu.be/x y",
        # of a site we know, and yet no video
        "https://vk.com/club22",
        "https://vk.com/video-22_33x",
        "https://rutube.ru/channel/22/",
        "https://www.youtube.com/@name",
        "https://www.youtube.com/watch?v=%22%3E%3Cscript%3E",
        "https://youtu.be/../../evil",
    ],
)
@pytest.mark.bad_input(
    "suffix_trick",
    "query_trick",
    "userinfo_trick",
    "loopback_name",
    "metadata",
    "ipv6_loopback",
    "decimal_ip",
    "octal_ip",
    "gopher",
    "javascript",
    "data",
    "dns_rebind",
    "provider_hangs",
    "provider_10MB",
    "url_5000",
    "crlf",
)
def test_anything_else_is_refused_and_nobody_is_asked(url: str) -> None:
    with pytest.raises(ValidationError):
        cleaned(url)
    video = video_of(url)
    assert video is None or video.player == ""


def page_with(site: Site, *urls: str) -> None:
    body = [
        {"type": "video", "value": {"title": "Урок", "url": url, "poster": None}} for url in urls
    ]
    site.root_page.add_child(instance=StandardPage(title="Урок", slug="urok", body=body))


def frames_of(answer: Any) -> list[str]:
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";")]
    return next((hosts for name, *hosts in parts if name == "frame-src"), [])


def test_page_with_a_video_lets_its_players_in_and_others_do_not(
    site: Site, visitor: SiteClient
) -> None:
    page_with(site, "http://youtu.be/a-B_c9")
    answer = visitor.get("/urok/")
    assert frames_of(answer) == FRAME_HOSTS
    assert frames_of(visitor.get("/")) == []
    assert any(TUBE.startswith(host + "/") for host in FRAME_HOSTS)
    assert any(VK.startswith(host + "/") for host in FRAME_HOSTS)


def test_before_the_click_there_is_a_link_and_nothing_foreign_is_loaded(
    site: Site, visitor: SiteClient
) -> None:
    page_with(site, "http://youtu.be/a-B_c9")
    soup = BeautifulSoup(visitor.get("/urok/").content.decode(), "html.parser")
    (link,) = soup.select("a.video")
    assert (link["href"], link["data-player"]) == ("https://youtu.be/a-B_c9", TUBE)
    assert soup.find("iframe") is None
    loaded = [str(tag[name]) for name in ("src", "srcset") for tag in soup.select(f"[{name}]")]
    assert loaded
    assert all(address.startswith("/") for address in loaded)


def test_old_address_of_somebody_else_stays_a_link_without_a_player(
    site: Site, visitor: SiteClient
) -> None:
    page_with(site, "https://example.org/video")
    answer = visitor.get("/urok/")
    (link,) = BeautifulSoup(answer.content.decode(), "html.parser").select("a.video")
    assert link["href"] == "https://example.org/video"
    assert "data-player" not in link.attrs
    assert frames_of(answer) == []
