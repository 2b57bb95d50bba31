"""What plugins, their changes and their trials are called on the pages (bokmål)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from saas.access.users import find_user
from saas.cases.models import Case
from saas.hooks import Purpose
from saas.kernel.clock import OSLO
from saas.kernel.ids import NIL
from saas.portals.shared.words import HOLDS, STEPS
from saas.rules.facts import HoldReason, Step
from tenants.changes import Change
from tenants.models import Creditor, Mode, PluginShadow, PluginTrial
from tenants.resolve import Tenant

BY_PURPOSE = {
    Purpose.RULES: "Regler",
    Purpose.LETTERS: "Brev og sider",
    Purpose.CHANNELS: "Kanaler",
    Purpose.MONEY: "Betaling og bank",
    Purpose.CLAIMS: "Mottak av krav",
    Purpose.FACTS: "Opplysninger og varsler",
}
MODES = {
    Mode.OFF: "av",
    Mode.SHADOW: "skygge",
    Mode.CANARY: "prøve {percent} %",
    Mode.ON: "på",
    Mode.QUARANTINED: "stanset",
}
_ANSWERS = {
    "granted": "mer tid gis",
    "refused": "avslag",
    "ask_person": "en saksbehandler ser på det",
    "accepted": "kravet tas imot",
    "nothing_owed": "alt er betalt",
    "letter_under_way": "et brev er på vei",
    "ladder_done": "alle brev er sendt",
    "deadline_running": "fristen løper",
    "wait": "venter",
}
_WHATS = {"step": "Neste steg", "deferral": "Søknad om mer tid", "claim": "Mottak av kravet"}
_HOOKS = {
    "refuse_claim": "Mottak av krav",
    "refuse_deferral": "Søknad om mer tid",
    "limit_fee": "Gebyr og salær",
    "hold_case": "Natten",
    "choose_step": "Neste steg",
    "choose_channel": "Kanal",
}


def decision(code: str) -> str:
    """A decision in words: a step, a hold, an answer."""
    if code in {step.value for step in Step}:
        return STEPS[Step(code)].lower()
    if code.startswith("hold.") and code[5:] in {reason.value for reason in HoldReason}:
        return f"på vent: {HOLDS[HoldReason(code[5:])]}"
    return _ANSWERS.get(code, code)


def whose(tenant: Tenant, creditor_id: UUID) -> str:
    """Whom a switch is for."""
    creditor = tenant.session.get(Creditor, (tenant.id, creditor_id)) if creditor_id != NIL else None
    return creditor.name if creditor else "hele virksomheten"


@dataclass(frozen=True, slots=True)
class Found:
    """What a trial found, ready to be shown."""

    looked_at: int
    changed: int
    cost_ore: int
    days: int
    counts: list[tuple[str, str, str, int]]  # what, before, after, how many
    rows: list[dict[str, Any]]
    unlawful: list[str]
    troubles: list[str]


def worked_out(trial: PluginTrial) -> Found:
    """The result of a trial; nothing yet while it is worked on."""
    result = trial.result
    counts = []
    for name, number in sorted(result.get("counts", {}).items(), key=lambda item: -item[1]):
        what, _, change = name.partition(": ")
        before, _, after = change.partition(" → ")
        counts.append((_WHATS.get(what, what), decision(before), decision(after), number))
    rows = [
        {**row, "what": _WHATS.get(row["what"], row["what"]), "on": date.fromisoformat(row["on"])}
        for row in result.get("shown", ())
    ]
    return Found(
        result.get("looked_at", 0),
        result.get("changed", 0),
        result.get("cost_ore", 0),
        result.get("days", 0),
        counts,
        rows,
        result.get("unlawful", []),
        result.get("troubles", []),
    )


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """One change of a switch as the page tells it."""

    id: UUID
    at: datetime
    actor: str
    whose: str
    before: str
    after: str
    settings: list[tuple[str, str, str]]  # field, before, after
    can_revert: bool


def change_words(tenant: Tenant, change: Change, labels: Mapping[str, str]) -> ChangeWords:
    """Before and after, in words; fields that are alike are left out, secrets told by name. `labels`: field → words."""
    before, after = (change.before or {}), (change.after or {})
    fields = differing(before.get("settings", {}), after.get("settings", {}), labels)
    fields += [(labels.get(name, name), "hemmelig", "byttet") for name in change.secrets_changed]
    return ChangeWords(
        change.id,
        change.at.astimezone(OSLO),
        who(tenant, change.actor),
        whose(tenant, change.creditor_id),
        _mode(before),
        _mode(after) if change.kind == "plugin.switched" else MODES[Mode.QUARANTINED],
        fields,
        change.kind == "plugin.switched",
    )


def differing(was: Mapping[str, Any], now: Mapping[str, Any], labels: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(field, before, after) of settings that differ, in words."""
    names = [name for name in sorted(was.keys() | now.keys()) if was.get(name) != now.get(name)]
    return [(labels.get(name, name), _value(was.get(name)), _value(now.get(name))) for name in names]


def who(tenant: Tenant, actor: str) -> str:
    """A person by name; a key or a program as the history has it."""
    kind, _, known = actor.partition(":")
    user = find_user(tenant, UUID(known)) if kind == "user" else None
    return user.name if user else {"cli": "kommandolinjen", "guard": "vakten"}.get(actor, actor)


def _mode(told: dict[str, Any]) -> str:
    mode = told.get("mode") or ("on" if told.get("enabled") else "off")
    return MODES[Mode(mode)].format(percent=told.get("percent", 100))


def _value(value: Any) -> str:
    if value is None:
        return "ikke satt"
    if isinstance(value, bool):
        return "ja" if value else "nei"
    if value in ("", []):
        return "tomt"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@dataclass(frozen=True, slots=True)
class Shadow:
    """What a plugin in shadow would have said of a case."""

    case_number: int
    debtor_name: str
    asked_on: date
    what: str
    answer: str

    @classmethod
    def of(cls, tenant: Tenant, rows: Iterable[PluginShadow]) -> "list[Shadow]":
        """The rows with their cases."""
        rows = list(rows)
        cases = {
            case.id: case
            for case in tenant.session.scalars(
                sa.select(Case).where(Case.tenant_id == tenant.id, Case.id.in_({row.case_id for row in rows}))
            )
        }
        return [
            cls(cases[row.case_id].number, cases[row.case_id].debtor_name, row.asked_on,
                _HOOKS.get(row.hook, row.hook), answer_words(row.answer))
            for row in rows if row.case_id in cases
        ]  # fmt: skip


def answer_words(answer: str) -> str:
    """A kept answer in words: `avslag (power_contract_active)`, `på vent: stille periode, til 2026-03-05`."""
    kind, _, rest = answer.partition(": ")
    if kind == "Refusal":
        return f"avslag ({rest})"
    if kind == "AskPerson":
        return f"en saksbehandler ser på det ({rest})"
    if kind == "PlaceHold":
        reason, _, until = rest.partition(" ")
        return f"{decision(f'hold.{reason}')}, ses på igjen {date.fromisoformat(until):%d.%m.%Y}"
    if kind in ("Wait", "SoftContact"):
        return f"{'venter' if kind == 'Wait' else 'vennlig brev'}, ses på igjen {date.fromisoformat(rest):%d.%m.%Y}"
    if kind == "trouble":
        return f"feil i tillegget ({rest})"
    return answer
