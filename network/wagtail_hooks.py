from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.models import Page, Site

from network import site_views, views
from network.models import ShowcasePage
from network.showcase import most_urgent, shows_picture
from tenancy.scope import is_centre, is_unrestricted

SITE = "network/sites/<int:pk>/"


@hooks.register("register_admin_urls")
def network_urls() -> list[URLPattern]:
    if not settings.NETWORK:
        return []
    return [
        path("network/sites/", views.sites, name="network_sites"),
        path("network/sites/open/", views.open_new_site, name="network_open_site"),
        path("network/sites/address/", views.site_address, name="network_site_address"),
        path(f"{SITE}opened/", views.site_opened, name="network_site_opened"),
        path(SITE, site_views.site, name="network_site"),
        path(f"{SITE}pause/", site_views.pause, name="network_pause_site"),
        path(f"{SITE}reopen/", site_views.reopen, name="network_reopen_site"),
        path(f"{SITE}close/", site_views.close, name="network_close_site"),
        path(f"{SITE}addresses/", site_views.addresses, name="network_site_addresses"),
        path(
            f"{SITE}addresses/<int:name_pk>/", site_views.address, name="network_site_one_address"
        ),
        path(f"{SITE}recipient/", site_views.recipient, name="network_recipient"),
        path(f"{SITE}recipient/end/", site_views.withdraw, name="network_withdraw_recipient"),
    ]


class NetworkMenuItem(SubmenuMenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return is_unrestricted() and super().is_shown(request)


def network_menu() -> MenuItem:
    menu = Menu(
        register_hook_name="register_network_menu_item",
        items=[
            MenuItem(_("Sites"), reverse("network_sites"), icon_name="site", order=100),
            MenuItem(_("Open a site"), reverse("network_open_site"), icon_name="plus", order=200),
        ],
    )
    return NetworkMenuItem(_("Network"), menu, icon_name="globe", order=50)


# A stand-alone installation has no network, and says nothing of one.
if settings.NETWORK:
    hooks.register("register_admin_menu_item", network_menu)


@hooks.register("before_delete_page")
def home_of_a_site_stays(request: HttpRequest, page: Page) -> HttpResponse | None:
    site = Site.objects.filter(root_page__path__startswith=page.path).first()
    if site is None:
        return None
    said = gettext(
        "This is the home page of the site «%(site)s», and its books stand on it. It can be "
        "changed, but not deleted."
    )
    messages.error(request, said % {"site": site.site_name or site.hostname})
    return redirect("wagtailadmin_explore", page.pk)


@hooks.register("before_bulk_action")
def homes_of_sites_stay(
    request: HttpRequest, action_type: str, objects: list[Any], action: Any
) -> HttpResponse | None:
    if action_type != "delete" or action.model is not Page:
        return None
    answers = (home_of_a_site_stays(request, page) for page in objects)
    return next((answer for answer in answers if answer is not None), None)


@hooks.register("home_page_sections")
def showcase_on_the_home_page(request: HttpRequest, home: Page) -> str:
    """On the centre's home: who needs help now, and the way to the showcase."""
    if not is_centre(Site.find_for_request(request)):
        return ""
    page = ShowcasePage.objects.live().child_of(home).first()
    cards, sums = most_urgent() if page else ([], None)
    if page is None or not cards:
        return ""
    context = {"cards": cards, "sums": sums, "address": page.get_url(request)}
    return render_to_string("network/showcase_home.html", context)


@hooks.register("lend_picture")
def picture_of_the_showcase(request: HttpRequest, path: str) -> bool:
    """On the centre's host pictures of neighbours are shown when their campaigns are."""
    return is_centre(Site.find_for_request(request)) and shows_picture(path)
