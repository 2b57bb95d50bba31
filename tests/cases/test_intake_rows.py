"""What a row means: one schema for API, form and file. Every kind of bad input has words that name the field."""

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from stdnum.no import fodselsnummer

from saas.cases.reading import MAX_ORE, Unreadable, clean_text, mask_national_id, read_amount, read_date
from saas.cases.schemas import ClaimInput, ClaimSchema, handed_in_notices
from saas.rules.facts import Step
from saas.rules.money import kroner

TODAY = date(2026, 3, 2)
PROOF = "ab" * 32
ROW = {
    "debtor_kind": "person",
    "debtor_name": "Kari Prøve",
    "invoice_number": "F-1",
    "invoiced_on": "20.01.2026",
    "due_on": "10.02.2026",
    "amount": "1 240,00",
}


def load(*, synthetic_ids: bool = False, **changes: Any) -> ClaimInput:
    claim = ClaimSchema(today=TODAY, synthetic_ids=synthetic_ids).load(ROW | changes)
    assert isinstance(claim, ClaimInput)
    return claim


def errors_of(**changes: Any) -> dict[str, Any]:
    with pytest.raises(ValidationError) as told:
        load(**changes)
    return told.value.normalized_messages()


def national_id(start: str) -> str:
    """A number with right check digits that begins with these six digits."""
    for individual in range(499):
        number = f"{start}{individual:03d}"
        first = fodselsnummer.calc_check_digit1(number)
        last = fodselsnummer.calc_check_digit2(number + first)
        if len(first + last) == 2:
            return number + first + last
    raise AssertionError(start)


# --- amounts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "ore"),
    [
        ("1234,5", 123450),
        ("1234,50", 123450),
        ("1234.5", 123450),
        ("1 234,50", 123450),
        ("1\u00a0234,50", 123450),
        ("1\u202f234,50", 123450),
        ("1.234,50", 123450),
        ("1,234.50", 123450),
        ("1.234", 123400),
        ("1.234.567", 123456700),
        ("kr 500,-", 50000),
        ("500 kr", 50000),
        ("NOK 500.-", 50000),
        ("Kr. 500", 50000),
        ("0,01", 1),
        ("12.34", 1234),
        ("007", 700),
        (1240, 124000),
        (1240.5, 124050),
        (0.1, 10),
        ("10 000 000 000", MAX_ORE),
    ],
)
def test_amounts_are_read_the_way_people_write_them(typed: Any, ore: int) -> None:
    assert load(amount=typed).amount == ore


@pytest.mark.parametrize(
    "typed",
    ["0", "0,00", "-500", "−500", "500-", "1,234", "12,345", "1.23.4", "1,2,3", "abc", "kr", ",5", "5,", "1e3", "∞",
     "10 000 000 000,01", "9" * 39, "9" * 41, "+5", 0, -1, 1.005, 1e300, float("nan"), float("inf"), True, [], {}],
)  # fmt: skip
def test_an_amount_that_is_nothing_negative_or_unclear_is_told_so(typed: Any) -> None:
    (message,) = errors_of(amount=typed)["amount"]
    assert message.startswith("Beløp ")


@given(st.integers(1, MAX_ORE))
def test_any_amount_we_print_is_read_back(ore: int) -> None:
    assert read_amount(clean_text(kroner(ore))) == ore
    assert read_amount(f"{ore // 100}.{ore % 100:02d}") == ore


@given(st.text(max_size=60))
def test_no_text_at_all_makes_a_reader_fail_in_an_unforeseen_way(text: str) -> None:
    for name in ClaimSchema._declared_fields:
        problems = ClaimSchema(today=TODAY).validate(ROW | {name: text})
        assert all(isinstance(message, str) for found in problems.values() for message in found)


# --- dates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["10.02.2026", "10.2.26", "2026-02-10", " 10.02.2026 ", "10/02/2026", "10-02-2026"])
def test_dates_are_read_norwegian_and_iso(typed: str) -> None:
    assert load(due_on=typed).due_on == date(2026, 2, 10)


@pytest.mark.parametrize("typed", ["31.02.2026", "29.02.2025", "2026-13-01", "i går", "10.02", "20260210", 20260210])
def test_a_day_that_is_not_one_is_told_so(typed: Any) -> None:
    (message,) = errors_of(due_on=typed)["due_on"]
    assert message.startswith("Forfallsdato ")


@pytest.mark.parametrize(
    ("invoiced_on", "due_on", "field"),
    [
        ("20.01.2026", "19.01.2026", "due_on"),  # falls due before it is sent
        ("03.03.2026", "20.03.2026", "invoiced_on"),  # not sent yet
        ("20.01.2026", "03.03.2028", "due_on"),  # more than two years ahead
        ("01.01.1996", "01.03.1996", "due_on"),  # more than thirty years old
        ("01.01.1926", "01.02.1926", "due_on"),
        ("01.01.0206", "01.02.0206", "due_on"),
    ],
)
def test_dates_that_cannot_be_right_together_name_the_one_to_look_at(invoiced_on: str, due_on: str, field: str) -> None:
    assert list(errors_of(invoiced_on=invoiced_on, due_on=due_on)) == [field]


def test_a_claim_not_yet_due_and_one_just_within_the_limits_are_taken() -> None:
    assert load(due_on="02.03.2028").due_on == date(2028, 3, 2)
    assert load(invoiced_on="01.02.1996", due_on="02.03.1996").due_on == date(1996, 3, 2)


def test_no_claim_is_older_than_the_first_late_interest_rate_known() -> None:
    row = ROW | {"invoiced_on": "1.12.1993", "due_on": "31.12.1993"}
    with pytest.raises(ValidationError, match=r"01\.01\.1994"):
        ClaimSchema(today=date(2020, 1, 1)).load(row)


@given(st.text(max_size=12))
def test_a_text_is_a_date_or_is_said_not_to_be(text: str) -> None:
    with suppress(Unreadable):
        assert isinstance(read_date(text), date)


# --- who owes -------------------------------------------------------------------------------------------------------

BORN, D_NUMBER = national_id("010190"), national_id("410190")


@pytest.mark.parametrize("typed", [BORN, D_NUMBER, f"{BORN[:6]} {BORN[6:]}", f"\u00a0{BORN}\u200b", int(D_NUMBER)])
def test_national_ids_and_d_numbers_are_taken_with_blanks(typed: Any) -> None:
    assert load(national_id=typed).national_id in (BORN, D_NUMBER)


@pytest.mark.parametrize("start", ["018190", "014190", "418190"])
def test_test_numbers_are_taken_in_a_sandbox_and_nowhere_else(start: str) -> None:
    number = national_id(start)
    assert load(national_id=number, synthetic_ids=True).national_id == number
    assert list(errors_of(national_id=number)) == ["national_id"]


@pytest.mark.parametrize("number", ["08907395937", "25876099732"])
def test_the_authorities_own_test_numbers_are_taken_in_a_sandbox(number: str) -> None:
    assert load(national_id=number, synthetic_ids=True).national_id == number


def test_a_wrong_national_id_is_told_without_repeating_it() -> None:
    wrong = BORN[:-1] + str((int(BORN[-1]) + 1) % 10)
    for typed in (wrong, "310290" + BORN[6:], "12345", "1" * 11, "٠" * 11, "a" * 11):
        errors = errors_of(national_id=typed)
        assert list(errors) == ["national_id"]
        assert typed not in str(errors)
    assert mask_national_id(BORN) == "010190 *****"


@pytest.mark.parametrize("typed", ["923609016", "923 609 016", "NO 923 609 016 MVA", 923609016])
def test_organisation_numbers_are_taken_as_written(typed: Any) -> None:
    assert load(debtor_kind="bedrift", orgnr=typed).orgnr == "923609016"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"orgnr": "923609017", "debtor_kind": "company"}, "orgnr"),
        ({"orgnr": "923609016"}, "orgnr"),  # a person has none
        ({"national_id": BORN, "debtor_kind": "company"}, "national_id"),
        ({"debtor_kind": "hund"}, "debtor_kind"),
        ({"kind": "avis"}, "kind"),
        ({"language": "fr"}, "language"),
        ({"postcode": "155"}, "postcode"),
        ({"postcode": "O155"}, "postcode"),
        ({"postcode": "٠١٢٣"}, "postcode"),
        ({"country": "Narnia"}, "country"),
        ({"email": "kari"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"kid": "12345678"}, "kid"),
        ({"kid": "1"}, "kid"),
        ({"kid": "1" * 26}, "kid"),
        ({"active_contract": "kanskje"}, "active_contract"),
        ({"vulnerable": 2}, "vulnerable"),
        ({"debtor_name": "Kari\x00Prøve"}, "debtor_name"),
        ({"debtor_name": "Kari\x1bPrøve"}, "debtor_name"),
        ({"debtor_name": "\ud800"}, "debtor_name"),
        ({"debtor_name": "\ue000"}, "debtor_name"),
        ({"debtor_name": "K" * 201}, "debtor_name"),
        ({"debtor_name": 1.5}, "debtor_name"),
        ({"debtor_name": ["Kari"]}, "debtor_name"),
        ({"invoice_number": "F" * 51}, "invoice_number"),
        ({"invoice_number": "  "}, "invoice_number"),
        ({"debtor_name": None}, "debtor_name"),
        ({"address": "a\nb\nc\nd\ne"}, "address"),
        ({"notice_sent_on": "03.03.2026"}, "notice_sent_on"),
        ({"reminder_fee": "gratis"}, "reminder_fee"),
        ({"beløp": "5"}, "beløp"),
    ],
)
def test_each_bad_field_is_named_and_no_other(changes: dict[str, Any], field: str) -> None:
    errors = errors_of(**changes)
    assert list(errors) == [field]
    assert all(message.endswith(".") for message in errors[field])


def test_every_missing_field_is_asked_for_by_its_own_name() -> None:
    with pytest.raises(ValidationError) as told:
        ClaimSchema(today=TODAY).load({})
    assert told.value.normalized_messages() == {
        "debtor_kind": ["Fyll ut type skyldner."],
        "debtor_name": ["Fyll ut navn på skyldner."],
        "invoice_number": ["Fyll ut fakturanummer."],
        "invoiced_on": ["Fyll ut fakturadato."],
        "due_on": ["Fyll ut forfallsdato."],
        "amount": ["Fyll ut beløp."],
    }


@pytest.mark.parametrize("row", [None, [], "tekst", 5])
def test_what_is_not_a_row_is_said_not_to_be(row: Any) -> None:
    with pytest.raises(ValidationError, match="objekt"):
        ClaimSchema(today=TODAY).load(row)


def test_blanks_of_every_kind_are_stripped_and_blank_fields_are_no_answer() -> None:
    claim = load(
        debtor_name="\ufeff Kari\u00a0\u00a0 Prøve\u200b\t",
        city="",
        kid=" ",
        active_contract=None,
        address="Gate 1\r\n\n 2",
    )
    assert (claim.debtor_name, claim.city, claim.kid, claim.active_contract) == ("Kari Prøve", "", "", None)
    assert claim.address_lines == ["Gate 1", "2"]


def test_a_letter_with_its_accent_apart_is_the_same_name() -> None:
    assert load(debtor_name="A\u030ase").debtor_name == "Åse"


def test_a_foreign_address_keeps_its_own_postcode() -> None:
    claim = load(country="Sverige", postcode="123 45", city="Årjäng", address="Gatan 1")
    assert (claim.country, claim.postcode, claim.postable) == ("SE", "12345", True)


def test_what_is_left_out_stands_at_the_default() -> None:
    claim = load()
    assert (claim.kind, claim.country, claim.language, claim.vulnerable) == ("other", "NO", "nb", False)
    assert not claim.postable


@pytest.mark.parametrize(("typed", "meant"), [("ja", True), ("NEI", False), (True, True), (False, False), ("", None)])
def test_a_contract_is_known_to_run_known_to_be_over_or_not_known(typed: Any, meant: bool | None) -> None:
    assert load(active_contract=typed).active_contract is meant


def test_every_field_has_what_a_form_needs() -> None:
    for name, field in ClaimSchema._declared_fields.items():
        assert {"label", "section"} <= set(field.metadata), name


def test_loading_without_a_day_is_our_own_mistake() -> None:
    with pytest.raises(RuntimeError, match="today"):
        ClaimSchema().load(ROW)


# --- letters sent before ---------------------------------------------------------------------------------------------


def notice(**changes: Any) -> dict[str, Any]:
    row = {
        "notice_sent_on": "11.02.2026",
        "notice_deadline_on": "25.02.2026",
        "notice_fee": "38",
        "notice_proof": PROOF,
    }
    return row | changes


def test_letters_with_dates_and_proof_count_oldest_first() -> None:
    row = notice(reminder_sent_on="24.02.2026", reminder_deadline_on="10.03.2026", reminder_proof=PROOF.upper())
    counted, notes = handed_in_notices(load(**row))
    assert [(n.step, n.fee_ore, n.proof) for n in counted] == [
        (Step.COLLECTION_NOTICE, 3800, PROOF),
        (Step.REMINDER, 0, PROOF),
    ]
    assert notes == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"notice_proof": ""}, "bevis"),
        ({"notice_proof": "sendt"}, "bevis"),
        ({"notice_proof": "g" * 64}, "bevis"),
        ({"notice_sent_on": ""}, "dato"),
        ({"notice_deadline_on": ""}, "frist"),
        ({"notice_sent_on": "10.02.2026"}, "forfalt"),  # on the due date itself
        ({"notice_deadline_on": "10.02.2026"}, "frist"),
        ({"notice_deadline_on": "24.02.2026"}, "14 dager"),
    ],
)
def test_a_collection_notice_that_lacks_something_does_not_count_and_says_why(
    changes: dict[str, Any], word: str
) -> None:
    counted, notes = handed_in_notices(load(**notice(**changes)))
    assert counted == []
    assert len(notes) == 1
    assert word in notes[0]


def test_a_reminder_may_have_a_short_deadline() -> None:
    claim = load(reminder_sent_on="11.02.2026", reminder_deadline_on="18.02.2026", reminder_proof=PROOF)
    assert [n.step for n in handed_in_notices(claim)[0]] == [Step.REMINDER]
