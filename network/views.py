from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.widgets.button import HeaderButton
from wagtail.models import Site

from accounts.models import Invitation
from accounts.requests import PersonRequest
from network.actions import open_site
from network.forms import OpenSiteForm
from network.hostnames import show_hostname
from tenancy.membership import user_scope
from tenancy.scope import Unrestricted
from tenancy.screens import Crumb, render_screen


def _coordinators_only(request: PersonRequest) -> None:
    """404, not 403: an NGO's editor need not learn that there is such a screen."""
    if not settings.NETWORK or not isinstance(user_scope(request.user), Unrestricted):
        raise Http404


def _sites() -> QuerySet[Site]:
    return Site.objects.select_related("root_page").order_by("site_name", "hostname")


def _to_sites() -> Crumb:
    return {"url": reverse("network_sites"), "label": _("Sites of the network")}


def sites(request: PersonRequest) -> HttpResponse:
    """The sites of the network."""
    _coordinators_only(request)
    rows = [(site, show_hostname(site.hostname)) for site in _sites()]
    add = HeaderButton(_("Open a site"), reverse("network_open_site"), icon_name="plus")
    return render_screen(
        request,
        "network/sites.html",
        {"rows": rows},
        title=_("Sites of the network"),
        icon="site",
        buttons=[add],
    )


def open_new_site(request: PersonRequest) -> HttpResponse:
    _coordinators_only(request)
    form = OpenSiteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = open_site(
                organisation=form.cleaned_data["organisation"],
                hostname=form.cleaned_data["hostname"],
                editor_email=form.cleaned_data["editor_email"],
                by=request.user,
            )
        except ValidationError as error:
            # Somebody else took the name while this form was being sent.
            form.add_error("hostname", error.messages[0])
        else:
            return redirect(reverse("network_site_opened", args=[opened.site.pk]))
    return render_screen(
        request,
        "network/open_site.html",
        {"form": form},
        title=_("Open a site"),
        icon="plus",
        trail=[_to_sites()],
    )


def site_opened(request: PersonRequest, pk: int) -> HttpResponse:
    """What has happened and what comes next."""
    _coordinators_only(request)
    site = get_object_or_404(_sites(), pk=pk)
    invitation = Invitation.objects.filter(site=site).order_by("pk").first()
    context = {
        "site": site,
        "shown_name": show_hostname(site.hostname),
        "invitation": invitation,
    }
    return render_screen(
        request,
        "network/site_opened.html",
        context,
        title=_("The site is open"),
        icon="site",
        subtitle=site.site_name,
        trail=[_to_sites()],
    )
