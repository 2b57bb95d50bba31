"""Fields that rows of a creditor's small files share; they forgive the way people write."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from saas.cases import reading


class CaseNumber(fields.Integer):
    """A case number as people write it; spaces are forgiven."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        return super()._deserialize("".join(value.split()) if isinstance(value, str) else value, attr, data, **more)


class Day(fields.Date):
    """A day as people write it, or ISO."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        try:
            return reading.read_date(reading.clean_text(str(value)))
        except reading.Unreadable:
            raise ValidationError("Skriv datoen som dag.måned.år, for eksempel 08.12.2026.") from None


def which_case() -> dict[str, fields.Field]:
    """The two fields that name a case: its number, or one of its invoices."""
    return {
        "case_number": CaseNumber(
            load_default=None,
            allow_none=True,
            validate=validate.Range(0, 2**63 - 1),
            metadata={
                "label": "Saksnummer", "description": "Or the invoice number.", "example": "1000001", "width": 12,
            },
        ),
        "invoice_number": fields.String(
            load_default="",
            validate=[validate.Length(max=100), validate.ContainsNoneOf("\x00")],
            metadata={
                "label": "Fakturanummer", "description": "Or the case number.", "example": "10045521", "width": 24,
            },
        ),
    }  # fmt: skip
