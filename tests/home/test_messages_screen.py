"""Messages on the editor's screen: one's own, read, taken out as a file, deleted."""

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Site

from accounts.models import User
from home.actions import Written, take_message
from home.models import FormMessage
from tenancy.middleware import CHOSEN_SITE
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.home.pages import form_of, messages_of

FORMULA = "=cmd|'/c calc'!A1"


def write(site: Site, name: str, number: int = 0) -> FormMessage:
    page = form_of(site)
    labels = [(field.clean_name, field.label) for field in page.form_fields.all()]
    answers = dict(zip(dict(labels), (name, "anna@example.org", "+7 912 345-67-89"), strict=True))
    written = Written(answers, labels, "anna@example.org", f"test:{name}:{number}")
    take_message(page=page, site=site, written=written)
    return messages_of(site)[-1]


def listed(site: Site) -> str:
    return f"/admin/forms/submissions/{form_of(site).pk}/"


@pytest.fixture
def editor(
    site: Site, make_person: Callable[..., User], admin_as: Callable[[User], SiteClient]
) -> SiteClient:
    return admin_as(make_person(Role.EDITOR, site))


def test_an_editor_reads_own_messages(site: Site, other_site: Site, editor: SiteClient) -> None:
    write(site, "Анна своя")
    write(other_site, "Борис чужой")
    forms = editor.get("/admin/forms/").content.decode()
    assert listed(site) in forms
    assert listed(other_site) not in forms
    assert "НКО lapy" not in forms
    html = editor.get(listed(site)).content.decode()
    assert "Анна своя" in html
    assert "ещё не отправлено" in html
    assert "Борис чужой" not in html


def test_somebody_of_two_sites_sees_the_chosen_one_s_forms(
    site: Site,
    other_site: Site,
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
) -> None:
    person = make_person(Role.EDITOR, site, email="both@example.org")
    client = admin_as(make_person(Role.EDITOR, other_site, email=person.email))
    both = client.get("/admin/forms/").content.decode()
    assert listed(site) in both
    assert listed(other_site) in both
    session = client.session
    session[CHOSEN_SITE] = site.pk
    session.save()
    one = client.get("/admin/forms/").content.decode()
    assert listed(site) in one
    assert listed(other_site) not in one


@pytest.mark.parametrize("more", ["", "results/", "delete/?selected-submissions=1", "?export=csv"])
def test_a_neighbours_messages_are_not_found(
    site: Site, other_site: Site, editor: SiteClient, more: str
) -> None:
    write(other_site, "Борис чужой")
    assert editor.get(f"{listed(other_site)}{more}").status_code == 404
    assert editor.post(f"{listed(other_site)}{more}").status_code == 404
    assert len(messages_of(other_site)) == 1


def test_an_accountant_has_no_messages(
    site: Site, make_person: Callable[..., User], admin_as: Callable[[User], SiteClient]
) -> None:
    write(site, "Анна")
    accountant = admin_as(make_person(Role.ACCOUNTANT, site))
    answer = accountant.get(listed(site))
    assert answer.status_code in (302, 403, 404)
    assert "Анна" not in answer.content.decode()


def test_a_message_is_deleted_and_no_other(
    site: Site, other_site: Site, editor: SiteClient
) -> None:
    gone, kept, foreign = write(site, "А"), write(site, "Б"), write(other_site, "В")
    chosen = f"selected-submissions={gone.pk}&selected-submissions={foreign.pk}"
    address = f"{listed(site)}delete/?{chosen}"
    assert editor.get(address).status_code == 200
    assert editor.post(address).status_code == 302
    assert messages_of(site) == [kept]
    assert messages_of(other_site) == [foreign]


def test_files_hold_words_and_no_formulas(site: Site, other_site: Site, editor: SiteClient) -> None:
    write(site, FORMULA)
    write(other_site, "Борис чужой")
    content = editor.get(f"{listed(site)}?export=csv").getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    heads, row = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    assert heads[1:4] == ["Ваше имя", "Электронная почта", "Сообщение"]
    assert row[1:4] == [f"'{FORMULA}", "anna@example.org", "'+7 912 345-67-89"]
    assert "чужой" not in content.decode()
    book: Any = openpyxl.load_workbook(
        io.BytesIO(editor.get(f"{listed(site)}?export=xlsx").getvalue())
    )
    cells = [cell for line in book.active.iter_rows(min_row=2) for cell in line]
    assert cells[1].value == f"'{FORMULA}"
    assert {cell.data_type for cell in cells} <= {"s", "d"}


def test_three_messages_ask_no_more_than_one(site: Site, editor: SiteClient) -> None:

    counts = []
    for number in range(3):
        write(site, f"Анна {number}")
        editor.get(listed(site))
        with CaptureQueriesContext(connection) as captured:
            editor.get(listed(site))
        counts.append(len(captured))
    assert counts[0] == counts[2]
