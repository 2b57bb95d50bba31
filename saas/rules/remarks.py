"""Payment remarks (betalingsanmerkninger): the first day one may be used, why not, and when it must be deleted."""

from dataclasses import dataclass
from datetime import date, timedelta

from saas.rules.days import add_months
from saas.rules.facts import Because, DebtorKind
from saas.rules.steps import Conclusion
from saas.rules.words import joined, say

_ONE_DAY = timedelta(days=1)
LEAST_DAYS = 30  # a month is never counted shorter (PR1)
_CORRECTION_DAYS = 14  # the bureau's own wait, kredittopplysningsloven § 20
_USE_MONTHS = 48  # §§ 21, 22


@dataclass(frozen=True, slots=True)
class PlanBreach:
    """A breach of an instalment plan (kredittopplysningsloven § 10 first para.)."""

    with_agency: bool  # the plan was made with the agency, not the creditor
    material: bool  # a person found it to be more than a trifle (E12)
    remark_from: date  # `DefaultCalendar.remark_from`: broken, reminded, and 30 days after the missed instalment
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class RemarkFacts:
    """What a remark on one claim rests on. Days are those of real sending."""

    debtor_kind: DebtorKind
    legal_step_sent_on: date | None = None  # summons or petition
    demand_sent_on: date | None = None  # betalingsoppfordring
    plan_breach: PlanBreach | None = None
    objection_open: bool = False  # not withdrawn, not answered and closed, not obviously groundless
    judgment_on: date | None = None  # or court settlement: a general ground for enforcement
    judgment_pay_by: date | None = None  # the time limit the court set
    settled_on: date | None = None
    held: bool = False  # any hold on the case
    vulnerable: bool = False
    debt_relief: bool = False
    time_barred: bool = False
    already_registered: bool = False  # the claim has a remark
    figures_current: bool = True  # amount and status were checked the same day


@dataclass(frozen=True, slots=True)
class RemarkAllowed:
    """A remark may be registered for use from `from_on`."""

    from_on: date
    copy_first: bool  # a natural person gets the bureau's copy and 14 days from receiving it (PR5)
    conclusions: tuple[Conclusion, ...]


def remark_verdict(facts: RemarkFacts, today: date) -> RemarkAllowed | Because:
    """The earliest day of a remark, or why none (kredittopplysningsloven §§ 10, 11, 20, 24; PR1-PR5, PR7, PR9, PR10).

    `RemarkAllowed` when that day has come; else a reason, with `from_day` when time alone is missing.
    """
    stop = _why_never(facts)
    if stop is not None:
        return stop
    earliest = _earliest(facts)
    if isinstance(earliest, Because):
        return earliest
    from_on, conclusion = earliest
    if facts.judgment_pay_by is not None and from_on <= facts.judgment_pay_by:
        from_on = facts.judgment_pay_by + _ONE_DAY
    if today < from_on:
        message = say("Betalingsanmerkning kan tidligst brukes {day}.", day=from_on)
        return Because("too_soon", message, (conclusion.rule_id,), from_day=from_on)
    natural = is_natural_person(facts.debtor_kind)
    return RemarkAllowed(from_on, natural, (conclusion, Conclusion("PR3", say("Kravet er ikke omtvistet."))))


def is_natural_person(kind: DebtorKind) -> bool:
    """A sole trader is treated as a natural person since 2022-07-01 (PR4)."""
    return kind is not DebtorKind.COMPANY


def one_month_after(sent_on: date) -> date:
    """One calendar month, and never less than 30 days (kredittopplysningsloven § 10; PR1, PR2, W18)."""
    return max(add_months(sent_on, 1), sent_on + timedelta(days=LEAST_DAYS))


def first_use_on(allowed: RemarkAllowed, copy_received_on: date | None) -> date | None:
    """The day the bureau may use it: 14 days from receiving the copy must be over (§§ 19, 20; PR5).

    None for a natural person whose copy is not known to be received.
    """
    if not allowed.copy_first:
        return allowed.from_on
    if copy_received_on is None:
        return None
    return max(allowed.from_on, copy_received_on + timedelta(days=_CORRECTION_DAYS) + _ONE_DAY)


def _why_never(facts: RemarkFacts) -> Because | None:
    """What stands in the way whatever the day."""
    if facts.settled_on is not None:
        return Because("settled", say("Kravet er gjort opp."), ("PR6", "PR7"))
    if facts.objection_open and facts.judgment_on is None:
        message = say("Kravet er omtvistet. Da registreres ingen betalingsanmerkning.")
        return Because("disputed", message, ("PR3", "E3"))
    if facts.judgment_on is not None and facts.judgment_pay_by is None:
        return Because("court_time_limit_unknown", say("Fristen retten satte, er ikke registrert."), ("PR3",))
    for wrong, because in (
        (facts.held, Because("held", say("Saken står på vent."), ("E3", "PR3"))),
        (facts.time_barred, Because("time_barred", say("Kravet er foreldet."), ("H7",))),
        (facts.debt_relief, Because("debt_relief", say("Gjeldsordning har egne regler. En person avgjør."), ("PR7",))),
        (facts.vulnerable, Because("vulnerable", say("En saksbehandler må se på saken først."), ("G6",))),
        (facts.already_registered, Because("one_per_claim", say("Kravet har allerede en anmerkning."), ("PR9",))),
        (not facts.figures_current, Because("not_current", say("Opplysningene må kontrolleres samme dag."), ("PR10",))),
    ):
        if wrong:
            return because
    return None


def _earliest(facts: RemarkFacts) -> tuple[date, Conclusion] | Because:
    breach = facts.plan_breach
    if breach is not None and breach.resumed:
        return Because("plan_resumed", say("Avtalen er gjenopptatt. Bruddet registreres ikke."), ("E12", "PR1"))
    days = [_after_step(facts), _after_breach(breach) if breach is not None else None]
    found = [day for day in days if day is not None]
    if found:
        return min(found, key=lambda day: day[0])
    if is_natural_person(facts.debtor_kind):
        message = say("Det er ikke sendt stevning eller begjæring om rettslige skritt.")
        return Because("no_legal_step", message, ("PR1", "PR4"))
    return Because("no_demand", say("Det er ikke sendt betalingsoppfordring."), ("PR2",))


def _after_step(facts: RemarkFacts) -> tuple[date, Conclusion] | None:
    natural = is_natural_person(facts.debtor_kind)
    sent_on = facts.legal_step_sent_on if natural else facts.demand_sent_on
    if sent_on is None:
        return None
    from_on = one_month_after(sent_on)
    words = say(
        "{step} sendt {sent_on}: tidligst {from_on}.",
        step=say("Rettslig skritt") if natural else say("Betalingsoppfordring"),
        sent_on=sent_on,
        from_on=from_on,
    )
    return from_on, Conclusion("PR1" if natural else "PR2", words)


def _after_breach(breach: PlanBreach) -> tuple[date, Conclusion] | None:
    """The wait of a month does not apply on a material breach of a plan made with the agency (E12, PR1)."""
    if not (breach.with_agency and breach.material):
        return None
    words = say("Avdragsordningen er brutt: tidligst {day}.", day=breach.remark_from)
    return breach.remark_from, Conclusion("E12", words)


# --- deletion -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegisteredRemark:
    """A remark that stands, and what has happened since it was first lawfully registered."""

    registered_on: date
    settled_on: date | None = None
    withdrawn_on: date | None = None  # by the creditor, or the case was closed
    disputed_on: date | None = None  # an objection came in
    plan_resumed_on: date | None = None  # only when the remark rests on a plan's breach
    unenforceable: bool = False  # enforcement ended without cover
    new_legal_step_on: date | None = None


@dataclass(frozen=True, slots=True)
class Deletion:
    """The day a remark must be deleted, and why."""

    on: date
    because: Because


def deletion(remark: RegisteredRemark) -> Deletion:
    """The first day the remark must be gone (kredittopplysningsloven §§ 11, 21, 22, 24; PR3, PR6, PR7, W18).

    The same day as payment in full, withdrawal, an objection or a resumed plan; else four years after the first
    lawful registration, and four more when a claim that cannot be enforced saw new legal steps within the first four.
    """
    ends = [_deadline(remark)]
    for on, code, message, rules in (
        (remark.settled_on, "settled", say("Kravet er gjort opp."), ("PR6", "PR7")),
        (remark.withdrawn_on, "withdrawn", say("Kravet er trukket eller saken avsluttet."), ("PR7",)),
        (remark.disputed_on, "disputed", say("Kravet er omtvistet."), ("PR3", "E3")),
        (remark.plan_resumed_on, "plan_resumed", say("Avtalen er gjenopptatt."), ("PR1", "E12")),
    ):
        if on is not None:
            message = joined([message, say("Anmerkningen slettes {day}.", day=on)])
            ends.append(Deletion(on, Because(code, message, rules)))
    return min(ends, key=lambda end: end.on)


def _deadline(remark: RegisteredRemark) -> Deletion:
    end = add_months(remark.registered_on, _USE_MONTHS)
    step_on = remark.new_legal_step_on
    if remark.unenforceable and step_on is not None and remark.registered_on < step_on <= end:
        end = add_months(remark.registered_on, 2 * _USE_MONTHS)
    return Deletion(end, Because("too_old", say("Anmerkningen slettes senest {day}.", day=end), ("PR6",)))
