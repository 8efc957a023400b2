"""The way of a gift through the real SDK and the emulator's socket."""

from collections.abc import Callable
from decimal import Decimal

from django.core import mail
from wagtail.models import Site

from donations.actions.funds import check_totals
from donations.actions.letters import send_owed_letters
from donations.actions.payments import refresh_donation
from donations.actions.sweeping import settle
from donations.models import Donation, DonationState, Fund, Letter, PaymentAccount
from tests.conftest import SiteClient
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]


def test_paid_gift_moves_the_total_and_owes_one_letter(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    donation = give(fund, "500.00")
    assert donation.state == DonationState.PENDING
    assert donation.confirmation_url.startswith(emulator.origin)
    emulator.pay(str(donation.external_id))

    donation = refresh_donation(donation, source="return")

    fund.refresh_from_db()
    assert donation.state == DonationState.SUCCEEDED
    assert (fund.raised, fund.count) == (Decimal("500.00"), 1)
    assert [event.to_state for event in donation.events.all()] == [
        "created",
        "pending",
        "succeeded",
    ]
    assert Letter.objects.filter(donation=donation).count() == 1
    assert check_totals() == []


def test_second_refresh_changes_nothing(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    donation = give(fund, "500.00")
    emulator.pay(str(donation.external_id))
    for source in ("notification", "return", "sweeper"):
        refresh_donation(donation, source=source)

    fund.refresh_from_db()
    assert (fund.raised, fund.count) == (Decimal("500.00"), 1)
    assert donation.events.filter(to_state="succeeded").count() == 1
    assert send_owed_letters() == 1
    assert send_owed_letters() == 0
    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == ["anna@example.org"]


def test_lost_answer_is_found_by_the_sweeper_with_the_same_key(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    emulator.fault("drop", when="after", method="POST", path="/payments")
    donation = give(fund, "500.00")
    assert donation.state == DonationState.CREATED
    assert donation.external_id is None
    Donation.objects.filter(pk=donation.pk).update(
        created_at=donation.created_at.replace(year=donation.created_at.year)
    )

    donation = refresh_donation(donation, source="sweeper")

    assert donation.state == DonationState.PENDING
    assert len(emulator.payments()) == 1


def test_settle_asks_about_gifts_older_than_its_grace(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    donation = give(fund, "500.00")
    emulator.pay(str(donation.external_id))
    Donation.objects.filter(pk=donation.pk).update(checked_at=None)
    assert settle().asked == 0  # half a minute has not passed


def test_status_page_shows_the_truth_and_thanks(
    site: Site, visitor: SiteClient, fund: Fund, give: Give
) -> None:
    donation = give(fund, "500.00", pay=True)
    page = visitor.get(f"/donations/{donation.public_id}/")
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert not page.cookies


def test_donor_who_comes_back_at_once_sees_the_gift_counted(
    visitor: SiteClient, fund: Fund, give: Give
) -> None:
    donation = give(fund, "500.00")
    visitor.send_form(f"/donations/sandbox/{donation.external_id}/", {"decision": "pay"})

    state = visitor.get(f"/donations/{donation.public_id}/state/").json()

    fund.refresh_from_db()
    assert state == {"state": "succeeded"}
    assert fund.raised == Decimal("500.00")
