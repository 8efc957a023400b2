"""The centre writes a legal text once for all; each site adds its own clause; versions stay."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Site

from accounts.models import User
from donations.models import Donation, Fund
from site_settings.legal import current_text, original_wording, publish_wording, record_version
from site_settings.models import LegalKind, LegalText, LegalWording, Organisation
from site_settings.wording import check_wording, fill_in, parse
from tenancy.models import AuditEntry, Role
from tests.conftest import OpenSite, SiteClient

Person = Callable[..., User]
SignIn = Callable[[User], SiteClient]
WORDING = "{название}[, ИНН {ИНН}] предлагает договор.\n\n[Пишите на {почта}[, звоните {телефон}].]"


def known(**values: str) -> dict[str, str]:
    names = ("название", "ИНН", "почта", "телефон")
    return {**dict.fromkeys(names, ""), "название": "РОО", **values}


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "РОО предлагает договор."),
        ({"ИНН": "7707083893"}, "РОО, ИНН 7707083893 предлагает договор."),
        ({"почта": "a@b.ru"}, "РОО предлагает договор.\n\nПишите на a@b.ru."),
        (
            {"почта": "a@b.ru", "телефон": "1"},
            "РОО предлагает договор.\n\nПишите на a@b.ru, звоните 1.",
        ),
        ({"телефон": "1"}, "РОО предлагает договор."),
        ({"ИНН": "{почта}[x] {{ 7 }}"}, "РОО, ИНН {почта}[x] {{ 7 }} предлагает договор."),
    ],
)
def test_what_is_not_known_is_left_out_and_nothing_is_read_twice(
    values: dict[str, str], text: str
) -> None:
    assert fill_in(WORDING, known(**values)) == text


@pytest.mark.parametrize(
    ("wording", "said"),
    [
        ("{название} {пароль}", "{пароль}"),
        ("{название} [, ИНН {ИНН}", "не закрыта"),
        ("{название}, ИНН {ИНН}]", "не открыта"),
        ("{название} {ИНН", "нет пары"),
        ("{название} ИНН}", "нет пары"),
        ("{}", "{}"),
        ("{{ settings.SECRET_KEY }} {название}", "нет пары"),
        ("Без имени", "называть организацию"),
        ("[{название}]", "называть организацию"),
        ("", "называть организацию"),
    ],
)
def test_slip_in_a_wording_is_named(wording: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace("{", r"\{").replace("}", r"\}")):
        check_wording(wording)


@pytest.mark.parametrize("kind", list(LegalKind))
def test_wordings_that_come_with_the_system_can_be_filled_in(kind: LegalKind, site: Site) -> None:
    check_wording(original_wording(kind))
    assert parse(original_wording(kind))
    for text in (current_text(site, kind),):
        assert not set("[]{}") & set(text)


@pytest.mark.django_db(transaction=True)
def test_new_wording_is_a_dated_version_on_every_site(
    site: Site, other_site: Site, visitor: SiteClient, make_person: Person
) -> None:
    old = record_version(site, LegalKind.OFFER)
    coordinator = make_person(Role.COORDINATOR)
    row = publish_wording(kind=LegalKind.OFFER, body=WORDING, by=coordinator)
    assert current_text(site, LegalKind.OFFER) == "НКО veloput предлагает договор."
    for one in (site, other_site):
        new = LegalText.objects.filter(site=one, kind=LegalKind.OFFER).first()
        assert new is not None
        assert new.body == current_text(one, LegalKind.OFFER)
    page = visitor.get("/legal/offer/")
    assert page.context["version_date"] is not None
    assert [one["url"] for one in page.context["older"]] == [old.get_absolute_url()]
    entry = AuditEntry.objects.get(what="legal wording published")
    assert (entry.site, entry.by, entry.details) == (
        None,
        coordinator,
        {"kind": "offer", "id": row.pk},
    )
    with pytest.raises(ValidationError, match="Ничего не изменилось"):
        publish_wording(kind=LegalKind.OFFER, body=WORDING + "\n", by=coordinator)
    assert LegalWording.objects.count() == 1


def test_three_sites_cost_a_new_wording_no_more_than_one(
    site: Site, open_a_site: OpenSite, make_person: Person
) -> None:
    coordinator = make_person(Role.COORDINATOR)

    def asked(text: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            publish_wording(kind=LegalKind.OFFER, body=text, by=coordinator)
        return len(captured)

    one = asked(WORDING + "1")
    for label in ("lapy", "dymka"):
        open_a_site(label)
    assert asked(WORDING + "2") == one


def test_donation_keeps_the_version_it_was_made_under(
    site: Site, fund: Fund, give: Callable[..., Donation], make_person: Person
) -> None:
    publish_wording(kind=LegalKind.OFFER, body=WORDING, by=make_person(Role.COORDINATOR))
    first = give(fund)
    Organisation.objects.filter(site=site).update(offer_clause="Отчёт раз в год.")
    second = give(fund)
    accepted = [
        gift.acceptances.get(text__kind=LegalKind.OFFER).text.body for gift in (first, second)
    ]
    assert accepted[0] == "НКО veloput предлагает договор."
    assert accepted[1] == "НКО veloput предлагает договор.\n\nОтчёт раз в год."


def test_own_clause_is_words_at_the_end_and_a_version_of_this_site_only(
    site: Site, other_site: Site, visitor: SiteClient, make_person: Person, admin_as: SignIn
) -> None:
    manager = admin_as(make_person(Role.MANAGER, site))
    edit = reverse("wagtailsettings:edit", args=["site_settings", "organisation", site.pk])
    clause = "Отчёт раз в год.\r\n\r\n<script>alert(1)</script> {название}"
    data = {"full_name": "РОО", "time_zone": "Europe/Kirov", "offer_clause": clause}
    assert manager.post(edit, data).status_code == 302
    html = visitor.get("/legal/offer/").content.decode()
    assert "<p>Отчёт раз в год.</p>" in html
    assert "<p>&lt;script&gt;alert(1)&lt;/script&gt; {название}</p>" in html
    kinds = LegalText.objects.filter(site=site).values_list("kind", flat=True)
    assert sorted(kinds) == ["consent", "message", "monthly", "news", "offer", "privacy"]
    assert not LegalText.objects.filter(site=other_site).exists()
    assert (
        "Отчёт раз в год"
        not in SiteClient(other_site.hostname).get("/legal/offer/").content.decode()
    )


def test_coordinator_looks_before_publishing(
    site: Site, make_person: Person, admin_as: SignIn
) -> None:
    client = admin_as(make_person(Role.COORDINATOR))
    address = reverse("legal_wording", args=["offer"])
    assert "предлагает любому человеку" in client.get(address).content.decode()
    looked = client.post(address, {"body": WORDING, "site": site.pk, "look": ""})
    assert "НКО veloput предлагает договор." in looked.content.decode()
    assert not LegalWording.objects.exists()
    wrong = client.post(address, {"body": "{название} {пароль}", "site": site.pk, "publish": ""})
    html = wrong.content.decode()
    assert "Такого слова для подстановки нет: {пароль}" in html
    assert "{название} {пароль}</textarea>" in html
    assert not LegalWording.objects.exists()
    assert client.post(address, {"body": WORDING, "publish": ""}).status_code == 302
    assert LegalWording.objects.get().body == WORDING
    assert (
        "coordinator@centre.example.org" in client.get(reverse("legal_wordings")).content.decode()
    )
    assert client.get(reverse("legal_wording", args=["absent"])).status_code == 404


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ACCOUNTANT, Role.MANAGER])
def test_people_of_an_ngo_cannot_see_the_centres_wordings(
    role: Role, site: Site, make_person: Person, admin_as: SignIn
) -> None:
    client = admin_as(make_person(role, site))
    address = reverse("legal_wording", args=["offer"])
    for answer in (
        client.get(reverse("legal_wordings")),
        client.get(address),
        client.post(address, {"body": WORDING, "publish": ""}),
    ):
        assert answer.status_code == 404
    assert not LegalWording.objects.exists()
