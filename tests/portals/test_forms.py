"""One schema, one form: labels, help, errors and typed values from the schema's own metadata."""

from datetime import date

from marshmallow import Schema, fields, validate

from saas.cases.schemas import ClaimSchema
from saas.portals.shared.forms import form_of, iso_day, plain_values, read_form


class _Schema(Schema):
    day = fields.Date(required=True, metadata={"label": "Dato", "help": "Velg en dag.", "example": "2026-12-08"})
    kind = fields.String(
        required=True, validate=validate.OneOf(["a", "b"], ["Alfa", "Beta"]), metadata={"label": "Type"}
    )
    yes = fields.Boolean(metadata={"label": "Ja takk"})


def test_a_day_is_taken_the_way_people_write_it() -> None:
    assert [iso_day(text) for text in ("8.12.26", "08.12.2026", "8/12 2026", "2026-12-08", "i morgen")] == [
        "2026-12-08", "2026-12-08", "2026-12-08", "2026-12-08", "i morgen",
    ]  # fmt: skip


def test_what_is_typed_comes_out_as_the_api_would_have_sent_it() -> None:
    data, errors = read_form(_Schema(), {"day": "8.12.26", "kind": "a", "yes": "on"})
    assert (data, errors) == ({"day": date(2026, 12, 8), "kind": "a", "yes": True}, {})


def test_an_error_is_said_in_the_words_of_the_label_and_what_was_typed_stays() -> None:
    typed = {"day": "igår", "kind": ""}
    _, errors = read_form(_Schema(), typed)
    form = form_of(_Schema(), typed, errors)
    assert [(f.name, f.error) for f in form.wrong] == [
        ("day", "Skriv datoen som dag.måned.år, for eksempel 08.12.2026."),
        ("kind", "Fyll ut type."),
    ]
    assert form.fields[0].value == "igår"
    assert form.fields[0].described_by == "day-error day-help"


def test_choices_are_drawn_in_words() -> None:
    kind = form_of(_Schema(), {"kind": "b"}).fields[1]
    assert (kind.input, kind.choices, kind.shown) == ("radio", (("a", "Alfa"), ("b", "Beta")), "Beta")


def test_an_error_that_belongs_to_no_field_stands_in_the_summary() -> None:
    assert form_of(_Schema(), {}, {"_schema": ["Noe annet."]}).general_errors == ("Noe annet.",)


def test_every_field_of_a_claim_has_a_label_and_empty_fields_are_not_sent() -> None:
    schema = ClaimSchema(today=date(2026, 3, 6))
    form = form_of(schema)
    assert all(field.label and field.label != field.name for field in form.fields)
    assert {field.name for field in form.fields} == set(ClaimSchema._declared_fields)
    assert plain_values(schema, {"debtor_name": " Kari ", "city": " "}) == {"debtor_name": "Kari"}
