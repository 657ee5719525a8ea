"""Pictures from strangers' phones: checked by name, first bytes, size and pixels, then drawn anew.

What is stored is never what was sent: the picture is decoded and encoded again, so that nothing rides along (EXIF
with the place it was taken, scripts, a second file behind the picture).
"""

import uuid
import warnings
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from config.shared.errors import DomainError

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1600
# Format: the extensions people use for it, and how its files begin.
FORMATS = {
    "JPEG": (("jpg", "jpeg", "jfif"), b"\xff\xd8\xff"),
    "PNG": (("png",), b"\x89PNG\r\n\x1a\n"),
    "WEBP": (("webp",), b"RIFF"),
}
TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
STORED_EXTENSION = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
# All that Pillow can raise on a file made to break it.
DECODE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    OverflowError,
    MemoryError,
    EOFError,
    ArithmeticError,
    AttributeError,
    NotImplementedError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class PictureRefused(DomainError):
    """The file is no picture we take."""

    field = "image"


def clean_picture(upload: "UploadedFile[bytes]") -> "ContentFile[bytes]":
    """A new picture of ``upload``, at most 1600 pixels a side, under a random name. Refused: PictureRefused."""
    if (upload.size or 0) > MOST_BYTES:
        raise PictureRefused(_("The picture is larger than %(limit)s.") % {"limit": filesizeformat(MOST_BYTES)})
    data = upload.read()
    name = _format(data, upload.name or "")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            drawn = _draw_again(data, name)
    except DECODE_ERRORS as error:
        raise PictureRefused(_("The picture cannot be read. Take it again or save it as JPEG.")) from error
    return ContentFile(drawn, name=f"{uuid.uuid4().hex}.{STORED_EXTENSION[name]}")


def _format(data: bytes, name: str) -> str:
    extension = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    for found, (extensions, magic) in FORMATS.items():
        if extension in extensions and data.startswith(magic) and (found != "WEBP" or data[8:12] == b"WEBP"):
            return found
    raise PictureRefused(_("Choose a JPEG, PNG or WebP picture."))


def _draw_again(data: bytes, name: str) -> bytes:
    with Image.open(BytesIO(data), formats=[name]) as image:
        if image.width * image.height > MOST_PIXELS:
            raise PictureRefused(_("The picture has too many pixels. Save it smaller."))
        image.load()
        upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    has_alpha = name != "JPEG" and upright.has_transparency_data
    plain = Image.frombytes(*_pixels(upright.convert("RGBA" if has_alpha else "RGB")))
    target = BytesIO()
    plain.save(target, format=name, quality=85)
    return target.getvalue()


def _pixels(image: Image.Image) -> tuple[str, tuple[int, int], bytes]:
    """The bare pixels: a picture made of them carries no metadata."""
    return image.mode, image.size, image.tobytes()
