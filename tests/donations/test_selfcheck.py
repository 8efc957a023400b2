"""The books look at themselves: what is false is found, told, and shown to the site it is of."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from donations.actions.selfcheck import check_books
from donations.models import Donation, DonationEvent, Fund, Letter, PaymentAccount, SelfCheck
from tenancy.models import Role
from tests.conftest import SiteClient

Give = Callable[..., Donation]


def test_sound_books_have_no_findings(fund: Fund, give: Give) -> None:
    give(fund, "500.00", pay=True)
    give(fund, "300.00")
    assert check_books() == 0
    assert SelfCheck.objects.get(site=fund.site).findings == []


def test_a_total_that_differs_is_found_and_shown_on_its_own_site(
    fund: Fund,
    give: Give,
    site: Site,
    other_site: Site,
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
    caplog: pytest.LogCaptureFixture,
) -> None:
    give(fund, "500.00", pay=True)
    Fund.objects.filter(pk=fund.pk).update(raised=Decimal("501.00"))
    assert check_books() == 1
    assert SelfCheck.objects.get(site=site).findings == [f"fund {fund.pk}: total"]
    assert f"self-check of site {site.pk}" in caplog.text
    assert SiteClient("anything.localhost").get("/healthz").content == b"ok\nself-check: failed"
    ours = admin_as(make_person(Role.MANAGER, site)).get(f"/admin/payments/{site.pk}/")
    theirs = admin_as(make_person(Role.MANAGER, other_site)).get(
        f"/admin/payments/{other_site.pk}/"
    )
    assert "не сходятся с пожертвованиями" in ours.content.decode()
    assert "всё сходится" in theirs.content.decode()

    Fund.objects.filter(pk=fund.pk).update(raised=Decimal("500.00"))
    assert check_books() == 0
    assert SiteClient("anything.localhost").get("/healthz").content == b"ok"


def test_a_worker_that_sleeps_is_told_and_restarts_nothing(fund: Fund) -> None:
    check_books()
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        answer = SiteClient("anything.localhost").get("/healthz")
    assert answer.status_code == 200
    assert answer.content == b"ok\nself-check: late, the worker does not run"


def test_a_paid_gift_without_its_event_or_letter_is_found(fund: Fund, give: Give) -> None:
    first, second = give(fund, "500.00", pay=True), give(fund, "300.00", pay=True)
    Letter.objects.filter(donation=second).delete()
    DonationEvent.objects.filter(donation=first, to_state="succeeded").delete()
    assert check_books() == 2
    assert PaymentAccount.objects.count() >= 1
