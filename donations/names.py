"""Which word of a name is the given one. In doubt none: a surname is neither shown nor greeted."""

import re

SURNAME = re.compile(r"(?:[оеё]ва?|[иы]на?|[сц]к(?:ий|ая))\Z", re.IGNORECASE)
PATRONYMIC = re.compile(r"(?:ич|вна|чна)\Z", re.IGNORECASE)
AND = ("и", "and")
# Given names that end as surnames do.
ENDING_SO = """
    августин аделина акулина алевтина алина альбина амин амина ангелина антонин
    антонина арина валентин валентина василина вениамин галина дарина дина ева екатерина залина
    зина иов ирина карина каролина катерина константин кристина лев лина мадина мальвина
    марина мартин мартын мелина нина павлина полина рамин регина сабина северин фаина эвелина
    эльвина эмин юстина яков ярина ясин
"""
GIVEN = frozenset(ENDING_SO.split())


def given_and_family(name: str) -> tuple[str, str]:
    """«Анна», «Петрова» of a name with at least one word, whichever of them stands first."""
    words = [word.title() if word.islower() else word for word in name.split()]
    is_doubtful = is_surname(words[0])
    by_surname_first = len(words) == 2 and is_doubtful and not is_surname(words[1])
    by_patronymic_last = len(words) == 3 and PATRONYMIC.search(words[2])
    if by_surname_first or by_patronymic_last:
        return words[1], words[0]
    if is_doubtful:
        return "", words[0]
    if len(words) > 2 and words[1].lower() in AND:
        return words[0] if is_surname(words[2]) else f"{words[0]} {words[1].lower()} {words[2]}", ""
    return words[0], words[-1] if len(words) > 1 else ""


def is_surname(word: str) -> bool:
    return bool(SURNAME.search(word)) and word.lower() not in GIVEN
