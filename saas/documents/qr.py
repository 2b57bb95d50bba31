"""The QR code beside «scan and pay»: an address as a picture, the same bytes every time."""

from io import BytesIO

import zxingcpp
from PIL import Image

QR_LIBRARY = "zxing-cpp"
"""Which modules are black is its choice (mask, version): another version of it may draw another code."""

_DOTS_A_MODULE = 4


def qr_png(link: str) -> bytes:
    """QR code as PNG in black and white, level M, four modules of quiet zone."""
    code = zxingcpp.create_barcode(link, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    dots = code.to_image(scale=_DOTS_A_MODULE, add_quiet_zones=True)
    high, wide = dots.shape
    grey = Image.frombuffer("L", (wide, high), dots, "raw", "L", 0, 1)
    png = BytesIO()
    grey.convert("1", dither=Image.Dither.NONE).save(png, "PNG")
    return png.getvalue()
