"""Paper letters: batches for a print house, in a shared folder (brev på papir)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from plugins.print_post.channel import PrintPostChannel
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

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @hookimpl
    def provide_channels(self) -> Sequence[Channel]:
        """The channel."""
        return (PrintPostChannel(max_pages=self.settings["max_pages"]),)


__all__ = ["PrintPost"]
