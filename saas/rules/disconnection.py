"""Disconnection of electricity (stenging) for non-payment: notice, what forbids it, and its costs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from saas.rules.days import next_banking_day
from saas.rules.deadlines import earliest_next_step
from saas.rules.facts import DEFAULT_POLICY, Because, Policy
from saas.rules.steps import Conclusion
from saas.rules.words import joined, say

_CONSUMER_DAYS = 28  # four weeks, forbrukerkjøpsloven § 48 a
_BUSINESS_DAYS = 14  # two weeks, standard terms


class NoticeContent(StrEnum):
    """What a disconnection notice must say (forbrukerkjøpsloven § 48 a second para.; K4)."""

    ABOUT_DISCONNECTION = "about_disconnection"  # clearly, also when combined with a reminder
    AVOIDABLE = "avoidable"
    DANGER = "danger"
    OBJECTIONS = "objections"
    COSTS = "costs"
    SOCIAL_SERVICES = "social_services"


CONTENT_NAMES = {
    NoticeContent.ABOUT_DISCONNECTION: say("at strømmen kan bli stengt"),
    NoticeContent.AVOIDABLE: say("at betaling innen fristen hindrer stenging"),
    NoticeContent.DANGER: say("hva som gjelder når stenging kan være farlig"),
    NoticeContent.OBJECTIONS: say("hva som gjelder ved uenighet eller betalingsvansker"),
    NoticeContent.COSTS: say("at stenging og gjenåpning kan koste noe"),
    NoticeContent.SOCIAL_SERVICES: say("at sosialtjenesten kan hjelpe"),
}


@dataclass(frozen=True, slots=True)
class DisconnectionFacts:
    """What a disconnection rests on. `danger` and `objection_open` are stated by a person or the debtor."""

    consumer: bool
    by_grid_company: bool
    material_breach: bool  # a person found it so
    notice_sent_on: date | None
    notice_content: tuple[NoticeContent, ...] = tuple(NoticeContent)
    sent_personally_too: bool = False  # beside the invoice address (standard terms; K3)
    paid: bool = False
    danger: bool = False  # to life, health or considerable property; hard cold is
    objection_open: bool = False  # to the ground for disconnection, and not obviously groundless
    social_services_took_over: bool = False  # in writing
    health_statement_unreviewed: bool = False  # a doctor's word that nobody has looked at again (N5)


@dataclass(frozen=True, slots=True)
class DisconnectionAllowed:
    """The supply may be cut from `from_on`."""

    pay_by: date
    from_on: date
    conclusions: tuple[Conclusion, ...]


def disconnection_verdict(
    facts: DisconnectionFacts, today: date, policy: Policy = DEFAULT_POLICY
) -> DisconnectionAllowed | Because:
    """Whether the supply may be cut today (forbrukerkjøpsloven § 48 a; K2-K5, N5).

    Only the grid company, only on a material breach, and never while it is forbidden. Notice of four weeks to a
    consumer, two to a business; the last day belongs to the customer and gets the grace for payments under way.
    """
    forbidden = why_forbidden(facts)
    if forbidden is not None:
        return forbidden
    if facts.notice_sent_on is None:
        return Because("no_notice", say("Det er ikke sendt skriftlig varsel om stenging."), ("K3",))
    missing = missing_content(facts.notice_content) if facts.consumer else ()
    if missing:
        message = say(
            "Varselet om stenging mangler: {missing}.",
            missing=joined([CONTENT_NAMES[content] for content in missing], ", "),
        )
        return Because("notice_incomplete", message, ("K4",))
    if facts.consumer and not facts.sent_personally_too:
        message = say("Varselet er bare sendt til fakturaadressen, ikke også til kunden personlig.")
        return Because("not_sent_personally", message, ("K3",))
    return _when(facts.notice_sent_on, facts.consumer, today, policy)


def _when(sent_on: date, consumer: bool, today: date, policy: Policy) -> DisconnectionAllowed | Because:
    pay_by = last_day_to_pay(sent_on, consumer=consumer)
    from_on = earliest_next_step(pay_by, policy.grace_banking_days)
    if today < from_on:
        message = say(
            "Fristen i varselet er {pay_by}. Strømmen kan tidligst stenges {from_on}.", pay_by=pay_by, from_on=from_on
        )
        return Because("notice_running", message, ("K3" if consumer else "K6", "A2"), from_day=from_on)
    weeks = say("fire uker") if consumer else say("to uker")
    words = say("Varsel sendt {sent_on} ga {weeks}, til {pay_by}.", sent_on=sent_on, weeks=weeks, pay_by=pay_by)
    grounds = Conclusion("K3" if consumer else "K6", words), Conclusion("K5", say("Ingenting hindrer det."))
    return DisconnectionAllowed(pay_by, from_on, grounds)


def last_day_to_pay(sent_on: date, *, consumer: bool) -> date:
    """Four weeks from the day the notice was sent, for a business two; never ending on a holiday (K3, K6, A3)."""
    return next_banking_day(sent_on + timedelta(days=_CONSUMER_DAYS if consumer else _BUSINESS_DAYS))


def why_forbidden(facts: DisconnectionFacts) -> Because | None:
    """What forbids disconnection whatever the notice (§ 48 a first and third para.; K2, K5, N5). None when nothing.

    A take-over by the social services counts whenever it came, though the act asks for it within the four weeks.
    """
    for forbids, code, message, rules in (
        (not facts.by_grid_company, "not_grid_company", say("Bare nettselskapet kan stenge strømmen."), ("K2",)),
        (facts.paid, "paid", say("Kravet er betalt."), ("K3",)),
        (facts.danger, "danger", say("Stenging kan være farlig for liv, helse eller ting."), ("K5",)),
        (facts.objection_open, "objection", say("Kunden er uenig i grunnen til stengingen."), ("K5", "E3")),
        (facts.social_services_took_over, "social_services", say("Sosialtjenesten har tatt over ansvaret."), ("K5",)),
        (
            facts.health_statement_unreviewed,
            "health_statement",
            say("En helseerklæring må vurderes på nytt."),
            ("N5", "K5"),
        ),
        (not facts.material_breach, "not_material", say("Misligholdet er ikke vesentlig."), ("K3",)),
    ):
        if forbids:
            return Because(code, message, rules)
    return None


def missing_content(present: Collection[NoticeContent]) -> tuple[NoticeContent, ...]:
    """What the act demands that a notice does not say (§ 48 a second para.; K4)."""
    return tuple(content for content in NoticeContent if content not in present)


class DisconnectionCost(StrEnum):
    """What the grid company may ask the customer to cover (§ 48 a fourth para.; K6)."""

    NOTICE = "notice"  # making and sending the notice
    DISCONNECTION = "disconnection"
    REOPENING = "reopening"


def costs_owed(
    *, procedure_followed: bool, disconnected: bool, reopened: bool = False
) -> tuple[DisconnectionCost, ...]:
    """Which necessary costs may be claimed (§ 48 a fourth para.; K6): none when the procedure was broken.

    Notice costs are owed even if no disconnection follows.
    """
    if not procedure_followed:
        return ()
    owed = [DisconnectionCost.NOTICE]
    if disconnected:
        owed.append(DisconnectionCost.DISCONNECTION)
    if disconnected and reopened:
        owed.append(DisconnectionCost.REOPENING)
    return tuple(owed)
