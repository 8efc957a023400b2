"""Several coordinators at the same moment, on a database with real locks."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from wagtail.models import Collection, Page, Site

from network.actions import open_site
from tenancy.models import RoleGroup, SiteWalls
from tenancy.scope import unrestricted

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
EIGHT = 8


def at_once(name: Callable[[int], str]) -> Counter[str]:
    """Run eight openings from a barrier; how each ended."""
    barrier, ends = threading.Barrier(EIGHT), Counter[str]()

    def run(number: int) -> None:
        try:
            with unrestricted("a test"):
                barrier.wait(timeout=30)
                open_site(
                    organisation=f"НКО {number}", hostname=name(number), editor_email="", by=None
                )
            ends["opened"] += 1
        except ValidationError as error:
            ends[" ".join(error.messages)] += 1
        except Exception as error:
            ends[repr(error)] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(EIGHT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return ends


def test_eight_different_sites_at_once_are_all_opened() -> None:
    ends = at_once(lambda number: f"n{number}")
    assert ends == {"opened": EIGHT}
    assert Site.objects.count() == SiteWalls.objects.count() == EIGHT
    assert RoleGroup.objects.count() == 3 * EIGHT
    assert Page.find_problems() == ([], [], [], [], [])
    assert Collection.find_problems() == ([], [], [], [], [])


@pytest.mark.bad_input("duplicate_race")
def test_of_eight_openings_of_one_name_one_succeeds_and_seven_say_why() -> None:
    ends = at_once(lambda number: "same")
    assert ends == {"opened": 1, "Сайт с таким именем уже есть.": EIGHT - 1}
    assert Site.objects.count() == SiteWalls.objects.count() == 1
    assert Page.objects.filter(depth=2).count() == 1
    assert Collection.objects.filter(depth=2).count() == 1
    assert RoleGroup.objects.count() == 3
