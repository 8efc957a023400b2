from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem

from accounts import address_views, open_as, people_views, proof_views, second_factor_views
from tenancy.admin_gate import Screens
from tenancy.membership import own_sites_of
from tenancy.middleware import CHOSEN_SITE
from tenancy.scope import is_unrestricted


@hooks.register("register_open_screens")
def screens_of_people() -> Screens:
    # Somebody who works on one site is invited to another.
    own = [url.name for url in (*account_urls(), *people_urls())]
    return dict.fromkeys(["accounts_invitation", *(name for name in own if name)], ())


@hooks.register("register_admin_urls")
def account_urls() -> list[URLPattern]:
    return [
        path("second-factor/", second_factor_views.second_factor, name="second_factor"),
        path("second-factor/check/", second_factor_views.check, name="second_factor_check"),
        path("second-factor/codes/", second_factor_views.new_codes, name="second_factor_codes"),
        path("second-factor/off/", second_factor_views.turn_off, name="second_factor_off"),
        path("proof/", proof_views.show_proof, name="show_proof"),
        path("address/", address_views.change, name="address_change"),
        path("address/<str:token>/", address_views.confirm, name="address_confirm"),
        path("my-sites/", people_views.choose_site, name="choose_site"),
        path("open-as/end/", open_as.open_as_end, name="open_as_end"),
    ]


@hooks.register("register_admin_urls")
def people_urls() -> list[URLPattern]:
    site, one = "people/<int:site_id>/", "people/<int:site_id>/<int:pk>/"
    invited = f"{site}invitations/<int:pk>/"
    return [
        path("people/", people_views.people, name="people"),
        path(site, people_views.people_of, name="people_of"),
        path(f"{site}invite/", people_views.invite_person, name="invite_person"),
        path(f"{invited}again/", people_views.invitation_again, name="invitation_again"),
        path(f"{invited}withdraw/", people_views.invitation_withdraw, name="invitation_withdraw"),
        path(one, people_views.person, name="person"),
        path(f"{one}remove/", people_views.remove_person, name="person_remove"),
        path(f"{one}phone/", people_views.reset_factor, name="person_factor"),
        path(f"{one}open/", open_as.open_as, name="open_as"),
    ]


@hooks.register("register_account_menu_item")
def second_factor_item(request: HttpRequest) -> dict[str, Any]:
    return {
        "url": reverse("second_factor"),
        "label": _("Sign-in with a code"),
        "help_text": _("A code from your phone after the password: safer than a password alone"),
    }


@hooks.register("register_account_menu_item")
def address_item(request: HttpRequest) -> dict[str, Any]:
    return {
        "url": reverse("address_change"),
        "label": _("Change the e-mail"),
        "help_text": _("The address you sign in with. A letter to the new one confirms it"),
    }


class PeopleMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return people_views.keeps_people(request)


@hooks.register("register_admin_menu_item")
def people_menu_item() -> MenuItem:
    return PeopleMenuItem(gettext_lazy("People"), reverse("people"), icon_name="group", order=240)


class ChosenSiteMenuItem(MenuItem):
    """Says whose things are shown. Only for somebody who serves several sites."""

    def is_shown(self, request: HttpRequest) -> bool:
        return not is_unrestricted() and len(own_sites_of(request.user)) > 1

    def render_component(self, request: HttpRequest) -> LinkMenuItem:
        chosen = request.session.get(CHOSEN_SITE)
        names = {site.pk: site.site_name or site.hostname for site in own_sites_of(request.user)}
        label = names.get(chosen) or _("All my sites")
        return LinkMenuItem(self.name, label, self.url, icon_name=self.icon_name)


@hooks.register("register_admin_menu_item")
def chosen_site_menu_item() -> MenuItem:
    return ChosenSiteMenuItem(
        gettext_lazy("My sites"), reverse("choose_site"), icon_name="site", order=10
    )


@hooks.register("insert_global_admin_css")
def open_as_css() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("accounts/open-as.css"))
