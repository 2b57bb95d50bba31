"""A tenant's colour can always be read, whatever it is."""

import pytest

from saas.portals.shared.brand import brand_of, contrast, stylesheet

COLOURS = ["#0F5C63", "#FFCC00", "#E4002B", "#000000", "#FFFFFF", "#7A1FA2", "#00FF00", "#808080", "no colour"]
LIGHT, DARK = ("#FBFAF7", "#FFFFFF", "#E3F0F0"), ("#12181B", "#1B2327", "#17363A")


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("dark", [False, True])
def test_every_colour_is_made_readable_on_every_ground_and_carries_its_text(colour: str, dark: bool) -> None:
    brand = brand_of(colour, dark=dark)
    assert all(contrast(brand.brand, ground) >= 4.5 for ground in (DARK if dark else LIGHT))
    assert contrast(brand.on_brand, brand.brand) >= 4.5
    assert brand.on_brand in ("#FFFFFF", "#06282B")


def test_a_colour_that_can_be_read_is_left_as_it_is() -> None:
    assert brand_of("#0F5C63", dark=False).brand == "#0F5C63"


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#1F2A2E", "#FBFAF7") == pytest.approx(14.1, abs=0.05)


def test_the_address_of_the_stylesheet_changes_with_the_colour_and_it_sets_brand_tokens_only() -> None:
    assert stylesheet("#0F5C63").digest != stylesheet("#E4002B").digest
    names = {part.split(":")[0] for part in stylesheet("#E4002B").css.replace("{", ";").split(";") if part[:2] == "--"}
    assert names == {"--f-brand", "--f-brand-hover", "--f-on-brand"}
