"""What a visitor finds on a site: published pages of that site, in the language of the address."""

from django.utils.translation import get_language
from wagtail.models import Page, Site

from campaigns.models import CampaignPage
from content.words import beginnings

MOST_FOUND = 200


def found_on(site: Site, words: str) -> list[int]:
    """Ids of the pages, the best first; not of hidden campaigns and what is below them."""
    query = beginnings(words)
    if query is None:
        return []
    home = home_of(site)
    pages = Page.objects.live().descendant_of(home, inclusive=True)
    hidden = CampaignPage.objects.descendant_of(home).paths_of_hidden()
    found = pages.autocomplete(query)[:MOST_FOUND]
    return [page.pk for page in found if not page.path.startswith(hidden)]


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
