"""The little language in which the centre writes legal texts.

`{название}` stands for a requisite. What stands in square brackets is left out when a requisite in
it is not known: `[, ИНН {ИНН}]`. Brackets may stand in brackets. Nothing else is special, and what
is put in is never read again, so no requisite can act as a template.
"""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NAME, GROUP = "название", "группа"
# Name in the text → what it is, and which field of Organisation says it.
PLACEHOLDERS = {
    NAME: (gettext_lazy("name of the organisation"), "name"),
    "ИНН": (gettext_lazy("INN"), "inn"),
    "КПП": (gettext_lazy("KPP"), "kpp"),
    "ОГРН": (gettext_lazy("OGRN"), "ogrn"),
    "адрес": (gettext_lazy("legal address"), "legal_address"),
    "руководитель": (gettext_lazy("head of the organisation"), "director_name"),
    "почта": (gettext_lazy("public e-mail"), "email"),
    "телефон": (gettext_lazy("public phone"), "phone"),
    "банк": (gettext_lazy("bank"), "bank_name"),
    "БИК": (gettext_lazy("BIC"), "bic"),
    "счёт": (gettext_lazy("bank account"), "account_number"),
    "корсчёт": (gettext_lazy("correspondent account"), "correspondent_account"),
    "номер оператора": (
        gettext_lazy("number in the register of personal-data operators"),
        "rkn_number",
    ),
    "сайт": (gettext_lazy("address of the site"), "hostname"),
    GROUP: (gettext_lazy("group whose gifts the organisation receives, if it is one"), GROUP),
}
TOKEN = re.compile(r"\{[^{}\n]*\}|[\[\]{}]|[^\[\]{}]+")


@dataclass(frozen=True)
class Field:
    name: str


@dataclass(frozen=True)
class Optional:
    parts: tuple["Part", ...]


Part = str | Field | Optional


def parse(text: str) -> tuple[Part, ...]:
    """The text in parts. Raises ValidationError that says what is wrong and where."""
    open_parts: list[list[Part]] = [[]]
    for match in TOKEN.finditer(text):
        found = match.group()
        if found == "[":
            open_parts.append([])
        elif found == "]":
            if len(open_parts) == 1:
                raise _slip(_("A bracket is closed that was not opened"), text, match.start())
            done = open_parts.pop()
            open_parts[-1].append(Optional(tuple(done)))
        elif found in "{}":
            raise _slip(_("A brace has no pair"), text, match.start())
        elif found.startswith("{"):
            open_parts[-1].append(_field(found, text, match.start()))
        else:
            open_parts[-1].append(found)
    if len(open_parts) > 1:
        raise _slip(_("A bracket is opened and not closed"), text, text.rindex("["))
    return tuple(open_parts[0])


def _field(token: str, text: str, at: int) -> Field:
    name = token[1:-1].strip()
    if name not in PLACEHOLDERS:
        raise _slip(_("There is no such word to fill in: %(word)s") % {"word": token}, text, at)
    return Field(name)


def _slip(what: str, text: str, at: int) -> ValidationError:
    line = text.count("\n", 0, at) + 1
    return ValidationError(
        _("%(what)s (line %(line)s: “%(near)s”).")
        % {"what": what, "line": line, "near": " ".join(text[max(at - 20, 0) : at + 20].split())}
    )


def check_wording(text: str) -> None:
    """Raise ValidationError unless the text can be filled in and says whose it is."""
    if not any(part == Field(NAME) for part in parse(text)):
        raise ValidationError(
            _("The text must name the organisation: put {%(word)s} outside the square brackets.")
            % {"word": NAME}
        )


def fill_in(text: str, values: dict[str, str]) -> str:
    """The text with requisites in it. Paragraphs left empty go."""
    filled = "".join(_filled(parse(text), values))
    paragraphs = (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", filled))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _filled(parts: tuple[Part, ...], values: dict[str, str]) -> list[str]:
    out: list[str] = []
    for part in parts:
        if isinstance(part, Field):
            out.append(values[part.name])
        elif isinstance(part, Optional):
            known = all(values[one.name] for one in part.parts if isinstance(one, Field))
            out += _filled(part.parts, values) if known else []
        else:
            out.append(part)
    return out
