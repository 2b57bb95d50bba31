"""The cost lines a step brings, each inside the cap and with words for how it came about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from saas.rules.compensation import Compensation, standard_compensation
from saas.rules.facts import CaseFacts, CostKind, Policy, Step
from saas.rules.fees import CostCap, collection_fee_room, fraction_of, notice_fee, total_cost_cap, within_cap
from saas.rules.law import Law
from saas.rules.lost_costs import Scope
from saas.rules.money import Ore
from saas.rules.rates import FractionRow, RateRow
from saas.rules.words import Kroner, Words, joined, say


@dataclass(frozen=True, slots=True)
class CostLine:
    """One cost charged with a step, already inside the cap."""

    kind: CostKind
    amount_ore: Ore
    rule_ids: tuple[str, ...]
    explanation: Words


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
    also when the newer claim is paid: a reading, the one that costs the debtor least. None either once the right to
    all costs is lost in this round (B19, N9).
    """
    own_demand = step is Step.PAYMENT_DEMAND
    claims = [c for c in facts.claims if c.principal_left_ore > 0] or facts.claims
    fraction = law.notice_fraction(max(c.due_on for c in facts.claims))
    fee_ore = min(
        notice_fee(step, facts.notices, claims, today, law, own_demand),
        notice_fee(step, facts.notices, claims, sending_on, law, own_demand),
        fraction_of(law.collection_rate(sending_on), fraction, own_demand),
    )
    beyond_ore = within_cap(fee_ore, fee_ore, facts.charged_compensation_ore)  # B15: the larger of the two, not the sum
    amount_ore = within_cap(beyond_ore, cap.cap_ore, charged_in_all(facts))
    if not amount_ore or facts.lost_costs == Scope.ALL:
        return None, fraction
    rule_ids = ("B3", "B4", "B5", "B23") if own_demand else ("B1", "B2", "B3", "B5", "B23")
    numerator = fraction.own_demand_numerator if own_demand else fraction.numerator
    explanation = _fee_words(numerator, fraction.denominator, cap.rate, fee_ore, amount_ore)
    return CostLine(CostKind.NOTICE_FEE, amount_ore, rule_ids, explanation), fraction


@lru_cache(maxsize=256)
def _fee_words(numerator: int, denominator: int, rate: RateRow, fee_ore: Ore, amount_ore: Ore) -> Words:
    words = say(
        "{numerator}/{denominator} av inkassosatsen {rate} er {fee}.",
        numerator=numerator,
        denominator=denominator,
        rate=Kroner(rate.hundredths),
        fee=Kroner(fee_ore),
    )
    if amount_ore == fee_ore:
        return words
    return joined([words, say("Taket for kostnader gir plass til {amount}.", amount=Kroner(amount_ore))])


def collection_fee_line(facts: CaseFacts, cap: CostCap) -> CostLine | None:
    """Inkassosalær: the room that earlier fees leave under the cap (B9, B11, B23). None when there is none.

    With a heavy cap it is what the doubling adds: the heavy fee replaces the light one (B10). None once the right to
    it is lost in this round (B19, N9).
    """
    if facts.lost_costs:
        return None
    room_ore = collection_fee_room(cap.cap_ore, facts.charged_notice_fees_ore + facts.charged_compensation_ore)
    amount_ore = within_cap(room_ore, room_ore, facts.charged_collection_fee_ore)
    if not amount_ore:
        return None
    rule = "B10" if cap.heavy else "B9"
    explanation = _collection_fee_words(
        cap.heavy,
        cap_words(cap),
        facts.charged_notice_fees_ore,
        facts.charged_collection_fee_ore,
        facts.charged_compensation_ore,
        amount_ore,
    )
    rules = ("B8", rule, "B11", "B15", "B16", "B23") if facts.charged_compensation_ore else ("B8", rule, *_FEE_RULES)
    return CostLine(CostKind.COLLECTION_FEE, amount_ore, rules, explanation)


_FEE_RULES = ("B11", "B16", "B23")


@lru_cache(maxsize=1024)
def _collection_fee_words(
    heavy: bool, cap: Words, fees_ore: int, charged_ore: int, compensation_ore: int, amount_ore: int
) -> Words:
    return say(
        "{fee}: {sum} = {amount}.",
        fee=say("Forhøyet salær") if heavy else say("Lavt salær"),
        sum=joined([cap, *_less(fees_ore, charged_ore, compensation_ore)]),
        amount=Kroner(amount_ore),
    )


def _less(fees_ore: int, charged_ore: int, compensation_ore: int) -> list[Words]:
    """What was charged before and is taken off."""
    words = []
    if fees_ore:
        words.append(say("minus {fees} i gebyrer", fees=Kroner(fees_ore)))
    if charged_ore:
        words.append(say("minus {fee} i salær fra før", fee=Kroner(charged_ore)))
    if compensation_ore:
        words.append(say("minus {compensation} i standardkompensasjon", compensation=Kroner(compensation_ore)))
    return words


# --- standard compensation ------------------------------------------------------------------------------------------


def compensation_line(
    facts: CaseFacts, days: Sequence[date], law: Law, policy: Policy
) -> tuple[CostLine, Compensation] | None:
    """Standardkompensasjon with the first letter that bears a cost, and the figures behind it (FRL § 3 a; B15, C9).

    None from a consumer, when the tenant does not claim it, when it is claimed already, and when costs charged before
    come to as much: the debtor owes the larger of the two, never the sum. Of several `days` the lowest amount counts
    (A4). A claim due before an amount in kroner was set gives none. Raises UnknownLaw.
    """
    if not policy.claim_compensation or facts.is_consumer or facts.charged_compensation_ore or facts.lost_costs:
        return None
    since = law.series_compensation.rows[0].valid_from
    known = replace(facts, claims=tuple(c for c in facts.claims if c.due_on >= since))
    found = [standard_compensation(known, day, law) for day in days]
    allowed = [each for each in found if isinstance(each, Compensation)]
    if len(allowed) < len(found):
        return None
    least = min(allowed, key=lambda each: each.total_ore)
    amount_ore = within_cap(least.total_ore, least.total_ore, charged_in_all(facts))
    if not amount_ore:
        return None
    words: list[Words] = [line.explanation for line in least.lines]
    if amount_ore < least.total_ore:
        words.append(
            say(
                "Kostnader som er krevd fra før, trekkes fra: {amount} gjenstår av kompensasjonen.",
                amount=Kroner(amount_ore),
            )
        )
    return CostLine(CostKind.COMPENSATION, amount_ore, ("C9", "B15", "B23"), joined(words)), least


def charged_in_all(facts: CaseFacts) -> Ore:
    """Everything charged out of court so far: fees, and the compensation set off against them (B15, B23)."""
    return Ore(facts.charged_notice_fees_ore + facts.charged_collection_fee_ore + facts.charged_compensation_ore)


def cap_words(cap: CostCap) -> Words:
    """How the cap came about: `0,4 × 750,00 kr = 300,00 kr for alle kostnader`."""
    parts = tuple((part.tier.multiplier_thousandths(cap.heavy), part.cap_ore) for part in cap.parts)
    return _sum_words(parts, cap.rate, cap.vat)


@lru_cache(maxsize=1024)
def _sum_words(parts: tuple[tuple[int, Ore], ...], rate: RateRow, vat: RateRow | None) -> Words:
    """`parts` are (multiplier in thousandths, cap)."""
    each = [_part_words(thousandths, cap_ore, rate, vat) for thousandths, cap_ore in parts]
    return say("{parts} for alle kostnader", parts=joined(each, " + "))


def _part_words(thousandths: int, cap_ore: Ore, rate: RateRow, vat: RateRow | None) -> Words:
    multiplier, rate_kr, cap = _of_1000(thousandths), Kroner(rate.hundredths), Kroner(cap_ore)
    if vat is None:
        return say("{multiplier} × {rate} = {cap}", multiplier=multiplier, rate=rate_kr, cap=cap)
    vat_factor = _of_1000(1000 + vat.hundredths // 10)
    return say(
        "{multiplier} × {rate} × {vat} (mva.) = {cap}", multiplier=multiplier, rate=rate_kr, vat=vat_factor, cap=cap
    )


def _of_1000(thousandths: int) -> Decimal:
    return Decimal(thousandths) / 1000
