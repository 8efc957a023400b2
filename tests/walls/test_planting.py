"""The walk is worth what is planted for it."""

import pytest

from tests.walls.conftest import MARK, World
from tests.walls.planting import TECHNICAL, TEXTS, make_missing
from tests.walls.rows import Belongings

pytestmark = pytest.mark.walls

# Of the texts that are words, this many at least carry the mark. (Some are refused by constraints.)
ENOUGH = 0.9


def test_every_table_that_can_hold_rows_of_a_site_does(world: World) -> None:
    """Something here? Give tests/walls/planting.py a way to make it, or say why it is nobody's."""
    assert make_missing(world.theirs) == {}


def test_words_of_the_other_site_carry_the_mark_and_of_one_s_own_none(world: World) -> None:
    theirs, own = Belongings(world.theirs.site), Belongings(world.own.site)
    assert not theirs.keys & own.keys
    marked, plain = 0, []
    for model in theirs.rows:
        words = [
            field
            for field in model._meta.local_concrete_fields
            if isinstance(field, TEXTS) and not (field.choices or field.is_relation)
            if field.name not in TECHNICAL and not field.primary_key
        ]
        for pk in theirs.of(model):
            row = theirs.rows[model][pk]
            for field in words:
                if MARK in str(row[field.attname]):
                    marked += 1
                elif row[field.attname]:
                    plain.append(f"{model._meta.label}.{field.name}")
        assert not any(MARK in str(own.rows[model][pk]).lower() for pk in own.of(model))
    assert marked > 100
    assert marked / (marked + len(plain)) > ENOUGH, sorted(set(plain))
