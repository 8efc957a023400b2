import mimetypes

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from wagtail import hooks

from content.models import Picture

YEAR = 365 * 24 * 3600


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Renditions of the host's own pictures, for the admin's people of those they may see, and of
    those that another site lends to this host (hook `lend_picture`).

    Originals and documents are not given out by their file name.
    """
    if "\0" in path or not (_is_own(path) or _is_lent(request, path)):
        raise Http404
    try:
        file = default_storage.open(path)
    except FileNotFoundError:
        raise Http404 from None
    content_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    response = FileResponse(file, content_type=content_type)
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _is_own(path: str) -> bool:
    return Picture.objects.filter(renditions__file=path).exists()


def _is_lent(request: HttpRequest, path: str) -> bool:
    return any(lends(request, path) for lends in hooks.get_hooks("lend_picture"))
