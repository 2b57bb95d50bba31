"""Letters and agreements as they are handed to channels."""

from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from saas.hooks import Account, Channel, ChannelDown, Outcome, OutgoingBatch, OutgoingLetter, Party
from tests.pdfs import blank_pdf

PDF = blank_pdf("en prøve")
NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # half past midnight in Oslo, on the 21st
KARI = Party(
    "Kari Prøve", ("Storgata 1",), "0155", "OSLO", email="kari@example.no", phone="+47 999 99 999", has_portal=True
)
FJORD = Party("Fjord Inkasso AS", ("Postboks 10",), "0101", "OSLO", orgnr="987654325", email="post@fjord.example")
ONE, TWO, THREE = (str(UUID(int=number)) for number in (1, 2, 3))


def to(**changes: Any) -> Party:
    """Kari, or somebody a little different."""
    return replace(KARI, **changes)


def letter(number: int = 1, **changes: Any) -> OutgoingLetter:
    """A letter that may leave by any channel."""
    made = OutgoingLetter(
        dispatch_id=str(UUID(int=number)),
        kind="payment_demand",
        subject="Brev fra Fjord",
        pdf=PDF,
        sha256=sha256(PDF).hexdigest(),
        recipient=KARI,
        sender=FJORD,
        html="<!doctype html><html><head><title>x</title></head><body><h1>Betalingsoppfordring</h1></body></html>",
        text="Betalingsoppfordring: betal 1 568,72 innen 8. desember",
        short_text="Hei. Du har fått et brev fra Fjord. Logg inn på fjord.example for å lese det.",
        link="https://fjord.example/brev/x7Qa",
    )
    return replace(made, **changes)


def batch(*letters: OutgoingLetter) -> OutgoingBatch:
    """These letters, or three."""
    return OutgoingBatch("b1", "fjord", date(2026, 11, 20), letters or (letter(1), letter(2), letter(3)))


def agreed(channel: Channel, *, folder: Path | None = None, **given: Any) -> Account:
    """An agreement checked by the channel's schema, its secrets apart."""
    fields = channel.settings_schema().fields
    loaded = channel.settings_schema().load(given)
    hidden = {name for name in loaded if fields[name].metadata.get("secret")}
    public = {name: value for name, value in loaded.items() if name not in hidden}
    return Account(public, {name: loaded[name] for name in hidden}, public.get("base_url", ""), folder)


def outcomes(channel: Channel, account: Account, *letters: OutgoingLetter) -> tuple[list[Outcome], str | None]:
    """What became of each, and why the channel went down (None: it did not)."""
    found = []
    try:
        for outcome in channel.hand_over(account, batch(*letters), NOW):
            found.append(outcome)
    except ChannelDown as down:
        return found, str(down)
    return found, None
