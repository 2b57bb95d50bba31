"""A tenant's own agreements as its administrators set and end them: what they may not say, and when it is too early.

It stands here because this is the lowest place that knows both payments and letters under way.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from marshmallow import Schema

from saas.dispatch.models import HANDED_OVER, SENDING, UNKNOWN, Dispatch
from saas.kernel.errors import BadInput, Refused
from saas.outgoing import NotCalled, check_host, check_url
from saas.payments.models import PayAttempt, ProviderEvent
from tenants.accounts import account_row, party_named, remove_account, set_account
from tenants.models import ProviderAccount
from tenants.resolve import Tenant


def agree(
    tenant: Tenant, slug: str, settings: Mapping[str, Any] | None, *, enabled: bool, now: datetime, actor: str
) -> ProviderAccount:
    """`set_account` for whoever is not running the installation: no address may lead into our own net.

    Raises NotFound, BadInput.
    """
    party, row = party_named(slug), account_row(tenant, slug)
    if wrong := _wrong_addresses(party.settings_schema, settings or {}, row.settings if row else {}):
        raise BadInput(wrong)
    return set_account(tenant, slug, settings, enabled=enabled, now=now, actor=actor)


def end(tenant: Tenant, slug: str, *, now: datetime, actor: str) -> None:
    """Remove an agreement when nothing is under way that needs it. Raises NotFound, Refused."""
    if _letters_under_way(tenant, slug):
        raise Refused("letters_under_way", "Det er brev på vei her. Vent til de er bevist sendt, eller avgjort.")
    if _money_under_way(tenant, slug):
        raise Refused("money_under_way", "Det er betalinger på vei her. Vent til de er ferdige.")
    remove_account(tenant, slug, now=now, actor=actor)


def _wrong_addresses(schema: type[Schema], given: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, object]:
    """Fields whose address may not be called, with what to do. What is kept already was allowed by somebody."""
    wrong: dict[str, object] = {}
    for name, field in schema().fields.items():
        text = given.get(name)
        if field.metadata.get("called") and isinstance(text, str) and text and text != kept.get(name):
            try:
                check_host(urlsplit(check_url(text)).hostname or "" if "://" in text else text)
            except NotCalled as no:
                wrong[name] = [str(no)]
    return wrong


def _letters_under_way(tenant: Tenant, slug: str) -> bool:
    states = (SENDING, HANDED_OVER, UNKNOWN)
    query = sa.select(Dispatch.id).where(
        Dispatch.tenant_id == tenant.id, Dispatch.channel == slug, Dispatch.state.in_(states)
    )
    return tenant.session.scalar(query.limit(1)) is not None


def _money_under_way(tenant: Tenant, slug: str) -> bool:
    open_attempts = sa.select(PayAttempt.id).where(
        PayAttempt.tenant_id == tenant.id, PayAttempt.provider == slug, PayAttempt.state.in_(("created", "pending"))
    )
    waiting_news = sa.select(ProviderEvent.id).where(
        ProviderEvent.tenant_id == tenant.id, ProviderEvent.provider == slug, ProviderEvent.done_at.is_(None)
    )
    return tenant.session.scalar(sa.union_all(open_attempts, waiting_news).limit(1)) is not None
