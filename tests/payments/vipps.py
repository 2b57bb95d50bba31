"""Vipps end to end: the real web server, the simulated Vipps on its own port, a payer with a browser and the app."""

from dataclasses import dataclass
from typing import Any

import httpx

from saas.cases.models import Case
from saas.kernel import clock
from saas.simulators.vipps import VippsSim
from tenants.accounts import set_account
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant
from tests.payments.card import Payer, Shop

SECRET = "A0+hemmelig/pwx=="


@dataclass
class VippsShop(Shop):
    """One tenant that takes Vipps, at one simulated Vipps."""

    sim: VippsSim  # type: ignore[assignment]

    @property
    def webhook(self) -> str:
        return f"{self.address}/webhooks/vipps/{self.slug}"

    def agree(self, *, enabled: bool = True, **changes: Any) -> None:
        keys = self.sim.keys
        given = {"client_id": keys.client_id, "client_secret": keys.client_secret, "msn": keys.msn,
                 "subscription_key": keys.subscription_key, "webhook_secret": SECRET, "webhook_url": self.webhook,
                 "base_url": self.sim.base_url} | changes  # fmt: skip
        with open_tenant(self.tenant_id) as tenant:
            now = clock.now(tenant)
            set_account(tenant, "vipps", given, enabled=enabled, now=now, actor="cli")
            switch_plugin(tenant, "vipps", enabled=True, settings={}, now=now, actor="cli")

    def payer(self, case: Case) -> "VippsPayer":
        return VippsPayer(f"{self.address}/t/{self.slug}", case.link_token)

    def hear(self) -> list[int]:
        """Vipps tells what it has not told and a worker works it off, until there is no more. What was answered."""
        answered: list[int] = []
        while any(hook.waiting for hook in self.sim.sender.hooks.values()):
            answered += self.sim.sender.send_waiting()
            self.work()
            if answered[-1] != 200:
                break
        return answered

    def captured(self) -> int:
        return self.sim.payments.held_ore()

    def reserved(self) -> int:
        return sum(self.sim.payments.reserved_ore(reference) for reference in self.sim.payments.all)


class VippsPayer(Payer):
    """Somebody with the letter's link and the app."""

    def press(self, amount: str = "", **changes: str) -> httpx.Response:
        return super().press(amount, **{"provider": "vipps"} | changes)

    def pay(self, amount: str = "", how: str = "approve") -> str:
        """Press, and approve or abort in the app. Returns the payment's reference."""
        reference = self.form()["attempt"]
        super().pay(amount, how)
        return reference
