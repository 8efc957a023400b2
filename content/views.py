import mimetypes
from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

PUBLIC_FOLDER = "images"  # Wagtail's renditions; originals keep the place a photo was taken
YEAR = 365 * 24 * 3600


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Pictures made for pages. Originals and documents are not given out by their file name."""
    parts = PurePosixPath(path).parts
    if not parts or parts[0] != PUBLIC_FOLDER or ".." in parts or not default_storage.exists(path):
        raise Http404
    try:
        file = default_storage.open(path)
    except IsADirectoryError:
        raise Http404 from None
    content_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    response = FileResponse(file, content_type=content_type)
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
