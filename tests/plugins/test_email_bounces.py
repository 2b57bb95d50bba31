"""What comes back by e-mail: delivery reports become receipts, everything else waits for a person."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from plugins.email import Email
from plugins.email.bounces import MAX_BYTES
from saas.hooks import Account, OutcomeKind, ReceiptState
from saas.kernel import clock
from saas.simulators.email import EmailSim, drop, write_bounce
from tests.plugins.letters import NOW, ONE, agreed, letter, outcomes

CHANNEL = Email({}).provide_channels()[0]
RETURNED_AT = datetime(2026, 11, 24, 23, 5, tzinfo=UTC)  # five past midnight in Oslo, on the 25th
SENT = (
    f"From: Fjord <post@fjord.example>\r\nTo: kari@example.no\r\nMessage-ID: <{ONE}@fjord.example>\r\n\r\nHei\r\n"
).encode()


def account(folder: Path | None, **changes: Any) -> Account:
    return agreed(CHANNEL, folder=folder, host="127.0.0.1", security="none", from_address="post@fjord.example",
                  from_name="Fjord", **changes)  # fmt: skip


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    return tmp_path / "bounces"


def bounce(maildir: Path, raw: bytes = SENT, **changes: Any) -> Path:
    how = {"action": "failed", "status": "5.1.1", "at": RETURNED_AT} | changes
    return write_bounce(maildir, raw, "kari@example.no", **how)


def pages(folder: Path) -> list[tuple[str, list[tuple[str, str, str, str]]]]:
    found = CHANNEL.receipts(account(folder), NOW, NOW)
    return [(page.name, [(r.dispatch_id, r.state, str(r.on), r.code) for r in page.receipts]) for page in found]


@pytest.mark.parametrize("whole", [False, True])
def test_a_letter_that_did_not_arrive_is_told_with_its_code_and_day(tmp_path, maildir, whole):
    file = bounce(maildir, whole=whole)
    assert pages(tmp_path) == [(file.name, [(ONE, "unreachable", "2026-11-25", "failed 5.1.1")])]
    assert CHANNEL.receipt_problems(account(tmp_path)) == []


@pytest.mark.parametrize(
    ("action", "status", "state"),
    [
        ("failed", "5.2.2", ReceiptState.FAILED),
        ("Failed", "5.1.1", ReceiptState.UNREACHABLE),
        ("failed", "5.1.10", ReceiptState.UNREACHABLE),
        ("failed", "5.2.1", ReceiptState.UNREACHABLE),
        ("failed", "5.1.8", ReceiptState.FAILED),
        ("failed", "4.1.1", ReceiptState.FAILED),
        ("delayed", "5.1.1", ReceiptState.NOTED),
        ("delayed", "4.4.1", ReceiptState.NOTED),
        ("delivered", "2.0.0", ReceiptState.NOTED),
        ("relayed", "2.0.0", ReceiptState.NOTED),
        ("expanded", "2.0.0", ReceiptState.NOTED),
    ],
)
def test_only_what_failed_has_failed(tmp_path, maildir, action, status, state):
    bounce(maildir, action=action, status=status)
    [(_, [receipt])] = pages(tmp_path)
    assert (receipt[1], receipt[3]) == (state, f"{action.lower()} {status}")


def test_the_evidence_is_the_servers_own_words(tmp_path, maildir):
    bounce(maildir)
    [page] = CHANNEL.receipts(account(tmp_path), NOW, NOW)
    assert "Diagnostic-Code: smtp; 550 5.1.1 said the other side" in page.receipts[0].evidence


def test_a_status_that_is_no_code_is_not_shown(tmp_path, maildir):
    bounce(maildir, status="kari@example.no is gone")
    [(_, [receipt])] = pages(tmp_path)
    assert receipt[3] == "failed"


def test_a_report_taken_is_put_away_and_not_given_again(tmp_path, maildir):
    file = bounce(maildir)
    for _ in range(2):
        CHANNEL.take_receipts(account(tmp_path), file.name)
    assert pages(tmp_path) == []
    assert [path.name for path in (maildir / "taken").iterdir()] == [file.name]


@pytest.mark.parametrize("name", ["", "..", "../../x", "/etc/passwd", "new/x"])
def test_only_a_message_of_the_mailbox_can_be_put_away(tmp_path, maildir, name):
    file = bounce(maildir)
    CHANNEL.take_receipts(account(tmp_path), name)
    assert file.exists()


def test_a_report_a_mail_reader_has_opened_keeps_its_name(tmp_path, maildir):
    file = bounce(maildir)
    file.rename(maildir / "cur" / f"{file.name}:2,S")
    assert [name for name, _ in pages(tmp_path)] == [file.name]
    CHANNEL.take_receipts(account(tmp_path), file.name)
    assert pages(tmp_path) == []


def test_a_report_that_comes_twice_is_two_messages_that_say_the_same(tmp_path, maildir):
    bounce(maildir)
    bounce(maildir)
    (_, first), (_, second) = pages(tmp_path)
    assert first == second


def test_a_message_still_being_written_is_left_alone(tmp_path, maildir):
    bounce(maildir).rename(maildir / "tmp" / "half")
    assert pages(tmp_path) == []
    assert CHANNEL.receipt_problems(account(tmp_path)) == []


def test_without_a_mailbox_nothing_comes_back(tmp_path):
    assert pages(tmp_path) == []
    assert list(CHANNEL.receipts(account(None), NOW, NOW)) == []
    assert CHANNEL.receipt_problems(account(None)) == []


SERVERS_OWN = b"From: MAILER-DAEMON@sim.example\r\nAuto-Submitted: auto-replied\r\n\r\nHi. This is qmail.\r\n"
NOT_OURS = SENT.replace(ONE.encode(), b"CAF1234567890")


def without_status(maildir: Path) -> Path:
    file = bounce(maildir)
    return rewritten(file, b"message/delivery-status", b"text/plain")


def rewritten(file: Path, old: bytes, new: bytes) -> Path:
    content = file.read_bytes()
    assert old in content
    file.write_bytes(content.replace(old, new))
    return file


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda m: drop(m, b"From: kari@example.no\r\nSubject: Hva?\r\n\r\nHei\r\n"),
            "er ikke en melding om levering",
        ),
        (lambda m: drop(m, b""), "er ikke en melding om levering"),
        (lambda m: drop(m, b"\x00\xff" * 500), "er ikke en melding om levering"),
        (lambda m: drop(m, SERVERS_OWN), "er ikke en melding om levering"),
        (without_status, "er ikke en melding om levering"),
        (lambda m: bounce(m, NOT_OURS), "gjelder ikke noe brev vi kjenner"),
        (lambda m: bounce(m, NOT_OURS, whole=True), "gjelder ikke noe brev vi kjenner"),
        (lambda m: rewritten(bounce(m), b"Action: failed\n", b""), "sier ikke hva som skjedde"),
        (lambda m: rewritten(bounce(m), b"Action: failed", b"Action: eaten"), "sier noe om leveringen vi ikke kjenner"),
        (lambda m: drop(m, b"x" * (MAX_BYTES + 1)), "er større enn 10 MB"),
    ],
)
def test_what_is_no_report_of_ours_waits_for_a_person(tmp_path, maildir, make, told):
    wrong, right = make(maildir), bounce(maildir)
    assert [name for name, _ in pages(tmp_path)] == [right.name], "the others are read"
    assert CHANNEL.receipt_problems(account(tmp_path)) == [f"Meldingen {wrong.name!r} i returpostkassen {told}."]


def test_a_link_to_another_file_is_not_followed(tmp_path, maildir):
    secret = tmp_path / "secret"
    secret.write_bytes(bounce(maildir).read_bytes())
    (maildir / "new" / "zz").symlink_to(secret)
    assert CHANNEL.receipt_problems(account(tmp_path)) == ["Meldingen 'zz' i returpostkassen er ikke en vanlig fil."]


def test_an_automatic_answer_is_put_away_without_a_word(tmp_path, maildir):
    file = drop(maildir, b"From: kari@example.no\r\nAuto-Submitted: auto-replied\r\nSubject: Ferie\r\n\r\nHei\r\n")
    assert pages(tmp_path) == [(file.name, [])]
    assert CHANNEL.receipt_problems(account(tmp_path)) == []


@pytest.mark.parametrize("cut", range(0, 1_400, 100))
def test_a_report_cut_anywhere_is_read_or_kept_for_a_person_and_never_read_wrong(tmp_path, maildir, cut):
    file = bounce(maildir)
    file.write_bytes(file.read_bytes()[:cut])
    found = pages(tmp_path)
    if found and found[0][1]:
        assert found == [(file.name, [(ONE, "unreachable", found[0][1][0][2], "failed 5.1.1")])]
    assert len(found) + len(CHANNEL.receipt_problems(account(tmp_path))) == 1


@pytest.fixture
def sim(maildir: Path) -> Iterator[EmailSim]:
    with EmailSim(clock.wall_now, bounces=maildir) as started:
        yield started


def test_a_letter_to_a_mailbox_that_is_gone_goes_out_and_comes_back(tmp_path, sim):
    sim.returns["kari@example.no"] = "5.1.1"
    agreement = account(tmp_path, port=sim.port)
    assert outcomes(CHANNEL, agreement, letter())[0][0].kind is OutcomeKind.SENT
    [(_, [(dispatch_id, state, _, code)])] = pages(tmp_path)
    assert (dispatch_id, state, code) == (ONE, "unreachable", "failed 5.1.1")
