"""A tenant's one colour, made readable: served as a small hashed stylesheet that sets `--f-brand*` only.

The colour must reach 4.5:1 on background, surface and soft, and carry white or dark ink at 4.5:1 (WCAG 1.4.3). If it
does not, only its OKLab lightness is moved (down in the light theme, up in the dark one) until it does: the hue people
know stays.
"""

import hashlib
import re
from functools import cache
from typing import NamedTuple

ENOUGH = 4.5
HOVER_STEP = 0.08  # in lightness
_STEP = 0.005
_WHITE, _DARK_INK = "#FFFFFF", "#06282B"
_LIGHT_GROUNDS = ("#FBFAF7", "#FFFFFF", "#E3F0F0")
_DARK_GROUNDS = ("#12181B", "#1B2327", "#17363A")
_FALLBACK = "#0F5C63"
_NAMES = ("brand", "brand-hover", "on-brand")

Rgb = tuple[float, float, float]


class Brand(NamedTuple):
    """The colours of one theme, as `#RRGGBB`."""

    brand: str
    hover: str
    on_brand: str


class Stylesheet(NamedTuple):
    """The CSS and the hash in its address."""

    css: str
    digest: str


@cache
def stylesheet(colour: str) -> Stylesheet:
    """The stylesheet for a tenant's colour (`#RRGGBB`; anything else counts as the house's own)."""
    light, dark = brand_of(colour, dark=False), brand_of(colour, dark=True)
    css = "".join((
        f":root{{--f-brand:{light.brand};--f-brand-hover:{light.hover};--f-on-brand:{light.on_brand}}}",
        "@supports (color:light-dark(#000,#fff)){:root{",
        *(f"--f-{n}:light-dark({a},{b});" for n, a, b in zip(_NAMES, light, dark, strict=True)),
        "}}\n",
    ))  # fmt: skip
    return Stylesheet(css, hashlib.sha256(css.encode()).hexdigest()[:12])


def brand_of(colour: str, *, dark: bool) -> Brand:
    """The colour as it will be used in a theme: the tenant's own when it can be read, else the nearest that can."""
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
        colour = _FALLBACK
    lightness, a, b = _to_oklab(_rgb(colour))
    direction, grounds = (_STEP, _DARK_GROUNDS) if dark else (-_STEP, _LIGHT_GROUNDS)
    chosen = colour.upper()
    while not _readable(chosen, grounds) and 0 <= lightness <= 1:
        lightness += direction
        chosen = _hex(lightness, a, b)
    hover = _hex(lightness + HOVER_STEP * (1 if dark else -1), a, b)
    return Brand(chosen, hover, _ink_on(chosen))


def contrast(a: str, b: str) -> float:
    """WCAG 2 contrast ratio of two `#RRGGBB` colours."""
    lighter, darker = sorted((_luminance(_rgb(a)), _luminance(_rgb(b))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _readable(colour: str, grounds: tuple[str, ...]) -> bool:
    return all(contrast(colour, g) >= ENOUGH for g in grounds) and contrast(colour, _ink_on(colour)) >= ENOUGH


def _ink_on(colour: str) -> str:
    return max(_WHITE, _DARK_INK, key=lambda ink: contrast(colour, ink))


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(channel) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _gamma(channel: float) -> float:
    channel = min(max(channel, 0.0), 1.0)
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _to_oklab(colour: Rgb) -> tuple[float, float, float]:
    """Lightness 0–1 and the two colour axes, whose direction is the hue. Matrices by Björn Ottosson."""
    r, g, b = (_linear(channel) for channel in colour)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _hex(lightness: float, a: float, b: float) -> str:
    lightness = min(max(lightness, 0.0), 1.0)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    channels = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(_gamma(c) * 255):02X}" for c in channels)
