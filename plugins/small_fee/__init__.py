"""Fees below what the law allows: a house that wants to be paid, not to earn on being paid late."""

from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from saas.hooks import Level, ProposedFee, hookimpl
from saas.rules.facts import CaseFacts, CostKind
from saas.rules.money import NO_MONEY, Ore, ore_of_kroner

_SHARE = {CostKind.NOTICE_FEE: "notice_fee_percent", CostKind.COLLECTION_FEE: "collection_fee_percent"}


def _percent(label: str, help: str) -> fields.Integer:
    return fields.Integer(
        load_default=50,
        strict=True,
        validate=validate.Range(min=0, max=100),
        metadata={"label": label, "help": help, "example": 50},
    )


class SmallFee:
    """Charges a share of the lawful fee, and nothing on small claims."""

    slug: ClassVar[str] = "small_fee"
    name: ClassVar[str] = "Lavere gebyr"
    description: ClassVar[str] = "Tar lavere gebyr og salær enn loven tillater, og ingenting på små krav."
    level: ClassVar[Level] = Level.BOTH
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """How much of the lawful fee, and where none."""

        notice_fee_percent = _percent(
            "Andel av purregebyret (prosent)",
            "Gjelder purring og inkassovarsel. 100 er det loven tillater, 0 er ingenting.",
        )
        collection_fee_percent = _percent(
            "Andel av inkassosalæret (prosent)", "Gjelder betalingsoppfordringen og det som kommer senere."
        )
        free_below_kroner = fields.Integer(
            load_default=0,
            strict=True,
            validate=validate.Range(min=0, max=1_000_000),
            metadata={
                "label": "Ingen gebyr når kravet er under (kroner)",
                "help": "Det som står igjen av fakturaene, uten renter. 0 gir ingen slik grense.",
                "example": 200,
            },
        )

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self._free_below_ore = ore_of_kroner(settings["free_below_kroner"])

    @hookimpl
    def limit_fee(self, fee: ProposedFee, case: CaseFacts) -> Ore | None:
        """The share of the proposed fee, rounded down to whole kroner; nothing on a small claim."""
        if fee.kind not in _SHARE:
            return None
        if case.outstanding.principal_ore < self._free_below_ore:
            return NO_MONEY
        percent = self.settings[_SHARE[fee.kind]]
        return None if percent == 100 else Ore(fee.amount_ore * percent // 100 // 100 * 100)


__all__ = ["SmallFee"]
