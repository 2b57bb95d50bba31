"""Nothing that others may read tells that it is about a debt."""

import pytest

from saas.rules.discretion import what_it_reveals


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Du har fått et brev fra Fjord.",
        "Hei. Du har fått et brev. Logg inn på fjord.example/x7Qa eller ring 22 00 00 00.",
        "Det gjelder deg. Svar innen 8. desember 2026 kl. 12.00.",
        "Your code is 4711. Valid until 08.12.2026.",
        "Kroken 3, 0155 Oslo",
        "Logg inn for å sjå kva brevet gjeld.",
    ],
)
def test_a_text_that_tells_nothing_may_be_seen(text):
    assert what_it_reveals(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Brev fra Fjord Inkasso",
        "INKASSOVARSEL",
        "https://fjord-inkasso.no/brev",
        "Fjordinkasso",
        "in\u00adkasso",
        "in\u200bkasso",
        "\uff49\uff4e\uff4b\uff41\uff53\uff53\uff4f",
        "Purring på faktura",
        "Betalingsoppfordring",
        "Betalingsoppmoding",
        "Din gjeld",
        "Gjelden din",
        "Gjelda di",
        "Debt notice",
        "A letter from the collection agency",
    ],
)
def test_a_text_that_names_the_matter_may_not(text):
    assert what_it_reveals(text) == "names_collection"


@pytest.mark.parametrize(
    "text",
    ["Betal 1568,72", "1 568,72 innen fredag", "kr 500", "kr. 500", "500 kr", "500kr", "500 kroner", "NOK 500", "500,-",
     "1\u00a0568,72", "1\u202f568 kroner"],
)  # fmt: skip
def test_a_text_with_a_sum_may_not(text):
    assert what_it_reveals(text) == "names_sum"
