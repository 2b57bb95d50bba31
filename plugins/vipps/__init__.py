"""Vipps: payment in the app (Vipps MobilePay ePayment), straight to the agency's own sales unit."""

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema

from saas.hooks import Level, PaymentProvider, hookimpl


class Vipps:
    """Lets debtors pay with Vipps."""

    slug: ClassVar[str] = "vipps"
    name: ClassVar[str] = "Vipps"
    description: ClassVar[str] = "Lar den som skylder betale med Vipps, rett til virksomhetens eget salgssted."
    level: ClassVar[Level] = Level.BOTH
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """None: keys belong to the agreement (`frist account set vipps`), which is kept encrypted."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @hookimpl
    def provide_payment_methods(self) -> Sequence[PaymentProvider]:
        """The provider."""
        from plugins.vipps.provider import VippsProvider  # its HTTP client is needed by few processes

        return (VippsProvider(),)


__all__ = ["Vipps"]
