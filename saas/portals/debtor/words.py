"""What the debtor's case page says, in sentences: what follows, why the case waits, how the sum came about."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from saas.cases.models import DebtorRequest
from saas.cases.queries import CaseView, HoldView
from saas.documents.letter import NextStep
from saas.payments.gone import Gone
from saas.rules.allocation import ItemKind
from saas.rules.explain import StatementLine
from saas.rules.facts import HoldReason, Step
from saas.rules.what_if import Coming
from saas.rules.words import Kroner, Weekday, joined, say

_LABELS = {
    "principal": say("Opprinnelig beløp"),
    "interest": say("Forsinkelsesrenter"),
    "notice_fee": say("Purregebyr"),
    "collection_fee": say("Inkassosalær"),
    "compensation": say("Standardkompensasjon"),
    "fee_interest": say("Renter av salæret"),
    "payment": say("Betalt"),
}
_FEE_LABELS = {
    Step.COLLECTION_NOTICE: say("Gebyr for inkassovarsel"),
    Step.PAYMENT_DEMAND: say("Gebyr for betalingsoppfordring"),
}
_HOW = {
    "principal": (
        say("Opprinnelig beløp (hovedkrav)"),
        say("Det som sto på fakturaen. Rentene regnes av dette beløpet, ikke av gebyrer (inkassoloven § 10)."),
    ),
    "interest": (
        say("Forsinkelsesrenter"),
        say(
            "Staten fastsetter satsen 1. januar og 1. juli hvert år. Rentene regnes for hver dag fra forfall,"
            " uten renter av renter. Skifter satsen eller beløpet underveis, får hver del sin egen linje, "
            "avrundet til nærmeste øre (forsinkelsesrenteloven §§ 2 og 3)."
        ),
    ),
    "notice_fee": (
        say("Purregebyr"),
        say(
            "En tjuedel av inkassosatsen, avrundet til hele kroner. Gebyret kan tidligst kreves 14 dager "
            "etter forfall, og høyst for to brev før betalingsoppfordringen (inkassoforskriften §§ 1-2 og "
            "1-3)."
        ),
    ),
    "collection_fee": (
        say("Inkassosalær (betaling til oss for arbeidet, med tak fastsatt av staten)"),
        say(
            "Taket følger av hvor stort det opprinnelige beløpet er. Purregebyr og salær holder seg til "
            "sammen under taket (inkassoforskriften §§ 2-1 til 2-3)."
        ),
    ),
    "compensation": (
        say("Standardkompensasjon for forsinket betaling"),
        say(
            "Næringsdrivende som betaler for sent, skylder et fast beløp for hver faktura. Det trekkes fra "
            "gebyrer og salær, så bare det høyeste av de to kreves (forsinkelsesrenteloven § 3 a, "
            "inkassoforskriften § 2-6)."
        ),
    ),
    "fee_interest": (
        say("Renter av salæret"),
        say(
            "Når salæret ikke er betalt 30 dager etter betalingsoppfordringen, løper det renter av det. Det "
            "løper ikke renter av renter (forsinkelsesrenteloven § 2)."
        ),
    ),
    "payment": (
        say("Det du har betalt"),
        say("Betalinger dekker først kostnader, så det opprinnelige beløpet og til slutt renter."),
    ),
}
_NEXT = {
    Step.REMINDER: (say("Du kan få en purring"), say("Da sender vi en påminnelse.")),
    Step.COLLECTION_NOTICE: (say("Du kan få et inkassovarsel"), say("Da får du en ny frist på minst 14 dager.")),
    Step.PAYMENT_DEMAND: (say("Du kan få en betalingsoppfordring"), say("Da får du en ny frist på minst 14 dager.")),
    Step.HEAVY_FEE: (say("Inkassosalæret kan bli høyere"), say("Da gjelder den høye satsen.")),
}
_HOLDS = {
    HoldReason.OBJECTION: say("Vi venter på svar fra den du skylder penger. Du trenger ikke å betale i mellomtiden."),
    HoldReason.DEFERRED: say("Du har fått mer tid."),
    HoldReason.DECEASED: say(
        "Vi har fått vite om et dødsfall. En saksbehandler tar kontakt med dem som ordner opp i boet."
    ),
    HoldReason.BANKRUPT: say("Vi har fått vite om en konkurs. En saksbehandler melder kravet i boet."),
    HoldReason.QUIET: say("Vi sender ikke brev i denne perioden."),
}
_GONE = {
    "bounced": say("ble tatt tilbake av banken"),
    "charged_back": say("ble tatt tilbake av kortutstederen"),
    "refunded": say("ble betalt tilbake til deg"),
    "sent_back": say("ble betalt tilbake til den som betalte"),
    "moved": say("gjaldt en annen sak og ble flyttet dit"),
}
_GONE_SOMEHOW = say("gikk tilbake")
_ANSWERED = say("Du har fått svar på det du var uenig i. Ingenting nytt skjer før den nye fristen er ute.")
_WAITS = say("En saksbehandler ser på saken. Det kommer ingen nye brev eller kostnader i mellomtiden.")
_FACTS = {
    "power.active_contract": (say("Aktiv strømavtale"), {True: say("Ja"), False: say("Nei")}),
    "grid.active_contract": (say("Aktiv nettleieavtale"), {True: say("Ja"), False: say("Nei")}),
}
_ANSWERS = {
    "granted": say("Du har fått mer tid"),
    "refused": say("Vi kan ikke gi mer tid nå"),
    "ask_person": say("En saksbehandler ser på ønsket ditt"),
}


def line_label(line: StatementLine) -> str:
    """What a line of the sum is called."""
    if line.label == "notice_fee" and line.ref in set(Step):
        return _FEE_LABELS.get(Step(line.ref), _LABELS["notice_fee"])
    return _LABELS[line.label]


def how_we_worked_it_out(view: CaseView) -> list[tuple[str, str]]:
    """Slik regnet vi: the rule behind each kind of line there is, once."""
    there = dict.fromkeys(line.label for line in view.owed.lines) if view.owed else {}
    return [_HOW[label] for label in there]


def what_it_is_about(view: CaseView) -> str:
    """`«Strøm august 2026», faktura 10045521`."""
    if len(view.claims) == 1:
        claim = view.claims[0]
        if not claim.description:
            return say("faktura {number}", number=claim.invoice_number)
        return say("«{subject}», faktura {number}", subject=claim.description, number=claim.invoice_number)
    shown = [claim.invoice_number for claim in view.claims[:12]]
    numbers = say("{first} og {last}", first=", ".join(shown[:-1]), last=shown[-1])
    return say("{count} fakturaer: {numbers}", count=len(view.claims), numbers=numbers)


def next_words(step: NextStep) -> tuple[str, str]:
    """Heading and sentence for what may follow, with what it may cost before it comes."""
    heading, sentence = _NEXT[step.what]
    if step.extra_cost_ore > 0:
        cost = say("Det kan koste deg inntil {amount} mer.", amount=Kroner(step.extra_cost_ore))
        sentence = joined([sentence, cost])
    return heading, sentence


def coming_words(coming: Coming) -> str:
    """What may follow a payment, and when at the earliest; a person looks when no step is planned."""
    if coming.step is None or coming.earliest_on is None:
        return say("Ingen nye brev eller kostnader er planlagt. En saksbehandler ser på saken.")
    heading, sentence = _NEXT[coming.step]
    day = Weekday(coming.earliest_on)
    return say("{heading}, tidligst {day}. {sentence}", heading=heading, day=day, sentence=sentence)


def item_label(kind: ItemKind) -> str:
    """What a thing owed is called."""
    return _LABELS.get(kind.value, say("Rettslige gebyrer"))


def hold_words(view: CaseView) -> list[str]:
    """Why the case waits, each reason once. What concerns health or our own trouble is told as a person looking.

    More time with an end is told by the deadline itself.
    """
    told = [_hold(hold) for hold in view.holds if not (view.deferred and hold.reason is HoldReason.DEFERRED)]
    return list(dict.fromkeys(told))


def _hold(hold: HoldView) -> str:
    why = _ANSWERED if hold.reason is HoldReason.OBJECTION and hold.until else _HOLDS.get(hold.reason, _WAITS)
    if hold.until is None:
        return why
    return joined([why, say("Det gjelder til og med {day}.", day=Weekday(hold.until))])


def gone_words(gone: Gone) -> str:
    """What became of money that is not on the case any more, and that it counts no longer."""
    return say(
        "Betalingen på {amount} fra {paid_on} {how} {on}. Derfor er den ikke trukket fra i summen.",
        amount=Kroner(gone.amount_ore),
        paid_on=gone.paid_on,
        how=_GONE.get(gone.why, _GONE_SOMEHOW),
        on=gone.on,
    )


def one_of(names: Sequence[str]) -> str:
    """`kort eller Vipps`."""
    *first, last = names
    if not first:
        return last
    return say("{first} eller {last}", first=joined(first, ", "), last=last)


def answer_heading(answer: DebtorRequest) -> str:
    """The answer in one line; a refusal is no headline to scream about."""
    return _ANSWERS[answer.outcome]


def reasons_shown(answer: DebtorRequest, language: str) -> list[str]:
    """The reasons the debtor is told, each once; in bokmål those that were never said in another language."""
    reasons = [reason for reason in answer.because if reason.get("shown", True) and reason["message"]]
    return list(dict.fromkeys(reason.get("said", {}).get(language, reason["message"]) for reason in reasons))


def facts_behind(answer: DebtorRequest) -> list[tuple[str, str]]:
    """The fact a refusal rests on: what, who said it, when (ux rule 7)."""
    facts: list[Any] = [r["fact"] for r in answer.because if r.get("shown", True) and r.get("fact")]
    rows: list[tuple[str, str]] = []
    for fact in facts if answer.outcome == "refused" else []:
        label, words = _FACTS.get(fact["name"], (fact["name"], {}))
        rows += [
            (label, words.get(fact["value"], str(fact["value"]))),
            (say("Meldt av"), fact["source"]),
            (say("Meldt"), say("{day}", day=Weekday(date.fromisoformat(fact["reported_on"])))),
        ]
    return rows


def may_ask_person(answer: DebtorRequest) -> bool:
    """Whether a person is still to be asked."""
    return answer.outcome == "refused" and all(reason["code"] != "person_decided" for reason in answer.because)
