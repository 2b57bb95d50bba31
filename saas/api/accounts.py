"""`/accounts`: a tenant's agreements with letter channels and payment providers. Secrets go in, and never come out."""

from typing import Any

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from saas.access.roles import Action
from saas.api import account_schemas as schemas
from saas.api.auth import caller, reading, writing
from saas.api.idempotency import answer_once
from saas.kernel import clock
from saas.payments.own_accounts import agree, end
from tenants.account_states import AccountState, account_changes, account_state, account_states
from tenants.resolve import Tenant

blueprint = Blueprint("api_accounts", __name__, description="Agreements, for the tenant's administrators.")


@blueprint.route("/accounts")
class Accounts(MethodView):
    """All agreements."""

    @blueprint.response(200, schemas.AccountList)
    def get(self) -> dict[str, list[AccountState]]:
        """Every party there can be an agreement with, and how it stands."""
        with reading(Action.CHANGE_SETTINGS) as tenant:
            return {"accounts": account_states(tenant)}


@blueprint.route("/accounts/<string:slug>")
class Account(MethodView):
    """One agreement."""

    @blueprint.response(200, schemas.Account)
    def get(self, slug: str) -> AccountState:
        """How it stands; secrets that are set as their mask."""
        with reading(Action.CHANGE_SETTINGS) as tenant:
            return account_state(tenant, slug)

    @blueprint.arguments(schemas.AccountBody)
    @blueprint.response(200, schemas.Account)
    def put(self, body: dict[str, Any], slug: str) -> Response:
        """Keep the agreement, or switch it on or off."""
        with writing(Action.CHANGE_SETTINGS) as tenant:
            return answer_once(tenant, caller().actor, clock.now(tenant), lambda: _agree(tenant, slug, body))

    @blueprint.response(204)
    def delete(self, slug: str) -> None:
        """Forget an agreement that is switched off and that nothing under way needs."""
        with writing(Action.CHANGE_SETTINGS) as tenant:
            end(tenant, slug, now=clock.now(tenant), actor=caller().actor)


@blueprint.route("/accounts/<string:slug>/changes")
class AccountChanges(MethodView):
    """What has been done to an agreement."""

    @blueprint.response(200, schemas.AccountChanges)
    def get(self, slug: str) -> dict[str, Any]:
        """The newest changes, with before and after."""
        with reading(Action.CHANGE_SETTINGS) as tenant:
            return {"changes": account_changes(tenant, account_state(tenant, slug).slug)}


def _agree(tenant: Tenant, slug: str, body: dict[str, Any]) -> dict[str, Any]:
    known = account_state(tenant, slug).slug
    now, actor = clock.now(tenant), caller().actor
    agree(tenant, known, body["settings"], enabled=body["enabled"], now=now, actor=actor)
    return dict(schemas.Account().dump(account_state(tenant, known)))
