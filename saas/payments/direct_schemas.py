"""A payment made straight to the creditor, as it comes in: ONE schema for the form, the API and each row of a file."""

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates

from saas.cases.objection_schemas import Kroner
from saas.cases.small_fields import Day, which_case


class DirectPaymentSchema(Schema):
    """What the debtor paid to the creditor's own account, and when (law D5)."""

    amount = Kroner(
        required=True,
        metadata={
            "label": "Beløp",
            "help": "Det som kom inn på deres konto, i kroner.",
            "description": "Kroner, as text: 1 240,00.",
            "example": "1 240,00",
            "width": 12,
            "inputmode": "decimal",
            "input": "text",
        },
    )
    paid_on = Day(
        required=True,
        metadata={
            "label": "Betalt dato",
            "help": "Dagen pengene kom inn på deres konto.",
            "description": "The day the money came in.",
            "example": "2026-03-05",
            "width": 12,
            "inputmode": "text",
        },
    )
    reference = fields.String(
        load_default="",
        validate=[validate.Length(max=60), validate.Predicate("isprintable", error="Skriv på én linje.")],
        metadata={
            "label": "Deres referanse",
            "help": "For eksempel bilagsnummeret. Meldes samme referanse igjen, telles betalingen bare én gang.",
            "description": "Yours, of this payment: told again, it counts once.",
            "example": "Bilag 2026-118",
            "width": 24,
        },
    )

    def __init__(self, *, today: date | None = None, **more: Any) -> None:
        super().__init__(**more)
        self._today = today

    @validates("amount")
    def _above_nothing(self, value: int, data_key: str) -> None:
        if value <= 0:
            raise ValidationError("Skriv et beløp over null, for eksempel 500,00.")

    @validates("paid_on")
    def _not_ahead(self, value: date, data_key: str) -> None:
        if self._today is not None and value > self._today:
            raise ValidationError("Datoen kan ikke være fram i tid.")


class DirectPaymentRow(DirectPaymentSchema):
    """A row of a file: the case is named by its number, or by the invoice."""

    class Meta:
        """The two fields beside what is told of a payment."""

        include = which_case()
