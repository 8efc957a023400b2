from collections.abc import Callable

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import get_language_from_path
from wagtail.models import Page

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class SiteLanguageMiddleware:
    """404 for a language the site does not speak.

    Languages are of the whole network, trees are of each site: without this a site that has only
    Russian answers at /en/ with Russian text.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> None:
        language = get_language_from_path(request.path_info)
        site = getattr(request, "_wagtail_site", None)
        if not language or site is None:
            return
        home = site.root_page
        speaks = Page.objects.live().filter(
            translation_key=home.translation_key, locale__language_code=language
        )
        if not speaks.exists():
            raise Http404
