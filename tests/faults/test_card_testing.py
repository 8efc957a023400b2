"""F44: a thief tries stolen cards on one fund; donors of the others notice nothing."""

from collections import Counter
from collections.abc import Callable

import pytest

from donations.actions import shield
from donations.actions.shield import LIMITS
from donations.models import Donation, Fund
from tests.faults.donors import ask, begin
from tests.faults.stage import Stage, size


def test_thief_makes_few_payments_and_stops_nobody_else(
    stage: Stage,
    funds: list[Fund],
    monkeypatch: pytest.MonkeyPatch,
    tell: Callable[..., None],
) -> None:
    """Half of the tries from three addresses, half from a new address each; every card declined."""
    monkeypatch.setattr(shield, "LIMITS", LIMITS)  # the stage has none
    tries, honest = size(200, 1000), size(20, 50)
    general, campaign = funds
    statuses: Counter[int] = Counter()
    passed_among = 0
    for number in range(tries):
        from_few = number < tries // 2
        answer = begin(stage.server, stage.host, general, 100, number % 3 if from_few else number)
        statuses[answer.status] += 1
        if answer.location.startswith(stage.emulator.origin):
            stage.emulator.decline(answer.location.rsplit("/", 1)[-1])
        if number % (tries // honest) == 0:
            donor = begin(stage.server, stage.host, campaign, 500, 20_000 + number)
            passed_among += donor.location.startswith(stage.emulator.origin)
    made = Donation.objects.filter(fund=general).count()
    tell(tries=tries, payments_of_the_thief=made, statuses=dict(statuses), donors=passed_among)
    assert made <= 60
    assert passed_among == honest
    # An honest donor of the same fund is asked once more, and gives.
    general.refresh_from_db()
    assert general.strict_until is not None
    page = ask(stage.server, stage.host, "GET", "/")
    assert page.status == 200
