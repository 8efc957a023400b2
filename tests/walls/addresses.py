"""Every address of the admin, filled with ids of one site or mixed of two."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.contrib.settings.registry import registry as settings_registry
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage
from wagtail.models import (
    Collection,
    Page,
    Revision,
    Site,
    Task,
    TaskState,
    UploadedFile,
    Workflow,
    WorkflowState,
)
from wagtail_localize.models import (
    OverridableSegment,
    StringSegment,
    Translation,
    TranslationSource,
)

from content.models import Attachment, Picture
from tests.walls.rows import Belongings, Model

GONE = 987_654_321  # no row of any table has this number
FULL = os.environ.get("WALLS") == "full"
# How many rows of one kind are tried; and with every other word that the address takes.
ENOUGH, FEW = (60, 60) if FULL else (8, 2)
# Places of one's own are tried until so many are open; most of the tried are of a wrong kind.
OPENED, TRIED = (12, 60) if FULL else (4, 16)
# They hold the most of what may leak: a small sample begins with them.
RICHEST = ("campaigns.campaignpage", "campaigns.updatepage", "home.homepage")
ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")

# What an argument of this name is the number of. Every other number is tried as all there are.
NAMED: dict[str, tuple[Model, ...]] = {
    **dict.fromkeys(("page_id", "parent_page_id", "page_to_move_id", "page_pk"), (Page,)),
    "destination_id": (Page,),
    "image_id": (Picture,),
    "document_id": (Attachment,),
    "doc_id": (Attachment,),
    "collection_id": (Collection,),
    "site_id": (Site,),
    "revision_id": (Revision,),
    "revision_id_a": (Revision,),
    "revision_id_b": (Revision,),
    "task_id": (Task,),
    "task_state_id": (TaskState,),
    "workflow_pk": (Workflow,),
    "workflow_state_id": (WorkflowState,),
    "uploaded_file_id": (UploadedFile,),
    "translation_id": (Translation,),
    "translation_source_id": (TranslationSource,),
    "string_segment_id": (StringSegment,),
    "overridable_segment_id": (OverridableSegment,),
}
MODELS = (
    "wagtailcore.page", "home.standardpage", "campaigns.campaignpage", "content.picture",
    "content.attachment", "accounts.user", "auth.group", "wagtailcore.site", "wagtailcore.workflow",
    "wagtailcore.collection", "taggit.tag", "donations.donation",
)  # fmt: skip
WORDS: dict[str, tuple[str, ...]] = {
    "action_name": ("copy", "publish", "delete", "approve", "convert_alias"),
    "filter_spec": ("width-20",),
    "token": ("x",),
    "uidb64": ("x",),
    "mode": ("", "x"),
    "field_name": ("logo",),
}
MODEL_ARGUMENTS = (
    ("app_label", "model_name"),
    ("app_name", "model_name"),
    ("content_type_app_name", "content_type_model_name"),
)


@dataclass(frozen=True)
class Screen:
    """A view of the admin: its name and the names of its arguments."""

    name: str
    route: str
    arguments: tuple[str, ...]
    pattern: URLPattern
    namespaces: tuple[str, ...]

    @property
    def is_api(self) -> bool:
        """A view of the REST framework: it takes PUT and DELETE, as edit_override of localize."""
        return hasattr(self.pattern.callback, "cls")


def screens() -> list[Screen]:
    return list(_screens(get_resolver().url_patterns, "", ()))


def _screens(patterns: list[Any], before: str, names: tuple[str, ...]) -> Iterator[Screen]:
    for entry in patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*names, entry.namespace) if entry.namespace else names
            yield from _screens(entry.url_patterns, route, inner)
        elif route.startswith("admin/") and entry.name:
            arguments = tuple(entry.pattern.regex.groupindex) or tuple(
                name for _kind, name in ARGUMENT.findall(str(entry.pattern))
            )
            inherited = tuple(name for _kind, name in ARGUMENT.findall(before))
            name = ":".join((*names, entry.name))
            yield Screen(name, route, (*inherited, *arguments), entry, names)


class Addresses:
    """Addresses of screens with ids of `theirs`, and of `own` in the places that are not asked."""

    def __init__(self, own: Belongings, theirs: Belongings) -> None:
        self.own, self.theirs = own, theirs
        self.anything = _numbers(theirs)
        self.also_own = {pk for model in own.rows for pk in own.of(model)}

    def foreign(self, screen: Screen) -> Iterator[tuple[str, str]]:
        """(address with their ids, the same with ids of nothing). Without arguments: one's own."""
        ids = [name for name in screen.arguments if self._is_id(name)]
        for turn, words in enumerate(self._words(screen)):
            if not ids:
                address = _reverse(screen, words)
                if address:
                    yield address, ""
            kind = _kind_in(words)
            for named in self._mixtures(ids, kind, FEW if turn else ENOUGH):
                address = _reverse(screen, {**words, **named})
                theirs = {name for name in ids if named[name] in self._candidates(name, kind)}
                nothing = _reverse(screen, {**words, **named, **dict.fromkeys(theirs, GONE)})
                if any(name not in NAMED and named[name] in self.also_own for name in theirs):
                    nothing = ""  # the number is one of one's own things too
                if address:
                    yield address, nothing

    def own_places(self, screen: Screen) -> Iterator[tuple[int, Iterator[str]]]:
        """(how many open ones are enough, addresses with one's own ids only), for all words."""
        ids = [name for name in screen.arguments if self._is_id(name)]
        for turn, words in enumerate(self._words(screen)):
            yield FEW if turn else OPENED, self._own_places(screen, words, ids)

    def _own_places(self, screen: Screen, words: dict[str, str], ids: list[str]) -> Iterator[str]:
        most = TRIED if len(ids) < 2 else 4
        kind = _kind_in(words)
        choices = [self._candidates(name, kind, self.own)[:most] for name in ids]
        for values in islice(product(*choices), TRIED):
            address = _reverse(screen, {**words, **dict(zip(ids, values, strict=True))})
            if address:
                yield address

    def _mixtures(self, ids: list[str], kind: Model | None, most: int) -> Iterator[dict[str, Any]]:
        """All arguments theirs; then one theirs at a time, the others one's own.

        A number of nobody knows what is tried as one of every table.
        """
        for named in ids:
            found = self._candidates(named, kind)
            for pk in found if found is self.anything else found[:most]:
                yield {name: self._first(name, kind, self.theirs) for name in ids} | {named: pk}
                if len(ids) > 1:
                    yield {name: self._first(name, kind, self.own) for name in ids} | {named: pk}

    def _is_id(self, name: str) -> bool:
        return (
            name not in WORDS
            and not any(name in pair for pair in MODEL_ARGUMENTS)
            and (name != "action")
        )

    def _candidates(self, name: str, kind: Model | None, of: Belongings | None = None) -> list[Any]:
        """What `name` may be the number of; `kind` is the model that the address itself names."""
        of = of or self.theirs
        if name in NAMED:
            return [pk for model in NAMED[name] for pk in _of_each_kind(of, model)]
        if kind is not None and of.of(kind):
            # settings are asked for by their site
            return [*_of_each_kind(of, kind), of.site.pk]
        return self.anything if of is self.theirs else _numbers(of)

    def _first(self, name: str, kind: Model | None, of: Belongings) -> Any:
        return (self._candidates(name, kind, of) or [GONE])[0]

    def _words(self, screen: Screen) -> Iterator[dict[str, str]]:
        pair = next((p for p in MODEL_ARGUMENTS if set(p) <= set(screen.arguments)), None)
        models: list[dict[str, str]] = [{}]
        if pair and screen.name.startswith("wagtailsettings"):
            labels = [model._meta.label_lower for model in settings_registry]
            models = [dict(zip(pair, label.split("."), strict=True)) for label in labels]
        elif pair:
            models = [dict(zip(pair, label.split("."), strict=True)) for label in MODELS]
        for model in models:
            for action in self._actions(screen, model):
                rest = {name: WORDS[name] for name in screen.arguments if name in WORDS}
                for values in product(*rest.values()):
                    yield {**model, **action, **dict(zip(rest, values, strict=True))}

    def _actions(self, screen: Screen, model: dict[str, str]) -> list[dict[str, str]]:
        if "action" not in screen.arguments:
            return [{}]
        known = bulk_action_registry.get_bulk_actions_for_model(*model.values())
        return [{"action": one.action_type} for one in known]


def _of_each_kind(of: Belongings, model: Model) -> list[Any]:
    """The newest first, but before a second home page or news come pages of every other type, and
    before the others those of the richest.
    """
    seen: Counter[Any] = Counter()
    turns: dict[Any, tuple[int, int]] = {}
    richest = [
        ContentType.objects.get_by_natural_key(*label.split(".")).pk
        for label in (RICHEST if model is Page else ())
    ]
    for pk in reversed(of.of(model)):
        type_of_page = of.rows[model][pk].get("content_type_id")
        place = richest.index(type_of_page) if type_of_page in richest else len(richest)
        turns[pk] = (seen[type_of_page], place) if model is Page else (0, 0)
        seen[type_of_page] += 1
    return sorted(turns, key=turns.__getitem__)


def _kind_in(words: dict[str, str]) -> Model | None:
    """wagtailcore and page, under whatever names: Page."""
    for app, model in MODEL_ARGUMENTS:
        if app in words:
            return apps.get_model(words[app], words[model])
    return None


def _numbers(of: Belongings) -> list[int]:
    """One number of every table, each number once: what `pk` may be is not known."""
    found: dict[int, None] = {}
    for model in of.rows:
        if not issubclass(model, (AbstractImage, AbstractDocument)) or of.of(model):
            for pk in of.of(model)[-1:]:
                if isinstance(pk, int):
                    found[pk] = None
    return list(found)


def _reverse(screen: Screen, arguments: dict[str, Any]) -> str:
    named = {name: value for name, value in arguments.items() if name in screen.arguments}
    try:
        return reverse(screen.name, kwargs={k: v for k, v in named.items() if v != ""})
    except NoReverseMatch:
        return ""
