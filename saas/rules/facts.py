"""Frozen facts about a case: all that a rule or a plugin ever sees of it.

Nothing here knows the database. `saas.cases.facts` builds these; `saas.rules` and plugins read them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from typing import NamedTuple
from uuid import UUID

from saas.rules.money import NO_MONEY, Ore


class DebtorKind(StrEnum):
    """Who owes (skyldner). A sole trader's business debt is not consumer debt (law 0.1, table)."""

    PERSON = "person"
    SOLE_TRADER = "sole_trader"
    COMPANY = "company"


class Stage(IntEnum):
    """How far a case has come; exactly one at a time. The number is what the database stores."""

    REGISTERED = 10
    REMINDED = 20
    NOTICED = 30
    DEMANDED = 40
    CLOSED = 90


class Step(StrEnum):
    """A thing that can be done to a case and that the law must permit."""

    REMINDER = "reminder"  # purring
    COLLECTION_NOTICE = "collection_notice"  # inkassovarsel
    PAYMENT_DEMAND = "payment_demand"  # betalingsoppfordring
    HEAVY_FEE = "heavy_fee"  # the collection fee doubles (law B10); no letter of its own


STATED_YEARS = range(1970, 2100)  # a statement of another day is a slip of the pen
LETTER_STEPS = (Step.REMINDER, Step.COLLECTION_NOTICE, Step.PAYMENT_DEMAND)


class HoldReason(StrEnum):
    """Why a case stands still (på vent). Any number at a time."""

    OBJECTION = "objection"
    DEFERRED = "deferred"
    VULNERABLE = "vulnerable"
    QUIET = "quiet"  # placed by a plugin for this night only
    PLUGIN_TROUBLE = "plugin_trouble"
    UNKNOWN_LAW = "unknown_law"  # a figure is not known for the date
    NO_ADDRESS = "no_address"
    NO_PROOF = "no_proof"  # the last letter has no proof of sending
    PERSON = "person"  # a case handler asked for it, or must decide
    DECEASED = "deceased"  # the debtor has died: a person writes to the estate (law G7)
    BANKRUPT = "bankrupt"  # a person files with the estate; no new cost


class CostKind(StrEnum):
    """What the debtor may owe beside principal and interest."""

    NOTICE_FEE = "notice_fee"  # purregebyr, also for the collection notice and a creditor's own demand
    COLLECTION_FEE = "collection_fee"  # inkassosalær
    COMPENSATION = "compensation"  # standardkompensasjon, FRL § 3 a; set off against the costs (law B15)


@dataclass(frozen=True, slots=True)
class Fact:
    """A dated statement from outside, e.g. `power.active_contract`. Value is bool, int or str."""

    name: str
    value: bool | int | str
    source: str
    reported_on: date
    good_until: date | None = None  # the last day it can be relied on, when its source has said

    def age_days(self, today: date) -> int:
        """Whole days since it was reported."""
        return (today - self.reported_on).days

    def is_stale(self, today: date) -> bool:
        """Whether its source has said that it can no longer be relied on."""
        return self.good_until is not None and today > self.good_until


class Pause(NamedTuple):
    """Interest does not run from `from_on` until `until_on`, the first day it runs again (None: it still pauses)."""

    from_on: date
    until_on: date | None
    reason: str  # objection_upheld or creditor_delay (law C7)


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """One invoice (krav). Interest and limitation belong to the claim."""

    id: UUID
    invoice_number: str
    kind: str  # electricity, grid, other
    description: str
    principal_ore: Ore  # at the due date: the band base of law B8
    principal_left_ore: Ore
    invoiced_on: date
    due_on: date
    principal_moves: tuple[tuple[date, Ore], ...] = ()  # (value date, +paid) in date order: payments on principal
    interest_pauses: tuple[Pause, ...] = ()
    extra: tuple[tuple[str, str | int | bool], ...] = ()  # fields that plugins added, name → value

    def value(self, name: str) -> str | int | bool | None:
        """What was filled in for a field that a plugin added (`extend_claim_fields`); None when nothing."""
        return dict(self.extra).get(name)


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """A letter that was demonstrably sent: ours (a dispatch with proof) or the creditor's (with dates and proof)."""

    step: Step
    sent_on: date
    deadline_on: date  # as printed
    fee_ore: Ore  # notice fee charged with it; an agency's collection fee is never in it
    by_creditor: bool  # sent by the creditor before the case came to us
    proof: str  # sha-256 (hex) of the proof: stored letter, or the document the creditor handed in
    claim_ids: tuple[UUID, ...] = ()  # the claims it was about; empty: every claim of the case

    def is_about(self, claim: ClaimFacts) -> bool:
        """Whether this letter was about the claim."""
        return not self.claim_ids or claim.id in self.claim_ids


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """One hold in force."""

    reason: HoldReason
    since: date
    until: date | None = None  # last day of the hold; None = until a person lifts it
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What is booked and unpaid on the case, in øre. Interest is only what has been booked, not what runs."""

    principal_ore: Ore
    interest_ore: Ore
    notice_fee_ore: Ore
    collection_fee_ore: Ore
    compensation_ore: Ore = NO_MONEY
    fee_interest_ore: Ore = NO_MONEY


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case (sak): one debtor, one creditor, one or more claims."""

    case_id: UUID
    case_number: int
    stage: Stage
    debtor_kind: DebtorKind
    creditor_id: UUID
    creditor_slug: str
    agency_licence: bool  # the tenant holds an inkasso licence and collects for others
    vat_deductible: bool  # the creditor deducts VAT, so no VAT is added to caps (law B12)
    vulnerable: bool
    postable: bool  # a complete postal address is held
    claims: tuple[ClaimFacts, ...]
    notices: tuple[NoticeFacts, ...]  # sent ones only, oldest first
    holds: tuple[HoldFacts, ...]
    outstanding: Outstanding
    charged_notice_fees_ore: Ore  # booked so far, paid or not, ours and the creditor's
    charged_collection_fee_ore: Ore
    letter_under_way: bool = False  # a letter is queued or handed over and not yet proven sent
    held_days_since_demand: int = 0  # days held after the demand's deadline (law E6)
    sibling_ready_on: date | None = None  # another case of the same pair could be joined from this day (law B16)
    facts: tuple[Fact, ...] = ()
    charged_compensation_ore: Ore = NO_MONEY
    fee_charges: tuple[tuple[date, Ore], ...] = ()  # (day, +charged or -taken back) of the collection fee; empty when
    fee_payments: tuple[tuple[date, Ore], ...] = ()  # the tenant claims no interest on it (law C6). (value date, +paid)
    paid_fee_interest_ore: Ore = NO_MONEY  # also of what was claimed before the tenant stopped claiming it
    deceased_on: date | None = None
    bankrupt_on: date | None = None
    lost_costs: str = ""  # what can no longer be charged in this round (law B19): "", "agency_fee" or "all"

    @property
    def acknowledged_on(self) -> tuple[date, ...]:
        """The days the debtor acknowledged the debt, as `limitation.acknowledged_on` states them (law H3)."""
        return self._days_stated("limitation.acknowledged_on")

    @property
    def judged_on(self) -> tuple[date, ...]:
        """The days a judgment or settlement became binding, as `limitation.judged_on` states them (law H4)."""
        return self._days_stated("limitation.judged_on")

    def _days_stated(self, name: str) -> tuple[date, ...]:
        stated = self.fact(name) if self.facts else None
        return days_stated(stated.value) if stated is not None else ()

    @property
    def is_consumer(self) -> bool:
        """Consumer relation, INKF § 2-1: the debt was taken on as a consumer."""
        return self.debtor_kind is DebtorKind.PERSON

    def fact(self, name: str) -> Fact | None:
        """The newest statement of that name; None when there is none or two of the same day contradict each other."""
        known = [f for f in self.facts if f.name == name]
        if not known:
            return None
        newest = max(f.reported_on for f in known)
        values = {f.value for f in known if f.reported_on == newest}
        return next(f for f in known if f.reported_on == newest) if len(values) == 1 else None


def days_stated(value: object) -> tuple[date, ...]:
    """The days in a statement such as `2024-05-02 2025-01-10`, oldest first; none when it cannot be read."""
    try:
        days = sorted(date.fromisoformat(text) for text in str(value).split())
    except ValueError:
        return ()
    return tuple(days) if all(day.year in STATED_YEARS for day in days) else ()


@dataclass(frozen=True, slots=True)
class Policy:
    """What a tenant chooses within the law (tenant settings, `policy`)."""

    send_reminder: bool = True
    grace_banking_days: int = 3  # after a printed deadline, before the next step (law A2)
    slack_days: int = 3  # added to the printed deadline for the way of the letter (design §5)
    join_wait_days: int = 14  # wait with a demand when another claim of the pair is ready within (law B17)
    day_basis: str = "act/act"  # or fixed365 (law C5)
    write_off_below_ore: int = 0  # a remainder up to this is written off when the case else is covered
    max_deferral_days: int = 14
    fee_interest: bool = False  # interest on an unpaid collection fee, from 30 days after the demand (law C6)
    claim_compensation: bool = False  # standard compensation from business debtors (law B15, C9)
    waive_after_printed_sum: bool = True  # who paid in time what the letter said owes nothing more (law D6)
    media_order: tuple[str, ...] = ()  # reorders the lawful ways out of the house (saas/dispatch/ladder.csv)
    electronic_a_week: int = 2  # notices and messages to one debtor, beyond the mandatory letters (law G1, G2)
    new_act_from: date | None = None  # the day the act of 2026 is in force; no day is set yet (law m1)


DEFAULT_POLICY = Policy()


@dataclass(frozen=True, slots=True)
class Because:
    """Why something is not permitted or not granted: a code, what to tell, and what helps."""

    code: str
    message: str = ""  # plain bokmål, one or two sentences
    rule_ids: tuple[str, ...] = ()
    fact: Fact | None = None
    from_day: date | None = None  # permitted from, when that is known


STAGE_AFTER = {
    Step.REMINDER: Stage.REMINDED,
    Step.COLLECTION_NOTICE: Stage.NOTICED,
    Step.PAYMENT_DEMAND: Stage.DEMANDED,
    Step.HEAVY_FEE: Stage.DEMANDED,
}


def stage_reached(steps: Iterable[Step | str]) -> Stage:
    """The stage of a case for which these steps were taken; REGISTERED when none was."""
    return max((STAGE_AFTER[Step(step)] for step in steps), default=Stage.REGISTERED)
