"""What an objection (innsigelse) stops and what it lets through, and how deadlines start again after the answer."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from saas.rules.deadlines import earliest_next_step, printed_deadline
from saas.rules.facts import DEFAULT_POLICY, Because, Policy
from saas.rules.money import Ore
from saas.rules.regime import Regime, regime_on
from saas.rules.words import Kroner, Words, say


class ObjectionKind(StrEnum):
    """What the debtor says. The first three count as objections with codes of their own (E9)."""

    WRONG_RECIPIENT = "wrong_recipient"
    ALREADY_PAID = "already_paid"
    NO_INVOICE = "no_invoice"  # not received: it may not even have fallen due (A6)
    WRONG_AMOUNT = "wrong_amount"
    NOT_AGREED = "not_agreed"
    FAULTY_DELIVERY = "faulty_delivery"
    CANCELLED = "cancelled"
    TIME_BARRED = "time_barred"
    OTHER = "other"


class Outcome(StrEnum):
    """The creditor's answer, or a case handler's finding (E2, E4)."""

    WITHDRAWN = "withdrawn"  # the claim is given up
    ADJUSTED = "adjusted"
    MAINTAINED = "maintained"  # with reasons: the objection has become a dispute unless the debtor lets it rest
    GROUNDLESS = "groundless"  # obviously so: a case handler's finding, with a written reason


class Standing(StrEnum):
    """Where an objection stands."""

    OPEN = "open"
    ANSWERED = "answered"  # the new deadline runs
    DISPUTED = "disputed"  # still disagreed after the answer: forliksråd, or close
    BOARD_CASE = "board_case"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ObjectionFacts:
    """One objection. Made to the agency it counts as made to the creditor (INKL § 13; E5)."""

    kind: ObjectionKind
    received_on: date
    claim_ore: Ore
    disputed_ore: Ore | None = None  # None: all of it
    outcome: Outcome | None = None
    reason: str = ""  # of the answer, in writing
    decided_by: str = ""  # the case handler who found it groundless
    answer_sent_on: date | None = None
    answer_deadline_on: date | None = None  # as the answer printed it
    still_disputed: bool = False  # the debtor held on to it after the answer
    board_case_on: date | None = None  # the complaint reached the board (INKL § 23)
    board_decided_on: date | None = None
    court_decided_on: date | None = None
    taken_back_on: date | None = None  # the debtor let it go
    by_agency: bool = True  # an agency collects: NYINKL § 25 binds it, not a creditor collecting itself


class Action(StrEnum):
    """Things done to a case that an objection bears on."""

    TRANSFER = "transfer"  # sending it to collection
    REMINDER = "reminder"
    COLLECTION_NOTICE = "collection_notice"
    PAYMENT_DEMAND = "payment_demand"
    ASK_FOR_PAYMENT = "ask_for_payment"  # by call or message
    NEW_FEE = "new_fee"
    HEAVY_FEE = "heavy_fee"
    REMARK = "remark"
    ATTACHMENT = "attachment"  # utlegg
    ANSWER = "answer"
    ASK_CREDITOR = "ask_creditor"
    RECEIVE_PAYMENT = "receive_payment"
    REMOVE_REMARK = "remove_remark"
    LIMITATION_WATCH = "limitation_watch"
    INTEREST = "interest"  # runs on for a claim later upheld [memory]
    CONCILIATION = "conciliation"  # forliksklage, to have it decided
    SUIT = "suit"
    SUIT_ON_COSTS = "suit_on_costs"  # forliksklage or writ on the collection costs alone


STOPPED = frozenset(
    {
        Action.TRANSFER,
        Action.REMINDER,
        Action.COLLECTION_NOTICE,
        Action.PAYMENT_DEMAND,
        Action.ASK_FOR_PAYMENT,
        Action.NEW_FEE,
        Action.HEAVY_FEE,
        Action.REMARK,
        Action.ATTACHMENT,
    }
)  # E1, E3; all else goes on


def standing(objection: ObjectionFacts, today: date, policy: Policy = DEFAULT_POLICY) -> Standing:
    """Where an objection stands today (E2, E4, E14).

    Any objection holds: it is groundless only when a named case handler said so with a written reason (E2). A
    maintained claim is free again when the answer's deadline and its grace are over, unless the debtor held on.

    Under the act of 2026 silence is not enough: an objection that was not wholly upheld must be decided by a court, or
    be taken back, before an agency collects (NYINKL § 25 third para., which has no exception for a groundless one; m1).
    """
    if _board_pending(objection, today):
        return Standing.BOARD_CASE
    if _is_past(objection.taken_back_on, today):
        return Standing.CLOSED
    if objection.outcome is None or not _is_reasoned(objection):
        return Standing.OPEN
    must_be_decided = _must_be_decided(objection, today, policy)
    if objection.outcome is Outcome.WITHDRAWN or (objection.outcome is Outcome.GROUNDLESS and not must_be_decided):
        return Standing.CLOSED
    if objection.still_disputed:
        return Standing.DISPUTED
    free_on = resumes_on(objection, policy)
    if free_on is None:
        return Standing.OPEN
    if today < free_on:
        return Standing.ANSWERED
    return Standing.DISPUTED if must_be_decided else Standing.CLOSED


def _must_be_decided(objection: ObjectionFacts, today: date, policy: Policy) -> bool:
    decided = _is_past(objection.board_decided_on, today) or _is_past(objection.court_decided_on, today)
    return objection.by_agency and not decided and regime_on(today, policy) is Regime.ACT_2026


def _is_past(day: date | None, today: date) -> bool:
    return day is not None and day <= today


def _is_reasoned(objection: ObjectionFacts) -> bool:
    if objection.outcome is Outcome.GROUNDLESS:
        return bool(objection.reason.strip() and objection.decided_by.strip())
    return objection.outcome is not Outcome.MAINTAINED or bool(objection.reason.strip())


def _board_pending(objection: ObjectionFacts, today: date) -> bool:
    if objection.board_case_on is None or objection.board_case_on > today:
        return False
    return objection.board_decided_on is None or objection.board_decided_on > today


def why_stopped(
    action: Action, objection: ObjectionFacts, today: date, policy: Policy = DEFAULT_POLICY
) -> Because | None:
    """Why an objection stops `action` (INKL §§ 10-12, 23; E1-E3, E5, E9, E14). None when it lets it through.

    On the undisputed part of a part dispute collection may go on: ask with that part as a claim of its own (`split`).
    The six months of INKL § 11 and limitation are not paused by any of this.
    """
    where = standing(objection, today, policy)
    if where is Standing.BOARD_CASE and action is Action.SUIT_ON_COSTS:
        return _BOARD_CASE
    if action not in STOPPED:
        return None
    if objection.outcome is Outcome.WITHDRAWN:
        return _WITHDRAWN
    if where is Standing.CLOSED:
        return None
    from_day = resumes_on(objection, policy) if where is Standing.ANSWERED else None
    return Because(f"objection.{where}", _words(where, objection), ("E1", "E3"), from_day=from_day)


_WITHDRAWN = Because("claim_withdrawn", say("Kravet er trukket og skal ikke drives inn."), ("E4",))
_BOARD_CASE = Because(
    "board_case",
    say("Kostnadene er til behandling i nemnda. De kan bare bringes inn for domstolene sammen med hovedkravet."),
    ("E14",),
)


def _words(where: Standing, objection: ObjectionFacts) -> Words:
    if where is Standing.ANSWERED:
        return say("Innsigelsen er besvart. Du har en ny frist før noe mer skjer.")
    if where is Standing.DISPUTED:
        return say("Du er fortsatt uenig. Saken må avgjøres av forliksrådet eller avsluttes.")
    if where is Standing.BOARD_CASE:
        return say("Saken er til behandling i nemnda.")
    return say("Innsigelsen fra {day} er ikke besvart.", day=objection.received_on)


def why_no_cost(
    objection: ObjectionFacts,
    accrued_on: date,
    regime: Regime,
    *,
    began_on: date | None = None,
    should_have_objected_on: date | None = None,
) -> Because | None:
    """Why a cost that accrued that day may not be claimed once the debtor has objected (NYINKL § 18 third para.; m1).

    None when it may. Not for an objection a person found obviously groundless, nor for costs after it was decided (by
    the board or a court: a reading, the one that costs the debtor least) or taken back. `should_have_objected_on` is a
    person's finding, and counts only for an objection raised after collection began on `began_on`. Under the act of
    1988 no rule does this by itself: a person finds it (`LostCostReason.OBJECTION_BEFORE`).
    """
    if regime is Regime.ACT_1988:
        return None
    if objection.outcome is Outcome.WITHDRAWN:
        return _NO_COST_ON_UNLAWFUL
    if objection.outcome is Outcome.GROUNDLESS and _is_reasoned(objection):
        return None
    ends = (objection.board_decided_on, objection.court_decided_on, objection.taken_back_on)
    if any(end is not None and end < accrued_on for end in ends):
        return None
    late = began_on is not None and began_on < objection.received_on
    if late and should_have_objected_on is not None and should_have_objected_on < accrued_on:
        return None
    return _NO_COST_AFTER_OBJECTION


_NO_COST_ON_UNLAWFUL = Because(
    "claim_unlawful", say("Kravet er trukket. Det kan ikke kreves kostnader for å drive det inn."), ("m1",)
)
_NO_COST_AFTER_OBJECTION = Because(
    "cost_after_objection",
    say("Du har sagt at du er uenig. Da kan det ikke kreves kostnader før uenigheten er avgjort."),
    ("m1",),
)


def straight_to_court(objection: ObjectionFacts, today: date) -> bool:
    """Whether a decision by the board on the merits opens the way to tingrett (INKL § 23 second para.; E14)."""
    return objection.board_decided_on is not None and objection.board_decided_on <= today


# --- deadlines after the answer -------------------------------------------------------------------------------------


def new_deadline(answer_sent_on: date, policy: Policy = DEFAULT_POLICY) -> date:
    """The deadline an answer prints: 14 days anew, for the letter's way too, never on a holiday (E4, E6, A3)."""
    return printed_deadline(answer_sent_on, policy.slack_days)


def resumes_on(objection: ObjectionFacts, policy: Policy = DEFAULT_POLICY) -> date | None:
    """The first day collection may go on after the answer (E4, E6); None while there is no answer.

    The later of the printed deadline and 14 days from real sending counts, with the grace for payments under way.
    """
    sent_on = objection.answer_sent_on
    if sent_on is None:
        return None
    deadline_on = max(objection.answer_deadline_on or sent_on, printed_deadline(sent_on))
    return earliest_next_step(deadline_on, policy.grace_banking_days)


def held_days(objection: ObjectionFacts, demand_deadline_on: date, today: date, policy: Policy = DEFAULT_POLICY) -> int:
    """Days after the demand's deadline that do not count towards the heavy fee (E6, B10).

    From the objection until collection may go on, or today while it may not; a groundless one held until its finding
    was sent, and until today when no answer was sent.
    """
    if objection.outcome is Outcome.GROUNDLESS and objection.answer_sent_on is not None:
        free_on: date | None = objection.answer_sent_on
    else:
        free_on = resumes_on(objection, policy)
    until = min(today, free_on) if free_on is not None and not objection.still_disputed else today
    since = max(objection.received_on.toordinal(), demand_deadline_on.toordinal() + 1)
    return max(0, until.toordinal() - since)


# --- a part dispute -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Split:
    """A claim in two: only the undisputed part may be collected (E7). The parts add up to the claim."""

    undisputed_ore: Ore
    disputed_ore: Ore
    explanation: Words
    rule_ids: tuple[str, ...] = ("E7",)


def split(objection: ObjectionFacts) -> Split:
    """What of the claim is disputed; all of it when the debtor did not say (E7).

    Raises ValueError when more is disputed than claimed, or a negative amount.
    """
    disputed = objection.claim_ore if objection.disputed_ore is None else objection.disputed_ore
    if not 0 <= disputed <= objection.claim_ore:
        raise ValueError("the disputed part must be within the claim")
    rest = Ore(objection.claim_ore - disputed)
    words = say(
        "{disputed} er omtvistet. {rest} er ikke omtvistet og kan kreves.", disputed=Kroner(disputed), rest=Kroner(rest)
    )
    return Split(rest, Ore(disputed), words)
