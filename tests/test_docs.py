"""What the operator is told to type can be typed."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

PAGES = sorted((Path(settings.BASE_DIR) / "docs" / "for-operators").glob("*.md"))
TYPED = re.compile(r"manage\.py ([a-z_]+)([^`|\n;]*)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_the_operators_pages_takes_what_is_written(page: Path) -> None:
    told = TYPED.findall(page.read_text())
    for name, rest in told:
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        known = {option for action in parser._actions for option in action.option_strings}
        assert {word for word in rest.split() if word.startswith("--")} <= known, (name, rest)
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / link).exists(), link
