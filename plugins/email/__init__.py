"""E-mail: notices, or whole letters, through the tenant's own mail server (SMTP submission)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema

from saas.hooks import Channel, Level, hookimpl


class Email:
    """Gives the channel `email`."""

    slug: ClassVar[str] = "email"
    name: ClassVar[str] = "E-post"
    description: ClassVar[str] = "Sender e-post som utenpå ikke sier hva den gjelder, og leser det som kommer i retur."
    level: ClassVar[Level] = Level.TENANT
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """None: server, keys and sender belong to the agreement, which is kept encrypted."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @hookimpl
    def provide_channels(self) -> Sequence[Channel]:
        """The channel."""
        from plugins.email.channel import EmailChannel  # SMTP and the reading of addresses are needed by few processes

        return (EmailChannel(),)


__all__ = ["Email"]
