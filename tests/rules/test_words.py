"""The same sentence in bokmål, nynorsk and English: words, dates, amounts and numbers."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from saas.rules import words
from saas.rules.explain import explain, statement
from saas.rules.facts import DEFAULT_POLICY, Stage, Step
from saas.rules.plan import decide_deferral
from saas.rules.steps import permission
from saas.rules.words import (
    Amount,
    Kroner,
    Lowered,
    Percent,
    Words,
    all_in_language,
    catalogue,
    in_language,
    joined,
    say,
)
from tests.rules.builders import case, claim, day, noticed, reminder

DAY = date(2026, 10, 13)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def said(text: str) -> list[str]:
    return [plain(in_language(text, language)) for language in ("nb", "nn", "en")]


# --- values ---------------------------------------------------------------------------------------------------------


def test_an_amount_is_written_the_way_of_each_language_and_never_breaks_over_a_line():
    amount = say("{amount}", amount=Kroner(156_872))
    assert in_language(amount, "nb") == in_language(amount, "nn") == "1\u00a0568,72\u00a0kr"
    assert in_language(amount, "en") == "NOK\u00a01,568.72"


@pytest.mark.parametrize(
    ("value", "in_norwegian", "in_english"),
    [
        (Kroner(0), "0,00 kr", "NOK 0.00"),
        (Kroner(-100_005), "−1 000,05 kr", "NOK −1,000.05"),
        (Amount(123_456_789), "1 234 567,89", "1,234,567.89"),
        (Percent(Decimal("12.25")), "12,25 %", "12.25 %"),
        (Decimal("0.4"), "0,4", "0.4"),
        (DAY, "13. oktober 2026", "13 October 2026"),
        (date(2026, 5, 1), "1. mai 2026", "1 May 2026"),
        (14, "14", "14"),
    ],
)
def test_numbers_and_dates_follow_the_language(value: object, in_norwegian: str, in_english: str):
    assert said(say("{value}", value=value)) == [in_norwegian, in_norwegian, in_english]


def test_a_name_inside_a_sentence_begins_with_a_small_letter_unless_it_is_an_abbreviation():
    assert said(say("{name}", name=Lowered(say("Betalingsoppfordring")))) == [
        "betalingsoppfordring",
        "betalingsoppmoding",
        "demand for payment (betalingsoppfordring)",
    ]
    assert say("{name}", name=Lowered("KID")) == "KID"


# --- sentences ------------------------------------------------------------------------------------------------------


def test_an_explanation_in_three_languages(law):
    line = explain(claim(10_000, "2024-06-15"), day("2024-06-27"), law)[1]
    assert said(line.words) == [
        "12,50 % av 10 000,00 kr i 12 dager av 366, fra 15. juni 2024 til 27. juni 2024.",
        "12,50 % av 10 000,00 kr i 12 dagar av 366, frå 15. juni 2024 til 27. juni 2024.",
        "12.50 % of NOK 10,000.00 for 12 days out of 366, from 15 June 2024 to 27 June 2024.",
    ]
    assert said(line.formula) == [
        "10 000,00 × 12,50 % × 12 / 366 = 40,98",
        "10 000,00 × 12,50 % × 12 / 366 = 40,98",
        "10,000.00 × 12.50 % × 12 / 366 = 40.98",
    ]


def test_a_statement_can_be_said_whole(law):
    facts = case(claim(1240, "2026-05-18"), notices=(reminder("2026-06-02", "2026-06-19"),), stage=Stage.REMINDED)
    sheet = all_in_language(statement(facts, day("2026-05-19"), law), "nn")
    assert sheet.total_ore == sum(line.amount_ore for line in sheet.lines)
    assert [plain(line.how) for line in sheet.lines] == [
        "Faktura 10040001 med forfall 18. mai 2026.",
        "12,00 % av 1 240,00 kr i 1 dag av 365",
        "Gebyr for purring sendt 2. juni 2026.",
    ]


def test_a_refusal_in_three_languages(law):
    because = permission(Step.PAYMENT_DEMAND, noticed(), day("2026-10-15"), law, DEFAULT_POLICY)
    assert said(because.message) == [
        "Fristen i inkassovarselet er 13. oktober 2026. Betalinger bruker noen dager, "
        "så neste steg kan tidligst tas 19. oktober 2026.",
        "Fristen i inkassovarselet er 13. oktober 2026. Betalingar bruker nokre dagar, "
        "så neste steg kan tidlegast takast 19. oktober 2026.",
        "The deadline in the collection warning is 13 October 2026. Payments take some days, "
        "so the next step can be taken on 19 October 2026 at the earliest.",
    ]


def test_a_request_for_more_time_is_answered_in_three_languages():
    (because,) = decide_deferral(day("2026-12-31"), day("2026-12-01"), case()).because
    assert said(because.message) == [
        "Du kan selv få opptil 14 dager. Et lengre ønske ser en saksbehandler på.",
        "Du kan sjølv få opptil 14 dagar. Eit lengre ønske ser ein saksbehandlar på.",
        "You can get up to 14 days yourself. A case handler looks at a longer request.",
    ]


def test_the_costs_of_a_step_are_explained_in_three_languages(law):
    (cost,) = permission(Step.PAYMENT_DEMAND, noticed(), day("2026-10-20"), law, DEFAULT_POLICY).costs
    assert said(cost.explanation) == [
        "Lavt salær: 0,8 × 750,00 kr = 600,00 kr for alle kostnader minus 38,00 kr i gebyrer = 562,00 kr.",
        "Lågt salær: 0,8 × 750,00 kr = 600,00 kr for alle kostnader minus 38,00 kr i gebyr = 562,00 kr.",
        "Collection fee, lower rate: 0.8 × NOK 750.00 = NOK 600.00 for all costs less NOK 38.00 in reminder fees "
        "= NOK 562.00.",
    ]


def test_words_inside_words_are_said_in_the_language_too():
    first = say("Saken er avsluttet.")
    assert said(joined([first, say("Det gjelder til og med {day}.", day=DAY)]))[1:] == [
        "Saka er avslutta. Det gjeld til og med 13. oktober 2026.",
        "The case is closed. This lasts until and including 13 October 2026.",
    ]


# --- what is not translated -----------------------------------------------------------------------------------------


def test_text_that_is_not_ours_comes_back_as_it_is():
    assert said("Ola sin faktura") == ["Ola sin faktura"] * 3
    assert said(say("{amount} til {who}", amount=Kroner(100), who="Ola")) == ["1,00 kr til Ola"] * 3


def test_a_sentence_without_a_translation_is_bokmaal_from_end_to_end():
    assert (
        said(say("Ukjent setning {day}, {letter}.", day=DAY, letter=say("purringen")))
        == ["Ukjent setning 13. oktober 2026, purringen."] * 3
    )


def test_another_language_is_refused():
    with pytest.raises(ValueError, match="nb, nn, en"):
        in_language(say("Alt er betalt."), "sv")


def test_words_stay_words_when_copied_and_when_a_library_fills_in_its_messages():
    message = say("Fristen {deadline_on} i {letter} er ute.", deadline_on=DAY, letter=say("purringen"))
    for same in (deepcopy(message), message.format(input="x")):
        assert isinstance(same, Words)
        assert in_language(same, "en") == "The deadline 13 October 2026 in the reminder is over."


def test_an_answer_is_said_with_everything_in_it_and_nothing_else_changed():
    @dataclass(frozen=True, slots=True)
    class Answer:
        step: Step
        lines: tuple[Words, ...]
        errors: dict[str, list[str]]

    answer = Answer(Step.REMINDER, (say("Alt er betalt."),), {"a": [say("Saken er avsluttet."), "Ola"]})
    assert all_in_language(answer, "nb") is answer
    nynorsk = all_in_language(answer, "nn")
    assert (nynorsk.step, nynorsk.lines, nynorsk.errors) == (
        Step.REMINDER,
        ("Alt er betalt.",),
        {"a": ["Saka er avslutta.", "Ola"]},
    )


def test_others_bring_translations_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(words, "_FOLDERS", list(words._FOLDERS))
    folder = tmp_path / "nn" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "more.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Hvem er du?"\nmsgstr "Kven er du?"\n')
    try:
        words.add_translations(tmp_path)
        assert said(say("Hvem er du?")) == ["Hvem er du?", "Kven er du?", "Hvem er du?"]
    finally:
        catalogue.cache_clear()
