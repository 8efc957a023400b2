"""Pictures: what may be uploaded, what is given out, and what is forgotten on the way."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import Resolver404, URLPattern, get_resolver, resolve, reverse
from PIL import Image, ImageFilter
from wagtail.images.forms import get_image_form
from wagtail.models import Site

from accounts.models import User
from content.forms import RESERVED_SLUGS
from content.models import Attachment, Picture
from tenancy.models import Role
from tests.conftest import SiteClient

GPS, GPS_LATITUDE, MAKE, ORIENTATION = 0x8825, 2, 0x010F, 0x0112
DESCRIPTION = 0x010E
MakePicture = Callable[..., Picture]


def photo(form: str = "JPEG", size: tuple[int, int] = (640, 400)) -> bytes:
    """A photo that tells where it was taken, and that it lies on its side."""
    image = Image.new("RGB", size, "#1f6f54")
    exif = Image.Exif()
    exif[MAKE] = "Zenit of Anna Petrova"
    exif[DESCRIPTION] = "<script>alert(1)</script>"
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS).update({1: "N", GPS_LATITUDE: (58.0, 36.0, 12.0)})
    content = io.BytesIO()
    image.save(content, form, exif=exif)
    return content.getvalue()


@pytest.fixture
def make_picture(db: None) -> MakePicture:
    def make(site: Site, content: bytes = b"", name: str = "photo.jpg") -> Picture:
        file = ImageFile(io.BytesIO(content or photo()), name=name)
        return Picture.objects.create(title="IMG_1", collection=site.walls.collection, file=file)

    return make


@pytest.mark.parametrize("upload", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("shown", ["jpeg", "png", "webp", "avif"])
def test_shown_picture_does_not_tell_where_it_was_taken(
    upload: str, shown: str, site: Site, make_picture: MakePicture
) -> None:
    original = photo(upload)
    assert Image.open(io.BytesIO(original)).getexif().get_ifd(GPS)
    picture = make_picture(site, original, f"photo.{upload.lower()}")

    rendition = picture.get_rendition(f"width-200|format-{shown}")

    with rendition.file.open("rb") as file:
        content = file.read()
    image = Image.open(io.BytesIO(content))
    assert (image.format or "").lower() == shown
    assert not dict(image.getexif())
    assert not image.getexif().get_ifd(GPS)
    assert b"Zenit" not in content
    # The turn the camera asked for has been made: the photo stands upright.
    assert (image.width, image.height) == (200, 320)


@pytest.mark.parametrize("shown", ["avif", "webp"])
def test_photo_of_many_small_things_is_light_on_a_phone(
    shown: str, site: Site, make_picture: MakePicture
) -> None:
    crowd = Image.effect_noise((1600, 1000), 90).filter(ImageFilter.GaussianBlur(1.6))
    original = io.BytesIO()
    crowd.convert("RGB").save(original, "JPEG", quality=95)
    picture = make_picture(site, original.getvalue())
    rendition = picture.get_rendition(f"fill-1200x750|format-{shown}")
    assert 60 * 1024 < rendition.file.size <= 120 * 1024


def test_renditions_made_together_forget_the_place_too(
    site: Site, make_picture: MakePicture
) -> None:
    picture = make_picture(site)
    made = picture.get_renditions("width-200|format-jpeg", "width-100|format-jpeg")
    for rendition in made.values():
        with rendition.file.open("rb") as file:
            assert b"Zenit" not in file.read()


def test_transparent_picture_stays_transparent(site: Site, make_picture: MakePicture) -> None:
    content = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(content, "PNG")
    picture = make_picture(site, content.getvalue(), "logo.png")
    with picture.get_rendition("max-40x40").file.open("rb") as file:
        assert Image.open(file).convert("RGBA").getpixel((5, 5)) == (0, 0, 0, 0)


def test_alt_text_is_what_the_editor_wrote_and_never_a_file_name(
    site: Site, make_picture: MakePicture
) -> None:
    picture = make_picture(site)
    assert picture.get_rendition("width-100").alt == ""
    picture.alt_text = "Мальчик у ступеней"
    picture.save()
    assert Picture.objects.get(pk=picture.pk).get_rendition("width-100").alt == "Мальчик у ступеней"


def test_rendition_is_given_out_and_can_do_nothing(
    site: Site, visitor: SiteClient, make_picture: MakePicture
) -> None:
    answer = visitor.get(make_picture(site).get_rendition("width-100|format-webp").url)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert not answer.cookies
    assert Image.open(io.BytesIO(answer.getvalue())).size == (100, 160)


def test_originals_and_documents_are_not_given_out_by_name(
    site: Site, visitor: SiteClient, make_picture: MakePicture
) -> None:
    picture = make_picture(site)
    document = Attachment.objects.create(
        title="Отчёт", collection=site.walls.collection, file=ContentFile(b"%PDF-", "report.pdf")
    )
    for file in (picture.file, document.file):
        assert Path(file.path).exists()
        assert visitor.get(f"/media/{file.name}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "",
        "images",
        "images/",
        "images/absent.jpg",
        "images/../original_images/{name}",
        "images/%2e%2e/original_images/{name}",
        "images/..%2foriginal_images%2f{name}",
        "images/../../../etc/passwd",
        "images//etc/passwd",
        "/etc/passwd",
        "images/\x00.jpg",
    ],
)
def test_no_path_leads_out_of_the_folder(
    path: str, site: Site, visitor: SiteClient, make_picture: MakePicture
) -> None:
    picture = make_picture(site)
    picture.get_rendition("width-100")
    name = Path(picture.file.name).name
    assert visitor.get(f"/media/{path.format(name=name)}").status_code == 404


@pytest.mark.bad_input("doc_of_other_tenant")
def test_document_is_served_on_its_own_site_only(
    site: Site, other_site: Site, visitor: SiteClient
) -> None:
    document = Attachment.objects.create(
        title="Отчёт", collection=site.walls.collection, file=ContentFile(b"%PDF-1", "report.pdf")
    )
    address = reverse("wagtaildocs_serve", args=[document.pk, document.filename])
    answer = visitor.get(address)
    assert answer.status_code == 200
    assert answer.getvalue() == b"%PDF-1"
    assert SiteClient(other_site.hostname).get(address).status_code == 404


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def huge() -> bytes:
    content = io.BytesIO()
    Image.new("1", (8000, 6000)).save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("drawing.svg", SVG),
        ("drawing.png", SVG),
        ("page.jpg", b"<html><script>alert(1)</script></html>"),
        ("photo.html", photo()),
        ("huge.png", huge()),
        ("empty.jpg", b""),
        ("heavy.jpg", photo() + b"\x00" * settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE),
    ],
    ids=["svg", "svg named png", "html named jpg", "photo named html", "48 Mpx", "empty", "heavy"],
)
def test_what_is_no_photo_or_too_large_is_refused_in_russian(
    name: str, content: bytes, site: Site, make_person: Callable[..., User]
) -> None:
    form = get_image_form(Picture)(
        {"title": "Фото", "collection": site.walls.collection.pk},
        {"file": SimpleUploadedFile(name, content)},
        user=make_person(Role.EDITOR, site),
    )
    assert not form.is_valid()
    assert list(form.errors) == ["file"]
    assert any("а" <= letter <= "я" for letter in str(form.errors["file"]))
    assert not Picture.objects.exists()


def test_no_page_can_take_an_address_of_the_system() -> None:
    found = set()
    for pattern in get_resolver().url_patterns:
        route = str(pattern.pattern).split("/")[0].strip("^")
        if isinstance(pattern, URLPattern) or route:
            found.add(route)
    found.discard("")
    assert found <= RESERVED_SLUGS
    for slug in ("donations/start/", "documents/1/a.pdf", "media/x", "search/", "messages/1/"):
        assert slug.split("/")[0] in RESERVED_SLUGS
        assert resolve(f"/{slug}").url_name != "wagtail_serve"
    with pytest.raises(Resolver404):
        resolve("/donations")
