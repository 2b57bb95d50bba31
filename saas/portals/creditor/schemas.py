"""What people at the desks type, and the words for the choices of a claim."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from marshmallow import Schema, fields, validate

CLAIM_CHOICES: Mapping[str, Mapping[str, str]] = {
    "debtor_kind": {"person": "Privatperson", "sole_trader": "Enkeltpersonforetak", "company": "Selskap"},
    "kind": {"electricity": "Strøm", "grid": "Nettleie", "other": "Annet"},
    "language": {"nb": "Bokmål", "nn": "Nynorsk", "en": "Engelsk"},
    "active_contract": {"ja": "Ja, avtalen løper", "nei": "Nei, avtalen er avsluttet"},
    "vulnerable": {"ja": "Ja, en saksbehandler må se på saken først", "nei": "Nei, ikke som vi vet"},
}
PROOFS = ("reminder_proof", "notice_proof")
"""Fields that hold the hash of a document; a person hands in the document itself."""


class SignInSchema(Schema):
    """E-mail address and password."""

    email = fields.String(
        required=True,
        validate=validate.Length(max=254),
        metadata={
            "label": "E-post",
            "width": 40,
            "autocomplete": "username",
            "inputmode": "email",
            "input": "email",
        },
    )
    password = fields.String(
        required=True,
        validate=validate.Length(max=256),
        metadata={"label": "Passord", "width": 40, "autocomplete": "current-password", "input": "password"},
    )


def creditor_schema(creditors: Sequence[tuple[UUID, str]]) -> Schema:
    """Staff choose whose claim it is."""
    choices = validate.OneOf([str(creditor_id) for creditor_id, _ in creditors], [name for _, name in creditors])
    about = {"label": "Oppdragsgiver", "section": "Oppdragsgiver", "input": "select", "width": 40}
    field = fields.String(required=True, validate=choices, metadata=about)
    return Schema.from_dict({"creditor": field}, name="CreditorSchema")()
