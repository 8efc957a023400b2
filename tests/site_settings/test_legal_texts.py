"""Legal texts are made of the requisites; what was accepted can always be shown again."""

from collections.abc import Callable

import pytest
from wagtail.models import Site

from donations.models import Donation, Fund
from site_settings.legal import current_text, record_version
from site_settings.models import LegalKind, LegalText, Organisation
from tests.conftest import SiteClient

Give = Callable[..., Donation]


def rename(site: Site, name: str) -> None:
    Organisation.objects.filter(site=site).update(full_name=name, inn="7707083893")


@pytest.mark.parametrize("kind", list(LegalKind))
def test_text_names_the_organisation_of_its_own_site(
    kind: LegalKind, site: Site, other_site: Site, visitor: SiteClient
) -> None:
    rename(site, "РОО «Вятский велопуть»")
    rename(other_site, "АНО «Четыре лапы»")
    answer = visitor.get(f"/legal/{kind.value}/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "РОО «Вятский велопуть»" in page
    assert "7707083893" in page
    assert "Четыре лапы" not in page
    assert not answer.cookies
    assert page.count("<h1") == 1


@pytest.mark.parametrize("kind", list(LegalKind))
def test_name_of_an_organisation_is_words_in_the_text(
    kind: LegalKind, site: Site, visitor: SiteClient
) -> None:
    rename(site, "<script>alert(1)</script> & К°")
    page = visitor.get(f"/legal/{kind.value}/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; К°" in page
    assert "<script>alert" not in page
    assert "<script>alert(1)</script> & К°" in current_text(site, kind)


def test_reading_writes_nothing(visitor: SiteClient) -> None:
    for kind in LegalKind:
        visitor.get(f"/legal/{kind.value}/")
    assert not LegalText.objects.exists()


def test_wording_is_recorded_once_however_many_accept_it(fund: Fund, give: Give) -> None:
    for _gift in range(3):
        give(fund)
    assert sorted(LegalText.objects.values_list("kind", flat=True)) == ["consent", "offer"]


def test_version_that_was_accepted_stays_readable_after_a_change(
    site: Site, visitor: SiteClient
) -> None:
    rename(site, "РОО «Старое имя»")
    old = record_version(site, LegalKind.OFFER)
    assert record_version(site, LegalKind.OFFER) == old
    rename(site, "РОО «Новое имя»")
    new = record_version(site, LegalKind.OFFER)
    assert new != old

    now = visitor.get("/legal/offer/")
    assert "Новое имя" in now.content.decode()
    assert "Старое имя" not in now.context["paragraphs_html"]
    assert [one["url"] for one in now.context["older"]] == [old.get_absolute_url()]
    then = visitor.get(old.get_absolute_url())
    assert "Старое имя" in then.context["paragraphs_html"]
    assert "Новое имя" not in then.context["paragraphs_html"]
    assert then.context["version_date"] == old.published_at


def test_version_of_another_site_or_kind_is_not_found(
    site: Site, other_site: Site, visitor: SiteClient
) -> None:
    foreign = record_version(other_site, LegalKind.OFFER)
    own = record_version(site, LegalKind.OFFER)
    assert visitor.get(foreign.get_absolute_url()).status_code == 404
    assert visitor.get(f"/legal/consent/{own.pk}/").status_code == 404
    assert visitor.get("/legal/absent/").status_code == 404
    assert SiteClient(other_site.hostname).get(foreign.get_absolute_url()).status_code == 200


def test_text_is_russian_in_an_english_browser_too(site: Site, visitor: SiteClient) -> None:
    before = current_text(site, LegalKind.OFFER)
    answer = visitor.get("/legal/offer/", HTTP_ACCEPT_LANGUAGE="en")
    assert before.split("\n\n")[1].strip()[:40] in answer.content.decode()
