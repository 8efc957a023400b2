"""The code in the purpose by which a transfer is known: «К7М2-48».

Letters that look alike in Cyrillic and Latin, digits that look like no letter: whichever keyboard
it is typed on, it is read the same.
"""

import re
import secrets

LETTERS, DIGITS = "АЕКМНРСТХ", "2456789"
LATIN = str.maketrans("AEKMHPCTXaekmhpctx", "АЕКМНРСТХаекмнрстх")
PATTERN = "LDLD-DD"
# Not inside a longer word or number; the dash may be missing, a space or any other dash.
CODE = re.compile(
    rf"(?<![0-9А-ЯЁA-Z])([{LETTERS}][{DIGITS}][{LETTERS}][{DIGITS}])[ \-–—_]?([{DIGITS}]{{2}})"
    r"(?![0-9А-ЯЁA-Z])"
)


def new_code() -> str:
    """One of 194,481: the asker makes sure that it is not taken in the account."""
    return "".join(
        secrets.choice({"L": LETTERS, "D": DIGITS}[sign]) if sign != "-" else "-"
        for sign in PATTERN
    )


def codes_in(text: str) -> list[str]:
    """All codes in a purpose as we write them, each once."""
    found = CODE.findall(text.upper().translate(LATIN))
    return list(dict.fromkeys(f"{head}-{tail}" for head, tail in found))
