"""While a helper acts as somebody: who that is in each request, and what stays closed."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.models import Site

from accounts.actions import open_as as actions
from accounts.actions.people import is_of_network
from accounts.models import User
from accounts.people_views import for_keepers
from accounts.requests import PersonRequest
from tenancy.screens import render_screen

IN_SESSION = "open_as"
READS = {"GET", "HEAD", "OPTIONS"}
ENDS = "open_as_end"
# What a helper may do in somebody's place: work on pages, pictures and documents. Nothing of money,
# people and settings; those the helper does under their own name.
WRITES = (
    "wagtailadmin_pages:",
    "wagtailadmin_choose_page",
    "wagtailadmin_block_preview",
    "wagtailadmin_editing_sessions:",
    "wagtailimages",
    "wagtaildocs",
    "wagtail_bulk_action",
    "wagtail_localize:",
)
# Their own account is theirs, and an export would be signed by them.
NOT_EVEN_READ = ("wagtailadmin_account", "second_factor", "address_", "people", "person", "invit")


class OpenAsMiddleware:
    """Stands below OTPMiddleware: it is the helper who signed in and who has shown a code."""

    def __init__(self, get_response: Callable[[PersonRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: PersonRequest) -> HttpResponseBase:
        request.helper = None
        if request.is_admin_host and IN_SESSION in request.session:
            self._act_as(request)
        return self.get_response(request)

    def _act_as(self, request: PersonRequest) -> None:
        state = actions.OpenAs(**request.session[IN_SESSION])
        helper = request.user
        if not helper.is_authenticated:  # switched off meanwhile
            request.session.pop(IN_SESSION, None)
            actions.end(helper=None, state=state, how="helper switched off")
            return
        person = actions.person_of(helper=helper, state=state)
        if person is None:
            actions.end(helper=helper, state=state, how="time")
            del request.session[IN_SESSION]
            messages.info(request, _("You are yourself again: the hour is over."))
            return
        request.helper, request.user, request.chosen_site = helper, person, state.site

    def process_view(
        self, request: PersonRequest, view: object, args: object, kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if request.helper is None or not request.resolver_match:
            return None
        name = request.resolver_match.view_name
        if name == "wagtailadmin_logout" and request.method == "POST":
            _finish(request, request.helper, how="sign-out")
        elif not _is_open(request, name):
            return _closed(request)
        return None


def _closed(request: PersonRequest) -> HttpResponse:
    answer = render_screen(
        request, "accounts/open_as_closed.html", {}, title=_("Closed meanwhile"), icon="lock"
    )
    answer.status_code = 403
    return answer


def _is_open(request: PersonRequest, name: str) -> bool:
    if name == ENDS:
        return True
    if name.startswith(NOT_EVEN_READ) or "export" in name or "export" in request.GET:
        return False
    return request.method in READS or name.startswith(WRITES)


def _finish(request: PersonRequest, helper: User, how: str) -> None:
    state = actions.OpenAs(**request.session.pop(IN_SESSION))
    actions.end(helper=helper, state=state, how=how)


@require_POST
@for_keepers
def open_as(request: PersonRequest, site: Site, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk, groups__role_group__site=site)
    if not is_of_network(request.user):
        raise Http404
    try:
        state = actions.begin(helper=request.user, person=person, site=site)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("person", site.pk, pk)
    request.session[IN_SESSION] = state.as_dict()
    return redirect("wagtailadmin_home")


@require_POST
def open_as_end(request: PersonRequest) -> HttpResponse:
    if request.helper is not None:
        state = request.session[IN_SESSION]
        _finish(request, request.helper, how="button")
        messages.success(request, _("You are yourself again."))
        return redirect("people_of", state["site"])
    return redirect("wagtailadmin_home")
