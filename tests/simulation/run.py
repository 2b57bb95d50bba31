"""One run of the story, told by an operator who starts again whatever died.

`python -m tests.simulation.run HOME CLAIMS [SEED …]` writes what it came to as JSON to HOME/ended.json; without a seed
nothing is killed.
"""

import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from redis.exceptions import RedisError

from saas.access.api_keys import new_key
from saas.cases.books import book_of
from saas.cases.models import Case, Claim
from saas.cases.night import run_night
from saas.dispatch.ask import enqueue_hand_over
from saas.dispatch.models import HANDED_OVER, QUEUED, READY, SENDING, Dispatch
from saas.kernel.config import settings
from saas.kernel.ids import NIL
from saas.kernel.servers import open_servers
from saas.payments.inbox import import_bank_file
from saas.payments.models import Payment
from saas.simulators.bank import SimPayment, write_ocr
from saas.simulators.print_house import PrintHouse, read_manifest
from tenants.provision import provision
from tenants.resolve import open_tenant
from tenants.sandbox import move_clock
from tests.builders import at
from tests.simulation import traps
from tests.simulation.commands import Commands, become_the_end_of
from tests.simulation.end_state import end_state
from tests.simulation.moments import Moment, moment_of
from tests.simulation.world import CREDITORS, FIRST, LAST, LETTER_DAYS, PAYING, invoice_number, rows_of

PATIENCE_SECONDS = 90  # for anything to come right by itself
SLUG = "fjord"
_PROFILE = Path(__file__).parent.parent.parent / "tenants" / "profiles" / "agency.toml"
_PASSING = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    RedisError,
    OSError,
)  # what a server that is away looks like; anything else is a mistake and ends the run
T = TypeVar("T")


class Stuck(Exception):
    """Something that should come right by itself has not."""


class Operator:
    """Keeps the commands of one run going and lives through its days, each finished before the next begins."""

    def __init__(self, home: Path, claims: int, moments: Sequence[Moment]) -> None:
        self.home, self.claims = home, claims
        self.to_come = sorted(moments, key=lambda moment: moment.on)
        self.servers = open_servers()
        self.tenant_id = provision(
            _PROFILE, owner_dsn=self.servers.database_owner, slug=SLUG, now=at(FIRST), sandbox_on=FIRST
        ).tenant_id
        with open_tenant(self.tenant_id) as tenant:
            self.key = new_key(tenant, "simulation", "admin", NIL, at(FIRST))
            self.account = tenant.settings.client_account
        self.commands = Commands(home)
        self.print_house = PrintHouse(settings().print_folder)
        self.nights_again = 0

    def tell(self) -> dict[str, Any]:
        """The whole story. Returns the end state and what the run met on its way."""
        began = time.monotonic()
        self.commands.keep_up()
        for n in range((LAST - FIRST).days + 1):
            print(f"{time.monotonic() - began:.1f} s: {FIRST + timedelta(days=n)}", flush=True)
            self.live(FIRST + timedelta(days=n))
        with open_tenant(self.tenant_id) as tenant:
            state = end_state(tenant, settings().print_folder)
        self.commands.stop()
        return {
            "state": state,
            "still_to_come": len(self.to_come) + traps.is_armed(self.home),
            "restarts": self.commands.restarts,
            "nights_again": self.nights_again,
            "seconds": round(time.monotonic() - began, 1),
        }

    def live(self, day: date) -> None:
        """One day: the clock, the money, the post, new claims, the night, and all letters out of the house."""
        if self.to_come and self.to_come[0].on <= day and not traps.is_armed(self.home):
            moment = self.to_come.pop(0)
            print(f"to be killed: {moment}", flush=True)
            traps.arm(self.home, moment.place, moment.nth, moment.victim)
        self.patiently(lambda: self._move_clock(day))
        self._pay(day)
        self.print_house.work(day, SLUG)
        self.until_settled()
        for creditor in CREDITORS:
            if rows := rows_of(day, creditor, self.claims):
                self.patiently(lambda rows=rows, creditor=creditor: self._register(day, creditor, rows))  # type: ignore[misc]
        self._night(day)
        self.until_settled()

    # the parts of a day

    def _move_clock(self, day: date) -> None:
        with open_tenant(self.tenant_id) as tenant:
            move_clock(tenant, day, actor="cli")

    def _register(self, day: date, creditor: str, rows: list[dict[str, Any]]) -> None:
        """As a creditor's machine does it: sent again with the same Idempotency-Key until it is answered."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.commands.port}/api/v1/claims?creditor={creditor}",
            data=json.dumps(rows).encode(),
            headers={
                "Authorization": f"Bearer {self.key}",
                "Content-Type": "application/json",
                "Idempotency-Key": f"{creditor}-{day}",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            report = json.loads(answer.read())
        assert report["counts"] == {"accepted": len(rows), "duplicate": 0, "rejected": 0}, report

    def _pay(self, day: date) -> None:
        """The bank's file of the day: written once, taken in until it is in."""
        if day not in PAYING:
            return
        file = self.home / f"{day}.ocr"
        if not file.exists():
            content = self.patiently(lambda: self._bank_file(day))
            file.write_bytes(content)
        self.patiently(lambda: import_bank_file(self.tenant_id, file.read_bytes(), file.name, at(day)))

    def _bank_file(self, day: date) -> bytes:
        with open_tenant(self.tenant_id) as tenant:
            numbers = [invoice_number(n) for n in PAYING[day]]
            cases = tenant.session.scalars(
                sa.select(Case)
                .join(Claim, sa.and_(Claim.tenant_id == Case.tenant_id, Claim.case_id == Case.id))
                .where(Case.tenant_id == tenant.id, Claim.invoice_number.in_(numbers))
                .order_by(Claim.invoice_number)
            ).all()
            books = book_of(tenant, [case.id for case in cases])
        owed = {
            case: sum(b.principal_left.values()) + b.notice_fee_left_ore + b.collection_fee_left_ore
            for case in cases
            for b in [books[case.id]]
        }
        payments = [SimPayment(case.kid, ore, day) for case, ore in owed.items()]
        return write_ocr(payments, self.account, "123456789", day.toordinal() % 10_000_000, "12345678", day)

    def _night(self, day: date) -> None:
        """`frist night`, run again until it ends well; where nothing is to be killed, the same in our own process."""
        if day not in LETTER_DAYS or not traps.is_armed(self.home):
            self.patiently(lambda: run_night(self.tenant_id, on=day, hand_over=enqueue_hand_over))
            return
        give_up = time.monotonic() + PATIENCE_SECONDS
        while self.commands.night(SLUG) != 0:
            self.nights_again += 1
            if time.monotonic() > give_up:
                raise Stuck(f"the night of {day} does not end well")
            self.servers.tend()

    # until it is right

    def patiently(self, work: Callable[[], T]) -> T:
        """Do what is harmless twice, again while servers come back."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return work()
            except _PASSING as error:
                if time.monotonic() > give_up or (isinstance(error, urllib.error.HTTPError) and error.code < 500):
                    raise
                self._look_after()
                time.sleep(0.1)

    def until_settled(self) -> None:
        """Wait until nothing promised is left undone, starting again what died. Raises Stuck."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while undone := self.patiently(self._undone):
            if time.monotonic() > give_up:
                raise Stuck(f"undone after {PATIENCE_SECONDS} s: {undone}")
            self._look_after()
            time.sleep(0.1)

    def _look_after(self) -> None:
        self.servers.tend()
        self.commands.keep_up()

    def _undone(self) -> dict[str, int]:
        """Letters not yet out, receipts not yet read, payments not yet placed."""
        with open_tenant(self.tenant_id) as tenant:
            query = sa.select(Dispatch.state, sa.func.count().label("number")).group_by(Dispatch.state)
            states = {row.state: row.number for row in tenant.session.execute(query)}
            payments = tenant.session.scalar(
                sa.select(sa.func.count()).where(Payment.tenant_id == tenant.id, Payment.state == "new")
            )
        counted = {
            "queued": states.get(QUEUED, 0),
            "ready": states.get(READY, 0),
            "sending": states.get(SENDING, 0),
            "receipts": states.get(HANDED_OVER, 0) - self._lie_with_print_house(),
            "payments": payments or 0,
        }
        return {name: number for name, number in counted.items() if number}

    def _lie_with_print_house(self) -> int:
        manifests = (settings().print_folder / SLUG / "outgoing").glob("*/manifest.csv")
        return sum(len(read_manifest(manifest.read_bytes())) for manifest in manifests)


def _end_with(parent: int, home: Path) -> None:
    """Nobody waits for us any more: leave nothing behind."""
    while os.getppid() == parent:
        time.sleep(0.5)
    become_the_end_of(home)


def main() -> None:
    """Tell the story."""
    home, claims, seeds = Path(sys.argv[1]), int(sys.argv[2]), [int(seed) for seed in sys.argv[3:]]
    threading.Thread(target=_end_with, args=(os.getppid(), home), daemon=True).start()
    told = Operator(home, claims, [moment_of(seed) for seed in seeds]).tell()
    (home / "ended.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main()
