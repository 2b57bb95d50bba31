"""Make a tenant from a profile, and add creditors to it. Running it again adds what is missing and doubles nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from saas.kernel import history
from saas.kernel.db import engine_of, tenant_session
from saas.kernel.errors import BadInput, Refused
from saas.kernel.ids import NIL, new_id
from tenants.models import Creditor, CreditorAgreement, PluginSwitch, TenantEntry, TenantSettings
from tenants.plugins import switch_plugin
from tenants.profile import NO_LICENCE, CreditorSchema, load, may_collect, read_profile
from tenants.resolve import Tenant

FIRST_CASE_NUMBER = 100_001
_CREDITOR_FIELDS = ("name", "address_lines", "email", "payout_account", "vat_deductible")
_COUNTER = sa.table("case_counter", sa.column("tenant_id", sa.Uuid), sa.column("next_number", sa.BigInteger))


@dataclass(frozen=True, slots=True)
class ProvisionedTenant:
    """A tenant that stands. `created` is false when it stood already."""

    tenant_id: UUID
    slug: str
    creditors: Mapping[str, UUID]  # slug → id
    created: bool


def provision(
    profile: str | Path | Mapping[str, Any],
    *,
    owner_dsn: str,
    now: datetime,
    slug: str | None = None,
    sandbox_on: date | None = None,
    actor: str = "cli",
) -> ProvisionedTenant:
    """Make the tenant a profile describes, or bring it up to date. `slug` replaces the profile's.

    Settings follow the profile. What people have switched or what runs already is left: existing plugin switches,
    agreements, numbers, the clock. `owner_dsn` is the owner role's, the only one that may add to the directory;
    all else is done as the application role. Raises BadInput.
    """
    checked = read_profile(profile, slug=slug)
    wanted = checked["tenant"]
    engine = engine_of(owner_dsn)
    try:
        with engine.begin() as owner:  # committed after the tenant's own rows: no entry without a tenant behind it
            tenant_id, created = _entry(owner, wanted["slug"], wanted["host"], now)
            with tenant_session(tenant_id) as session:
                tenant = _tenant(session, tenant_id, checked, sandbox_on, now, actor)
                creditors = _fill(tenant, checked, now, actor)
    finally:
        engine.dispose()
    return ProvisionedTenant(tenant_id, wanted["slug"], creditors, created)


def add_creditor(tenant: Tenant, given: Mapping[str, Any], *, now: datetime, actor: str) -> Creditor:
    """Take on a creditor (oppdragsgiver): the fields of `CreditorSchema`, agreements and plugins among them.

    Raises BadInput, and Refused `no_licence` when the tenant may only collect its own claims.
    """
    wanted = load(CreditorSchema(), given)
    creditor = _new_creditor(tenant, wanted, now, actor)
    _agree(tenant, creditor.id, wanted["agreements"], now, actor)
    _missing_switches(tenant, creditor.id, wanted["plugins"], now, actor)
    return creditor


# --- the tenant itself --------------------------------------------------------------------------------------------


def _entry(owner: sa.Connection, slug: str, host: str | None, now: datetime) -> tuple[UUID, bool]:
    """The tenant's place in the directory: its id, and whether it is new. A host name, once given, is kept."""
    table = cast(sa.Table, TenantEntry.__table__)
    statement = insert(table).values(id=new_id(), slug=slug, host=host, created_at=now)
    row = owner.execute(
        statement.on_conflict_do_update(
            index_elements=["slug"], set_={"host": sa.func.coalesce(statement.excluded.host, table.c.host)}
        ).returning(table.c.id, sa.literal_column("(xmax = 0)").label("created"))
    ).one()
    return row.id, row.created


def _tenant(
    session: Session, tenant_id: UUID, checked: dict[str, Any], sandbox_on: date | None, now: datetime, actor: str
) -> Tenant:
    """The tenant with settings as the profile has them; the clock is set the first time only."""
    wanted = {name: value for name, value in checked["tenant"].items() if name not in ("slug", "host")}
    wanted["policy"] = checked["policy"]
    settings = session.get(TenantSettings, tenant_id, with_for_update=True)
    if settings is None:
        settings = TenantSettings(tenant_id=tenant_id, sandbox_on=sandbox_on, revision=1, **wanted)
        session.add(settings)
        body = {"after": wanted, "sandbox_on": sandbox_on and sandbox_on.isoformat()}
        history.record(session, "tenant.created", at=now, actor=actor, body=body)
    elif changes := _update(settings, wanted):
        settings.revision += 1
        history.record(session, "tenant.changed", at=now, actor=actor, body=changes)
    session.flush()
    return Tenant(tenant_id, checked["tenant"]["slug"], settings, session)


def _fill(tenant: Tenant, checked: dict[str, Any], now: datetime, actor: str) -> dict[str, UUID]:
    creditors = {}
    for one in checked["creditors"]:
        creditor = _creditor(tenant, one, now, actor)
        _agree(tenant, creditor.id, one["agreements"], now, actor)
        creditors[creditor.slug] = creditor.id
    _check_licence(tenant, _orgnrs(tenant))  # those that stood before count too
    first = insert(_COUNTER).values(tenant_id=tenant.id, next_number=FIRST_CASE_NUMBER)
    tenant.session.execute(first.on_conflict_do_nothing())
    _missing_switches(tenant, NIL, checked["plugins"], now, actor)
    for one in checked["creditors"]:
        _missing_switches(tenant, creditors[one["slug"]], one["plugins"], now, actor)
    return creditors


def _update(row: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Set what differs. Returns {"before": …, "after": …} of that, or nothing."""
    before = {name: getattr(row, name) for name, value in wanted.items() if getattr(row, name) != value}
    for name in before:
        setattr(row, name, wanted[name])
    return {"before": before, "after": {name: wanted[name] for name in before}} if before else {}


# --- creditors ----------------------------------------------------------------------------------------------------


def _creditor(tenant: Tenant, wanted: dict[str, Any], now: datetime, actor: str) -> Creditor:
    """The creditor as the profile has it: new, or brought up to date. Who it is and its number never change."""
    standing = _creditor_with(tenant, Creditor.slug == wanted["slug"])
    if standing is None:
        return _new_creditor(tenant, wanted, now, actor)
    if standing.orgnr != wanted["orgnr"] or wanted["number"] not in (None, standing.number):
        wrong = f"«{wanted['slug']}» står alt med annet organisasjonsnummer eller nummer, og de kan ikke endres."
        raise BadInput({"creditors": [wrong]}, wrong)
    if changes := _update(standing, {name: wanted[name] for name in _CREDITOR_FIELDS}):
        body = {"creditor": str(standing.id), **changes}
        history.record(tenant.session, "creditor.changed", at=now, actor=actor, body=body)
    return standing


def _new_creditor(tenant: Tenant, wanted: dict[str, Any], now: datetime, actor: str) -> Creditor:
    tenant.session.refresh(tenant.settings, with_for_update=True)  # one new number at a time
    _check_licence(tenant, [*_orgnrs(tenant), wanted["orgnr"]])
    if _creditor_with(tenant, Creditor.slug == wanted["slug"]):
        raise BadInput({"slug": ["Det finnes alt en oppdragsgiver med dette kortnavnet."]})
    creditor_id = new_id()
    creditor = Creditor(
        tenant_id=tenant.id,
        id=creditor_id,
        creditor_id=creditor_id,
        slug=wanted["slug"],
        orgnr=wanted["orgnr"],
        number=_number(tenant, wanted["number"]),
        **{name: wanted[name] for name in _CREDITOR_FIELDS},
    )
    tenant.session.add(creditor)
    tenant.session.flush()
    body = {"creditor": str(creditor_id), "number": creditor.number, "slug": creditor.slug, "orgnr": creditor.orgnr}
    history.record(tenant.session, "creditor.added", at=now, actor=actor, body=body)
    return creditor


def _number(tenant: Tenant, wanted: int | None) -> int:
    """The first three digits of its KIDs: the one asked for, else the lowest free."""
    taken = set(tenant.session.scalars(sa.select(Creditor.number).where(Creditor.tenant_id == tenant.id)))
    number = wanted or next((n for n in range(1, 1000) if n not in taken), None)
    if number is None or number in taken:
        raise BadInput({"number": ["Nummeret er i bruk, eller alle 999 er brukt."]})
    return number


def _creditor_with(tenant: Tenant, condition: sa.ColumnElement[bool]) -> Creditor | None:
    return tenant.session.scalar(sa.select(Creditor).where(Creditor.tenant_id == tenant.id, condition))


def _orgnrs(tenant: Tenant) -> list[str]:
    return list(tenant.session.scalars(sa.select(Creditor.orgnr).where(Creditor.tenant_id == tenant.id)))


def _check_licence(tenant: Tenant, creditor_orgnrs: list[str]) -> None:
    if not may_collect(tenant.settings.licence_number, tenant.settings.orgnr, creditor_orgnrs):
        raise Refused("no_licence", NO_LICENCE)


_TERMS = ("commission_bp", "fee_share_bp", "vat_set_off", "allocation_order")


def _agree(tenant: Tenant, creditor_id: UUID, wanted: list[dict[str, Any]], now: datetime, actor: str) -> None:
    """Add the agreements that are missing. One that stands is not altered: a new one takes over from a day on."""
    rows = tenant.session.scalars(
        sa.select(CreditorAgreement).where(
            CreditorAgreement.tenant_id == tenant.id, CreditorAgreement.creditor_id == creditor_id
        )
    )
    standing = {row.valid_from: tuple(getattr(row, name) for name in _TERMS) for row in rows}
    for one in wanted:
        terms = tuple(one[name] for name in _TERMS)
        if one["valid_from"] not in standing:
            standing[one["valid_from"]] = terms
            tenant.session.add(CreditorAgreement(tenant_id=tenant.id, id=new_id(), creditor_id=creditor_id, **one))
            body = {"creditor": str(creditor_id), **one, "valid_from": one["valid_from"].isoformat()}
            history.record(tenant.session, "creditor.agreed", at=now, actor=actor, body=body)
        elif standing[one["valid_from"]] != terms:
            wrong = (
                f"Fra {one['valid_from']} er en annen provisjon, andel eller dekningsrekkefølge avtalt alt. "
                "Legg inn en ny avtale fra en senere dag."
            )
            raise BadInput({"agreements": [wrong]}, wrong)


def _missing_switches(
    tenant: Tenant, creditor_id: UUID, wanted: Mapping[str, dict[str, Any]], now: datetime, actor: str
) -> None:
    """Switch plugins as the profile has them, unless somebody has switched them already."""
    standing = set(
        tenant.session.scalars(
            sa.select(PluginSwitch.slug).where(
                PluginSwitch.tenant_id == tenant.id, PluginSwitch.creditor_id == creditor_id
            )
        )
    )
    for slug, switch in wanted.items():
        if slug not in standing:
            switch_plugin(tenant, slug, creditor_id=creditor_id, now=now, actor=actor, **switch)
