from django.urls import URLPattern, path
from wagtail import hooks

from site_settings import views
from tenancy.admin_gate import Screens


@hooks.register("register_admin_urls")
def settings_urls() -> list[URLPattern]:
    return [path("appearance/colours/", views.colours, name="site_settings_colours")]


@hooks.register("register_open_screens")
def open_screens() -> Screens:
    return {"site_settings_colours": ()}
