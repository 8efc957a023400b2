"""Requisites are checked by their own check digits, in words an accountant understands."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation
from wagtail.models import Site

from accounts.models import User
from site_settings.checks import check_colour, check_inn, check_kpp, check_ogrn
from site_settings.models import Channels, Organisation
from tenancy.models import Role
from tests.conftest import SiteClient

INN = "Проверьте ИНН: в нём 10 или 12 цифр, последние — контрольные и должны сойтись."
OGRN = "Проверьте ОГРН: в нём 13 цифр (в ОГРНИП — 15), последняя — контрольная и должна сойтись."
KPP = "Проверьте КПП: в нём 9 знаков, как в свидетельстве о постановке на налоговый учёт."
COLOUR = "Цвет пишется так: #1f6f54."


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (check_inn, "7707083893"),
        (check_inn, "500100732259"),
        (check_inn, "7802895380"),
        (check_inn, "123456789047"),
        (check_ogrn, "1027700132195"),
        (check_ogrn, "1022200525819"),
        (check_ogrn, "304500116000157"),
        (check_kpp, "773601001"),
        (check_kpp, "7736AB001"),
        (check_colour, "#1f6f54"),
        (check_colour, "#FFD400"),
    ],
)
def test_right_value_is_taken(check: Callable[[str], None], value: str) -> None:
    check(value)


@pytest.mark.parametrize(
    ("check", "words", "values"),
    [
        (
            check_inn,
            INN,
            [
                "7707083894",
                "1234567895",
                "0000000000",
                "77070838",
                "7707083893345",
                "500100732258",
                "7707083893 ",
                "７７０７０８３８９３",
            ],
        ),
        (check_inn, INN, ["7707083893\n", "٧٧٠٧٠٨٣٨٩٣", "77070838a3", "7707-083893"]),
        (
            check_ogrn,
            OGRN,
            [
                "1027700132194",
                "102770013219",
                "304500116000158",
                "0000000000000",
                "1027700132195\n",
            ],
        ),
        (check_ogrn, OGRN, ["1022500001328", "１０２７７００１３２１９５", "10277001321a5"]),
        (check_kpp, KPP, ["77360100", "7736010011", "77360100a", "7736аб001", "773601001\n"]),
        (check_colour, COLOUR, ["red", "#fff", "1f6f54", "#1f6f54\n", "#1f6f5g", "url(//x)"]),
    ],
)
def test_wrong_value_is_refused_in_words(
    check: Callable[[str], None], words: str, values: list[str]
) -> None:
    with translation.override("ru"):
        for value in values:
            with pytest.raises(ValidationError) as refused:
                check(value)
            assert refused.value.messages == [words], value


@pytest.mark.parametrize(
    ("field", "value"), [("inn", "7707083894"), ("ogrn", "1027700132194"), ("kpp", "1")]
)
def test_mistake_stands_beside_its_field(site: Site, field: str, value: str) -> None:
    organisation = Organisation.objects.get(site=site)
    setattr(organisation, field, value)
    with pytest.raises(ValidationError) as refused:
        organisation.full_clean()
    assert list(refused.value.message_dict) == [field]


def test_empty_requisites_are_allowed(site: Site) -> None:
    Organisation.objects.get(site=site).full_clean()


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({"full_name": "РОО «Велопуть»", "short_name": "Велопуть"}, "РОО «Велопуть»"),
        ({"full_name": "", "short_name": "Велопуть"}, "Велопуть"),
        ({"full_name": "", "short_name": ""}, "НКО veloput"),
    ],
)
def test_name_is_the_fullest_known(site: Site, names: dict[str, Any], shown: str) -> None:
    Organisation.objects.filter(site=site).update(**names)
    assert Organisation.objects.get(site=site).name == shown


@pytest.mark.parametrize("value", ["434500000", "101234567", "43450000091"])
def test_digit_lost_from_the_inn_is_told_of(value: str) -> None:
    with translation.override("ru"), pytest.raises(ValidationError) as refused:
        check_inn(value)
    assert refused.value.messages == ["В ИНН не хватает цифры. Не было ли в начале нуля?"]


@pytest.mark.parametrize(
    ("inn", "ogrn", "right"),
    [
        ("4345000009", "1027700132195", True),
        ("434500000013", "304500116000157", True),
        ("434500000013", "", True),
        ("", "1027700132195", True),
        ("434500000013", "1027700132195", False),
        ("4345000009", "304500116000157", False),
    ],
)
@pytest.mark.bad_input("inn_12_person")
def test_inn_and_ogrn_are_of_one(inn: str, ogrn: str, right: bool, site: Site) -> None:
    row = Organisation.objects.get(site=site)
    row.inn, row.ogrn = inn, ogrn
    if right:
        row.full_clean()
        return
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert list(refused.value.message_dict) == ["inn"]


@pytest.mark.bad_input(
    "inn_spaces", "inn_arabic", "inn_float", "inn_letters", "inn_zeros", "inn_bad_checksum"
)
def test_number_pasted_in_groups_is_taken_and_other_digits_are_not(
    site: Site, make_person: Callable[..., User], admin_as: Callable[[User], SiteClient]
) -> None:
    client = admin_as(make_person(Role.ACCOUNTANT, site))
    edit = reverse("wagtailsettings:edit", args=["site_settings", "organisation", site.pk])
    data = {"time_zone": "Europe/Kirov", "full_name": "РОО «Имя»"}
    for wrong in ("٤٣٤٥٠٠٠٠٠١", "4.345e9", "43450A0000", "0000000000", "4345000000"):
        html = client.post(edit, {**data, "inn": wrong}).content.decode()
        assert f'value="{wrong}"' in html
        assert "РОО «Имя»" in html
        assert Organisation.objects.get(site=site).inn == ""
    assert client.post(edit, {**data, "inn": "4345 000009"}).status_code == 302
    assert Organisation.objects.get(site=site).inn == "4345000009"


BIC, ACCOUNT = "043304609", "40703810900000000001"


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        pytest.param({"inn": "4345000009"}, set(), id="inn_ok"),
        pytest.param({"inn": "4345000000"}, {"inn"}, id="inn_bad_checksum"),
        pytest.param({"inn": "434500000"}, {"inn"}, id="inn_9"),
        pytest.param({"inn": "43450000091"}, {"inn"}, id="inn_11"),
        pytest.param({"inn": "0000000000"}, {"inn"}, id="inn_zeros"),
        pytest.param({"inn": "43450A0000"}, {"inn"}, id="inn_letters"),
        pytest.param({"inn": "٤٣٤٥٠٠٠٠٠١"}, {"inn"}, id="inn_arabic"),
        pytest.param({"inn": "4.345e9"}, {"inn"}, id="inn_float"),
        pytest.param({"inn": "101234567"}, {"inn"}, id="inn_leading_zero_lost"),
        pytest.param({"ogrn": "1024300000000"}, {"ogrn"}, id="ogrn_bad_checksum"),
        pytest.param({"ogrn": "102430000000"}, {"ogrn"}, id="ogrn_12"),
        pytest.param({"bic": BIC}, set(), id="bic_ok"),
        pytest.param({"bic": "04330460"}, {"bic"}, id="bic_8"),
        pytest.param({"bic": "04330460X"}, {"bic"}, id="bic_letters"),
        pytest.param({"bic": "993304609"}, {"bic"}, id="bic_bad_prefix"),
        pytest.param(
            {"bic": BIC, "account_number": "40703810900000000002"},
            {"account_number"},
            id="account_bad_key",
        ),
        pytest.param(
            {"bic": BIC, "account_number": ACCOUNT[:-1]}, {"account_number"}, id="account_19"
        ),
        pytest.param(
            {"bic": "044525225", "account_number": ACCOUNT},
            {"account_number"},
            id="account_of_other_bic",
        ),
        pytest.param(
            {"bic": BIC, "account_number": "40703840200000000001"},
            {"account_number"},
            id="account_currency_usd",
        ),
        pytest.param(
            {"bic": BIC, "account_number": "40817810200000000001"},
            {"account_number"},
            id="account_personal",
        ),
        pytest.param(
            {"bic": BIC, "correspondent_account": "30101810000000000000"},
            {"correspondent_account"},
            id="corr_bad",
        ),
    ],
)
def test_requisites_of_the_list_are_taken_or_refused_at_their_field(
    site: Site, typed: dict[str, str], wrong: set[str]
) -> None:
    row = Organisation.objects.get(site=site)
    for field, value in typed.items():
        setattr(row, field, value)
    if not wrong:
        row.full_clean()
        return
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert set(refused.value.message_dict) == wrong


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("javascript:alert(1)", id="social_url_js"),
        "data:text/html,x",
        "ftp://vk.com/nko",
        "https://vk.com@evil.example/",
        "https://www.instagram.com/nko",
        "https://x.com/nko",
        "https://m.facebook.com/nko",
        "vk",
    ],
)
def test_channel_leads_to_a_page_people_may_be_led_to(address: str, site: Site) -> None:
    row = Channels.objects.get(site=site)
    row.vk_url = address
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert list(refused.value.message_dict) == ["vk_url"]
    row.vk_url = "https://vk.com/nko"
    row.full_clean()
