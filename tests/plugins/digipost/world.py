"""A tenant with an agreement at a simulated Digipost, letters to send, and keys thrown away afterwards."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from pypdf import PdfWriter

from plugins.digipost.agreement import Agreement
from plugins.digipost.channel import DigipostChannel
from saas.hooks import Account, AskedPayment, Outcome, OutgoingBatch, OutgoingLetter, Party
from saas.kernel import clock
from saas.rules.money import Ore
from saas.simulators.digipost import DigipostSim, Keys, Person, throwaway_keys

PASSWORD = "et passord for denne kjøringen"
KARI, OLA, NOBODY, WRONG = "01010112345", "02020212345", "03030312345", "04040412345"
SECRETS = ("certificate", "password")
SENDER = Party("Fjord Inkasso AS", ("Postboks 10",), "0101", "Oslo", orgnr="999888777")


@cache
def keys(name: str = "broker") -> Keys:
    return throwaway_keys(name, clock.wall_now())


@cache
def certificate() -> str:
    return keys().pkcs12(PASSWORD)


def sim_with_people(**changes: Any) -> DigipostSim:
    """Kari has a mailbox, Ola is known and has none, nobody knows the third, and the fourth number is wrong."""
    sim = DigipostSim(clock.wall_now, keys=keys(), **changes)
    sim.mail.know(
        Person(KARI, "DIGIPOST", "Kari Prøve", "Storgata 1", "0155", "Oslo"),
        Person(OLA, "IDENTIFIED", "Ola Prøve", "Storgata 2", "0155", "Oslo"),
        Person(WRONG, "INVALID"),
        Person("999888777", "DIGIPOST"),
    )
    return sim


def account(base_url: str, **changes: Any) -> Account:
    """An agreement as it is handed to the channel."""
    given = {"broker_id": "800001", "sender_id": "900001", "base_url": base_url, "certificate": certificate(),
             "password": PASSWORD, "concurrency": 3} | changes  # fmt: skip
    loaded = Agreement().load(given)
    return Account(loaded, {name: loaded.pop(name) for name in SECRETS}, loaded["base_url"])


@cache
def blank_pdf() -> bytes:
    """One empty A4 page."""
    writer, file = PdfWriter(), BytesIO()
    writer.add_blank_page(width=595.28, height=841.89)
    writer.write(file)
    return file.getvalue()


def letter(to: str | Party = KARI, dispatch_id: UUID | str | None = None, **changes: Any) -> OutgoingLetter:
    """A payment demand, its PDF like no other's."""
    name = str(dispatch_id or uuid4())
    pdf = changes.pop("pdf", blank_pdf() + f"\n% {name}".encode())
    recipient = to if isinstance(to, Party) else Party("Kari Prøve", ("Storgata 1",), "0155", "Oslo", national_id=to)
    given = {"kind": "payment_demand", "subject": "Brev fra Fjord Inkasso", "sender": SENDER,
             "payment": AskedPayment(Ore(184_250), date(2026, 12, 10), "12345678903", "00001230"),
             "link": "https://frist.example/s/4711"} | changes  # fmt: skip
    return OutgoingLetter(name, pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest(), recipient=recipient, **given)


def hand_over(
    channel: DigipostChannel, to: Account, *letters: OutgoingLetter, batch_id: str = "b-1", at: datetime | None = None
) -> Iterator[Outcome]:
    """As the core does it."""
    batch = OutgoingBatch(batch_id, "fjord", date(2026, 11, 21), letters)
    return channel.hand_over(to, batch, at or clock.wall_now())


def only(outcomes: Iterator[Outcome]) -> Outcome:
    """The one there is."""
    (outcome,) = outcomes
    return outcome
