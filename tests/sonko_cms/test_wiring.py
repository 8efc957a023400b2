import io

import pytest
from django.conf import settings as django_settings
from django.core.checks import run_checks
from pytest_django.fixtures import Settings

from sonko_cms import wsgi
from tests.conftest import SiteClient


@pytest.mark.django_db
def test_health_is_told_on_any_host_even_an_unknown_one() -> None:
    for host in ("localhost", django_settings.ADMIN_HOST, "nobody.example", "127.0.0.1"):
        answer = SiteClient(host).get("/healthz")
        assert (answer.status_code, answer.content) == (200, b"ok")
        assert not answer.cookies


def test_a_chunked_body_reaches_django_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}

    def django(environ: dict[str, object], start_response: object) -> list[bytes]:
        seen.update(length=environ["CONTENT_LENGTH"], body=environ["wsgi.input"].read())  # type: ignore[attr-defined]
        return [b""]

    monkeypatch.setattr(wsgi, "django_application", django)
    environ = {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input_terminated": True,
        "wsgi.input": io.BytesIO(b'{"type": "notification"}'),
    }
    wsgi.application(environ, lambda *_: None)
    assert seen == {"length": "24", "body": b'{"type": "notification"}'}


def test_a_key_that_is_no_key_is_an_error_and_none_is_a_warning(settings: Settings) -> None:
    settings.FIELD_KEYS = ["not a key"]
    assert "donations.E001" in {message.id for message in run_checks()}
    settings.FIELD_KEYS = []
    assert "donations.W001" in {message.id for message in run_checks()}
