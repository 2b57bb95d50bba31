"""SMS: short notices through a gateway (LINK Mobility, «Common» REST)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema

from saas.hooks import Channel, Level, hookimpl


class Sms:
    """Gives the channel `sms`."""

    slug: ClassVar[str] = "sms"
    name: ClassVar[str] = "SMS"
    description: ClassVar[str] = "Sender korte meldinger som ikke sier hva det gjelder, og får vite om de kom fram."
    level: ClassVar[Level] = Level.TENANT
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """None: keys, sender and price belong to the agreement, which is kept encrypted."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @hookimpl
    def provide_channels(self) -> Sequence[Channel]:
        """The channel."""
        from plugins.sms.channel import SmsChannel  # its HTTP client is needed by few processes

        return (SmsChannel(),)


__all__ = ["Sms"]
