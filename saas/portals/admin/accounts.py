"""Agreements with outside parties (avtaler): letter channels and payment providers. For the tenant's administrators."""

from typing import Any

from flask import redirect, request, url_for
from marshmallow import Schema, fields

from saas.access.roles import Action
from saas.access.users import Signed
from saas.dispatch.health import STOPPED, closed_channels
from saas.kernel import clock
from saas.kernel.config import settings as configured
from saas.kernel.errors import BadInput
from saas.payments.own_accounts import agree, end
from saas.portals.admin.account_words import change_words, state_words
from saas.portals.admin.pages import pages
from saas.portals.admin.settings_forms import as_typed, settings_form, typed_settings
from saas.portals.creditor.session import Answer, at_desk
from saas.portals.shared.forms import Form, form_of
from saas.portals.shared.tenancy import open_here, page
from tenants.account_states import AccountState, account_changes, account_state, account_states
from tenants.accounts import party_named
from tenants.resolve import Tenant


class _Use(Schema):
    """Whether it is used."""

    enabled = fields.Boolean(
        metadata={
            "label": "I bruk",
            "help": "Uten hake begynner ingenting nytt. Det som er på vei, følges til det er ferdig.",
        }
    )


@pages.get("/accounts")
@at_desk(Action.CHANGE_SETTINGS)
def accounts(user: Signed) -> Answer:
    """Every party there can be an agreement with, and how it stands."""
    with open_here() as tenant:
        rows = [(state, state_words(state)) for state in account_states(tenant)]
    channels = [row for row in rows if not row[0].takes_payments]
    groups = (("Brev og meldinger", channels), ("Betaling", [row for row in rows if row[0].takes_payments]))
    return page("admin/accounts.html", groups=groups, done=request.args.get("done", ""))


@pages.get("/accounts/<slug>")
@at_desk(Action.CHANGE_SETTINGS)
def account(user: Signed, slug: str) -> Answer:
    """One agreement: its settings, what was done to it, and how the channel is."""
    with open_here() as tenant:
        return _account_page(tenant, account_state(tenant, slug))


@pages.post("/accounts/<slug>")
@at_desk(Action.CHANGE_SETTINGS)
def set_account(user: Signed, slug: str) -> Answer:
    """Keep what was typed; the mask of a secret keeps the secret."""
    with open_here() as tenant:
        state = account_state(tenant, slug)
        typed, halves = typed_settings(_schema(slug), request.form, request.files)
        try:
            if halves:
                raise BadInput(halves)
            agree(tenant, slug, typed, enabled="enabled" in request.form, now=clock.now(tenant), actor=user.actor)
        except BadInput as wrong:
            return _account_page(tenant, state, wrong.errors), 422
    return redirect(url_for("admin.account", slug=slug, done="set"), 303)


@pages.post("/accounts/<slug>/remove")
@at_desk(Action.CHANGE_SETTINGS)
def remove_account(user: Signed, slug: str) -> Answer:
    """Forget an agreement that nothing needs any more."""
    with open_here() as tenant:
        end(tenant, slug, now=clock.now(tenant), actor=user.actor)
    return redirect(url_for("admin.accounts", done="removed"), 303)


def _account_page(tenant: Tenant, state: AccountState, errors: dict[str, Any] | None = None) -> str:
    schema = _schema(state.slug)
    form = settings_form(schema, state.settings, as_typed(schema, request.form) if errors else None, errors)
    enabled = "enabled" in request.form if errors else state.enabled or not state.kept
    labels = {field.name: field.label for field in form.fields}
    channel = closed_channels(tenant, clock.wall_now()).get(state.slug)
    return page(
        "admin/account.html",
        state=state,
        words=state_words(state),
        form=form,
        use=form_of(_Use(), {"enabled": "on" if enabled else ""}),
        both=Form(form.fields, form.general_errors),
        uploads=any(field.input == "upload" for field in form.fields),
        failed=bool(errors),
        done=request.args.get("done", ""),
        reports_to=f"{configured().public_url}/webhooks/{state.slug}/{tenant.slug}",
        stopped=channel is not None and channel.state == STOPPED and channel.why,
        changes=[change_words(tenant, change, labels) for change in account_changes(tenant, state.slug)],
    )


def _schema(slug: str) -> Schema:
    return party_named(slug).settings_schema()
