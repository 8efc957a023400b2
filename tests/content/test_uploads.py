"""What is uploaded: a picture is drawn anew, a document is what it says, and there is room."""

import concurrent.futures
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, ImageCms
from pytest_django.fixtures import Settings
from wagtail.documents.forms import get_document_form
from wagtail.images.forms import get_image_form
from wagtail.models import Site

from accounts.models import User
from content import uploads
from content.models import Attachment, Picture
from content.uploads import drawn_anew
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.content.test_pictures import GPS, photo

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
# A GIF by its first bytes, a script by all of them.
POLYGLOT = b"GIF89a/*" + b"\x00" * 16 + b"*/=1;alert(1)//;"
Upload = Callable[..., Any]


def saved(form: str, size: tuple[int, int] = (64, 40), mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, form, **options)
    return out.getvalue()


def animation(frames: int) -> bytes:
    pictures = [Image.new("P", (8, 8), number % 2) for number in range(frames)]
    out = io.BytesIO()
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:], optimize=False)
    return out.getvalue()


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


@pytest.fixture
def upload(site: Site, make_person: Callable[..., User]) -> Upload:
    """upload("a.jpg", content): the form as it stands in the admin, bound and asked."""

    def send(name: str, content: bytes, *, picture: bool = True, to: Site | None = None) -> Any:
        place = to or site
        make = get_image_form(Picture) if picture else get_document_form(Attachment)
        file = SimpleUploadedFile(name.replace("\x00", "?"), content)
        file._name = name  # type: ignore[attr-defined]
        form = make(
            {"title": "Файл", "collection": place.walls.collection.pk},
            {"file": file},
            user=make_person(Role.EDITOR, place),
        )
        form.is_valid()
        return form

    return send


def refusal(form: Any) -> str:
    assert list(form.errors) == ["file"]
    text = " ".join(form.errors["file"])
    assert any("а" <= letter <= "я" for letter in text), text
    return text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("drawing.svg", SVG, id="svg_script"),
        pytest.param("drawing.png", SVG, id="svg_as_png"),
        pytest.param("page.jpg", HTML, id="html_as_jpg"),
        pytest.param("both.gif", POLYGLOT, id="gif_js_polyglot"),
        pytest.param("empty.png", b"", id="empty_file"),
        pytest.param("cut.jpg", photo()[: len(photo()) // 2], id="truncated_jpeg"),
        ("cut.png", saved("PNG", (400, 400))[:200]),
        pytest.param("a\x00.jpg", photo(), id="null_name"),
        ("named.png", photo()),
        ("scan.tiff", saved("TIFF")),
        pytest.param("bomb.png", saved("PNG", (12000, 12000), "1"), id="bomb_12k"),
        pytest.param("large.png", saved("PNG", (11000, 11000), "1"), id="bomb_11k"),
        ("large.gif", saved("GIF", (8000, 6000), "P")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.bad_input("logo_svg")
def test_what_is_no_picture_or_a_bomb_is_refused(name: str, content: bytes, upload: Upload) -> None:
    refusal(upload(name, content))
    assert not Picture.objects.exists()


@pytest.mark.bad_input("size_11MB")
def test_limit_is_named_when_a_file_is_too_large(upload: Upload) -> None:
    assert "10,0" in refusal(upload("heavy.jpg", photo() + b"\x00" * 11_534_336))


@pytest.mark.bad_input("gif_js_polyglot")
def test_broken_polyglot_is_answered_in_words_by_every_door(
    site: Site, make_person: Callable[..., User], admin_as: Callable[[User], SiteClient]
) -> None:
    editor = admin_as(make_person(Role.EDITOR, site))
    said = "не удалось прочитать"
    file = SimpleUploadedFile("a.gif", POLYGLOT)
    added = editor.post(reverse("wagtailimages:add"), {"title": "x", "file": file})
    assert said in added.content.decode()
    file = SimpleUploadedFile("a.gif", POLYGLOT)
    door = reverse("wagtailimages_chooser:create")
    chosen = editor.post(
        door, {"image-chooser-upload-title": "x", "image-chooser-upload-file": file}
    )
    assert said in chosen.json()["htmlFragment"]
    many = editor.post(
        reverse("wagtailimages:add_multiple"),
        {"title": "x", "files[]": SimpleUploadedFile("a.gif", POLYGLOT)},
    )
    assert json.loads(many.content)["success"] is False
    assert not Picture.objects.exists()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.bad_input("jpeg_php_tail", "exif_gps", "exif_script")
def test_kept_file_forgets_place_maker_and_whatever_hung_on(form: str, upload: Upload) -> None:
    tail = b"<?php system($_GET[0]);<script>alert(1)</script>"
    sent = photo(form) + (tail if form != "AVIF" else b"")
    assert Image.open(io.BytesIO(sent)).getexif().get_ifd(GPS)
    picture = upload(f"x.php.{form.lower()}", sent).save()
    with picture.file.open("rb") as file:
        kept = file.read()
    for secret in (b"Zenit", b"Exif", b"GPS", b"php", b"script"):
        assert secret not in kept
    image = Image.open(io.BytesIO(kept))
    assert not dict(image.getexif())
    # It stands upright now, as the camera asked.
    assert (image.width, image.height) == (400, 640) == (picture.width, picture.height)
    assert picture.file_size == len(kept)
    for spec in ("width-200|format-jpeg", "fill-100x100|format-webp", "original|format-png"):
        with picture.get_rendition(spec).file.open("rb") as file:
            assert b"Zenit" not in file.read()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("x.php.jpg", id="double_ext"),
        pytest.param("../../../etc/x.jpg", id="traversal_name"),
        "..\\..\\x.jpg",
        pytest.param("‮gpj.exe.jpg", id="rtl_name"),
        pytest.param("Котик.jpg", id="name_cyrillic"),
        "x" * 200 + ".jpg",
    ],
)
def test_picture_gets_a_name_of_ours_inside_our_folder(name: str, upload: Upload) -> None:
    picture = upload(name, photo()).save()
    path = Path(picture.file.path)
    assert path.parent == django_settings.MEDIA_ROOT / "original_images"
    assert path.name.removesuffix(".jpg").isalnum()
    assert path.name.isascii()
    assert len(path.name) <= 30


def test_large_picture_is_made_as_large_as_a_screen_needs(upload: Upload) -> None:
    picture = upload("wide.jpg", saved("JPEG", (6000, 4000))).save()
    assert (picture.width, picture.height) == (3000, 2000)


@pytest.mark.bad_input("cmyk_jpeg")
def test_print_colours_become_screen_colours(upload: Upload) -> None:
    sent = io.BytesIO()
    Image.new("CMYK", (50, 50), (0, 255, 255, 0)).save(sent, "JPEG")
    picture = upload("print.jpg", sent.getvalue()).save()
    with picture.file.open("rb") as file:
        image = Image.open(file)
        assert image.mode == "RGB"
        red, green, blue = image.tobytes()[(25 * 50 + 25) * 3 :][:3]
    assert red > 200
    assert green < 60
    assert blue < 60


@pytest.mark.bad_input("image_1x1")
def test_tiny_picture_stays_tiny(upload: Upload) -> None:
    picture = upload("dot.png", saved("PNG", (1, 1))).save()
    shown = picture.get_rendition("fill-400x250|format-webp")
    assert (shown.width, shown.height) == (1, 1)


@pytest.mark.bad_input("icc_huge")
def test_profile_of_a_usual_size_is_kept_and_a_huge_one_is_not(upload: Upload) -> None:
    usual = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile, kept in ((usual, True), (usual + b"\x00" * 5_000_000, False)):
        picture = upload("a.jpg", saved("JPEG", icc_profile=profile)).save()
        with picture.file.open("rb") as file:
            assert bool(Image.open(file).info.get("icc_profile")) is kept


@pytest.mark.bad_input("gif_10000_frames")
def test_animation_becomes_its_first_frame(upload: Upload) -> None:
    picture = upload("cat.gif", animation(10_000)).save()
    with picture.file.open("rb") as file:
        assert getattr(Image.open(file), "n_frames", 1) == 1


def test_transparency_is_kept(upload: Upload) -> None:
    picture = upload("logo.png", saved("PNG", (20, 20), "RGBA")).save()
    with picture.file.open("rb") as file:
        assert Image.open(file).convert("RGBA").getchannel("A").getpixel((5, 5)) == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("page.html", HTML, id="html_document"),
        ("drawing.svg", SVG),
        pytest.param("run.exe", b"MZ", id="exe"),
        pytest.param("macro.docm", archive("word/vbaProject.bin"), id="docm_macro"),
        pytest.param("site.zip", archive("index.html"), id="zip_of_html"),
        ("page.pdf", HTML),
        ("macro.docx", archive("word/document.xml", "word/vbaProject.bin")),
        ("not.docx", b"PK\x03\x04 not a zip"),
        ("old.doc", HTML),
        ("run.txt", b"MZ\x00\x90"),
        ("empty.pdf", b""),
        ("a\x00.pdf", b"%PDF-1"),
        ("heavy.pdf", b"%PDF-1" + b"\x00" * 11_534_336),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_document_that_is_not_what_it_says_is_refused(
    name: str, content: bytes, upload: Upload
) -> None:
    refusal(upload(name, content, picture=False))
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.pdf", b"%PDF-1.4 /JS (app.alert(1))", id="pdf_js"),
        ("a.docx", archive("word/document.xml")),
        ("a.csv", "имя;сумма".encode()),
    ],
)
def test_document_can_do_nothing_on_the_site_that_serves_it(
    name: str, content: bytes, upload: Upload, visitor: SiteClient
) -> None:
    document = upload(name, content, picture=False).save()
    answer = visitor.get(reverse("wagtaildocs_serve", args=[document.pk, document.filename]))
    assert answer.getvalue() == content
    assert answer["Content-Security-Policy"] == "default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    kind = "inline" if name.endswith(".pdf") else "attachment"
    assert answer["Content-Disposition"].startswith(kind)


@pytest.mark.bad_input("name_cyrillic", "rtl_name")
def test_document_keeps_its_cyrillic_name_and_loses_what_turns_it_round(
    upload: Upload, visitor: SiteClient
) -> None:
    document = upload("‮Отчёт за май.pdf", b"%PDF-1", picture=False).save()
    assert document.filename == "Отчёт_за_май.pdf"
    answer = visitor.get(reverse("wagtaildocs_serve", args=[document.pk, document.filename]))
    assert "filename*=UTF-8''%D0%9E" in answer["Content-Disposition"]
    for _part in answer:
        pass


@pytest.mark.bad_input("quota")
def test_site_that_used_up_its_room_is_told_and_its_neighbour_is_not(
    site: Site, other_site: Site, upload: Upload, settings: Settings
) -> None:
    first = upload("a.pdf", b"%PDF-1" + b"x" * 5000, picture=False).save()
    settings.SITE_MEDIA_QUOTA = first.file_size + 5000
    assert "Место сайта" in refusal(upload("b.pdf", b"%PDF-1" + b"x" * 5000, picture=False))
    assert upload("b.pdf", b"%PDF-1" + b"x" * 5000, picture=False, to=other_site).is_valid()
    settings.SITE_MEDIA_QUOTA = first.file_size
    refusal(upload("a.jpg", photo()))


@pytest.mark.bad_input("disk_full")
def test_full_disk_is_told_before_anything_is_written(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "KEPT_FREE", 10**18)  # more than any disk has
    assert "не осталось места" in refusal(upload("a.jpg", photo()))
    assert not Picture.objects.exists()


MEMORY = """
import concurrent.futures, os, pathlib, re, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "sonko_cms.settings"
import django
django.setup()
from django.core.files.uploadedfile import SimpleUploadedFile
from content.uploads import drawn_anew
sent = pathlib.Path(sys.argv[1]).read_bytes()
def one(number):
    return drawn_anew(SimpleUploadedFile("a.png", sent)).size
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    assert len(list(pool.map(one, range(4)))) == 4
# Not getrusage: there a child begins with the peak of its parent.
status = pathlib.Path("/proc/self/status").read_text()
print(int(re.search(r"VmHWM:\\s+(\\d+)", status).group(1)) // 1024)
"""


@pytest.mark.bad_input("parallel_20")
def test_largest_pictures_sent_at_once_stay_in_bounded_memory(tmp_path: Path) -> None:
    """Four of 39 million see-through points, each 160 MB when it is unfolded."""
    large = tmp_path / "large.png"
    large.write_bytes(saved("PNG", (6300, 6300), "RGBA", compress_level=1))
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(large)],
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert int(done.stdout.split()[-1]) < 400


@pytest.mark.bad_input("parallel_20")
def test_pictures_sent_at_once_are_all_drawn() -> None:
    sent = photo()

    def one(number: int) -> int:
        return drawn_anew(SimpleUploadedFile(f"{number}.jpg", sent)).size or 0

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        sizes = set(pool.map(one, range(20)))
    assert len(sizes) == 1


def test_name_with_a_line_break_is_refused() -> None:
    file = SimpleUploadedFile("a.jpg", photo())
    file._name = "a\n.jpg"  # type: ignore[attr-defined]
    with pytest.raises(ValidationError):
        drawn_anew(file)
