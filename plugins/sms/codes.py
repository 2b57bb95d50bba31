"""The gateway's codes, sorted once by what we do next.

A code can come in the answer to a message handed over or in a report later; the table says what it means in each.
"""

from dataclasses import dataclass

from saas.hooks import OutcomeKind, ReceiptState


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a result code means: a word for people, what a report of it says, and what an answer with it says."""

    word: str
    reported: ReceiptState
    answered: OutcomeKind


def _all(codes: tuple[int, ...], word: str, reported: ReceiptState, answered: OutcomeKind) -> dict[int, Meaning]:
    return {code: Meaning(word, reported, answered) for code in codes}


BAD_NUMBER = "bad_number"
"""How the word begins when the number itself is wrong: whoever keeps the number should know."""

RESULTS: dict[int, Meaning] = {
    1001: Meaning("delivered", ReceiptState.SENT, OutcomeKind.TAKEN),
    1005: Meaning("queued", ReceiptState.NOTED, OutcomeKind.TAKEN),
    # not final: another report follows
    1000: Meaning("sent_on", ReceiptState.NOTED, OutcomeKind.TAKEN),
    1007: Meaning("billed_later", ReceiptState.NOTED, OutcomeKind.TAKEN),
    1008: Meaning("billed", ReceiptState.NOTED, OutcomeKind.TAKEN),
    1011: Meaning("billed_and_sent_on", ReceiptState.NOTED, OutcomeKind.TAKEN),
    1012: Meaning("delayed", ReceiptState.NOTED, OutcomeKind.TAKEN),
    1002: Meaning("expired", ReceiptState.FAILED, OutcomeKind.REFUSED),
    1004: Meaning("phone_full", ReceiptState.FAILED, OutcomeKind.REFUSED),
    1006: Meaning("not_delivered", ReceiptState.FAILED, OutcomeKind.REFUSED),
    # final, and nobody knows
    **_all((1010, 4, 5), "nobody_knows", ReceiptState.UNKNOWN, OutcomeKind.UNKNOWN),
    2104: Meaning(f"{BAD_NUMBER}_unknown", ReceiptState.UNREACHABLE, OutcomeKind.UNREACHABLE),
    2105: Meaning(f"{BAD_NUMBER}_barred", ReceiptState.UNREACHABLE, OutcomeKind.UNREACHABLE),
    2106: Meaning(f"{BAD_NUMBER}_wrong", ReceiptState.UNREACHABLE, OutcomeKind.UNREACHABLE),
    2107: Meaning("barred_for_now", ReceiptState.FAILED, OutcomeKind.REFUSED),
    # the way there was closed: certainly not taken, and a new message may be tried
    **_all((0, 1, 2, 3, 6, 104, 105), "no_way_there", ReceiptState.FAILED, OutcomeKind.TRY_LATER),
    # encoding or content: ours to mend
    **_all((*range(3000, 3003), *range(4000, 4008)), "content_refused", ReceiptState.FAILED, OutcomeKind.REFUSED),
}
_UNHEARD_OF = Meaning("unheard_of", ReceiptState.NOTED, OutcomeKind.UNKNOWN)

# Errors instead of an answer. What is wrong with the agreement stops the channel; nothing was taken.
ERRORS: dict[int, OutcomeKind] = {
    106000: OutcomeKind.REFUSED,  # unknown
    106100: OutcomeKind.STOPPED,  # bad login
    106101: OutcomeKind.STOPPED,  # access denied
    106200: OutcomeKind.STOPPED,  # platformId
    106201: OutcomeKind.STOPPED,  # platformPartnerId
    106300: OutcomeKind.STOPPED,  # no such gate
    106301: OutcomeKind.STOPPED,  # the gate is not available
}


def meaning_of(code: int) -> Meaning:
    """What a result code means. One that is not in the table says nothing certain: a person looks."""
    return RESULTS.get(code, _UNHEARD_OF)


def told(code: int) -> str:
    """The code for people: `2104 bad_number_unknown`."""
    return f"{code} {meaning_of(code).word}"
