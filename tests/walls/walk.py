"""Asking, and looking into what comes back."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db import models, transaction
from wagtail.blocks.base import BlockField
from wagtail.models import ReferenceIndex, Revision

from tests.conftest import SiteClient
from tests.walls.rows import (
    Belongings,
    Key,
    Model,
    content_types,
    differences,
    pointers,
    read,
    root_of,
    written_tables,
)


@dataclass(frozen=True)
class Finding:
    """What is wrong with an answer."""

    what: str
    method: str
    address: str
    detail: str = ""


def contents(response: Any) -> str:
    """Everything the answer says: head, body, and what is inside a workbook."""
    body = b"".join(response) if response.streaming else response.content
    said = [str(response.headers)]
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            said += [archive.read(name).decode(errors="replace") for name in archive.namelist()]
    return "\n".join([*said, body.decode(errors="replace")]).lower()


def around(text: str, mark: str) -> str:
    place = text.find(mark)
    return " ".join(text[max(0, place - 90) : place + 60].split())


def told(findings: list[Finding]) -> str:
    """Each kind of finding once a screen: what a person can read."""
    seen: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        screen = re.sub(r"\d+", "N", finding.address.partition("?")[0])
        seen.setdefault((finding.what, finding.method, screen), finding)
    lines = [f"{f.what} {f.method} {f.address}  {f.detail}" for f in seen.values()]
    return "\n".join(["", *sorted(lines)])


@dataclass
class Walker:
    """Somebody of the own site, and what they may never be told or change."""

    client: SiteClient
    own: Belongings
    theirs: Belongings
    mark: str
    findings: list[Finding] = field(default_factory=list)
    nowhere: dict[str, int] = field(default_factory=dict)  # what is answered where nothing is
    asked: int = 0

    def __post_init__(self) -> None:
        self.kinds = content_types()
        self.before = read()
        self.models = {model._meta.db_table: model for model in self.before}

    # --- GET

    def get(self, address: str, query: str = "") -> Any:
        response = self._ask("get", address + query)
        self._look(response, "GET", address + query)
        return response

    def compare(self, address: str, nothing: str) -> None:
        """Another site's thing answers as a thing that was never there."""
        there = self.get(address).status_code
        if nothing not in self.nowhere:
            self.nowhere[nothing] = self._ask("get", nothing).status_code
        if there != self.nowhere[nothing]:
            detail = f"{there}, but {self.nowhere[nothing]} for what does not exist"
            self.findings.append(Finding("guess", "GET", address, detail))

    def _ask(self, method: str, address: str, data: Any = None, **headers: Any) -> Any:
        self.asked += 1
        self.client.raise_request_exception = False
        return getattr(self.client, method)(address, data, **headers)

    def _look(self, response: Any, method: str, address: str) -> None:
        if response.status_code == 403 or response.status_code >= 500:
            detail = str(getattr(response, "exc_info", None) or response.status_code)
            self.findings.append(Finding("status", method, address, detail[:300]))
        said = contents(response)
        if self.mark in said:
            self.findings.append(Finding("read", method, address, around(said, self.mark)))

    # --- POST

    def post(self, address: str, data: dict[str, Any]) -> Any:
        return self.send("post", address, data)

    def send(self, method: str, address: str, data: Any, **headers: Any) -> Any:
        """Send a form, look at the answer and at the database, and take everything back."""
        with transaction.atomic():
            written = written_tables()
            response = self._ask(method, address, data, **headers)
            self._look(response, method.upper(), address)
            changed = [
                self.models[table]
                for table, count in written_tables().items()
                if count != written.get(table, 0) and table in self.models
            ]
            if changed:
                self._look_at_rows(changed, address)
            transaction.set_rollback(True)
        return response

    def _look_at_rows(self, changed: list[Model], address: str) -> None:
        for model, pk, old, new in differences(self.before, read(changed)):
            label = f"{model._meta.label} {pk}"
            if self.theirs.has(model, pk) and old is not None:
                detail = label if new is None else f"{label}: {_changes(old, new)}"
                self.findings.append(Finding("changed", "POST", address, detail))
            elif new is not None:
                self._look_at_row(model, label, old, new, address)

    def _words_point_at(self, model: Model, row: dict[str, Any]) -> Iterator[Key]:
        """Links and pictures within rich text and blocks; the index of them is written later."""
        if model is Revision:
            revision: Any = Revision._base_manager.get(pk=row["id"])
            instance = revision.as_object()
        elif any(hasattr(field, "extract_references") for field in model._meta.fields):
            instance = models.QuerySet(model).get(pk=row[model._meta.pk.attname])
        else:
            return
        for kind, pk, *_path in ReferenceIndex._extract_references_from_object(instance):
            yield root_of(self.kinds[kind]), str(pk)

    def _look_at_row(
        self, model: Model, label: str, old: dict | None, new: dict, address: str
    ) -> None:
        pointed: set[Key] = set(pointers(model, old, self.kinds)) if old else set()
        points = set(pointers(model, new, self.kinds)) | set(self._words_point_at(model, new))
        for kind, pk in points - pointed:
            if (kind, pk) in self.theirs.keys:
                detail = f"{label} points at {kind._meta.label} {pk}"
                self.findings.append(Finding("pointed", "POST", address, detail))
        if self.mark in str(new).lower() and self.mark not in str(old).lower():
            self.findings.append(Finding("copied", "POST", address, label))


def _changes(old: dict[str, Any], new: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {old[name]!r} → {new[name]!r}" for name in old if old[name] != new[name]
    )[:200]


# --- forms of an answer

MANAGEMENT = ("TOTAL_FORMS", "INITIAL_FORMS")


def forms_in(response: Any) -> Iterator[forms.BaseForm]:
    """Forms that a page was drawn with; the filters of a list are one too."""
    seen: set[int] = set()
    contexts = response.context if isinstance(response.context, list) else [response.context]
    for context in contexts:
        for layer in getattr(context, "dicts", [context]):
            if isinstance(layer, dict) and id(layer) not in seen:
                seen.add(id(layer))
                for value in layer.values():
                    if isinstance(value, forms.BaseForm) and id(value) not in seen:
                        seen.add(id(value))
                        yield value


def foreign_value(field: forms.Field, theirs: Belongings) -> Any:
    """Something of the other site where the field takes a row; None where it does not."""
    queryset = getattr(field, "queryset", None)
    model = getattr(queryset, "model", None) or _chosen_model(field)
    if model is None:
        return None
    found = theirs.of(model) or [
        pk for kind in theirs.rows if root_of(kind) is root_of(model) for pk in theirs.of(kind)
    ]
    if not found:
        return None
    many = isinstance(field, forms.ModelMultipleChoiceField)
    return [str(pk) for pk in found] if many else str(found[-1])


def _chosen_model(field: forms.Field) -> type[models.Model] | None:
    return getattr(field.widget, "model", None) or getattr(field.widget, "target_model", None)


def plain_value(form: Any, name: str, field: forms.Field) -> Any:
    """What the form was drawn with, or something that a person would type."""
    if isinstance(field, forms.FileField):
        return None
    value = form.get_initial_for_field(field, name)
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, list | tuple | models.QuerySet):
        return [getattr(item, "pk", item) for item in value]
    if value not in (None, ""):
        return value
    if isinstance(field, forms.ModelChoiceField):
        return ""
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return next((key for key, label in choices if key and isinstance(label, str)), "")
    if isinstance(field, forms.EmailField):
        return "somebody-new@example.org"
    if isinstance(field, forms.URLField):
        return "https://vk.com/somebody"
    if isinstance(field, forms.BooleanField):
        return ""
    if isinstance(field, forms.DateTimeField | forms.DateField):
        return "01.06.2027"
    if isinstance(field, forms.DecimalField | forms.IntegerField):
        return "5"
    return "word" if field.required else ""


def form_data(form: Any, theirs: Belongings) -> Iterator[dict[str, Any]]:
    """The form sent as it is with everything of the other site's, and with one thing at a time."""
    plain: dict[str, Any] = {}
    foreign: dict[str, Any] = {}
    for name, form_field in form.fields.items():
        key = form.add_prefix(name)
        if isinstance(form_field, BlockField):
            plain[f"{key}-count"] = "0"
            continue
        plain[key] = plain_value(form, name, form_field)
        value = foreign_value(form_field, theirs)
        if value is not None:
            foreign[key] = value
    for formset in getattr(form, "formsets", {}).values():
        plain |= {f"{formset.prefix}-{key}": 0 for key in MANAGEMENT}
        pks = theirs.of(formset.model)
        if pks:
            first = f"{formset.prefix}-0"
            foreign |= {f"{formset.prefix}-{key}": 1 for key in MANAGEMENT}
            foreign |= {f"{first}-id": pks[0], f"{first}-text": "word", f"{first}-DELETE": "on"}
    plain = {key: value for key, value in plain.items() if value is not None}
    if not foreign:
        yield plain
        return
    yield {**plain, **foreign}
    children = {key for key in foreign if key.endswith(MANAGEMENT) or "-0-" in key}
    for key in foreign.keys() - children:
        yield {**plain, key: foreign[key]}
    if children:
        yield {**plain, **{key: foreign[key] for key in children}}


def filter_queries(response: Any, theirs: Belongings) -> Iterable[str]:
    """`?site=3` and the like for every filter of a list. What edits a row reads no question."""
    for form in forms_in(response):
        if isinstance(form, forms.ModelForm):
            continue
        for name, form_field in form.fields.items():
            value = foreign_value(form_field, theirs)
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    yield f"?{form.add_prefix(name)}={one}"
