"""Stripe: payment by card (kort) on Stripe's own page, straight to the agency's own account."""

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema

from saas.hooks import Level, PaymentProvider, hookimpl


class Stripe:
    """Lets debtors pay by card."""

    slug: ClassVar[str] = "stripe"
    name: ClassVar[str] = "Stripe"
    description: ClassVar[str] = "Lar den som skylder betale med kort, rett til virksomhetens egen Stripe-konto."
    level: ClassVar[Level] = Level.BOTH
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """None: keys belong to the agreement (`frist account set stripe`), which is kept encrypted."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @hookimpl
    def provide_payment_methods(self) -> Sequence[PaymentProvider]:
        """The provider."""
        from plugins.stripe.provider import StripeProvider  # its library is large, and few processes need it

        return (StripeProvider(),)


__all__ = ["Stripe"]
