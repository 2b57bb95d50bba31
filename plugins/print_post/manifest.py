"""The list of letters that goes with a batch (følgeliste)."""

import csv
import io

from saas.hooks import OutgoingBatch, Party

FILE = "manifest.csv"
COLUMNS = ("dispatch_id", "file", "sha256", "pages", "name", "country")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def manifest(batch: OutgoingBatch) -> bytes:
    """The manifest as UTF-8 CSV: the same batch always gives the same bytes."""
    addresses = [postal_lines(letter.recipient) for letter in batch.letters]
    lines = max(len(address) for address in addresses)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([*COLUMNS, *(f"address_{number}" for number in range(1, lines + 1))])
    for letter, postal in zip(batch.letters, addresses, strict=True):
        address = [shielded(line) for line in postal] + [""] * (lines - len(postal))
        who = (shielded(letter.recipient.name), shielded(letter.recipient.country))
        writer.writerow([letter.dispatch_id, pdf_name(letter.dispatch_id), letter.sha256, letter.pages, *who, *address])
    return out.getvalue().encode()


def letters_in(content: bytes) -> frozenset[tuple[str, str]]:
    """(dispatch id, SHA-256) of each letter in a manifest, whatever order or address they came with."""
    rows = csv.reader(io.StringIO(content.decode(errors="replace"), newline=""), delimiter=";")
    return frozenset((row[0], row[2]) for row in rows if len(row) > len(COLUMNS)) - {(COLUMNS[0], COLUMNS[2])}


def postal_lines(to: Party) -> tuple[str, ...]:
    """The lines below the name: street, then postcode and city."""
    place = f"{to.postcode} {to.city}".strip()
    return (*to.address_lines, place) if place else to.address_lines


def pdf_name(dispatch_id: str) -> str:
    """The letter's file in the batch; the id is a UUID, so nothing a person wrote gets into a path."""
    return f"{dispatch_id}.pdf"


def shielded(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula, and so that it can be had back exactly.

    One `'` goes in front of a text that begins like a formula, and of one that begins with `'` itself: whoever reads
    takes one leading `'` off and needs to know nothing else.
    """
    return f"'{text}" if text.lstrip(" ").startswith((*FORMULA_STARTS, "'")) else text
