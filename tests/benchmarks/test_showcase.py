"""The showcase with 2,000 sites beside the showcase with 10."""

import statistics
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models.signals import post_save
from django.utils import timezone
from wagtail.models import Collection, Locale, Page, Site

from campaigns.models import CampaignPage
from campaigns.topics import Topic
from donations.models import Fund
from home.models import HomePage
from network.showcase import Wanted, showcase
from site_settings.models import Organisation
from tenancy.models import SiteWalls

FEW, MANY, ROUNDS = 10, 2000, 15

pytestmark = pytest.mark.benchmark


@contextmanager
def muted() -> Iterator[None]:
    """Search and references are kept by signals: here they would take minutes."""
    kept, post_save.receivers = post_save.receivers, []
    post_save.sender_receivers_cache.clear()
    try:
        yield
    finally:
        post_save.receivers = kept
        post_save.sender_receivers_cache.clear()


def make_sites(first: int, last: int) -> None:
    """Rows only: how sites are opened is measured elsewhere."""
    root, locale = Page.objects.get(depth=1), Locale.objects.get(language_code="ru")
    shelf = Collection.objects.get(depth=1)
    kinds = ContentType.objects.get_for_models(HomePage, CampaignPage)
    today = timezone.localdate()
    for number in range(first, last):
        path = Page._get_path(root.path, 2, number + 1)
        common = {"locale": locale, "live": True, "numchild": 0}
        home = HomePage(
            path=path,
            depth=2,
            title=f"НКО {number}",
            slug=f"n{number}",
            url_path=f"/n{number}/",
            content_type=kinds[HomePage],
            **common,
        )
        home.save_base(raw=False)
        site = Site.objects.create(
            hostname=f"n{number}.bench", root_page=home, site_name=home.title
        )
        place = Collection(path=Collection._get_path(shelf.path, 2, number + 1), depth=2, name="x")
        place.save_base(raw=False)
        SiteWalls.objects.create(site=site, collection=place)
        Organisation.objects.create(site=site, short_name=home.title)
        key = uuid.uuid4()
        page = CampaignPage(
            path=path + "0001",
            depth=3,
            title=f"Сбор {number}",
            slug="s",
            translation_key=key,
            url_path=f"/n{number}/s/",
            content_type=kinds[CampaignPage],
            lead="x",
            in_showcase=True,
            topic=Topic.values[number % 9],
            district=f"Район {number % 39}",
            **common,
        )
        page.save_base(raw=False)
        Fund.objects.create(
            site=site,
            key=key,
            purpose=page.title,
            goal=Decimal("1000.00"),
            raised=Decimal(number % 1000),
            deadline=today + timedelta(days=number % 90),
        )


def seconds(wanted: Wanted) -> float:
    times = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        showcase(wanted)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


@pytest.mark.django_db
def test_two_thousand_sites_beside_ten(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = {"all": Wanted(), "topic": Wanted(topic="animals"), "done": Wanted(show="done")}
    made, lines = 0, []
    found: dict[int, dict[str, float]] = {}
    for number in (FEW, MANY):
        with muted():
            make_sites(made, number)
        made = number
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as the server does by itself after so many new rows
        found[number] = {name: seconds(one) for name, one in wanted.items()}
    for name in wanted:
        few, many = found[FEW][name] * 1000, found[MANY][name] * 1000
        lines.append(f"{name:6} {few:7.1f} ms with {FEW}, {many:7.1f} ms with {MANY}")
    with capsys.disabled():
        print("\n" + "\n".join(lines))  # noqa: T201
