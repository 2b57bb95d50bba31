"""One letter to Digipost: who it is for, whether paper is asked for, and what became of it."""

from plugins.digipost.client import DigipostClient
from plugins.digipost.errors import DOCUMENT_NOT_FOUND, AlreadyThere, Trouble
from plugins.digipost.ids import letter_id
from plugins.digipost.messages import CannotSay, Identity, identification, identity_of, message
from plugins.digipost.outcomes import of_delivery, of_status, of_trouble
from saas.hooks import Outcome, OutcomeKind, OutgoingLetter

_NEXT_RUNG = (OutcomeKind.UNREACHABLE, OutcomeKind.REFUSED)
_PRINTED_FOR = "IDENTIFIED"  # a known person without a mailbox; anything less sure is not printed


def send(client: DigipostClient, letter: OutgoingLetter, batch: str = "") -> tuple[Outcome, bool]:
    """(what became of it, whether nothing more is worth trying now). Never raises for the letter's own trouble."""
    try:
        number = letter_id(letter.dispatch_id)
    except ValueError:
        return Outcome(letter.dispatch_id, OutcomeKind.REFUSED, "WRONG_DISPATCH_ID"), False
    try:
        return _sent(client, letter, number, batch), False
    except CannotSay as problem:
        return Outcome(letter.dispatch_id, OutcomeKind.REFUSED, str(problem)), False
    except Trouble as trouble:
        if trouble.kind in _NEXT_RUNG:
            return _unless_taken(client, letter, number, trouble)
        return of_trouble(letter.dispatch_id, trouble), trouble.down


def look_up(client: DigipostClient, letter: OutgoingLetter) -> Outcome:
    """What became of a letter, by its status. Raises Trouble."""
    number = letter_id(letter.dispatch_id)
    try:
        return of_status(letter, number, client.status(number), client.now)
    except Trouble as trouble:
        if trouble.code != DOCUMENT_NOT_FOUND:
            raise
        return Outcome(letter.dispatch_id, OutcomeKind.TRY_LATER, trouble.code)


def _sent(client: DigipostClient, letter: OutgoingLetter, number: str, batch: str) -> Outcome:
    terms = client.terms
    identity = identity_of(letter.recipient, terms.identify_by)
    if identity is None:
        return Outcome(letter.dispatch_id, OutcomeKind.UNREACHABLE, "NOTHING_TO_IDENTIFY_BY")
    on_paper = False
    if terms.print_fallback:
        on_paper = _is_for_paper(client, letter, identity)
    told = message(letter, number, identity, terms, on_paper=on_paper, batch=batch, now=client.now)
    try:
        delivery, answer = client.send(told, number, letter.pdf)
    except AlreadyThere as already:
        return _taken_before(client, letter, number, already)
    return of_delivery(letter, number, delivery, answer.date, client.now)


def _is_for_paper(client: DigipostClient, letter: OutgoingLetter, identity: Identity) -> bool:
    """Whether it is to be printed: asked first, so that one message has one channel. Raises Trouble, CannotSay."""
    try:
        told = client.identify(identification(identity, letter.recipient))
    except Trouble as trouble:
        if trouble.kind is OutcomeKind.UNKNOWN:  # the question may have arrived, the letter was never sent
            raise Trouble(trouble.code, OutcomeKind.TRY_LATER, down=trouble.down) from None
        raise
    if told.result in ("DIGIPOST", _PRINTED_FOR):
        return told.result == _PRINTED_FOR
    kind = OutcomeKind.REFUSED if told.result == "INVALID" else OutcomeKind.UNREACHABLE
    raise Trouble(told.reason or told.result, kind)


def _unless_taken(
    client: DigipostClient, letter: OutgoingLetter, number: str, refusal: Trouble
) -> tuple[Outcome, bool]:
    """A refusal sends the letter another way, so it is held against what is there: an earlier try may have been taken
    and its answer lost, and the mailbox closed since."""
    try:
        told = client.status(number)
    except Trouble as trouble:
        if trouble.kind in (*_NEXT_RUNG, OutcomeKind.STOPPED):  # it says that there is none, or will not say: as before
            return of_trouble(letter.dispatch_id, refusal), False
        return Outcome(letter.dispatch_id, OutcomeKind.UNKNOWN, trouble.code), trouble.down
    return of_status(letter, number, told, client.now, refusal.code), False


def _taken_before(client: DigipostClient, letter: OutgoingLetter, number: str, already: AlreadyThere) -> Outcome:
    """It is there under our ids: its status tells how it stands. When that is not told now, it is asked again later."""
    try:
        told = client.status(number)
    except Trouble:
        return of_trouble(letter.dispatch_id, already)
    return of_status(letter, number, told, client.now, already.code)


__all__ = ["look_up", "send"]
