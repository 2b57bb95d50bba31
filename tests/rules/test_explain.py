from dataclasses import replace

import pytest

from saas.rules.explain import explain, statement
from saas.rules.facts import Pause, Stage
from saas.rules.law import UnknownLaw
from saas.rules.money import ore_of_kroner
from tests.rules.builders import case, claim, collection_notice, day, demanded, reminder


def shown(statement_line):
    return statement_line.how.replace("\u00a0", " ")


def test_every_line_says_how_it_came_about(law):
    """B1, C2, C3, C4, C6, C8."""
    facts = case(claim(1240, "2026-05-18"), notices=(reminder("2026-06-02", "2026-06-19"),), stage=Stage.REMINDED)
    lines = statement(facts, day("2026-06-30"), law).lines
    assert [(line.label, line.amount_ore, shown(line)) for line in lines] == [
        ("principal", 124_000, "Faktura 10040001 med forfall 18. mai 2026."),
        ("interest", 1753, "12,00 % av 1 240,00 kr i 43 dager av 365"),
        ("notice_fee", 3800, "Gebyr for purring sendt 2. juni 2026."),
    ]


def test_a_single_day_is_written_as_one_day(law):
    """C2, C3, C4, C6."""
    lines = statement(case(claim(1240, "2026-05-18")), day("2026-05-19"), law).lines
    assert shown(lines[1]) == "12,00 % av 1 240,00 kr i 1 dag av 365"


def test_the_total_is_the_sum_of_the_lines_and_payments_are_taken_off(law):
    """B23, C8."""
    facts = case(
        claim(10_000, "2025-06-15", paid=(("2025-06-20", 2000),), nth=1),
        claim(3000, "2025-08-14", nth=2),
        notices=(collection_notice("2025-09-15", "2025-09-29", 3500),),
        stage=Stage.DEMANDED,
        charged_collection_fee_ore=84_500,
    )
    sheet = statement(facts, day("2025-11-21"), law, payments=((day("2025-06-20"), ore_of_kroner(2000)),))
    assert sheet.total_ore == sum(line.amount_ore for line in sheet.lines)
    assert sheet.sum_ore("payment") == -200_000
    assert sheet.sum_ore("principal") == 1_300_000
    assert sheet.sum_ore("notice_fee", "collection_fee") == 88_000
    assert sheet.sum_ore("interest") == sheet.total_ore - 1_300_000 - 88_000 + 200_000 > 0


def test_a_fee_booked_for_a_letter_under_way_and_a_fee_taken_away_are_told(law):
    """B1."""
    sent = (reminder("2026-09-30", "2026-10-16"),)
    booked = statement(case(notices=sent, charged_notice_fees_ore=7600), day("2026-10-20"), law)
    assert booked.sum_ore("notice_fee") == 7600
    assert "på vei" in booked.lines[-1].how
    removed = statement(case(notices=sent, charged_notice_fees_ore=0), day("2026-10-20"), law)
    assert removed.sum_ore("notice_fee") == 0
    assert "tatt bort" in removed.lines[-1].how


def test_the_collection_fee_stands_once(law):
    """B23."""
    sheet = statement(demanded(), day("2026-11-01"), law)
    assert sheet.sum_ore("collection_fee") == ore_of_kroner(562)
    assert sheet.sum_ore("notice_fee") == ore_of_kroner(38)


def test_a_statement_past_the_last_known_day_is_an_error(law):
    """C1."""
    known = statement(case(claim(1240, "2026-12-01")), day("2027-01-01"), law)
    assert known.sum_ore("interest") == 1_290
    with pytest.raises(UnknownLaw):
        statement(case(claim(1240, "2026-12-01")), day("2027-01-02"), law)
    assert explain(claim(1240, "2026-12-01"), day("2027-01-01"), law)[-1].amount_ore == 1_290
    with pytest.raises(UnknownLaw):
        explain(claim(1240, "2026-12-01"), day("2027-01-02"), law)


def test_a_statement_follows_the_day_basis_asked_for(law):
    """C5."""
    facts = case(claim(10_000, "2024-06-15"))
    amounts = [statement(facts, day("2024-06-27"), law, basis).sum_ore("interest") for basis in ("act/act", "fixed365")]
    assert amounts == [4_098, 4_110]
    told = [explain(facts.claims[0], day("2024-06-27"), law, basis)[-1].amount_ore for basis in ("act/act", "fixed365")]
    assert told == amounts


def test_a_claim_is_explained_with_the_rate_of_each_half_year(law):
    """C2: W2."""
    lines = explain(claim("12345.67", "2025-06-10"), day("2025-07-20"), law)
    assert [(str(x.rate_percent), x.amount_ore) for x in lines[1:]] == [("12.50", 8_879), ("12.25", 7_872)]
    (before,) = explain(claim("12345.67", "2025-06-10"), day("2025-07-01"), law)[1:]
    assert before.amount_ore == 8_879


def test_compensation_claimed_from_a_business_is_a_line_of_its_own(law):
    """B15, C9."""
    sheet = statement(case(charged_compensation_ore=ore_of_kroner(430)), day("2026-10-20"), law)
    assert [line.rule_ids for line in sheet.lines if line.label == "compensation"] == [("C9", "B15")]
    assert sheet.sum_ore("compensation") == 43_000
    assert statement(case(), day("2026-10-20"), law).sum_ore("compensation") == 0


def test_a_pause_of_interest_is_told_as_a_line_without_an_amount(law):
    """C7."""
    owed = claim(10_000, "2026-03-15")
    held = replace(owed, interest_pauses=(Pause(day("2026-03-20"), day("2026-04-01"), "objection_upheld"),))
    lines = explain(held, day("2026-04-11"), law)
    assert [(line.amount_ore, line.rule_ids) for line in lines[1:]] == [
        (1_644, ("C2", "C4", "C5", "C8")),
        (0, ("C7",)),
        (3_288, ("C2", "C4", "C5", "C8")),
    ]
    assert "innsigelsen din ble tatt til følge" in lines[2].words
    assert len(explain(owed, day("2026-04-11"), law)) == 2
