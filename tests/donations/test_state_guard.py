"""Nothing sets a state by hand: only actions write one, and the database refuses nonsense."""

import ast
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from donations.models import Donation, Fund, Refund

A_DAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

Give = Callable[..., Donation]

ROOT = Path(settings.BASE_DIR)
ACTIONS = ROOT / "donations/actions"
WRITES = {"update", "create", "get_or_create", "update_or_create", "acreate", "aupdate"}
ROWS = {"Donation", "Refund"}
TABLES = re.compile("donations_(donation|refund)\\b")


def sources() -> Iterator[Path]:
    for app in sorted(ROOT.iterdir()):
        if (app / "apps.py").exists() or app.name in ("sonko_cms", "scripts"):
            for path in sorted(app.rglob("*.py")):
                if "migrations" not in path.parts and ACTIONS not in path.parents:
                    yield path


def writes_of_state(tree: ast.AST) -> Iterator[int]:
    """Lines that assign `.state`, or give `state` to a row or to an update."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "state":
            if isinstance(node.ctx, ast.Store | ast.Del):
                yield node.lineno
        elif (isinstance(node, ast.Call) and _is_write(node)) or (
            isinstance(node, ast.Constant) and TABLES.search(str(node.value))
        ):
            yield node.lineno


def _is_write(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    row = call.func.id if isinstance(call.func, ast.Name) else ""
    given = {keyword.arg for keyword in call.keywords}
    strings = {part.value for part in ast.walk(call) if isinstance(part, ast.Constant)}
    if row == "setattr" or name == "bulk_update":
        return "state" in strings
    if name in WRITES or row in ROWS:
        return "state" in given or ("defaults" in given and "state" in strings)
    return False


# States of other things: of a site; of monthly gifts that arrive elsewhere without their card.
OTHER_STATES = {ROOT / "network/actions/states.py", ROOT / "network/leaving/importing.py"}


def test_only_actions_write_a_state() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        if path not in OTHER_STATES
        for line in writes_of_state(ast.parse(path.read_text()))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "donation.state = 'succeeded'",
        "Donation.objects.filter(pk=1).update(state='succeeded')",
        "Donation(state='succeeded')",
        "Refund.objects.create(state='succeeded')",
        "Donation.objects.update_or_create(pk=1, defaults={'state': 'canceled'})",
        "Donation.objects.bulk_update(rows, ['state'])",
        "setattr(donation, 'state', 'succeeded')",
        "cursor.execute('UPDATE donations_donation SET state = 1')",
    ],
)
def test_every_way_to_write_a_state_is_noticed(line: str) -> None:
    assert list(writes_of_state(ast.parse(line))) == [1]


@pytest.mark.parametrize(
    "nonsense",
    [
        {"state": "succeeded"},
        {"state": "succeeded", "paid_at": A_DAY, "external_id": None},
        {"counted": True},
        {"amount": Decimal("0.00")},
        {"amount": Decimal("-1.00")},
        {"refunded": Decimal("500.01")},
        {"refunded": Decimal("-0.01")},
        {"account": None},
    ],
    ids=str,
)
def test_database_refuses_an_impossible_gift(
    nonsense: dict[str, Any], fund: Fund, give: Give
) -> None:
    donation = give(fund, "500.00")
    with pytest.raises(IntegrityError), transaction.atomic():
        Donation.objects.filter(pk=donation.pk).update(**nonsense)


def test_database_refuses_a_proof_payment_that_counts(fund: Fund, give: Give) -> None:
    donation = give(fund, "500.00", pay=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Donation.objects.filter(pk=donation.pk).update(proof=True)


def test_database_refuses_one_external_id_for_two_gifts_of_an_account(
    fund: Fund, give: Give
) -> None:
    first, second = give(fund, "500.00"), give(fund, "500.00")
    with pytest.raises(IntegrityError), transaction.atomic():
        Donation.objects.filter(pk=second.pk).update(external_id=first.external_id)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"raised": Decimal("-0.01")},
        {"refunded": Decimal("-0.01")},
        {"refunded": Decimal("500.01")},
    ],
    ids=str,
)
def test_database_refuses_impossible_totals(
    nonsense: dict[str, Any], fund: Fund, give: Give
) -> None:
    give(fund, "500.00", pay=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Fund.objects.filter(pk=fund.pk).update(**nonsense)


def test_database_refuses_a_finished_refund_without_time_and_number(fund: Fund, give: Give) -> None:
    donation = give(fund, "500.00", pay=True)
    refund = Refund.objects.create(
        donation=donation, site=donation.site, account=donation.account, amount=Decimal("1.00")
    )
    for nonsense in ({"state": "succeeded"}, {"amount": Decimal("0.00")}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Refund.objects.filter(pk=refund.pk).update(**nonsense)
