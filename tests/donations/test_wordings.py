"""Which words a donor has agreed to: those on the page, not those of the moment of sending."""

import pytest
from wagtail.models import Site

from donations.models import Acceptance, Donation, Fund
from site_settings.models import LegalKind, LegalText, Organisation
from tests.conftest import SiteClient
from tests.donations.bank import give_requisites
from tests.donations.conftest import Submit, Typed, assert_nothing_happened, wordings_of
from tests.donations.screen import error_at, fields_of, fields_with_errors, in_russian

CHANGED = "These texts have changed since. Read them once more and tick the box."


def rename(site: Site, name: str) -> None:
    Organisation.objects.filter(site=site).update(full_name=name)


def accepted(kind: LegalKind) -> str:
    return Acceptance.objects.get(donation=Donation.objects.get(), text__kind=kind).text.body


def test_the_wording_on_the_page_is_the_one_that_is_stored(
    fund: Fund, site: Site, submit: Submit
) -> None:
    rename(site, "РОО «Прежнее имя»")
    shown = wordings_of(site)
    submit(texts=shown, email="first@example.org")  # somebody has accepted these words
    Donation.objects.update(gift_key="first")
    rename(site, "РОО «Новое имя»")
    assert submit(texts=shown).status_code == 303
    for acceptance in Acceptance.objects.filter(donation__email="anna@example.org"):
        assert "Прежнее имя" in acceptance.text.body
    assert Acceptance.objects.filter(donation__email="anna@example.org").count() == 2
    assert not LegalText.objects.filter(body__contains="Новое имя").exists()


@pytest.mark.parametrize("kind", [LegalKind.CONSENT, LegalKind.OFFER])
def test_words_nobody_can_show_again_are_read_once_more(
    fund: Fund, site: Site, submit: Submit, visitor: SiteClient, typed: Typed, kind: LegalKind
) -> None:
    page = dict(text.split(":") for text in wordings_of(site).split())
    rename(site, "РОО «Новое имя»")
    fresh = dict(text.split(":") for text in wordings_of(site).split())
    texts = " ".join(f"{key}:{(page if key == kind else fresh)[key]}" for key in page)
    answer = submit(texts=texts, name="Анна", amount="750")

    assert answer.status_code == 422
    assert fields_with_errors(answer) == {"consent"}
    assert error_at(answer, "consent") == in_russian(CHANGED)
    assert_nothing_happened()
    kept = fields_of(answer)
    assert "consent" not in kept, "the new words were not agreed to yet"
    assert (kept["name"], kept["amount"]) == ("Анна", "750")
    assert visitor.send_form("/donations/start/", {**kept, "consent": "on"}).status_code == 303
    assert "Новое имя" in accepted(kind)


@pytest.mark.parametrize("texts", [None, "", "consent", "consent: offer:", "x" * 501, "а:б в:г"])
def test_a_form_that_names_no_wording_is_shown_again(submit: Submit, texts: str | None) -> None:
    answer = submit(texts=texts)
    assert answer.status_code == 422
    assert fields_with_errors(answer) == {"consent"}
    assert_nothing_happened()


def test_words_of_a_neighbour_are_not_ours(other_site: Site, submit: Submit) -> None:
    rename(other_site, "Соседи")
    assert fields_with_errors(submit(texts=wordings_of(other_site))) == {"consent"}
    assert_nothing_happened()


def test_a_question_in_between_keeps_the_words_of_the_first_page(
    fund: Fund, site: Site, submit: Submit
) -> None:
    shown = wordings_of(site)
    asked = submit(texts=shown, preset="300.00", amount="450")
    assert fields_of(asked)["texts"] == shown


def test_a_transfer_stores_the_words_of_its_page(site: Site, submit: Submit) -> None:
    give_requisites(site)
    shown = wordings_of(site)
    submit(texts=shown, way="bank", email="first@example.org")
    rename(site, "РОО «Новое имя»")
    assert submit(texts=shown, way="bank").status_code == 303
    for acceptance in Acceptance.objects.filter(donation__email="anna@example.org"):
        assert "Новое имя" not in acceptance.text.body
    assert Acceptance.objects.count() == 4
