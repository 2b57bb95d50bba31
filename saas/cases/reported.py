"""What others report about a case: dated facts (opplysninger), with who said it and when."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from saas.cases.lifecycle import get_case, record_on_case
from saas.cases.models import Case, ReportedFact
from saas.kernel.errors import BadInput
from saas.kernel.ids import new_id
from saas.rules.facts import Fact, days_stated
from tenants.resolve import Tenant

_FACT_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_LIMITATION = "limitation."  # what interrupted it: a day that cannot be read would count for nothing (law H3)
_MOST_FACTS, _LONGEST_TEXT = 100, 200


def report_facts(
    tenant: Tenant, case: Case, facts: Sequence[Fact], *, today: date, now: datetime, actor: str
) -> list[ReportedFact]:
    """Store what somebody reports about a case (M13), never changed afterwards: the newest counts.

    Returns the rows added; a statement that stands already is not added again. Raises BadInput (row number → field →
    what to do): name like `power.active_contract`, value yes/no, whole number or text, a source, and no future date.
    """
    errors = {str(row): wrong for row, fact in enumerate(facts) if (wrong := check_fact(fact, today))}
    if len(facts) > _MOST_FACTS:
        errors["facts"] = {"facts": [f"Send høyst {_MOST_FACTS} opplysninger om gangen."]}
    if errors:
        raise BadInput(dict(errors))
    known = {_identity(row) for row in tenant.session.scalars(_reported(tenant, case))}
    added = []
    for fact in facts:
        if _identity(fact) in known:
            continue
        known.add(_identity(fact))
        added.append(
            ReportedFact(
                tenant_id=tenant.id,
                id=new_id(),
                creditor_id=case.creditor_id,
                case_id=case.id,
                name=fact.name,
                value=fact.value,
                source=fact.source,
                reported_on=fact.reported_on,
                good_until=fact.good_until,
            )
        )
        body = {
            "name": fact.name,
            "value": fact.value,
            "source": fact.source,
            "reported_on": fact.reported_on.isoformat(),
        }
        record_on_case(tenant, case, "fact.reported", body, now=now, actor=actor)
    tenant.session.add_all(added)
    tenant.session.flush()
    return added


def facts_reported(tenant: Tenant, case_id: UUID, *, most: int = 50) -> list[ReportedFact]:
    """What has been reported about a case, the newest first; of one thing said again, only the newest."""
    query = _reported(tenant, get_case(tenant, case_id)).order_by(
        ReportedFact.reported_on.desc(), ReportedFact.id.desc()
    )
    newest: dict[tuple[str, str], ReportedFact] = {}
    for row in tenant.session.scalars(query):
        newest.setdefault((row.name, row.source), row)
    return list(newest.values())[:most]


def check_fact(fact: Fact, today: date) -> dict[str, list[str]]:
    """What is wrong with a statement: field → what to do about it; empty when it can be stored."""
    wrong: dict[str, list[str]] = {}
    if not _FACT_NAME.fullmatch(fact.name):
        wrong["name"] = ["Skriv navnet som «power.active_contract»: små bokstaver og ett punktum."]
    if not isinstance(fact.value, bool | int | str) or len(str(fact.value)) > _LONGEST_TEXT:
        wrong["value"] = [f"Bruk ja/nei, et helt tall eller en tekst på høyst {_LONGEST_TEXT} tegn."]
    elif fact.name.startswith(_LIMITATION) and (not (days := days_stated(fact.value)) or days[-1] > today):
        wrong["value"] = ["Skriv dagene som «2025-03-01», med mellomrom mellom flere. De kan ikke være fram i tid."]
    if not fact.source.strip() or len(fact.source) > _LONGEST_TEXT or not fact.source.isprintable():
        wrong["source"] = ["Oppgi hvem opplysningen kommer fra, på én linje."]
    if fact.reported_on > today:
        wrong["reported_on"] = ["Datoen kan ikke være fram i tid."]
    return wrong


def _identity(fact: Fact | ReportedFact) -> tuple[str, type, object, str, date]:
    """What makes two statements the same one. The type counts: 1 is not yes."""
    return fact.name, type(fact.value), fact.value, fact.source, fact.reported_on


def _reported(tenant: Tenant, case: Case) -> sa.Select[ReportedFact]:
    return sa.select(ReportedFact).where(ReportedFact.tenant_id == tenant.id, ReportedFact.case_id == case.id)
