from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.menus.pages import PageMenuItem
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from campaigns import channel_views, print_views, widget_admin
from campaigns.actions import campaign_copied
from campaigns.forms import UNITS, faults_of_sums
from campaigns.models import CampaignPage
from donations.blocks import sums_of
from donations.models import Fund
from donations.money import format_roubles
from tenancy.admin_gate import Screens

ENOUGH_SUMS = 3


@hooks.register("register_open_screens")
def screens_of_channels() -> Screens:
    names = ("channels", "campaign_links", "link_qr_svg", "link_qr_png")
    return dict.fromkeys((*names, "print_poster", "print_flyers"), ())


@hooks.register("register_admin_urls")
def channel_urls() -> list[URLPattern]:
    one, view = "links/<int:page_id>/", channel_views.link_qr
    return [
        path("links/", channel_views.campaigns, name="channels"),
        path(one, channel_views.campaign_links, name="campaign_links"),
        path(f"{one}<int:pk>/qr.svg", view, {"kind": "svg"}, name="link_qr_svg"),
        path(f"{one}<int:pk>/qr.png", view, {"kind": "png"}, name="link_qr_png"),
        path(f"{one}poster.pdf", print_views.print_poster, name="print_poster"),
        path(f"{one}flyers.pdf", print_views.print_flyers, name="print_flyers"),
    ]


class ChannelsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return channel_views.sees_channels(request)


@hooks.register("register_admin_menu_item")
def channels_menu_item() -> MenuItem:
    return ChannelsMenuItem(
        _("Links and channels"), reverse("channels"), icon_name="link", order=205
    )


@hooks.register("register_page_listing_more_buttons")
def links_in_listing(page: Page, user: Any, next_url: str | None = None) -> Iterator[Button]:
    yield from _button(page, priority=7)


@hooks.register("register_page_header_buttons")
def links_in_header(
    page: Page, user: Any, view_name: str, next_url: str | None = None
) -> Iterator[Button]:
    yield from _button(page, priority=12)


def _button(page: Page, *, priority: int) -> Iterator[Button]:
    if page.specific_class is CampaignPage:
        url = reverse("campaign_links", args=[page.pk])
        yield Button(_("Links and channels"), url=url, icon_name="link", priority=priority)


@hooks.register("register_admin_urls")
def widget_urls() -> list[URLPattern]:
    return [path("campaigns/<int:page_id>/widgets/", widget_admin.widgets, name="campaign_widgets")]


@hooks.register("register_open_screens")
def screen_of_widgets() -> Screens:
    return {"campaign_widgets": ()}  # the page it names must be one's own, as everywhere


class WidgetsButton(PageMenuItem):
    label = _("Widgets")
    icon_name = "code"
    url_name = "campaign_widgets"

    def is_shown(self, user: Any) -> bool:
        has_them = widget_admin.has_widgets(self.page)
        return has_them and self.page.permissions_for_user(user).can_edit()


@hooks.register("register_page_header_buttons")
def widgets_in_the_header(page: Any, user: Any, **kwargs: Any) -> Iterator[WidgetsButton]:
    yield WidgetsButton(page=page, priority=13)


@hooks.register("register_page_listing_more_buttons")
def widgets_in_the_listing(page: Any, user: Any, **kwargs: Any) -> Iterator[WidgetsButton]:
    yield WidgetsButton(page=page, priority=8)


@hooks.register("after_publish_page")
def say_that_more_is_collected(request: HttpRequest, page: Page) -> None:
    """A goal may be set below what came in; whoever does so should know that it is."""
    campaign = page.specific
    if not isinstance(campaign, CampaignPage) or campaign.goal is None:
        return
    fund = Fund.objects.filter(key=campaign.fund_key, site=campaign.get_site()).first()
    if fund is not None and fund.total > campaign.goal:
        values = {"raised": format_roubles(fund.total), "goal": format_roubles(campaign.goal)}
        said = gettext(
            "%(raised)s are collected already, more than the goal of %(goal)s. The page says so."
        )
        messages.warning(request, said % values)


@hooks.register("after_copy_page")
def copies_begin_anew(request: HttpRequest, page: Page, new_page: Page) -> None:
    below = CampaignPage.objects.descendant_of(new_page, inclusive=True)
    for copied in below.filter(alias_of=None):
        campaign_copied(copied)


@hooks.register("before_bulk_action")
def publish_together_what_adds_up(
    request: HttpRequest, action_type: str, objects: list[Any], action: Any
) -> HttpResponse | None:
    """Here no form is asked: it would publish a draft whose sums were never looked at."""
    if action_type != "publish" or action.model is not Page:
        return None
    pages = {page.pk: page for page in objects}
    if action.cleaned_form.cleaned_data["include_descendants"]:
        for page in objects:
            pages |= {below.pk: below for below in page.get_descendants().not_live()}
    drafts = [
        page.get_latest_revision_as_object()
        for page in pages.values()
        if page.specific_class is CampaignPage
    ]
    faults = {draft.title: fault for draft in drafts if (fault := _fault_of_sums(draft))}
    for title, fault in faults.items():
        said = gettext("Nothing is published. Look at «%(title)s» first. %(fault)s")
        messages.error(request, said % {"title": title, "fault": fault})
    return redirect(action.next_url) if faults else None


def _fault_of_sums(draft: CampaignPage) -> str:
    values = {name: getattr(draft, name) for name in ("goal", "stages", "budget", *UNITS)}
    for _field, fault in faults_of_sums(values):
        return fault
    if values["goal"] != draft.goal:
        return gettext("Its goal is not counted yet: open the page and publish it there.")
    return ""


@hooks.register("after_publish_page")
def say_what_the_page_lacks(request: HttpRequest, page: Page) -> None:
    campaign = page.specific
    if not isinstance(campaign, CampaignPage) or campaign.is_over:
        return
    if campaign.goal is not None and not campaign.if_less:
        said = gettext(
            "The page does not say what you will do if not all is collected. People want to know "
            "it before they give: write it in the tab «Plan»."
        )
        messages.warning(request, said)
    form = next((block for block in campaign.body if block.block_type == "donation"), None)
    if form is None:
        said = gettext(
            "There is no donation form on the page: nobody can help. Add the block "
            "«Donation form» and publish once more."
        )
        messages.warning(request, said)
        return
    sums = sums_of(form.value)
    if len(sums) < ENOUGH_SUMS or not all(meaning for _amount, meaning in sums):
        said = gettext(
            "It is easier to give when there are three or four sums to choose from, each with what "
            "it is enough for, such as «850 ₽: a board». Add them in the block «Donation form»."
        )
        messages.warning(request, said)
