"""What the creditor's pages say of a case, in a few words (bokmål)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from saas.cases.intake import Outcome, Verdict
from saas.cases.models import DebtorRequest, ReportedFact
from saas.cases.objection_schemas import OUTCOMES as ANSWERS
from saas.cases.objections import ObjectionView
from saas.cases.queries import CaseRow, CaseStatus
from saas.cases.reported_schemas import YES_NO_FACTS
from saas.cases.schemas import ClaimInput, ClaimSchema
from saas.portals.shared.words import HOLDS, STAGES, STEPS, UNDER_WAY, day, money, numeric_day, short_day
from saas.rules.facts import HoldReason, Stage, Step

OUTCOMES = {Outcome.ACCEPTED: "I orden", Outcome.DUPLICATE: "Registrert fra før", Outcome.REJECTED: "Må rettes"}
_NOT_FOR_CREDITORS = {HoldReason.VULNERABLE: HoldReason.PERSON}  # why a person looks is nobody else's business (G6)


def hold_words(reason: HoldReason) -> str:
    """Why a case stands still, as a creditor may know it."""
    return HOLDS[_NOT_FOR_CREDITORS.get(reason, reason)]


def stage_words(stage: Stage, letter_under_way: bool) -> str:
    """How far a case has come; a letter that has not left yet is not called sent."""
    return UNDER_WAY[stage] if letter_under_way and stage in UNDER_WAY else STAGES[stage]


def next_step(row: CaseRow) -> str:
    """The next step in a list: `Inkassovarsel tidligst 08.12.2026`."""
    if row.stage is Stage.CLOSED:
        return "Ingen"
    if row.holds:
        return hold_words(row.holds[0]).capitalize()
    if row.letter_under_way:
        return "Brev er på vei"
    return _rung_and_day(row.next_rung, row.next_action_on, numeric_day) or "En saksbehandler vurderer saken"


def next_step_sentence(case: CaseStatus) -> str:
    """The next step as a sentence on the case's own page."""
    planned = _rung_and_day(case.next_rung, case.next_action_on, day)
    if planned is None:
        return "En saksbehandler vurderer hva som skjer videre."
    return f"Neste steg: {planned[0].lower()}{planned[1:]}, hvis kravet ikke er betalt."


def _rung_and_day(rung: Step | None, on: date | None, written: Any) -> str | None:
    return f"{STEPS[rung]} tidligst {written(on)}" if rung and on else None


def answer_words(objection: ObjectionView) -> str:
    """What became of an objection: `Må besvares innen 9. mars 2026`, `Beløpet settes ned, 9. mars 2026`."""
    if objection.waits:
        return f"Må besvares innen {short_day(objection.answer_by)}"
    if objection.outcome is None or objection.answered_on is None:
        return "Ikke uenig lenger"
    return f"{ANSWERS[objection.outcome]}, {short_day(objection.answered_on)}"


def fact_words(fact: ReportedFact) -> str:
    """What was reported, in words: `Aktiv strømavtale: ja`."""
    value = {True: "ja", False: "nei"}[fact.value] if isinstance(fact.value, bool) else str(fact.value)
    return f"{YES_NO_FACTS.get(fact.name, fact.name)}: {value}"


def request_words(asked: DebtorRequest) -> str:
    """What was asked for, when, and how it stands: `Til 20. mars 2026, spurt 6. mars 2026: nei`."""
    until = f"Til {short_day(asked.until)}, spurt" if asked.until else "Spurt"
    return f"{until} {short_day(asked.asked_on)}: {_ANSWERED[asked.outcome]}"


_ANSWERED = {"granted": "ja", "refused": "nei", "ask_person": "venter på en saksbehandler"}


def texts_of(verdict: Verdict) -> list[str]:
    """What is wrong with a row and what to know of it, each as a sentence; unknown columns are named."""
    return [text for name, found in verdict.errors.items() for text in _texts(name, found)] + verdict.notes


def _texts(name: str, found: Any) -> Iterable[str]:
    if isinstance(found, dict):
        return [text for inner in found.values() for text in _texts(name, inner)]
    known = name in ClaimSchema._declared_fields or name in ("row", "_schema")
    return [str(text) if known else f"«{name}»: {text}" for text in found]


def understood(claim: ClaimInput) -> dict[str, str]:
    """Days and sums as we understood them, by field: the check page shows these, not what was typed."""
    values = {name: getattr(claim, name) for name in ClaimSchema._declared_fields}
    days = {name: day(value) for name, value in values.items() if isinstance(value, date)}
    return days | {name: money(values[name]) for name in ("amount", "reminder_fee", "notice_fee")}
