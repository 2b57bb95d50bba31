"""A plugin's own pages and webhooks: found when it is on, asked, and the facts it brings kept."""

from datetime import date, datetime
from fnmatch import fnmatchcase
from uuid import UUID

import sqlalchemy as sa

from saas.cases.collecting import dated
from saas.cases.lifecycle import get_case
from saas.cases.models import Case
from saas.cases.reported import report_facts
from saas.hooks import Route, RouteAnswer, RouteRequest
from saas.kernel.errors import BadInput, NotFound
from saas.kernel.ids import NIL
from tenants import guard
from tenants.asking import Asked, WrongAnswer, note_trouble
from tenants.resolve import Tenant

HOOK = "provide_routes"


def answer_route(
    tenant: Tenant, slug: str, creditor_id: UUID, request: RouteRequest, *, today: date, now: datetime
) -> RouteAnswer:
    """What the plugin answers; its facts are kept, all or none. Raises NotFound when it is off or has no such path.

    One that throws answers 500, and is noted. Raises BadInput when a fact may not be kept.
    """
    route = _route(tenant, slug, creditor_id, request)
    guard.enter(b"")
    try:
        answer = route.answer(request)
        if not isinstance(answer, RouteAnswer):
            raise WrongAnswer(type(answer).__name__)
    except Exception as error:
        guard.leave()
        note_trouble(Asked(slug, HOOK, route.answer), error)
        return RouteAnswer(status=500, data={"error": "plugin"})
    finally:
        guard.leave()
    for told in answer.facts:
        case = tenant.session.scalar(
            sa.select(Case).where(Case.tenant_id == tenant.id, Case.number == told.case_number)
        )
        if case is None or creditor_id not in (NIL, case.creditor_id):
            raise BadInput({"case_number": [f"{told.case_number}: det finnes ingen slik sak."]})
        locked = get_case(tenant, case.id, lock=True)
        report_facts(
            tenant, locked, [dated(told.fact, told.max_age_days)], today=today, now=now, actor=f"plugin:{slug}"
        )
    return answer


def _route(tenant: Tenant, slug: str, creditor_id: UUID, request: RouteRequest) -> Route:
    for route in tenant.hooks_for(creditor_id).routes_of(slug):
        if fnmatchcase(request.path, route.path) and request.method in route.methods:
            return route
    raise NotFound("Vi finner ikke siden.")
