"""Many at once, and liars: with all guards in place nothing goes wrong."""

from collections.abc import Callable

import pytest

from tests.faults import scenarios
from tests.faults.scenarios import Scenario
from tests.faults.stage import Stage, size

RACES: list[tuple[Scenario, int]] = [
    (scenarios.a_crowd_of_notifications, 32),
    (scenarios.notifications_of_many, size(25, 500)),
    (scenarios.refunds_told_by_many, size(10, 200)),
    (scenarios.three_ways_at_once, size(100, 1000)),
    (scenarios.confirmations_of_one_fund, 200),
    (scenarios.two_sweepers, size(200, 2000)),
    (scenarios.impatient_donors, size(20, 200)),
    (scenarios.lost_answers, size(50, 500)),
    (scenarios.forged_notifications, size(1, 10)),
    (scenarios.another_sum, size(20, 200)),
    (scenarios.letter_owed_at_once, size(20, 200)),
    (scenarios.mailers_at_once, size(50, 500)),
]


@pytest.mark.parametrize(
    ("scenario", "number"), RACES, ids=[scenario.__name__ for scenario, _number in RACES]
)
def test_nothing_goes_wrong(
    stage: Stage, scenario: Scenario, number: int, tell: Callable[..., None]
) -> None:
    assert scenario(stage, number) == []
    tell(number=number, wrong=0)
