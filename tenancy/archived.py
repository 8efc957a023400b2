"""A site in the archive is read by the network's people and changed by nobody: it is opened first.

The people of the site have no admin at all then. What the centre may do is decided by Wagtail's
permission policies and page testers, and those ask here.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from wagtail.models import Collection, Page, PagePermissionTester

from tenancy.models import SiteState, SiteWalls
from tenancy.roots import HOME_DEPTH, are_of_one_site
from tenancy.scope import is_unrestricted

MEMORY = "_archived_sites"


@dataclass(frozen=True)
class Archived:
    """What nobody changes: these sites, what lies in these trees and in these collections."""

    site_ids: frozenset[int] = frozenset()
    page_paths: tuple[str, ...] = ()
    collection_paths: tuple[str, ...] = ()

    def has_page(self, page: Page) -> bool:
        return page.path.startswith(self.page_paths) if self.page_paths else False

    def has_collection(self, collection: Collection) -> bool:
        paths = self.collection_paths
        return collection.path.startswith(paths) if paths else False


NOTHING = Archived()


def what_is_archived() -> Archived:
    rows = SiteWalls.objects.filter(state=SiteState.ARCHIVED)
    found = list(
        rows.values_list("site_id", "collection__path", "site__root_page__translation_key")
    )
    if not found:
        return NOTHING
    homes = Page.objects.filter(translation_key__in=[key for _pk, _path, key in found])
    return Archived(
        site_ids=frozenset(pk for pk, _path, _key in found),
        page_paths=tuple(homes.values_list("path", flat=True)),
        collection_paths=tuple(path for _pk, path, _key in found),
    )


def archived_for(user: Any) -> Archived:
    """Looked up once a request: kept with the person, as Wagtail keeps their permissions.

    Nothing for an NGO's people: an archived site is not in their scope.
    """
    if not is_unrestricted():
        return NOTHING
    memory = vars(user)
    if MEMORY not in memory:
        memory[MEMORY] = what_is_archived()
    found: Archived = memory[MEMORY]
    return found


class Tester(PagePermissionTester):
    """Wagtail lets a superuser move and copy anywhere, others from one of their sites to another.

    Pictures, documents, drafts and names would go along, and nobody asks whose they are.
    """

    def can_move_to(self, destination: Page) -> bool:
        return self._may_lie_under(destination) and bool(super().can_move_to(destination))

    def can_copy_to(self, destination: Page, recursive: bool = False) -> bool:
        may = self._may_lie_under(destination)
        return may and bool(super().can_copy_to(destination, recursive))

    def _may_lie_under(self, destination: Page) -> bool:
        if archived_for(self.user).has_page(destination):
            return False
        return destination.depth < HOME_DEPTH or are_of_one_site(self.page, destination)


class ReadOnlyTester(PagePermissionTester):
    """As for somebody who may do nothing; looking at the page and its history asks for no more."""

    def __init__(self, page: Page) -> None:
        super().__init__(AnonymousUser(), page)
        self.user.is_active = False
        self.permissions: set[str] = set()

    def can_lock(self) -> bool:
        return False

    can_unlock = can_submit_for_moderation = can_lock


_wagtails_own = Page.permissions_for_user


def permissions_for_user(page: Page, user: Any) -> PagePermissionTester:
    if archived_for(user).has_page(page):
        return ReadOnlyTester(page)
    found = _wagtails_own(page, user)
    return Tester(user, page) if type(found) is PagePermissionTester else found


def protect() -> None:
    Page.permissions_for_user = permissions_for_user
