"""The debtor's own pages as a mailbox (brev i portalen): a letter that is kept is there to be read at once."""

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema

from plugins.portal_mailbox.channel import PortalMailboxChannel
from saas.hooks import Channel, Level, hookimpl


class PortalMailbox:
    """Gives the channel `portal_mailbox`."""

    slug: ClassVar[str] = "portal_mailbox"
    name: ClassVar[str] = "Brev i portalen"
    description: ClassVar[str] = "Gjør brevet lesbart i portalen for den som har logget inn der før."
    level: ClassVar[Level] = Level.TENANT
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """None."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @hookimpl
    def provide_channels(self) -> Sequence[Channel]:
        """The channel."""
        return (PortalMailboxChannel(),)


__all__ = ["PortalMailbox"]
