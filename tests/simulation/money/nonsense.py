"""What nobody should send: broken files, money nobody knows, forged and repeated news. Nothing may come of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx

from saas.payments.bank_files import FileRefused
from saas.simulators.bank import SimPayment, write_ocr
from saas.simulators.bank_camt import SimEntry, SimNotification, SimTransfer, write_camt
from saas.simulators.stripe.webhooks import sign
from tests.builders import at
from tests.payments.card import SECRET
from tests.simulation.money.plan import Act, account_of

if TYPE_CHECKING:
    from tests.simulation.money.town import Town

BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY e SYSTEM "file:///etc/passwd">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>&b;&e;</BkToCstmrDbtCdtNtfctn>
</Document>"""


def _refused(town: "Town", content: bytes, act: Act) -> None:
    """A file that must be refused, whole."""
    town.place(act.on)  # what waits is not the file's doing
    before = town.booked()
    try:
        town.take_in(content, "tull", act.on)
    except FileRefused:
        town.place(act.on)
        assert town.booked() == before, f"{act}: something was booked"
    else:
        raise AssertionError(f"{act} was taken in")


def _ocr(town: "Town", act: Act) -> bytes:
    kid = town.case(act.who).kid
    return write_ocr([SimPayment(kid, 12_345, act.on), SimPayment(kid, 500, act.on)], town.bank.account, "123456789",
                     9_000_000 + act.who, "12345678", act.on)  # fmt: skip


def _truncated(town: "Town", act: Act) -> None:
    _refused(town, _ocr(town, act)[:-120], act)


def _wrong_sum(town: "Town", act: Act) -> None:
    _refused(town, _ocr(town, act).replace(b"00000000000012845", b"00000000000012846"), act)


def _wrong_count(town: "Town", act: Act) -> None:
    _refused(town, _ocr(town, act).replace(b"NY0900880000000200000006", b"NY0900880000000300000006"), act)


def _wrong_unit(town: "Town", act: Act) -> None:
    """To another account than ours."""
    content = write_ocr([SimPayment("1234567", 100, act.on)], "99990300000", "123456789", 9_500_000 + act.who,
                        "12345678", act.on)  # fmt: skip
    _refused(town, content, act)


def _unknown_kid(town: "Town", act: Act) -> None:
    """Real money nobody knows: it waits, and is sent back."""
    town.bank.pay_ocr("424242424", 7_700 + act.who, act.on, account_of(90_000 + act.who))


def _hyphen_kid(town: "Town", act: Act) -> None:
    town.bank.pay_ocr("1000005-", 8_800 + act.who, act.on, account_of(90_000 + act.who))


def _euro(town: "Town", act: Act) -> None:
    """Told, and left out: it is on no account of ours."""
    entry = SimEntry([SimTransfer(9_900, currency="EUR")], act.on, act.on, currency="EUR", reference=f"E{act.who}")
    kroner = SimEntry([SimTransfer(1_100 + act.who, texts=("?",), debit_account=account_of(90_000 + act.who))], act.on,
                      act.on, reference=f"K{act.who}-{act.on}")  # fmt: skip
    content = write_camt([SimNotification(town.bank.account, (entry, kroner))], f"EUR{act.who}-{act.on}", at(act.on))
    town.take_in(content, "euro", act.on)
    town.bank.orders.deposit(town.bank.account, 1_100 + act.who)


def _bomb(town: "Town", act: Act) -> None:
    _refused(town, BOMB, act)


def _garbage(town: "Town", act: Act) -> None:
    _refused(town, f"tull {act.who} \x00\xff".encode("latin-1") * 40, act)


def _again(town: "Town", act: Act, version: str) -> None:
    """A payment told by a message, by the same message once more, and by another message."""
    entry = SimEntry([SimTransfer(3_300 + act.who, texts=("?",), debit_account=account_of(90_000 + act.who))], act.on,
                     act.on, reference=f"S{act.who}-{act.on}")  # fmt: skip
    notification = [SimNotification(town.bank.account, (entry,))]
    first = write_camt(notification, f"SAME{act.who}-{act.on}", at(act.on))
    second = write_camt(notification, f"OTHER{act.who}-{act.on}", at(act.on), version=version)
    for content in (first, first, second):
        town.take_in(content, "camt", act.on)
        town.place(act.on)
    town.bank.orders.deposit(town.bank.account, 3_300 + act.who)


def _same_file(town: "Town", act: Act) -> None:
    _again(town, act, "08")


def _same_message(town: "Town", act: Act) -> None:
    _again(town, act, "02")


def _forged(town: "Town", act: Act) -> None:
    """An event of Stripe's with one byte changed on its way."""
    if town.cards.sim.sender.events:
        event = town.cards.sim.sender.events[-1]
        moment = town.cards.sim._moment()
        _not_taken(town, event.body.replace(b"evt_", b"evu_", 1), sign(event.body, SECRET, moment))


def _stale(town: "Town", act: Act) -> None:
    """Well signed, an hour ago."""
    if town.cards.sim.sender.events:
        event = town.cards.sim.sender.events[-1]
        _not_taken(town, event.body, sign(event.body, SECRET, town.cards.sim._moment() - 3_600))


def _not_taken(town: "Town", body: bytes, signature: str) -> None:
    status = httpx.post(town.cards.webhook, content=body, headers={"Stripe-Signature": signature}).status_code
    assert status in (400, 401, 403), status


def _replayed(town: "Town", act: Act) -> None:
    """News of long ago, once more and the newest first."""
    for event in town.cards.sim.sender.events[-8:][::-1]:
        if town.cards.sim.sender.events.index(event) < town._heard:
            assert set(town.cards.sim.sender.send(event)) == {200}
    for event in town.vipps.sim.sender.events[-4:][::-1]:
        assert set(town.vipps.sim.sender.send(event)) == {200}


def _odd_news(town: "Town", act: Act) -> None:
    """Signed, and about a payment nobody here has begun."""
    session = town.cards.books.create_session(
        {"mode": "payment", "success_url": "http://127.0.0.1/", "metadata": {"reference": f"nobody-{act.who}"},
         "line_items": [{"quantity": 1, "price_data": {"currency": "nok", "unit_amount": 5_000,
                                                       "product_data": {"name": "?"}}}]}
    )  # fmt: skip
    town.cards.books.expire_session(session["id"])


SILLY: dict[str, Callable[["Town", Act], None]] = {
    "truncated": _truncated, "wrong_sum": _wrong_sum, "wrong_count": _wrong_count, "wrong_unit": _wrong_unit,
    "unknown_kid": _unknown_kid, "hyphen_kid": _hyphen_kid, "euro": _euro, "bomb": _bomb, "garbage": _garbage,
    "same_file": _same_file, "same_message": _same_message, "forged": _forged, "stale": _stale,
    "replayed": _replayed, "odd_news": _odd_news,
}  # fmt: skip
