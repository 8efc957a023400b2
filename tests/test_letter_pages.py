"""A letter is read on a phone, whoever sends it: all of them stand on one page."""

from pathlib import Path

from django.conf import settings

PAGE, DONORS = "tenancy/letters/page.html", "donations/letters/_letter.html"


def test_every_html_letter_stands_on_the_page_of_letters() -> None:
    found = set(Path(settings.BASE_DIR).glob("*/templates/*/letters/*.html"))
    letters = {f"{path.parts[-3]}/letters/{path.name}": path.read_text() for path in found}
    page = letters.pop(PAGE)
    assert 'name="viewport"' in page
    assert f'{{% extends "{PAGE}" %}}' in letters[DONORS]
    begins = (f'{{% extends "{PAGE}" %}}', f'{{% extends "{DONORS}" %}}')
    whole = {
        name: text for name, text in letters.items() if not name.endswith("_monthly_link.html")
    }
    assert len(whole) >= 18
    assert [name for name, text in whole.items() if not text.startswith(begins)] == []
