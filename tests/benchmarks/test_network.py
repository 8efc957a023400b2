"""Opening a site and reading a page of it, with ten sites and with two thousand."""

import json
import statistics
import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Collection, Page, Site

from donations.actions.funds import open_general_fund
from home.models import HomePage
from network.actions import open_site
from network.actions.opening import _make_collection
from site_settings.models import Appearance, Channels, Organisation
from tenancy.models import SiteWalls
from tests.conftest import SiteClient

MANY, FEW, ROUNDS = 2000, 10, 40

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]


def opening_time(number: int) -> float:
    """Seconds of the processor: a busy machine must not be taken for a slow site."""
    began = time.process_time()
    open_site(
        organisation=f"Пандус {number}",
        hostname=f"pandus{number}",
        editor_email=f"e{number}@example.org",
        by=None,
    )
    return time.process_time() - began


def page_time(number: int) -> tuple[float, int]:
    """Median seconds of a warm page, and its queries."""
    visitor = SiteClient(f"pandus{number}.localhost")
    visitor.get("/sbory/")
    with CaptureQueriesContext(connection) as queries:
        visitor.get("/sbory/")
        number_of_queries = len(queries)
    times = []
    for _round in range(ROUNDS):
        began = time.process_time()
        assert visitor.get("/sbory/").status_code == 200
        times.append(time.process_time() - began)
    return statistics.median(times), number_of_queries


def fill(first: int, last: int) -> None:
    """What of a site grows the tables that are read: home, site, walls, settings, fund."""
    root = Page.objects.get(depth=1)
    for number in range(first, last):
        home = HomePage(title=f"НКО {number}", slug=f"s{number}")
        root.add_child(instance=home)
        site = Site(
            hostname=f"s{number}.localhost", port=8000, site_name=home.title, root_page=home
        )
        Site.objects.bulk_create([site])
        site = Site.objects.get(hostname=site.hostname)
        SiteWalls.objects.create(site=site, collection=_make_collection(home.title))
        Organisation.objects.create(site=site, full_name=home.title)
        Appearance.objects.create(site=site)
        Channels.objects.create(site=site)
        open_general_fund(site=site, purpose="Уставная деятельность")
    Site.clear_site_root_paths_cache()


def median_of(measure: Callable[[int], float], numbers: range) -> float:
    return statistics.median(measure(number) for number in numbers)


@pytest.mark.bad_input("two_hundred_sites")
def test_site_two_thousand_beside_site_ten(capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(1, FEW - 2):
        opening_time(number)
    few_open = median_of(opening_time, range(FEW - 2, FEW + 3))
    few_page, few_queries = page_time(FEW)
    fill(FEW + 3, MANY - 2)
    many_open = median_of(opening_time, range(MANY - 2, MANY + 3))
    many_page, many_queries = page_time(MANY)
    assert Site.objects.count() == MANY + 2
    assert Collection.objects.count() == MANY + 3
    figures = {
        "engine": connection.vendor,
        "open_10th_ms": round(few_open * 1000),
        "open_2000th_ms": round(many_open * 1000),
        "open_ratio": round(many_open / few_open, 2),
        "page_10th_ms": round(few_page * 1000, 1),
        "page_2000th_ms": round(many_page * 1000, 1),
        "page_ratio": round(many_page / few_page, 2),
        "queries": [few_queries, many_queries],
    }
    with capsys.disabled():
        print("\nnetwork", json.dumps(figures))  # noqa: T201 - a benchmark tells its figures
    assert many_queries <= few_queries
