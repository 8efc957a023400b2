"""What people upload, before it is kept.

A picture is drawn anew: whatever hid in the file beside its points (the place a photo was taken, a
script, somebody's profile) is not copied. It is made no larger than a screen needs, one at a time
in a process, so memory stays bounded whatever is sent. A document must be what its name says.
"""

import io
import shutil
import unicodedata
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from PIL import Image, ImageOps
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection

FORMATS = {
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "avif": "AVIF",
    "gif": "GIF",
}
LONGEST_SIDE = 3200
LARGEST_PROFILE = 64 * 1024
TURN = 0x0112  # EXIF: how the camera was held
OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 92, "progressive": True},
    "WEBP": {"quality": 92},
    "AVIF": {"quality": 85},
}
# The database lies on the same disk: books go before pictures.
KEPT_FREE = 100 * 1024 * 1024
OLD_OFFICE, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
BEGINNINGS = {"pdf": b"%PDF-", "doc": OLD_OFFICE, "xls": OLD_OFFICE}
ZIPPED = ("docx", "xlsx", "odt", "ods")

# One thread for all: one picture is unfolded at a time, and the memory of the last one is used
# again for the next (each thread of its own would keep what it once took).
_drawer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")


def drawn_anew(file: UploadedFile) -> UploadedFile:
    """The picture and nothing else, under a name of our own. Raises ValidationError."""
    refuse_odd_name(file.name or "")
    form = FORMATS.get(_ending(file.name or ""), "")
    try:
        content = _drawer.submit(_draw, file, form).result()
    except ValidationError:
        raise
    except Exception as error:  # decoders raise whatever they like on what is no picture
        raise ValidationError(
            _("This picture cannot be read. Save it again as JPEG or PNG.")
        ) from error
    name = f"{uuid.uuid4().hex[:16]}.{form.lower().replace('jpeg', 'jpg')}"
    size = content.getbuffer().nbytes
    content_type = f"image/{form.lower()}"
    return InMemoryUploadedFile(content, "file", name, content_type, size, None)


def _draw(file: UploadedFile, form: str) -> io.BytesIO:
    file.seek(0)
    with Image.open(file, formats=[form]) as source:
        width, height = source.size
        if width * height > settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS:
            raise ValidationError(
                _("This picture has %(millions)s million points; at most 40 can be taken.")
                % {"millions": width * height // 1_000_000}
            )
        source.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is read small at once
        source.load()  # the first frame of an animation
        profile, turn = source.info.get("icc_profile"), source.getexif().get(TURN, 1)
        if source.mode == "CMYK" or len(profile or b"") > LARGEST_PROFILE:
            profile = None
        picture = _small(source, _mode(source))
        source.close()  # its points are the most memory this takes
    if turn != 1:
        picture.getexif()[TURN] = turn
        picture = ImageOps.exif_transpose(picture)
    picture.info = {}
    options = dict(OPTIONS.get(form, {}))
    if profile:
        options["icc_profile"] = profile
    out = io.BytesIO()
    picture.save(out, form, **options)
    out.seek(0)
    return out


def _small(source: Image.Image, mode: str) -> Image.Image:
    """A copy no larger than a screen needs, made strip by strip: a whole copy of a large picture
    would double the memory it takes."""
    times = max(-(-max(source.size) // LONGEST_SIDE), 1)
    width, height = source.size
    small = Image.new(mode, (-(-width // times), -(-height // times)))
    step = times * 128
    for top in range(0, height, step):
        strip = source.crop((0, top, width, min(top + step, height))).convert(mode)
        small.paste(strip.reduce(times) if times > 1 else strip, (0, top // times))
    return small


def _mode(source: Image.Image) -> str:
    see_through = source.mode in ("RGBA", "LA", "PA") or "transparency" in source.info
    return "RGBA" if see_through else "RGB"


def checked_document(file: UploadedFile) -> UploadedFile:
    """The document under a harmless name. Raises ValidationError unless it is what it is called."""
    refuse_odd_name(file.name or "")
    ending = _ending(file.name or "")
    file.seek(0)
    head = file.read(2048)
    file.seek(0)
    wrong = ValidationError(
        _("The file is not what its name says. Save it again as %(ending)s and try once more.")
        % {"ending": ending.upper()}
    )
    if not head or (ending in BEGINNINGS and not head.lstrip().startswith(BEGINNINGS[ending])):
        raise wrong
    if ending in ZIPPED and not (head.startswith(ZIP) and _is_office(file)):
        raise wrong
    if ending in ("txt", "csv") and b"\x00" in head:
        raise wrong
    file.name = plain_name(file.name or "")
    return file


def _is_office(file: UploadedFile) -> bool:
    """A zip that can be read and carries no macros."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False
    finally:
        file.seek(0)
    return not any("vbaproject" in name.lower() or name.startswith("Basic/") for name in names)


def refuse_odd_name(name: str) -> None:
    if any(ord(char) < 32 for char in name):
        raise ValidationError(_("The file's name has signs that cannot be kept. Rename it."))


def plain_name(name: str) -> str:
    """Without folders and without signs that turn the writing round."""
    last = PurePath(name.replace("\\", "/")).name
    kept = "".join(char for char in last if not unicodedata.category(char).startswith("C"))
    return kept.lstrip(".") or "file"


def _ending(name: str) -> str:
    return PurePath(name).suffix.lower().removeprefix(".")


def refuse_without_room(*, collection: Collection, size: int) -> None:
    """Raise ValidationError when the site has used up its room, or the disk is nearly full."""
    used = 0
    for model in (get_image_model(), get_document_model()):
        rows = model.objects.filter(collection__path__startswith=collection.path)
        used += rows.aggregate(all=Sum("file_size"))["all"] or 0
    if used + size > settings.SITE_MEDIA_QUOTA:
        raise ValidationError(
            _("The site's room for files is used up (%(room)s). Delete what is no longer needed.")
            % {"room": filesizeformat(settings.SITE_MEDIA_QUOTA)}
        )
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(settings.MEDIA_ROOT).free < size + KEPT_FREE:
        raise ValidationError(
            _("The server has no room left for files. Tell the centre; nothing was lost.")
        )
