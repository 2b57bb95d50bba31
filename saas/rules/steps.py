"""May this step be taken today? One function per step; each answers Permitted or Because.

A step is lawful only when it is so both today and on the day the letter is expected to leave (A4).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from saas.rules.costs import CostLine, collection_fee_line, lower_cap, notice_fee_line
from saas.rules.deadlines import (
    MIN_DEADLINE_DAYS,
    earliest_next_step,
    expected_sending,
    is_long_enough,
    printed_deadline,
)
from saas.rules.facts import Because, CaseFacts, NoticeFacts, Policy, Stage, Step
from saas.rules.fees import DAYS_BEFORE_FEE, CostCap, heavy_from, last_demand, missed_deadline, total_cost_cap
from saas.rules.law import Law
from saas.rules.money import kroner
from saas.rules.rates import FractionRow, LawRow
from saas.rules.words import LETTER_NAMES, day_text

_ONE_DAY = timedelta(days=1)
_TWO_WEEKS = timedelta(days=DAYS_BEFORE_FEE)


class Conclusion(NamedTuple):
    """What one rule of law said about this step."""

    rule_id: str
    text: str


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


_NO_HOLD = Conclusion("E1", "Ingen innsigelse eller annen sperre står på saken.")
_JOINED = Conclusion("B16", "Alle krav i saken er slått sammen, og salæret er ett.")
_LADDER = {
    Step.REMINDER: Conclusion("B6", "Kravet er forfalt, så det kan purres."),
    Step.COLLECTION_NOTICE: Conclusion("S2", "Kravet er forfalt, så inkassovarsel kan sendes."),
    Step.PAYMENT_DEMAND: Conclusion("S4", "Inkassovarsel er sendt med minst 14 dagers frist, og fristen er ute."),
}


def permission(step: Step, facts: CaseFacts, today: date, law: Law, policy: Policy) -> Permitted | Because:
    """Whether the ladder and the law permit `step` today, holds and balance aside. Raises UnknownLaw."""
    if step is Step.HEAVY_FEE:
        return _heavy_fee(facts, today, law, policy)
    if is_taken(step, facts):
        return Because(
            "already_taken", f"Saken er allerede kommet til eller forbi {LETTER_NAMES[step]}.", _RULES_OF[step]
        )
    if step is Step.PAYMENT_DEMAND and counting_notice(facts) is None:
        return Because(
            "no_collection_notice",
            "Det er ikke sendt inkassovarsel med minst 14 dagers frist, så betalingsoppfordring kan ikke sendes.",
            ("S2", "S4"),
        )
    too_early = _too_early(facts, today, policy)
    if too_early is not None:
        return too_early
    if step is Step.PAYMENT_DEMAND:
        return _wait_for_sibling(facts, today, policy) or _letter(step, facts, today, law, policy)
    return _letter(step, facts, today, law, policy)


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


def is_taken(step: Step, facts: CaseFacts) -> bool:
    """Whether the case has come to or past a letter step, by ours or by the creditor's proven letters."""
    if step is Step.REMINDER:
        return facts.stage >= Stage.REMINDED or bool(facts.notices)
    if step is Step.COLLECTION_NOTICE:
        return facts.stage >= Stage.NOTICED or counting_notice(facts) is not None
    if facts.stage >= Stage.DEMANDED or last_demand(facts.notices) is not None:
        return True
    return not facts.agency_licence and any(n.step is Step.PAYMENT_DEMAND for n in facts.notices)


def counting_notice(facts: CaseFacts) -> NoticeFacts | None:
    """The newest collection notice that counts: sent after the due date with at least 14 days (INKL § 9; S2)."""
    due_on = latest_due(facts)
    for n in reversed(facts.notices):
        if n.step is Step.COLLECTION_NOTICE and n.sent_on > due_on and is_long_enough(n.sent_on, n.deadline_on):
            return n
    return None


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
    return facts.charged_collection_fee_ore + facts.charged_notice_fees_ore > light.cap_ore


# --- why not yet ----------------------------------------------------------------------------------------------------


def _too_early(facts: CaseFacts, today: date, policy: Policy) -> Because | None:
    """Fourteen days after the due date, and nothing before a printed deadline and its grace (A1, A2, B1)."""
    due_on = latest_due(facts)
    first_on = due_on + _TWO_WEEKS
    if today <= due_on:
        message = f"Kravet forfaller {day_text(due_on)}. Første brev kan tidligst gå {day_text(first_on)}."
        return Because("not_due", message, ("S0", "B1"), from_day=first_on)
    if today < first_on:
        message = f"Vi venter til 14 dager etter forfall. Første brev kan tidligst gå {day_text(first_on)}."
        return Because("too_soon_after_due", message, ("B1", "B28"), from_day=first_on)
    if not facts.notices:
        return None
    last = max(facts.notices, key=_deadline)
    from_day = earliest_next_step(last.deadline_on, policy.grace_banking_days)
    if today >= from_day:
        return None
    message = (
        f"Fristen i {LETTER_NAMES[last.step]} er {day_text(last.deadline_on)}. Betalinger bruker noen dager, "
        f"så neste steg kan tidligst tas {day_text(from_day)}."
    )
    return Because("deadline_running", message, ("A1", "A2"), from_day=from_day)


def _deadline(notice: NoticeFacts) -> date:
    return notice.deadline_on


def _wait_for_sibling(facts: CaseFacts, today: date, policy: Policy) -> Because | None:
    """Wait with the demand while another claim of the pair is nearly ready to be joined (B16, B17)."""
    ready_on = facts.sibling_ready_on
    if ready_on is None or not today < ready_on <= today + timedelta(days=policy.join_wait_days):
        return None
    message = (
        f"En annen sak mellom de samme partene er klar {day_text(ready_on)}. Vi venter, så det blir ett brev "
        "og ett salær."
    )
    return Because("join_wait", message, ("B16", "B17"), from_day=ready_on)


# --- letters --------------------------------------------------------------------------------------------------------


def _letter(step: Step, facts: CaseFacts, today: date, law: Law, policy: Policy) -> Permitted:
    sending_on = expected_sending(today)
    deadline_on = printed_deadline(sending_on, policy.slack_days)
    cap = lower_cap(facts, today, sending_on, law)
    if step is Step.PAYMENT_DEMAND and facts.agency_licence:
        cost, fraction = collection_fee_line(facts, cap), None
    else:
        cost, fraction = notice_fee_line(step, facts, today, sending_on, law, cap)
    conclusions = [
        _LADDER[step],
        *_passed(facts),
        Conclusion("A3", _promise(deadline_on)),
        Conclusion("A4", _both_days(sending_on)),
        _NO_HOLD,
    ]
    if step is Step.PAYMENT_DEMAND:
        conclusions.append(_JOINED)
    conclusions.append(_inside_cap(facts, cost, cap))
    return Permitted(
        step,
        (cost,) if cost is not None else (),
        tuple(conclusions),
        cap,
        _rows(law, today, sending_on, cap, fraction),
        sending_on,
        deadline_on,
    )


@lru_cache(maxsize=1024)
def _promise(deadline_on: date) -> str:
    return (
        f"Brevet trykker fristen {day_text(deadline_on)}: minst {MIN_DEADLINE_DAYS} dager etter sending "
        "og ikke på en fridag."
    )


@lru_cache(maxsize=1024)
def _both_days(sending_on: date) -> str:
    return f"Ventes sendt {day_text(sending_on)}. Steget er prøvd både for i dag og for den dagen."


def _passed(facts: CaseFacts) -> tuple[Conclusion, ...]:
    """The printed deadline that ran out before this step."""
    if not facts.notices:
        return (Conclusion("B1", f"Det er minst 14 dager siden forfall {day_text(latest_due(facts))}."),)
    last = max(facts.notices, key=_deadline)
    return (Conclusion("A1", f"Fristen {day_text(last.deadline_on)} i {LETTER_NAMES[last.step]} er ute."),)


def _inside_cap(facts: CaseFacts, cost: CostLine | None, cap: CostCap) -> Conclusion:
    charged = facts.charged_notice_fees_ore + facts.charged_collection_fee_ore + (cost.amount_ore if cost else 0)
    return Conclusion("B23", f"Kostnadene er {kroner(charged)} kr i alt. Taket er {kroner(cap.cap_ore)} kr.")


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
        return Because("no_licence", "Den som krever inn egne krav, tar ikke inkassosalær.", ("B4", "B27"))
    if demand is None:
        return Because("no_demand", "Det er ikke sendt betalingsoppfordring.", ("B10",))
    if not is_long_enough(demand.sent_on, demand.deadline_on):
        return Because("deadline_too_short", "Betalingsoppfordringen ga ikke 14 dagers frist.", ("B10", "A1"))
    if not missed_deadline(facts.notices, demand.sent_on, latest_due(facts)):
        return Because("no_missed_deadline", "Ingen frist på minst 14 dager var ute før oppfordringen.", ("B10",))
    from_day = max(
        heavy_gate(demand.deadline_on, facts.held_days_since_demand, policy.grace_banking_days),
        earliest_next_step(max(n.deadline_on for n in facts.notices), policy.grace_banking_days),
    )
    if today < from_day:
        message = (
            f"Fristen i betalingsoppfordringen er {day_text(demand.deadline_on)}. Salæret kan tidligst øke "
            f"{day_text(from_day)}."
        )
        return Because("deadline_running", message, ("B10", "A2", "E6"), from_day=from_day)
    if heavy_is_charged(facts, law):
        return Because("already_taken", "Salæret er allerede forhøyet.", ("B10",))
    return _heavier(facts, demand, today, law)


def _heavier(facts: CaseFacts, demand: NoticeFacts, today: date, law: Law) -> Permitted | Because:
    cap = total_cost_cap(facts, today, law, heavy=True)
    cost = collection_fee_line(facts, cap)
    if cost is None:
        return Because("no_room", "Kostnadene har nådd taket, så salæret øker ikke.", ("B23",))
    over = f"Fristen {day_text(demand.deadline_on)} er oversittet med mer enn 28 dager, uten dager på vent."
    conclusions = (
        Conclusion("B10", over),
        Conclusion("E6", f"{facts.held_days_since_demand} dager på vent er ikke regnet med."),
        _NO_HOLD,
        _inside_cap(facts, cost, cap),
    )
    return Permitted(Step.HEAVY_FEE, (cost,), conclusions, cap, tuple(_cap_rows(cap)))
