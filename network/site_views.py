"""One site as the coordinator sees it: state, addresses, people, who receives the money."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.models import Site

from accounts.models import Invitation, User
from accounts.requests import PersonRequest
from network.actions.addresses import (
    add_hostname,
    check_hostname_points_here,
    make_main,
    remove_hostname,
    wanted_addresses,
)
from network.actions.recipients import agree_on_recipient, withdraw_recipient
from network.actions.states import archive_site, name_to_type, pause_site, reopen_site
from network.forms import CloseSiteForm, ConsentForm, HostnameForm, WhyForm
from network.history import WORDS
from network.hostnames import is_of_the_network, show_hostname
from network.views import all_sites, coordinators_only, posted, say_at_fields, to_sites
from site_settings.models import Organisation, RecipientAgreement
from site_settings.recipients import agreement_of
from tenancy.models import AuditEntry, SiteHostname, SiteState
from tenancy.screens import Crumb, render_screen

RECENT = 10
Press = Callable[[PersonRequest, Site], HttpResponse]


def _site(request: PersonRequest, pk: int) -> Site:
    coordinators_only(request)
    return get_object_or_404(all_sites(), pk=pk)


def _to_site(site: Site) -> Crumb:
    return {"url": reverse("network_site", args=[site.pk]), "label": name_to_type(site)}


def button(press: Press) -> Callable[..., HttpResponse]:
    """A POST of a coordinator about one site."""

    @require_POST
    @wraps(press)
    def view(request: PersonRequest, pk: int) -> HttpResponse:
        return press(request, _site(request, pk))

    return view


def site(request: PersonRequest, pk: int) -> HttpResponse:
    """What the site is, and what can be done about it now."""
    row = _site(request, pk)
    organisation = Organisation.for_site(row)
    roles = row.role_groups.select_related("group").order_by("role")
    people = User.objects.filter(groups__role_group__site=row, is_active=True).distinct()
    context = {
        "site": row,
        "shown_name": show_hostname(row.hostname),
        "state": SiteState(row.walls.state),
        "why": WhyForm(),
        "organisation": organisation,
        "agreement": agreement_of(row) if organisation.is_group else None,
        "groups": RecipientAgreement.objects.filter(
            recipient=row, withdrawn_at__isnull=True
        ).select_related("site"),
        "names": [(one, show_hostname(one.hostname)) for one in row.hostnames.all()],
        "people": [
            (person, [one.get_role_display() for one in roles if one.group in person.groups.all()])
            for person in people.prefetch_related("groups")
        ],
        "invitations": Invitation.objects.filter(site=row, accepted_at=None).select_related(
            "group__role_group"
        ),
        "entries": [
            (entry, WORDS.get(entry.what, entry.what))
            for entry in AuditEntry.objects.filter(site=row).select_related("by")[:RECENT]
        ],
    }
    return render_screen(
        request,
        "network/site.html",
        context,
        title=name_to_type(row),
        icon="site",
        trail=[to_sites()],
    )


def _why(request: PersonRequest) -> str:
    form = WhyForm(request.POST)
    return form.cleaned_data["why"] if form.is_valid() else ""


@button
def pause(request: PersonRequest, row: Site) -> HttpResponse:
    pause_site(site=row, by=request.user, why=_why(request))
    messages.success(request, _("The site is paused: pages stay, donations are closed."))
    return redirect("network_site", row.pk)


@button
def reopen(request: PersonRequest, row: Site) -> HttpResponse:
    reopen_site(site=row, by=request.user, why=_why(request))
    messages.success(request, _("The site works again."))
    return redirect("network_site", row.pk)


def close(request: PersonRequest, pk: int) -> HttpResponse:
    """Into the archive, by the typed name."""
    row = _site(request, pk)
    form = CloseSiteForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            archive_site(site=row, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            say_at_fields(form, error, otherwise="typed_name")
        else:
            messages.success(request, _("The site is in the archive."))
            return redirect("network_site", row.pk)
    return render_screen(
        request,
        "network/close_site.html",
        {"site": row, "name": name_to_type(row), "form": form},
        title=_("Close the site"),
        icon="lock",
        trail=[to_sites(), _to_site(row)],
    )


def addresses(request: PersonRequest, pk: int) -> HttpResponse:
    """The names of the site, where each points, and the record to create."""
    row = _site(request, pk)
    form = HostnameForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            added = add_hostname(site=row, hostname=form.cleaned_data["hostname"], by=request.user)
        except ValidationError as error:
            say_at_fields(form, error, otherwise="hostname")
        else:
            if added.verified_at is None:
                check_hostname_points_here(added)
            return redirect("network_site_addresses", row.pk)
    names = list(row.hostnames.all())
    needs_records = any(one.verified_at is None for one in names)
    context = {
        "site": row,
        "shown_name": show_hostname(row.hostname),
        "names": [
            (one, show_hostname(one.hostname), is_of_the_network(one.hostname)) for one in names
        ],
        "records": [
            ((":" in address and "AAAA") or "A", address)
            for address in (sorted(wanted_addresses()) if needs_records else ())
        ],
        "form": form,
    }
    return render_screen(
        request,
        "network/addresses.html",
        context,
        title=_("Addresses"),
        icon="link",
        trail=[to_sites(), _to_site(row)],
    )


@require_POST
def address(request: PersonRequest, pk: int, name_pk: int) -> HttpResponse:
    """Check a name, make it the main one, or take it away."""
    row = get_object_or_404(_site(request, pk).hostnames.select_related("site"), pk=name_pk)
    shown, wish = show_hostname(row.hostname), request.POST.get("do")
    if wish == "check":
        if check_hostname_points_here(row).finding["trouble"]:
            messages.warning(request, _("%(name)s does not point here yet.") % {"name": shown})
        else:
            messages.success(request, _("%(name)s points at our server.") % {"name": shown})
    elif wish == "main":
        _make_main(request, row, shown)
    elif wish == "remove":
        remove_hostname(row=row, by=request.user)
        messages.success(request, _("%(name)s is removed.") % {"name": shown})
    return redirect("network_site_addresses", pk)


def _make_main(request: PersonRequest, row: SiteHostname, shown: str) -> None:
    try:
        make_main(row=row, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("The site answers at %(name)s now.") % {"name": shown})


def recipient(request: PersonRequest, pk: int) -> HttpResponse:
    """Who receives the gifts of a group: the agreement, its end, and a new one."""
    row = _site(request, pk)
    if not Organisation.for_site(row).is_group:
        return redirect("network_site", row.pk)
    form = ConsentForm(posted(request))
    if request.method == "POST" and form.is_valid():
        consent = form.check_consent()
        if consent is None:
            form.add_error("recipient", _("Choose the organisation."))
        elif not form.errors:
            try:
                agree_on_recipient(site=row, consent=consent, by=request.user)
            except ValidationError as error:
                say_at_fields(form, error, otherwise="recipient")
            else:
                messages.success(request, _("The agreement is recorded; donations can be made."))
                return redirect("network_site", row.pk)
    past = RecipientAgreement.objects.filter(~Q(withdrawn_at=None), site=row)
    context = {
        "site": row,
        "form": form,
        "agreement": agreement_of(row),
        "past": past.select_related("recipient"),
    }
    return render_screen(
        request,
        "network/recipient.html",
        context,
        title=_("Who receives the money"),
        icon="group",
        trail=[to_sites(), _to_site(row)],
    )


@button
def withdraw(request: PersonRequest, row: Site) -> HttpResponse:
    agreement = agreement_of(row)
    if agreement is not None:
        withdraw_recipient(agreement=agreement, by=request.user)
        messages.success(request, _("The agreement is ended: the site takes no donations now."))
    return redirect("network_site", row.pk)
