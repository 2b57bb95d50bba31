"""Digipost's errors, sorted once by what we do next.

What matters first is whether the letter may have been taken: then it is asked again with the same ids, which cannot
send it twice. An error counts only when its answer is verified, but for those that promise nothing (see `client.py`).
"""

import re

from saas.hooks import OutcomeKind

UNKNOWN_RECIPIENT, DOCUMENT_NOT_FOUND, API_UNAVAILABLE = "UNKNOWN_RECIPIENT", "DOCUMENT_NOT_FOUND", "API_UNAVAILABLE"
ALREADY = frozenset({
    "DUPLICATE_MESSAGE", "DUPLICATE_DOCUMENT_ID", "DUPLICATE_DOCUMENT_ID_FOR_BATCH", "MESSAGE_ALREADY_SENT",
    "CONTENT_ALREADY_UPLOADED", "DIGIPOST_MESSAGE_ALREADY_DELIVERED", "PRINT_MESSAGE_ALREADY_DELIVERED",
})  # fmt: skip
"""The ids are ours and of one letter, so this is that letter, taken before."""

KEYS_WRONG = frozenset({
    "INVALID_SIGNATURE", "MISSING_SIGNATURE", "INVALID_USER_ID_HEADER", "UNKNOWN_USER_ID", "MISSING_DATE_HEADER",
    "INVALID_DATE_HEADER", "DATE_HEADER_OUTSIDE_ACCEPTED_INTERVAL", "MISSING_SHA256", "INVALID_SHA256",
    "MISSING_CONTENT_HASH", "ILLEGAL_ACCESS",
})  # fmt: skip
AGREEMENT_WRONG = frozenset({
    "NOT_APPROVED_FOR_REST_API_USAGE", "NOT_APPROVED_FOR_PRINT", "NOT_APPROVED_FOR_IDPORTEN",
    "NOT_APPROVED_FOR_DIRECT_PRINT", "NOT_APPROVED_FOR_PREENCRYPT", "NOT_APPROVED_FOR_TECHNICAL_ATTACHMENTS",
    "MISSING_CERTIFICATE", "REVOKED_CERTIFICATE", "BROKER_NOT_AUTHORIZED", "NOTIFICATION_ADDRESSES_NOT_ALLOWED",
    "ORGANISATION_LETTERS_PER_MONTH_EXCEEDED", "DELIVERY_DATE_HISTORICAL", "ACCOUNT_DEACTIVATED",
    "UNKNOWN_SENDER",  # of the sort CLIENT_DATA, but the sender stands in the agreement and not in the letter
})  # fmt: skip
_KINDS = {
    "SERVER": OutcomeKind.UNKNOWN,
    "CONFIGURATION": OutcomeKind.STOPPED,
    "CLIENT_DATA": OutcomeKind.REFUSED,
    "CLIENT_TECHNICAL": OutcomeKind.REFUSED,
}
_CODE = re.compile(r"[A-Z0-9_]{1,60}")


class Trouble(Exception):
    """A call did not give what was asked for. `kind` says what became of a letter that was sent with it.

    `down`: nothing more is worth trying now.
    """

    def __init__(self, code: str, kind: OutcomeKind, *, down: bool = False) -> None:
        super().__init__(code)
        self.code, self.kind, self.down = code, kind, down


class AlreadyThere(Trouble):
    """Taken before: only a look at its status can tell how it stands."""

    def __init__(self, code: str) -> None:
        super().__init__(code, OutcomeKind.UNKNOWN)


def sorted_error(code: str, error_type: str, status: int) -> Trouble:
    """A verified error. A code we do not know goes by its sort, and without one by the status."""
    code = code if _CODE.fullmatch(code) else f"HTTP_{status}"
    if code in ALREADY:
        return AlreadyThere(code)
    if code == API_UNAVAILABLE:
        return Trouble(code, OutcomeKind.TRY_LATER, down=True)
    if code == UNKNOWN_RECIPIENT:
        return Trouble(code, OutcomeKind.UNREACHABLE)
    if code == "UNKNOWN_BATCH":  # cancelled or forgotten, and its letters with it
        return Trouble(code, OutcomeKind.TRY_LATER, down=True)
    if code in KEYS_WRONG or code in AGREEMENT_WRONG:
        return Trouble(code, OutcomeKind.STOPPED)
    by_status = OutcomeKind.UNKNOWN if status >= 500 else OutcomeKind.REFUSED
    return Trouble(code, _KINDS.get(error_type, by_status))
