"""The scope: three states, read when a query is compiled."""

import threading
from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Exists, OuterRef
from django.http import HttpRequest, StreamingHttpResponse
from django.test import RequestFactory
from wagtail.models import Collection, Site

from accounts.models import Invitation, User
from content.models import Picture
from donations.models import Donation, Fund
from network.actions import ensure_coordinators
from tenancy.managers import ScopedManager
from tenancy.membership import user_scope
from tenancy.middleware import ScopeMiddleware
from tenancy.models import RoleGroup, SiteHostname, SiteWalls
from tenancy.scope import (
    NOBODY,
    Scope,
    ScopeUnset,
    Unrestricted,
    current,
    is_unrestricted,
    keep_scope,
    scoped,
    site_scope,
    unrestricted,
)
from tests.tenancy.conftest import MARK, Things, add_picture

OURS = {
    "tenancy", "accounts", "site_settings", "content", "donations", "campaigns", "home", "network",
}  # fmt: skip
# What the scope itself is computed from cannot be narrowed by it.
FOUNDATIONS = {SiteWalls, RoleGroup, SiteHostname}


def scoped_models() -> list[type[models.Model]]:
    return [
        model for model in apps.get_models() if isinstance(model._default_manager, ScopedManager)
    ]


def test_every_model_of_ours_with_a_site_narrows_itself() -> None:
    with_site = {
        model
        for model in apps.get_models()
        if model._meta.app_label in OURS
        and any(field.remote_field and field.related_model is Site for field in model._meta.fields)
    }
    assert with_site - set(scoped_models()) == FOUNDATIONS
    assert {User, Picture, Donation, Fund, Invitation} <= set(scoped_models())


@pytest.mark.django_db
@pytest.mark.parametrize("model", scoped_models(), ids=lambda model: model.__name__)
def test_without_a_scope_no_scoped_model_can_be_queried(model: type[models.Model]) -> None:
    rows = model._default_manager
    with scoped(None):
        for ask in (
            lambda: list(rows.all()),
            rows.count,
            rows.exists,
            rows.first,
            lambda: rows.in_bulk([1]),
            lambda: rows.filter(pk=1).update(id=1),
            lambda: rows.filter(pk=1).delete(),
            lambda: rows.aggregate(number=Count("pk")),
        ):
            with pytest.raises(ScopeUnset):
                ask()


@pytest.mark.django_db
@pytest.mark.parametrize("model", scoped_models(), ids=lambda model: model.__name__)
def test_nobody_sees_no_row(model: type[models.Model], own: Things) -> None:
    with scoped(NOBODY):
        assert model._default_manager.count() == 0
        assert list(model._default_manager.all()) == []


def test_queryset_built_in_one_scope_shows_the_rows_of_the_scope_that_asks(
    own: Things, neighbour: Things
) -> None:
    with scoped(site_scope(own.site)):
        donations = Donation.objects.filter(amount__gt=0).order_by("pk")
        pictures = Picture.objects.all()
        assert [donation.pk for donation in donations.all()] == [own.donation.pk]
    with scoped(site_scope(neighbour.site)):
        assert [donation.pk for donation in donations.all()] == [neighbour.donation.pk]
        assert [picture.pk for picture in pictures.all()] == [neighbour.picture.pk]


def test_every_way_of_asking_is_narrowed(own: Things, neighbour: Things) -> None:
    theirs = neighbour.donation.pk
    with scoped(site_scope(own.site)):
        rows = Donation.objects.all()
        assert rows.count() == 1
        assert rows.filter(pk=theirs).exists() is False
        assert rows.filter(pk=theirs).first() is None
        assert rows.in_bulk([own.donation.pk, theirs]).keys() == {own.donation.pk}
        assert rows.totals()["count"] == 1
        assert list(rows.values_list("email", flat=True)) == ["ourown-donor@example.org"]
        assert [row.fund.pk for row in rows.select_related("fund")] == [own.fund.pk]
        assert (rows | Donation.objects.filter(pk=theirs)).count() == 1
        theirs_only = Donation.objects.filter(pk=theirs)
        assert rows.order_by().union(theirs_only.order_by()).count() == 1
        assert Donation.objects.exclude(pk=own.donation.pk).count() == 0
        with pytest.raises(Donation.DoesNotExist):
            Donation.objects.get(pk=theirs)


def test_subqueries_and_prefetches_are_narrowed(own: Things, neighbour: Things) -> None:
    given = Donation.objects.filter(fund=OuterRef("pk"))
    with scoped(site_scope(own.site)):
        sites = Site.objects.filter(pk__in=Donation.objects.values("site"))
        assert [site.pk for site in sites] == [own.site.pk]
        funds = Fund._base_manager.filter(Exists(given))
        assert [fund.pk for fund in funds] == [own.fund.pk]
        everything = Fund._base_manager.filter(
            pk__in=(own.fund.pk, neighbour.fund.pk)
        ).prefetch_related("donations")
        assert {fund.pk: fund.donations.count() for fund in everything} == {
            own.fund.pk: 1,
            neighbour.fund.pk: 0,
        }


def test_update_and_delete_touch_one_s_own_rows_only(own: Things, neighbour: Things) -> None:
    with scoped(site_scope(own.site)):
        assert Donation.objects.update(message="changed") == 1
        assert Picture.objects.filter(pk=neighbour.picture.pk).delete()[0] == 0
    neighbour.donation.refresh_from_db()
    assert neighbour.donation.message == f"{MARK} message"
    assert Picture.objects.filter(pk=neighbour.picture.pk).exists()


def test_unrestricted_sees_all_and_says_why(own: Things, neighbour: Things) -> None:
    with scoped(site_scope(own.site)):
        with unrestricted("a test"):
            assert is_unrestricted()
            assert current() == Unrestricted("a test")
            assert Donation.objects.count() == 2
        assert Donation.objects.count() == 1
        assert not is_unrestricted()


def test_scope_before_comes_back_after_an_error() -> None:
    with scoped(NOBODY):
        with pytest.raises(ZeroDivisionError), unrestricted("a test"):
            _ = 1 / 0
        assert current() == NOBODY


def test_collections_below_one_s_own_are_seen_and_the_root_is_not(
    own: Things, neighbour: Things
) -> None:
    below = own.site.walls.collection.add_child(instance=Collection(name="Below"))
    inner = add_picture(own.site, "inner")
    Picture.objects.filter(pk=inner.pk).update(collection=below)
    stray = add_picture(own.site, "stray")
    Picture.objects.filter(pk=stray.pk).update(collection=Collection.get_first_root_node())
    with scoped(site_scope(own.site)):
        assert set(Picture.objects.values_list("pk", flat=True)) == {own.picture.pk, inner.pk}


def test_people_see_those_of_their_sites_and_themselves(own: Things, neighbour: Things) -> None:
    with scoped(user_scope(own.editor)):
        assert set(User.objects.all()) == {own.editor, own.accountant}
    own.editor.groups.clear()
    with scoped(user_scope(own.editor)):
        assert set(User.objects.all()) == {own.editor}


def test_coordinator_and_superuser_are_unrestricted_and_the_switched_off_are_nobody(
    own: Things,
) -> None:
    root = User.objects.create_superuser("root@example.org", "x")
    centre = User.objects.create_user("centre@example.org", "x")
    centre.groups.add(ensure_coordinators())
    assert user_scope(root) == Unrestricted("superuser")
    assert user_scope(centre) == Unrestricted("coordinator")
    for person in (root, centre, own.editor):
        person.is_active = False
        assert user_scope(person) == NOBODY


def test_people_of_two_sites_see_both(own: Things, neighbour: Things) -> None:
    own.editor.groups.add(*neighbour.editor.groups.all())
    scope = user_scope(own.editor)
    assert isinstance(scope, Scope)
    assert scope.site_ids == {own.site.pk, neighbour.site.pk}
    assert scope.has_page(own.home.path)
    assert scope.has_page(neighbour.about.path)


def test_streamed_answer_keeps_its_scope_and_leaks_it_to_nobody(
    own: Things, neighbour: Things
) -> None:
    def emails() -> Iterator[str]:
        yield from Donation.objects.order_by("pk").values_list("email", flat=True)

    with scoped(site_scope(own.site)):
        lines = keep_scope(emails())
    with scoped(None):
        assert next(lines) == "ourown-donor@example.org"
        with pytest.raises(ScopeUnset):
            current()
        with pytest.raises(StopIteration):
            next(lines)
    with scoped(site_scope(neighbour.site)):
        assert current() == site_scope(neighbour.site)


def test_middleware_streams_in_the_scope_of_the_request(own: Things, neighbour: Things) -> None:
    def view(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(donation.email for donation in Donation.objects.iterator())

    request = RequestFactory().get("/")
    request.is_admin_host, request._wagtail_site = False, own.site  # type: ignore[attr-defined]
    with scoped(None):
        response = ScopeMiddleware(view)(request)  # type: ignore[arg-type]
        assert list(response) == [b"ourown-donor@example.org"]


def test_thread_begins_without_a_scope() -> None:
    seen: list[object] = []

    def ask() -> None:
        try:
            current()
        except ScopeUnset as error:
            seen.append(error)

    with unrestricted("a test"):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert len(seen) == 1


def test_uniqueness_is_asked_of_all_sites(own: Things, neighbour: Things) -> None:
    """An address that another site's person has is a form error, never an IntegrityError."""
    with scoped(user_scope(own.editor)):
        for address in (neighbour.editor.email, neighbour.editor.email.upper()):
            person = User(email=address, first_name="x", last_name="y")
            person.set_password("dva slova i 47")
            with pytest.raises(ValidationError) as refusal:
                person.full_clean()
            assert list(refusal.value.message_dict) == ["email"]
            assert "уже существует" in refusal.value.messages[0]


def test_scoped_form_field_offers_each_person_their_own(
    own: Things, neighbour: Things, admin_as: Callable[[User], object]
) -> None:
    from django import forms  # noqa: PLC0415

    class Choose(forms.Form):
        fund = forms.ModelChoiceField(Fund.objects.all())

    for things, other in ((own, neighbour), (neighbour, own)):
        with scoped(user_scope(things.accountant)):
            assert Choose({"fund": things.fund.pk}).is_valid()
            assert not Choose({"fund": other.fund.pk}).is_valid()
