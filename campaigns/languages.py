"""A campaign in several languages: words are each page's own, the plan is that of the main one."""

from collections.abc import Callable
from typing import Any

from wagtail_localize.fields import SynchronizedField

from campaigns.links import site_id_of
from campaigns.models import CampaignPage

FIGURES = [
    field.field_name
    for field in CampaignPage.override_translatable_fields
    if isinstance(field, SynchronizedField) and not field.overridable
]
# Told in words; but what one page says nothing of, no other says either.
WORDS = ["unit_noun", "if_less", "if_more", "event_place", "district", "report"]
Blocks = list[dict[str, Any]]


def share_plan(page: CampaignPage) -> None:
    """The page was published: translations do not wait for their next synchronisation to show
    the goal, the stages, the end. What is published of a translation does not bring old ones."""
    site = page.get_site()
    if site is None:
        return
    if not page.is_in_main_language(site):
        main = CampaignPage.objects.live().speaking_for(page.translation_key, site).first()
        if main is not None and page.alias_of_id is None:
            _take_plan(page, main)
        return
    for translated in page.get_translations().filter(alias_of=None).specific():
        if site_id_of(translated) == site.pk:
            _take_plan(translated, page)


def _take_plan(page: CampaignPage, main: CampaignPage) -> None:
    told: dict[str, Any] = {}
    for name in (*FIGURES, *WORDS):
        its, own = getattr(main, name), getattr(page, name)
        if bool(its) != bool(own) if name in WORDS else its != own:
            told[name] = its
    streams = {name: (_stored(getattr(main, name)), _stored(getattr(page, name))) for name in FORMS}
    for name, (its, own) in streams.items():
        blocks = FORMS[name](its, own)
        if blocks != own:
            told[name] = blocks
    if not told:
        return
    for name, value in told.items():
        setattr(page, name, value)
    page.save(update_fields=[*told, "has_report"], clean=False)
    page.update_aliases()


def _stored(stream: Any) -> Blocks:
    list(stream)  # what was not looked at yet may lie as older blocks stored it
    return list(stream.get_prep_value())


def _in_own_words(lines: Blocks, own: Blocks, word: str = "title") -> Blocks:
    """The lines with all their sums; each is called as the translation calls the same line."""
    said = {line["id"]: line["value"][word] for line in own if line["value"][word]}
    return [
        {**line, "value": {**line["value"], word: its and said.get(line["id"], its)}}
        for line in lines
        for its in [line["value"][word]]
    ]


def _with_form_of(main: Blocks, own: Blocks) -> Blocks:
    """There is a form in all languages or in none, and it offers the same sums."""
    form = next((block for block in main if block["type"] == "donation"), None)
    place = next((n for n, block in enumerate(own) if block["type"] == "donation"), None)
    if form is None:
        return [block for block in own if block["type"] != "donation"]
    if place is None:
        return [form, *own]
    sums = _in_own_words(form["value"]["presets"], own[place]["value"]["presets"], "meaning")
    asked = {**own[place], "value": {**own[place]["value"], "presets": sums}}
    return [*own[:place], asked, *own[place + 1 :]]


FORMS: dict[str, Callable[[Blocks, Blocks], Blocks]] = {
    "stages": _in_own_words,
    "budget": _in_own_words,
    "body": _with_form_of,
}
