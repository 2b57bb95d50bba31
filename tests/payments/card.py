"""Card payments end to end: the real web server, the simulated Stripe on its own port, a payer like a browser.

News travels over HTTP, jobs through the real queue; the ledger and the simulator's records tell how it ended.
"""

import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import make_server

from saas.cases.models import Case
from saas.kernel import clock
from saas.kernel.config import settings
from saas.kernel.servers import Servers
from saas.payments.models import PayAttempt, Payment, ProviderEvent
from saas.simulators.stripe import Books, StripeSim
from tenants.accounts import set_account
from tenants.installed import installed_plugins
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant
from tests.payments.world import World
from workers.run import run_workers
from workers.schedule import look_after

KEY, SECRET = "sk_test_sim", "whsec_prøve"


def install_stripe() -> None:
    """Make the plugin known where the distribution's own entry points do not name it yet, also to child processes."""
    installed_plugins.cache_clear()
    if "stripe" in installed_plugins():
        return
    folder = settings().home / "plugins-for-tests"
    about = folder / "frist_card-1.0.dist-info"
    about.mkdir(parents=True, exist_ok=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: frist-card\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[frist.plugins]\nstripe = plugins.stripe:Stripe\n")
    sys.path.append(str(folder))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH", ""))))
    installed_plugins.cache_clear()


@contextmanager
def web(app: Flask) -> Iterator[str]:
    """The application on a real port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@dataclass
class Shop:
    """One tenant that takes cards, at one simulated Stripe."""

    tenant_id: UUID
    servers: Servers
    sim: StripeSim
    address: str  # of the web server

    def __post_init__(self) -> None:
        self.world = World(self.tenant_id)
        with open_tenant(self.tenant_id) as tenant:
            self.slug = tenant.slug

    @property
    def books(self) -> Books:
        return self.sim.own

    @property
    def webhook(self) -> str:
        return f"{self.address}/webhooks/stripe/{self.slug}"

    def agree(self, *, enabled: bool = True, **changes: Any) -> None:
        """Keep the agreement and switch the plugin on."""
        given = {"secret_key": KEY, "webhook_secret": SECRET, "base_url": self.sim.base_url} | changes
        with open_tenant(self.tenant_id) as tenant:
            now = clock.now(tenant)
            set_account(tenant, "stripe", given, enabled=enabled, now=now, actor="cli")
            switch_plugin(tenant, "stripe", enabled=True, settings={}, now=now, actor="cli")

    def payer(self, case: Case) -> "Payer":
        return Payer(f"{self.address}/t/{self.slug}", case.link_token)

    # time passes

    def work(self) -> None:
        """A worker empties the queue."""
        run_workers(self.servers.redis, burst=True)

    def watch(self) -> None:
        """The watchdog looks, and a worker does what it asks for."""
        look_after(self.tenant_id, self.servers.redis)
        self.work()

    def age_attempts(self, minutes: int) -> None:
        """As if all attempts had been begun so long ago."""
        with open_tenant(self.tenant_id) as tenant:
            tenant.session.execute(
                sa.text("update pay_attempt set created_at = created_at - make_interval(mins => :minutes),"
                        " expires_at = expires_at - make_interval(mins => :minutes), looked_up_at = null"),
                {"minutes": minutes},
            )  # fmt: skip

    # what came of it

    def accounts(self) -> dict[str, int]:
        """Debit less credit of every account that holds money; and what must hold of them, held."""
        query = sa.text(
            "select account, sum(ore) from (select debit as account, amount_ore as ore from transfer"
            " where component = 'money' or credit in ('owed_creditor', 'earned', 'unplaced')"
            " or debit in ('owed_creditor', 'earned', 'unplaced') union all"
            " select credit, -amount_ore from transfer) moved"
            " where account not in ('receivable', 'claims_held') group by 1"
        )
        with open_tenant(self.tenant_id) as tenant:
            sums = {row[0]: int(row[1]) for row in tenant.session.execute(query) if row[1]}
        assert sum(sums.get(name, 0) for name in ("client_bank", "in_transit")) == -sum(
            sums.get(name, 0) for name in ("unplaced", "owed_creditor", "owed_debtor", "earned")
        ), sums
        assert [str(finding) for finding in self.world.audit()] == []
        return sums

    def attempts(self) -> list[PayAttempt]:
        return self._all(PayAttempt)

    def payments(self) -> list[Payment]:
        return self._all(Payment)

    def events(self) -> list[ProviderEvent]:
        return self._all(ProviderEvent)

    def outcomes(self) -> dict[str, list[str]]:
        """Name of the event → what came of each."""
        found: dict[str, list[str]] = {}
        for event in self.events():
            found.setdefault(event.kind, []).append(event.outcome)
        return found

    def _all(self, model: Any) -> list[Any]:
        with open_tenant(self.tenant_id) as tenant:
            return list(tenant.session.scalars(sa.select(model).order_by(model.id)))


class Payer:
    """Somebody with the letter's link and no JavaScript."""

    def __init__(self, base: str, token: str) -> None:
        self.base, self.page = base, f"{base}/b/{token}"
        self.client = httpx.Client(timeout=30, verify=False)  # nothing but 127.0.0.1: reading the roots takes longest
        self.last = self.client.get(self.page)

    def form(self) -> dict[str, str]:
        """The hidden fields of the page last shown."""
        return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.last.text))

    def press(self, amount: str = "", **changes: str) -> httpx.Response:
        """«Betal med kort»."""
        chosen = {"choice": "part", "amount": amount} if amount else {"choice": "all"}
        self.last = self.client.post(self.page, data={**self.form(), **chosen, "provider": "stripe"} | changes)
        return self.last

    def begin(self, amount: str = "") -> str:
        """Press, and come to Stripe's page. Returns its address."""
        answer = self.press(amount)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def pay(self, amount: str = "", how: str = "pay") -> str:
        """Press and pay. Returns the id of the session."""
        at = self.begin(amount)
        back = self.client.post(at, data={"action": how})
        assert back.status_code == 303, back.text
        self.back = back.headers["location"]
        return at.rsplit("/", 1)[1]

    def look(self) -> str:
        """The page one comes back to."""
        return self.client.get(self.back).text
