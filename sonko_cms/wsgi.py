"""The WSGI application, for gunicorn."""

import io
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sonko_cms.settings")

LARGEST_CHUNKED_BODY = 1024 * 1024

django_application = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Give Django a chunked body whole: without Content-Length it would read nothing.

    gunicorn ends the stream by itself (`wsgi.input_terminated`). A notification sent in chunks
    would otherwise arrive empty and be lost.
    """
    chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
    if chunked and environ.get("wsgi.input_terminated"):
        body = environ["wsgi.input"].read(LARGEST_CHUNKED_BODY + 1)
        if len(body) > LARGEST_CHUNKED_BODY:
            start_response("413 Content Too Large", [("Content-Length", "0")])
            return []
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
    return django_application(environ, start_response)
