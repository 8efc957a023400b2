"""What a visitor looks for, as the search understands it."""

import re

import snowballstemmer
from modelsearch.query import And, PlainText

RUSSIAN, ENGLISH = snowballstemmer.stemmer("russian"), snowballstemmer.stemmer("english")
WORD = re.compile(r"\w+")
MOST_WORDS, LONGEST = 8, 100
SHORTEST = 3  # a shorter stem begins too many words


def typed(words: str) -> str:
    """What was typed into a search box, short and printable."""
    return words.replace("\x00", "").strip()[:LONGEST]


def stems(words: str) -> list[str]:
    """«собаки» finds «собак»: the search knows beginnings of words and no endings."""
    return [_stem(word) for word in WORD.findall(words.lower())[:MOST_WORDS]]


def _stem(word: str) -> str:
    stemmer = ENGLISH if word.isascii() else RUSSIAN
    # Cut from what was typed: the stemmer itself writes «е» for «ё».
    return word[: max(len(stemmer.stemWord(word)), SHORTEST)]


def beginnings(words: str) -> And | None:
    """A query for `autocomplete`: every word by its beginning. None when there is no word.

    One by one, because SQLite takes only the last word of a query by its beginning.
    """
    parts = stems(words)
    return And([PlainText(part) for part in parts]) if parts else None
