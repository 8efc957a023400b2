"""Twenty NGOs with a shop each, eight threads: no payment ever reaches another's shop (F32)."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from donations.actions.accounts import use_account
from donations.actions.giving import Gift, start_donation
from donations.models import Donation, Fund, PaymentAccount
from tests.conftest import OpenSite
from tests.emulator import YooKassaEmulator
from tests.faults.conftest import open_the_gate
from tests.faults.donors import at_once
from tests.faults.stage import size

SHOPS, THREADS = 20, 8


@pytest.mark.django_db(transaction=True)
def test_no_payment_reaches_the_shop_of_another(
    emulator: YooKassaEmulator,
    open_a_site: OpenSite,
    tell: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of the twenty one has a wrong key, and two had their keys exchanged by mistake."""
    open_the_gate(monkeypatch)
    funds, payments = open_shops(emulator, open_a_site), size(400, 4000)
    swap_keys("100503", "100504")
    emulator.shops["100505"].secret_key = "test_another"

    def give(number: int) -> None:
        gift = Gift(amount=Decimal(100 + number), email="a@example.org", key=f"gift:{number}")
        start_donation(fund=funds[number % SHOPS], gift=gift)

    at_once(give, range(payments), workers=THREADS)

    owner = {
        str(gift): shop
        for gift, shop in Donation.objects.values_list("public_id", "account__shop_id")
    }
    made = emulator.payments()
    strays = [
        one for one in made if one["recipient"]["account_id"] != owner[one["metadata"]["donation"]]
    ]
    assert strays == []
    assert len(made) == payments * (SHOPS - 3) // SHOPS
    refused = Donation.objects.filter(state="canceled", reason="invalid_credentials")
    assert refused.count() == payments * 3 // SHOPS
    tell(shops=SHOPS, payments=payments, in_the_wrong_shop=len(strays))


def open_shops(emulator: YooKassaEmulator, open_a_site: OpenSite) -> list[Fund]:
    funds = []
    for number in range(SHOPS):
        site = open_a_site(f"ngo{number}").site
        shop_id, key = str(100500 + number), f"test_secret_{number}"
        emulator.add_shop(shop_id, key)
        use_account(site=site, kind="yookassa", shop_id=shop_id, secret_key=key, by=None)
        funds.append(Fund.objects.of_site(site).general().get())
    return funds


def swap_keys(one: str, other: str) -> None:
    first = PaymentAccount.objects.get(shop_id=one)
    second = PaymentAccount.objects.get(shop_id=other)
    first.sealed_secret, second.sealed_secret = second.sealed_secret, first.sealed_secret
    first.save()
    second.save()
