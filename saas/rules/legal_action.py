"""Legal action (rettslig inndriving): from when, until when, and by which route it may be taken."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from saas.rules.days import add_months
from saas.rules.deadlines import earliest_next_step, is_long_enough
from saas.rules.facts import DEFAULT_POLICY, Because, CaseFacts, HoldFacts, HoldReason, NoticeFacts, Policy, Step
from saas.rules.fees import last_demand
from saas.rules.holds import why_held
from saas.rules.limitation import why_case_time_barred
from saas.rules.money import Ore, ore_of_kroner
from saas.rules.objections import Action
from saas.rules.steps import Conclusion, latest_due
from saas.rules.words import Words, say

DEMAND_MONTHS = 6  # INKL § 11 second para. (S6)
NOTICE_YEAR_MONTHS = 12  # TVFL § 4-19
_ONE_DAY, _TWO_WEEKS = timedelta(days=1), timedelta(days=14)
DIRECT_SUIT_FROM_ORE: Ore = ore_of_kroner(200_000)  # TVL § 6-2 second para. letter a


class Route(StrEnum):
    """How a claim is taken further (law A.3)."""

    ATTACHMENT = "attachment"  # utleggsbegjæring
    CONCILIATION = "conciliation"  # forliksklage
    SUIT = "suit"  # stevning til tingretten
    FORCED_SALE = "forced_sale"  # tvangssalg, when a lien exists
    BANKRUPTCY = "bankruptcy"


_ACTIONS = {
    Route.ATTACHMENT: Action.ATTACHMENT,
    Route.CONCILIATION: Action.CONCILIATION,
    Route.SUIT: Action.SUIT,
    Route.FORCED_SALE: Action.ATTACHMENT,
    Route.BANKRUPTCY: Action.ATTACHMENT,
}
ROUTES_WITHOUT_CONSENT = frozenset({Route.ATTACHMENT, Route.CONCILIATION})  # INKL § 14 (A12)
_TO_HAVE_IT_DECIDED = frozenset({Route.CONCILIATION, Route.SUIT})  # INKL § 12 third para. (A5)


class Exception12(StrEnum):
    """Why INKL §§ 9 to 11 need not be followed (INKL § 12; A5)."""

    EVASION = "evasion"  # the debtor clearly seeks to evade payment
    DANGER = "danger"  # other special reasons: recovery would be lost
    BILL_OR_CHEQUE = "bill_or_cheque"


_EXCEPTION_NAMES = {
    Exception12.EVASION: say("den som skylder, prøver åpenbart å unndra seg betaling"),
    Exception12.DANGER: say("særlige grunner, fordi pengene ellers kan gå tapt"),
    Exception12.BILL_OR_CHEQUE: say("veksel eller sjekk"),
}


@dataclass(frozen=True, slots=True)
class LegalFacts:
    """What legal action rests on beside the case's own letters."""

    route: Route
    assessed_rightful_on: date | None  # somebody looked at whether the claim is rightful (INKL § 11)
    demand_gives_notice: bool  # the demand itself warned of legal action (INKL § 10 letter e; S5)
    separate_notice: tuple[date, date] | None = None  # (sent, printed deadline) of a notice of its own (S5)
    disputed: bool = False
    creditor_consents: bool = False  # expressly, to this route (A12)
    urgent: bool = False  # a pressing case, INKL § 14
    exception: Exception12 | None = None
    exception_reason: str = ""
    exception_approved_by: str = ""  # a manager
    notice_on_paper: bool = False  # or agreed otherwise, or usual between the parties (TVL § 5-2)
    enforceable_since: date | None = None  # when enforcement became possible; None: two weeks after the due date
    costs_alone_approved_by: str = ""  # a person who decided that costs alone are worth it, the principal being paid
    both_had_counsel: bool = False
    board_decided_merits: bool = False


@dataclass(frozen=True, slots=True)
class LegalWindow:
    """The days on which legal action may begin, both included, and the grounds."""

    opens_on: date
    closes_on: date | None  # None: nothing ends it (a disputed claim brought to be decided)
    conclusions: tuple[Conclusion, ...]

    def is_open(self, today: date) -> bool:
        """Whether it may begin today."""
        return self.opens_on <= today and (self.closes_on is None or today <= self.closes_on)


def legal_action_window(
    facts: CaseFacts, legal: LegalFacts, today: date, policy: Policy = DEFAULT_POLICY
) -> LegalWindow | Because:
    """When legal action may begin (INKL §§ 10-12; TVFL §§ 4-18, 4-19; A1, A2, A5, S5, S6, W11).

    A window may lie ahead: ask `why_not_now` for a verdict on the day. A `Because` says what is missing, or which
    letter has grown too old by `today`. No objection pauses the six months (E6).
    """
    if legal.disputed and legal.route not in _TO_HAVE_IT_DECIDED:
        message = say("Kravet er omtvistet. Det kan bare bringes inn for å bli avgjort.")
        return Because("disputed", message, ("E3", "A5"))
    excepted = _excepted(facts, legal, today)
    if excepted is not None:
        return excepted
    demand = _demand(facts)
    if demand is None:
        message = say("Det er ikke sendt betalingsoppfordring med 14 dagers frist.")
        return Because("no_demand", message, ("S4", "S6"))
    if legal.assessed_rightful_on is None:
        return Because("not_assessed", say("Det er ikke vurdert om kravet er rettmessig."), ("S6",))
    notice = _notice(legal, demand)
    if isinstance(notice, Because):
        return notice
    return _window(facts, legal, demand, notice, today, policy)


def why_not_now(
    facts: CaseFacts, legal: LegalFacts, today: date, policy: Policy = DEFAULT_POLICY
) -> LegalWindow | Because:
    """Whether legal action by this route may begin today (S5, S6, A5, A7, A12, E3, E10, H7; TVL §§ 5-2, 6-2).

    A hold stops it unless it lets this route through, and a claim that is time-barred is not brought at all. A death or
    bankruptcy stops it also before anybody placed a hold. A remainder of costs alone goes nowhere unless a person
    decided so (B19). Raises UnknownLaw.
    """
    stop = _stopped(facts, legal, today, policy) or _wrong_route(facts, legal)
    if stop is not None:
        return stop
    window = legal_action_window(facts, legal, today, policy)
    if isinstance(window, Because) or window.is_open(today):
        return window
    message = say("Rettslig inndriving kan tidligst begynne {day}.", day=window.opens_on)
    return Because("too_soon", message, ("S6", "A1"), from_day=window.opens_on)


# --- exceptions and routes ------------------------------------------------------------------------------------------


def _excepted(facts: CaseFacts, legal: LegalFacts, today: date) -> LegalWindow | Because | None:
    """INKL § 12: a disputed claim brought to be decided, or a recorded exception that a manager approved (A5)."""
    due_on = latest_due(facts)
    if legal.exception is not None:
        if not (legal.exception_reason.strip() and legal.exception_approved_by.strip()):
            message = say("Unntaket må begrunnes og godkjennes av en leder.")
            return Because("exception_not_approved", message, ("A5",))
        words = say(
            "Unntak etter inkassoloven § 12 ({exception}), godkjent av {manager}.",
            exception=_EXCEPTION_NAMES[legal.exception],
            manager=legal.exception_approved_by,
        )
        opens_on = due_on + _ONE_DAY
        if legal.route is Route.ATTACHMENT:
            return _enforcement_only(facts, legal, words)
        return LegalWindow(opens_on, None, (Conclusion("A5", words),))
    if legal.disputed:
        words = say(
            "Kravet er omtvistet og kan bringes inn for å bli avgjort uten varslene i inkassoloven §§ 9 til 11."
        )
        return LegalWindow(due_on + _ONE_DAY, None, (Conclusion("A5", words),))
    return None


def _enforcement_only(facts: CaseFacts, legal: LegalFacts, words: Words) -> LegalWindow | Because:
    """The exception lifts the collection act's notices, not the two weeks of TVFL § 4-18."""
    if legal.separate_notice is None:
        message = say("Varsel etter tvangsfullbyrdelsesloven § 4-18 må likevel sendes, med to ukers frist.")
        return Because("no_enforcement_notice", message, ("S5", "A5"))
    sent_on, deadline_on = legal.separate_notice
    wrong = _wrong_enforcement_notice(facts, sent_on)
    if wrong is not None:
        return wrong
    opens_on = max(sent_on + _TWO_WEEKS, deadline_on) + _ONE_DAY
    return LegalWindow(opens_on, _year_end(facts, legal, sent_on), (Conclusion("A5", words),))


def _stopped(facts: CaseFacts, legal: LegalFacts, today: date, policy: Policy) -> Because | None:
    holds = facts.holds
    if facts.deceased_on:
        holds = (*holds, HoldFacts(HoldReason.DECEASED, facts.deceased_on))
    if facts.bankrupt_on:
        holds = (*holds, HoldFacts(HoldReason.BANKRUPT, facts.bankrupt_on))
    if _principal_left(facts) <= 0 and not legal.costs_alone_approved_by.strip():
        return _COSTS_ALONE
    return why_held(_ACTIONS[legal.route], holds, today, policy) or why_case_time_barred(facts, today, today)


_COSTS_ALONE = Because(
    "only_costs_left",
    say("Det opprinnelige beløpet er betalt. Bare en saksbehandler kan avgjøre om resten skal videre."),
    ("B19",),
)


def _wrong_route(facts: CaseFacts, legal: LegalFacts) -> Because | None:
    if legal.route not in ROUTES_WITHOUT_CONSENT and not (legal.creditor_consents or legal.urgent):
        message = say("Fordringshaveren må samtykke uttrykkelig til denne formen for rettslig inndriving.")
        return Because("no_consent", message, ("A12",))
    if legal.route is not Route.SUIT:
        return None
    if not is_direct_suit_allowed(_principal_left(facts), legal.both_had_counsel, legal.board_decided_merits):
        message = say("Saken må behandles i forliksrådet først.")
        return Because("conciliation_first", message, ("A5", "E14"))
    if not legal.notice_on_paper:
        return Because("notice_not_on_paper", say("Varselet før søksmål må være på papir."), ("A7",))
    return None


def is_direct_suit_allowed(amount_ore: int, both_had_counsel: bool, board_decided_merits: bool) -> bool:
    """Whether tingrett takes the case without forliksråd (TVL § 6-2 second para. letters a and c; INKL § 23; E14)."""
    return board_decided_merits or (both_had_counsel and amount_ore >= DIRECT_SUIT_FROM_ORE)


def _principal_left(facts: CaseFacts) -> int:
    return sum(c.principal_left_ore for c in facts.claims)


# --- the window -----------------------------------------------------------------------------------------------------


def _demand(facts: CaseFacts) -> NoticeFacts | None:
    """The newest demand that gave 14 days: ours, or a self-collecting creditor's own."""
    demand = last_demand(facts.notices)
    if demand is None and not facts.agency_licence:
        demand = next((n for n in reversed(facts.notices) if n.step is Step.PAYMENT_DEMAND), None)
    return demand if demand is not None and is_long_enough(demand.sent_on, demand.deadline_on) else None


def _notice(legal: LegalFacts, demand: NoticeFacts) -> tuple[date, date] | Because:
    """The notice of legal action: in the demand, or after it with 14 days of its own (INKL § 10 fourth para.; S5)."""
    if legal.separate_notice is not None:
        sent_on, deadline_on = legal.separate_notice
        if sent_on < demand.sent_on:
            if legal.demand_gives_notice:
                return demand.sent_on, demand.deadline_on
            return Because("notice_before_demand", say("Varselet ble sendt før betalingsoppfordringen."), ("S5",))
        if not is_long_enough(sent_on, deadline_on):
            message = say("Varselet om rettslig inndriving ga ikke 14 dagers frist.")
            return Because("deadline_too_short", message, ("S5",))
        return sent_on, deadline_on
    if legal.demand_gives_notice:
        return demand.sent_on, demand.deadline_on
    return Because("no_legal_notice", say("Det er ikke varslet om rettslig inndriving."), ("S5",))


def _window(
    facts: CaseFacts, legal: LegalFacts, demand: NoticeFacts, notice: tuple[date, date], today: date, policy: Policy
) -> LegalWindow | Because:
    """The notice gave 14 days, so the two weeks of TVFL § 4-18 are over with its deadline."""
    sent_on, deadline_on = notice
    wrong = _wrong_enforcement_notice(facts, sent_on)
    if wrong is not None:
        return wrong
    last_deadline_on = max(deadline_on, *(n.deadline_on for n in facts.notices))
    opens_on = earliest_next_step(last_deadline_on, policy.grace_banking_days)
    opens_on = max(opens_on, legal.assessed_rightful_on or opens_on)
    demand_ends_on = add_months(demand.sent_on, DEMAND_MONTHS)
    closes_on, too_late = demand_ends_on, _NEW_DEMAND
    if legal.route is Route.ATTACHMENT:
        year_end = _year_end(facts, legal, sent_on)
        if year_end is not None and year_end < closes_on:
            closes_on, too_late = year_end, _NEW_NOTICE
    if today > closes_on or opens_on > closes_on:
        return too_late
    return LegalWindow(opens_on, closes_on, _grounds(demand, notice, opens_on, demand_ends_on))


_NEW_DEMAND = Because(
    "demand_too_old",
    say("Det er mer enn seks måneder siden betalingsoppfordringen ble sendt. Det må sendes en ny."),
    ("S6",),
)
_NEW_NOTICE = Because(
    "enforcement_notice_too_old",
    say("Det er mer enn ett år siden utlegg kunne begjæres. Det må sendes et nytt varsel med to ukers frist."),
    ("S5",),
)


def _wrong_enforcement_notice(facts: CaseFacts, sent_on: date) -> Because | None:
    """TVFL § 4-18: the notice goes at the earliest on the due date (S5)."""
    if sent_on >= latest_due(facts):
        return None
    return Because("notice_before_due", say("Varselet ble sendt før kravet forfalt."), ("S5", "S0"))


def _year_end(facts: CaseFacts, legal: LegalFacts, notice_sent_on: date) -> date | None:
    """The last day an enforcement notice carries: one year after enforcement became possible (TVFL § 4-19; S5).

    Counted from the earliest due date when nobody says otherwise, which ends sooner. A notice sent after that year
    is itself the fresh one.
    """
    since = legal.enforceable_since or min(c.due_on for c in facts.claims)
    end = add_months(since, NOTICE_YEAR_MONTHS)
    return end if notice_sent_on <= end else None


def _grounds(
    demand: NoticeFacts, notice: tuple[date, date], opens_on: date, demand_ends_on: date
) -> tuple[Conclusion, ...]:
    sent_on, deadline_on = notice
    noticed = say(
        "Varslet om rettslig inndriving {sent_on} med frist {deadline_on}.", sent_on=sent_on, deadline_on=deadline_on
    )
    over = say("Alle frister er ute, med dager for betalinger på vei, {day}.", day=opens_on)
    carries = say(
        "Betalingsoppfordringen fra {sent_on} bærer til {ends_on}.", sent_on=demand.sent_on, ends_on=demand_ends_on
    )
    return Conclusion("S5", noticed), Conclusion("A1", over), Conclusion("S6", carries)
