"""Who may send the form, in which shape, and from where."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from wagtail.models import Site

from donations.models import Donation, Fund, SandboxPayment
from tenancy.requests import client_address
from tests.conftest import SiteClient
from tests.donations.conftest import Submit, Typed, assert_nothing_happened
from tests.donations.screen import in_russian, words_of

START = "/donations/start/"
URLENCODED = "application/x-www-form-urlencoded"
HOME = "http://veloput.localhost"


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_SEC_FETCH_SITE": "same-origin"},
        {"HTTP_ORIGIN": HOME},
        {"HTTP_ORIGIN": HOME, "HTTP_SEC_FETCH_SITE": "same-origin"},
    ],
    ids=["fetch metadata", "origin", "both"],
)
@pytest.mark.bad_input("no_csrf_no_origin")
def test_a_form_from_our_own_page_is_taken_without_a_cookie(
    visitor: SiteClient, typed: Typed, headers: dict[str, Any]
) -> None:
    answer = visitor.post(START, typed(), **headers)
    assert answer.status_code == 303
    assert not answer.cookies
    assert Donation.objects.count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no_csrf_no_origin"),
        pytest.param(
            {"HTTP_ORIGIN": "https://evil.example", "HTTP_SEC_FETCH_SITE": "cross-site"},
            id="cross_origin_post",
        ),
        {"HTTP_ORIGIN": "https://evil.example"},
        pytest.param({"HTTP_ORIGIN": "http://lapy.localhost"}, id="origin_other_tenant"),
        {"HTTP_ORIGIN": "http://lapy.localhost", "HTTP_SEC_FETCH_SITE": "same-site"},
        {"HTTP_ORIGIN": HOME, "HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_ORIGIN": "https://veloput.localhost"},
        {"HTTP_ORIGIN": "http://veloput.localhost:8001"},
        {"HTTP_ORIGIN": "http://veloput.localhost.evil.example"},
        pytest.param({"HTTP_ORIGIN": "null"}, id="origin_null"),
        {"HTTP_ORIGIN": ""},
        {"HTTP_ORIGIN": "http://[::1"},
        {"HTTP_SEC_FETCH_SITE": "none"},
        {"HTTP_REFERER": HOME + "/"},
    ],
    ids=str,
)
def test_a_form_from_elsewhere_is_refused(
    visitor: SiteClient, typed: Typed, headers: dict[str, Any]
) -> None:
    answer = visitor.post(START, typed(), **headers)
    assert answer.status_code == 403
    assert in_russian("The form came from another page") in words_of(answer)
    assert_nothing_happened()


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "head", "options"])
@pytest.mark.bad_input("method_get", "method_put", "method_head")
def test_only_post_begins_a_gift(visitor: SiteClient, method: str) -> None:
    answer = getattr(visitor, method)(START, HTTP_SEC_FETCH_SITE="same-origin")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"


@pytest.mark.bad_input("campaign_id_of_other_tenant")
def test_a_fund_of_another_site_is_not_found(
    visitor: SiteClient, typed: Typed, other_site: Site
) -> None:
    foreign = Fund.objects.of_site(other_site).general().get()
    assert visitor.send_form(START, typed(fund=str(foreign.public_id))).status_code == 404
    assert_nothing_happened()


@pytest.mark.parametrize("text", ["", "1", "x" * 10_000, "\x00", "None"])
def test_a_fund_that_is_none_is_not_found(submit: Submit, text: str) -> None:
    assert submit(fund=text).status_code == 404
    assert_nothing_happened()


@pytest.mark.parametrize("host", ["admin.localhost", "nobody.localhost"])
def test_the_form_is_not_taken_on_other_hosts(typed: Typed, host: str) -> None:
    assert SiteClient(host).send_form(START, typed()).status_code == 404
    assert_nothing_happened()


# --- bodies


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        pytest.param("application/xml", b"<a/>", 415, id="content_type_xml"),
        pytest.param("application/json", b'{"amount": 100.1}', 415, id="amount_json_number"),
        ("text/plain", b"amount=100", 415),
        ("", b"amount=100", 415),
        pytest.param(URLENCODED, b"%zz=%", 404, id="percent_bad"),
        (URLENCODED, b"", 415),  # without a body no type is sent either
        pytest.param(URLENCODED, b"a" * 3_000_000, 413, id="body_3MB"),
        pytest.param(
            f"{URLENCODED}; charset=windows-1251",
            b"name=%C8%E2%E0%ED&amount=100",
            400,
            id="cp1251_form",
        ),
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=b", b"no boundary here", 404),
    ],
)
def test_a_body_that_is_no_form_is_refused(
    visitor: SiteClient, content_type: str, body: bytes, status: int
) -> None:
    began = time.monotonic()
    answer = visitor.generic("POST", START, body, content_type, HTTP_SEC_FETCH_SITE="same-origin")
    assert answer.status_code == status
    assert time.monotonic() - began < 1
    assert_nothing_happened()


@pytest.mark.bad_input("multipart_bomb_2000_fields")
def test_two_thousand_fields_are_refused(visitor: SiteClient, typed: Typed) -> None:
    many = {f"field{number}": "1" for number in range(2000)}
    assert visitor.send_form(START, {**typed(), **many}).status_code == 400
    assert_nothing_happened()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("%C8%E2%E0%ED", id="cp1251_form"),  # «Иван» in windows-1251, without a word
        pytest.param("%ED%A0%80", id="name_lone_surrogate_json"),
    ],
)
def test_bytes_that_are_no_utf8_are_never_stored(
    visitor: SiteClient, typed: Typed, name: str
) -> None:
    pairs = [f"{key}={value}" for key, value in typed(name=None).items() if key != "token"]
    body = "&".join([*pairs, f"token={typed()['token']}", f"name={name}"]).encode()
    answer = visitor.generic("POST", START, body, URLENCODED, HTTP_SEC_FETCH_SITE="same-origin")
    assert answer.status_code == 422
    assert_nothing_happened()


@pytest.mark.bad_input("utm_4kb", "utm_script")
def test_unknown_fields_of_any_length_change_nothing(submit: Submit) -> None:
    unknown = {"utm_source": "a" * 4096, "utm_medium": '"><script>'}
    assert submit(**unknown, channel='"><script>').status_code == 303
    assert Donation.objects.get().channel == ""


# --- the visitor's address


@pytest.mark.parametrize(
    ("proxies", "chain", "address"),
    [
        (0, "203.0.113.7", "192.0.2.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "10.0.0.1, 203.0.113.7", "203.0.113.7"),
        (2, "1.1.1.1, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        (2, "203.0.113.7", "192.0.2.1"),
        (1, "", ""),
        (1, "2001:db8:1:2:a:b:c:d", "2001:db8:1:2::/64"),
        (1, "2001:db8:1:2::9", "2001:db8:1:2::/64"),
        (1, "::ffff:203.0.113.7", "203.0.113.7"),
        (1, "nonsense", "nonsense"),
    ],
)
def test_the_address_is_the_one_our_own_proxy_saw(
    rf: Any, settings: Any, proxies: int, chain: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = rf.post(START, REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=chain)
    assert client_address(request) == address


# --- the pretend bank's page


@pytest.fixture
def payment(fund: Fund, give: Callable[..., Donation]) -> SandboxPayment:
    return SandboxPayment.objects.get(external_id=str(give(fund, "500.00").external_id))


def test_the_test_page_shows_the_sum_and_says_it_is_a_test(
    visitor: SiteClient, payment: SandboxPayment
) -> None:
    page = visitor.get(f"/donations/sandbox/{payment.external_id}/")
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert "500\u00a0₽" in page.content.decode()
    words = "This is a test payment page. No money is taken, no card is needed."
    assert in_russian(words) in words_of(page)


@pytest.mark.parametrize(
    ("decision", "state", "shown"),
    [("pay", "succeeded", "succeeded"), ("refuse", "canceled", "refused")],
)
def test_the_first_decision_stands(
    visitor: SiteClient, payment: SandboxPayment, decision: str, state: str, shown: str
) -> None:
    path = f"/donations/sandbox/{payment.external_id}/"
    answer = visitor.send_form(path, {"decision": decision})
    assert answer.status_code == 302
    assert answer["Location"] == payment.return_url
    visitor.send_form(path, {"decision": "refuse" if decision == "pay" else "pay"})
    payment.refresh_from_db()
    assert payment.state == state
    donation = Donation.objects.select_related("fund").get()
    assert visitor.get(f"/donations/{donation.public_id}/state/").json() == {"state": shown}
    donation.fund.refresh_from_db()
    assert donation.fund.count == (1 if decision == "pay" else 0)


@pytest.mark.parametrize("decision", ["", "PAY", "yes", None])
def test_no_decision_decides_nothing(
    visitor: SiteClient, payment: SandboxPayment, decision: str | None
) -> None:
    data = {} if decision is None else {"decision": decision}
    answer = visitor.send_form(f"/donations/sandbox/{payment.external_id}/", data)
    assert answer.status_code == 422
    payment.refresh_from_db()
    assert payment.state == "pending"


def test_nobody_decides_from_another_page(visitor: SiteClient, payment: SandboxPayment) -> None:
    path = f"/donations/sandbox/{payment.external_id}/"
    assert visitor.post(path, {"decision": "pay"}).status_code == 403
    assert visitor.put(path).status_code == 405
    payment.refresh_from_db()
    assert payment.state == "pending"


def test_the_test_page_of_another_site_is_not_found(
    other_site: Site, payment: SandboxPayment
) -> None:
    neighbour = SiteClient(other_site.hostname)
    path = f"/donations/sandbox/{payment.external_id}/"
    assert neighbour.get(path).status_code == 404
    assert neighbour.send_form(path, {"decision": "pay"}).status_code == 404
    payment.refresh_from_db()
    assert payment.state == "pending"
