"""Own collection led by a lawyer: a fixed table instead of notice fees (INKF § 1-4). Computed when asked for; the
service itself charges notice fees (§ 1-2)."""

from dataclasses import dataclass
from datetime import date, timedelta

from saas.rules.costs import cap_words
from saas.rules.deadlines import is_long_enough
from saas.rules.facts import Because, CaseFacts, NoticeFacts, Step
from saas.rules.fees import CostCap, cost_cap, missed_deadline
from saas.rules.law import Law
from saas.rules.money import Ore
from saas.rules.words import Words, say

_EXCEEDED_BY = timedelta(days=14)  # the own demand's deadline, by more than this


@dataclass(frozen=True, slots=True)
class LawyerCompensation:
    """What the creditor may claim for collecting its own claim under a lawyer."""

    amount_ore: Ore
    table: CostCap  # the figures it came from
    explanation: Words
    rule_ids: tuple[str, ...] = ("B27",)


def lawyer_compensation(facts: CaseFacts, on: date, law: Law, *, led_by_lawyer: bool) -> LawyerCompensation | Because:
    """The light column by the principal at the due date, ×1.5 outside consumer relations, no VAT (INKF § 1-4; B27).

    Only when a lawyer who has given security leads the collection, no notice fee is claimed, and the creditor's own
    demand, sent after a missed deadline of 14 days, is exceeded by more than 14 days. `on` is the day the principal is
    covered, and picks the inkassosats. A half øre is rounded down. Raises UnknownLaw.
    """
    if not led_by_lawyer:
        return Because("no_lawyer", say("Inndrivingen ledes ikke av en advokat som har stilt sikkerhet."), ("B27",))
    if facts.charged_notice_fees_ore:
        return Because("notice_fees_claimed", say("Det er allerede krevd gebyr for varsler."), ("B27",))
    demand = _own_demand(facts)
    if demand is None or not missed_deadline(facts.notices, demand.sent_on, facts.claims):
        message = say("Det er ikke sendt egen betalingsoppfordring etter en oversittet frist på 14 dager.")
        return Because("no_own_demand", message, ("B27", "B4"))
    last_day = demand.deadline_on + _EXCEEDED_BY
    if on <= last_day:
        message = say(
            "Fristen i betalingsoppfordringen må være oversittet med mer enn 14 dager, etter {day}.", day=last_day
        )
        return Because("deadline_running", message, ("B27",), from_day=last_day + timedelta(days=1))
    table = cost_cap(facts.claims, on, heavy=False, consumer=facts.is_consumer, vat_added=False, law=law)
    return LawyerCompensation(table.cap_ore, table, say("{sum}.", sum=cap_words(table)))


def _own_demand(facts: CaseFacts) -> NoticeFacts | None:
    """The newest demand the creditor itself sent, if it gave 14 days: an agency's is not its own."""
    own = [n for n in facts.notices if n.step is Step.PAYMENT_DEMAND and (n.by_creditor or not facts.agency_licence)]
    return own[-1] if own and is_long_enough(own[-1].sent_on, own[-1].deadline_on) else None
