"""Long lists, a page at a time."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.core.paginator import Page as Part
from django.db.models import QuerySet
from django.http import Http404, HttpRequest


def part_of(items: QuerySet | Sequence[Any], request: HttpRequest, size: int) -> Part:
    """The part that `?page=` asks for: the first for what is no number, Http404 beyond the last.

    Its `newer_url` and `older_url` lead on, with the rest of the address kept.
    """
    paginator = Paginator(items, size)
    try:
        part = paginator.page(request.GET.get("page", 1))
    except PageNotAnInteger:
        part = paginator.page(1)
    except EmptyPage:
        raise Http404 from None
    vars(part)["newer_url"] = _address(request, part.number - 1) if part.has_previous() else ""
    vars(part)["older_url"] = _address(request, part.number + 1) if part.has_next() else ""
    return part


def _address(request: HttpRequest, number: int) -> str:
    kept = [(name, value) for name, value in request.GET.items() if name != "page"]
    query = urlencode([*kept, *([("page", number)] if number > 1 else [])])
    return f"{request.path}?{query}" if query else request.path
