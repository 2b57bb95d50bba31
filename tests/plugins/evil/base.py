"""What every plugin must have; the rest of an evil one is its deed."""

from typing import Any, ClassVar

from marshmallow import Schema

from saas.hooks import Level


class Base:
    """A plugin without settings."""

    name: ClassVar[str] = "Ond"
    description: ClassVar[str] = "Prøver å gjøre skade."
    level: ClassVar[Level] = Level.BOTH
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """None."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
