from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from site_settings import legal_views, views
from site_settings.legal import record_versions
from site_settings.models import Organisation
from tenancy.admin_gate import Screens
from tenancy.scope import is_unrestricted


@hooks.register("register_admin_urls")
def settings_urls() -> list[URLPattern]:
    return [
        path("appearance/colours/", views.colours, name="site_settings_colours"),
        path("legal/", legal_views.wordings, name="legal_wordings"),
        path("legal/<slug:kind>/", legal_views.wording, name="legal_wording"),
    ]


@hooks.register("register_open_screens")
def open_screens() -> Screens:
    # The legal texts are the centre's: closed to the people of an NGO.
    return {"site_settings_colours": ()}


class LegalMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return is_unrestricted()


@hooks.register("register_settings_menu_item")
def legal_menu() -> MenuItem:
    return LegalMenuItem(
        _("Legal texts"), reverse("legal_wordings"), icon_name="doc-full", order=130
    )


@hooks.register("after_edit_setting")
def changed_requisites_give_a_new_version(request: HttpRequest, instance: Any) -> None:
    if isinstance(instance, Organisation):
        record_versions(instance.site)
