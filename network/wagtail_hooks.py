from django.conf import settings
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from network import views
from tenancy.scope import is_unrestricted


@hooks.register("register_admin_urls")
def network_urls() -> list[URLPattern]:
    if not settings.NETWORK:
        return []
    return [
        path("network/sites/", views.sites, name="network_sites"),
        path("network/sites/open/", views.open_new_site, name="network_open_site"),
        path("network/sites/<int:pk>/opened/", views.site_opened, name="network_site_opened"),
    ]


class NetworkMenuItem(SubmenuMenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return is_unrestricted() and super().is_shown(request)


@hooks.register("register_admin_menu_item")
def network_menu() -> MenuItem:
    menu = Menu(
        register_hook_name="register_network_menu_item",
        items=[
            MenuItem(_("Sites"), reverse("network_sites"), icon_name="site", order=100),
            MenuItem(_("Open a site"), reverse("network_open_site"), icon_name="plus", order=200),
        ]
        if settings.NETWORK
        else [],
    )
    return NetworkMenuItem(_("Network"), menu, icon_name="globe", order=50)
