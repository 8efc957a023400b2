"""It is still the same person: asked before a shop's key or an address is changed."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from wagtail.models import Site

from accounts.models import User
from donations.models import PaymentAccount
from tenancy.models import AuditEntry, Role
from tests.conftest import PASSWORD, SiteClient

MakePerson = Callable[..., User]
AdminAs = Callable[[User], SiteClient]
Work = Callable[[str], int]
ADDRESS = "/admin/address/"
SHOP = {"shop_id": "100500", "secret_key": "test_secret_of_veloput"}


@pytest.fixture
def clock() -> Any:
    with time_machine.travel("2026-11-25T10:00:00+03:00", tick=False) as travel:
        yield travel


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_shops_key_is_changed_only_by_somebody_who_has_just_shown_who(
    site: Site,
    make_person: MakePerson,
    admin_as: AdminAs,
    clock: Any,
    emulator: Any,
) -> None:
    emulator.add_shop(SHOP["shop_id"], SHOP["secret_key"])
    client = admin_as(make_person(Role.ACCOUNTANT, site))
    path = f"/admin/payments/{site.pk}/"
    assert 'name="proof"' not in text_of(client.get(path))  # signed in a moment ago
    clock.shift(timedelta(minutes=15))
    assert 'name="proof"' in text_of(client.get(path))
    for proof in ({}, {"proof": "wrong"}):
        answer = client.post(path, {**SHOP, **proof})
        assert list(answer.context["form"].errors) == ["proof"]
        assert 'value="100500"' in text_of(answer)
    assert not PaymentAccount.objects.filter(shop_id="100500").exists()

    assert client.post(path, {**SHOP, "proof": PASSWORD}).status_code == 302
    account = PaymentAccount.objects.get(shop_id="100500")
    assert 'name="proof"' not in text_of(client.get(path))
    entry = AuditEntry.objects.get(what="payment account set")
    assert (entry.site, entry.details["account"]) == (site, account.pk)
    # A key is written only: nobody, a superuser neither, reads it on any screen.
    root = admin_as(User.objects.create_superuser("root@example.org", PASSWORD))
    assert SHOP["secret_key"] not in text_of(root.get(path))


def test_proofs_are_limited_like_codes(editor: User, admin_as: AdminAs, clock: Any) -> None:
    client = admin_as(editor)
    clock.shift(timedelta(minutes=15))
    for _number in range(5):
        client.post(ADDRESS, {"email": "new@example.org", "proof": "wrong"})
    answer = client.post(ADDRESS, {"email": "new@example.org", "proof": PASSWORD})
    assert "Слишком много попыток" in str(answer.context["form"].errors["proof"])


def ask(client: SiteClient, email: str, work: Work) -> str:
    """Ask for a letter to the address; the path of the link in it."""
    client.post(ADDRESS, {"email": email})
    work("send_address_letter")
    letter = mail.outbox[-1]
    assert letter.to == [email.strip().lower()]
    return re.findall(r"http://admin\.localhost:8000(/\S+)", str(letter.body))[0]


LIST = "/admin/reports/site-history/?export=csv"


@pytest.mark.bad_input("audit")
def test_list_leaves_as_a_file_only_with_somebody_who_has_just_shown_who(
    site: Site, clock: Any, admin_as: AdminAs
) -> None:
    root = User.objects.create_superuser("root@example.org", PASSWORD)
    client = admin_as(root)
    clock.shift(timedelta(minutes=15))
    asked = client.get(LIST, follow=True)
    assert asked.request["PATH_INFO"] == "/admin/proof/"
    proof = asked.redirect_chain[0][0]
    assert asked.context["next"] == LIST
    wrong = client.post("/admin/proof/", {"proof": "wrong", "next": LIST})
    assert list(wrong.context["form"].errors) == ["proof"]
    assert client.get(LIST)["Location"] == proof
    assert not AuditEntry.objects.filter(what="list exported").exists()
    assert client.post("/admin/proof/", {"proof": PASSWORD, "next": LIST})["Location"] == LIST
    taken: Any = client.get(LIST)
    assert taken["Content-Type"].startswith("text/csv")
    assert not AuditEntry.objects.filter(what="list exported").exists()  # nothing has left yet
    assert b"," in taken.getvalue()
    written = AuditEntry.objects.get(what="list exported")
    assert (written.by, written.details) == (root, {"screen": "wagtailadmin_reports:site_history"})


def test_proof_leads_to_no_other_host(site: Site, clock: Any, admin_as: AdminAs) -> None:
    client = admin_as(User.objects.create_superuser("root@example.org", PASSWORD))
    away = {"proof": PASSWORD, "next": "https://evil.example/"}
    clock.shift(timedelta(minutes=15))
    assert client.post("/admin/proof/", away)["Location"] == "/admin/"
    assert client.get("/admin/proof/?next=//evil.example/")["Location"] == "/admin/"


def test_address_is_changed_by_answering_the_letter(
    editor: User, admin_as: AdminAs, work: Work
) -> None:
    client = admin_as(editor)
    link = ask(client, " New@Example.org ", work)
    client.get(link)  # programs that check letters follow links
    editor.refresh_from_db()
    assert editor.email == "anna@example.org"
    client.post(link)
    editor.refresh_from_db()
    assert editor.email == "new@example.org"
    assert client.get("/admin/").status_code == 200
    assert AuditEntry.objects.get(what="address changed").by == editor
    client.post(link)  # used up
    editor.refresh_from_db()
    assert editor.email == "new@example.org"


def test_old_address_gets_a_letter(
    editor: User, admin_as: AdminAs, work: Work, django_capture_on_commit_callbacks: Any
) -> None:
    client = admin_as(editor)
    link = ask(client, "new@example.org", work)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(link)
    assert work("tell_old_address") == 1
    assert mail.outbox[-1].to == ["anna@example.org"]
    assert mail.outbox[-1].subject == "Адрес для входа изменён"


def test_link_of_the_letter_is_of_no_use_to_others(
    editor: User, site: Site, make_person: MakePerson, admin_as: AdminAs, work: Work, clock: Any
) -> None:
    link = ask(admin_as(editor), "new@example.org", work)
    thief = make_person(Role.EDITOR, site, email="thief@example.org")
    admin_as(thief).post(link)
    admin_as(editor).post(link[:-2] + "x/")
    clock.shift(timedelta(hours=25))
    admin_as(editor).post(link)
    assert set(User.objects.values_list("email", flat=True)) >= {
        "anna@example.org",
        "thief@example.org",
    }


def test_taken_address_gets_the_same_answer_and_no_letter(
    editor: User, site: Site, make_person: MakePerson, admin_as: AdminAs, work: Work
) -> None:
    make_person(Role.EDITOR, site, email="taken@example.org")
    client = admin_as(editor)
    answers = []
    for name in ("free", "taken"):
        answer = client.post(ADDRESS, {"email": f"{name}@example.org"}, follow=True)
        answers.append("уже идёт письмо со ссылкой" in text_of(answer))
    assert answers == [True, True]
    work("send_address_letter")
    assert [letter.to for letter in mail.outbox] == [["free@example.org"]]


def test_address_taken_meanwhile_is_refused(
    editor: User, site: Site, make_person: MakePerson, admin_as: AdminAs, work: Work
) -> None:
    client = admin_as(editor)
    link = ask(client, "new@example.org", work)
    make_person(Role.EDITOR, site, email="new@example.org")
    answer = client.post(link, follow=True)
    assert "Ссылка больше не работает" in text_of(answer)
    editor.refresh_from_db()
    assert editor.email == "anna@example.org"


def test_letters_to_new_addresses_are_limited(editor: User, admin_as: AdminAs, work: Work) -> None:
    client = admin_as(editor)
    for number in range(5):
        answer = client.post(ADDRESS, {"email": f"new{number}@example.org"})
    assert "Слишком много попыток" in text_of(answer)
    assert work("send_address_letter") == 3
