"""An agency with every channel on: a print house's folder, a Digipost, a text-message gateway, a mail server."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

import workers.jobs
from saas.cases.messages import queue_message
from saas.cases.models import Case, Debtor
from saas.dispatch.models import ChannelHealth, DebtorContactChoice, Dispatch
from saas.documents.letter import LetterKind
from saas.documents.particulars import Particulars
from saas.kernel import clock
from saas.kernel.servers import Servers
from saas.simulators.digipost import DigipostSim
from saas.simulators.digipost.mailroom import Person
from saas.simulators.email import EmailSim
from saas.simulators.sms import Gate, SmsSim
from tenants.accounts import set_account
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant
from tests.builders import MONDAY, a_claim, at, make_agency, register
from tests.cases.world import World
from tests.plugins.digipost.world import PASSWORD, certificate, keys

KARI = "01018050079"  # has a mailbox at Digipost
SECRET = "Zk3v9Qp7Lr2Xw8Tb"  # what the gateway shows its reports with
OLA = "02028050189"  # is known there and has none


@dataclass(slots=True)
class Post(World):
    """One tenant's days with all its channels."""

    digipost: DigipostSim
    sms: SmsSim
    email: EmailSim

    def work_off(self, rounds: int = 5) -> None:
        """What the workers would do now, to the end."""
        for _ in range(rounds):
            for lane in range(2):
                workers.jobs.work_off_letters(str(self.tenant_id), lane, 0)

    def tell(self, kind: LetterKind, particulars: Particulars, case: Case | None = None) -> UUID:
        """Queue a message to the debtor of a case (the only one), as of the tenant's now."""
        with open_tenant(self.tenant_id) as tenant:
            row = tenant.session.scalars(
                sa.select(Case).where(Case.id == case.id if case else sa.true()).with_for_update()
            ).one()
            now = clock.now(tenant)
            return queue_message(tenant, row, kind, particulars, now=now, actor="cli").id

    def letters(self, case: Case | None = None) -> Sequence[Dispatch]:
        """All letters, messages and notices too, in the order they were decided."""
        with open_tenant(self.tenant_id) as tenant:
            query = sa.select(Dispatch).where(Dispatch.tenant_id == tenant.id).order_by(Dispatch.id)
            return tenant.session.scalars(query.where(Dispatch.case_id == case.id) if case else query).all()

    def letter(self, dispatch_id: UUID) -> Dispatch:
        """A letter as it stands."""
        return next(letter for letter in self.letters() if letter.id == dispatch_id)

    def of_kind(self, kind: str) -> Sequence[Dispatch]:
        """The letters of a kind, in the order they were decided."""
        return [letter for letter in self.letters() if letter.kind == kind]

    def choose(self, medium: str, choice: str, since: date = MONDAY, *, of: str | None = None) -> None:
        """Note a choice of every debtor, or of the one with this national id."""
        with open_tenant(self.tenant_id) as tenant:
            chosen = sa.true() if of is None else Debtor.national_id == of
            for debtor in tenant.session.scalars(sa.select(Debtor).where(chosen)):
                tenant.session.add(
                    DebtorContactChoice(
                        tenant_id=tenant.id,
                        debtor_id=debtor.id,
                        channel=medium,
                        choice=choice,
                        since=since,
                        source="portal",
                    )
                )

    def debtors(self, **values: Any) -> None:
        """Change every debtor."""
        with open_tenant(self.tenant_id) as tenant:
            tenant.session.execute(sa.update(Debtor).where(Debtor.tenant_id == tenant.id).values(**values))

    def health(self, channel: str) -> ChannelHealth | None:
        """How a channel is."""
        with open_tenant(self.tenant_id) as tenant:
            return tenant.session.scalar(sa.select(ChannelHealth).where(ChannelHealth.channel == channel))

    def let_leases_end(self) -> None:
        """Time passes for whoever holds a letter."""
        with open_tenant(self.tenant_id) as tenant:
            tenant.session.execute(
                sa.text("update dispatch set sending_since = now() - interval '1 hour' where state = 'sending'")
            )

    def let_channels_be_tried(self) -> None:
        """Time passes for channels that are down."""
        with open_tenant(self.tenant_id) as tenant:
            tenant.session.execute(sa.text("update channel_health set try_again_at = now() - interval '1 minute'"))


def claim(who: str | None = KARI, **changes: Any) -> dict[str, Any]:
    """An overdue invoice of a person with this national id."""
    return a_claim(**({"national_id": who} if who else {}), **changes)


@contextmanager
def post(servers: Servers, *claims: dict[str, Any], digipost: bool = True, **sim: Any) -> Iterator[Post]:
    """The world, its claims registered."""
    tenant_id = make_agency(servers)
    with (
        DigipostSim(clock.wall_now, keys=keys(), **sim) as mailroom,
        SmsSim(clock.wall_now, gates={"gate1": Gate("http://127.0.0.1:1/", "frist", SECRET)}) as gateway,
        EmailSim(clock.wall_now) as mail,
    ):
        mailroom.mail.know(Person(KARI, "DIGIPOST"), Person(OLA, "IDENTIFIED"))
        with open_tenant(tenant_id) as tenant:
            now = clock.now(tenant)
            agreements: dict[str, dict[str, Any]] = {
                "digipost": {"broker_id": "800001", "sender_id": "900001", "base_url": mailroom.base_url,
                             "certificate": certificate(), "password": PASSWORD, "concurrency": 4},
                "sms": {"base_url": gateway.base_url, "user": "sim", "password": "sim-password", "source": "Fjord",
                        "gate": "gate1", "report_user": "frist", "report_secret": SECRET},
                "email": {"host": "127.0.0.1", "port": mail.port, "security": "none",
                          "from_address": "post@fjord.example", "from_name": "Fjord"},
            }  # fmt: skip
            if not digipost:
                del agreements["digipost"]
            for slug in (*agreements, "portal_mailbox"):
                switch_plugin(tenant, slug, enabled=True, now=now, actor="cli")
            for slug, settings in agreements.items():
                set_account(tenant, slug, settings, enabled=True, now=now, actor="cli")
        if claims:
            register(tenant_id, *claims, on=MONDAY)
        yield Post(tenant_id, mailroom, gateway, mail)


__all__ = ["KARI", "MONDAY", "OLA", "Post", "at", "claim", "post"]
