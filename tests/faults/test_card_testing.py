"""F44: a thief tries stolen cards on one fund; donors of the others notice nothing."""

import re
from collections import Counter
from collections.abc import Callable

import pytest
import time_machine
from django.utils import timezone

from donations.actions import shield
from donations.actions.shield import LIMITS
from donations.models import Donation, Fund
from donations.tokens import QUICKEST_CONFIRMATION
from tests.faults.donors import ask, begin
from tests.faults.stage import Stage, size

HIDDEN = re.compile(r'type="hidden" name="([^"]+)" value="([^"]*)"')


def test_thief_makes_few_payments_and_stops_nobody_else(
    stage: Stage,
    funds: list[Fund],
    monkeypatch: pytest.MonkeyPatch,
    tell: Callable[..., None],
) -> None:
    """Half of the tries from three addresses, half from a new address each; every card declined.

    A try each second by a clock of the test's own: the limits count minutes.
    """
    monkeypatch.setattr(shield, "LIMITS", LIMITS)  # the stage has none
    tries, honest = size(200, 1000), size(20, 50)
    general, campaign = funds
    statuses: Counter[int] = Counter()
    passed_among = 0
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for number in range(tries):
            from_few = number < tries // 2
            answer = begin(
                stage.server, stage.host, general, 100, number % 3 if from_few else number
            )
            statuses[answer.status] += 1
            if answer.location.startswith(stage.emulator.origin):
                stage.emulator.decline(answer.location.rsplit("/", 1)[-1])
            if number % (tries // honest) == 0:
                donor = begin(stage.server, stage.host, campaign, 500, 20_000 + number)
                passed_among += donor.location.startswith(stage.emulator.origin)
            clock.shift(1)
        made = Donation.objects.filter(fund=general).count()

        # An honest donor of the same fund is asked once more, and gives.
        asked = begin(stage.server, stage.host, general, 300, 30_000)
        assert asked.status == 429
        clock.shift(2 * QUICKEST_CONFIRMATION)
        confirmed = dict(HIDDEN.findall(asked.body))
        gives = ask(stage.server, stage.host, "POST", "/donations/start/", confirmed, "203.0.113.9")
    assert gives.location.startswith(stage.emulator.origin)
    tell(tries=tries, payments_of_the_thief=made, statuses=dict(statuses), donors=passed_among)
    assert made <= 60
    assert passed_among == honest
    general.refresh_from_db()
    assert general.strict_until is not None
