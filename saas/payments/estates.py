"""The debtor has died, or is bankrupt (dødsbo, konkursbo): everything stops, and a person writes to the estate."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from saas.cases.books import family_of
from saas.cases.lifecycle import get_case, lift_hold, place_hold, record_on_case
from saas.cases.lost_costs import charged_costs, charged_fees
from saas.cases.models import Case, CaseHold, Debtor
from saas.kernel.errors import BadInput, NotFound
from saas.payments.lost_costs import entries_of, note_loss
from saas.payments.replay import correct_and_replace
from saas.rules.contact import DeathFacts, why_no_fee_after_death
from saas.rules.facts import HoldReason, Stage
from saas.rules.lost_costs import LostCostReason, Scope, refund_due
from tenants.resolve import Tenant


def report_death(
    tenant: Tenant, case_id: UUID, *, died_on: date | None, today: date, now: datetime, actor: str
) -> tuple[Case, ...]:
    """The debtor of this case has died (law G7). Returns the cases that stand still now, all creditors'.

    Every open case is put on hold until a person has dealt with the estate, and letters on their way out are stopped;
    a case registered later is stopped by the night. Letters sent on the day of death or later cost nothing, whenever
    the death became known: their fees are taken off, closed cases too, and what was paid of them is given back.
    `died_on` None takes a wrong report back; fees stay taken off. Saying it again changes nothing.
    Raises BadInput (`died_on`), NotFound.
    """
    _check_day("died_on", died_on, today)
    debtor, cases = _estate_of(tenant, case_id)
    _report(tenant, debtor, cases, "deceased_on", died_on, HoldReason.DECEASED, today=today, now=now, actor=actor)
    if died_on is not None:
        for case in cases:
            _no_fee_after_death(tenant, case, DeathFacts(died_on, today), today=today, now=now, actor=actor)
    return tuple(case for case in cases if case.stage != Stage.CLOSED)


def report_bankruptcy(
    tenant: Tenant, case_id: UUID, *, opened_on: date | None, today: date, now: datetime, actor: str
) -> tuple[Case, ...]:
    """Bankruptcy has been opened against the debtor of this case. Returns the cases that stand still now.

    As after a death: every open case waits for a person, who files the claims with the estate, and no cost comes.
    `opened_on` None takes a wrong report back. Raises BadInput (`opened_on`), NotFound.
    """
    _check_day("opened_on", opened_on, today)
    debtor, cases = _estate_of(tenant, case_id)
    _report(tenant, debtor, cases, "bankrupt_on", opened_on, HoldReason.BANKRUPT, today=today, now=now, actor=actor)
    return tuple(case for case in cases if case.stage != Stage.CLOSED)


def _check_day(name: str, day: date | None, today: date) -> None:
    if day is not None and day > today:
        raise BadInput({name: ["Datoen kan ikke være fram i tid."]})


def _estate_of(tenant: Tenant, case_id: UUID) -> tuple[Debtor, list[Case]]:
    """The case's debtor, and all its cases in order of id, locked; those joined or anonymised are left out."""
    debtor_id = get_case(tenant, case_id).debtor_id
    cases = tenant.session.scalars(
        sa.select(Case)
        .where(
            Case.tenant_id == tenant.id,
            Case.debtor_id == debtor_id,
            Case.joined_into.is_(None),
            Case.case_key.is_not(None),
        )
        .order_by(Case.id)
        .with_for_update()
    ).all()
    debtor = tenant.session.scalar(
        sa.select(Debtor).where(Debtor.tenant_id == tenant.id, Debtor.id == debtor_id).with_for_update()
    )
    if debtor is None:
        raise NotFound("Vi finner ikke skyldneren.")
    return debtor, list(cases)


def _report(
    tenant: Tenant,
    debtor: Debtor,
    cases: Sequence[Case],
    name: str,
    day: date | None,
    reason: HoldReason,
    *,
    today: date,
    now: datetime,
    actor: str,
) -> None:
    known = getattr(debtor, name)
    setattr(debtor, name, day)
    for case in cases:
        if known != day:
            body = {"day": day and day.isoformat(), "before": known and known.isoformat()}
            record_on_case(tenant, case, f"debtor.{name}", body, now=now, actor=actor)
        if case.stage == Stage.CLOSED:
            continue
        if day is not None:
            place_hold(tenant, case, reason, since=today, now=now, actor=actor)
        elif _is_held(tenant, case, reason):
            lift_hold(tenant, case, reason, on=today, now=now, actor=actor)
    tenant.session.flush()


def _is_held(tenant: Tenant, case: Case, reason: HoldReason) -> bool:
    query = sa.select(CaseHold.id).where(
        CaseHold.tenant_id == tenant.id,
        CaseHold.case_id == case.id,
        CaseHold.reason == reason,
        CaseHold.lifted_on.is_(None),
    )
    return tenant.session.scalar(query.limit(1)) is not None


def _no_fee_after_death(
    tenant: Tenant, case: Case, death: DeathFacts, *, today: date, now: datetime, actor: str
) -> None:
    family = family_of(tenant, [case.id])
    # a letter handed over and not yet proven sent leaves after the death, too
    known = charged_fees(tenant, family)
    fees = [fee for fee in known if why_no_fee_after_death(death, fee.charged_on or today) is not None]
    if not fees:
        return
    refund = refund_due(charged_costs(tenant, family, fees, known), LostCostReason.DEBTOR_DEAD)
    note = f"Skyldneren døde {death.died_on.isoformat()}."
    loss = note_loss(tenant, case, refund, Scope.ALL, note, today=today, now=now, actor=actor)
    entries = entries_of(fees, refund, loss, now)
    correct_and_replace(tenant, case, entries, cause=loss.id, reason="debtor_dead", now=now, actor=actor)
