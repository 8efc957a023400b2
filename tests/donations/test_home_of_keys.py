"""A live key works where it was given; a copy of the database elsewhere takes nobody's money."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings
from wagtail.models import Site

from accounts.models import User
from donations.actions.accounts import use_account
from donations.actions.health import check_account
from donations.actions.payments import ProviderDown, refresh_donation
from donations.actions.reconciliation import reconcile, reconcile_nightly
from donations.actions.refunds import finish_refunds, refund_donation
from donations.actions.sweeping import settle
from donations.models import Donation, DonationState, Fund, PaymentAccount, Refund, RefundState
from tenancy.models import AuditEntry, Role
from tests.conftest import SiteClient
from tests.donations.conftest import Submit
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]
MakePerson = Callable[..., User]
AdminAs = Callable[[User], SiteClient]


@pytest.fixture
def live(emulator: YooKassaEmulator, site: Site) -> PaymentAccount:
    emulator.add_shop("100501", "live_secret", test=False)
    return use_account(
        site=site, kind="yookassa", shop_id="100501", secret_key="live_secret", by=None
    )


@pytest.fixture
def moved(settings: Settings, live: PaymentAccount) -> Callable[[], None]:
    """From now on the database runs on another server."""

    def move() -> None:
        PaymentAccount.objects.filter(pk=live.pk).update(home=["admin.elsewhere.example"])

    return move


def test_live_key_is_at_home_where_it_was_given(live: PaymentAccount, settings: Settings) -> None:
    assert live.home == [settings.ADMIN_HOST]
    assert live.is_at_home


def test_on_a_copy_no_call_reaches_the_network(
    live: PaymentAccount,
    moved: Callable[[], None],
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Give,
    submit: Submit,
    visitor: SiteClient,
    make_person: MakePerson,
    site: Site,
) -> None:
    waiting, paid = give(fund, "500.00"), give(fund, "700.00")
    for gift in (waiting, paid):
        emulator.pay(str(gift.external_id))
    paid = refresh_donation(paid, source="return")
    moved()
    emulator.requests.clear()

    answer = submit()
    assert answer.status_code == 409
    assert "Приём пожертвований ненадолго приостановлен" in answer.content.decode()
    page = visitor.get(f"/donations/{waiting.public_id}/")
    assert page.context["state"] == "waiting"
    Donation.objects.filter(pk=waiting.pk).update(
        checked_at=None, created_at=timezone.now() - timedelta(minutes=5)
    )
    assert settle().unreachable == 1
    gift = Donation.objects.select_related("account", "site", "fund").get(pk=waiting.pk)
    with pytest.raises(ProviderDown):
        refresh_donation(gift, source="person")
    with pytest.raises(ProviderDown):
        reconcile(account=gift.account, since=timezone.now(), until=timezone.now())
    assert reconcile_nightly() == []
    assert check_account(gift.account) is False
    paid = Donation.objects.get(pk=paid.pk)
    refund = refund_donation(
        donation=paid, amount=paid.amount, reason="Просьба", by=make_person(Role.ACCOUNTANT, site)
    )
    assert refund.state == RefundState.CREATED
    Refund.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    assert finish_refunds() == 0
    # One whose answer had come is asked about in the provider's list.
    Refund.objects.update(state=RefundState.PENDING, external_id="r-1", checked_at=None)
    assert finish_refunds() == 0

    assert emulator.requests == []
    waiting.refresh_from_db()
    assert (waiting.state, Donation.objects.count()) == (DonationState.PENDING, 2)


def test_test_shop_works_on_any_server(
    shop: PaymentAccount, settings: Settings, fund: Fund, give: Give
) -> None:
    settings.ADMIN_HOST = "admin.copy.example"
    assert give(fund, "500.00").state == DonationState.PENDING


def test_coordinator_allows_the_server_by_typing_its_name(
    live: PaymentAccount,
    moved: Callable[[], None],
    settings: Settings,
    site: Site,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    moved()
    address = f"/admin/payments/{site.pk}/host/"
    manager = admin_as(make_person(Role.MANAGER, site))
    screen = manager.get(f"/admin/payments/{site.pk}/").content.decode()
    assert "Приём пожертвований приостановлен" in screen
    assert address not in screen
    assert manager.post(address, {"host": settings.ADMIN_HOST}).status_code == 404

    coordinator = admin_as(make_person(Role.COORDINATOR))
    assert address in coordinator.get(f"/admin/payments/{site.pk}/").content.decode()
    coordinator.post(address, {"host": "admin.elsewhere.example"})
    live.refresh_from_db()
    assert not live.is_at_home

    coordinator.post(address, {"host": settings.ADMIN_HOST})

    live.refresh_from_db()
    assert live.home == ["admin.elsewhere.example", settings.ADMIN_HOST]
    entry = AuditEntry.objects.get(what="live key allowed on a host")
    assert (entry.site, entry.details["host"]) == (site, settings.ADMIN_HOST)
    assert entry.by is not None
