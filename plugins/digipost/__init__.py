"""Digipost: letters to a digital mailbox, with proof of delivery from the other side (brev i Digipost)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema

from saas.hooks import Channel, Level, hookimpl


class Digipost:
    """Gives the channel `digipost`."""

    slug: ClassVar[str] = "digipost"
    name: ClassVar[str] = "Digipost"
    description: ClassVar[str] = "Leverer brev i mottakerens digitale postkasse hos Digipost."
    level: ClassVar[Level] = Level.TENANT
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """None: what a tenant has agreed with Digipost belongs to the agreement, which is kept encrypted."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @hookimpl
    def provide_channels(self) -> Sequence[Channel]:
        """The channel."""
        from plugins.digipost.channel import DigipostChannel  # its HTTP client is needed by few processes

        return (DigipostChannel(),)


__all__ = ["Digipost"]
