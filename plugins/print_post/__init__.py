"""Paper letters: batches for a print house, in a shared folder (brev på papir)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from saas.hooks import Channel, Level, hookimpl


class PrintPost:
    """Gives the channel `print_post`."""

    slug: ClassVar[str] = "print_post"
    name: ClassVar[str] = "Brev på papir"
    description: ClassVar[str] = (
        "Leverer brev til et trykkeri, som trykker og poster dem og melder tilbake når det er gjort."
    )
    level: ClassVar[Level] = Level.TENANT
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """What the print house takes."""

        max_pages = fields.Integer(
            load_default=20,
            strict=True,
            validate=validate.Range(min=1, max=500),
            metadata={
                "label": "Flest sider i ett brev",
                "help": "Trykkeriet tar ikke imot lengre brev enn dette.",
                "example": 20,
            },
        )

        max_megabytes = fields.Integer(
            load_default=10,
            strict=True,
            validate=validate.Range(min=1, max=100),
            metadata={
                "label": "Største brev (MB)",
                "help": "Trykkeriet tar ikke imot større filer enn dette.",
                "example": 10,
            },
        )
        settle_seconds = fields.Integer(
            load_default=0,
            strict=True,
            validate=validate.Range(min=0, max=3600),
            metadata={
                "label": "Vent etter siste endring (sekunder)",
                "help": "For et trykkeri som skriver kvitteringer rett i mappen, så de kan leses halve.",
                "example": 60,
            },
        )

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @hookimpl
    def provide_channels(self) -> Sequence[Channel]:
        """The channel."""
        from plugins.print_post.channel import PrintPostChannel  # looking into PDFs is needed by few processes
        from plugins.print_post.printable import Limits

        limits = Limits(self.settings["max_pages"], self.settings["max_megabytes"] * 1_000_000)
        return (PrintPostChannel(limits, settle_seconds=self.settings["settle_seconds"]),)


__all__ = ["PrintPost"]
