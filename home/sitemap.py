"""The site for search engines: its published pages, each with its other languages."""

from collections import defaultdict
from typing import Any

from django.http import HttpRequest
from wagtail.contrib.sitemaps import Sitemap
from wagtail.models import Page

from campaigns.models import CampaignPage


class SiteSitemap(Sitemap):
    """By four queries, however many pages there are. A copy that only repeats is left out."""

    limit = 5000

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.homes = [
            home.path for home in self.get_wagtail_site().root_page.get_translations(inclusive=True)
        ]

    def items(self) -> list[Page]:
        below = Page.objects.none()
        for path in self.homes:
            below |= Page.objects.filter(path__startswith=path)
        campaigns = CampaignPage.objects.none()
        for path in self.homes:
            campaigns |= CampaignPage.objects.filter(path__startswith=path)
        hidden = campaigns.paths_of_hidden()
        pages = below.live().filter(alias_of=None).order_by("path").select_related("locale")
        return [page for page in pages if not page.path.startswith(hidden)]

    def get_urls(self, page: Any = 1, site: Any = None, protocol: Any = None) -> list[Any]:
        versions = defaultdict(list)
        for item in self.items():
            versions[item.translation_key].append((item, item.get_full_url(self.request)))
        urls = []
        for same in versions.values():
            others = [
                {"location": address, "lang_code": item.locale.language_code}
                for item, address in same
            ]
            urls += [
                {
                    "location": address,
                    "lastmod": item.last_published_at,
                    "alternates": others if len(others) > 1 else [],
                }
                for item, address in same
                if address
            ]
        return urls
