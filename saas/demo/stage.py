"""The stage: two tenants with their creditors and users, the shipped invoices, and the folders of the world outside."""

import csv
import io
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from uuid import UUID

from saas.cases.csv_file import read_csv
from saas.cases.intake import IntakeReport, register_claims
from saas.demo.people import FJORD, TENANT_OF, VESTLYS
from saas.demo.world import OldInvoice, World
from saas.kernel.clock import OSLO
from saas.kernel.config import settings
from saas.kernel.servers import Servers
from saas.simulators.print_house import PrintHouse
from tenants.profile import PROFILES
from tenants.provision import provision
from tenants.resolve import creditor_named, open_tenant

START = date(2026, 3, 2)
OPENING = datetime.combine(START, time(9), OSLO)
_PROFILE = {FJORD: "agency.toml", VESTLYS: "power.toml"}


@dataclass(frozen=True)
class Player:
    """One tenant on the stage, with its part of the world."""

    tenant_id: UUID
    slug: str
    name: str
    licence: str | None
    creditors: dict[str, UUID]  # slug → id
    creditor_names: tuple[str, ...]
    world: World
    print_house: PrintHouse
    bank: Path
    account: str  # where debtors pay

    @property
    def post(self) -> Path:
        """The print house's folder of this tenant."""
        return self.print_house.folder / self.slug


@dataclass(frozen=True)
class Stage:
    """Everything set up."""

    players: tuple[Player, ...]
    invoices: bytes

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        """The rows of the shipped file, each with the line it stands on."""
        reader = csv.DictReader(io.StringIO(self.invoices.decode()), delimiter=";")
        return [row | {"line": str(reader.line_num)} for row in reader]


def set_up(servers: Servers, invoices: bytes, suffix: str = "") -> Stage:
    """Provision the tenants, or find them as they stand. `suffix` goes behind their slugs."""
    players = []
    for short in (FJORD, VESTLYS):
        profile = tomllib.loads((PROFILES / _PROFILE[short]).read_text())
        slug = f"{short}{suffix}"
        made = provision(profile, owner_dsn=servers.database_owner, slug=slug, now=OPENING, sandbox_on=START)
        bank = settings().home / "bank" / made.slug
        house = PrintHouse(settings().print_folder)
        account = profile["tenant"]["client_account"]
        at_home = _old_invoices(invoices, short)
        world = World(post=house.folder / made.slug, bank=bank, account=account, invoices=at_home)
        players.append(
            Player(
                made.tenant_id, made.slug, profile["tenant"]["name"], profile["tenant"].get("licence_number"),
                dict(made.creditors), tuple(c["name"] for c in profile["creditors"]), world, house, bank, account,
            )
        )  # fmt: skip
    return Stage(tuple(players), invoices)


def take_in(stage: Stage, player: Player, creditor: str) -> IntakeReport:
    """Register one creditor's rows of the shipped file; its wrong rows are turned away. Harmless when done before."""
    with open_tenant(player.tenant_id) as tenant:
        return register_claims(
            tenant,
            read_csv(_rows_of(stage.invoices, creditor)),
            creditor_id=creditor_named(tenant, creditor).id,
            today=START,
            now=OPENING,
            actor="cli",
            accept_valid=True,
        )


def _rows_of(invoices: bytes, creditor: str) -> bytes:
    """A creditor's own file: its rows on the lines where they stand in the shipped one, without the first column."""
    heading, *lines = invoices.decode().splitlines()
    kept = [line.partition(";")[2] if line.startswith(f"{creditor};") else "" for line in lines]
    return "\n".join([heading.partition(";")[2], *kept, ""]).encode()


def _old_invoices(invoices: bytes, short: str) -> list[OldInvoice]:
    rows = csv.DictReader(io.StringIO(invoices.decode()), delimiter=";")
    return [
        OldInvoice(row["debtor_name"], row["kid"], int(row["amount"].replace(",", "")))
        for row in rows
        if TENANT_OF[row["creditor"]] == short and row["kid"] and row["amount"].replace(",", "").isdigit()
    ]
