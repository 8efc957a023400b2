"""The words of the screens: nothing is left unsaid, nothing is said in a way we do not speak.

Texts are found here without gettext's tools, which a fresh machine does not have: Python by its
syntax tree, templates by Django's own `templatize`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation.template import templatize

from network.blueprint import BLUEPRINTS
from site_settings.models import LegalKind

ROOT = Path(settings.BASE_DIR)
APPS = [name for name in settings.INSTALLED_APPS if (ROOT / name / "apps.py").exists()]
RUSSIAN = [ROOT / app / "locale/ru/LC_MESSAGES/django.po" for app in APPS]
CATALOGUES = sorted(ROOT.glob("*/locale/*/LC_MESSAGES/django.po"))

# Which arguments of a call are the text: (context, one, many).
ARGUMENTS = {
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
STRING = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
TEMPLATE_CALL = re.compile(rf"\b(?:n?p?gettext|_)\({STRING}(?:,\s*{STRING}){{0,2}}")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{\w*\}")
TAG = re.compile(r"</?[a-z][^>]*>")

FORBIDDEN = re.compile(
    r"краудфандинг|донат|донейт|дашборд|фандрайз|юзер|инстаграм|фейсбук|личн\w+ данн", re.I
)
WITHOUT_DOTS = re.compile(
    r"\b(?:еще|ее|мое|свое|чье|идет|придет|пройдет|дойдет|вернем|вернет|ждем|пришлем|счет|учет|платеж)\b",
    re.I,
)
# A letter greets with the sign that Russian puts after a greeting; nothing else of ours shouts.
GREETINGS = {"Здравствуйте!", "Здравствуйте, %(first_name)s!"}
MIXED_ALPHABETS = re.compile(r"[а-яё][a-z]|[a-z][а-яё]", re.I)

# What Russian does with a number: 0 for «день», 1 for «дня», 2 for «дней».
FORMS = {0: 2, 1: 0, 2: 1, 4: 1, 5: 2, 11: 2, 14: 2, 21: 0, 22: 1, 25: 2, 101: 0, 111: 2, 112: 2}


class Text(NamedTuple):
    context: str | None
    one: str
    many: str | None = None


# --- finding texts ------------------------------------------------------------


def texts_of_python(path: Path) -> Iterator[Text]:
    tree = ast.parse(path.read_text())
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = names.get(node.func.id, "")
            if called in ARGUMENTS:
                yield _text(called, node, path)


def texts_of_template(path: Path) -> Iterator[Text]:
    for found in TEMPLATE_CALL.finditer(templatize(path.read_text(), origin=str(path))):
        node = ast.parse(f"{found[0]})", mode="eval").body
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Name)
        yield _text("gettext" if node.func.id == "_" else node.func.id, node, path)


def _text(called: str, node: ast.Call, path: Path) -> Text:
    def said(place: int | None) -> str | None:
        if place is None:
            return None
        part = node.args[place]
        where = f"{path}:{node.lineno}"
        assert isinstance(part, ast.Constant), f"not a plain string, so nobody finds it: {where}"
        assert isinstance(part.value, str), where
        return part.value

    context, one, many = ARGUMENTS[called]
    return Text(said(context), said(one) or "", said(many))


def texts_of(app: str) -> set[Text]:
    found: set[Text] = set()
    for path in sorted((ROOT / app).rglob("*")):
        if path.suffix == ".py":
            found.update(texts_of_python(path))
        elif "templates" in path.parts and path.suffix in (".html", ".txt"):
            found.update(texts_of_template(path))
    return found


def catalogue(path: Path) -> polib.POFile:
    return polib.pofile(str(path), wrapwidth=0)


def entries(*paths: Path) -> Iterator[polib.POEntry]:
    for path in paths:
        yield from catalogue(path)


def sayings(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def without_tags(text: str) -> str:
    return TAG.sub("", text)


# --- completeness -------------------------------------------------------------


def test_texts_are_found_in_python_and_in_templates(tmp_path: Path) -> None:
    code = tmp_path / "code.py"
    code.write_text(
        "from django.utils.translation import gettext as _, ngettext, pgettext_lazy\n"
        'a = _("one " "sentence")\n'
        'b = ngettext("%(n)s day", "%(n)s days", 2)\n'
        'c = pgettext_lazy("in a bank", "account")\n'
        "first, _unused = 1, 2\n"
    )
    page = tmp_path / "page.html"
    page.write_text(
        "{% load i18n %}{# {% translate 'not this' %} #}<p>{% translate \"It's here\" %}</p>"
        '{% translate "Help" context "with a donation" %}'
        "{% blocktranslate trimmed with a=b %}\n  Yes,\n  {{ a }} “so”\n{% endblocktranslate %}"
        "{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}"
    )
    assert set(texts_of_python(code)) == {
        Text(None, "one sentence"),
        Text(None, "%(n)s day", "%(n)s days"),
        Text("in a bank", "account"),
    }
    assert set(texts_of_template(page)) == {
        Text(None, "It's here"),
        Text("with a donation", "Help"),
        Text(None, "Yes, %(a)s “so”"),
        Text(None, "%(n)s day", "%(n)s days"),
    }


@pytest.mark.parametrize("app", APPS)
def test_russian_catalogue_holds_what_the_app_says_and_no_more(app: str) -> None:
    path = ROOT / app / "locale/ru/LC_MESSAGES/django.po"
    said = texts_of(app)
    written = {
        Text(entry.msgctxt or None, entry.msgid, entry.msgid_plural or None)
        for entry in catalogue(path)
        if not entry.obsolete
    }
    assert said - written == set(), f"not translated: run `make messages`, then fill in {path}"
    assert written - said == set(), "translated, but nobody says it"


@pytest.mark.parametrize("path", CATALOGUES, ids=str)
def test_catalogue_has_no_empty_fuzzy_or_obsolete_entry(path: Path) -> None:
    found = catalogue(path)
    assert [entry.msgid for entry in found if not all(sayings(entry))] == []
    assert [entry.msgid for entry in found if entry.fuzzy or entry.obsolete] == []
    keys = [(entry.msgctxt, entry.msgid) for entry in found]
    assert len(keys) == len(set(keys))


def test_no_text_hides_inside_an_f_string() -> None:
    """gettext's tools do not look there: the text would vanish at the next `make messages`."""
    hidden = [
        f"{path}:{node.lineno}"
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        for string in ast.walk(ast.parse(path.read_text()))
        if isinstance(string, ast.JoinedStr)
        for node in ast.walk(string)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"_", *ARGUMENTS}
    ]
    assert hidden == []


# --- form ---------------------------------------------------------------------


@pytest.mark.parametrize("path", CATALOGUES, ids=str)
def test_placeholders_and_tags_are_those_of_the_source(path: Path) -> None:
    wrong = []
    for entry in catalogue(path):
        for pattern in (PLACEHOLDER, re.compile(r"</?[a-z]+")):
            wanted = sorted(pattern.findall(entry.msgid_plural or entry.msgid))
            wrong += [text for text in sayings(entry) if sorted(pattern.findall(text)) != wanted]
    assert wrong == []


def is_wrong(text: str) -> bool:
    """Whether a Russian text has a word or a sign that we do not use."""
    shouts = "!" in text and text not in GREETINGS
    quotes = set(text) & set("\"'“”„‚‘’`")
    typed = "..." in text or " - " in text or "  " in text or text != text.strip()
    words = FORBIDDEN.search(text) or WITHOUT_DOTS.search(text)
    return bool(
        shouts or quotes or typed or words or MIXED_ALPHABETS.search(text.replace("ЮKassa", ""))
    )


@pytest.mark.parametrize(
    "text",
    [
        "Спасибо!",
        'Сайт "Дымка"',
        "Собираем донаты",
        "Обработка личных данных",
        "Вернем деньги",
        "Сбор - это просто",
        "Cбор закрыт",  # the first letter is Latin
    ],
)
def test_wrong_russian_is_noticed(text: str) -> None:
    assert is_wrong(text)


def test_russian_uses_no_word_and_no_sign_we_do_not_use() -> None:
    texts = [without_tags(text) for entry in entries(*RUSSIAN) for text in sayings(entry)]
    assert [text for text in texts if is_wrong(text)] == []


@pytest.mark.parametrize("kind", LegalKind.values)
def test_legal_texts_use_none_either(kind: str) -> None:
    source = (ROOT / f"site_settings/wordings/{kind}.txt").read_text()
    text = re.sub(r"\{.*?\}|[\[\]]", "", source)
    assert [line for line in text.splitlines() if is_wrong(re.sub(" +", " ", line.strip()))] == []


def test_first_texts_of_a_new_site_use_none_either() -> None:
    assert [
        text
        for text in texts_within([kind.pages for kind in BLUEPRINTS.values()])
        if is_wrong(without_tags(text))
    ] == []


def texts_within(plan: Any) -> Iterator[str]:
    if isinstance(plan, str):
        yield plan
    elif isinstance(plan, dict):
        for part in plan.values():
            yield from texts_within(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from texts_within(part)


def test_russian_quotes_come_in_pairs_and_sentences_end_as_in_the_source() -> None:
    wrong = []
    for entry in entries(*RUSSIAN):
        for text in sayings(entry):
            paired = text.count("«") == text.count("»")
            ends = (
                entry.msgid.endswith((".", "?")) == text.endswith((".", "?")) or text in GREETINGS
            )
            if not paired or not ends:
                wrong.append(text)
    assert wrong == []


def test_a_label_in_lower_case_stays_in_lower_case() -> None:
    wrong = [
        (entry.msgid, text)
        for entry in entries(*RUSSIAN)
        for text in sayings(entry)
        if entry.msgid[0].isalpha()
        and text[:1].isalpha()
        and entry.msgid[0].isupper() != text[0].isupper()
    ]
    assert wrong == []


# --- plurals ------------------------------------------------------------------


def test_days_are_counted_as_russian_counts() -> None:
    with translation.override("ru"):
        said = [ngettext("%(n)s day left", "%(n)s days left", n) % {"n": n} for n in sorted(FORMS)]
    assert said == [
        "осталось 0 дней",
        "остался 1 день",
        "осталось 2 дня",
        "осталось 4 дня",
        "осталось 5 дней",
        "осталось 11 дней",
        "осталось 14 дней",
        "остался 21 день",
        "осталось 22 дня",
        "осталось 25 дней",
        "остался 101 день",
        "осталось 111 дней",
        "осталось 112 дней",
    ]


@pytest.mark.parametrize("language", ["ru", "tt", "udm", "mhr"])
def test_every_counted_text_takes_the_form_of_its_number(language: str) -> None:
    """Languages without words of their own yet speak Russian, by Russian's rule of numbers."""
    counted = [entry for entry in entries(*RUSSIAN) if entry.msgid_plural]
    assert counted
    with translation.override(language):
        for entry in counted:
            for number, form in FORMS.items():
                text = ngettext(entry.msgid, entry.msgid_plural, number)
                assert text == entry.msgstr_plural[form], (entry.msgid, number)


def test_english_counts_one_and_many() -> None:
    with translation.override("en"):
        said = [ngettext("%(n)s day left", "%(n)s days left", n) % {"n": n} for n in (0, 1, 2, 21)]
    assert said == ["0 days left", "1 day left", "2 days left", "21 days left"]


# --- what is really said ------------------------------------------------------


def said_now(entry: polib.POEntry) -> str:
    return pgettext(entry.msgctxt, entry.msgid) if entry.msgctxt else gettext(entry.msgid)


def test_russian_screens_say_what_the_catalogues_say() -> None:
    """All apps share one heap of texts: one word said in two ways would be said in one of them."""
    with translation.override("ru"):
        wrong = [
            (entry.msgid, entry.msgstr, said_now(entry))
            for entry in entries(*RUSSIAN)
            if not entry.msgid_plural and said_now(entry) != entry.msgstr
        ]
    assert wrong == [], "two catalogues disagree, or `make catalogues` has not been run"


def test_english_screens_never_fall_back_on_russian() -> None:
    """The default language is Russian; Django makes English the one exception to the fallback."""
    with translation.override("en"):
        assert [entry.msgid for entry in entries(*RUSSIAN) if said_now(entry) != entry.msgid] == []


def test_our_texts_leave_the_words_of_wagtail_and_django_as_they_are() -> None:
    """A text of ours replaces an equal one everywhere in the admin: it must mean the same there."""
    ours = {(entry.msgctxt, entry.msgid): entry.msgstr for entry in entries(*RUSSIAN)}
    changed = []
    for config in apps.get_app_configs():
        theirs = Path(config.path) / "locale/ru/LC_MESSAGES/django.mo"
        if config.name in APPS or not theirs.exists():
            continue
        for entry in polib.mofile(str(theirs)):
            mine = ours.get((entry.msgctxt, entry.msgid))
            if mine is not None and entry.msgstr and mine != entry.msgstr:
                changed.append((config.name, entry.msgid, entry.msgstr, mine))
    assert changed == []


@pytest.mark.parametrize(
    ("language", "title", "way_home"),
    [
        ("ru", "Такой страницы нет", "На главную"),
        ("en", "No such page", "To the home page"),
        ("udm", "Такой страницы нет", "На главную"),
    ],
)
def test_a_page_speaks_the_language_it_is_asked_in(
    language: str, title: str, way_home: str
) -> None:
    with translation.override(language):
        page = render_to_string("404.html")
    assert f"<h1>{title}</h1>" in page
    assert f">{way_home}</a>" in page
    assert bool(re.search("[а-яё]", page, re.I)) == (language != "en")
