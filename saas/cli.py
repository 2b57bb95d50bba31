"""`frist …`: every command is a thin caller of a use case."""

import json
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import click
from cryptography.exceptions import InvalidTag

from saas.access.api_keys import new_key
from saas.access.users import add_user
from saas.cases.certificates import open_certificates
from saas.cases.claim_fields import read_claims
from saas.cases.intake import IntakeReport, register_claims
from saas.cases.keys import rotate_case_keys
from saas.cases.night import plan_night, run_night
from saas.cli_accounts import account
from saas.cli_cases import cases, objections
from saas.cli_facts import import_facts
from saas.cli_law import law
from saas.cli_ledger import ledger
from saas.cli_letters import letters
from saas.cli_payments import COMMANDS, import_direct_payments
from saas.cli_plugins import plugin
from saas.cli_settlement import COMMANDS as SETTLEMENT
from saas.cli_settlement import remit_command
from saas.cli_shared import DAY, with_servers, with_tenant
from saas.cli_simulators import sim
from saas.dispatch.ask import enqueue_hand_over
from saas.kernel import clock, history
from saas.kernel.errors import BadInput, FristError
from saas.kernel.ids import NIL
from saas.kernel.servers import Servers
from saas.payments.bank_files import Progress
from saas.payments.by_hand import Said, assign_payment, choose_for_payment, waiting_payments
from saas.payments.inbox import check_bank_file, import_bank_file
from saas.payments.maybe_paid import hold_what_may_be_paid
from saas.payments.placing import place_payments
from saas.rules.money import kroner
from saas.verifier import verify
from tenants.accounts import rotate_accounts
from tenants.fallen import quarantine_fallen, watch_this_process
from tenants.provision import provision
from tenants.resolve import all_tenants, creditor_named, open_tenant
from tenants.sandbox import move_clock
from tenants.secrets import rotate

LONG_FILE_BYTES = 20_000_000  # a bank file over this is read for more than a few seconds


def main() -> None:
    """Run a command; what the service says no with becomes one line and status 1."""
    try:
        frist(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BadInput as error:
        click.echo(f"frist: {error.message}", err=True)
        for where, what in error.errors.items():
            click.echo(f"  {where}: {what}", err=True)
        sys.exit(2)
    except FristError as error:
        click.echo(f"frist: {error}", err=True)
        sys.exit(1)


@click.group()
def frist() -> None:
    """Frist: debt collection for Norway."""


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None


# --- installation ---------------------------------------------------------------------------------------------------


@frist.command("migrate")
@with_servers
def migrate_command(servers: Servers) -> None:
    """Bring the tables up to date."""
    click.echo("The tables are up to date.")


@frist.command("serve")
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Web processes.")
def serve_command(port: int, workers: int) -> None:
    """Serve the web pages and the API on 127.0.0.1."""
    from saas.serve import serve

    serve(port, workers)


@frist.command("worker")
@click.option("--count", default=2, show_default=True, help="Worker processes.")
@with_servers
def worker_command(count: int, servers: Servers) -> None:
    """Work off the queue, and keep watch: whatever was promised and not done is asked for again."""
    from workers.run import run_workers
    from workers.schedule import Watch

    watch = Watch(servers)
    run_workers(servers.redis, count, tend=watch.tend)


# --- tenants --------------------------------------------------------------------------------------------------------


@frist.group()
def tenants() -> None:
    """Provision and list tenants."""


@tenants.command("provision")
@click.argument("profile", type=click.Path(exists=True, path_type=Path))
@click.option("--slug", help="Its name in addresses; the profile's own when left out.")
@click.option("--sandbox-on", type=DAY, help="Give it a sandbox clock that stands on this day.")
@with_servers
def tenants_provision(profile: Path, slug: str | None, sandbox_on: datetime | None, servers: Servers) -> None:
    """Make a tenant from a profile (TOML), or bring it up to the profile."""
    made = provision(
        profile, owner_dsn=servers.database_owner, slug=slug, now=clock.wall_now(), sandbox_on=_day(sandbox_on)
    )
    click.echo(f"{made.slug}: {made.tenant_id}")


@tenants.command("list")
@with_servers
def tenants_list(servers: Servers) -> None:
    """List the tenants."""
    for tenant_id, slug in all_tenants():
        click.echo(f"{slug}\t{tenant_id}")


@frist.command("clock")
@click.argument("to", type=DAY)
@with_tenant
def clock_command(to: datetime, tenant_id: UUID) -> None:
    """Move a sandbox tenant's clock forward, running each night on the way."""
    with open_tenant(tenant_id) as tenant:
        day = clock.today(tenant)
    while day < to.date():
        day = date.fromordinal(day.toordinal() + 1)
        with open_tenant(tenant_id) as tenant:
            move_clock(tenant, day, actor="cli")
        hold_what_may_be_paid(tenant_id)
        taken = run_night(tenant_id, on=day, hand_over=enqueue_hand_over)
        click.echo(f"{day}: {json.dumps(taken.steps)}")


# --- people and keys ------------------------------------------------------------------------------------------------


@frist.command("user")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(["admin", "handler", "creditor"]), required=True)
@click.option("--creditor", help="Slug; needed for the role creditor.")
@click.password_option()
@with_tenant
def user_command(email: str, name: str, role: str, creditor: str | None, password: str, tenant_id: UUID) -> None:
    """Add a user who logs in with e-mail and password."""
    with open_tenant(tenant_id) as tenant:
        creditor_id = creditor_named(tenant, creditor).id if creditor else NIL
        add_user(
            tenant, email=email, name=name, password=password, role=role, creditor_id=creditor_id,
            now=clock.now(tenant), actor="cli",
        )  # fmt: skip
    click.echo(f"{email} can log in.")


@frist.command("key")
@click.argument("name")
@click.option("--role", type=click.Choice(["admin", "handler", "creditor"]), required=True)
@click.option("--creditor", help="Slug; needed for the role creditor.")
@with_tenant
def key_command(name: str, role: str, creditor: str | None, tenant_id: UUID) -> None:
    """Make an API key; it is shown once."""
    with open_tenant(tenant_id) as tenant:
        creditor_id = creditor_named(tenant, creditor).id if creditor else NIL
        click.echo(new_key(tenant, name, role, creditor_id, clock.now(tenant)))


# --- claims ---------------------------------------------------------------------------------------------------------


@frist.group("import")
def import_group() -> None:
    """Take in files."""


@import_group.command("claims")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--creditor", help="Slug; may be left out when the tenant has one creditor.")
@click.option("--accept-valid", is_flag=True, help="Take the valid rows although others are wrong.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; take nothing in.")
@click.option("--json", "as_json", is_flag=True)
@with_tenant
def import_claims(
    file: Path, creditor: str | None, accept_valid: bool, dry_run: bool, as_json: bool, tenant_id: UUID
) -> None:
    """Register the claims of a file; a verdict per row. A bad file imports nothing unless --accept-valid."""
    with open_tenant(tenant_id) as tenant:
        creditor_id = creditor_named(tenant, creditor).id
        rows = read_claims(tenant, creditor_id, file.read_bytes())
        report = register_claims(
            tenant, rows, creditor_id=creditor_id, today=clock.today(tenant),
            now=clock.now(tenant), actor="cli", accept_valid=accept_valid, dry_run=dry_run,
        )  # fmt: skip
    _say_verdicts(report, as_json=as_json)


def _say_verdicts(report: IntakeReport, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"registered": report.registered, "verdicts": [asdict(v) for v in report.verdicts]}))
    else:
        for verdict in report.verdicts:
            if verdict.errors or verdict.notes:
                told = "; ".join([*(f"{f}: {' '.join(t)}" for f, t in verdict.errors.items()), *verdict.notes])
                click.echo(f"line {verdict.row}: {verdict.outcome}: {told}")
        counted = ", ".join(f"{number} {outcome}" for outcome, number in report.counts.items())
        click.echo(f"{counted}{'' if report.registered else '; nothing registered'}")
    if report.has_errors and not report.registered:
        sys.exit(1)


# --- the night ------------------------------------------------------------------------------------------------------


@frist.command("night")
@click.option("--date", "on", type=DAY, help="The day whose night it is; the tenant's today when left out.")
@click.option("--dry-run", is_flag=True, help="Show what would be done; do nothing.")
@with_tenant
def night_command(on: datetime | None, dry_run: bool, tenant_id: UUID) -> None:
    """Look at everything due and take each lawful step."""
    if dry_run:
        for planned in plan_night(tenant_id, on=_day(on)):
            fee = f" fee {kroner(planned.fee_ore, space=' ')}" if planned.fee_ore else ""
            what = f"{planned.step}, deadline {planned.deadline_on}{fee}" if planned.step else f"waits: {planned.why}"
            click.echo(f"{planned.case_number}: {what}")
        return
    quarantine_fallen()
    watch_this_process()
    hold_what_may_be_paid(tenant_id)
    taken = run_night(tenant_id, on=_day(on), hand_over=enqueue_hand_over)
    click.echo(f"{taken.looked_at} looked at: {json.dumps(taken.steps, sort_keys=True)}")


# --- money ----------------------------------------------------------------------------------------------------------


@frist.group()
def payments() -> None:
    """Bank files."""


@payments.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_tenant
def payments_import(file: Path, tenant_id: UUID) -> None:
    """Take in a bank file and place its payments on cases."""
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
    report = import_bank_file(tenant_id, file, file.name, now, progress=_say_progress())
    for verdict in report.verdicts:
        click.echo(f"{verdict.level}: {verdict.message}")
    if report.already:
        click.echo(f"{file.name} was taken in before; nothing is booked again.")
    placed = place_payments(tenant_id, now)
    click.echo(
        f"{report.payments} payments, {kroner(report.sum_ore, space=' ')} kr; placed {placed.placed}, "
        f"unmatched {placed.unmatched}, cases closed {placed.closed}"
    )


@payments.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@with_tenant
def payments_check(file: Path, as_json: bool, tenant_id: UUID) -> None:
    """Say what is in a bank file without taking it in; status 1 when it would be refused."""
    with open_tenant(tenant_id) as tenant:
        found = check_bank_file(tenant, file, progress=_say_progress())
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        told = f"{found['payments']} payments, {kroner(found['sum_ore'], space=' ')} kr"
        click.echo(f"{found['format'] or 'unknown format'}: {told}{'; taken in before' if found['already'] else ''}")
        for verdict in found["verdicts"]:
            click.echo(f"{verdict['level']}: {verdict['message']}")
    sys.exit(1 if found["refused"] else 0)


def _say_progress() -> Progress:
    """Says each tenth of a long file that has been read, beside the command's own words."""
    said = 0

    def say(read: int, size: int, payments: int) -> None:
        nonlocal said
        tenths = 10 * read // size
        if size > LONG_FILE_BYTES and tenths > said:
            said = tenths
            click.echo(f"{10 * tenths} % read, {payments} payments", err=True)

    return say


@payments.command("waiting")
@with_tenant
def payments_waiting(tenant_id: UUID) -> None:
    """Payments that wait for a person, and why."""
    with open_tenant(tenant_id) as tenant:
        for row in waiting_payments(tenant):
            told = f"KID {row.kid}" if row.kid else row.text
            click.echo(f"{row.id}\t{row.value_on}\t{kroner(row.amount_ore, space=' ')}\t{row.why}\t{told}".rstrip())


@payments.command("place")
@click.argument("payment", type=click.UUID)
@click.argument("case_number", type=int)
@click.option("--order", default="", help="What the debtor asked for: principal_first, customary or default.")
@click.option("--claims", default="", help="Invoices the debtor asked it to cover first, with commas between.")
@click.option("--said-at", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="When the debtor said so.")
@with_tenant
def payments_place(
    payment: UUID, case_number: int, order: str, claims: str, said_at: datetime | None, tenant_id: UUID
) -> None:
    """Say which case a waiting payment belongs to, and place it; note what the debtor asked it to cover."""
    if (order or claims) and said_at is None:
        raise BadInput({"said_at": ["Si når skyldneren ba om det."]})
    invoices = tuple(number.strip() for number in claims.split(",") if number.strip())
    said = Said(said_at.replace(tzinfo=clock.OSLO), order, invoices) if said_at else None
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
        assign_payment(tenant, payment, case_number, said=said, now=now, actor="cli")
    placed = place_payments(tenant_id, now)
    click.echo(f"placed {placed.placed}, cases closed {placed.closed}")


@payments.command("choose")
@click.argument("payment", type=click.UUID)
@click.option("--order", default="", help="principal_first, customary or default.")
@click.option("--claims", default="", help="Invoices to cover first, with commas between.")
@click.option("--said-at", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), required=True)
@with_tenant
def payments_choose(payment: UUID, order: str, claims: str, said_at: datetime, tenant_id: UUID) -> None:
    """Note what the debtor asked a placed payment to cover, and place it anew in that order."""
    invoices = tuple(number.strip() for number in claims.split(",") if number.strip())
    with open_tenant(tenant_id) as tenant:
        said = Said(said_at.replace(tzinfo=clock.OSLO), order, invoices)
        choose_for_payment(tenant, payment, said, now=clock.now(tenant), actor="cli")
    click.echo("noted")


for decision in COMMANDS:
    payments.add_command(decision)
import_group.add_command(import_direct_payments)
import_group.add_command(import_facts)
for settlement_command in SETTLEMENT:
    payments.add_command(settlement_command)
frist.add_command(remit_command)
frist.add_command(ledger)
frist.add_command(letters)
frist.add_command(account)


@frist.command("verify")
@with_tenant
def verify_command(tenant_id: UUID) -> None:
    """Check every certificate with the independent verifier."""
    checked = anonymised = wrong = 0
    with open_tenant(tenant_id) as tenant:
        for certificate in open_certificates(tenant):
            checked, anonymised = checked + 1, anonymised + (certificate.record is None)
            where = f"case {certificate.case_number}, {certificate.step}, certificate {certificate.id}"
            if not certificate.unaltered:
                wrong += 1
                click.echo(f"{where}: altered since it was made")
            elif certificate.record is not None and not (verdict := verify(certificate.record)).ok:
                wrong += 1
                for finding in verdict.findings:
                    click.echo(f"{where}: {finding.rule_id}: {finding.message}")
    click.echo(f"{checked} certificates, {wrong} unlawful or altered, {anonymised} of anonymised cases")
    sys.exit(1 if wrong else 0)


@frist.command("history-check")
@with_tenant
def history_check(tenant_id: UUID) -> None:
    """Recompute the tenant's whole chain of history."""
    with open_tenant(tenant_id) as tenant:
        wrong = history.check_chain(tenant.session)
    click.echo("\n".join(wrong) or "The chain is whole.")
    sys.exit(1 if wrong else 0)


# --- the master key -------------------------------------------------------------------------------------------------


@frist.group()
def keys() -> None:
    """The master key."""


@keys.command("rotate")
@with_servers
def keys_rotate(servers: Servers) -> None:
    """Seal everything anew with FRIST_MASTER_KEY; FRIST_OLD_MASTER_KEYS must hold those it was sealed with.

    A tenant with something that no key there is opens is left as it is, and told of; status 1.
    """
    left = 0
    for tenant_id, slug in all_tenants():
        try:
            with open_tenant(tenant_id) as tenant:
                cases, secrets = rotate_case_keys(tenant), rotate(tenant.session, tenant_id) + rotate_accounts(tenant)
        except InvalidTag:
            left += 1
            click.echo(f"{slug}: left as it is; something was sealed with a master key that is not given", err=True)
        else:
            click.echo(f"{slug}: {cases} keys of cases and {secrets} secrets sealed anew")
    sys.exit(1 if left else 0)


# --- plugins --------------------------------------------------------------------------------------------------------


frist.add_command(plugin)


# --- the law --------------------------------------------------------------------------------------------------------


frist.add_command(law)


# --- objections, lost costs, estates --------------------------------------------------------------------------------


frist.add_command(objections)
frist.add_command(cases)


# --- outside parties, played ----------------------------------------------------------------------------------------


frist.add_command(sim)


# --- demo -----------------------------------------------------------------------------------------------------------


@frist.group()
def seed() -> None:
    """Make worlds to look at."""


@seed.command("demo")
@click.option("--nights", default=120, show_default=True)
@with_servers
def seed_demo(nights: int, servers: Servers) -> None:
    """Tell the demo's story: two tenants, 200 invoices, the nights, the payments, the totals."""
    from saas.demo.story import tell

    tell(servers, nights=nights)
