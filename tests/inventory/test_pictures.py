"""A picture of a part: what is no picture never gets in, and what gets in is drawn anew."""

import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from inventory.domain.images import PictureRefused, clean_picture
from inventory.models import Part
from tests.factories.inventory import PartFactory


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options) -> bytes:
    target = io.BytesIO()
    Image.new(mode, size, "red" if mode != "L" else 128).save(target, kind, **options)
    return target.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, data: bytes = b"\x00") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
PHP = b"<?php system($_GET['c']); ?>"
JPEG, PNG, WEBP = picture("JPEG"), picture("PNG"), picture("WEBP")

HOSTILE = {
    "svg": ("x.svg", SVG),
    "svg as png": ("x.png", SVG),
    "svg as jpg": ("x.jpg", SVG),
    "html": ("x.html", HTML),
    "html as jpg": ("x.jpg", HTML),
    "html as webp": ("x.webp", HTML),
    "php as png": ("x.png", PHP),
    "two extensions, the last bad": ("x.jpg.html", JPEG),
    "no extension": ("x", JPEG),
    "extension of a program": ("x.exe", JPEG),
    "jpeg called png": ("x.png", JPEG),
    "png called jpg": ("x.jpg", PNG),
    "webp called png": ("x.png", WEBP),
    "gif": ("x.gif", picture("GIF", mode="P")),
    "gif called jpg": ("x.jpg", picture("GIF", mode="P")),
    "bmp called png": ("x.png", picture("BMP")),
    "tiff called jpg": ("x.jpg", picture("TIFF")),
    "postscript called jpg": ("x.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
    "pdf called jpg": ("x.jpg", b"%PDF-1.7\n"),
    "zip called png": ("x.png", b"PK\x03\x04" + b"\x00" * 40),
    "another RIFF called webp": ("x.webp", b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 40),
    "only the first bytes of a jpeg": ("x.jpg", b"\xff\xd8\xff\xe0"),
    "only the first bytes of a png": ("x.png", b"\x89PNG\r\n\x1a\n"),
    "half a jpeg": ("x.jpg", picture("JPEG", (400, 400))[:600]),
    "half a webp": ("x.webp", WEBP[: len(WEBP) // 2]),
    "first bytes of a jpeg before html": ("x.jpg", b"\xff\xd8\xff" + HTML),
    "first bytes of a png before php": ("x.png", b"\x89PNG\r\n\x1a\n" + PHP),
    "a bomb of pixels": ("x.png", png_of(40_000, 40_000)),
    "more pixels than we take": ("x.png", png_of(8_000, 8_000, b"\x00" * 24_008_000)),
    "pixels that are not there": ("x.png", png_of(500, 500)),
    "no pixels at all": ("x.png", png_of(0, 0)),
    "more bytes than we take": ("x.jpg", JPEG + b"\x00" * (10 * 1024 * 1024)),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused(case):
    name, data = HOSTILE[case]
    with pytest.raises(PictureRefused) as refused:
        clean_picture(SimpleUploadedFile(name, data))
    assert refused.value.messages[0].startswith(("Choose a JPEG", "The picture"))


def test_there_are_at_least_thirty_of_them():
    assert len(HOSTILE) >= 30


@pytest.mark.parametrize(("name", "data"), [("a.JPG", JPEG), ("a.jpeg", JPEG), ("a.png", PNG), ("a.webp", WEBP)])
def test_a_picture_is_drawn_anew_under_a_name_of_ours(name, data):
    stored = clean_picture(SimpleUploadedFile(f"../../{name}", data))
    assert stored.name.rsplit(".", 1)[1] in {"jpg", "png", "webp"}
    assert len(stored.name.rsplit(".", 1)[0]) == 32
    with Image.open(stored) as image:
        assert image.size == (40, 30)


def test_where_and_with_what_it_was_taken_is_gone_and_it_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by the camera
    exif[0x010F] = "Camera of Jana"
    data = picture("JPEG", (40, 20), exif=exif, comment=b"secret")
    stored = clean_picture(SimpleUploadedFile("a.jpg", data + PHP)).read()

    assert b"Camera" not in stored
    assert b"secret" not in stored
    assert b"php" not in stored
    with Image.open(io.BytesIO(stored)) as image:
        assert (image.size, dict(image.getexif())) == ((20, 40), {})


def test_a_large_picture_becomes_small_and_keeps_its_transparency():
    stored = clean_picture(SimpleUploadedFile("a.png", picture("PNG", (3200, 800), "RGBA")))
    with Image.open(stored) as image:
        assert (image.size, image.mode) == ((1600, 400), "RGBA")


@pytest.mark.django_db
class TestPages:
    @pytest.fixture(autouse=True)
    def media(self, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path

    def test_jana_sees_the_picture_and_strangers_do_not(self, jana, as_user, client):
        part = PartFactory(image=clean_picture(SimpleUploadedFile("a.png", PNG)))
        url = f"/parts/{part.pk}/image/"
        answer = as_user(jana).get(url)

        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
        assert client.get(url).status_code == 302
        assert f'src="{url}"' in as_user(jana).get(part.get_absolute_url()).content.decode()

    def test_no_picture_or_a_lost_one_is_404(self, jana, as_user):
        lost = PartFactory(image="parts/gone.png")
        for part in (PartFactory(), lost, PartFactory(image="parts/x.svg")):
            assert as_user(jana).get(f"/parts/{part.pk}/image/").status_code == 404

    def test_the_admin_takes_a_picture_and_refuses_a_script(self, ada, as_user):
        part = PartFactory()
        browser = as_user(ada)
        url = f"/admin/inventory/part/{part.pk}/change/"
        form = browser.get(url).context["adminform"].form
        typed = {name: form[name].value() or "" for name in form.fields if name != "image"}
        rows = {"barcodes-TOTAL_FORMS": 0, "barcodes-INITIAL_FORMS": 0}

        page = browser.post(url, typed | rows | {"image": SimpleUploadedFile("x.png", SVG)})
        assert page.context["adminform"].form.errors == {"image": ["Choose a JPEG, PNG or WebP picture."]}
        answer = browser.post(url, typed | rows | {"image": SimpleUploadedFile("x.png", PNG)})
        assert answer.status_code == 302
        assert Part.objects.get().image.name.startswith("parts/")
        assert f"/parts/{part.pk}/image/" in browser.get(url).content.decode()
