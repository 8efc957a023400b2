"""BIC, account and correspondent account: their form, their keys, and whether they fit together."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from wagtail.models import Site

from accounts.models import User
from site_settings.checks import (
    account_sum,
    check_account,
    check_bank,
    check_bic,
    check_correspondent_account,
)
from site_settings.models import Organisation
from tenancy.models import Role
from tests.conftest import SiteClient

DOES_NOT_FIT = "Счёт и БИК не сходятся: поищите опечатку в одном из них."


def messages(**numbers: str) -> dict[str, list[str]]:
    given = {"bic": "", "account": "", "correspondent": "", **numbers}
    try:
        with translation.override("ru"):
            check_bank(**given)
    except ValidationError as refused:
        return refused.message_dict
    return {}


@pytest.mark.parametrize(
    ("bic", "account"),
    [
        ("049805746", "40602810700000000025"),
        ("044525225", "40702810138250123017"),
        ("044030653", "40702810455000024248"),
        ("040000999", "40703810200000000002"),
    ],
)
def test_right_account_fits_its_bic_and_every_wrong_digit_is_found(bic: str, account: str) -> None:
    assert messages(bic=bic, account=account) == {}
    for place in range(20):
        for digit in set("0123456789") - {account[place]}:
            wrong = account[:place] + digit + account[place + 1 :]
            assert account_sum(bic[6:], wrong) % 10, (place, digit)
    assert messages(bic=bic, account=account[:-1] + str((int(account[-1]) + 1) % 10)) == {
        "account_number": [DOES_NOT_FIT]
    }


@pytest.mark.parametrize(
    ("bic", "account"),
    [
        ("044525225", "30101810400000000225"),
        ("044030653", "30101810500000000653"),
        ("043304609", "30101810500000000609"),
        ("040000999", "30101810500000000999"),
    ],
)
def test_right_correspondent_account_fits_its_bic(bic: str, account: str) -> None:
    assert messages(bic=bic, correspondent=account) == {}


def test_official_example_of_a_correspondent_account_has_a_right_key() -> None:
    assert account_sum("005", "30101810800000000746") % 10 == 0
    assert account_sum("005", "30101810900000000746") % 10 != 0


def test_client_of_an_office_of_the_bank_of_russia_is_checked_by_the_office() -> None:
    account = next(
        number
        for number in (f"40703810{key}00000000012" for key in range(10))
        if account_sum("005", number) % 10 == 0
    )
    assert messages(bic="049805000", account=account) == {}
    assert messages(bic="049805746", account=account) == {"account_number": [DOES_NOT_FIT]}


@pytest.mark.parametrize(
    ("correspondent", "words"),
    [
        (
            "30101810965770000413",
            "Корреспондентский счёт должен заканчиваться на три последние цифры БИК.",
        ),
        (
            "30101810500000000225",
            "Корреспондентский счёт и БИК не сходятся: поищите опечатку.",
        ),
    ],
)
def test_foreign_correspondent_account_is_told_apart(correspondent: str, words: str) -> None:
    found = messages(bic="044525225", correspondent=correspondent)
    assert found == {"correspondent_account": [words]}


@pytest.mark.parametrize(
    ("check", "wrong", "words"),
    [
        (
            check_bic,
            ["04330460", "04330460X", "993304609", "043304609\n", "٠٤٣٣٠٤٦٠٩"],
            "Проверьте БИК: в нём 9 цифр, первая — 0.",
        ),
        (
            check_account,
            ["4070381090000000000", "407038109000000000001", "4070381090000000000а"],
            "Проверьте счёт: в нём 20 цифр.",
        ),
        (
            check_account,
            ["40703840200000000001"],
            "Это не рублёвый счёт: его цифры с 6-й по 8-ю должны быть 810 или 643.",
        ),
        (
            check_account,
            ["40817810200000000001", "42301810200000000001"],
            "Это личный счёт человека. Пожертвования можно принимать только на счёт организации.",
        ),
        (
            check_correspondent_account,
            ["3010181050000000022", "40703810200000000002"],
            "Проверьте корреспондентский счёт: в нём 20 цифр, первые — 301.",
        ),
    ],
)
def test_wrong_form_is_refused_in_words(
    check: Callable[[str], None], wrong: list[str], words: str
) -> None:
    with translation.override("ru"):
        for value in wrong:
            with pytest.raises(ValidationError) as refused:
                check(value)
            assert refused.value.messages == [words], value


def test_account_that_is_not_40703_is_taken() -> None:
    check_account("40702810138250123017")


def test_mistakes_stand_beside_their_fields(site: Site) -> None:
    organisation = Organisation.objects.get(site=site)
    organisation.bic = "044525225"
    organisation.account_number = "40703810900000000001"
    organisation.correspondent_account = "30101810000000000000"
    with pytest.raises(ValidationError) as refused:
        organisation.full_clean()
    assert set(refused.value.message_dict) == {"account_number", "correspondent_account"}


def test_numbers_are_taken_as_they_are_pasted_from_a_contract(
    site: Site, make_person: Callable[..., User], admin_as: Callable[[User], SiteClient]
) -> None:
    client = admin_as(make_person(Role.MANAGER, site))
    url = f"/admin/settings/site_settings/organisation/{site.pk}/"
    answer = client.post(
        url,
        {
            "full_name": "РОО «Велопуть»",
            "inn": "7707 083893",
            "bic": " 044525225 ",
            "account_number": "40702 810 1 3825 0123017",
            "correspondent_account": "30101 810 4 0000 0000225",
            "time_zone": "Europe/Kirov",
        },
    )
    assert answer.status_code == 302
    kept = Organisation.objects.get(site=site)
    assert kept.inn == "7707083893"
    assert (kept.bic, kept.account_number, kept.correspondent_account) == (
        "044525225",
        "40702810138250123017",
        "30101810400000000225",
    )
