"""F05: the provider takes calls and never answers, while sixty donors press the button."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from donations.models import Donation, Fund, PaymentAccount
from tenancy.models import Counter
from tests.emulator import YooKassaEmulator
from tests.faults.donors import ask, at_once, begin
from tests.faults.servers import gunicorn

DONORS = 60

# Negative control: room for all, patience without end, and nothing learnt from time-outs.
NO_GATE = """
import threading

def post_worker_init(worker):
    from donations.providers import gate
    gate.IN_A_REQUEST = gate.Manner(connect=2, read=3, patience=60)
    gate.PLACES, gate.TIMEOUTS_IN_A_ROW = 64, 10**6
    gate._all_places = threading.BoundedSemaphore(64)
"""


def _crowd(
    server: str, shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund
) -> tuple[float, float, int]:
    """Sixty donors in six seconds, visitors of the home page beside them: p99 of the page and the
    longest wait of a donor in seconds, and how many calls hung."""
    host = str(shop.site.hostname)
    for _warm in range(20):
        assert ask(server, host, "GET", "/").status == 200
    emulator.clear_faults()
    Counter.objects.all().delete()  # the shield has tests of its own
    emulator.requests.clear()
    before = Donation.objects.filter(state="created").count()
    begin(server, host, fund, 1, 10_000 + before)  # also reads the wordings once
    emulator.fault("hang", seconds=60, times=None, method="POST", path="/payments")
    pages: list[float] = []
    posts: list[float] = []
    over = threading.Event()

    def look() -> None:
        began = time.monotonic()
        assert ask(server, host, "GET", "/").status == 200
        pages.append(time.monotonic() - began)

    def come() -> None:
        """Ten visitors a second, whether or not those before them have been answered."""
        visitors = []
        while not over.wait(0.1):
            visitors.append(threading.Thread(target=look))
            visitors[-1].start()
        for visitor in visitors:
            visitor.join()

    def give(number: int) -> None:
        # Ten a second: a burst would measure how fast two cores write sixty gifts.
        time.sleep(number / 10)
        began = time.monotonic()
        assert begin(server, host, fund, 100 + number, before + number).status == 303
        posts.append(time.monotonic() - began)

    visitors = threading.Thread(target=come)
    visitors.start()
    try:
        at_once(give, range(DONORS), workers=DONORS)
        time.sleep(2)
    finally:
        over.set()
        visitors.join()
    # All are in the books, and the sweeper goes on with them.
    assert Donation.objects.filter(state="created").count() - before == DONORS
    hung = sum(call.method == "POST" for call in emulator.requests)
    return sorted(pages)[int(len(pages) * 0.99)], max(posts), hung


@pytest.mark.usefixtures("transactional_db")
def test_home_page_and_donors_wait_for_no_provider_that_hangs(
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    tmp_path: Path,
    tell: Callable[..., None],
) -> None:
    """Judged by the same crowd without the gate, on the same machine a minute later."""
    no_gate = tmp_path / "no_gate.py"
    no_gate.write_text(NO_GATE)
    with gunicorn(emulator) as server:
        page, post, hung = _crowd(server.url, shop, emulator, fund)
    with gunicorn(emulator, "--config", str(no_gate)) as server:
        page_without, post_without, hung_without = _crowd(server.url, shop, emulator, fund)
    tell(
        donors=DONORS,
        hung=hung,
        home_p99=round(page, 2),
        longest_post=round(post, 2),
        home_p99_without=round(page_without, 2),
        longest_post_without=round(post_without, 2),
    )
    # Two time-outs close the door of each worker, and no more calls than places are on their way.
    assert (hung < DONORS / 3, hung_without) == (True, DONORS)
    assert page * 2 < page_without
    assert post * 1.5 < post_without
