"""OCR giro: the file in which the bank tells who has paid with a KID (innbetalingsfil)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from plugins.ocr_giro.reader import OcrGiroReader
from saas.hooks import BankFileReader, Level, hookimpl


class OcrGiro:
    """Reads OCR giro files."""

    slug: ClassVar[str] = "ocr_giro"
    name: ClassVar[str] = "OCR giro"
    description: ClassVar[str] = "Leser innbetalingsfiler i formatet OCR giro, med KID, fortegn og kontrollsummer."
    level: ClassVar[Level] = Level.TENANT
    version: ClassVar[str] = "1.1"

    class Settings(Schema):
        """Whose files are ours."""

        customer_unit = fields.String(
            load_default="",
            validate=validate.Regexp(r"^[0-9]{0,8}$", error="Kundeenhet-ID har høyst åtte sifre."),
            metadata={
                "label": "Kundeenhet-ID",
                "help": "Når den er fylt ut, avvises filer til andre kundeenheter.",
                "example": "00012345",
            },
        )

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @hookimpl
    def provide_bank_files(self) -> Sequence[BankFileReader]:
        """The reader."""
        return (OcrGiroReader(self.settings["customer_unit"]),)


__all__ = ["OcrGiro"]
