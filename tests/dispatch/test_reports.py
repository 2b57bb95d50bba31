"""What comes back of messages: an SMS gate's reports over the real web, and e-mail in the mailbox of returns."""

from collections.abc import Iterator
from datetime import date

import pytest

import workers.jobs
from saas.app import create_app
from saas.documents.letter import LetterKind
from saas.documents.particulars import Answer, ObjectionAnswered
from saas.kernel.config import settings
from saas.kernel.servers import Servers
from saas.simulators.email import write_bounce
from saas.simulators.sms import Gate
from tenants.resolve import open_tenant
from tests.builders import MONDAY, at
from tests.dispatch.world import KARI, SECRET, Post, claim, post
from tests.payments.card import web

ANSWER = ObjectionAnswered(Answer.REJECTED, "Fakturaen gjelder strømmen du brukte i januar.", date(2026, 3, 20))


@pytest.fixture(scope="module")
def address(servers: Servers) -> Iterator[str]:
    """The real web application on loopback."""
    with web(create_app(servers)) as address:
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


def test_reports_without_the_password_change_nothing(kari: Post) -> None:
    message = kari.sms.message(notice(kari, email=""))
    kari.sms.gates["gate1"].password = "guessed"
    assert kari.sms.reporter.report(message, 1006) == [400]
    assert state(kari) == ("handed_over", "")


def test_an_e_mail_that_comes_back_after_it_was_sent_has_failed_and_is_not_sent_again(kari: Post) -> None:
    told = notice(kari)
    assert state(kari) == ("sent", "")
    bounces = settings().print_folder / slug(kari) / "bounces"
    for _ in range(2):
        write_bounce(
            bounces, kari.email.mails[0].raw, "kari@example.no", action="failed", status="5.1.1", at=at(MONDAY)
        )
    assert told in kari.email.mails[0].message_id
    assert state(kari) == ("failed", "failed:failed 5.1.1")
    kari.work_off()
    assert len(kari.email.mails) == 1
    assert len(list((bounces / "taken").iterdir())) == 2, "put away once they are noted"
    assert kari.letters()[0].state == "sent", "the letter itself lies in the portal all the same"
