"""Choosers and the explorer are narrowed to the pages of one's sites."""

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from wagtail import hooks

from tenancy.scope import Scope, current


def _within(pages: QuerySet) -> QuerySet:
    scope = current()
    if not isinstance(scope, Scope):
        return pages
    below = Q(pk__in=[])
    for path in scope.page_paths:
        below |= Q(path__startswith=path)
    return pages.filter(below)


@hooks.register("construct_page_chooser_queryset")
def chooser_shows_own_pages(pages: QuerySet, request: HttpRequest) -> QuerySet:
    return _within(pages)


@hooks.register("construct_explorer_page_queryset")
def explorer_shows_own_pages(parent: object, pages: QuerySet, request: HttpRequest) -> QuerySet:
    return _within(pages)
