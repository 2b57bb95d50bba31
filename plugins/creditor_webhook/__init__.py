"""Tells a creditor's own system what happens in its cases: signed calls (webhooks), in order for each case."""

from datetime import UTC
from typing import Any, ClassVar

import structlog
from marshmallow import Schema, ValidationError, fields, validate, validates, validates_schema
from standardwebhooks.webhooks import Webhook

from plugins.creditor_webhook.message import KINDS, TEST_SECRET, message
from saas.hooks import CaseEvent, Level, Purpose, hookimpl
from saas.outgoing import Answer, CallFailed, NotCalled, call, check_url
from saas.rules.facts import CaseFacts

log = structlog.get_logger()


class NotTaken(Exception):
    """The other side answered that it did not take the message: told again later. The text is its status."""


class CreditorWebhook:
    """Sends a message for each event the creditor asked for; the service tells again until it is taken."""

    slug: ClassVar[str] = "creditor_webhook"
    name: ClassVar[str] = "Meldinger til kreditors system"
    description: ClassVar[str] = "Melder fra til kreditors eget system når noe skjer i en sak, med signerte kall."
    level: ClassVar[Level] = Level.BOTH
    version: ClassVar[str] = "1.0"
    purpose: ClassVar[Purpose] = Purpose.CLAIMS

    class Settings(Schema):
        """Where to, signed with what, and about what."""

        url = fields.String(
            load_default="",
            validate=validate.Length(max=500),
            metadata={
                "label": "Adresse",
                "help": "Må begynne med https:// og kunne nås fra internett. Tomt: ingenting sendes.",
                "example": "https://kunde.nordlys.example/frist",
            },
        )
        secret = fields.String(
            load_default="",
            validate=validate.Regexp(r"(whsec_[A-Za-z0-9+/=]{24,200})?\Z", error="Nøkkelen begynner med «whsec_»."),
            metadata={
                "label": "Nøkkel",
                "help": "Meldingene signeres med den, etter Standard Webhooks. Den vises ikke igjen.",
                "example": TEST_SECRET,
                "secret": True,
            },
        )
        events = fields.List(
            fields.String(validate=validate.OneOf(list(KINDS), labels=list(KINDS.values()))),
            load_default=lambda: list(KINDS),
            validate=validate.Length(min=1),
            metadata={
                "label": "Hva det meldes om",
                "help": "For eksempel letter.sent og case.closed.",
                "example": ["letter.sent", "case.closed"],
            },
        )

        @validates("url")
        def _can_be_called(self, value: str, data_key: str) -> None:
            try:
                if value:
                    check_url(value)
            except NotCalled as wrong:
                raise ValidationError(str(wrong)) from None

        @validates_schema(skip_on_field_errors=True)
        def _signed(self, data: dict[str, Any], **_: Any) -> None:
            if data["url"] and not data["secret"]:
                raise ValidationError("Meldingene må signeres. Fyll ut nøkkelen.", "secret")

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self._events = frozenset(settings["events"])

    @hookimpl
    def on_case_event(self, event: CaseEvent, case: CaseFacts) -> None:
        """Send one message. Raises what went wrong: it is told again later, and nothing of the case overtakes it."""
        if not self.settings["url"] or event.kind not in self._events:
            return
        answer = self._send(event, case)
        log.info("webhook_sent", plugin=self.slug, event_id=str(event.id), kind=event.kind, status=answer.status)
        if not answer.is_ok:
            raise NotTaken(str(answer.status))

    def _send(self, event: CaseEvent, case: CaseFacts) -> Answer:
        body, at = message(event, case), event.told_at.astimezone(UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": str(event.id),
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self.settings["secret"]).sign(str(event.id), at, body),
        }
        try:
            return call("POST", self.settings["url"], headers=headers, content=body.encode())
        except (CallFailed, NotCalled) as error:
            log.warning("webhook_not_sent", plugin=self.slug, event_id=str(event.id), error=type(error).__name__)
            raise


__all__ = ["CreditorWebhook"]
