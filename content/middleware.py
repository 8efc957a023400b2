from collections.abc import Callable

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import get_language_from_path

GetResponse = Callable[[HttpRequest], HttpResponseBase]


# What letters have carried out of the house works as long as somebody holds it: a gift, a monthly
# gift to stop, news to refuse. Each is known by a secret of its own.
KEPT_LINKS = frozenset(
    {
        "donation_status",
        "donation_state",
        "donation_again",
        "donation_transfer",
        "donation_transfer_qr",
        "donation_transfer_picture",
        "donation_transfer_slip",
        "monthly_gift",
        "news_by_mail",
    }
)


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
        if request.resolver_match and request.resolver_match.view_name in KEPT_LINKS:
            return
        home = site.root_page
        if home.locale.language_code != language and home.localized is home:
            raise Http404
