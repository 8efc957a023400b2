"""The coordinator's list of sites, and opening one."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from wagtail.admin.widgets.button import HeaderButton
from wagtail.models import Site

from accounts.models import Invitation
from accounts.requests import PersonRequest
from network.actions import open_site
from network.actions.addresses import refuse_taken
from network.actions.opening import free_hostname
from network.blueprint import BLUEPRINTS
from network.forms import PEOPLE, REQUISITES, OpenSiteForm
from network.hostnames import is_of_the_network, read_hostname, show_hostname
from site_settings.models import Organisation
from site_settings.recipients import agreement_of
from tenancy.membership import user_scope
from tenancy.models import SiteState
from tenancy.scope import Unrestricted
from tenancy.screens import Crumb, render_screen

ON_A_PAGE = 50


def coordinators_only(request: PersonRequest) -> None:
    """404, not 403: an NGO's editor need not learn that there is such a screen."""
    if not settings.NETWORK or not isinstance(user_scope(request.user), Unrestricted):
        raise Http404


def all_sites() -> QuerySet[Site]:
    rows = Site.objects.select_related("root_page", "walls")
    return rows.order_by("site_name", "hostname")


def posted(request: PersonRequest) -> Any:
    """A sent form, empty or not; None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None


def to_sites() -> Crumb:
    return {"url": reverse("network_sites"), "label": _("Sites of the network")}


def sites(request: PersonRequest) -> HttpResponse:
    """The sites of the network: searched by name or address, narrowed by state."""
    coordinators_only(request)
    rows, state = all_sites(), request.GET.get("state", "")
    by_state = dict(rows.order_by().values_list("walls__state").annotate(number=Count("pk")))
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    if words:
        rows = rows.filter(_called(words))
    if state in SiteState:
        rows = rows.filter(walls__state=state)
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("p"))
    states = [(one.value, one.label, by_state.get(one.value, 0)) for one in SiteState]
    context = {
        "page": page,
        "rows": [(site, show_hostname(site.hostname)) for site in page],
        "words": words,
        "state": state,
        "states": states,
        "total": sum(by_state.values()),
    }
    add = HeaderButton(_("Open a site"), reverse("network_open_site"), icon_name="plus")
    return render_screen(
        request,
        "network/sites.html",
        context,
        title=_("Sites of the network"),
        icon="site",
        buttons=[add],
    )


def _called(words: str) -> Q:
    """SQLite folds the case of Latin letters only."""
    found = Q(hostname__icontains=words) | Q(hostnames__hostname__icontains=words)
    for spelling in {words, words.lower(), words.upper(), words.capitalize()}:
        found |= Q(site_name__contains=spelling)
    return Q(pk__in=Site.objects.filter(found).values("pk"))


def open_new_site(request: PersonRequest) -> HttpResponse:
    coordinators_only(request)
    form = OpenSiteForm(posted(request), by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            opened = open_site(**form.for_action(), by=request.user)
        except ValidationError as error:
            # Somebody else took the name while this form was being sent.
            say_at_fields(form, error, otherwise="hostname")
        else:
            return redirect(reverse("network_site_opened", args=[opened.site.pk]))
    return render_screen(
        request,
        "network/open_site.html",
        {"form": form, "sections": _sections(form), "kinds": list(BLUEPRINTS.values())},
        title=_("Open a site"),
        icon="plus",
        trail=[to_sites()],
    )


def _sections(form: OpenSiteForm) -> list[tuple[str, str, list[Any], bool]]:
    """(name, heading, fields, folded): what everybody needs first, the rest folded until asked."""
    parts: list[tuple[str, str, tuple[str, ...], bool]] = [
        ("people", _("People"), tuple(field for field, _role in PEOPLE), False),
        ("recipient", _("Who receives the money"), ("recipient", "agreed_by", "agreed_on"), False),
        ("colours", _("Colours"), ("accent", "second"), True),
        ("requisites", _("Requisites: now or later"), REQUISITES, True),
    ]
    return [
        (name, heading, [form[field] for field in fields], folded and not _has(form, fields))
        for name, heading, fields, folded in parts
    ]


def _has(form: OpenSiteForm, fields: tuple[str, ...]) -> bool:
    """Something is wrong in there: it must not be folded away."""
    return any(field in form.errors for field in fields)


def say_at_fields(form: Any, error: ValidationError, *, otherwise: str) -> None:
    """An action's refusal, beside the fields it names."""
    told = error.message_dict if hasattr(error, "error_dict") else {otherwise: error.messages}
    for field, messages in told.items():
        for message in messages:
            form.add_error(field if field in form.fields else otherwise, message)


@require_safe
def site_address(request: PersonRequest) -> JsonResponse:
    """What becomes of the typed name, while it is typed: {"address", "shown", "problem"}."""
    coordinators_only(request)
    typed = request.GET.get("hostname", "").strip()[:255]
    try:
        if typed:
            host = read_hostname(typed, by=request.user)
            refuse_taken(host, by=request.user)
        else:
            host = free_hostname(request.GET.get("organisation", "")[:255])
    except ValidationError as error:
        # Nothing is wrong with a name that is not written yet.
        return JsonResponse({"address": "", "shown": "", "problem": typed and error.messages[0]})
    note = "" if is_of_the_network(host) else _("It will wait until it points at our server.")
    shown = show_hostname(host)
    return JsonResponse(
        {"address": host, "shown": "" if shown == host else shown, "note": note, "problem": ""}
    )


def site_opened(request: PersonRequest, pk: int) -> HttpResponse:
    """What has happened and what comes next."""
    coordinators_only(request)
    site = get_object_or_404(all_sites(), pk=pk)
    organisation = Organisation.for_site(site)
    context = {
        "site": site,
        "shown_name": show_hostname(site.hostname),
        "organisation": organisation,
        "agreement": agreement_of(site) if organisation.is_group else None,
        "waiting": [
            (row, show_hostname(row.hostname)) for row in site.hostnames.filter(verified_at=None)
        ],
        "invitations": Invitation.objects.filter(site=site)
        .select_related("group__role_group")
        .order_by("pk"),
    }
    return render_screen(
        request,
        "network/site_opened.html",
        context,
        title=_("The site is open"),
        icon="site",
        subtitle=site.site_name,
        trail=[to_sites()],
    )
