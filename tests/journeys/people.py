"""People at their browsers, and what the browsers complain of."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, WebError

from donations.money import format_roubles

PATIENCE = 20_000  # milliseconds; a loaded machine is slow, not wrong
#: A folder to keep pictures of the screens in, to look at them: PICTURES=/tmp/screens make test
PICTURES = os.environ.get("PICTURES", "")
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
TOO_WIDE = """() => {
  const width = document.documentElement.scrollWidth;
  if (width <= 320) return [];
  const first = [...document.body.querySelectorAll("*")]
    .find(one => one.getBoundingClientRect().right > 321);
  return [`${width} px, ${first ? first.outerHTML.slice(0, 200) : "by no element of its own"}`];
}"""


@dataclass(frozen=True)
class Device:
    width: int
    height: int
    phone: bool


PHONE = Device(390, 844, phone=True)
DESK = Device(1280, 900, phone=False)


def rubles(amount: str) -> str:
    """«24 800 ₽» as pages write it."""
    return format_roubles(Decimal(amount))


def said(text: str) -> re.Pattern[str]:
    """The text with any kind of space between its words."""
    return re.compile(r"\s+".join(re.escape(word) for word in text.split()))


class Visitor:
    """One person, one browser. `faults` is everything a page must never do."""

    def __init__(self, browser: Browser, device: Device, *, script: bool = True) -> None:
        self.device = device
        self.faults: list[str] = []
        self._allowed: list[tuple[int, str]] = []
        self.context = browser.new_context(
            viewport={"width": device.width, "height": device.height},
            has_touch=device.phone,
            is_mobile=device.phone,
            java_script_enabled=script,
            locale="ru-RU",
            timezone_id="Europe/Kirov",
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.on("console", self._heard)
        self.context.on("weberror", self._broke)
        self.context.on("request", self._asked)
        self.context.on("response", self._answered)
        self.page: Page = self.context.new_page()

    @contextmanager
    def expecting(self, status: int, path: str = "") -> Iterator[None]:
        """Within, an answer with this status (at this path) is what should come."""
        known = len(self.faults)
        self._allowed.append((status, path))
        yield
        self._allowed.pop()
        assert self.faults[known:] == [], "\n".join(self.faults[known:])

    def picture(self, name: str) -> None:
        """Keep how the screen looks on a phone and on a desk, when PICTURES names a folder."""
        if not PICTURES:
            return
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        for width, height in ((390, 844), (1280, 900)):
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)
        self.page.set_viewport_size({"width": self.device.width, "height": self.device.height})

    def stumbles(self, *, habits: bool = True, besides: str = "") -> list[str]:
        """What of the open page would stop somebody who does not see it: WCAG 2.2 AA, by axe.

        `habits`: and the good habits of a whole page, such as one heading and a main part.
        `besides`: what is not looked at, as a selector.
        """
        context = {"exclude": [[besides]]} if besides else None
        rules = [*WCAG, *(["best-practice"] if habits else [])]
        options = {"resultTypes": ["violations"], "runOnly": rules}
        return [
            f"{self.page.url} {one['id']}: {one['help']}: {one['nodes'][0]['html']}"
            for one in Axe().run(self.page, context, options).response["violations"]
        ]

    def too_wide(self) -> list[str]:
        """What makes a page of 320 px (640 px at 200 %) scroll sideways."""
        self.page.set_viewport_size({"width": 320, "height": 640})
        found = self.page.evaluate(TOO_WIDE)
        self.page.set_viewport_size({"width": self.device.width, "height": self.device.height})
        return [f"{self.page.url} wider than 320 px: {one}" for one in found]

    def check(self) -> None:
        """Nothing was complained of, and no public host has set a cookie."""
        assert self.faults == [], "\n".join(self.faults)
        hosts = {cookie["domain"].lstrip(".") for cookie in self.context.cookies()}
        assert hosts <= {settings.ADMIN_HOST}

    def _heard(self, message: ConsoleMessage) -> None:
        # What was refused is known from the answer itself, with its address.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"console: {message.text}")

    def _broke(self, error: WebError) -> None:
        self.faults.append(f"script: {error.error}")

    def _asked(self, request: Request) -> None:
        host = urlsplit(request.url).hostname or ""
        if request.url.startswith("http") and not (
            host in ("localhost", "127.0.0.1") or host.endswith(".localhost")
        ):
            self.faults.append(f"foreign host: {request.url}")

    def _answered(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if response.status == 400 and path.startswith("/admin/pages/") and path.endswith("/edit/"):
            return  # Wagtail saves by itself while one types; what is half typed it refuses so
        if response.status >= 400 and not any(
            response.status == status and allowed in ("", path) for status, allowed in self._allowed
        ):
            self.faults.append(f"{response.status}: {response.url}")
