"""What the debtor is told of an objection, in sentences: where it stands, and what happens next."""

from dataclasses import dataclass

from saas.cases.objections import ObjectionView
from saas.cases.queries import CaseView
from saas.rules.objections import Outcome, Standing
from saas.rules.words import Kroner, Weekday, say

STATES = {
    Standing.OPEN: say("Venter på svar"),
    Standing.ANSWERED: say("Besvart, med ny frist"),
    Standing.DISPUTED: say("Besvart, du er fortsatt uenig"),
    Standing.BOARD_CASE: say("Til behandling i nemnda"),
    Standing.CLOSED: say("Besvart"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A page about an objection: heading, sentences in order, and whether to offer to disagree again."""

    heading: str
    sentences: tuple[str, ...]
    good_news: bool = False
    may_go_on: bool = False  # the debtor may still disagree
    still_disagrees: bool = False


def state_words(objection: ObjectionView) -> str:
    """Where an objection stands, in a few words."""
    if objection.outcome is Outcome.WITHDRAWN:
        return say("Du fikk rett")
    if objection.standing is Standing.CLOSED and objection.outcome is None:
        return say("Ikke uenig lenger")
    return STATES[objection.standing]


def told(objection: ObjectionView, view: CaseView) -> Told:
    """What to tell of an objection now."""
    if objection.outcome is Outcome.WITHDRAWN:
        return _withdrawn(objection, view)
    if objection.outcome is Outcome.ADJUSTED:
        return _adjusted(objection, view)
    if objection.standing is Standing.DISPUTED and objection.outcome is not None:
        court = say("Saken må avgjøres i forliksrådet, eller så avsluttes den.")
        return Told(say("Du er fortsatt uenig"), (_HELD, court), still_disagrees=True)
    if objection.outcome is not None:
        return _kept(objection, view)
    if objection.standing is Standing.CLOSED:
        agrees = say("Du har sagt at du ikke er uenig lenger.")
        return Told(say("Du er ikke uenig lenger"), (agrees,), may_go_on=True)
    asked = say(
        "Vi har spurt {creditor} om det du skrev. Du får svar innen {day}.",
        creditor=view.creditor_name,
        day=Weekday(objection.answer_by),
    )
    no_need = say("Du trenger ikke å betale før du har fått svar.")
    return Told(say("Saken står på vent fra nå"), (asked, _HELD, no_need))


_HELD = say("Det kommer ingen nye brev eller kostnader så lenge saken står på vent.")
_COSTS_OFF = say(
    "Kostnadene i saken er tatt bort. Har du betalt noe av dem, går pengene til det du skylder eller til deg."
)


def _withdrawn(objection: ObjectionView, view: CaseView) -> Told:
    if view.is_closed:
        nothing = say("Kravet er trukket, og saken er avsluttet. Du skylder ingenting, og det kommer ikke flere brev.")
        return Told(say("Du fikk rett"), (nothing,), good_news=True)
    off = say("{amount} er trukket fra det du skylder.", amount=Kroner(objection.taken_off_ore))
    return Told(say("Du fikk rett"), (off, _COSTS_OFF, *_new_deadline(objection)), good_news=True)


def _adjusted(objection: ObjectionView, view: CaseView) -> Told:
    off = say("Beløpet er satt ned med {amount}.", amount=Kroner(objection.taken_off_ore))
    sentences = (off, _COSTS_OFF, *_new_deadline(objection))
    return Told(say("Beløpet er satt ned"), sentences, good_news=True, may_go_on=not view.is_closed)


def _kept(objection: ObjectionView, view: CaseView) -> Told:
    if objection.outcome is Outcome.GROUNDLESS:
        heading, answered = say("Du har fått svar"), say("En saksbehandler har sett på det du skrev.")
    else:
        heading = say("Kravet er ikke endret")
        answered = say("{creditor} mener at kravet er riktig.", creditor=view.creditor_name)
    return Told(heading, (answered, *_new_deadline(objection)), may_go_on=not view.is_closed)


def _new_deadline(objection: ObjectionView) -> tuple[str, ...]:
    if objection.deadline_on is None or objection.standing is not Standing.ANSWERED:
        return ()
    new = say("Du har en ny frist: {day}. Ingenting nytt skjer før den er ute.", day=Weekday(objection.deadline_on))
    return (new,)
