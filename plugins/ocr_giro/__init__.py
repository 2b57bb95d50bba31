"""OCR giro: the file in which the bank tells who has paid with a KID (innbetalingsfil)."""

from typing import Any, ClassVar

from marshmallow import Schema

from plugins.ocr_giro.reader import OcrGiroReader
from saas.hooks import BankFileReader, Level, hookimpl


class OcrGiro:
    """Reads OCR giro files. The format is fixed, so there is nothing to set."""

    slug: ClassVar[str] = "ocr_giro"
    name: ClassVar[str] = "OCR giro"
    description: ClassVar[str] = "Leser innbetalingsfiler i formatet OCR giro, med KID, fortegn og kontrollsummer."
    level: ClassVar[Level] = Level.TENANT
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """Nothing to set."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @hookimpl
    def provide_bank_file_reader(self) -> BankFileReader:
        """The reader."""
        return OcrGiroReader()


__all__ = ["OcrGiro"]
