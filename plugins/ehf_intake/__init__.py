"""Unpaid EHF invoices as claims: what the creditor sent its customer is what is read, with no retyping."""

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from plugins.ehf_intake.reader import EhfFiles
from saas.hooks import IntakeFormat, Level, hookimpl


class EhfIntake:
    """Reads EHF Billing 3.0 (Peppol BIS): single invoices, or many in a zip file."""

    slug: ClassVar[str] = "ehf_intake"
    name: ClassVar[str] = "EHF-fakturaer"
    description: ClassVar[str] = "Tar imot ubetalte EHF-fakturaer som krav, én om gangen eller mange i en zip-fil."
    level: ClassVar[Level] = Level.BOTH
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """Whose invoices, and what they are for."""

        supplier_orgnrs = fields.List(
            fields.String(validate=validate.Regexp(r"[0-9]{9}\Z", error="Skriv ni siffer uten mellomrom.")),
            load_default=list,
            validate=validate.Length(max=50),
            metadata={
                "label": "Hvem fakturaene er fra",
                "help": "Organisasjonsnumre. Fakturaer fra andre avvises. Tomt: alle tas imot.",
                "example": ["987654325"],
            },
        )
        kind = fields.String(
            load_default="other",
            validate=validate.OneOf(["electricity", "grid", "other"], labels=["Strøm", "Nettleie", "Annet"]),
            metadata={"label": "Type krav", "help": "Det fakturaene gjelder.", "example": "electricity"},
        )
        metering_points = fields.Boolean(
            load_default=False,
            metadata={
                "label": "Ta med målepunkt",
                "help": "Når tillegget «Aktiv strømavtale» er på, som har feltet for det.",
                "example": True,
            },
        )

    def __init__(self, settings: dict[str, Any]) -> None:
        self._files = EhfFiles(frozenset(settings["supplier_orgnrs"]), settings["kind"], settings["metering_points"])

    @hookimpl
    def provide_intake_formats(self) -> Sequence[IntakeFormat]:
        """The one format."""
        return (self._files,)


__all__ = ["EhfIntake"]
