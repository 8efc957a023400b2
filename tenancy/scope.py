"""Who may see what, right now.

The scope is computed once per request (from the host on public pages, from the user's groups in
the admin) and read by the managers of `tenancy.managers` when a query is compiled. It has three
states: unset (a query of a scoped model raises), a `Scope`, and unrestricted, which always carries
a reason, so that every such place can be found by searching for it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings

if TYPE_CHECKING:
    from wagtail.models import Site

T = TypeVar("T")


class ScopeUnset(RuntimeError):
    """A scoped model was queried where nobody has said whose rows may be seen."""


@dataclass(frozen=True)
class Scope:
    """What may be seen: rows of these sites, what lies in these trees, these people.

    Collections are named by id: Wagtail keeps them sorted by name, so a path may be another
    site's in the next moment.
    """

    site_ids: frozenset[int] = frozenset()
    page_paths: tuple[str, ...] = ()
    collection_ids: frozenset[int] = frozenset()
    group_ids: frozenset[int] = frozenset()
    # Sites whose books one keeps: money that went through their accounts for another site, a group
    # they receive gifts for, is in those books.
    ledger_site_ids: frozenset[int] = frozenset()
    user_id: int | None = None

    def has_page(self, path: str) -> bool:
        return any(path.startswith(root) for root in self.page_paths)


@dataclass(frozen=True)
class Unrestricted:
    """Everything may be seen; the reason says why."""

    reason: str


Visibility = Scope | Unrestricted
NOBODY = Scope()

_current: ContextVar[Visibility | None] = ContextVar("tenancy_scope", default=None)


def current() -> Visibility:
    """The scope in force. Raises ScopeUnset where there is none."""
    visibility = _current.get()
    if visibility is None:
        raise ScopeUnset(
            "No scope is set: wrap this in scoped(site_scope(site)) or unrestricted('why')."
        )
    return visibility


def is_unrestricted() -> bool:
    return isinstance(_current.get(), Unrestricted)


@contextmanager
def scoped(visibility: Visibility | None) -> Iterator[None]:
    token = _current.set(visibility)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def unrestricted(reason: str) -> Iterator[None]:
    with scoped(Unrestricted(reason)):
        yield


def keep_scope(chunks: Iterable[T]) -> Iterator[T]:
    """Iterate lazily, each step in the scope in force now: a streamed answer outlives its view."""
    return _stepwise(iter(chunks), _current.get())


def _stepwise(steps: Iterator[T], visibility: Visibility | None) -> Iterator[T]:
    while True:
        with scoped(visibility):
            try:
                step = next(steps)
            except StopIteration:
                return
        yield step


def is_centre(site: "Site | None") -> bool:
    """Whether this is the centre's own site."""
    return settings.NETWORK and site is not None and site.hostname == settings.BASE_DOMAIN


def site_scope(site: "Site") -> Scope:
    """What visitors of the site may be shown."""
    walls = getattr(site, "walls", None)
    return Scope(
        site_ids=frozenset({site.pk}),
        page_paths=(site.root_page.path,),
        collection_ids=frozenset({walls.collection_id} if walls else ()),
    )
