"""The cost lines a step brings, each inside the cap and with words for how it came about."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from saas.rules.facts import CaseFacts, CostKind, Step
from saas.rules.fees import CapPart, CostCap, collection_fee_room, fraction_of, notice_fee, total_cost_cap, within_cap
from saas.rules.law import Law
from saas.rules.money import Ore, kroner
from saas.rules.rates import FractionRow, RateRow


@dataclass(frozen=True, slots=True)
class CostLine:
    """One cost charged with a step, already inside the cap; `explanation` is plain bokmål."""

    kind: CostKind
    amount_ore: Ore
    rule_ids: tuple[str, ...]
    explanation: str


def lower_cap(facts: CaseFacts, today: date, sending_on: date, law: Law) -> CostCap:
    """The light cap, the lower one of today's and the day of sending's (A4, B11)."""
    cap = total_cost_cap(facts, today, law)
    if law.collection_rate(sending_on) is cap.rate and (cap.vat is None or law.vat_rate(sending_on) is cap.vat):
        return cap
    return min(cap, total_cost_cap(facts, sending_on, law), key=lambda c: c.cap_ore)


def notice_fee_line(
    step: Step, facts: CaseFacts, today: date, sending_on: date, law: Law, cap: CostCap
) -> tuple[CostLine | None, FractionRow]:
    """Purregebyr, lawful on both days and inside the cap (B1-B6, B23). None when the letter bears no fee.

    Of the old and the new fraction (claims due before and after 2020-10-01) the lower one counts for the whole case,
    also when the newer claim is paid: a reading, the one that costs the debtor least.
    """
    own_demand = step is Step.PAYMENT_DEMAND
    claims = [c for c in facts.claims if c.principal_left_ore > 0] or facts.claims
    fraction = law.notice_fraction(max(c.due_on for c in facts.claims))
    fee_ore = min(
        notice_fee(step, facts.notices, claims, today, law, own_demand),
        notice_fee(step, facts.notices, claims, sending_on, law, own_demand),
        fraction_of(law.collection_rate(sending_on), fraction, own_demand),
    )
    charged_ore = facts.charged_notice_fees_ore + facts.charged_collection_fee_ore
    amount_ore = within_cap(fee_ore, cap.cap_ore, charged_ore)
    if not amount_ore:
        return None, fraction
    rule_ids = ("B3", "B4", "B5", "B23") if own_demand else ("B1", "B2", "B3", "B5", "B23")
    numerator = fraction.own_demand_numerator if own_demand else fraction.numerator
    explanation = _fee_words(numerator, fraction.denominator, cap.rate, fee_ore, amount_ore)
    return CostLine(CostKind.NOTICE_FEE, amount_ore, rule_ids, explanation), fraction


@lru_cache(maxsize=256)
def _fee_words(numerator: int, denominator: int, rate: RateRow, fee_ore: Ore, amount_ore: Ore) -> str:
    words = f"{numerator}/{denominator} av inkassosatsen {kroner(rate.hundredths)} kr er {kroner(fee_ore)} kr"
    return (
        f"{words}." if amount_ore == fee_ore else f"{words}. Taket for kostnader gir plass til {kroner(amount_ore)} kr."
    )


def collection_fee_line(facts: CaseFacts, cap: CostCap) -> CostLine | None:
    """Inkassosalær: the room that earlier fees leave under the cap (B9, B11, B23). None when there is none.

    With a heavy cap it is what the doubling adds: the heavy fee replaces the light one (B10).
    """
    room_ore = collection_fee_room(cap.cap_ore, facts.charged_notice_fees_ore)
    amount_ore = within_cap(room_ore, room_ore, facts.charged_collection_fee_ore)
    if not amount_ore:
        return None
    name, rule = ("Forhøyet salær", "B10") if cap.heavy else ("Lavt salær", "B9")
    explanation = f"{name}: {cap_words(cap)}{_less(facts)} = {kroner(amount_ore)} kr."
    return CostLine(CostKind.COLLECTION_FEE, amount_ore, ("B8", rule, "B11", "B16", "B23"), explanation)


def _less(facts: CaseFacts) -> str:
    fees_ore, salary_ore = facts.charged_notice_fees_ore, facts.charged_collection_fee_ore
    words = f" minus {kroner(fees_ore)} kr i gebyrer" if fees_ore else ""
    return f"{words} minus {kroner(salary_ore)} kr i salær fra før" if salary_ore else words


def cap_words(cap: CostCap) -> str:
    """How the cap came about: `0,4 × 750,00 kr = 300,00 kr for alle kostnader`."""
    return " + ".join(_part_words(p, cap.heavy, cap.rate, cap.vat) for p in cap.parts) + " for alle kostnader"


@lru_cache(maxsize=256)
def _multiplier_text(thousandths: int) -> str:
    whole, rest = divmod(thousandths, 1000)
    return f"{whole},{rest:03d}".rstrip("0").rstrip(",")


@lru_cache(maxsize=1024)
def _part_words(part: CapPart, heavy: bool, rate: RateRow, vat: RateRow | None) -> str:
    multiplier = _multiplier_text(part.tier.multiplier_thousandths(heavy))
    with_vat = f" × {_multiplier_text(1000 + vat.hundredths // 10)} (mva.)" if vat is not None else ""
    return f"{multiplier} × {kroner(rate.hundredths)} kr{with_vat} = {kroner(part.cap_ore)} kr"
