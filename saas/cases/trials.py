"""What would be different with a plugin: over the open cases now (preview), or over months that have been (backtest).

Asked for, then worked out in a worker a batch at a time; nothing of it has any effect. A trial that died with its
worker begins again from the front.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from saas.kernel import clock
from saas.kernel.db import after_commit
from saas.kernel.errors import BadInput, NotFound, Refused
from saas.kernel.ids import NIL, new_id
from saas.kernel.queue import enqueue
from saas.kernel.servers import redis_url
from tenants.installed import installed_plugins
from tenants.models import Mode, PluginSwitch, PluginTrial
from tenants.plugins import checked_settings, switch_plugin
from tenants.resolve import Tenant
from tenants.secrets import seal, secrets_of

PREVIEW, BACKTEST = "preview", "backtest"
MOST_SHOWN = 500
LONGEST_DAYS = 732
_SILENT = timedelta(minutes=3)
TRIAL_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class Difference:
    """One decision that would be another."""

    case_number: int
    on: str  # ISO day
    what: str  # step, deferral, claim
    before: str
    after: str
    cost_ore: int = 0  # to the debtor, + is more
    days: int = 0  # later


@dataclass(slots=True)
class Outcome:
    """What a trial has found so far."""

    looked_at: int = 0
    changed: int = 0
    cost_ore: int = 0
    days: int = 0
    counts: dict[str, int] = field(default_factory=dict)  # what, before → after: how many
    unlawful: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)  # plugins in trouble meanwhile
    shown: list[dict[str, Any]] = field(default_factory=list)

    def add(self, differences: Iterable[Difference]) -> None:
        """Count differences in; the first are kept to be shown."""
        for one in differences:
            self.changed += 1
            self.cost_ore += one.cost_ore
            self.days += one.days
            name = f"{one.what}: {one.before} → {one.after}"
            self.counts[name] = self.counts.get(name, 0) + 1
            if len(self.shown) < MOST_SHOWN:
                self.shown.append(asdict(one))


def ask_trial(
    tenant: Tenant,
    slug: str,
    kind: str,
    *,
    creditor_id: UUID = NIL,
    settings: Mapping[str, Any],
    mode: Mode = Mode.ON,
    percent: int = 100,
    from_on: date | None = None,
    to_on: date | None = None,
    now: datetime,
    actor: str,
) -> PluginTrial:
    """Have a plugin tried with these settings; a worker does it. `put_in_force` does what was tried.

    Raises NotFound, BadInput (settings, `percent`, `from_on`, `to_on`).
    """
    installed = installed_plugins().get(slug)
    if installed is None:
        raise NotFound("Vi finner ikke tillegget.")
    if not 1 <= percent <= 100:
        raise BadInput({"percent": ["Velg et tall fra 1 til 100."]})
    shown, secrets = checked_settings(tenant, installed.plugin, creditor_id, settings)
    if kind == BACKTEST:
        _check_period(from_on, to_on, now.date())
    trial_id = new_id()
    trial = PluginTrial(
        tenant_id=tenant.id, id=trial_id, creditor_id=creditor_id, slug=slug, kind=kind, mode=mode, percent=percent,
        settings=shown, secrets=seal(secrets, trial_id),
        from_on=from_on, to_on=to_on, state="waiting", done=0, total=0, result={}, asked_at=now, asked_by=actor,
        touched_at=clock.wall_now(),
    )  # fmt: skip
    tenant.session.add(trial)
    tenant.session.flush()
    tenant_id = tenant.id
    after_commit(tenant.session, lambda: ask_worker(tenant_id, trial_id))
    return trial


def put_in_force(tenant: Tenant, trial: PluginTrial, *, now: datetime, actor: str) -> PluginSwitch:
    """Switch the plugin as it was tried. Raises Refused until the preview is done, and what `switch_plugin` raises."""
    if trial.kind != PREVIEW or trial.state != "done":
        raise Refused("not_previewed", "Vent til forhåndsvisningen er ferdig.")
    row = switch_plugin(
        tenant,
        trial.slug,
        creditor_id=trial.creditor_id,
        mode=Mode(trial.mode),
        percent=trial.percent,
        settings={**trial.settings, **secrets_of(trial)},
        now=now,
        actor=actor,
    )
    trial.secrets = None
    return row


def ask_worker(tenant_id: UUID, trial_id: UUID) -> None:
    """Ask a worker to do a trial; asking twice does it once."""
    job_id = f"trial-{trial_id}"
    enqueue(redis_url(), "run_trial", tenant_id, trial_id, job_id=job_id, timeout_seconds=TRIAL_SECONDS)


def unfinished(tenant: Tenant, wall_now: datetime) -> Sequence[UUID]:
    """Trials nobody has worked on for a while: their job was lost."""
    return tenant.session.scalars(
        sa.select(PluginTrial.id).where(
            PluginTrial.tenant_id == tenant.id,
            PluginTrial.state.in_(("waiting", "running")),
            PluginTrial.touched_at < wall_now - _SILENT,
        )
    ).all()


def trial_of(tenant: Tenant, trial_id: UUID) -> PluginTrial:
    """Raises NotFound."""
    trial = tenant.session.get(PluginTrial, (tenant.id, trial_id))
    if trial is None:
        raise NotFound("Vi finner ikke prøven.")
    return trial


def trials_of(tenant: Tenant, slug: str) -> Sequence[PluginTrial]:
    """The newest trials of a plugin, newest first."""
    query = sa.select(PluginTrial).where(PluginTrial.tenant_id == tenant.id, PluginTrial.slug == slug)
    return tenant.session.scalars(query.order_by(PluginTrial.id.desc()).limit(20)).all()


def _check_period(from_on: date | None, to_on: date | None, today: date) -> None:
    if from_on is None or to_on is None or from_on > to_on:
        raise BadInput({"from_on": ["Velg en periode: fra en dag til en senere."]})
    if to_on > today:
        raise BadInput({"to_on": ["Perioden kan ikke gå lenger enn til i dag."]})
    if (to_on - from_on).days > LONGEST_DAYS:
        raise BadInput({"from_on": ["Velg høyst to år."]})


def batches(ids: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    """A few at a time."""
    for first in range(0, len(ids), size):
        yield ids[first : first + size]
