"""The print house's own server: the same folders by SFTP, one key, one server, and each batch once."""

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from marshmallow import ValidationError

from plugins.print_post import PrintPost, sftp
from plugins.print_post.agreement import Agreement
from saas.hooks import Account, ChannelDown, OutcomeKind, ReceiptState
from saas.simulators.print_house import PrintHouse
from saas.simulators.sftp import SftpSim
from tests.pdfs import blank_pdf
from tests.plugins.letters import NOW, ONE, TWO, agreed, batch, letter, outcomes

CHANNEL = PrintPost(PrintPost.Settings().load({})).provide_channels()[0]
MONDAY, THURSDAY = date(2026, 11, 23), date(2026, 11, 26)
KEY, OTHER_KEY = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
BATCH = "byraa/outgoing/b1"


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[SftpSim]:
    with SftpSim(tmp_path, user="fjord", public_key=public(KEY)) as started:
        yield started


def public(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode().strip()


def account(sim: SftpSim, **changes: Any) -> Account:
    given = {"sftp_host": "127.0.0.1", "sftp_port": sim.port, "sftp_user": "fjord", "sftp_folder": "byraa",
             "sftp_key": KEY.export_private_key().decode(), "sftp_host_key": sim.host_key} | changes  # fmt: skip
    return agreed(CHANNEL, **given)


def give(sim: SftpSim, *numbers: int) -> list[tuple[str, OutcomeKind, str]]:
    found, down = outcomes(CHANNEL, account(sim), *(letter(number) for number in numbers or (1, 2)))
    assert down is None
    return [(one.dispatch_id, one.kind, one.code) for one in found]


def told(sim: SftpSim) -> dict[str, list[tuple[str, ReceiptState, str]]]:
    pages = list(CHANNEL.receipts(account(sim), NOW, NOW))
    return {page.name.partition("#")[0]: [(r.dispatch_id, r.state, r.code) for r in page.receipts] for page in pages}


def take_all(sim: SftpSim) -> None:
    for page in CHANNEL.receipts(account(sim), NOW, NOW):
        CHANNEL.take_receipts(account(sim), page.name)


def test_a_batch_appears_whole_on_the_server_is_printed_and_its_receipts_and_returns_are_read_once(sim):
    assert give(sim) == [(ONE, OutcomeKind.TAKEN, ""), (TWO, OutcomeKind.TAKEN, "")]
    there = sim.folder / BATCH
    assert sorted(file.name for file in there.iterdir()) == [f"{ONE}.pdf", f"{TWO}.pdf", "manifest.csv"]
    assert (there / f"{ONE}.pdf").read_bytes() == letter(1).pdf
    house = PrintHouse(sim.folder, returns={TWO: "moved"})
    assert [one.state for one in house.work(MONDAY, "byraa")] == ["posted", "posted"]
    assert told(sim) == {"receipts/b1.csv": [(ONE, ReceiptState.SENT, ""), (TWO, ReceiptState.SENT, "")]}
    take_all(sim)
    assert told(sim) == {}
    house.work(THURSDAY, "byraa")
    assert told(sim) == {"returns/b1.csv": [(TWO, ReceiptState.RETURNED, "moved")]}
    take_all(sim)
    assert told(sim) == {}
    assert (sim.folder / "byraa/receipts/taken/b1.csv").exists()


def test_the_same_batch_again_is_taken_and_printed_once_whether_waiting_taken_or_cleared(sim):
    give(sim)
    already = [(ONE, OutcomeKind.TAKEN, "already_there"), (TWO, OutcomeKind.TAKEN, "already_there")]
    assert give(sim) == already
    PrintHouse(sim.folder).work(MONDAY, "byraa")
    assert give(sim) == already
    for file in (sim.folder / "byraa/taken/b1").iterdir():
        file.unlink()
    assert give(sim) == already
    assert not (sim.folder / BATCH).exists()


def test_a_letter_that_is_not_in_the_batch_that_left_is_refused(sim):
    give(sim, 1)
    assert give(sim, 1, 2) == [
        (ONE, OutcomeKind.TAKEN, "already_there"),
        (TWO, OutcomeKind.REFUSED, "batch_left_without_it"),
    ]


@pytest.mark.parametrize("fault", ["full", "drop", "hang"])
def test_a_transfer_that_breaks_leaves_nothing_to_print_and_is_made_good(sim, monkeypatch, fault):
    monkeypatch.setattr(sftp, "CALL_SECONDS", 1.0)
    sim.faults += ["", fault]  # the first letter is written, the second is not
    found, down = outcomes(CHANNEL, account(sim), letter(1), letter(2))
    assert (found, bool(down)) == ([], True)
    assert PrintHouse(sim.folder).work(MONDAY, "byraa") == []
    assert [kind for _, kind, _ in give(sim)] == [OutcomeKind.TAKEN] * 2
    assert len(PrintHouse(sim.folder).work(MONDAY, "byraa")) == 2


def test_nobody_there_means_later(sim):
    gone = account(sim)
    sim.__exit__()
    try:
        assert outcomes(CHANNEL, gone, letter()) == ([], "sftp: ConnectionRefusedError")
        with pytest.raises(ChannelDown):
            list(CHANNEL.receipts(gone, NOW, NOW))
    finally:
        sim.__init__(sim.folder, user="fjord", public_key=public(KEY))
        sim.__enter__()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sftp_key": OTHER_KEY.export_private_key().decode()}, "sftp_login"),
        ({"sftp_host_key": public(OTHER_KEY)}, "sftp_other_server"),
    ],
)
def test_wrong_keys_or_another_server_stop_the_channel_and_nothing_is_sent(sim, changes, code):
    found, down = outcomes(CHANNEL, account(sim, **changes), letter(1), letter(2))
    assert [(one.dispatch_id, one.kind, one.code) for one in found] == [(ONE, OutcomeKind.STOPPED, code)]
    assert down is None
    assert not (sim.folder / "byraa").exists()
    with pytest.raises(ChannelDown, match=code):
        list(CHANNEL.receipts(account(sim, **changes), NOW, NOW))


def test_files_that_are_wrong_are_kept_out_with_words_and_the_others_read(sim):
    inbox = sim.folder / "byraa/receipts"
    inbox.mkdir(parents=True)
    (inbox / "good.csv").write_text(f"{ONE};posted;2026-11-23;\n")
    (inbox / "bad.csv").write_text(f"{TWO};posted;23.11.2026;\n")
    (inbox / ".half.csv").write_text("half")
    (inbox / "folder.csv").mkdir()
    (inbox / "link.csv").symlink_to("/etc/passwd")
    assert list(told(sim)) == ["receipts/good.csv"]
    assert CHANNEL.receipt_problems(account(sim)) == (
        "Kvitteringsfilen 'bad.csv', linje 1: posted_on skal være en dato på formen ÅÅÅÅ-MM-DD.",
        "Kvitteringsfilen 'folder.csv' er ikke en vanlig fil.",
        "Kvitteringsfilen 'link.csv' er ikke en vanlig fil.",
    )


def test_a_file_that_grew_stays_and_one_whose_name_was_used_before_overwrites_nothing(sim):
    inbox = sim.folder / "byraa/receipts"
    inbox.mkdir(parents=True)
    (inbox / "a.csv").write_text(f"{ONE};posted;2026-11-23;\n")
    [page] = CHANNEL.receipts(account(sim), NOW, NOW)
    (inbox / "a.csv").write_text(f"{ONE};posted;2026-11-23;\n{TWO};posted;2026-11-23;\n")
    CHANNEL.take_receipts(account(sim), page.name)
    assert len(told(sim)["receipts/a.csv"]) == 2
    for day in (23, 24, 24):
        (inbox / "a.csv").write_text(f"{ONE};posted;2026-11-{day};\n")
        take_all(sim)
    assert told(sim) == {}
    assert len(list((inbox / "taken").iterdir())) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"sftp_host": ""},
        {"sftp_user": ""},
        {"sftp_key": "x"},
        {"sftp_key": ""},
        {"sftp_host_key": "ssh-ed25519 x"},
        {"sftp_folder": "../other"},
        {"sftp_folder": "a/../../b"},
        {"sftp_port": 0},
    ],
)
def test_an_agreement_that_cannot_be(sim, changes):
    with pytest.raises(ValidationError):
        account(sim, **changes)


def test_without_a_server_nothing_is_asked_for():
    assert Agreement().load({})["sftp_host"] == ""


def test_a_refused_letter_is_in_no_manifest_on_the_server_either(sim):
    pdf = blank_pdf("a5", size=(419.5, 595.3))
    short = letter(2, pdf=pdf, sha256=sha256(pdf).hexdigest())
    found = list(CHANNEL.hand_over(account(sim), batch(letter(1), short), NOW))
    assert [(one.dispatch_id, one.kind) for one in found] == [(TWO, OutcomeKind.REFUSED), (ONE, OutcomeKind.TAKEN)]
    assert TWO not in (sim.folder / BATCH / "manifest.csv").read_text()
