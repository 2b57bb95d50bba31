"""The print house takes batches, prints each letter once and writes receipts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
import typst

from plugins.print_post import PrintPost
from saas.hooks import Account, OutgoingBatch, OutgoingLetter, Party
from saas.simulators.print_house import BadBatch, DoublePrint, PrintHouse
from tests.pdfs import blank_pdf

FRIDAY, SATURDAY, MONDAY, TUESDAY, FRIDAY_AFTER = (date(2026, 11, day) for day in (20, 21, 23, 24, 27))
CHANNEL = PrintPost(PrintPost.Settings().load({})).provide_channels()[0]
WALL = datetime(2026, 11, 20, 8, tzinfo=UTC)
ONE, TWO, THREE = (str(UUID(int=number)) for number in (1, 2, 3))


def account(folder):
    return Account({}, {}, "", folder / "byraa")


def letter(dispatch_id, **changes):
    pdf = blank_pdf(dispatch_id)
    to = Party("=Kari Prøve", ("Storgata 1",), "0155", "OSLO")
    made = OutgoingLetter(
        dispatch_id, "reminder", "Brev fra Fjord", pdf, sha256(pdf).hexdigest(), to, Party("Fjord", ())
    )
    return replace(made, **changes)


def hand_over(folder, batch_id, *letters):
    made = tuple(one if isinstance(one, OutgoingLetter) else letter(one) for one in letters)
    for _ in CHANNEL.hand_over(account(folder), OutgoingBatch(batch_id, "byraa", FRIDAY, made), WALL):
        pass


def receipts(folder):
    found = CHANNEL.receipts(account(folder), WALL, WALL)
    return {file_of(page): [(r.dispatch_id, r.state, r.on, r.code) for r in page.receipts] for page in found}


def file_of(page):
    return page.name.partition("#")[0].removeprefix("receipts/")


def test_a_batch_is_printed_moved_and_receipted(tmp_path):
    hand_over(tmp_path, "b1", ONE, TWO)
    done = PrintHouse(tmp_path).work(MONDAY, "byraa")
    assert [(one.dispatch_id, one.state, one.posted_on, one.letter["name"]) for one in done] == [
        (ONE, "posted", MONDAY, "=Kari Prøve"),
        (TWO, "posted", MONDAY, "=Kari Prøve"),
    ]
    assert receipts(tmp_path) == {"b1.csv": [(ONE, "sent", MONDAY, ""), (TWO, "sent", MONDAY, "")]}
    assert (tmp_path / "byraa/taken/b1/manifest.csv").exists()
    assert not (tmp_path / "byraa/outgoing/b1").exists()


def test_nobody_works_on_a_saturday(tmp_path):
    hand_over(tmp_path, "b1", ONE)
    assert PrintHouse(tmp_path).work(SATURDAY, "byraa") == []
    assert receipts(tmp_path) == {}


def test_a_tenant_that_never_sent_anything_is_no_trouble(tmp_path):
    assert PrintHouse(tmp_path).work(MONDAY, "byraa") == []


def test_working_again_does_nothing_more_whoever_does_it(tmp_path):
    hand_over(tmp_path, "b1", ONE)
    house = PrintHouse(tmp_path)
    house.work(MONDAY, "byraa")
    for page in CHANNEL.receipts(account(tmp_path), WALL, WALL):
        CHANNEL.take_receipts(account(tmp_path), page.name)
    for again in (house, PrintHouse(tmp_path)):
        assert again.work(MONDAY, "byraa") == []
        assert again.work(TUESDAY, "byraa") == []
    assert receipts(tmp_path) == {}


def test_killed_before_the_receipt_was_sent_it_is_sent_with_the_day_of_posting(tmp_path):
    hand_over(tmp_path, "b1", ONE)
    PrintHouse(tmp_path).work(MONDAY, "byraa")
    (tmp_path / "byraa/receipts/b1.csv").unlink()
    (tmp_path / "byraa/taken/b1/published").unlink()
    assert PrintHouse(tmp_path).work(TUESDAY, "byraa") == []
    assert receipts(tmp_path) == {"b1.csv": [(ONE, "sent", MONDAY, "")]}


def test_killed_before_the_batch_was_moved_nothing_was_printed_and_the_next_day_counts(tmp_path, monkeypatch):
    hand_over(tmp_path, "b1", ONE)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            PrintHouse(tmp_path).work(MONDAY, "byraa")
    assert receipts(tmp_path) == {}
    PrintHouse(tmp_path).work(TUESDAY, "byraa")
    assert receipts(tmp_path) == {"b1.csv": [(ONE, "sent", TUESDAY, "")]}


@pytest.mark.parametrize("same_house", [True, False])
def test_a_letter_that_comes_twice_is_not_printed_and_the_other_batches_are(tmp_path, same_house):
    house = PrintHouse(tmp_path)
    hand_over(tmp_path, "b1", ONE)
    house.work(MONDAY, "byraa")
    hand_over(tmp_path, "b2", TWO, ONE)
    hand_over(tmp_path, "b3", THREE)
    with pytest.raises(DoublePrint, match=f"{ONE} in b2 was printed before, in b1"):
        (house if same_house else PrintHouse(tmp_path)).work(TUESDAY, "byraa")
    assert sorted(receipts(tmp_path)) == ["b1.csv", "b3.csv"]
    assert (tmp_path / "byraa/outgoing/b2").exists()


def test_two_batches_of_one_day_with_the_same_letter_are_noticed(tmp_path):
    hand_over(tmp_path, "b1", ONE)
    hand_over(tmp_path, "b2", ONE)
    with pytest.raises(DoublePrint):
        PrintHouse(tmp_path).work(MONDAY, "byraa")
    assert list(receipts(tmp_path)) == ["b1.csv"]


def test_chosen_letters_fail_with_their_code_and_may_come_again(tmp_path):
    hand_over(tmp_path, "b1", ONE, TWO)
    done = PrintHouse(tmp_path, fail={TWO: "unknown_address"}).work(MONDAY, "byraa")
    assert [(one.state, one.code) for one in done] == [("posted", ""), ("failed", "unknown_address")]
    assert receipts(tmp_path)["b1.csv"][1] == (TWO, "failed", None, "unknown_address")
    hand_over(tmp_path, "b2", TWO)
    assert [one.state for one in PrintHouse(tmp_path).work(TUESDAY, "byraa")] == ["posted"]


def test_a_slow_print_house_takes_the_batch_so_many_days_after_it_saw_it(tmp_path):
    hand_over(tmp_path, "b1", ONE)
    assert PrintHouse(tmp_path, slow_days=1).work(FRIDAY, "byraa") == []
    assert PrintHouse(tmp_path, slow_days=1).work(FRIDAY, "byraa") == []
    assert PrintHouse(tmp_path, slow_days=1).work(SATURDAY, "byraa") == []
    [done] = PrintHouse(tmp_path, slow_days=1).work(MONDAY, "byraa")
    assert done.posted_on == MONDAY


def in_the_batch(folder, name):
    return folder / "byraa/outgoing/b1" / name


def change_letter(folder):
    in_the_batch(folder, f"{ONE}.pdf").write_bytes(b"%PDF-1.7 something else")


def not_a_pdf(folder):
    in_the_batch(folder, f"{ONE}.pdf").write_bytes(b"hello")


def lose_letter(folder):
    in_the_batch(folder, f"{ONE}.pdf").unlink()


def lose_manifest(folder):
    in_the_batch(folder, "manifest.csv").unlink()


def empty_manifest(folder):
    in_the_batch(folder, "manifest.csv").write_bytes(b"")


def cut_manifest(folder):
    manifest = in_the_batch(folder, "manifest.csv")
    manifest.write_bytes(manifest.read_bytes()[:-30])


def other_path(folder):
    manifest = in_the_batch(folder, "manifest.csv")
    manifest.write_bytes(manifest.read_bytes().replace(f"{ONE}.pdf".encode(), b"../../../secret.pdf"))


def pages_in_words(folder):
    manifest = in_the_batch(folder, "manifest.csv")
    manifest.write_bytes(manifest.read_bytes().replace(b'"1";', b'"en";'))


def no_pages(folder):
    manifest = in_the_batch(folder, "manifest.csv")
    manifest.write_bytes(manifest.read_bytes().replace(b'"1";', b'"0";'))


@pytest.mark.parametrize(
    "spoil",
    [
        change_letter,
        not_a_pdf,
        lose_letter,
        lose_manifest,
        empty_manifest,
        cut_manifest,
        other_path,
        pages_in_words,
        no_pages,
    ],
)
def test_a_batch_that_does_not_agree_with_its_manifest_is_not_printed(tmp_path, spoil):
    hand_over(tmp_path, "b1", ONE)
    spoil(tmp_path)
    with pytest.raises(BadBatch):
        PrintHouse(tmp_path).work(MONDAY, "byraa")
    assert receipts(tmp_path) == {}
    assert (tmp_path / "byraa/outgoing/b1").exists()


@pytest.fixture(scope="module")
def three_pages(tmp_path_factory):
    source = tmp_path_factory.mktemp("typst") / "letter.typ"
    source.write_text("#set document(title: [Brev])\nHei\n#pagebreak()\nto\n#pagebreak()\ntre")
    return typst.compile(str(source), pdf_standards=["a-2a"])


@pytest.mark.parametrize(("told", "printed"), [(3, True), (2, False)])
def test_a_real_letter_must_have_the_pages_the_manifest_says(tmp_path, three_pages, told, printed):
    hand_over(tmp_path, "b1", letter(ONE, pdf=three_pages, sha256=sha256(three_pages).hexdigest(), pages=3))
    manifest = in_the_batch(tmp_path, "manifest.csv")
    manifest.write_bytes(manifest.read_bytes().replace(b'"3";', f'"{told}";'.encode()))
    if printed:
        assert len(PrintHouse(tmp_path).work(MONDAY, "byraa")) == 1
    else:
        with pytest.raises(BadBatch, match="has 3 pages, the manifest says 2"):
            PrintHouse(tmp_path).work(MONDAY, "byraa")


# --- what comes back, and what goes wrong on the way ----------------------------------------------------------------

THURSDAY = date(2026, 11, 26)


def test_letters_that_come_back_are_told_once_some_days_later_and_more_of_them_as_they_come(tmp_path):
    hand_over(tmp_path, "b1", ONE, TWO, THREE)
    house = PrintHouse(tmp_path, returns={ONE: "moved", THREE: "unknown"})
    house.work(MONDAY, "byraa")
    house.work(TUESDAY, "byraa")
    assert "returns/b1.csv" not in receipts(tmp_path)
    for again in (house, PrintHouse(tmp_path, returns={ONE: "moved"})):
        again.work(THURSDAY, "byraa")
        assert receipts(tmp_path)["returns/b1.csv"] == [
            (ONE, "returned", THURSDAY, "moved"),
            (THREE, "returned", THURSDAY, "unknown"),
        ]
        for page in CHANNEL.receipts(account(tmp_path), WALL, WALL):
            CHANNEL.take_receipts(account(tmp_path), page.name)
        (again.folder / "byraa/taken/b1/returned-told.csv").unlink()  # killed before it was noted: told again
    PrintHouse(tmp_path, returns={ONE: "moved", TWO: "refused"}).work(FRIDAY_AFTER, "byraa")
    assert receipts(tmp_path)["returns/b1.csv"][1] == (TWO, "returned", FRIDAY_AFTER, "refused")


def test_a_letter_that_was_never_posted_does_not_come_back(tmp_path):
    hand_over(tmp_path, "b1", ONE)
    house = PrintHouse(tmp_path, fail={ONE: "torn"}, returns={ONE: "moved"})
    house.work(MONDAY, "byraa")
    house.work(THURSDAY, "byraa")
    assert list(receipts(tmp_path)) == ["b1.csv"]


def test_a_receipt_sent_twice_says_the_same_twice(tmp_path):
    hand_over(tmp_path, "b1", ONE)
    PrintHouse(tmp_path, twice=True).work(MONDAY, "byraa")
    told = receipts(tmp_path)
    assert sorted(told) == ["b1-again.csv", "b1.csv"]
    assert told["b1-again.csv"] == told["b1.csv"]


def test_a_receipt_written_half_is_kept_out_and_read_when_it_is_whole(tmp_path):
    hand_over(tmp_path, "b1", ONE, TWO)
    house = PrintHouse(tmp_path, halves=True)
    house.work(MONDAY, "byraa")
    assert receipts(tmp_path) == {}
    assert len(CHANNEL.receipt_problems(account(tmp_path))) == 1
    house.work(MONDAY, "byraa")
    assert [dispatch_id for dispatch_id, *_ in receipts(tmp_path)["b1.csv"]] == [ONE, TWO]
    assert CHANNEL.receipt_problems(account(tmp_path)) == ()


def test_a_half_that_ends_with_a_line_and_was_moved_away_is_followed_by_the_whole(tmp_path):
    hand_over(tmp_path, "b1", ONE, TWO)
    house = PrintHouse(tmp_path, halves=True)
    house.work(MONDAY, "byraa")
    half = tmp_path / "byraa/receipts/b1.csv"
    half.write_text("dispatch_id;state;posted_on;code\n" + f"{ONE};posted;{MONDAY};\n")
    for page in CHANNEL.receipts(account(tmp_path), WALL, WALL):
        CHANNEL.take_receipts(account(tmp_path), page.name)
    assert not half.exists()
    house.work(MONDAY, "byraa")
    assert [dispatch_id for dispatch_id, *_ in receipts(tmp_path)["b1.csv"]] == [ONE, TWO]


def test_a_print_house_that_is_down_does_nothing_and_takes_it_up_later(tmp_path):
    hand_over(tmp_path, "b1", ONE)
    assert PrintHouse(tmp_path, down=True).work(MONDAY, "byraa") == []
    assert len(PrintHouse(tmp_path).work(TUESDAY, "byraa")) == 1


def test_what_is_no_a4_or_locked_is_not_printed(tmp_path):
    for number, (pdf, told) in enumerate(
        [(blank_pdf("a5", size=(419.5, 595.3)), "148 × 210 mm and not A4"), (blank_pdf("x", password="x"), "encrypted")]
    ):
        hand_over(tmp_path, f"b{number}", ONE)
        in_it = tmp_path / f"byraa/outgoing/b{number}"
        manifest = (in_it / "manifest.csv").read_text()
        (in_it / "manifest.csv").write_text(manifest.replace(letter(ONE).sha256, sha256(pdf).hexdigest()))
        (in_it / f"{ONE}.pdf").write_bytes(pdf)
        with pytest.raises(BadBatch, match=told):
            PrintHouse(tmp_path).work(MONDAY, "byraa")
        for file in in_it.iterdir():
            file.unlink()
        in_it.rmdir()
