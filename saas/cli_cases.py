"""`frist objections …` and `frist cases …`: what a case handler does with single cases."""

from datetime import date, datetime
from uuid import UUID

import click

from saas.cases.coming_act import changes_for, changes_for_all
from saas.cases.lifecycle import get_case, head_of
from saas.cases.objection_schemas import KINDS
from saas.cases.objections import claim_named, objections_of, waiting_objections
from saas.cli_shared import DAY, with_tenant
from saas.kernel import clock
from saas.kernel.errors import BadInput
from saas.payments.estates import report_bankruptcy, report_death
from saas.payments.lost_costs import lose_costs
from saas.payments.objection_answers import answer_objection
from saas.payments.pauses import pause_interest
from saas.rules.lost_costs import LostCostReason
from saas.rules.money import Ore, kroner
from saas.rules.objections import Outcome
from tenants.resolve import open_tenant


@click.group()
def objections() -> None:
    """What debtors disagree with."""


@objections.command("list")
@click.option("--case", "case_number", type=int, help="All objections of this case; else those that wait.")
@with_tenant
def objections_list(case_number: int | None, tenant_id: UUID) -> None:
    """Objections that nobody has answered, the oldest first, with the day the debtor has an answer at the latest."""
    with open_tenant(tenant_id) as tenant:
        today = clock.today(tenant)
        if case_number is None:
            found = waiting_objections(tenant, today)
        else:
            found = objections_of(tenant, head_of(tenant, get_case(tenant, number=case_number).id).id, today)
        for each in found:
            click.echo(
                f"{each.case_number}\t{each.id}\t{each.raised_on}\tanswer by {each.answer_by}\t{each.standing}\t"
                f"{KINDS[each.kind]}\t{' '.join(each.text.split())[:80]}".rstrip()
            )


@objections.command("answer")
@click.argument("case_number", type=int)
@click.argument("objection", type=click.UUID)
@click.argument("outcome", type=click.Choice([each.value for each in Outcome]))
@click.option("--reason", required=True, help="Why; the debtor reads it.")
@click.option("--invoice", default="", help="Which invoice, when one of several is put right.")
@click.option("--taken-off", "taken_off_ore", type=int, help="Øre that were never owed, when the sum is put right.")
@with_tenant
def objections_answer(
    case_number: int,
    objection: UUID,
    outcome: str,
    reason: str,
    invoice: str,
    taken_off_ore: int | None,
    tenant_id: UUID,
) -> None:
    """Answer an objection."""
    with open_tenant(tenant_id) as tenant:
        case = head_of(tenant, get_case(tenant, number=case_number).id)
        row = answer_objection(
            tenant, case.id, objection, outcome=Outcome(outcome), reason=reason,
            claim_id=claim_named(tenant, case, invoice),
            taken_off_ore=Ore(taken_off_ore) if taken_off_ore is not None else None,
            today=clock.today(tenant), now=clock.now(tenant), actor="cli",
        )  # fmt: skip
        told = f", new deadline {row.deadline_on}" if row.deadline_on else ""
        click.echo(f"{case.number}: {row.outcome}{told}; {case.closed_because or case.waits_for or 'goes on'}")


@click.group()
def cases() -> None:
    """Single cases: costs that are lost, interest that pauses, debtors who have died or are bankrupt."""


@cases.command("lose-costs")
@click.argument("case_number", type=int)
@click.option("--reason", required=True, type=click.Choice([each.value for each in LostCostReason]))
@click.option("--note", required=True, help="What happened.")
@click.option("--lawful-ore", type=int, help="What all costs may come to, when only the excess is lost.")
@click.option("--restart/--no-restart", default=None, help="Begin anew at the collection notice.")
@with_tenant
def cases_lose_costs(
    case_number: int, reason: str, note: str, lawful_ore: int | None, restart: bool | None, tenant_id: UUID
) -> None:
    """Take costs off a case; what was paid of them goes to the rest of the debt or back to the debtor."""
    with open_tenant(tenant_id) as tenant:
        case = get_case(tenant, number=case_number)
        loss = lose_costs(
            tenant, case.id, reason=LostCostReason(reason), note=note, lawful_ore=lawful_ore, restart=restart,
            today=clock.today(tenant), now=clock.now(tenant), actor="cli",
        )  # fmt: skip
        click.echo(
            f"{case_number}: {kroner(Ore(loss.amount_ore), space=' ')} kr taken off, "
            f"{kroner(Ore(loss.refund_ore), space=' ')} kr of it had been paid"
        )


@cases.command("pause-interest")
@click.argument("case_number", type=int)
@click.option("--from", "from_on", required=True, type=DAY, help="The first day without interest.")
@click.option("--until", "until_on", type=DAY, help="The first day it runs again; else it still pauses.")
@click.option("--invoice", default="", help="Which invoice; else all of the case.")
@click.option("--note", required=True, help="What the creditor did.")
@with_tenant
def cases_pause_interest(
    case_number: int, from_on: datetime, until_on: datetime | None, invoice: str, note: str, tenant_id: UUID
) -> None:
    """No interest for a time, because the creditor caused the delay."""
    with open_tenant(tenant_id) as tenant:
        added = pause_interest(
            tenant, get_case(tenant, number=case_number).id, from_on=from_on.date(),
            until_on=until_on.date() if until_on else None, note=note, invoice_number=invoice,
            today=clock.today(tenant), now=clock.now(tenant), actor="cli",
        )  # fmt: skip
        click.echo(f"{case_number}: interest pauses on {len(added)} invoices")


@cases.command("coming-act")
@click.argument("case_number", type=int, required=False)
@with_tenant
def cases_coming_act(case_number: int | None, tenant_id: UUID) -> None:
    """What the act of 2026 would change for a case; without a number, for how many open cases each change counts."""
    with open_tenant(tenant_id) as tenant:
        today = clock.today(tenant)
        if case_number is None:
            portfolio = changes_for_all(tenant, today)
            click.echo(f"{portfolio.cases} open cases\n{portfolio.other_step}\tanother next step today")
            for change, number in portfolio.touched:
                click.echo(f"{number}\t{change.topic} ({change.paragraph})")
            return
        for change in changes_for(tenant, get_case(tenant, number=case_number).id, today):
            if change.touches:
                click.echo(f"{change.topic} ({change.paragraph})\n    {change.why}")


@cases.command("death")
@click.argument("case_number", type=int)
@click.option("--died-on", type=DAY, help="The day of death.")
@click.option("--wrong", is_flag=True, help="Take a wrong report back.")
@with_tenant
def cases_death(case_number: int, died_on: datetime | None, wrong: bool, tenant_id: UUID) -> None:
    """The debtor has died: stop all their cases; letters sent since cost nothing."""
    with open_tenant(tenant_id) as tenant:
        stopped = report_death(
            tenant, get_case(tenant, number=case_number).id, died_on=_day("died_on", died_on, wrong),
            today=clock.today(tenant), now=clock.now(tenant), actor="cli",
        )  # fmt: skip
    _say([case.number for case in stopped], wrong)


@cases.command("bankruptcy")
@click.argument("case_number", type=int)
@click.option("--opened-on", type=DAY, help="The day the bankruptcy was opened.")
@click.option("--wrong", is_flag=True, help="Take a wrong report back.")
@with_tenant
def cases_bankruptcy(case_number: int, opened_on: datetime | None, wrong: bool, tenant_id: UUID) -> None:
    """The debtor is bankrupt: stop all their cases until a person has filed the claims."""
    with open_tenant(tenant_id) as tenant:
        stopped = report_bankruptcy(
            tenant, get_case(tenant, number=case_number).id, opened_on=_day("opened_on", opened_on, wrong),
            today=clock.today(tenant), now=clock.now(tenant), actor="cli",
        )  # fmt: skip
    _say([case.number for case in stopped], wrong)


def _day(name: str, day: datetime | None, wrong: bool) -> date | None:
    if (day is None) != wrong:
        raise BadInput({name: "Give the day, or --wrong."})
    return day.date() if day else None


def _say(numbers: list[int], wrong: bool) -> None:
    told = "released" if wrong else "on hold"
    click.echo("\n".join(f"{number}: {told}" for number in numbers) or "no open case")
