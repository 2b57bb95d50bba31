"""What people ask of the service in the story, on which day: more time, an answer, a report about a contract.

Each scene may be played again and changes nothing then.
"""

from collections.abc import Callable
from datetime import date

import sqlalchemy as sa

from saas.cases.models import Case, DebtorRequest
from saas.cases.reported import report_facts
from saas.cases.requests import answer_request, request_deferral
from saas.kernel import clock
from saas.rules.facts import Fact
from saas.rules.plan import DeferralOutcome
from tenants.resolve import Tenant

Say = Callable[[str], None]


def play(tenant: Tenant, day: date, say: Say) -> None:
    """Play what happens at this tenant on this day."""
    for scene in SCENES.get(day, ()):
        scene(tenant, day, say)


def case_of(tenant: Tenant, name: str) -> Case | None:
    """The first case of somebody, or of what it was joined into."""
    query = sa.select(Case).where(Case.tenant_id == tenant.id, Case.debtor_name == name, Case.joined_into.is_(None))
    return tenant.session.scalars(query.order_by(Case.number)).first()


def ask_for_time(name: str, until: date) -> Callable[[Tenant, date, Say], None]:
    """Somebody asks for more time in the portal; the answer is told in the very words they see."""

    def scene(tenant: Tenant, day: date, say: Say) -> None:
        case = case_of(tenant, name)
        if case is None or case.closed_on is not None:
            return
        asked = request_deferral(tenant, case.id, until=until, today=day, now=clock.now(tenant), actor="debtor")
        said = f"{name} (case {case.number}) asks for more time, until {until:%-d %B}. {_OUTCOME[asked.outcome]}"
        say(f"{day:%-d %B}: {said}")
        for reason in asked.because:
            if reason["shown"]:
                say(f"    «{reason['message']}»")

    return scene


def answer(name: str, until: date, message: str) -> Callable[[Tenant, date, Say], None]:
    """A case handler answers the request that waits."""

    def scene(tenant: Tenant, day: date, say: Say) -> None:
        case = case_of(tenant, name)
        waiting = case and tenant.session.scalar(
            sa.select(DebtorRequest).where(
                DebtorRequest.tenant_id == tenant.id,
                DebtorRequest.case_id == case.id,
                DebtorRequest.outcome == DeferralOutcome.ASK_PERSON.value,
            )
        )
        if case is None or waiting is None:
            return
        answer_request(
            tenant,
            case.id,
            waiting.id,
            granted_until=until,
            message=message,
            today=day,
            now=clock.now(tenant),
            actor="cli",
        )
        say(f"{day:%-d %B}: a case handler answers {name} (case {case.number}): more time until {until:%-d %B}.")
        say(f"    «{message}»")

    return scene


def report_contract(name: str, active: bool, source: str) -> Callable[[Tenant, date, Say], None]:
    """The creditor reports whether a contract runs, dated and with its name on it."""

    def scene(tenant: Tenant, day: date, say: Say) -> None:
        case = case_of(tenant, name)
        if case is None or case.closed_on is not None:
            return
        fact = Fact("power.active_contract", active, source, day)
        if report_facts(tenant, case, [fact], today=day, now=clock.now(tenant), actor="cli"):
            runs = "still runs" if active else "has ended"
            say(f"{day:%-d %B}: {source} reports that the power contract of {name} (case {case.number}) {runs}.")

    return scene


_OUTCOME = {"granted": "Granted:", "refused": "Refused:", "ask_person": "A person will answer:"}

SCENES: dict[date, tuple[Callable[[Tenant, date, Say], None], ...]] = {
    date(2026, 3, 24): (ask_for_time("Ingrid Myrvoll", date(2026, 4, 7)),),
    date(2026, 3, 25): (ask_for_time("Jonas Tveit", date(2026, 4, 7)),),
    date(2026, 4, 21): (ask_for_time("Sigrid Aasen", date(2026, 5, 5)),),
    date(2026, 4, 24): (
        answer(
            "Sigrid Aasen",
            date(2026, 5, 5),
            "Avtalen din er avsluttet, så du får tid til 5. mai. Takk for at du spurte.",
        ),
    ),
    date(2026, 6, 22): (
        report_contract("Tora Lindvik", True, "Nordlys Kraft AS"),
        report_contract("Emil Haugland", False, "Nordlys Kraft AS"),
    ),
}
"""Day → what happens. Nobody of these names is at the other tenant, so there nothing does."""
