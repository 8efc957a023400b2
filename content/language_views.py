"""Which languages a site speaks: switched on and off by those who publish its pages."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.models import Site

from accounts.requests import PersonRequest
from content.languages import other_languages, switch_language_off, switch_language_on
from tenancy.screens import render_screen
from tenancy.stock_lists import own_sites


def _publishes(request: HttpRequest, site: Site) -> bool:
    return bool(site.root_page.permissions_for_user(request.user).can_publish())


def _site(request: HttpRequest, pk: int) -> Site:
    site = get_object_or_404(own_sites().select_related("root_page__locale"), pk=pk)
    if not _publishes(request, site):
        raise Http404
    return site


def publishes_somewhere(request: HttpRequest) -> bool:
    """Whether the menu shows the screen: somebody of one site or of a few, who publishes there."""
    sites = own_sites().select_related("root_page")[:10]
    return any(_publishes(request, site) for site in sites)


def languages(request: PersonRequest) -> HttpResponse:
    """The sites one publishes on; with one site, its languages at once."""
    sites = own_sites().select_related("root_page").order_by("site_name", "pk")
    found = [site for site in sites if _publishes(request, site)]
    if not found:
        raise Http404
    if len(found) == 1:
        return redirect("languages_of", found[0].pk)
    return render_screen(
        request,
        "content/language_sites.html",
        {"sites": found},
        title=_("Languages"),
        icon="wagtail-localize-language",
    )


def languages_of(request: PersonRequest, site_id: int) -> HttpResponse:
    site = _site(request, site_id)
    main = dict(settings.WAGTAIL_CONTENT_LANGUAGES)[site.root_page.locale.language_code]
    return render_screen(
        request,
        "content/languages.html",
        {"site": site, "main": main, "languages": other_languages(site)},
        title=_("Languages"),
        subtitle=site.site_name or site.hostname,
        icon="wagtail-localize-language",
    )


@require_POST
def switch_language(request: PersonRequest, site_id: int) -> HttpResponse:
    """`on` in the form is the code of a language to switch on, `off` of one to take off."""
    site = _site(request, site_id)
    on, off = request.POST.get("on", ""), request.POST.get("off", "")
    names = {one.code: one.name for one in other_languages(site)}
    if (on or off) not in names:
        raise Http404
    if not on:
        switch_language_off(site=site, code=off, by=request.user)
        messages.success(request, _("%(language)s is off the site.") % {"language": names[off]})
        return redirect("languages_of", site.pk)
    try:
        home = switch_language_on(site=site, code=on, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("languages_of", site.pk)
    text = _("Translate the home page and publish it: then visitors see the language.")
    messages.success(request, text)
    return redirect(reverse("wagtailadmin_pages:edit", args=[home.pk]))
