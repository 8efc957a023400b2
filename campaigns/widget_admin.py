"""The screen an editor copies the code of a widget from."""

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import Page, Site
from wagtail.permissions import policy_registry

from campaigns.models import CampaignPage
from campaigns.widgets import Code, Kind, Subject, subject_for
from site_settings.models import Channels
from tenancy.requests import HostedRequest
from tenancy.screens import render_screen


def has_widgets(page: Page) -> bool:
    """Campaigns have their own; the home page has those of the organisation itself."""
    return page.specific_class is CampaignPage or page.depth == 2


def widgets(request: HttpRequest, page_id: int) -> HttpResponse:
    """Preview and code of one kind of widget, for somebody who writes the page."""
    page = get_object_or_404(Page, pk=page_id).specific
    site = page.get_site() if has_widgets(page) else None
    if site is None or not page.permissions_for_user(request.user).can_edit():
        raise Http404
    kind = Kind(request.GET["kind"]) if request.GET.get("kind") in Kind else Kind.CARD
    subject = subject_for(site, page)
    channels = Channels.for_site(site)
    context = {
        "page": page,
        "subject": subject,
        "kinds": [(one, one == kind) for one in Kind],
        "addresses": channels.widget_addresses.splitlines(),
        "settings_url": _settings_url(request, site),
        "code": _code(request, subject, kind) if subject is not None else None,
    }
    trail = [
        {
            "url": reverse("wagtailadmin_pages:edit", args=[page.pk]),
            "label": page.get_admin_display_title(),
        }
    ]
    return render_screen(
        request,
        "campaigns/admin/widgets.html",
        context,
        title=_("Widgets"),
        subtitle=page.get_admin_display_title(),
        icon="code",
        trail=trail,
    )


def _code(request: HttpRequest, subject: Subject, kind: Kind) -> Code:
    # The preview is the public widget itself, in a frame.
    cast(HostedRequest, request).frame_hosts = [subject.site.root_url]
    return Code(subject, kind)


def _settings_url(request: HttpRequest, site: Site) -> str:
    """Where the addresses are written; «» for somebody who may not."""
    policy = policy_registry.get_by_type(Channels)
    if not policy.user_has_permission_for_instance(request.user, "change", Channels.for_site(site)):
        return ""
    return reverse("wagtailsettings:edit", args=["site_settings", "channels", site.pk])
