"""What the debtor's case page says, in sentences (bokmål): what follows, why the case waits, how the sum came about."""

from datetime import date
from typing import Any

from saas.cases.models import DebtorRequest
from saas.cases.queries import CaseView
from saas.documents.letter import NextStep
from saas.payments.gone import Gone
from saas.portals.shared.words import day, listed, money, short_day
from saas.rules.allocation import ItemKind
from saas.rules.explain import StatementLine
from saas.rules.facts import HoldReason, Step
from saas.rules.what_if import Coming

_LABELS = {
    "principal": "Opprinnelig beløp",
    "interest": "Forsinkelsesrenter",
    "notice_fee": "Purregebyr",
    "collection_fee": "Inkassosalær",
    "compensation": "Standardkompensasjon",
    "fee_interest": "Renter av salæret",
    "payment": "Betalt",
}
_FEE_LABELS = {Step.COLLECTION_NOTICE: "Gebyr for inkassovarsel", Step.PAYMENT_DEMAND: "Gebyr for betalingsoppfordring"}
_HOW = {
    "principal": (
        "Opprinnelig beløp (hovedkrav)",
        "Det som sto på fakturaen. Rentene regnes av dette beløpet, ikke av gebyrer (inkassoloven § 10).",
    ),
    "interest": (
        "Forsinkelsesrenter",
        "Staten fastsetter satsen 1. januar og 1. juli hvert år. Rentene regnes for hver dag fra forfall, uten renter "
        "av renter. Skifter satsen eller beløpet underveis, får hver del sin egen linje, avrundet til nærmeste øre "
        "(forsinkelsesrenteloven §§ 2 og 3).",
    ),
    "notice_fee": (
        "Purregebyr",
        "En tjuedel av inkassosatsen, avrundet til hele kroner. Gebyret kan tidligst kreves 14 dager etter forfall, "
        "og høyst for to brev før betalingsoppfordringen (inkassoforskriften §§ 1-2 og 1-3).",
    ),
    "collection_fee": (
        "Inkassosalær (betaling til oss for arbeidet, med tak fastsatt av staten)",
        "Taket følger av hvor stort det opprinnelige beløpet er. Purregebyr og salær holder seg til sammen under "
        "taket (inkassoforskriften §§ 2-1 til 2-3).",
    ),
    "compensation": (
        "Standardkompensasjon for forsinket betaling",
        "Næringsdrivende som betaler for sent, skylder et fast beløp for hver faktura. Det trekkes fra gebyrer og "
        "salær, så bare det høyeste av de to kreves (forsinkelsesrenteloven § 3 a, inkassoforskriften § 2-6).",
    ),
    "fee_interest": (
        "Renter av salæret",
        "Når salæret ikke er betalt 30 dager etter betalingsoppfordringen, løper det renter av det. Det løper ikke "
        "renter av renter (forsinkelsesrenteloven § 2).",
    ),
    "payment": (
        "Det du har betalt",
        "Betalinger dekker først kostnader, så det opprinnelige beløpet og til slutt renter.",
    ),
}
_NEXT = {
    Step.REMINDER: ("Du kan få en purring", "Da sender vi en påminnelse."),
    Step.COLLECTION_NOTICE: ("Du kan få et inkassovarsel", "Da får du en ny frist på minst 14 dager."),
    Step.PAYMENT_DEMAND: ("Du kan få en betalingsoppfordring", "Da får du en ny frist på minst 14 dager."),
    Step.HEAVY_FEE: ("Inkassosalæret kan bli høyere", "Da gjelder den høye satsen."),
}
_HOLDS = {
    HoldReason.OBJECTION: "Vi venter på svar fra den du skylder penger. Du trenger ikke å betale i mellomtiden.",
    HoldReason.DEFERRED: "Du har fått mer tid.",
    HoldReason.DECEASED: "Vi har fått vite om et dødsfall. En saksbehandler tar kontakt med dem som ordner opp i boet.",
    HoldReason.BANKRUPT: "Vi har fått vite om en konkurs. En saksbehandler melder kravet i boet.",
    HoldReason.QUIET: "Vi sender ikke brev i denne perioden.",
}
_GONE = {
    "bounced": "ble tatt tilbake av banken",
    "charged_back": "ble tatt tilbake av kortutstederen",
    "refunded": "ble betalt tilbake til deg",
    "sent_back": "ble betalt tilbake til den som betalte",
    "moved": "gjaldt en annen sak og ble flyttet dit",
}
_GONE_SOMEHOW = "gikk tilbake"
_ANSWERED = "Du har fått svar på det du var uenig i. Ingenting nytt skjer før den nye fristen er ute."
_WAITS = "En saksbehandler ser på saken. Det kommer ingen nye brev eller kostnader i mellomtiden."
_FACTS = {
    "power.active_contract": ("Aktiv strømavtale", {True: "Ja", False: "Nei"}),
    "grid.active_contract": ("Aktiv nettleieavtale", {True: "Ja", False: "Nei"}),
}
_ANSWERS = {
    "granted": "Du har fått mer tid",
    "refused": "Vi kan ikke gi mer tid nå",
    "ask_person": "En saksbehandler ser på ønsket ditt",
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
        subject = f"«{claim.description}», " if claim.description else ""
        return f"{subject}faktura {claim.invoice_number}"
    return f"{len(view.claims)} fakturaer: {listed([claim.invoice_number for claim in view.claims[:12]])}"


def next_words(step: NextStep) -> tuple[str, str]:
    """Heading and sentence for what may follow, with what it may cost before it comes."""
    heading, sentence = _NEXT[step.what]
    if step.extra_cost_ore > 0:
        sentence += f" Det kan koste deg inntil {money(step.extra_cost_ore)} mer."
    return heading, sentence


def coming_words(coming: Coming) -> str:
    """What may follow a payment, and when at the earliest; a person looks when no step is planned."""
    if coming.step is None or coming.earliest_on is None:
        return "Ingen nye brev eller kostnader er planlagt. En saksbehandler ser på saken."
    heading, sentence = _NEXT[coming.step]
    return f"{heading}, tidligst {day(coming.earliest_on)}. {sentence}"


def item_label(kind: ItemKind) -> str:
    """What a thing owed is called."""
    return _LABELS.get(kind.value, "Rettslige gebyrer")


def hold_words(view: CaseView) -> list[str]:
    """Why the case waits, each reason once. What concerns health or our own trouble is told as a person looking.

    More time with an end is told by the deadline itself.
    """
    told = [
        (_ANSWERED if hold.reason is HoldReason.OBJECTION and hold.until else _HOLDS.get(hold.reason, _WAITS))
        + (f" Det gjelder til og med {day(hold.until)}." if hold.until else "")
        for hold in view.holds
        if not (view.deferred and hold.reason is HoldReason.DEFERRED)
    ]
    return list(dict.fromkeys(told))


def gone_words(gone: Gone) -> str:
    """What became of money that is not on the case any more, and that it counts no longer."""
    paid = f"Betalingen på {money(gone.amount_ore)} fra {short_day(gone.paid_on)}"
    return f"{paid} {_GONE.get(gone.why, _GONE_SOMEHOW)} {short_day(gone.on)}. Derfor er den ikke trukket fra i summen."


def answer_heading(answer: DebtorRequest) -> str:
    """The answer in one line; a refusal is no headline to scream about."""
    return _ANSWERS[answer.outcome]


def reasons_shown(answer: DebtorRequest) -> list[str]:
    """The reasons the debtor is told, each once."""
    told = [reason["message"] for reason in answer.because if reason.get("shown", True) and reason["message"]]
    return list(dict.fromkeys(told))


def facts_behind(answer: DebtorRequest) -> list[tuple[str, str]]:
    """The fact a refusal rests on: what, who said it, when (ux rule 7)."""
    facts: list[Any] = [r["fact"] for r in answer.because if r.get("shown", True) and r.get("fact")]
    rows: list[tuple[str, str]] = []
    for fact in facts if answer.outcome == "refused" else []:
        label, words = _FACTS.get(fact["name"], (fact["name"], {}))
        rows += [
            (label, words.get(fact["value"], str(fact["value"]))),
            ("Meldt av", fact["source"]),
            ("Meldt", day(date.fromisoformat(fact["reported_on"]))),
        ]
    return rows


def may_ask_person(answer: DebtorRequest) -> bool:
    """Whether a person is still to be asked."""
    return answer.outcome == "refused" and all(reason["code"] != "person_decided" for reason in answer.because)
