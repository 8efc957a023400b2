"""Which other sites may show the widgets: read kindly, kept strictly."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation
from pytest_django.fixtures import Settings
from wagtail.models import Site

from accounts.models import User
from site_settings.models import Channels
from site_settings.widget_hosts import origins_of, read_addresses
from tenancy.models import Role
from tests.conftest import SiteClient

NOT_A_NAME = "это не имя сайта, такое как site.ru"


@pytest.mark.parametrize(
    ("typed", "kept", "origin"),
    [
        ("site.ru", "site.ru", "https://site.ru"),
        ("https://WWW.Site.RU/help/?a=1#b", "www.site.ru", "https://www.site.ru"),
        ("Добро.рф", "добро.рф", "https://xn--90af4abj.xn--p1ai"),
        ("https://xn--90af4abj.xn--p1ai/", "добро.рф", "https://xn--90af4abj.xn--p1ai"),
    ],
)
def test_address_is_read_as_people_write_it(typed: str, kept: str, origin: str) -> None:
    assert read_addresses(f"\n  {typed} \n\n{typed}") == kept
    assert origins_of(kept) == [origin]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("http://site.ru", "здесь люди платят: сначала сайт должен открываться по https://"),
        ("*.site.ru", "без звёздочек: впишите каждый адрес целиком"),
        ("https://*", "без звёздочек: впишите каждый адрес целиком"),
        ("site.ru:8443", "нужно только имя сайта, без порта и логина"),
        ("https://site.ru@evil.example", "нужно только имя сайта, без порта и логина"),
        ("javascript://site.ru", "адрес сайта начинается с https://"),
        ("localhost", NOT_A_NAME),
        ("http", NOT_A_NAME),
        ("192.168.0.1", NOT_A_NAME),
        ("site.ru; script-src evil.ru", NOT_A_NAME),
        ("'self'", NOT_A_NAME),
        ("xn--a.ru", NOT_A_NAME),
        ("https://", NOT_A_NAME),
        ("site.ru.", NOT_A_NAME),
        (f"{'a' * 64}.ru", NOT_A_NAME),
    ],
)
def test_what_is_no_address_is_refused_in_words(typed: str, words: str, settings: Settings) -> None:
    settings.DEBUG = False
    with translation.override("ru"), pytest.raises(ValidationError) as refused:
        read_addresses(f"good.ru\n{typed}")
    assert refused.value.messages == [f"«{typed}»: {words}"]
    assert origins_of(f"good.ru\n{typed}") == ["https://good.ru"]


def test_each_bad_line_is_told_of_and_there_is_an_end(settings: Settings) -> None:
    with translation.override("ru"), pytest.raises(ValidationError) as refused:
        read_addresses("*.a.ru\nb.ru:1\n" + "\n".join(f"s{n}.ru" for n in range(21)))
    assert [line.partition(":")[0] for line in refused.value.messages[:2]] == ["«*.a.ru»", "«b.ru"]
    assert refused.value.messages[2] == "Здесь больше 20 адресов."


def test_plain_http_is_for_ones_own_machine_while_debugging(settings: Settings) -> None:
    settings.DEBUG = True
    assert read_addresses("http://ngo.localhost:8001/") == "ngo.localhost:8001"
    assert origins_of("ngo.localhost:8001") == ["http://ngo.localhost:8001"]
    settings.DEBUG = False
    assert origins_of("ngo.localhost:8001") == []


def test_editor_writes_the_addresses_and_a_slip_stays_to_be_mended(
    site: Site,
    other_site: Site,
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
) -> None:
    client = admin_as(make_person(Role.EDITOR, site))
    url = reverse("wagtailsettings:edit", args=["site_settings", "channels", site.pk])
    form = dict.fromkeys(("vk_url", "max_url", "ok_url", "telegram_url"), "")
    typed = "https://site.ru/\r\n*.site.ru"
    answer = client.post(url, {**form, "widget_addresses": typed})
    html = answer.content.decode()
    assert "«*.site.ru»: без звёздочек: впишите каждый адрес целиком" in html
    assert "https://site.ru/" in html
    assert Channels.objects.get(site=site).widget_origins == []
    assert client.post(url, {**form, "widget_addresses": "https://site.ru/"}).status_code == 302
    assert Channels.objects.get(site=site).widget_addresses == "site.ru"
    theirs = reverse("wagtailsettings:edit", args=["site_settings", "channels", other_site.pk])
    assert client.post(theirs, {**form, "widget_addresses": "evil.example"}).status_code in (
        302,
        404,
    )
    assert Channels.objects.get(site=other_site).widget_origins == []
