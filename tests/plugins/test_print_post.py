"""Batches reach the print house whole or not at all, and receipts come back once."""

import csv
import errno
import io
import os
import resource
from dataclasses import replace
from datetime import UTC, date, datetime, time
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.print_post import PrintPost
from plugins.print_post.manifest import manifest
from saas.hooks import (
    Account,
    ChannelDown,
    DeliveryReceipt,
    ForgedEvent,
    OutcomeKind,
    OutgoingBatch,
    OutgoingLetter,
    Party,
    ReceiptState,
)
from saas.simulators.print_house import read_manifest
from tests.pdfs import blank_pdf

CHANNEL = PrintPost(PrintPost.Settings().load({})).provide_channels()[0]
WALL = datetime(2026, 11, 20, 8, tzinfo=UTC)
ONE, TWO, THREE = (str(UUID(int=number)) for number in (1, 2, 3))


def letter(number, **changes):
    pdf = blank_pdf(f"letter {number}")
    to = Party(f"Kari Prøve {number}", ("Storgata 1",), "0155", "OSLO")
    made = OutgoingLetter(
        str(UUID(int=number)), "reminder", "Brev fra Fjord", pdf, sha256(pdf).hexdigest(), to, Party("Fjord", ())
    )
    who = {name: changes.pop(name) for name in ("name", "address_lines") if name in changes}
    if "address_lines" in who:
        who |= {"postcode": "", "city": ""}
    return replace(made, recipient=replace(to, **who), **changes)


def account(folder, tenant="byraa"):
    return Account({}, {}, "", folder / tenant)


def hand_over(given, folder, tenant="byraa"):
    """Dispatch id → what became of it, as (kind, code)."""
    return {one.dispatch_id: (one.kind, one.code) for one in CHANNEL.hand_over(account(folder, tenant), given, WALL)}


def receipts(folder, tenant="byraa"):
    return [(told(page.name), page.receipts) for page in CHANNEL.receipts(account(folder, tenant), WALL, WALL)]


def told(page_name):
    """The file of a page: what stands behind it tells what the file says."""
    folder, _, file = page_name.partition("#")[0].partition("/")
    return file if folder == "receipts" else f"{folder}/{file}"


def take(folder, file="receipts/a.csv"):
    """Take what was read of this file."""
    for page in CHANNEL.receipts(account(folder), WALL, WALL):
        if page.name.startswith(f"{file}#"):
            CHANNEL.take_receipts(account(folder), page.name)


def problems(folder):
    return CHANNEL.receipt_problems(account(folder))


TAKEN = (OutcomeKind.TAKEN, "")
ALREADY = (OutcomeKind.TAKEN, "already_there")


def as_pdf(pdf):
    return {"pdf": pdf, "sha256": sha256(pdf).hexdigest()}


def batch(*letters, **changes):
    return replace(
        OutgoingBatch("20261120-1", "byraa", date(2026, 11, 20), letters or (letter(1), letter(2))), **changes
    )


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


WHOLE = [
    "byraa/.lock",
    f"byraa/outgoing/20261120-1/{UUID(int=1)}.pdf",
    f"byraa/outgoing/20261120-1/{UUID(int=2)}.pdf",
    "byraa/outgoing/20261120-1/manifest.csv",
]


# --- handing over ---------------------------------------------------------------------------------------------------


def test_a_batch_is_its_letters_and_a_manifest(tmp_path):
    hand_over(batch(), tmp_path)
    assert files_below(tmp_path) == WHOLE
    there = tmp_path / "byraa/outgoing/20261120-1"
    assert (there / f"{UUID(int=1)}.pdf").read_bytes() == letter(1).pdf
    assert (there / "manifest.csv").read_text() == (
        '"dispatch_id";"file";"sha256";"pages";"name";"country";"address_1";"address_2"\n'
        f'"{UUID(int=1)}";"{UUID(int=1)}.pdf";"{letter(1).sha256}";"1";"Kari Prøve 1";"NO";"Storgata 1";"0155 OSLO"\n'
        f'"{UUID(int=2)}";"{UUID(int=2)}.pdf";"{letter(2).sha256}";"1";"Kari Prøve 2";"NO";"Storgata 1";"0155 OSLO"\n'
    )


def test_the_same_batch_again_counts_as_sent(tmp_path):
    hand_over(batch(), tmp_path)
    assert set(hand_over(batch(made_on=date(2026, 11, 23)), tmp_path).values()) == {ALREADY}
    assert files_below(tmp_path) == WHOLE


def test_a_batch_the_print_house_has_taken_counts_as_sent(tmp_path):
    hand_over(batch(), tmp_path)
    (tmp_path / "byraa/outgoing/20261120-1").rename(tmp_path / "byraa/taken/20261120-1")
    assert set(hand_over(batch(), tmp_path).values()) == {ALREADY}
    assert not (tmp_path / "byraa/outgoing/20261120-1").exists()


def test_a_taken_batch_that_the_print_house_has_cleared_still_counts_as_sent(tmp_path):
    (tmp_path / "byraa/taken/20261120-1").mkdir(parents=True)
    assert set(hand_over(batch(), tmp_path).values()) == {ALREADY}


@pytest.mark.parametrize("place", ["outgoing", "taken"])
def test_letters_that_are_not_in_the_batch_that_left_are_refused_and_those_that_are_count_as_taken(tmp_path, place):
    hand_over(batch(), tmp_path)
    (tmp_path / "byraa/outgoing/20261120-1").rename(tmp_path / "byraa" / place / "20261120-1")
    became = hand_over(batch(letter(1), letter(3)), tmp_path)
    assert became == {ONE: ALREADY, THREE: (OutcomeKind.REFUSED, "batch_left_without_it")}


@pytest.mark.parametrize("place", ["outgoing", "taken"])
def test_a_batch_counts_as_sent_when_a_receipt_has_already_settled_some_of_its_letters(tmp_path, place):
    hand_over(batch(letter(1, address_lines=("c/o", "Storgata 1", "0155 OSLO")), letter(2), letter(3)), tmp_path)
    (tmp_path / "byraa/outgoing/20261120-1").rename(tmp_path / "byraa" / place / "20261120-1")
    assert set(hand_over(batch(letter(3), letter(2)), tmp_path).values()) == {ALREADY}


def test_what_a_killed_hand_over_left_behind_is_removed_by_the_next(tmp_path):
    left = tmp_path / "byraa/partial/tmpabc"
    left.mkdir(parents=True)
    (left / f"{UUID(int=1)}.pdf").write_bytes(b"%PDF-1.7 half")
    hand_over(batch(), tmp_path)
    assert files_below(tmp_path) == WHOLE


def test_the_same_letter_with_another_text_is_not_the_same_batch(tmp_path):
    hand_over(batch(), tmp_path)
    became = hand_over(batch(letter(1), letter(2, **as_pdf(blank_pdf("other")))), tmp_path)
    assert became == {ONE: ALREADY, TWO: (OutcomeKind.REFUSED, "batch_left_without_it")}


def test_two_at_once_do_not_get_in_each_others_way(tmp_path):
    (tmp_path / "byraa").mkdir()
    with (tmp_path / "byraa/.lock").open("w") as other:
        flock(other, LOCK_EX)
        with pytest.raises(ChannelDown):
            hand_over(batch(), tmp_path)
    hand_over(batch(), tmp_path)
    assert files_below(tmp_path) == WHOLE


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EIO, errno.EROFS])
@pytest.mark.parametrize("call", [(Path, "write_bytes"), (os, "fsync"), (Path, "rename"), (Path, "mkdir")], ids=str)
def test_a_disk_that_says_no_means_try_later_and_leaves_nothing_half(tmp_path, monkeypatch, number, call):
    def says_no(*_, **__):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(*call, says_no)
        with pytest.raises(ChannelDown, match=os.strerror(number)):
            hand_over(batch(), tmp_path)
    assert files_below(tmp_path) in ([], ["byraa/.lock"])
    hand_over(batch(), tmp_path)
    assert files_below(tmp_path) == WHOLE


def test_a_disk_that_is_full_in_the_middle_of_a_letter_leaves_nothing_half(tmp_path):
    big = letter(2, **as_pdf(blank_pdf("x" * 200_000)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(ChannelDown):
            hand_over(batch(letter(1), big), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files_below(tmp_path) == ["byraa/.lock"]


def test_a_file_standing_where_the_folder_should_be_means_try_later(tmp_path):
    (tmp_path / "byraa").write_text("not a folder")
    with pytest.raises(ChannelDown):
        hand_over(batch(), tmp_path)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (letter(3, dispatch_id="../../etc/cron.d/x"), "wrong_dispatch_id"),
        (letter(3, dispatch_id="AAAAAAAA-0000-0000-0000-000000000003"), "wrong_dispatch_id"),
        (letter(3, dispatch_id=""), "wrong_dispatch_id"),
        (letter(3, **as_pdf(b"PK\x03\x04")), "INVALID_PDF"),
        (letter(3, **as_pdf(b"")), "INVALID_PDF"),
        (letter(3, **as_pdf(b"%PDF-1.7\nnot really")), "PDF_PARSE_ERROR"),
        (letter(3, sha256="0" * 64), "other_bytes_than_kept"),
        (letter(3, pages=0), "OTHER_NUMBER_OF_PAGES"),
        (letter(3, pages=2), "OTHER_NUMBER_OF_PAGES"),
        (letter(3, pages=21, **as_pdf(blank_pdf(pages=21))), "TOO_MANY_PAGES_FOR_AUTOMATED_PRINT"),
        (letter(3, **as_pdf(blank_pdf("x" * 10_000_000))), "DOCUMENT_TOO_LARGE"),
        (letter(3, name=" "), "no_address"),
        (letter(3, address_lines=()), "no_address"),
        (letter(3, address_lines=("", " ")), "no_address"),
        (letter(3, name="\ud800"), "unwritable_address"),
        (letter(3, name="Kari\0"), "unwritable_address"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_letter_that_is_wrong_is_refused_with_a_code_and_the_others_are_printed(tmp_path, wrong, told):
    became = hand_over(batch(letter(1), wrong, letter(2)), tmp_path)
    assert became[wrong.dispatch_id] == (OutcomeKind.REFUSED, told)
    assert became[ONE] == became[TWO] == (OutcomeKind.TAKEN, "")
    assert files_below(tmp_path) == WHOLE


def test_a_letter_given_twice_is_printed_once(tmp_path):
    assert hand_over(batch(letter(1), letter(1), letter(2)), tmp_path) == dict.fromkeys((ONE, TWO), TAKEN)
    assert files_below(tmp_path) == WHOLE


def test_of_two_letters_with_one_id_neither_is_printed(tmp_path):
    became = hand_over(batch(letter(1), letter(2), letter(1, **as_pdf(blank_pdf("other")))), tmp_path)
    assert became == {ONE: (OutcomeKind.REFUSED, "two_letters_with_one_id"), TWO: TAKEN}


def test_a_letter_refused_before_and_printable_now_does_not_take_the_batch_that_left_with_it(tmp_path):
    long = letter(2, pages=3, **as_pdf(blank_pdf("long", pages=3)))
    short = PrintPost(PrintPost.Settings().load({"max_pages": 2})).provide_channels()[0]
    first = {one.dispatch_id: one.kind for one in short.hand_over(account(tmp_path), batch(letter(1), long), WALL)}
    assert first == {ONE: OutcomeKind.TAKEN, TWO: OutcomeKind.REFUSED}
    assert hand_over(batch(letter(1), long), tmp_path) == {
        ONE: ALREADY,
        TWO: (OutcomeKind.REFUSED, "batch_left_without_it"),
    }


def test_with_nothing_that_can_be_printed_nothing_is_written(tmp_path):
    became = hand_over(batch(letter(1, pages=0), letter(3, pdf=b"")), tmp_path)
    assert {kind for kind, _ in became.values()} == {OutcomeKind.REFUSED}
    assert files_below(tmp_path) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"batch_id": ""},
        {"batch_id": "../outside"},
        {"batch_id": ".."},
        {"batch_id": "a/b"},
        {"batch_id": "x" * 101},
    ],
)
def test_no_number_of_a_batch_becomes_a_path(tmp_path, changes):
    assert {kind for kind, _ in hand_over(batch(**changes), tmp_path).values()} == {OutcomeKind.REFUSED}
    assert files_below(tmp_path) == []


@pytest.mark.parametrize("tenant", ["..", ".hidden", "x" * 64])
def test_a_folder_that_is_no_tenants_own_is_not_written_to(tmp_path, tenant):
    with pytest.raises(ChannelDown, match="no_folder"):
        hand_over(batch(), tmp_path, tenant)
    with pytest.raises(ChannelDown, match="no_folder"):
        list(CHANNEL.hand_over(Account({}, {}), batch(), WALL))
    assert files_below(tmp_path) == []


def test_of_an_empty_batch_nothing_is_written(tmp_path):
    assert hand_over(replace(batch(), letters=()), tmp_path) == {}
    assert files_below(tmp_path) == []


def test_the_tenant_may_set_how_many_pages_its_print_house_takes(tmp_path):
    channel = PrintPost(PrintPost.Settings().load({"max_pages": 2})).provide_channels()[0]
    [refused] = channel.hand_over(account(tmp_path), batch(letter(1, pages=3, **as_pdf(blank_pdf(pages=3)))), WALL)
    assert refused.code == "TOO_MANY_PAGES_FOR_AUTOMATED_PRINT"


# --- the manifest ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["=1+1", "+47", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "＝1", "'=1", "=cmd|' /C calc'!A0"]
)
def test_no_name_is_taken_for_a_formula_by_a_spreadsheet(name):
    _, row = csv.reader(io.StringIO(manifest(batch(letter(1, name=name))).decode(), newline=""), delimiter=";")
    assert row[4] == "'" + name
    assert read_manifest(manifest(batch(letter(1, name=name))))[0]["name"] == name


def test_an_ordinary_name_is_written_as_it_is():
    for name in ("Kari O'Prøve", 'Ærlig Øy-Åsen; "Bedriften" AS', "Nord-Norge AS"):
        _, row = csv.reader(io.StringIO(manifest(batch(letter(1, name=name))).decode(), newline=""), delimiter=";")
        assert row[4] == name


_TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20) | st.sampled_from(
    ["'", "''", "'=", '";"', ";=1", "\r\n", "\n=1", "'\n", '"']
)


@settings(database=None, deadline=None, max_examples=200)
@given(_TEXT, st.lists(_TEXT, min_size=1, max_size=5))
def test_every_text_comes_out_of_the_manifest_exactly(name, lines):
    first, second = read_manifest(manifest(batch(letter(1, name=name, address_lines=tuple(lines)), letter(2))))
    assert (first["name"], [first[f"address_{n}"] for n in range(1, len(lines) + 1)]) == (name, lines)
    assert (second["dispatch_id"], second["name"]) == (str(UUID(int=2)), "Kari Prøve 2")


# --- days -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handed_over_on", "expected"),
    [
        (date(2026, 11, 19), date(2026, 11, 20)),  # Thursday → Friday
        (date(2026, 11, 20), date(2026, 11, 23)),  # Friday → Monday
        (date(2026, 11, 21), date(2026, 11, 23)),
        (date(2026, 3, 31), date(2026, 4, 1)),  # Tuesday before Easter → Wednesday
        (date(2026, 4, 1), date(2026, 4, 7)),  # Wednesday before Easter → Tuesday after
        (date(2026, 12, 31), date(2027, 1, 4)),
    ],
)
def test_a_letter_is_expected_to_be_posted_on_the_next_banking_day(handed_over_on, expected):
    assert CHANNEL.expected_sending(datetime.combine(handed_over_on, time(9))) == expected


# --- receipts -------------------------------------------------------------------------------------------------------

HEADER = "dispatch_id;state;posted_on;code\n"


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "byraa/receipts"
    folder.mkdir(parents=True)
    return folder


def test_a_receipt_tells_what_was_posted_when_and_what_failed_and_why(tmp_path, inbox):
    (inbox / "a.csv").write_text(f"{HEADER}{ONE};posted;2026-11-23;\n{TWO};failed;;unknown_address\n")
    assert receipts(tmp_path) == [
        (
            "a.csv",
            (
                DeliveryReceipt(ONE, ReceiptState.SENT, date(2026, 11, 23), "", f"{ONE};posted;2026-11-23;"),
                DeliveryReceipt(TWO, ReceiptState.FAILED, None, "unknown_address", f"{TWO};failed;;unknown_address"),
            ),
        )
    ]


def test_before_the_first_receipt_there_are_none(tmp_path):
    assert receipts(tmp_path) == []
    assert problems(tmp_path) == ()


@pytest.mark.parametrize("prefix", [HEADER, "", "\ufeff" + HEADER, HEADER.replace("\n", "\r\n"), HEADER + "\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_header_line_ends_and_byte_order_mark_make_no_difference(tmp_path, inbox, prefix, end):
    (inbox / "a.csv").write_bytes(f"{prefix}{ONE};posted;2026-11-23;{end}".encode())
    [(_, [receipt])] = receipts(tmp_path)
    assert (receipt.dispatch_id, receipt.on) == (ONE, date(2026, 11, 23))


def test_a_line_said_twice_counts_once(tmp_path, inbox):
    (inbox / "a.csv").write_text(f"{ONE};posted;2026-11-23;\n" * 2)
    assert len(receipts(tmp_path)[0][1]) == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"{ONE};posted;2026-11-23", "har 3 felt og skal ha 4"),
        (f"{ONE};posted;2026-11-23;;x", "har 5 felt og skal ha 4"),
        (f"{ONE},posted,2026-11-23,", "har 1 felt"),
        (";posted;2026-11-23;", "dispatch_id er ikke en UUID"),
        ("../../x;posted;2026-11-23;", "dispatch_id er ikke en UUID"),
        ("=1+1;posted;2026-11-23;", "dispatch_id er ikke en UUID"),
        (f"{ONE};printed;2026-11-23;", "state skal være posted eller failed"),
        (f"{ONE};posted;;", "posted_on skal være en dato"),
        (f"{ONE};posted;23.11.2026;", "posted_on skal være en dato"),
        (f"{ONE};posted;20261123;", "posted_on skal være en dato"),
        (f"{ONE};posted;2026-02-30;", "posted_on skal være en dato"),
        (f"{ONE};failed;2026-11-23;x", "kan ikke ha en postdato"),
        (f"{ONE};failed;;{'x' * 101}", "koden kan ikke leses"),
        (f"{ONE};failed;;\0", "koden kan ikke leses"),
        (f"{TWO};failed;;x", "sier noe annet om det samme brevet enn en linje over"),
    ],
)
def test_a_line_that_cannot_be_read_keeps_its_file_out_and_is_named(tmp_path, inbox, line, told):
    (inbox / "bad.csv").write_text(f"{HEADER}{TWO};posted;2026-11-23;\n{line}\n")
    (inbox / "good.csv").write_text(f"{HEADER}{ONE};posted;2026-11-23;\n")
    assert [name for name, _ in receipts(tmp_path)] == ["good.csv"]
    [problem] = problems(tmp_path)
    assert str(problem).startswith("Kvitteringsfilen 'bad.csv', linje 3: ")
    assert told in str(problem)


def test_when_only_unreadable_receipts_are_left_it_is_said_aloud(tmp_path, inbox):
    (inbox / "bad.csv").write_text("tull\n")
    assert receipts(tmp_path) == []
    assert "'bad.csv', linje 1" in problems(tmp_path)[0]


def test_a_receipt_somebody_has_mended_is_read(tmp_path, inbox):
    (inbox / "a.csv").write_text(f"{ONE};posted;i går;\n")
    assert receipts(tmp_path) == []
    (inbox / "a.csv").write_text(f"{ONE};posted;2026-11-23;\n")
    assert len(receipts(tmp_path)) == 1


def test_bytes_that_are_no_text_are_named_by_line(tmp_path, inbox):
    (inbox / "a.csv").write_bytes(HEADER.encode() + b"\xff\xfe\x00\n")
    assert "'a.csv', linje 2: teksten er ikke UTF-8" in str(problems(tmp_path)[0])


def test_a_link_out_of_the_folder_is_not_followed(tmp_path, inbox):
    secret = tmp_path / "secret.csv"
    secret.write_text(f"{ONE};posted;2026-11-23;\n")
    (inbox / "a.csv").symlink_to(secret)
    assert str(problems(tmp_path)[0]) == "Kvitteringsfilen 'a.csv' er ikke en vanlig fil."


def test_files_still_being_written_are_left_alone(tmp_path, inbox):
    (inbox / ".a.csv").write_text("half")
    (inbox / "a.csv.partial").write_text("half")
    assert receipts(tmp_path) == []
    assert problems(tmp_path) == ()


def test_a_receipt_that_is_taken_is_not_given_again_and_not_lost(tmp_path, inbox):
    (inbox / "a.csv").write_text(f"{ONE};posted;2026-11-23;\n")
    [page] = CHANNEL.receipts(account(tmp_path), WALL, WALL)
    for _ in range(2):
        CHANNEL.take_receipts(account(tmp_path), page.name)
    assert receipts(tmp_path) == []
    assert files_below(inbox) == ["taken/a.csv"]


def test_another_receipt_with_a_name_used_before_overwrites_nothing(tmp_path, inbox):
    for day in ("2026-11-23", "2026-11-24", "2026-11-25", "2026-11-25"):
        (inbox / "a.csv").write_text(f"{ONE};posted;{day};\n")
        take(tmp_path)
    assert files_below(inbox) == ["taken/a.2.csv", "taken/a.3.csv", "taken/a.csv"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a.csv",
        "receipts/a.csv",
        "receipts/../outgoing/x.csv#0123456789abcdef",
        "outgoing/a.csv#0123456789abcdef",
        "receipts/a.txt#0123456789abcdef",
        "receipts/.csv#0123456789abcdef",
        "/etc/passwd",
    ],
)
def test_only_a_receipt_file_can_be_taken(tmp_path, inbox, name):
    with pytest.raises(ValueError, match="not the name of a receipt file"):
        CHANNEL.take_receipts(account(tmp_path), name)


def test_receipts_of_another_tenant_are_out_of_reach(tmp_path, inbox):
    (inbox / "a.csv").write_text(f"{ONE};posted;2026-11-23;\n")
    assert receipts(tmp_path, "annet") == []
    with pytest.raises(ChannelDown):
        receipts(tmp_path, "annet/..")


def test_a_print_house_pushes_no_reports(tmp_path):
    with pytest.raises(ForgedEvent):
        CHANNEL.read_report(account(tmp_path), b"{}", {})


# --- returned letters -----------------------------------------------------------------------------------------------


@pytest.fixture
def returns(tmp_path):
    folder = tmp_path / "byraa/returns"
    folder.mkdir(parents=True)
    return folder


def test_a_letter_that_came_back_is_told_with_its_day_and_the_reason(tmp_path, returns):
    (returns / "a.csv").write_text(f"dispatch_id;returned_on;reason\n{ONE};2026-11-27;moved\n")
    line = f"{ONE};2026-11-27;moved"
    [(name, [receipt])] = receipts(tmp_path)
    assert name == "returns/a.csv"
    assert receipt == DeliveryReceipt(ONE, ReceiptState.RETURNED, date(2026, 11, 27), "moved", line)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"{ONE};2026-11-27", "har 2 felt og skal ha 3"),
        (f"{ONE};posted;2026-11-27;", "har 4 felt og skal ha 3"),
        (f"x{ONE};2026-11-27;moved", "dispatch_id er ikke en UUID"),
        (f"{ONE};27.11.2026;moved", "returned_on skal være en dato"),
        (f"{ONE};;moved", "returned_on skal være en dato"),
        (f"{ONE};2026-11-27;{'x' * 101}", "koden kan ikke leses"),
        (f"{TWO};2026-11-28;moved", "sier noe annet om det samme brevet enn en linje over"),
    ],
)
def test_a_return_that_cannot_be_read_keeps_its_file_out_and_is_named(tmp_path, returns, inbox, line, told):
    (returns / "bad.csv").write_text(f"{TWO};2026-11-27;moved\n{line}\n")
    (returns / "good.csv").write_text(f"{ONE};2026-11-27;moved\n")
    (inbox / "good.csv").write_text(f"{ONE};posted;2026-11-23;\n")
    assert [name for name, _ in receipts(tmp_path)] == ["good.csv", "returns/good.csv"], "receipts come first"
    [problem] = problems(tmp_path)
    assert problem.startswith("Returfilen 'bad.csv', linje 2: ")
    assert told in problem


def test_returns_and_receipts_under_one_name_are_taken_apart(tmp_path, returns, inbox):
    (returns / "a.csv").write_text(f"{ONE};2026-11-27;moved\n")
    (inbox / "a.csv").write_text(f"{ONE};posted;2026-11-23;\n")
    take(tmp_path, "returns/a.csv")
    assert [name for name, _ in receipts(tmp_path)] == ["a.csv"]
    assert files_below(returns) == ["taken/a.csv"]


# --- files that change ----------------------------------------------------------------------------------------------


def test_a_file_that_grew_after_it_was_read_is_not_moved_away_and_is_read_again_under_another_name(tmp_path, inbox):
    (inbox / "a.csv").write_text(f"{ONE};posted;2026-11-23;\n")
    [half] = CHANNEL.receipts(account(tmp_path), WALL, WALL)
    with (inbox / "a.csv").open("a") as file:
        file.write(f"{TWO};posted;2026-11-23;\n")
    CHANNEL.take_receipts(account(tmp_path), half.name)
    [whole] = CHANNEL.receipts(account(tmp_path), WALL, WALL)
    assert whole.name != half.name
    assert [receipt.dispatch_id for receipt in whole.receipts] == [ONE, TWO]


def test_the_same_content_is_the_same_page_whenever_it_comes(tmp_path, inbox):
    names = set()
    for _ in range(2):
        (inbox / "a.csv").write_text(f"{ONE};posted;2026-11-23;\n")
        names |= {page.name for page in CHANNEL.receipts(account(tmp_path), WALL, WALL)}
        take(tmp_path)
    assert len(names) == 1


def test_a_name_used_again_for_another_day_is_another_page(tmp_path, inbox):
    names = set()
    for day in ("2026-11-23", "2026-11-24"):
        (inbox / "a.csv").write_text(f"{ONE};posted;{day};\n")
        names |= {page.name for page in CHANNEL.receipts(account(tmp_path), WALL, WALL)}
        take(tmp_path)
    assert len(names) == 2


def test_a_file_changed_a_moment_ago_is_left_to_settle_where_that_is_agreed(tmp_path, inbox):
    patient = PrintPost(PrintPost.Settings().load({"settle_seconds": 60})).provide_channels()[0]
    (inbox / "a.csv").write_text(f"{ONE};posted;2026-11-23;\n")
    for age, read in ((59, 0), (60, 1)):
        changed = WALL.timestamp() - age
        os.utime(inbox / "a.csv", (changed, changed))
        assert len(list(patient.receipts(account(tmp_path), WALL, WALL))) == read
