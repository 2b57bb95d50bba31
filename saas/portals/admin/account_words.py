"""What agreements and what was done to them are called on the pages (bokmål)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from saas.kernel.clock import OSLO
from saas.portals.admin.plugin_words import differing, who
from tenants.account_states import AccountChange, AccountState
from tenants.resolve import Tenant


def state_words(state: AccountState) -> str:
    """How an agreement stands, in a word or two."""
    if not state.kept:
        return "ingen avtale" if state.asks else "trenger ingen avtale"
    if not state.enabled:
        return "slått av"
    return "i bruk" if state.plugin_is_on else "tillegget er av"


@dataclass(frozen=True, slots=True)
class AccountChangeWords:
    """One change as the page tells it."""

    at: datetime
    actor: str
    what: str
    settings: list[tuple[str, str, str]]  # field, before, after


def change_words(tenant: Tenant, change: AccountChange, labels: Mapping[str, str]) -> AccountChangeWords:
    """Before and after, in words; fields that are alike are left out, secrets told by name. `labels`: field → words."""
    fields = []
    if change.after is not None:
        was, now = (change.before or {}).get("settings", {}), change.after["settings"]
        secrets = (labels.get(name, name) for name in change.secrets_changed)
        how = ("ikke satt", "satt") if change.before is None else ("hemmelig", "byttet")
        fields = differing(was, now, labels) + [(name, *how) for name in secrets]
    return AccountChangeWords(change.at.astimezone(OSLO), who(tenant, change.actor), _what(change), fields)


def _what(change: AccountChange) -> str:
    if change.after is None:
        return "Fjernet"
    if change.before is None:
        return "Lagt inn" if change.after["enabled"] else "Lagt inn, slått av"
    switched: dict[tuple[Any, Any], str] = {(False, True): "Slått på", (True, False): "Slått av"}
    return switched.get((change.before["enabled"], change.after["enabled"]), "Endret")
