"""What a visitor finds on a site: published pages of that site, in the language of the address."""

from django.utils.translation import get_language
from wagtail.models import Page, Site

from campaigns.models import CampaignPage
from content.words import beginnings

MOST_FOUND = 200


def found_on(site: Site, words: str) -> list[int]:
    """Ids of the pages, the best first. Campaigns shown by link only are not found."""
    query = beginnings(words)
    if query is None:
        return []
    home = home_of(site)
    pages = Page.objects.live().descendant_of(home, inclusive=True)
    ids = [page.pk for page in pages.autocomplete(query)[:MOST_FOUND]]
    hidden = CampaignPage.objects.filter(pk__in=ids, by_link_only=True)
    unwanted = set(hidden.values_list("pk", flat=True))
    return [pk for pk in ids if pk not in unwanted]


def home_of(site: Site) -> Page:
    """The site's home in the language of the request."""
    home: Page = site.root_page
    if home.locale.language_code == get_language():
        return home
    return home.localized


def shown(ids: list[int]) -> list[Page]:
    """The pages whole, in this order: a query for each of the few kinds there are."""
    pages = {page.pk: page for page in Page.objects.filter(pk__in=ids).specific()}
    return [pages[pk] for pk in ids if pk in pages]
