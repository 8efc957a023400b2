"""Other names of a site: where they lead, what is never stored, who gets a certificate."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings
from wagtail.models import Site

from donations.models import Fund, PaymentAccount
from network.actions import OpenedSite
from tenancy.models import SiteHostname, SiteState, SiteWalls
from tests.conftest import SiteClient

OWN = "dobro.example.org"
ASK = "/internal/tls-allowed"


@pytest.fixture
def own_name(site: Site) -> SiteHostname:
    return SiteHostname.objects.create(site=site, hostname=OWN, verified_at=timezone.now())


@pytest.mark.usefixtures("own_name")
@pytest.mark.parametrize(
    ("path", "goes"),
    [
        ("/", "/"),
        ("/sbory/?a=1&b=%D1%91", "/sbory/?a=1&b=%D1%91"),
        ("/o-nas/x%20y/?next=//evil.example", "/o-nas/x%20y/?next=//evil.example"),
    ],
)
@pytest.mark.parametrize("method", ["get", "head"])
def test_other_name_leads_to_the_main_one_with_path_and_query(
    path: str, goes: str, method: str
) -> None:
    answer = getattr(SiteClient(OWN), method)(path)
    assert answer.status_code == 301
    assert answer["Location"] == f"http://veloput.localhost:8000{goes}"
    assert answer["Cache-Control"] == "max-age=86400"
    assert not answer.cookies


@pytest.mark.usefixtures("own_name")
@pytest.mark.bad_input("double_slash_redirect")
def test_two_slashes_lead_to_no_other_host() -> None:
    answer = SiteClient(OWN).request(PATH_INFO="//evil.example/")
    assert answer["Location"] == "http://veloput.localhost:8000//evil.example/"


@pytest.mark.bad_input("foreign_domain_not_verified")
def test_name_that_does_not_point_here_yet_leads_nowhere(site: Site) -> None:
    SiteHostname.objects.create(site=site, hostname=OWN)
    answer = SiteClient(OWN).get("/")
    assert answer.status_code == 404
    assert "veloput" not in answer.content.decode()


@pytest.mark.usefixtures("own_name")
def test_admin_is_at_no_name_of_a_site() -> None:
    for path in ("/admin", "/admin/", "/admin/login/"):
        assert SiteClient(OWN).get(path).status_code == 404


@pytest.mark.usefixtures("own_name")
@pytest.mark.bad_input("change_hostname")
def test_notification_at_a_former_name_is_taken_and_not_sent_elsewhere(
    site: Site, shop: PaymentAccount
) -> None:
    notice = {"type": "notification", "event": "payment.succeeded", "object": {"id": "x-1"}}
    answer = SiteClient(OWN).post(
        f"/donations/yookassa/{shop.token}/", notice, content_type="application/json"
    )
    assert answer.status_code == 200


@pytest.mark.usefixtures("own_name")
def test_form_of_a_page_open_since_before_is_taken_where_it_stands(fund: Fund) -> None:
    answer = SiteClient(OWN).send_form("/donations/start/", {"fund": str(fund.public_id)})
    assert answer.status_code == 422
    assert "donations/give.html" in [template.name for template in answer.templates]


def test_known_host_costs_one_query_and_an_unknown_one_two(site: Site) -> None:
    for host, number in (("evil.example", 2), (site.hostname, 1)):
        with CaptureQueriesContext(connection) as queries:
            SiteClient(host).get("/nowhere.txt")
        asked = [q for q in queries if "wagtailcore_site" in q["sql"] and "hostname" in q["sql"]]
        names = [q for q in asked if f"'{host}'" in q["sql"]]
        assert len(names) == number, names


BAD = [
    "",
    "Dobro.example.org",
    "dobro.example.org.",
    "dobro.example.org:8080",
    "https://dobro.example.org",
    "dobro.example.org/admin",
    "dob ro.example.org",
    "my_ngo.example.org",
    "-a.example.org",
    "ab--cd.example.org",
    "a" * 64 + ".example.org",
    "a." * 126 + "example.org",
    "127.0.0.1",
    "[::1]",
    "*",
    "*.example.org",
    "добро.рф",
    "\x00a.example.org",
    "a.example.org\r\nX: y",
    "<script>alert(1)</script>",
    "admin.localhost",
]


@pytest.mark.parametrize("name", BAD)
def test_what_no_request_can_match_is_stored_nowhere(site: Site, name: str) -> None:
    site.hostname = name
    with pytest.raises(ValidationError):
        site.full_clean()
    with pytest.raises(ValidationError):
        site.save()
    assert Site.objects.get(pk=site.pk).hostname == "veloput.localhost"


@pytest.mark.usefixtures("own_name")
@pytest.mark.bad_input("duplicate_other_port")
def test_one_name_belongs_to_one_site_whatever_the_port(site: Site, other_site: Site) -> None:
    for name, port in ((OWN, 443), (site.hostname, 8080)):
        other_site.hostname, other_site.port = name, port
        with pytest.raises(ValidationError) as refused:
            other_site.full_clean()
        assert refused.value.message_dict == {"hostname": ["Сайт с таким именем уже есть."]}
        with pytest.raises(ValidationError):
            other_site.save()


def asked(domain: str, **headers: Any) -> int:
    return SiteClient("127.0.0.1:8000").get(ASK, {"domain": domain}, **headers).status_code


@pytest.mark.usefixtures("own_name")
def test_certificate_is_for_names_of_sites_whatever_their_state(
    site: Site, open_a_site: Callable[..., OpenedSite]
) -> None:
    for state in SiteState:
        SiteWalls.objects.update(state=state)
        for name in (OWN, OWN.upper(), "veloput.localhost", "admin.localhost"):
            assert asked(name) == 200, name


@pytest.mark.usefixtures("own_name")
@pytest.mark.parametrize(
    "domain",
    [
        "",
        "evil.example",
        "x.dobro.example.org",
        f"{OWN}.evil.example",
        "a" * 4000,
        "\x00",
        "*",
        "'",
    ],
)
def test_certificate_is_for_nobody_else(domain: str) -> None:
    assert asked(domain) == 404


def test_certificate_waits_for_a_name_that_points_here(site: Site) -> None:
    SiteHostname.objects.create(site=site, hostname=OWN)
    assert asked(OWN) == 404


@pytest.mark.usefixtures("own_name")
@pytest.mark.parametrize(
    "headers",
    [
        {"REMOTE_ADDR": "8.8.4.4"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "2a00:1450::1"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
    ],
)
def test_nobody_outside_learns_which_names_we_have(headers: dict[str, str]) -> None:
    assert asked(OWN, **headers) == 404


@pytest.mark.usefixtures("own_name")
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "172.18.0.5", "10.0.0.7"])
def test_the_web_server_before_us_is_answered_without_a_write(address: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert asked(OWN, REMOTE_ADDR=address) == 200
    assert len(queries) <= 2
    assert all(query["sql"].startswith("SELECT") for query in queries)


def test_certificates_are_asked_about_by_plain_http_on_a_real_installation(
    settings: Settings, site: Site
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert asked(site.hostname) == 200
    assert SiteClient(site.hostname).get("/").status_code == 301
