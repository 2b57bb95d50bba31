"""camt.054: the XML message in which a bank tells what came in on an account (innbetalingsvarsel)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema

from plugins.camt054.reader import Camt054Reader
from saas.hooks import BankFileReader, Level, hookimpl


class Camt054:
    """Reads camt.054 messages. The format is fixed, so there is nothing to set."""

    slug: ClassVar[str] = "camt054"
    name: ClassVar[str] = "camt.054"
    description: ClassVar[str] = (
        "Leser bankens XML-varsler om innbetalinger (camt.054) med KID, tekst og tilbakeføringer."
    )
    level: ClassVar[Level] = Level.TENANT
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """Nothing to set."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @hookimpl
    def provide_bank_files(self) -> Sequence[BankFileReader]:
        """The reader."""
        return (Camt054Reader(),)


__all__ = ["Camt054"]
