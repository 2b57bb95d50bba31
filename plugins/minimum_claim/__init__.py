"""Claims that are not worth collecting, or too old to be: refused at the door, before a debtor hears of them."""

from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from plugins.minimum_claim.words import barred, soon_barred, too_small
from saas.hooks import AskPerson, ClaimOffer, CreditorFacts, Level, Refusal, hookimpl
from saas.rules.days import add_months
from saas.rules.limitation import limitation
from saas.rules.money import ore_of_kroner


class MinimumClaim:
    """Refuses a claim below a sum; asks a person about one that looks time-barred or soon will be."""

    slug: ClassVar[str] = "minimum_claim"
    name: ClassVar[str] = "Minste krav"
    description: ClassVar[str] = (
        "Tar ikke imot krav som er mindre enn beløpet du velger, eller som ser ut til å være foreldet."
    )
    level: ClassVar[Level] = Level.BOTH
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """How small, and how old."""

        smallest_kroner = fields.Integer(
            load_default=100,
            strict=True,
            validate=validate.Range(min=0, max=100_000),
            metadata={
                "label": "Minste beløp (kroner)",
                "help": "Krav under dette tas ikke imot. 0 tar imot alle beløp.",
                "example": 100,
            },
        )
        refuse_time_barred = fields.Boolean(
            load_default=False,
            metadata={
                "label": "Avvis krav som ser foreldet ut",
                "help": "Tre år etter forfall, hvis ingenting har avbrutt fristen. Av: en saksbehandler avgjør.",
                "example": False,
            },
        )
        ask_months_before = fields.Integer(
            load_default=3,
            strict=True,
            validate=validate.Range(min=0, max=24),
            metadata={
                "label": "Spør en saksbehandler når foreldelsen er nærmere enn (måneder)",
                "help": "Da rekker dere å vurdere om kravet bør gå en annen vei. 0 spør aldri.",
                "example": 3,
            },
        )

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self._smallest_ore = ore_of_kroner(settings["smallest_kroner"])

    @hookimpl
    def refuse_claim(self, claim: ClaimOffer, creditor: CreditorFacts) -> Refusal | AskPerson | None:
        """Refuse what is too small or time-barred (law H1); ask about what soon will be."""
        if claim.principal_ore < self._smallest_ore:
            return Refusal(too_small(self._smallest_ore))
        standing = limitation(claim.due_on)
        if standing.is_barred(claim.offered_on):
            refused = self.settings["refuse_time_barred"]
            why = barred(claim.due_on, standing.last_day_on, refused=refused)
            return Refusal(why) if refused else AskPerson(why)
        months = self.settings["ask_months_before"]
        if months and standing.ends_on is not None and add_months(claim.offered_on, months) > standing.ends_on:
            return AskPerson(soon_barred(standing.ends_on))
        return None


__all__ = ["MinimumClaim"]
