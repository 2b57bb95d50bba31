"""May this step be taken today? One function per step; each answers Permitted or Because.

A step is lawful only when it is so both today and on the day the letter is expected to leave (A4).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from saas.rules.compensation import Compensation
from saas.rules.costs import (
    CostLine,
    charged_in_all,
    collection_fee_line,
    compensation_line,
    lower_cap,
    notice_fee_line,
)
from saas.rules.deadlines import (
    MIN_DEADLINE_DAYS,
    earliest_next_step,
    expected_sending,
    is_long_enough,
    printed_deadline,
)
from saas.rules.facts import (
    DEFAULT_POLICY,
    Because,
    CaseFacts,
    ClaimFacts,
    CostKind,
    NoticeFacts,
    Policy,
    Stage,
    Step,
)
from saas.rules.fees import DAYS_BEFORE_FEE, CostCap, heavy_from, last_demand, missed_deadline, total_cost_cap
from saas.rules.law import Law
from saas.rules.rates import FractionRow, LawRow
from saas.rules.regime import Regime, need_known_costs, regime_on, strictest
from saas.rules.words import LETTER_NAMES, Kroner, Words, say

_ONE_DAY = timedelta(days=1)
_TWO_WEEKS = timedelta(days=DAYS_BEFORE_FEE)


class Conclusion(NamedTuple):
    """What one rule of law said about this step."""

    rule_id: str
    text: Words


@dataclass(frozen=True, slots=True)
class Permitted:
    """The step may be taken today, at these costs, on these grounds."""

    step: Step
    costs: tuple[CostLine, ...]
    conclusions: tuple[Conclusion, ...]
    cap: CostCap
    law_rows: tuple[LawRow, ...]
    expected_sending_on: date | None = None  # None: no letter
    deadline_on: date | None = None  # the letter prints it


_NO_HOLD = Conclusion("E1", say("Ingen innsigelse eller annen sperre står på saken."))
_NOT_BARRED = Conclusion("H1", say("Ingen av kravene er foreldet."))
_JOINED = Conclusion("B16", say("Alle krav i saken er slått sammen, og salæret er ett."))
_LADDER = {
    Step.REMINDER: Conclusion("B6", say("Kravet er forfalt, så det kan purres.")),
    Step.COLLECTION_NOTICE: Conclusion("S2", say("Kravet er forfalt, så inkassovarsel kan sendes.")),
    Step.PAYMENT_DEMAND: Conclusion("S4", say("Inkassovarsel er sendt med minst 14 dagers frist, og fristen er ute.")),
}


def permission(step: Step, facts: CaseFacts, today: date, law: Law, policy: Policy) -> Permitted | Because:
    """Whether the ladder and the law permit `step` today (S2, S4). Raises UnknownLaw.

    Holds, balance and limitation aside: `case.decide` has looked at those.
    """
    if step is Step.HEAVY_FEE:
        return _heavy_fee(facts, today, law, policy)
    if is_taken(step, facts):
        message = say("Saken er allerede kommet til eller forbi {letter}.", letter=LETTER_NAMES[step])
        return Because("already_taken", message, _RULES_OF[step])
    if _is_agency_only(step, facts, today, policy):
        return AGENCY_ONLY
    if step is Step.PAYMENT_DEMAND and counting_notice(facts, policy) is None:
        return Because(
            "no_collection_notice",
            say("Det er ikke sendt inkassovarsel med minst 14 dagers frist, så betalingsoppfordring kan ikke sendes."),
            ("S2", "S4"),
        )
    too_early = _too_early(facts, today, policy)
    if too_early is not None:
        return too_early
    if step is Step.PAYMENT_DEMAND:
        return _wait_for_sibling(facts, today, policy) or _letter(step, facts, today, law, policy)
    return _letter(step, facts, today, law, policy)


AGENCY_ONLY = Because(
    "agency_only",
    say("Etter inkassoloven av 2026 kan bare et inkassoforetak sende inkassovarsel og betalingsoppfordring."),
    ("m1",),
)


def _is_agency_only(step: Step, facts: CaseFacts, today: date, policy: Policy) -> bool:
    """Whether the act of 2026 keeps this letter from a sender without licence (NYINKL §§ 20, 21; m1, A4)."""
    if facts.agency_licence or step not in (Step.COLLECTION_NOTICE, Step.PAYMENT_DEMAND):
        return False
    return strictest((today, expected_sending(today)), policy) is Regime.ACT_2026


_RULES_OF = {
    Step.REMINDER: ("B2", "B6"),
    Step.COLLECTION_NOTICE: ("S2",),
    Step.PAYMENT_DEMAND: ("S4", "B17"),
}


# --- where the case stands ------------------------------------------------------------------------------------------


def latest_due(facts: CaseFacts) -> date:
    """The last due date among claims with principal left (all claims when none has)."""
    latest: date | None = None
    for c in facts.claims:
        if c.principal_left_ore > 0 and (latest is None or c.due_on > latest):
            latest = c.due_on
    return latest if latest is not None else max(c.due_on for c in facts.claims)


def unpaid_claims(facts: CaseFacts) -> Sequence[ClaimFacts]:
    """Claims with principal left (all claims when none has)."""
    return [c for c in facts.claims if c.principal_left_ore > 0] or facts.claims


def is_taken(step: Step, facts: CaseFacts) -> bool:
    """Whether the case has come to or past a letter step, by ours or by the creditor's proven letters."""
    if step is Step.REMINDER:
        return facts.stage >= Stage.REMINDED or bool(facts.notices)
    if step is Step.COLLECTION_NOTICE:
        return facts.stage >= Stage.NOTICED or counting_notice(facts) is not None
    if facts.stage >= Stage.DEMANDED or last_demand(facts.notices) is not None:
        return True
    return not facts.agency_licence and any(n.step is Step.PAYMENT_DEMAND for n in facts.notices)


def counting_notice(facts: CaseFacts, policy: Policy = DEFAULT_POLICY) -> NoticeFacts | None:
    """The newest collection notice, when each unpaid claim has one that counts (INKL § 9; S2, S4).

    It counts for a claim it is about, sent after the due date with at least 14 days. One sent under the act of 2026
    must be the agency's own (NYINKL § 20; m1).
    """
    notices = [
        n
        for n in facts.notices
        if n.step is Step.COLLECTION_NOTICE
        and is_long_enough(n.sent_on, n.deadline_on)
        and not notice_lacks_agency(n, facts, policy)
    ]
    warned = all(any(n.sent_on > c.due_on and n.is_about(c) for n in notices) for c in unpaid_claims(facts))
    return notices[-1] if notices and warned else None


def notice_lacks_agency(notice: NoticeFacts, facts: CaseFacts, policy: Policy) -> bool:
    """Whether a collection notice was sent under the act of 2026 by somebody who is no agency (§ 20; m1)."""
    by_agency = facts.agency_licence and not notice.by_creditor
    return not by_agency and regime_on(notice.sent_on, policy) is Regime.ACT_2026


def heavy_gate(demand_deadline_on: date, held_days: int, grace_banking_days: int) -> date:
    """The day the heavy fee is charged: the last light day and the grace for payments under way are over.

    Never before `heavy_from` (B10); a payment order given on the last light day still counts (INKF § 2-3; A2).
    """
    return earliest_next_step(heavy_from(demand_deadline_on, held_days) - _ONE_DAY, grace_banking_days)


def heavy_is_charged(facts: CaseFacts, law: Law) -> bool:
    """Whether the case already bears more than the light cap: a later rate change never raises it again (B10)."""
    demand = last_demand(facts.notices)
    if demand is None or facts.charged_collection_fee_ore <= 0:
        return False
    light = total_cost_cap(facts, demand.sent_on, law)
    return charged_in_all(facts) > light.cap_ore


# --- why not yet ----------------------------------------------------------------------------------------------------


def _too_early(facts: CaseFacts, today: date, policy: Policy) -> Because | None:
    """Fourteen days after the due date, and nothing before a printed deadline and its grace (A1, A2, B1, B28, S0)."""
    due_on = latest_due(facts)
    first_on = due_on + _TWO_WEEKS
    if today <= due_on:
        message = say(
            "Kravet forfaller {due_on}. Første brev kan tidligst gå {first_on}.", due_on=due_on, first_on=first_on
        )
        return Because("not_due", message, ("S0", "B1"), from_day=first_on)
    if today < first_on:
        message = say(
            "Vi venter til 14 dager etter forfall. Første brev kan tidligst gå {first_on}.", first_on=first_on
        )
        return Because("too_soon_after_due", message, ("B1", "B28"), from_day=first_on)
    if not facts.notices:
        return None
    last = max(facts.notices, key=_deadline)
    from_day = earliest_next_step(last.deadline_on, policy.grace_banking_days)
    if today >= from_day:
        return None
    message = say(
        "Fristen i {letter} er {deadline_on}. Betalinger bruker noen dager, så neste steg kan tidligst tas {from_day}.",
        letter=LETTER_NAMES[last.step],
        deadline_on=last.deadline_on,
        from_day=from_day,
    )
    return Because("deadline_running", message, ("A1", "A2"), from_day=from_day)


def _deadline(notice: NoticeFacts) -> date:
    return notice.deadline_on


def _wait_for_sibling(facts: CaseFacts, today: date, policy: Policy) -> Because | None:
    """Wait with the demand while another claim of the pair is nearly ready to be joined (B16, B17).

    Under the act of 2026 there is no "nearly": one common demand follows when every notice's deadline has passed,
    however long that takes (NYINKL § 22 fourth para.; m1).
    """
    ready_on = facts.sibling_ready_on
    if ready_on is None or ready_on <= today:
        return None
    is_duty = strictest((today, expected_sending(today)), policy) is Regime.ACT_2026
    if not is_duty and ready_on > today + timedelta(days=policy.join_wait_days):
        return None
    message = say(
        "En annen sak mellom de samme partene er klar {ready_on}. Vi venter, så det blir ett brev og ett salær.",
        ready_on=ready_on,
    )
    return Because("join_wait", message, ("B16", "B17"), from_day=ready_on)


# --- letters --------------------------------------------------------------------------------------------------------


def _letter(step: Step, facts: CaseFacts, today: date, law: Law, policy: Policy) -> Permitted:
    sending_on = expected_sending(today)
    need_known_costs(policy, today, sending_on)
    deadline_on = printed_deadline(sending_on, policy.slack_days)
    cap = lower_cap(facts, today, sending_on, law)
    charged, compensation, fraction = _letter_costs(step, facts, today, sending_on, law, policy, cap)
    conclusions = [
        _LADDER[step],
        *_passed(facts),
        Conclusion("A3", _promise(deadline_on)),
        Conclusion("A4", _both_days(sending_on)),
        _NO_HOLD,
        _NOT_BARRED,
    ]
    if step is Step.PAYMENT_DEMAND:
        conclusions.append(_JOINED)
    conclusions += inside_cap(facts, charged, cap)
    rows = _rows(law, today, sending_on, cap, fraction)
    if compensation is not None:
        rows = (*rows, *dict.fromkeys(line.row for line in compensation.lines))
    return Permitted(step, charged, tuple(conclusions), cap, rows, sending_on, deadline_on)


def _letter_costs(
    step: Step, facts: CaseFacts, today: date, sending_on: date, law: Law, policy: Policy, cap: CostCap
) -> tuple[tuple[CostLine, ...], Compensation | None, FractionRow | None]:
    """The letter's fee, and with the first letter that may bear one the compensation it is set off against (B15)."""
    cost, fraction = _fee(step, facts, today, sending_on, law, cap)
    if cost is None:
        return (), None, fraction
    claimed = compensation_line(facts, (today, sending_on), law, policy)
    if claimed is None:
        return (cost,), None, fraction
    line, compensation = claimed
    counted = replace(facts, charged_compensation_ore=line.amount_ore)
    cost, fraction = _fee(step, counted, today, sending_on, law, cap)
    return (line, cost) if cost is not None else (line,), compensation, fraction


def _fee(
    step: Step, facts: CaseFacts, today: date, sending_on: date, law: Law, cap: CostCap
) -> tuple[CostLine | None, FractionRow | None]:
    if step is Step.PAYMENT_DEMAND and facts.agency_licence:
        return collection_fee_line(facts, cap), None
    return notice_fee_line(step, facts, today, sending_on, law, cap)


@lru_cache(maxsize=1024)
def _promise(deadline_on: date) -> Words:
    return say(
        "Brevet trykker fristen {deadline_on}: minst {days} dager etter sending og ikke på en fridag.",
        deadline_on=deadline_on,
        days=MIN_DEADLINE_DAYS,
    )


@lru_cache(maxsize=1024)
def _both_days(sending_on: date) -> Words:
    return say("Ventes sendt {day}. Steget er prøvd både for i dag og for den dagen.", day=sending_on)


def _passed(facts: CaseFacts) -> tuple[Conclusion, ...]:
    """The printed deadline that ran out before this step."""
    if not facts.notices:
        return (Conclusion("B1", _long_since(latest_due(facts))),)
    last = max(facts.notices, key=_deadline)
    return (Conclusion("A1", _is_over(last.deadline_on, last.step)),)


@lru_cache(maxsize=1024)
def _long_since(due_on: date) -> Words:
    return say("Det er minst 14 dager siden forfall {due_on}.", due_on=due_on)


@lru_cache(maxsize=1024)
def _is_over(deadline_on: date, step: Step) -> Words:
    return say("Fristen {deadline_on} i {letter} er ute.", deadline_on=deadline_on, letter=LETTER_NAMES[step])


def inside_cap(facts: CaseFacts, charged: tuple[CostLine, ...], cap: CostCap) -> list[Conclusion]:
    """What is charged beside the cap; with compensation claimed, what both come to (B15, B23)."""
    costs_ore = int(facts.charged_notice_fees_ore + facts.charged_collection_fee_ore)
    compensation_ore = int(facts.charged_compensation_ore)
    for line in charged:
        if line.kind is CostKind.COMPENSATION:
            compensation_ore += line.amount_ore
        else:
            costs_ore += line.amount_ore
    kept = Conclusion("B23", _cap_kept(costs_ore, cap.cap_ore))
    if not compensation_ore:
        return [kept]
    return [kept, Conclusion("B15", _set_off(compensation_ore, compensation_ore + costs_ore))]


@lru_cache(maxsize=1024)
def _set_off(compensation_ore: int, total_ore: int) -> Words:
    return say(
        "Standardkompensasjonen er {compensation}. Med kostnader er det {total} i alt: det høyeste av de to.",
        compensation=Kroner(compensation_ore),
        total=Kroner(total_ore),
    )


@lru_cache(maxsize=4096)
def _cap_kept(charged_ore: int, cap_ore: int) -> Words:
    return say("Kostnadene er {charged} i alt. Taket er {cap}.", charged=Kroner(charged_ore), cap=Kroner(cap_ore))


def _rows(law: Law, today: date, sending_on: date, cap: CostCap, fraction: FractionRow | None) -> tuple[LawRow, ...]:
    """The figures the step rests on. The letter states interest, so its rate must be known on both days (C1)."""
    rows: list[LawRow] = [law.late_interest(today)]
    other = law.late_interest(sending_on)
    if other is not rows[0]:
        rows.append(other)
    sats = [law.collection_rate(day) for day in (today, sending_on)]
    rows += [row for row in dict.fromkeys(sats) if row is not cap.rate]
    return (*rows, *([fraction] if fraction is not None else ()), *_cap_rows(cap))


def _cap_rows(cap: CostCap) -> list[LawRow]:
    rows: list[LawRow] = [cap.rate]
    for part in cap.parts:
        if part.tier not in rows:
            rows.append(part.tier)
    if cap.vat is not None:
        rows.append(cap.vat)
    return rows


# --- the heavy fee --------------------------------------------------------------------------------------------------


def _heavy_fee(facts: CaseFacts, today: date, law: Law, policy: Policy) -> Permitted | Because:
    """Forhøyet salær (INKF § 2-3; B10, B11, B23, E6). It replaces the light fee; only an agency charges it."""
    demand = last_demand(facts.notices)
    if not facts.agency_licence:
        return Because("no_licence", say("Den som krever inn egne krav, tar ikke inkassosalær."), ("B4", "B27"))
    if demand is None:
        return Because("no_demand", say("Det er ikke sendt betalingsoppfordring."), ("B10",))
    if not is_long_enough(demand.sent_on, demand.deadline_on):
        return Because("deadline_too_short", say("Betalingsoppfordringen ga ikke 14 dagers frist."), ("B10", "A1"))
    claims = unpaid_claims(facts)
    if not missed_deadline(facts.notices, demand.sent_on, claims) or not all(demand.is_about(c) for c in claims):
        message = say("Ingen frist på minst 14 dager var ute før oppfordringen.")
        return Because("no_missed_deadline", message, ("B10",))
    from_day = max(
        heavy_gate(demand.deadline_on, facts.held_days_since_demand, policy.grace_banking_days),
        earliest_next_step(max(n.deadline_on for n in facts.notices), policy.grace_banking_days),
    )
    if today < from_day:
        message = say(
            "Fristen i betalingsoppfordringen er {deadline_on}. Salæret kan tidligst øke {from_day}.",
            deadline_on=demand.deadline_on,
            from_day=from_day,
        )
        return Because("deadline_running", message, ("B10", "A2", "E6"), from_day=from_day)
    need_known_costs(policy, today)
    if heavy_is_charged(facts, law):
        return Because("already_taken", say("Salæret er allerede forhøyet."), ("B10",))
    return _heavier(facts, demand, today, law)


def _heavier(facts: CaseFacts, demand: NoticeFacts, today: date, law: Law) -> Permitted | Because:
    cap = total_cost_cap(facts, today, law, heavy=True)
    cost = collection_fee_line(facts, cap)
    if cost is None:
        return Because("no_room", say("Kostnadene har nådd taket, så salæret øker ikke."), ("B23",))
    over = say(
        "Fristen {deadline_on} er oversittet med mer enn 28 dager, uten dager på vent.", deadline_on=demand.deadline_on
    )
    conclusions = (
        Conclusion("B10", over),
        Conclusion("E6", _held_words(facts.held_days_since_demand)),
        _NO_HOLD,
        _NOT_BARRED,
        *inside_cap(facts, (cost,), cap),
    )
    return Permitted(Step.HEAVY_FEE, (cost,), conclusions, cap, tuple(_cap_rows(cap)))


def _held_words(days: int) -> Words:
    return (
        say("1 dag på vent er ikke regnet med.")
        if days == 1
        else say("{days} dager på vent er ikke regnet med.", days=days)
    )
