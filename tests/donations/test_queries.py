"""What a page costs does not grow with the number of gifts."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Site

from campaigns.models import CampaignIndexPage, CampaignPage
from donations.models import Donation, Fund
from tests.conftest import SiteClient
from tests.donations.conftest import Submit, Typed
from tests.donations.screen import fields_of

Give = Callable[..., Donation]
BODY: list[dict[str, Any]] = [
    {"type": "donation", "value": {"heading": "Помочь", "intro": "", "presets": []}}
]


@pytest.fixture
def campaign(site: Site) -> CampaignPage:
    index = CampaignIndexPage.objects.descendant_of(site.root_page).get()
    page = index.add_child(
        instance=CampaignPage(
            title="Крыша", slug="krysha", lead="Течёт", goal=Decimal("38000.00"), body=BODY
        )
    )
    page.save_revision().publish()
    return page


def queries_of(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        ask()
    return len(caught)


def test_the_page_of_a_campaign_costs_the_same_with_one_gift_and_with_three(
    campaign: CampaignPage, visitor: SiteClient, give: Give
) -> None:
    fund = Fund.objects.get(key=campaign.fund_key)
    path = "/sbory/krysha/"
    give(fund, "500.00", pay=True)
    first = visitor.get(path)
    assert first.status_code == 200
    assert "500\u00a0₽" in first.content.decode()
    with_one = queries_of(lambda: visitor.get(path))
    give(fund, "700.00", pay=True)
    give(fund, "900.00", pay=True)
    assert queries_of(lambda: visitor.get(path)) == with_one
    assert "2\u202f100\u00a0₽" in visitor.get(path).content.decode()


def test_beginning_a_gift_costs_the_same_with_none_and_with_three(submit: Submit) -> None:
    submit(email="warm@example.org")
    counts = [queries_of(lambda n=n: submit(email=f"a{n}@example.org")) for n in range(4)]  # type: ignore[misc]
    assert len(set(counts)) == 1
    # Site, fund, whose account, key, rows in one transaction, the pretend bank's own, the answer.
    assert counts[0] <= 41


def test_the_form_on_the_page_is_the_one_that_is_taken(
    campaign: CampaignPage, visitor: SiteClient, typed: Typed
) -> None:
    fields = fields_of(visitor.get("/sbory/krysha/"))
    sent = {**fields, "email": "anna@example.org", "consent": "on"}
    assert "consent" not in fields  # never ticked beforehand
    assert visitor.send_form("/donations/start/", sent).status_code == 303
    donation = Donation.objects.get()
    assert donation.fund.key == campaign.fund_key
    assert (donation.purpose, donation.amount) == ("Крыша", Decimal("500.00"))
    assert donation.page_path == "/sbory/krysha/"
