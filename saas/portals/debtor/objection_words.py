"""What the debtor is told of an objection, in sentences (bokmål): where it stands, and what happens next."""

from dataclasses import dataclass

from saas.cases.objections import ObjectionView
from saas.cases.queries import CaseView
from saas.portals.shared.words import day, money
from saas.rules.objections import Outcome, Standing

STATES = {
    Standing.OPEN: "Venter på svar",
    Standing.ANSWERED: "Besvart, med ny frist",
    Standing.DISPUTED: "Besvart, du er fortsatt uenig",
    Standing.BOARD_CASE: "Til behandling i nemnda",
    Standing.CLOSED: "Besvart",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A page about an objection: heading, sentences in order, and whether to offer to disagree again."""

    heading: str
    sentences: tuple[str, ...]
    good_news: bool = False
    may_go_on: bool = False  # the debtor may still disagree


def state_words(objection: ObjectionView) -> str:
    """Where an objection stands, in a few words."""
    if objection.outcome is Outcome.WITHDRAWN:
        return "Du fikk rett"
    if objection.standing is Standing.CLOSED and objection.outcome is None:
        return "Ikke uenig lenger"
    return STATES[objection.standing]


def told(objection: ObjectionView, view: CaseView) -> Told:
    """What to tell of an objection now."""
    if objection.outcome is Outcome.WITHDRAWN:
        return _withdrawn(objection, view)
    if objection.outcome is Outcome.ADJUSTED:
        return _adjusted(objection, view)
    if objection.standing is Standing.DISPUTED and objection.outcome is not None:
        return Told("Du er fortsatt uenig", (_HELD, "Saken må avgjøres i forliksrådet, eller så avsluttes den."))
    if objection.outcome is not None:
        return _kept(objection, view)
    if objection.standing is Standing.CLOSED:
        return Told("Du er ikke uenig lenger", ("Du har sagt at du ikke er uenig lenger.",), may_go_on=True)
    asked = f"Vi har spurt {view.creditor_name} om det du skrev. Du får svar innen {day(objection.answer_by)}."
    return Told("Saken står på vent fra nå", (asked, _HELD, "Du trenger ikke å betale før du har fått svar."))


_HELD = "Det kommer ingen nye brev eller kostnader så lenge saken står på vent."
_COSTS_OFF = "Kostnadene i saken er tatt bort. Har du betalt noe av dem, går pengene til det du skylder eller til deg."


def _withdrawn(objection: ObjectionView, view: CaseView) -> Told:
    if view.is_closed:
        nothing = "Kravet er trukket, og saken er avsluttet. Du skylder ingenting, og det kommer ikke flere brev."
        return Told("Du fikk rett", (nothing,), good_news=True)
    off = f"{money(objection.taken_off_ore)} er trukket fra det du skylder."
    return Told("Du fikk rett", (off, _COSTS_OFF, *_new_deadline(objection)), good_news=True)


def _adjusted(objection: ObjectionView, view: CaseView) -> Told:
    off = f"Beløpet er satt ned med {money(objection.taken_off_ore)}."
    again = not view.is_closed
    return Told("Beløpet er satt ned", (off, _COSTS_OFF, *_new_deadline(objection)), good_news=True, may_go_on=again)


def _kept(objection: ObjectionView, view: CaseView) -> Told:
    if objection.outcome is Outcome.GROUNDLESS:
        heading, answered = "Du har fått svar", "En saksbehandler har sett på det du skrev."
    else:
        heading, answered = "Kravet er ikke endret", f"{view.creditor_name} mener at kravet er riktig."
    return Told(heading, (answered, *_new_deadline(objection)), may_go_on=not view.is_closed)


def _new_deadline(objection: ObjectionView) -> tuple[str, ...]:
    if objection.deadline_on is None or objection.standing is not Standing.ANSWERED:
        return ()
    return (f"Du har en ny frist: {day(objection.deadline_on)}. Ingenting nytt skjer før den er ute.",)
