"""The demo's story, in short: its totals agree with what lies outside, and it can be told again."""

import pytest

from saas.demo import story, totals
from saas.demo.make_invoices import INVOICES
from saas.demo.people import CAST

NIGHTS = 25


def cast_only():
    """The shipped file with everybody else's lines blank, so that lines keep their numbers."""
    heading, *lines = INVOICES.read_text().splitlines()
    names = [f";{role.name};" for role in CAST]
    kept = [line if any(name in line for name in names) else "" for line in lines]
    return "\n".join([heading, *kept, ""]).encode()


@pytest.fixture(scope="module")
def told(servers):
    lines = []
    story.tell(servers, nights=NIGHTS, invoices=cast_only(), suffix="-short", say=lines.append)
    return lines


def said(lines, *words):
    return any(all(word in line for word in words) for line in lines)


def test_it_ends_with_totals_that_agree(told):
    assert said(told, "All totals agree")
    assert not said(told, "≠")


def test_it_tells_what_happened_to_people_and_why(told):
    assert said(told, "Kari Solvang: pays 1 292,68 kr", "closed, paid")
    assert said(told, "Per Rønning: on hold", "vulnerable")
    assert said(told, "Marte Lunde: on hold", "no address")
    assert said(told, "Bakken Snekkerverksted", "found by the case number")


def test_more_time_is_refused_in_words_that_name_who_said_what_and_when(told):
    assert said(told, "Ingrid Myrvoll", "Refused")
    assert said(told, "Nordlys Kraft AS meldte 2. mars")
    assert said(told, "Jonas Tveit", "Granted")


def test_told_again_it_only_shows_the_end(told, servers):
    again = []
    story.tell(servers, nights=NIGHTS, invoices=cast_only(), suffix="-short", say=again.append)
    assert said(again, "The story is told")
    assert not said(again, "Week ")
    start = next(n for n, line in enumerate(told) if line.startswith("Totals of Fjord"))
    start_again = next(n for n, line in enumerate(again) if line.startswith("Totals of Fjord"))
    assert told[start : start + 20] == again[start_again : start_again + 20]


def test_interrupted_it_goes_on_and_ends_the_same(told, servers):
    cut_short, rest = [], []

    class Killed(Exception):
        pass

    def say_until_killed(line):
        cut_short.append(line)
        if "asks for more time" in line:  # in the middle of a day, inside a transaction
            raise Killed

    with pytest.raises(Killed):
        story.tell(servers, nights=NIGHTS, invoices=cast_only(), suffix="-cut", say=say_until_killed)
    story.tell(servers, nights=NIGHTS, invoices=cast_only(), suffix="-cut", say=rest.append)
    assert said(rest, "interrupted")
    assert said(rest, "All totals agree")


def test_a_payment_that_is_in_no_bank_file_does_not_go_unnoticed(told, servers, monkeypatch):
    honest = totals.payments_in
    monkeypatch.setattr(totals, "payments_in", lambda file: [*honest(file), 100])
    noticed = []
    with pytest.raises(SystemExit) as ended:
        story.tell(servers, nights=NIGHTS, invoices=cast_only(), suffix="-short", say=noticed.append)
    assert ended.value.code == 1
    assert said(noticed, "≠")
