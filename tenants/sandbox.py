"""The clock of a sandbox tenant, which only moves forward."""

from datetime import date

from saas.kernel import clock, history
from saas.kernel.errors import Refused
from tenants.resolve import Tenant


def move_clock(tenant: Tenant, to: date, *, actor: str) -> date:
    """Set a sandbox tenant's day to `to`, and return the day it was. Moving it to the day it stands on does nothing.

    The nights in between are run by the caller, one by one, before or between moves. Raises Refused for a tenant
    whose clock is the real one, and for a day that has been.
    """
    tenant.session.refresh(tenant.settings, with_for_update=True)
    was = tenant.settings.sandbox_on
    if was is None:
        raise Refused("not_a_sandbox", "Bare en prøvekonto kan flytte klokka.")
    if to < was:
        raise Refused("clock_goes_forward", "Klokka kan bare flyttes framover.")
    if to > was:
        tenant.settings.sandbox_on = to
        tenant.session.flush()
        body = {"from": was.isoformat(), "to": to.isoformat()}
        history.record(tenant.session, "clock.moved", at=clock.now(tenant), actor=actor, body=body)
    return was
