"""A tenant's logo (logo): taken in once, re-encoded, and kept for ever under its hash, since old letters show it.

Only pictures made of dots are taken: an SVG can hold scripts and fetch from elsewhere, so it is refused, with what to
do instead.
"""

import struct
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from saas.kernel import files, history
from saas.kernel.errors import NotFound, Refused
from tenants.resolve import Tenant

MOST_BYTES = 2_000_000
MOST_PIXELS = 20_000_000
LARGEST = (708, 118)  # 60 × 10 mm at 300 dots per inch; 40 pixels high on a screen
HEAVIEST = 14_000  # bytes of PNG, so that a letter stays under 60 kB
_FORMATS = ("PNG", "JPEG")


class Logo(NamedTuple):
    """A logo as letters carry it."""

    png: bytes
    width: int  # pixels
    height: int


def keep_logo(content: bytes) -> str:
    """Re-encode a picture and keep it. Returns the hash it is known by. Raises Refused with what to do."""
    png = _encoded(_opened(content))
    digest = sha256(png).hexdigest()
    files.put_once(_path(digest), png)
    return digest


def take_logo(tenant: Tenant, content: bytes | None, *, now: datetime, actor: str) -> None:
    """The tenant's letters carry this logo from now on; none when None. Raises Refused with what to do."""
    digest = keep_logo(content) if content is not None else None
    tenant.session.refresh(tenant.settings, with_for_update=True)
    tenant.settings.logo = digest
    tenant.settings.revision += 1
    history.record(tenant.session, "tenant.logo_changed", at=now, actor=actor, body={"logo": digest})


@lru_cache(maxsize=64)
def logo_of(digest: str) -> Logo:
    """The logo of that hash. Raises NotFound."""
    try:
        png = files.get(_path(digest))
    except FileNotFoundError:
        raise NotFound("Logoen finnes ikke.") from None
    return Logo(png, *struct.unpack_from(">II", png, 16))


def _path(digest: str) -> str:
    return f"logos/{digest}.png"


def _opened(content: bytes) -> Image.Image:
    if len(content) > MOST_BYTES:
        raise Refused("logo_too_large", "Logoen er større enn 2 MB. Lagre den som PNG i mindre format, og prøv igjen.")
    if _is_svg(content):
        raise Refused("logo_is_svg", "Logoen er en SVG, som kan inneholde skript. Lagre den som PNG, og prøv igjen.")
    try:
        picture = Image.open(BytesIO(content), formats=_FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise Refused("logo_too_large", "Logoen har for mange bildepunkter. Gjør den mindre, og prøv igjen.")
        picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise Refused("logo_unreadable", "Filen er ikke et bilde vi kan lese. Bruk PNG eller JPEG.") from None
    return picture


def _is_svg(content: bytes) -> bool:
    head = content[:4096].lower()
    return b"<svg" in head or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml")


def _encoded(picture: Image.Image) -> bytes:
    """As PNG on white, without anything the file said beside the picture; fewer colours until it is light enough."""
    coloured = picture.convert("RGBA")
    flat = Image.new("RGB", coloured.size, "white")
    flat.paste(coloured, mask=coloured.getchannel("A"))
    flat.thumbnail(LARGEST, Image.Resampling.LANCZOS)
    tries = [flat, *(flat.quantize(colours) for colours in (128, 32, 8))]
    encoded = [_png(each) for each in tries]
    return next((png for png in encoded if len(png) <= HEAVIEST), encoded[-1])


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
