"""A hand-over as one batch (forsendelse): nothing is delivered before all of it is taken, or it is cancelled whole.

The batch's number follows from ours. After a crash the same letters are given under the same number: those that lie in
it are there already, the rest is added, and it is completed once.
"""

from collections.abc import Generator, Sequence
from functools import partial

from plugins.digipost.answers import Batch
from plugins.digipost.client import DigipostClient
from plugins.digipost.errors import DOCUMENT_NOT_FOUND, Trouble
from plugins.digipost.ids import batch_id
from plugins.digipost.messages import new_batch
from plugins.digipost.outcomes import of_trouble
from plugins.digipost.sending import look_up, send
from plugins.digipost.several import send_each
from saas.hooks import ChannelDown, Outcome, OutcomeKind, OutgoingBatch, OutgoingLetter

_GONE = ("COMMITTED", "DONE")
_LIES_THERE = "LIES_IN_BATCH"


def hand_over_batch(client: DigipostClient, batch: OutgoingBatch) -> Generator[Outcome]:
    """One outcome per letter, given when the batch is completed or cancelled. Raises ChannelDown, Trouble."""
    number = batch_id(batch.batch_id, batch.tenant_slug)
    begun = _begun(client, number)
    if begun.status in _GONE:
        yield from _delivered(client, batch.letters)
        return
    outcomes, down = _filled(client, batch.letters, number)
    lying = [letter for letter in batch.letters if _lies_there(outcomes.get(letter.dispatch_id))]
    if down or any(outcome.kind is OutcomeKind.STOPPED for outcome in outcomes.values()):
        yield from _cancelled(client, begun, outcomes, lying)
        if down:
            raise ChannelDown(down)
        return
    yield from (outcome for outcome in outcomes.values() if not _lies_there(outcome))
    if lying:
        yield from _completed(client, number, lying)
    else:
        client.cancel(begun)


def _begun(client: DigipostClient, number: str) -> Batch:
    """The batch of this number, begun now or before. Raises Trouble, ChannelDown."""
    try:
        return client.create_batch(new_batch(number))
    except Trouble as trouble:
        if trouble.kind in (OutcomeKind.STOPPED, OutcomeKind.TRY_LATER):
            raise
        return client.batch(number)  # it may be there already: a second wish for it, or an answer that was lost


def _filled(client: DigipostClient, letters: tuple[OutgoingLetter, ...], number: str) -> tuple[dict[str, Outcome], str]:
    """(what became of each letter that was tried, why no more could be tried)."""
    outcomes: dict[str, Outcome] = {}
    try:
        for outcome in send_each(letters, partial(_put, client, number), client.terms.concurrency):
            outcomes[outcome.dispatch_id] = outcome
    except ChannelDown as problem:
        return outcomes, str(problem)
    in_doubt = (OutcomeKind.UNKNOWN, OutcomeKind.TRY_LATER)
    doubt = next((outcome.code for outcome in outcomes.values() if outcome.kind in in_doubt), "")
    return outcomes, doubt


def _put(client: DigipostClient, number: str, letter: OutgoingLetter) -> tuple[Outcome, bool]:
    """A letter put into the batch, tried once more when nobody knows whether it lies there."""
    outcome, down = send(client, letter, number)
    if outcome.kind is OutcomeKind.UNKNOWN and not down and not _is_told(outcome):
        outcome, down = send(client, letter, number)
    if _is_told(outcome) or outcome.kind is OutcomeKind.TAKEN:
        outcome = Outcome(letter.dispatch_id, OutcomeKind.TAKEN, _LIES_THERE)
    return outcome, down


def _is_told(outcome: Outcome) -> bool:
    """Digipost has it, and has not delivered it."""
    return outcome.kind is OutcomeKind.UNKNOWN and bool(outcome.external_id)


def _lies_there(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.code == _LIES_THERE


def _cancelled(
    client: DigipostClient, begun: Batch, outcomes: dict[str, Outcome], lying: list[OutgoingLetter]
) -> Generator[Outcome]:
    """Nothing of it is delivered: what lay there is certainly not taken, unless cancelling failed too."""
    try:
        client.cancel(begun)
        fate = OutcomeKind.TRY_LATER
    except Trouble:
        fate = OutcomeKind.UNKNOWN
    names = {letter.dispatch_id for letter in lying}
    for name, outcome in outcomes.items():
        yield Outcome(name, fate, "BATCH_CANCELLED") if name in names else outcome


def _completed(client: DigipostClient, number: str, lying: list[OutgoingLetter]) -> Generator[Outcome]:
    """Let it go. When that cannot be told, the letters are looked up, or the same batch is completed again later."""
    try:
        client.complete(client.batch(number))  # asked for again: what can be done with it depends on what lies in it
    except Trouble as trouble:
        for letter in lying:
            yield Outcome(letter.dispatch_id, _unsure(trouble.kind), trouble.code)
        return
    yield from _delivered(client, lying)


def _delivered(client: DigipostClient, letters: Sequence[OutgoingLetter]) -> Generator[Outcome]:
    """How each letter of a completed batch stands. One that does not lie there was refused, or came too late: it is
    sent by itself."""
    told = set()
    try:
        for outcome in send_each(letters, partial(_looked_up, client), client.terms.concurrency):
            told.add(outcome.dispatch_id)
            yield outcome
    except ChannelDown as problem:
        for letter in letters:
            if letter.dispatch_id not in told:
                yield Outcome(letter.dispatch_id, OutcomeKind.UNKNOWN, str(problem))


def _looked_up(client: DigipostClient, letter: OutgoingLetter) -> tuple[Outcome, bool]:
    try:
        outcome = look_up(client, letter)
    except Trouble as trouble:
        return of_trouble(letter.dispatch_id, Trouble(trouble.code, _unsure(trouble.kind))), trouble.down
    return send(client, letter) if outcome.code == DOCUMENT_NOT_FOUND else (outcome, False)


def _unsure(kind: OutcomeKind) -> OutcomeKind:
    """It is in a batch that was or may have been completed: a refusal of the question is no refusal of the letter."""
    return kind if kind is OutcomeKind.STOPPED else OutcomeKind.UNKNOWN
