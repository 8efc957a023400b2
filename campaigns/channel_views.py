"""Links and channels of a campaign: what to hang up, what to send, and what came of it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from wagtail.models import Site
from wagtail.permissions import policy_registry

from accounts.requests import PersonRequest
from campaigns import qr
from campaigns.channels import READY
from campaigns.figures import figures_of
from campaigns.links import CannotAdd, add_channel, open_ready_links, site_id_of
from campaigns.models import CampaignPage
from campaigns.printing.leaflet import why_no_sheet
from campaigns.spreading import ShortLink
from donations.models import Donation, Fund
from tenancy.screens import render_screen

ON_A_PAGE = 50
# Days of the figures by what stands in the address; the first is meant when nothing does.
PERIODS: dict[str, int | None] = {"30": 30, "7": 7, "all": None}
TYPES = {"svg": "image/svg+xml", "png": "image/png"}


class ChannelForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name of the channel"),
        help_text=gettext_lazy("As you say it: «Chat of our yard», «Notice board in the library»"),
        max_length=60,
    )


def _sites(request: HttpRequest) -> Any:
    """Whose gifts the person sees: figures of channels are sums of them."""
    policy = policy_registry.get_by_type(Donation)
    return policy.sites_user_has_any_permission_for(request.user, ["view", "change"])


def sees_channels(request: HttpRequest) -> bool:
    return bool(_sites(request).exists())


@require_safe
def campaigns(request: PersonRequest) -> HttpResponse:
    """The campaigns of one's sites, newest first; with one, its channels at once."""
    sites = _sites(request)
    if not sites.exists():
        raise Http404
    funds = Fund.objects.filter(site__in=sites, key__isnull=False)
    funds = funds.select_related("site__root_page").order_by("-pk")
    page = Paginator(funds, ON_A_PAGE).get_page(request.GET.get("p"))
    pages = _main_pages(page)
    rows = [
        (fund, pages[fund.site_id, fund.key]) for fund in page if (fund.site_id, fund.key) in pages
    ]
    if len(rows) == 1 and not page.has_other_pages():
        return redirect("campaign_links", rows[0][1])
    return render_screen(
        request,
        "campaigns/admin/campaigns.html",
        {
            "rows": rows,
            "page": page,
            "several_sites": len({fund.site_id for fund, _pk in rows}) > 1,
        },
        title=_("Links and channels"),
        icon="link",
    )


def _main_pages(funds: Iterable[Fund]) -> dict[tuple[int, UUID | None], int]:
    """(Site, key) → the page that speaks to the fund; none for a page that is gone."""
    main = {(fund.site_id, fund.key): fund.site.root_page.locale_id for fund in funds}
    keys = [key for _site_id, key in main if key is not None]
    pages = {}
    for page in CampaignPage.objects.filter(translation_key__in=keys, alias_of=None):
        place = (site_id_of(page) or 0, page.translation_key)
        if main.get(place) == page.locale_id:
            pages[place] = page.pk
    return pages


def campaign_links(request: PersonRequest, page_id: int) -> HttpResponse:
    page, site = _campaign(request, page_id)
    may_change = page.permissions_for_user(request.user).can_edit()
    form = ChannelForm(request.POST if "name" in request.POST else None)
    if request.method == "POST":
        if not may_change:
            raise Http404
        if "ready" in request.POST:
            open_ready_links(site=site, key=page.fund_key, by=request.user)
            return redirect("campaign_links", page_id)
        if form.is_valid() and _add(request, page, site, form):
            return redirect("campaign_links", page_id)
    asked = request.GET.get("days", "")
    period = asked if asked in PERIODS else next(iter(PERIODS))
    figures = figures_of(site=site, key=page.fund_key, days=PERIODS[period])
    channels = {row.link.channel for row in figures.rows if row.link}
    context = {
        "campaign": page,
        "figures": figures,
        "period": period,
        "periods": [("7", _("7 days")), ("30", _("30 days")), ("all", _("All the time"))],
        "may_change": may_change,
        "why_no_sheet": why_no_sheet(page, site) if may_change else "",
        "lacks_ready": not channels.issuperset(READY),
        "form": form,
    }
    return render_screen(
        request,
        "campaigns/admin/links.html",
        context,
        title=_("Links and channels"),
        subtitle=page.get_admin_display_title(),
        icon="link",
        trail=[{"url": reverse("channels"), "label": _("Links and channels")}],
    )


def _add(request: PersonRequest, page: CampaignPage, site: Site, form: ChannelForm) -> bool:
    name = form.cleaned_data["name"]
    try:
        add_channel(site=site, key=page.fund_key, name=name, by=request.user)
    except CannotAdd as error:
        form.add_error("name", str(error))
        return False
    messages.success(request, _("The channel is there: copy its link or take its QR code."))
    return True


@require_safe
def link_qr(request: PersonRequest, page_id: int, pk: int, kind: str) -> HttpResponse:
    """The QR code as a file, named so that one finds it again among the downloads."""
    page, site = _campaign(request, page_id)
    link = get_object_or_404(ShortLink, pk=pk, site=site, key=page.fund_key)
    link.site = site
    content = qr.svg(link.url) if kind == "svg" else qr.png(link.url)
    response = HttpResponse(content, content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="qr-{link.channel}-{link.code}.{kind}"'
    return response


def _campaign(request: PersonRequest, page_id: int) -> tuple[CampaignPage, Site]:
    """The campaign's page and site; 404 unless the person sees the gifts of this very site."""
    page = get_object_or_404(CampaignPage, pk=page_id)
    site = get_object_or_404(_sites(request), pk=site_id_of(page) or 0)
    return page, site
