"""Nobody is asked to help where nothing can be given."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from wagtail.models import Site
from wagtail.test.utils.form_data import streamfield

from campaigns.models import CampaignPage
from campaigns.news import UpdatePage
from campaigns.printing.leaflet import why_no_sheet
from donations.models import PaymentAccount
from home.models import HomePage
from network.actions.states import pause_site
from tests.campaigns.conftest import MakeCampaign, fund_of, index_of
from tests.campaigns.test_campaign_form import campaigns_of, donation, editor, typed
from tests.conftest import SiteClient

__all__ = ["editor"]
FIRST = "ваш взнос будет первым"


def without_form(page: Any) -> None:
    page.body = []
    page.save_revision().publish()


def without_account(page: CampaignPage) -> None:
    PaymentAccount.objects.update(is_active=False)


def paused(page: CampaignPage) -> None:
    pause_site(site=page.get_site(), by=None)


def finished(page: CampaignPage) -> None:
    page.is_finished = True
    page.save_revision().publish()


def calls(visitor: SiteClient, path: str) -> list[str]:
    """What asks to help there: the buttons, and the words to whoever would be first."""
    soup = BeautifulSoup(visitor.get(path).content, "html.parser")
    buttons = [link.get_text().split(":")[0] for link in soup.select("main a.button")]
    said = [FIRST] if soup.main and FIRST in soup.main.get_text() else []
    return [one for one in buttons if one == "Помочь"] + said


@pytest.mark.parametrize("shut", [None, without_form, without_account, paused, finished])
def test_help_is_asked_for_only_where_it_can_be_given(
    shut: Callable[[CampaignPage], None] | None,
    site: Site,
    visitor: SiteClient,
    make_campaign: MakeCampaign,
) -> None:
    page = make_campaign()
    news = UpdatePage(title="Купили доски", slug="doski")
    page.add_child(instance=news)
    home = HomePage.objects.get(pk=site.root_page_id)
    home.body = [{"type": "thermometer", "value": {"campaign": page.pk, "intro": ""}}]
    home.save_revision().publish()
    widget = f"/embed/{fund_of(page).public_id}"
    paths = {
        page.get_url(): 2,
        news.get_url(): 1,
        "/": 2,
        "/sbory/": 0,
        "/absent/": 0,
        f"{widget}/card/": 1,
        f"{widget}/button/": 1,
    }
    first = {page.get_url(), news.get_url(), "/", "/sbory/", "/absent/", f"{widget}/card/"}
    if shut is not None:
        shut(page)
    for path, number in paths.items():
        asked = ["Помочь"] * number + [FIRST] * (path in first)
        assert calls(visitor, path) == ([] if shut else asked), path
    heading = "На что собираем сейчас"
    assert (heading in visitor.get("/").content.decode()) is (shut is None)
    has_form = b'name="amount"' in visitor.get(f"{widget}/form/").content
    assert has_form is (shut is None)
    assert bool(why_no_sheet(page, site)) is (shut is not None)


NO_FORM, FEW_SUMS = "нет формы пожертвования", "каждая названа вместе с тем, на что её хватит"
NO_PROMISE = "не сказано, что вы сделаете, если соберёте не всё"


@pytest.mark.parametrize(
    ("blocks", "more", "warnings"),
    [
        ([], {}, [NO_FORM]),
        ([], {"is_finished": "on"}, []),
        ([donation("300", "500", "850", meaning="доска")], {}, []),
        ([donation("300", "500", meaning="доска")], {}, [FEW_SUMS]),
        ([donation("300", "500", "850", meaning="доска")], {"if_less": ""}, [NO_PROMISE]),
        ([donation("300", "500", "850", meaning="доска")], {"if_less": "", "goal": ""}, []),
        ([donation("300", "500", "850")], {}, [FEW_SUMS]),
    ],
)
def test_an_editor_hears_what_the_page_lacks(
    blocks: list[Any], more: dict[str, Any], warnings: list[str], editor: SiteClient, site: Site
) -> None:
    place = ["campaigns", "campaignpage", index_of(site).pk]
    address = reverse("wagtailadmin_pages:add", args=place)
    answer = editor.post(address, typed(body=streamfield(blocks), **more), follow=True)
    told = answer.content.decode()
    assert [said for said in (NO_PROMISE, NO_FORM, FEW_SUMS) if said in told] == warnings
    assert fund_of(campaigns_of(site)[0]).accepts is not ("is_finished" in more)
