"""What comes back of messages: an SMS gate's reports over the real web, and e-mail in the mailbox of returns."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from flask import Flask

import workers.jobs
from saas.app import create_app
from saas.dispatch.models import ChannelReport
from saas.documents.letter import LetterKind
from saas.documents.particulars import Answer, ObjectionAnswered
from saas.kernel import clock
from saas.kernel.servers import Servers
from saas.portals.shared.limits import limiter
from saas.simulators.sms import Gate
from tenants.accounts import set_account
from tenants.resolve import open_tenant
from tests.builders import make_agency
from tests.dispatch.world import KARI, SECRET, Post, claim, post
from tests.payments.card import web

ANSWER = ObjectionAnswered(Answer.REJECTED, "Fakturaen gjelder strømmen du brukte i januar.", date(2026, 3, 20))


@pytest.fixture(scope="module")
def application(servers: Servers) -> Flask:
    """The real web application."""
    return create_app(servers)


@pytest.fixture(scope="module")
def address(application: Flask) -> Iterator[str]:
    """It on loopback."""
    with web(application) as address:
        yield address


@pytest.fixture
def kari(servers: Servers, address: str) -> Iterator[Post]:
    """A debtor who looks in the portal, and whose notice is out by SMS or e-mail; reports come to the real web."""
    with post(servers, claim(KARI, email="kari@example.no", phone="+47 999 99 999"), digipost=False) as world:
        world.choose("portal", "consents")
        world.sms.gates["gate1"] = Gate(f"{address}/webhooks/sms/{slug(world)}", "frist", SECRET)
        yield world


def slug(world: Post) -> str:
    with open_tenant(world.tenant_id) as tenant:
        return tenant.slug


def kept(tenant_id: UUID) -> int:
    """How many reports are kept for a tenant."""
    with open_tenant(tenant_id) as tenant:
        query = sa.select(sa.func.count()).where(ChannelReport.tenant_id == tenant_id)
        return tenant.session.scalar(query) or 0


def notice(world: Post, **debtor: str) -> str:
    """Tell of an answer. Returns the notice's id."""
    if debtor:
        world.debtors(**debtor)
    world.tell(LetterKind.OBJECTION_ANSWERED, ANSWER)
    world.work_off()
    return str(world.letters()[-1].id)


def state(world: Post) -> tuple[str, str]:
    workers.jobs.work_off_reports(str(world.tenant_id))
    workers.jobs.collect_receipts(str(world.tenant_id))
    told = world.letters()[-1]
    return told.state, told.why


def test_a_delivered_sms_is_sent_however_often_and_in_whatever_order_it_is_told(kari: Post) -> None:
    message = kari.sms.message(notice(kari, email=""))
    assert state(kari) == ("handed_over", "")
    assert kari.sms.reporter.report(message, 1000) == [200]
    assert state(kari) == ("handed_over", ""), "on its way is not there"
    assert kari.sms.reporter.report(message, 1001, copies=2) == [200, 200]
    assert state(kari) == ("sent", "")
    assert kari.sms.reporter.report(message, 1012) == [200]
    assert state(kari) == ("sent", "")


@pytest.mark.parametrize(
    ("code", "ends"),
    [(2104, ("failed", "failed:2104 bad_number_unknown")), (1010, ("unknown", "unknown:1010 nobody_knows"))],
)
def test_an_sms_that_did_not_arrive_or_whose_fate_nobody_knows_is_not_sent_again(
    kari: Post, code: int, ends: tuple[str, str]
) -> None:
    message = kari.sms.message(notice(kari, email=""))
    kari.sms.reporter.report(message, code)
    assert state(kari) == ends
    kari.work_off()
    assert kari.sms.copies(message.ref_id) == len(kari.sms.messages) == 1


@pytest.mark.parametrize(
    "auth",
    [("frist", "guessed"), ("frist", ""), ("", SECRET), ("Frist", SECRET), None],
    ids=["another password", "no password", "no user", "another user", "nothing"],
)
def test_reports_without_the_password_change_nothing(kari: Post, auth: tuple[str, str] | None) -> None:
    message = kari.sms.message(notice(kari, email=""))
    gate = kari.sms.gates["gate1"]
    gate.user, gate.password = auth or ("", "")
    assert kari.sms.reporter.report(message, 1006) == [400]
    assert kept(kari.tenant_id) == 0
    assert state(kari) == ("handed_over", "")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b'{"refId": 5, "resultCode": 1001}', 400),
        (b'{"refId": "x", "resultCode": "1001"}', 400),
        (b'{"refId": "x", "resultCode": 1001, "timestamp": "2026-03-02T10:00:00"}', 400),
        (b'{"refId": "x", "resultCode": 1001, "more": "' + b"a" * 70_000 + b'"}', 400),
        (b" " * 300_000, 413),
    ],
    ids=["nothing", "no JSON", "a list", "no text", "a number as id", "a code as text", "a time without zone",
         "longer than reports are", "longer than is read"],
)  # fmt: skip
def test_a_report_that_cannot_be_read_or_is_too_long_is_turned_away(
    kari: Post, address: str, body: bytes, status: int
) -> None:
    url = f"{address}/webhooks/sms/{slug(kari)}"
    assert httpx.post(url, content=body, auth=("frist", SECRET), timeout=30).status_code == status
    assert kept(kari.tenant_id) == 0


def test_a_report_of_a_neighbours_letter_moves_nothing_anywhere(kari: Post, servers: Servers, address: str) -> None:
    """Another tenant shares the gateway, and has its own password: it may tell of its own letters only."""
    message = kari.sms.message(notice(kari, email=""))
    neighbour = make_agency(servers)
    with open_tenant(neighbour) as tenant:
        settings = {"base_url": kari.sms.base_url, "user": "sim", "password": "sim-password", "source": "Nabo",
                    "gate": "gate2", "report_secret": "Qm5x-nabo-nabo-nabo"}  # fmt: skip
        set_account(tenant, "sms", settings, enabled=True, now=clock.now(tenant), actor="cli")
        theirs = f"{address}/webhooks/sms/{tenant.slug}"
    ours = kari.sms.gates["gate1"]
    ours.url = theirs
    assert kari.sms.reporter.report(message, 2104) == [400], "our password opens nothing there"
    ours.password = "Qm5x-nabo-nabo-nabo"
    assert kari.sms.reporter.report(message, 2104) == [200], "kept as theirs, and of no letter of theirs"
    workers.jobs.work_off_reports(str(neighbour))
    assert state(kari) == ("handed_over", "")
    assert (kept(neighbour), kept(kari.tenant_id)) == (1, 0)


def test_reports_come_in_for_channels_that_are_told_so_and_for_tenants_there_are(kari: Post, address: str) -> None:
    here = slug(kari)
    wrong = {f"sms/{here}x": 404, f"ingen/{here}": 404, f"portal_mailbox/{here}": 404, f"email/{here}": 400,
             f"sms/{here}/": 404, "sms/%00": 404}  # fmt: skip
    for path, status in wrong.items():
        answer = httpx.post(f"{address}/webhooks/{path}", content=b"{}", auth=("frist", SECRET))
        assert answer.status_code == status, path
    assert httpx.get(f"{address}/webhooks/sms/{here}").status_code == 405


def test_whoever_guesses_is_slowed_down_and_nobody_else_is(
    kari: Post, servers: Servers, application: Flask, address: str
) -> None:
    message = kari.sms.message(notice(kari, email=""))
    with httpx.Client(base_url=address) as client:
        path = f"/webhooks/sms/{slug(kari)}"
        answers = [client.post(path, content=b"{}", auth=("frist", f"guess{i}")).status_code for i in range(125)]
    assert answers[0] == 400
    assert answers[-1] == 429
    with open_tenant(make_agency(servers)) as tenant:
        other = f"{address}/webhooks/sms/{tenant.slug}"
    assert httpx.post(other, content=b"{}").status_code == 404, "another tenant's reports are looked at"
    assert kari.sms.reporter.report(message, 1001) == [429], "told again by the gateway, later"
    with application.app_context():
        limiter.reset()
    assert kari.sms.reporter.report(message, 1001) == [200]
    assert state(kari) == ("sent", "")
