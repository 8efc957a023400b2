"""Where a page's address begins, without a list of all sites.

Wagtail builds the address of every page from one list of all sites, kept in the cache: it is read
whole for every link, and after each new site the next visitor waits while it is built, a query for
each site. Here each home is looked up by itself. The answers are kept for an hour and forgotten at
once when Wagtail forgets its list.
"""

import uuid
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from wagtail.models import Page, Site
from wagtail.models.sites import SiteRootPath

T = TypeVar("T")
GENERATION, HOUR = "tenancy:roots", 3600
HOME_DEPTH = 2
NOBODY = SiteRootPath(0, "", "", "")

_clear_wagtails_list = Site.clear_site_root_paths_cache


def forget() -> None:
    _clear_wagtails_list()
    _begin_anew()
    # Until the commit a visitor reads, and keeps, what was.
    transaction.on_commit(_begin_anew)


def _begin_anew() -> None:
    cache.set(GENERATION, uuid.uuid4().hex, None)


def _kept(key: str, make: Callable[[], T]) -> T:
    found = cache.get_many([GENERATION, key])
    generation = found.get(GENERATION)
    if generation is None:
        generation = uuid.uuid4().hex
        cache.set(GENERATION, generation, None)
    kept_in, value = found.get(key, (None, None))
    if kept_in == generation:
        return value
    made = make()
    cache.set(key, (generation, made), HOUR)
    return made


class Roots(NamedTuple):
    """What is kept of a home: the roots at, under and above it, deepest first; ids of their sites
    that have homes in several languages; whether there is any site besides."""

    paths: tuple[SiteRootPath, ...]
    speaking: frozenset[int]
    among_others: bool


def roots_above(page: Page, cache_object: Any = None) -> tuple[SiteRootPath, ...]:
    """Wagtail's `_get_relevant_site_root_paths`: the roots this page lies under, deepest first."""
    paths = _remembered(page, cache_object).paths
    return tuple(root for root in paths if page.url_path.startswith(root.root_path))


def roots_of_some(page: Page, cache_object: Any = None, **_kwargs: Any) -> list[SiteRootPath]:
    """Wagtail's `_get_site_root_paths`: it asks only whether there is another site."""
    others = _remembered(page, cache_object).among_others
    return [*roots_above(page, cache_object), *([NOBODY] if others else [])]


def speaks_several(site: Site) -> bool:
    """Whether the site has homes in several languages."""
    return site.pk in _roots(_home_path(site.root_page)).speaking


def are_of_one_site(page: Page, other: Page) -> bool:
    """Whether both lie under one home, or under two languages of it."""
    paths = {_home_path(page), _home_path(other)}
    homes = Page.objects.filter(path__in=paths).values_list("translation_key", flat=True)
    return len(paths) == 1 or len(set(homes)) == 1


def _home_path(page: Page) -> str:
    return (page.path or "")[: HOME_DEPTH * Page.steplen]


def _remembered(page: Page, cache_object: Any) -> Roots:
    memory = vars(cache_object or page).setdefault("_roots_memory", {})
    home_path = _home_path(page)
    if home_path not in memory:
        memory[home_path] = _roots(home_path)
    return memory[home_path]


def _roots(home_path: str) -> Roots:
    if not home_path:
        return Roots((), frozenset(), False)
    return _kept(f"{GENERATION}:{home_path}", lambda: _roots_of(home_path))


def _roots_of(home_path: str) -> Roots:
    at_or_above = [home_path[:end] for end in range(Page.steplen, len(home_path), Page.steplen)]
    sites = Site.objects.filter(
        Q(
            root_page__translation_key__in=Page.objects.filter(path=home_path).values(
                "translation_key"
            )
        )
        | Q(root_page__path__startswith=home_path)
        | Q(root_page__path__in=at_or_above)
    ).annotate(has_others=Exists(Site.objects.exclude(pk=OuterRef("pk"))))
    found, speaking, among_others = [], set(), False
    for site in sites.select_related("root_page").order_by("-is_default_site", "hostname"):
        pages = list(site.root_page.get_translations(inclusive=True).select_related("locale"))
        found += [
            SiteRootPath(site.pk, page.url_path, site.root_url, page.locale.language_code)
            for page in pages
            if page.path.startswith(home_path) or page.path in at_or_above
        ]
        among_others = site.has_others
        if len(pages) > 1:
            speaking.add(site.pk)
    deepest_first = sorted(found, key=lambda root: root.root_path, reverse=True)
    return Roots(tuple(deepest_first), frozenset(speaking), among_others)


def use_own_lookup() -> None:
    Site.clear_site_root_paths_cache = staticmethod(forget)
    Page._get_relevant_site_root_paths = roots_above
    Page._get_site_root_paths = roots_of_some
