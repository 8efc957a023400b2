"""Videos of the three sites people use. The player's address is built here from the video's id.

Nobody is asked about the address: no oEmbed, no name is resolved, nothing is fetched.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

from django.utils.translation import gettext_lazy as _

VIDEO_SITES = {
    "vk.com": _("VK Video"),
    "vk.ru": _("VK Video"),
    "vkvideo.ru": _("VK Video"),
    "rutube.ru": "Rutube",
    "youtube.com": "YouTube",
    "youtu.be": "YouTube",
}
# Where the players live; vkvideo.ru and vk.com lead to each other.
FRAME_HOSTS = [
    "https://vkvideo.ru",
    "https://vk.com",
    "https://rutube.ru",
    "https://www.youtube-nocookie.com",
]
LONGEST = 500

VK = re.compile(r"(?:/.*)?/?(?:video|clip)(-?\d{1,15})_(\d{1,15})(?:/.*)?", re.ASCII)
RUTUBE = re.compile(r"/(?:video(?:/private)?|shorts|play/embed)/([0-9a-z]{1,40})/?", re.ASCII)
YOUTUBE = re.compile(r"/(?:shorts|live|embed)/([\w-]{1,20})/?", re.ASCII)
YOUTUBE_ID = re.compile(r"/?([\w-]{1,20})/?", re.ASCII)
KEY = re.compile(r"[\w-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Video:
    site: str
    link: str
    player: str  # «» when the address is of the site and names no video we know how to play


def _parts(url: str) -> SplitResult | None:
    """The address in parts, when it is one of ours and nothing but an address."""
    if len(url) > LONGEST or "\\" in url or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    # A name before «@» leads elsewhere than it seems to.
    if parts.scheme not in ("http", "https") or port or "@" in parts.netloc:
        return None
    return parts if _host(parts) in VIDEO_SITES else None


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").removeprefix("www.").removeprefix("m.")


def video_of(url: str) -> Video | None:
    """The video behind an address; None for an address of anybody else."""
    parts = _parts(url)
    if parts is None:
        return None
    host = _host(parts)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if host in ("vk.com", "vk.ru", "vkvideo.ru"):
        player = _vk(parts.path, asked)
    elif host == "rutube.ru":
        player = _rutube(parts.path, asked)
    else:
        player = _youtube(host, parts.path, asked)
    return Video(str(VIDEO_SITES[host]), parts._replace(scheme="https").geturl(), player)


def _vk(path: str, asked: dict[str, str]) -> str:
    found = VK.fullmatch(path) or VK.fullmatch(asked.get("z", ""))
    if found is None:
        return ""
    query: dict[str, Any] = {"oid": found[1], "id": found[2], "autoplay": 1}
    return f"https://vkvideo.ru/video_ext.php?{urlencode(query)}"


def _rutube(path: str, asked: dict[str, str]) -> str:
    found = RUTUBE.fullmatch(path)
    if found is None:
        return ""
    key = asked.get("p", "")  # of a video that is seen by its link only
    more = f"?p={key}" if KEY.fullmatch(key) else ""
    return f"https://rutube.ru/play/embed/{found[1]}/{more}"


def _youtube(host: str, path: str, asked: dict[str, str]) -> str:
    if host == "youtu.be":
        found = YOUTUBE_ID.fullmatch(path)
    elif path == "/watch":
        found = YOUTUBE_ID.fullmatch(asked.get("v", ""))
    else:
        found = YOUTUBE.fullmatch(path)
    return f"https://www.youtube-nocookie.com/embed/{found[1]}?autoplay=1" if found else ""
