"""The switch-board: which plugins are on, for whom, and what each refuses or adds. For the tenant's administrators.

Nothing is switched on by a toggle: what would change is worked out first and shown, then it is confirmed.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import redirect, request, url_for
from marshmallow import Schema, fields, validate

from saas.access.roles import Action
from saas.access.users import Signed
from saas.cases.models import Case
from saas.cases.trials import BACKTEST, PREVIEW, ask_trial, put_in_force, trial_of, trials_of
from saas.hooks import Level, Plugin
from saas.kernel import clock
from saas.kernel.errors import BadInput, NotFound
from saas.kernel.ids import NIL
from saas.portals.admin.pages import pages
from saas.portals.admin.plugin_words import BY_PURPOSE, MODES, Shadow, change_words, decision, whose, worked_out
from saas.portals.admin.settings_forms import as_typed, settings_form, typed_settings
from saas.portals.creditor.session import Answer, at_desk
from saas.portals.shared.forms import Form, FormField, form_of, read_form, shown_values
from saas.portals.shared.tenancy import open_here, page
from tenants.changes import changes_of, revert
from tenants.installed import installed_plugins
from tenants.models import Creditor, Mode, PluginShadow, PluginSwitch, PluginTrouble
from tenants.plugin_states import PluginState, plugin_states
from tenants.plugins import settings_of
from tenants.resolve import Tenant, creditor_named
from tenants.secrets import masked, secret_fields

ADMIN = Action.SWITCH_PLUGINS
SHADOWS_SHOWN = 200


@pages.get("/plugins")
@at_desk(ADMIN)
def plugins(user: Signed) -> Answer:
    """Every plugin by what it is for, and where it is on."""
    with open_here() as tenant:
        states = plugin_states(tenant)
        groups = [(words, [s for s in states if s.purpose is purpose]) for purpose, words in BY_PURPOSE.items()]
        shown = [(words, found) for words, found in groups if found]
        return page("admin/plugins.html", groups=shown, troubled=[s for s in states if s.trouble])


@pages.get("/plugins/<slug>")
@at_desk(ADMIN)
def plugin(user: Signed, slug: str) -> Answer:
    """One plugin at one level: its settings, its history, its troubles, and the way on."""
    with open_here() as tenant:
        return _plugin_page(tenant, slug, _level(tenant, slug))


@pages.post("/plugins/<slug>/preview")
@at_desk(ADMIN)
def preview_plugin(user: Signed, slug: str) -> Answer:
    """Check what was typed, and have it tried on the open cases. Nothing is switched yet."""
    with open_here() as tenant:
        creditor = _level(tenant, slug)
        schema, how = _schema(slug), _ModeSchema()
        chosen, errors = read_form(how, request.form)
        try:
            if errors:
                raise BadInput(errors)
            trial = ask_trial(
                tenant, slug, PREVIEW,
                creditor_id=creditor.id if creditor else NIL,
                settings=_typed(schema, tenant, slug, creditor),
                mode=Mode(chosen["mode"]),
                percent=chosen["percent"],
                now=clock.now(tenant),
                actor=user.actor,
            )  # fmt: skip
        except BadInput as wrong:
            return _plugin_page(tenant, slug, creditor, wrong.errors), 422
        return redirect(url_for("admin.plugin_trial", slug=slug, trial_id=trial.id), 303)


@pages.post("/plugins/<slug>/backtest")
@at_desk(ADMIN)
def backtest_plugin(user: Signed, slug: str) -> Answer:
    """Have the plugin tried on months that have been, with the settings that are stored."""
    with open_here() as tenant:
        creditor = _level(tenant, slug)
        period, errors = read_form(_PeriodSchema(), request.form)
        try:
            if errors:
                raise BadInput(errors)
            row = _switch(tenant, slug, creditor)
            trial = ask_trial(
                tenant, slug, BACKTEST,
                creditor_id=creditor.id if creditor else NIL,
                settings=settings_of(row),
                from_on=period["from_on"],
                to_on=period["to_on"],
                now=clock.now(tenant),
                actor=user.actor,
            )  # fmt: skip
        except BadInput as wrong:
            return _plugin_page(tenant, slug, creditor, wrong.errors), 422
        return redirect(url_for("admin.plugin_trial", slug=slug, trial_id=trial.id), 303)


@pages.get("/plugins/<slug>/trials/<uuid:trial_id>")
@at_desk(ADMIN)
def plugin_trial(user: Signed, slug: str, trial_id: UUID) -> Answer:
    """How far a trial is, and what it found; safe to bookmark."""
    with open_here() as tenant:
        trial = trial_of(tenant, trial_id)
        if trial.slug != slug:
            raise NotFound("Vi finner ikke prøven.")
        return page(
            "admin/plugin_trial.html",
            state=_state(tenant, slug),
            trial=trial,
            whose=whose(tenant, trial.creditor_id),
            mode=MODES[Mode(trial.mode)].format(percent=trial.percent),
            result=worked_out(trial),
            decision=decision,
            names=_debtor_names(tenant, trial.result.get("shown", ())),
            creditor=_creditor_slug(tenant, trial.creditor_id),
        )


@pages.post("/plugins/<slug>/trials/<uuid:trial_id>/confirm")
@at_desk(ADMIN)
def confirm_plugin(user: Signed, slug: str, trial_id: UUID) -> Answer:
    """Switch the plugin as it was tried."""
    with open_here() as tenant:
        trial = trial_of(tenant, trial_id)
        put_in_force(tenant, trial, now=clock.now(tenant), actor=user.actor)
        creditor = _creditor_slug(tenant, trial.creditor_id)
        return redirect(url_for("admin.plugin", slug=slug, creditor=creditor, done=1), 303)


@pages.post("/plugins/<slug>/changes/<uuid:change_id>/revert")
@at_desk(ADMIN)
def revert_plugin(user: Signed, slug: str, change_id: UUID) -> Answer:
    """Set a switch as it was before a change."""
    with open_here() as tenant:
        row = revert(tenant, slug, change_id, now=clock.now(tenant), actor=user.actor)
        creditor = _creditor_slug(tenant, row.creditor_id)
        return redirect(url_for("admin.plugin", slug=slug, creditor=creditor, done=1), 303)


@pages.get("/plugins/<slug>/shadow")
@at_desk(ADMIN)
def plugin_shadow(user: Signed, slug: str) -> Answer:
    """What a plugin in shadow would have said, where it would have made a difference."""
    with open_here() as tenant:
        query = sa.select(PluginShadow).where(PluginShadow.tenant_id == tenant.id, PluginShadow.slug == slug)
        rows = tenant.session.scalars(query.order_by(PluginShadow.asked_on.desc(), PluginShadow.id.desc())).all()
        return page(
            "admin/plugin_shadow.html",
            state=_state(tenant, slug),
            rows=Shadow.of(tenant, rows[:SHADOWS_SHOWN]),
            total=len(rows),
            hidden=max(0, len(rows) - SHADOWS_SHOWN),
        )


# --- parts ----------------------------------------------------------------------------------------------------------


class _ModeSchema(Schema):
    """How far it is to go."""

    mode = fields.String(
        required=True,
        validate=validate.OneOf([Mode.OFF, Mode.SHADOW, Mode.CANARY, Mode.ON]),
        metadata={"label": "Hva vil du gjøre?", "input": "radio", "labels": {
            Mode.ON: "Slå på", Mode.CANARY: "Prøve på en del av sakene",
            Mode.SHADOW: "Skygge: spør tillegget, men la svaret være uten virkning", Mode.OFF: "Slå av"}},
    )  # fmt: skip
    percent = fields.Integer(
        load_default=10,
        validate=validate.Range(min=1, max=100, error="Velg et tall fra 1 til 100."),
        metadata={"label": "Hvor mange prosent av sakene", "help": "Gjelder bare når det prøves på en del.",
                  "width": 4, "inputmode": "numeric"},
    )  # fmt: skip


class _PeriodSchema(Schema):
    """The months a backtest replays."""

    from_on = fields.Date(required=True, metadata={"label": "Fra og med", "width": 16, "input": "date"})
    to_on = fields.Date(required=True, metadata={"label": "Til og med", "width": 16, "input": "date"})


def _plugin_page(tenant: Tenant, slug: str, creditor: Creditor | None, errors: dict[str, Any] | None = None) -> str:
    state, row = _state(tenant, slug), _switch(tenant, slug, creditor)
    general = _switch(tenant, slug, None) if creditor else None
    mode = {"mode": row.mode if row else Mode.OFF, "percent": str(row.percent) if row else "10"}
    if mode["mode"] == Mode.QUARANTINED:
        mode["mode"] = ""
    if mode["percent"] == "100":
        mode["percent"] = "10"
    today, installed = clock.today(tenant), installed_plugins().get(slug)
    period = {"from_on": today.replace(year=today.year - 1).isoformat() if today.day != 29 else today.isoformat(),
              "to_on": today.isoformat()}  # fmt: skip
    form = _settings_form(tenant, slug, creditor, errors or {}) if installed else Form(())
    how = form_of(_ModeSchema(), request.form if errors else mode, errors)
    labels = {field.name: field.label for field in form.fields}
    both = Form((*form.fields, *how.fields), form.general_errors if installed else how.general_errors)
    troubles = sa.select(PluginTrouble).where(PluginTrouble.tenant_id == tenant.id, PluginTrouble.slug == slug)
    return page(
        "admin/plugin.html",
        state=state,
        installed=installed is not None,
        creditor=creditor,
        creditors=_creditors(tenant) if state.level is not Level.TENANT else [],
        has_tenant_level=state.level is not Level.CREDITOR,
        row=row,
        general=general,
        now_words=_now_words(row, general),
        form=form,
        how=how,
        both=both,
        failed=bool(errors),
        done="done" in request.args,
        period=form_of(_PeriodSchema(), request.form if errors and "from_on" in request.form else period, errors),
        changes=[change_words(tenant, each, labels) for each in changes_of(tenant, slug)],
        troubles=tenant.session.scalars(troubles.order_by(PluginTrouble.last_at.desc())).all(),
        trials=trials_of(tenant, slug),
        shadows=tenant.session.scalar(
            sa.select(sa.func.count()).where(PluginShadow.tenant_id == tenant.id, PluginShadow.slug == slug)
        ),
    )


def _now_words(row: PluginSwitch | None, general: PluginSwitch | None) -> str:
    if row is not None:
        return MODES[Mode(row.mode)].format(percent=row.percent)
    if general is not None:
        return f"som for hele virksomheten: {MODES[Mode(general.mode)].format(percent=general.percent)}"
    return MODES[Mode.OFF]


def _settings_form(tenant: Tenant, slug: str, creditor: Creditor | None, errors: dict[str, Any]) -> Form:
    """The plugin's own fields: what is set here, with what is inherited told in the help."""
    schema, row = _schema(slug), _switch(tenant, slug, creditor)
    general = settings_of(_switch(tenant, slug, None)) if creditor else {}
    kept = masked(row) if row else {}
    form = settings_form(schema, kept, as_typed(schema, request.form) if errors else None, errors)
    inheriting = general.keys() - kept.keys() - secret_fields(type(schema)) if not errors else frozenset[str]()
    inherited = shown_values(schema, {name: general[name] for name in inheriting})
    return Form(
        tuple(_inheriting(f, inherited[f.name]) if f.name in inherited else f for f in form.fields), form.general_errors
    )


def _inheriting(field: FormField, value: str) -> FormField:
    told = value or "nei"
    return replace(field, value=told, help=f"{field.help} Arvet fra hele virksomheten: {told}.")


def _typed(schema: Schema, tenant: Tenant, slug: str, creditor: Creditor | None) -> dict[str, Any]:
    """What was typed. At a creditor, what equals the tenant's own is inherited. Raises BadInput."""
    values, halves = typed_settings(schema, request.form, request.files)
    if halves:
        raise BadInput(halves)
    if creditor:
        general = settings_of(_switch(tenant, slug, None))
        values = {name: value for name, value in values.items() if name not in general or general[name] != value}
    return values


def _schema(slug: str) -> Schema:
    installed = installed_plugins().get(slug)
    if installed is None:
        raise NotFound("Tillegget er ikke installert.")
    plugin: type[Plugin] = installed.plugin
    return plugin.Settings()


def _state(tenant: Tenant, slug: str) -> PluginState:
    found = next((state for state in plugin_states(tenant) if state.slug == slug), None)
    if found is None:
        raise NotFound("Vi finner ikke tillegget.")
    return found


def _level(tenant: Tenant, slug: str) -> Creditor | None:
    """The creditor the page is about; None for the tenant. A plugin for creditors only begins with the first."""
    asked = request.values.get("creditor", "")
    if asked:
        return creditor_named(tenant, asked)
    if _state(tenant, slug).level is Level.CREDITOR:
        return next(iter(_creditors(tenant)), None)
    return None


def _creditors(tenant: Tenant) -> Sequence[Creditor]:
    return tenant.session.scalars(
        sa.select(Creditor).where(Creditor.tenant_id == tenant.id).order_by(Creditor.name)
    ).all()


def _switch(tenant: Tenant, slug: str, creditor: Creditor | None) -> PluginSwitch | None:
    return tenant.session.scalar(
        sa.select(PluginSwitch).where(
            PluginSwitch.tenant_id == tenant.id,
            PluginSwitch.slug == slug,
            PluginSwitch.creditor_id == (creditor.id if creditor else NIL),
        )
    )


def _creditor_slug(tenant: Tenant, creditor_id: UUID) -> str | None:
    creditor = tenant.session.get(Creditor, (tenant.id, creditor_id))
    return creditor.slug if creditor else None


def _debtor_names(tenant: Tenant, shown: Any) -> dict[int, str]:
    """Case number → the debtor's name, as it is now: trials keep no names."""
    numbers = {one["case_number"] for one in shown}
    rows = tenant.session.execute(
        sa.select(Case.number, Case.debtor_name).where(Case.tenant_id == tenant.id, Case.number.in_(numbers))
    )
    return {row.number: row.debtor_name for row in rows}
