"""One letter to Digipost: who it is for, whether paper is asked for, and what became of it."""

from plugins.digipost.client import DigipostClient
from plugins.digipost.errors import DOCUMENT_NOT_FOUND, AlreadyThere, Trouble
from plugins.digipost.ids import letter_id
from plugins.digipost.messages import CannotSay, Identity, identification, identity_of, message
from plugins.digipost.outcomes import of_delivery, of_status, of_trouble
from saas.hooks import Outcome, OutcomeKind, OutgoingLetter

_PRINTED_FOR = "IDENTIFIED"  # a known person without a mailbox; anything less sure is not printed


def send(client: DigipostClient, letter: OutgoingLetter, batch: str = "") -> tuple[Outcome, bool]:
    """(what became of it, whether nothing more is worth trying now). Never raises for the letter's own trouble."""
    try:
        return _sent(client, letter, batch), False
    except Trouble as trouble:
        return of_trouble(letter.dispatch_id, trouble), trouble.down
    except CannotSay as problem:
        return Outcome(letter.dispatch_id, OutcomeKind.REFUSED, str(problem)), False
    except ValueError:
        return Outcome(letter.dispatch_id, OutcomeKind.REFUSED, "WRONG_DISPATCH_ID"), False


def look_up(client: DigipostClient, letter: OutgoingLetter) -> Outcome:
    """What became of a letter, by its status. Raises Trouble."""
    number = letter_id(letter.dispatch_id)
    try:
        return of_status(letter, number, client.status(number), client.now)
    except Trouble as trouble:
        if trouble.code != DOCUMENT_NOT_FOUND:
            raise
        return Outcome(letter.dispatch_id, OutcomeKind.TRY_LATER, trouble.code)


def _sent(client: DigipostClient, letter: OutgoingLetter, batch: str) -> Outcome:
    number, terms = letter_id(letter.dispatch_id), client.terms
    identity = identity_of(letter.recipient, terms.identify_by)
    if identity is None:
        return Outcome(letter.dispatch_id, OutcomeKind.UNREACHABLE, "NOTHING_TO_IDENTIFY_BY")
    on_paper = False
    if terms.print_fallback:
        refusal, on_paper = _paper_or_not(client, letter, identity)
        if refusal is not None:
            return refusal
    told = message(letter, number, identity, terms, on_paper=on_paper, batch=batch, now=client.now)
    try:
        delivery, answer = client.send(told, number, letter.pdf)
    except AlreadyThere as already:
        return _taken_before(client, letter, number, already)
    return of_delivery(letter, number, delivery, answer.date, client.now)


def _paper_or_not(client: DigipostClient, letter: OutgoingLetter, identity: Identity) -> tuple[Outcome | None, bool]:
    """(what became of it already, whether it is to be printed): asked first, so that one message has one channel."""
    try:
        told = client.identify(identification(identity, letter.recipient))
    except Trouble as trouble:
        if trouble.kind is OutcomeKind.UNKNOWN:  # the question may have arrived, the letter was never sent
            raise Trouble(trouble.code, OutcomeKind.TRY_LATER, down=trouble.down) from None
        raise
    if told.result == "DIGIPOST":
        return None, False
    if told.result == _PRINTED_FOR:
        return None, True
    kind = OutcomeKind.REFUSED if told.result == "INVALID" else OutcomeKind.UNREACHABLE
    return Outcome(letter.dispatch_id, kind, told.reason or told.result), False


def _taken_before(client: DigipostClient, letter: OutgoingLetter, number: str, already: AlreadyThere) -> Outcome:
    """It is there under our ids: its status tells how it stands. When that is not told now, it is asked again later."""
    try:
        told = client.status(number)
    except Trouble:
        return of_trouble(letter.dispatch_id, already)
    return of_status(letter, number, told, client.now, already.code)


__all__ = ["look_up", "send"]
