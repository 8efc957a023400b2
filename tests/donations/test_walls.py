"""Each site's own books: nothing of the neighbour, and nothing at all where nobody said whose."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from wagtail.models import Site

from donations.actions.funds import check_totals
from donations.actions.letters import send_owed_letters
from donations.models import (
    Acceptance,
    Correction,
    Donation,
    DonationEvent,
    FlagDecision,
    Follower,
    Fund,
    Letter,
    PaymentAccount,
    Reconciliation,
    Refund,
    SelfCheck,
    StaffLetter,
    StatementLine,
    StrayNotice,
    Subscription,
    SubscriptionEvent,
)
from tenancy.managers import ScopedModel
from tenancy.scope import ScopeUnset, scoped, site_scope

Give = Callable[..., Donation]
BOOKS: list[type[Any]] = [
    *(Fund, PaymentAccount, Donation, DonationEvent, Acceptance, Letter, StrayNotice)
]

# Their rows are planted and looked for in the tests of their own screens.
BOOKS_WITH_SCREENS: list[type[Any]] = [
    *(Refund, Reconciliation, Subscription, SubscriptionEvent, StatementLine, Correction),
    *(FlagDecision, SelfCheck, StaffLetter, Follower),
]


@pytest.fixture
def both_have_everything(site: Site, other_site: Site, give: Give) -> None:
    for one in (site, other_site):
        gift = give(Fund.objects.of_site(one).general().get(), "500.00", pay=True)
        StrayNotice.objects.create(account=gift.account, site=one, external_id="stray")


def test_every_model_of_the_books_is_narrowed() -> None:
    from_donations = {
        model
        for model in apps.get_app_config("donations").get_models()
        if issubclass(model, ScopedModel)
    }
    assert from_donations == {*BOOKS, *BOOKS_WITH_SCREENS}


@pytest.mark.parametrize("model", BOOKS_WITH_SCREENS)
def test_the_rest_of_the_books_is_narrowed_by_site_too(site: Site, model: type[Any]) -> None:
    with scoped(site_scope(site)):
        sql = str(model.objects.all().query)
    assert f'"{model._meta.db_table}"."site_id" IN ({site.pk})' in sql
    with scoped(None), pytest.raises(ScopeUnset):
        list(model.objects.all())


@pytest.mark.parametrize("model", BOOKS)
def test_a_site_sees_its_own_rows_only(
    both_have_everything: None, site: Site, other_site: Site, model: type[Any]
) -> None:
    foreign = model.objects.filter(site=other_site)[0]
    assert model.objects.filter(site=site).exists()
    built_before = model.objects.all()
    with scoped(site_scope(site)):
        for seen in (built_before, model.objects.all(), model._default_manager.all()):
            assert {row.site_id for row in seen} == {site.pk}
        assert not model.objects.filter(pk=foreign.pk).exists()
        assert model.objects.filter(site=other_site).count() == 0
        with pytest.raises(model.DoesNotExist):
            model.objects.get(pk=foreign.pk)
        assert model.objects.filter(pk=foreign.pk).update(site=site) == 0
        assert model.objects.filter(pk=foreign.pk).delete()[0] == 0
        assert model.objects.aggregate(n=models.Count("pk"))["n"] == len(built_before.all())
    foreign.refresh_from_db()
    assert foreign.site == other_site


@pytest.mark.parametrize("model", BOOKS)
def test_where_nobody_said_whose_rows_there_is_an_error(
    both_have_everything: None, model: type[Any]
) -> None:
    with scoped(None):
        for ask in (
            lambda: list(model.objects.all()),
            lambda: model.objects.count(),
            lambda: model.objects.exists(),
            lambda: model.objects.update(site_id=1),
            lambda: model.objects.all().delete(),
        ):
            with pytest.raises(ScopeUnset):
                ask()


def test_the_books_work_inside_the_walls_of_a_site(
    both_have_everything: None, site: Site, other_site: Site, give: Give
) -> None:
    with scoped(site_scope(site)):
        gift = give(Fund.objects.of_site(site).general().get(), "700.00", pay=True)
        assert check_totals() == []
        assert send_owed_letters() == 2
    assert gift.site == site
    assert Letter.objects.filter(site=other_site, sent_at=None).count() == 1
