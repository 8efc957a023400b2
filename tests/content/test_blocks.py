"""Blocks that stand on any page: what an editor may put there and what a visitor is given."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from content.blocks import VideoBlock
from content.video import video_of


def cleaned(url: str) -> Any:
    block = VideoBlock()
    return block.clean(block.to_python({"title": "Ступени", "url": url, "poster": None}))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://vk.com/video-1_2", "VK Видео"),
        ("https://m.vk.com/video-1_2", "VK Видео"),
        ("https://www.vk.com/video-1_2", "VK Видео"),
        ("https://vkvideo.ru/video-1_2", "VK Видео"),
        ("https://VKVideo.RU/video-1_2", "VK Видео"),
        ("https://rutube.ru/video/1/", "Rutube"),
        ("https://youtube.com/watch?v=1", "YouTube"),
        ("https://www.youtube.com/watch?v=1", "YouTube"),
        ("https://m.youtube.com/watch?v=1", "YouTube"),
        ("https://youtu.be/1", "YouTube"),
        ("http://youtu.be/1", "YouTube"),
    ],
)
def test_video_of_a_known_site_is_taken_under_the_name_of_the_site(url: str, name: str) -> None:
    with translation.override("ru"):
        value = cleaned(url)
        assert value["url"] == url.replace("http:", "https:")
        assert value.video.site == name
        assert value.video.player.startswith("https://")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.ru/vk.com",
        "https://vk.com.evil.ru/video",
        "https://evilvk.com/video",
        "https://vk.com@evil.ru/video",
        "https://evil.ru@vk.com/video",
        "https://vk.com:secret@evil.ru/",
        "https://vk.com\\@evil.ru/",
        "https://vk.com:8443/video",
        "https://vk.com./video",
        "https://vк.com/video",
        "https://vk.com\uff0fevil.ru/",
        "https://[::1/video",
        "ftp://vk.com/video",
        "javascript:alert(1)//vk.com",
        "data:text/html,https://vk.com/",
        "<iframe src=https://vk.com/></iframe>",
        "https://vimeo.com/1",
        "",
    ],
)
@pytest.mark.bad_input("embed_script_code")
def test_any_other_address_of_a_video_is_refused_in_russian(url: str) -> None:
    with translation.override("ru"):
        with pytest.raises(ValidationError) as refused:
            cleaned(url)
        data = str(getattr(refused.value, "block_errors", refused.value))
    assert "url" in data
    assert any("а" <= letter <= "я" for letter in data)


def test_address_without_a_scheme_becomes_a_whole_one() -> None:
    assert cleaned("vk.com/video-1_2")["url"] == "https://vk.com/video-1_2"
    assert cleaned("//vk.com/video-1_2")["url"] == "https://vk.com/video-1_2"


@pytest.mark.parametrize("url", ["https://[::1/", "https://vk.com\uff0fevil.ru/", "", "#"])
def test_address_that_cannot_be_read_is_no_video(url: str) -> None:
    assert video_of(url) is None
