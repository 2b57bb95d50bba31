"""The next step of a case (sak): what is permitted now, and the one function that decides."""

from dataclasses import dataclass
from datetime import date

from saas.rules.deadlines import earliest_next_step, is_long_enough
from saas.rules.facts import (
    DEFAULT_POLICY,
    STAGE_AFTER,
    Because,
    CaseFacts,
    HoldFacts,
    HoldReason,
    Policy,
    Stage,
    Step,
)
from saas.rules.fees import CostCap, last_demand
from saas.rules.holds import MESSAGES, because_held, free_from
from saas.rules.law import Law
from saas.rules.limitation import why_case_time_barred
from saas.rules.rates import LawRow, UnknownLaw
from saas.rules.regime import NEW_COSTS
from saas.rules.steps import (
    Conclusion,
    CostLine,
    Permitted,
    counting_notice,
    heavy_gate,
    heavy_is_charged,
    is_taken,
    notice_lacks_agency,
    permission,
)
from saas.rules.words import say

__all__ = ["Conclusion", "CostLine", "Decision", "Permitted", "decide", "legal_steps", "next_step", "take"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to a case now: a step with its costs and grounds, or the reasons why none is taken."""

    step: Step | None
    why: tuple[Because, ...]  # empty when there is a step
    costs: tuple[CostLine, ...]
    stage_after: Stage
    expected_sending_on: date | None
    deadline_on: date | None  # as the letter will print it
    next_action_on: date | None  # look again then; None when only a person, a receipt or a payment moves the case
    holds_to_place: tuple[HoldFacts, ...] = ()
    conclusions: tuple[Conclusion, ...] = ()
    cap: CostCap | None = None
    law_rows: tuple[LawRow, ...] = ()

    @property
    def is_letter(self) -> bool:
        """Whether a letter is to be made and sent."""
        return self.expected_sending_on is not None


@dataclass(frozen=True, slots=True)
class _Standstill:
    why: tuple[Because, ...]
    look_again_on: date | None = None
    holds: tuple[HoldFacts, ...] = ()


def legal_steps(
    facts: CaseFacts, today: date, law: Law, policy: Policy = DEFAULT_POLICY
) -> dict[Step, Permitted | Because]:
    """Every step: permitted today, or why not and from when (A1-A4, B1-B17, E1, E3, H7).

    What stops the case as a whole (a hold, nothing owed, a letter under way) stands as the reason for each step.
    """
    stop = _standstill(facts, today, policy, ())
    if stop is not None:
        return dict.fromkeys(Step, stop.why[0])
    return {step: _permission(step, facts, today, law, policy) for step in Step}


def decide(
    facts: CaseFacts,
    today: date,
    law: Law,
    policy: Policy = DEFAULT_POLICY,
    plugin_holds: tuple[HoldFacts, ...] = (),
) -> Decision:
    """The case's next step today, or why there is none: the one place where a case branches.

    `plugin_holds` are what `hold_case` answered; every one is placed. Never raises UnknownLaw: a figure that is not
    known becomes a hold. A letter step's `next_action_on` is the day its printed deadline and grace are over.
    """
    stop = _standstill(facts, today, policy, plugin_holds)
    if stop is not None:
        return _none(facts, stop)
    try:
        step = next_step(facts, law, policy)
        if step is None:
            return _none(facts, _Standstill((_LADDER_DONE,)))
        barred = why_case_time_barred(facts, today)
        if barred is not None:
            return _none(facts, _hold(HoldReason.PERSON, barred, today))
        verdict = permission(step, facts, today, law, policy)
    except UnknownLaw as unknown:
        because = _unknown_law(unknown)
        return _none(
            facts, _hold(HoldReason.UNKNOWN_LAW, because, today, note=f"{unknown.figure} {unknown.on.isoformat()}")
        )
    if isinstance(verdict, Because):
        return _none(facts, _Standstill((verdict,), verdict.from_day))
    return take(verdict, facts, policy)


def take(permitted: Permitted, facts: CaseFacts, policy: Policy) -> Decision:
    """The decision to take a step that is permitted."""
    return Decision(
        permitted.step,
        (),
        permitted.costs,
        STAGE_AFTER[permitted.step],
        permitted.expected_sending_on,
        permitted.deadline_on,
        _look_after(permitted, facts, policy),
        (),
        permitted.conclusions,
        permitted.cap,
        permitted.law_rows,
    )


_LADDER_DONE = Because(
    "ladder_done", say("Alle brev er sendt. En saksbehandler vurderer hva som skjer videre."), ("S6",)
)


def next_step(facts: CaseFacts, law: Law, policy: Policy) -> Step | None:
    """The rung that comes next: reminder, collection notice, payment demand, heavy fee; None after the last.

    The reminder is optional (S1); the creditor's own proven letters count. Raises UnknownLaw.
    """
    if is_taken(Step.PAYMENT_DEMAND, facts):
        may_rise = facts.agency_licence and not facts.lost_costs and not heavy_is_charged(facts, law)
        return Step.HEAVY_FEE if may_rise else None
    if is_taken(Step.COLLECTION_NOTICE, facts):
        return Step.PAYMENT_DEMAND
    if is_taken(Step.REMINDER, facts) or not policy.send_reminder:
        return Step.COLLECTION_NOTICE
    return Step.REMINDER


def _permission(step: Step, facts: CaseFacts, today: date, law: Law, policy: Policy) -> Permitted | Because:
    try:
        return why_case_time_barred(facts, today) or permission(step, facts, today, law, policy)
    except UnknownLaw as unknown:
        return _unknown_law(unknown)


def _look_after(permitted: Permitted, facts: CaseFacts, policy: Policy) -> date | None:
    deadline_on = permitted.deadline_on
    if deadline_on is None:
        return None
    if permitted.step is not Step.PAYMENT_DEMAND:
        return earliest_next_step(deadline_on, policy.grace_banking_days)
    return heavy_gate(deadline_on, 0, policy.grace_banking_days) if facts.agency_licence else None


# --- what stops a case as a whole -----------------------------------------------------------------------------------


def _standstill(
    facts: CaseFacts, today: date, policy: Policy, plugin_holds: tuple[HoldFacts, ...]
) -> _Standstill | None:
    if facts.stage is Stage.CLOSED:
        return _Standstill((Because("closed", say("Saken er avsluttet.")),))
    owed = facts.outstanding
    if owed.principal_ore <= 0:
        fees_ore = owed.notice_fee_ore + owed.collection_fee_ore + owed.compensation_ore
        if owed.interest_ore + fees_ore + owed.fee_interest_ore <= 0:
            return _Standstill((Because("nothing_owed", say("Alt er betalt.")),))
        return _on_hold(facts, today, policy) or _hold(HoldReason.PERSON, _ONLY_COSTS, today)
    stop = _on_hold(facts, today, policy)
    if stop is not None:
        return stop
    if facts.letter_under_way:
        return _Standstill((_UNDER_WAY,))
    if plugin_holds or facts.vulnerable or not facts.postable or facts.deceased_on or facts.bankrupt_on:
        return _new_holds(facts, today, policy, plugin_holds)
    return _unproven(facts, today, policy)


_UNDER_WAY = Because("letter_under_way", say("Et brev er på vei. Saken venter til vi vet når det ble sendt."), ("A4",))
_ONLY_COSTS = Because(
    "only_costs_left",
    say("Det opprinnelige beløpet er betalt. Bare renter og kostnader gjenstår, og en saksbehandler vurderer saken."),
    ("B19",),
)


def _on_hold(facts: CaseFacts, today: date, policy: Policy) -> _Standstill | None:
    """Any hold in force stops everything (E3). Looked at again when the last one ends, if all of them end."""
    if not facts.holds:
        return None
    in_force = [(hold, free_from(hold, policy)) for hold in facts.holds]
    in_force = [(hold, free_on) for hold, free_on in in_force if free_on is None or today < free_on]
    if not in_force:
        return None
    return _Standstill(
        tuple(because_held(hold, free_on) for hold, free_on in in_force),
        _latest([free_on for _, free_on in in_force]),
    )


def _latest(days: list[date | None]) -> date | None:
    ends = [day for day in days if day is not None]
    return max(ends) if len(ends) == len(days) else None


def _new_holds(facts: CaseFacts, today: date, policy: Policy, plugin_holds: tuple[HoldFacts, ...]) -> _Standstill:
    """Holds this decision places: the plugins', and those the facts call for (G6, G7)."""
    holds = list(plugin_holds)
    if facts.vulnerable:
        holds.append(HoldFacts(HoldReason.VULNERABLE, today))
    if not facts.postable:
        holds.append(HoldFacts(HoldReason.NO_ADDRESS, today))
    if facts.deceased_on:
        holds.append(HoldFacts(HoldReason.DECEASED, today))
    if facts.bankrupt_on:
        holds.append(HoldFacts(HoldReason.BANKRUPT, today))
    free = [free_from(hold, policy) for hold in holds]
    why = tuple(because_held(hold, free_on) for hold, free_on in zip(holds, free, strict=True))
    return _Standstill(why, _latest(free), tuple(holds))


def _unproven(facts: CaseFacts, today: date, policy: Policy) -> _Standstill | None:
    """The letter the stage rests on must be proven sent and have given 14 days; else a person looks (A1, A4)."""
    if facts.stage is Stage.REGISTERED:
        return None
    if facts.stage is Stage.REMINDED:
        return None if facts.notices else _no_proof(today)
    if facts.stage is Stage.NOTICED:
        notices = [n for n in facts.notices if n.step is Step.COLLECTION_NOTICE]
        if not notices:
            return _no_proof(today)
        if counting_notice(facts, policy) is not None:
            return None
        no_agency = notice_lacks_agency(notices[-1], facts, policy)
        return _hold(HoldReason.PERSON, _NOTICE_BY_CREDITOR if no_agency else _TOO_SHORT, today)
    demand = last_demand(facts.notices)
    if demand is None:
        by_creditor = any(n.step is Step.PAYMENT_DEMAND for n in facts.notices)
        return None if by_creditor and not facts.agency_licence else _no_proof(today)
    fine = is_long_enough(demand.sent_on, demand.deadline_on)
    return None if fine else _hold(HoldReason.PERSON, _TOO_SHORT, today)


_NO_PROOF = Because("no_proof", MESSAGES[HoldReason.NO_PROOF], ("A1", "A4"))
_TOO_SHORT = Because(
    "deadline_too_short",
    say("Brevet ble sendt for sent til at den trykte fristen ga 14 dager. En saksbehandler må se på saken."),
    ("A1", "N9", "B20"),
)


_NOTICE_BY_CREDITOR = Because(
    "notice_by_creditor",
    say("Inkassovarselet er ikke sendt av et inkassoforetak, slik inkassoloven av 2026 krever. Det må sendes et nytt."),
    ("m1", "N9"),
)


def _no_proof(today: date) -> _Standstill:
    return _hold(HoldReason.NO_PROOF, _NO_PROOF, today)


def _hold(reason: HoldReason, because: Because, today: date, note: str = "") -> _Standstill:
    return _Standstill((because,), None, (HoldFacts(reason, today, None, note or because.code),))


def _unknown_law(unknown: UnknownLaw) -> Because:
    return Because("unknown_law", MESSAGES[HoldReason.UNKNOWN_LAW], (_rule_of(unknown.figure),))


def _rule_of(figure: str) -> str:
    return {"late_interest": "C1", NEW_COSTS: "m1"}.get(figure, "B11")


def _none(facts: CaseFacts, stop: _Standstill) -> Decision:
    return Decision(None, stop.why, (), facts.stage, None, None, stop.look_again_on, stop.holds)
