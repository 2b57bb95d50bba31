"""Costs are capped by the inkassosats of the day the principal is covered: what was charged above it is taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from saas.rules.facts import ClaimFacts
from saas.rules.fees import CostCap, cost_cap, within_cap
from saas.rules.law import Law
from saas.rules.money import Ore


@dataclass(frozen=True, slots=True)
class CostBasis:
    """What picks a case's cap on the day its principal is covered."""

    consumer: bool
    vat_added: bool  # the creditor deducts no VAT (B12)
    demanded_on: date | None  # the day the payment demand was sent
    heavy_on: date | None = None  # the day the heavy fee was charged; None: the light cap


class TooMuch(NamedTuple):
    """What is above the cap, and off what it comes."""

    collection_fee_ore: Ore
    notice_fees_ore: Ore


def cap_has_fallen(charged_on: Iterable[date], covered_on: date, law: Law) -> bool:
    """Whether the inkassosats is lower on the day of the payment than when any of these costs was charged (B11).

    Raises UnknownLaw.
    """
    now = law.collection_rate(covered_on).hundredths
    return any(law.collection_rate(day).hundredths > now for day in charged_on)


def cap_when_covered(claims: Sequence[ClaimFacts], covered_on: date, basis: CostBasis, law: Law) -> CostCap:
    """The cap of the day the principal is covered (INKF §§ 2-2 third para., 2-3 third para.; B11, B23).

    `claims` as they stood before the payment that covers them. Claims paid before the demand give no room, and those
    paid before the fee doubled none to the doubling, as when the costs were charged. Raises UnknownLaw.
    """
    paid_before = basis.heavy_on or basis.demanded_on
    owed = claims if paid_before is None else [c for c in claims if c.principal_ore > _paid(c, paid_before)]
    return cost_cap(
        owed,
        covered_on,
        heavy=basis.heavy_on is not None,
        consumer=basis.consumer,
        vat_added=basis.vat_added,
        law=law,
    )


def above_cap(cap_ore: int, collection_fee_ore: int, notice_fees_ore: int, compensation_ore: int = 0) -> TooMuch:
    """What was charged above the cap: off the collection fee first, then off notice fees (B11, B23).

    Compensation is no cost: it is set off against them, so it is never taken back, and beside it a notice fee only
    stands for what exceeded it (B15). A cap that has risen gives nothing back and charges nothing more.
    """
    total_ore = collection_fee_ore + notice_fees_ore + compensation_ore
    excess_ore = total_ore - within_cap(total_ore, cap_ore, 0)
    off_fee_ore = min(excess_ore, collection_fee_ore)
    off_notices_ore = 0 if compensation_ore else min(excess_ore - off_fee_ore, notice_fees_ore)
    return TooMuch(Ore(off_fee_ore), Ore(off_notices_ore))


def _paid(claim: ClaimFacts, before: date) -> int:
    return sum(paid for on, paid in claim.principal_moves if on < before)
