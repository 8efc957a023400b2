"""What a visitor looks for, as the search understands it."""

import re

from modelsearch.query import And, PlainText

WORD = re.compile(r"\w+")
MOST_WORDS, LONGEST = 8, 100


def typed(words: str) -> str:
    """What was typed into a search box, short and printable."""
    return words.replace("\x00", "").strip()[:LONGEST]


def stems(words: str) -> list[str]:
    """«собаки» finds «собак»: the search knows beginnings of words and no Russian endings."""
    found = WORD.findall(words.lower())[:MOST_WORDS]
    return [word[: -2 if len(word) > 6 else -1] if len(word) > 4 else word for word in found]


def beginnings(words: str) -> And | None:
    """A query for `autocomplete`: every word by its beginning. None when there is no word.

    One by one, because SQLite takes only the last word of a query by its beginning.
    """
    parts = stems(words)
    return And([PlainText(part) for part in parts]) if parts else None
