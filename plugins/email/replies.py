"""A mail server's replies, sorted once by what we do next: the three digits, and the finer code behind them."""

import re
from dataclasses import dataclass

from saas.hooks import OutcomeKind

_FINER = re.compile(r"^\s*([245]\.\d{1,3}\.\d{1,3})\b")
CLOSING = 421  # the server is going away: nothing more can be tried now
_TOO_BIG = 552
_NOBODY_THERE = (550, 551, 553)  # when there is no finer code
_AGREEMENT = (530, 534, 535, 538)  # log in first, in another way, or with the right password
_ABOUT_US = ("5.1.7", "5.1.8")  # the sender's own address


def nobody_there(finer: str) -> bool:
    """Whether an enhanced status code says for good that there is no such mailbox, or that it is shut."""
    return (finer.startswith("5.1.") and finer not in _ABOUT_US) or finer == "5.2.1"


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. `text` may repeat an address; `shown` never does."""

    code: int
    text: str

    @property
    def finer(self) -> str:
        """The enhanced status code (RFC 3463), '' when there is none."""
        found = _FINER.match(self.text)
        return found[1] if found else ""

    @property
    def shown(self) -> str:
        """The codes alone, for people."""
        return f"{self.code} {self.finer}".strip()

    @property
    def is_yes(self) -> bool:
        """2xx."""
        return 200 <= self.code < 300


def refused_sender(reply: Reply) -> OutcomeKind:
    """MAIL FROM was refused: nothing has been said of the letter yet, so it is about us."""
    if 400 <= reply.code < 500:
        return OutcomeKind.TRY_LATER
    return OutcomeKind.REFUSED if reply.code == _TOO_BIG else OutcomeKind.STOPPED


def refused_recipient(reply: Reply) -> OutcomeKind:
    """RCPT TO, DATA or the message itself was refused."""
    if 400 <= reply.code < 500:
        return OutcomeKind.TRY_LATER
    if reply.code in _AGREEMENT:
        return OutcomeKind.STOPPED
    nobody = nobody_there(reply.finer) if reply.finer else reply.code in _NOBODY_THERE
    return OutcomeKind.UNREACHABLE if nobody else OutcomeKind.REFUSED
