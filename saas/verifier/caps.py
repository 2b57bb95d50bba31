"""The cap on all out-of-court costs taken together (INKF §§ 2-1 to 2-3), computed anew."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from saas.verifier.compensation import most_compensation
from saas.verifier.figures import TIERS, Figures, Row
from saas.verifier.findings import Finding, Findings
from saas.verifier.notice_fees import most_in_all
from saas.verifier.record import ACT_2026, COLLECTION_FEE, DEMAND, HEAVY, Cap, Claim, Part, Record


def own_arithmetic(record: Record) -> Findings:
    """The sums the record shows are the sums of what it shows (B11, B23)."""
    cap = record.cap
    if cap is None:
        return
    for part in cap.parts:
        if part.cap_ore != times(cap.rate_ore, part.thousandths, cap.vat_percent):
            yield Finding("B11", f"cap.parts: {part.cap_ore} øre is not the rate times the multiplier, rounded down")
    if cap.cap_ore != sum(part.cap_ore for part in cap.parts):
        yield Finding("B23", f"cap.cap_ore: {cap.cap_ore} øre is not the sum of its parts")
    if cap.before_ore != record.charged_ore:
        yield Finding("B23", f"cap.charged_before_ore: {cap.before_ore} øre is not what the facts say was charged")
    if cap.after_ore - cap.before_ore != sum(cost.amount_ore for cost in record.costs):
        yield Finding("B23", "cap.charged_after_ore: the costs are not the difference from before")
    if cap.after_ore > cap.cap_ore and not record.compensation_ore:  # with it, see `set_off`
        yield Finding("B23", f"cap.charged_after_ore: {cap.after_ore} øre is above the cap of {cap.cap_ore}")
    if cap.after_ore - record.compensation_ore > cap.cap_ore:
        yield Finding("B23", f"cap.charged_after_ore: the costs alone are above the cap of {cap.cap_ore}")


def figures_of_the_cap(record: Record, figures: Figures) -> Findings:
    """Rate, VAT, bases and multipliers of the record's cap are the law's for these claims (B8, B10 to B13, B16)."""
    cap = record.cap
    if cap is None:
        return
    if cap.on not in record.days:
        yield Finding("B11", f"cap.on: {cap.on} is neither the day of decision nor of sending")
    rate = figures.rate(cap.on)
    if rate is None or cap.rate_ore != rate.values[0] * 100:
        yield Finding("B11", f"cap.rate_ore: {cap.rate_ore} øre is not the rate known for {cap.on}")
    if cap.vat_percent is not None:
        vat = figures.vat(cap.on)
        if record.vat_deductible:
            yield Finding("B12", "cap.vat_percent: the creditor deducts VAT, so none is added")
        elif vat is None or cap.vat_percent != vat.values[0]:
            yield Finding("B12", f"cap.vat_percent: {cap.vat_percent} is not the general rate on {cap.on}")
    if cap.heavy != (record.step == HEAVY):
        yield Finding("B10", f"cap.heavy: {cap.heavy} does not belong to a {record.step}")
    yield from _parts(cap, record, figures)


def within_the_cap(record: Record, figures: Figures) -> Findings:
    """What is charged when the step is done is within the cap on each day the step must be lawful (B16, B23, A4)."""
    cap = record.cap
    for day in record.days if cap else ():
        most = total_cap(record, figures, day)
        if cap is None or most is None:
            if record.costs:
                rule = "B13" if figures.rate(day) else "B11"
                yield Finding(rule, f"cap: no cap is known for these claims on {day}")
            continue
        costs = cap.after_ore - record.compensation_ore
        if costs > most:
            yield Finding("B23", f"cap.charged_after_ore: {costs} øre of costs, the law's cap on {day} is {most}")
        if cap.cap_ore > most:
            rule = "B16" if len(record.counted()) > 1 else "B23"
            yield Finding(rule, f"cap.cap_ore: {cap.cap_ore} øre, the law's cap on {day} is {most}")
    if record.charged_collection_fee_ore + record.charges(COLLECTION_FEE) and not _fee_earned(record):
        yield Finding("B9", "facts.charged_collection_fee_ore: an agency fee is charged, but no demand was sent")


def set_off(record: Record, figures: Figures) -> Findings:
    """Costs and compensation come to the larger of the two, not to their sum (INKF §§ 1-5 and 2-6; B15).

    Before an agency's demand the costs are those of the letters sent: the cap is a limit, not what is owed (W13).
    """
    if not record.compensation_ore or record.act == ACT_2026:
        return
    total = record.charged_ore + sum(cost.amount_ore for cost in record.costs)
    for day in record.days:
        costs = total_cap(record, figures, day) or 0
        if not (record.licence and _fee_earned(record)):
            costs = min(costs, most_in_all(record, figures))
        most = max(costs, most_compensation(record, figures))
        if total > most:
            yield Finding(
                "B15", f"costs: {total} øre of costs and compensation in all, the larger of the two is {most}"
            )
            return


def doubled_once(record: Record, figures: Figures) -> Findings:
    """The maximum doubles once: what is charged before is still within that of a light case (INKF § 2-3; B10)."""
    if record.step != HEAVY or record.act == ACT_2026:
        return
    light = [_cap_of(claims, record, figures, record.decided_on) for claims in (record.demanded(), record.counted())]
    most = max((cap for cap in light if cap is not None), default=None)
    charged = record.charged_notice_fees_ore + record.charged_collection_fee_ore
    if most is not None and charged > most:
        yield Finding(
            "B10", f"facts: {charged} øre is charged, above the {most} of a light case: it is doubled already"
        )


def total_cap(record: Record, figures: Figures, day: date) -> int | None:
    """The cap on `day` in øre: of the claims joined or each for itself, whichever is lower; None when not known."""
    return _cap_of(record.counted(), record, figures, day, heavy=record.step == HEAVY)


def _cap_of(claims: Sequence[Claim], record: Record, figures: Figures, day: date, *, heavy: bool = False) -> int | None:
    rate, vat = figures.rate(day), None if record.vat_deductible else figures.vat(day)
    if rate is None or not claims or (vat is None and not record.vat_deductible):
        return None
    rate_ore, percent = int(rate.values[0] * 100), vat.values[0] if vat else None
    joined = _multipliers(record, figures, claims, sum(claim.base_ore for claim in claims), heavy=heavy)
    single = [_multipliers(record, figures, [claim], claim.base_ore, heavy=heavy) for claim in claims]
    if not joined or not all(single):
        return None
    together = times(rate_ore, min(joined), percent)  # of two tables the lower
    return min(together, sum(times(rate_ore, each[0], percent) for each in single))


def times(rate_ore: int, thousandths: int, vat_percent: Fraction | None) -> int:
    """Rate times multiplier, VAT added, half an øre rounded down (B11, B12)."""
    return int(Fraction(rate_ore * thousandths, 1_000) * (1 + (vat_percent or Fraction(0)) / 100))


def _parts(cap: Cap, record: Record, figures: Figures) -> Findings:
    """Either one part for the sum, or one for each claim.

    A heavy fee may show the claims of the demand, also one paid since: what it comes to is for `within_the_cap`.
    """
    choices = [record.counted()] + ([record.demanded()] if record.step == HEAVY else [])
    shown = sorted(part.base_ore for part in cap.parts)
    claims = next((each for each in choices if _bases(cap, each) == shown), None)
    if claims is None:
        yield Finding("B8", f"cap.parts: the bases should be {_bases(cap, choices[0])} øre")
        return
    for part in cap.parts:
        owners = claims if cap.joined else [claim for claim in claims if claim.base_ore == part.base_ore]
        allowed = _multipliers(record, figures, owners, part.base_ore, heavy=record.step == HEAVY)
        if not allowed:
            yield Finding("B13", "cap.parts: no table is known for these due dates")
        elif part.thousandths not in allowed:
            other_table = any(_gives(row, record, part) for row in figures.of(TIERS))
            rule = "B13" if other_table else "B8"
            yield Finding(rule, f"cap.parts: {part.thousandths} is not the multiplier of {part.base_ore} øre")


def _bases(cap: Cap, claims: Sequence[Claim]) -> list[int]:
    bases = sorted(claim.base_ore for claim in claims)
    return [sum(bases)] if cap.joined and bases else bases


def _gives(row: Row, record: Record, part: Part) -> bool:
    """Whether the multiplier is that of the same band in a table, if not in the one the due date picks."""
    return (
        row.kind == record.kind
        and row.holds(part.base_ore)
        and row.values[record.step == HEAVY] * 1_000 == part.thousandths
    )


def _multipliers(record: Record, figures: Figures, claims: Sequence[Claim], base_ore: int, *, heavy: bool) -> list[int]:
    """The multipliers in thousandths the due dates lead to; empty when one of them is not known."""
    tiers = [figures.tier(claim.due_on, record.kind, base_ore) for claim in claims]
    return [int(tier.values[heavy] * 1_000) for tier in tiers if tier is not None] if all(tiers) else []


def _fee_earned(record: Record) -> bool:
    return record.step == DEMAND or bool(record.sent(DEMAND))
