"""Every code a channel or its simulator can give, and every reason a letter is withdrawn, has words for people."""

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

import saas.portals.shared.language  # noqa: F401 - brings translations
from plugins.sms.codes import ERRORS, RESULTS, told
from saas.cases.letters import CaseLetter
from saas.dispatch.codes import words_of, words_of_code
from saas.documents.letter import LetterKind
from saas.portals.admin.dispatch_words import ATTENTION, why_of
from saas.portals.shared.letter_words import why_words
from saas.rules.facts import HoldReason
from saas.rules.words import ENGLISH, NYNORSK, Words, catalogue
from saas.simulators.digipost.refusals import SORT_OF
from saas.simulators.email.server import _AT_DATA, _AT_MAIL, _AT_RCPT
from tests.house.test_translations import PROJECT

CHANNELS = ("digipost", "email", "portal_mailbox", "print_post", "sms")
GIVING = {"Outcome", "Trouble", "CannotSay", "ChannelDown", "NotTaken", "Unknown", "Stopped", "Down", "AlreadyThere"}
NO_CODES = {"", "digipost sends no reports", "no reports are pushed"}


def _calls(folder: Path, names: set[str], files: str = "*.py") -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(folder.rglob(files)):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and (name := getattr(node.func, "id", getattr(node.func, "attr", ""))) in names
            ):
                yield name, node


def _written_down(channel: str) -> set[str]:
    """Codes that stand as text in the plugin: what its outcomes and troubles are made with."""
    found = set()
    for name, call in _calls(PROJECT / "plugins" / channel, GIVING):
        texts = call.args[2:3] if name == "Outcome" else call.args[:1]
        found |= {arg.value for arg in texts if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}
    return found - NO_CODES


def _returned(file: str) -> set[str]:
    """Codes that are what a function of this file gives."""
    returns = [
        node for node in ast.walk(ast.parse((PROJECT / "plugins" / file).read_text())) if isinstance(node, ast.Return)
    ]
    given = [each for node in returns for each in _either(node.value)]
    return {each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)} - {""}


def _either(value: ast.expr | None) -> list[ast.expr | None]:
    return [*_either(value.body), *_either(value.orelse)] if isinstance(value, ast.IfExp) else [value]


def _replies() -> set[str]:
    """What the simulated mail server says no with: the code, and the finer one."""
    texts = [text.split() for replies in (_AT_MAIL, _AT_RCPT, _AT_DATA) for text in replies.values()]
    return {" ".join(words[: 2 if words[1][:1].isdigit() else 1]) for words in texts}


def codes_of(channel: str) -> set[str]:
    """Those written down, and examples of those that are put together or come from the other side."""
    more: dict[str, set[str]] = {
        "digipost": {*SORT_OF, "GENERAL_ERROR", "PRINT_FAILED UNKNOWN_ERROR", "SHREDDED", "HTTP_500", "ConnectTimeout"},
        "email": {*_replies(), "no_text", "unwritable_text", "failed 5.1.1", "failed 5.2.2", "failed 4.4.7", "535",
                  "timeout", "gaierror", "names_sum", "names_collection"},
        "portal_mailbox": {"available"},
        "print_post": {*_returned("print_post/printable.py"), "folder: No space left on device", "sftp: ConnectionLost",
                       "moved", "lost", "unknown_address"},
        "sms": {*map(told, RESULTS), told(9999), *(f"400 {code}" for code in ERRORS), *_returned("sms/message.py"),
                "401", "429", "500", "ConnectError", "names_sum", "names_collection"},
    }  # fmt: skip
    return _written_down(channel) | more[channel]


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_code_of_a_channel_has_plain_words_in_three_languages(channel: str) -> None:
    codes = codes_of(channel)
    assert len(codes) >= 4, "the search finds them"
    assert {code for code in codes if not words_of(channel, code)} == set()
    for language in (NYNORSK, ENGLISH):
        said = {words for code in codes if isinstance(words := words_of(channel, code), Words)}
        assert {str(words) for words in said if words.template not in catalogue(language)} == set()


def test_a_finer_code_is_known_by_what_it_is_a_kind_of_and_nonsense_is_left_alone() -> None:
    codes = {"5.1": "a", "moved": "b"}
    told = [words_of_code(codes, code) for code in ("550 5.1.1", "5.1.10", "moved", "returned: moved", "x", "9.9.9")]
    assert told == ["a", "a", "b", "b", "", ""]
    assert words_of("no_such_channel", "x") == ""
    assert words_of("no_such_channel", "HTTP_503") == "Tjenesten har problemer"


def test_every_reason_to_withdraw_a_letter_has_words_at_the_desk() -> None:
    rules = {
        call.args[0].value
        for file in ("case", "steps", "softer", "limitation")
        for _, call in _calls(PROJECT / "saas" / "rules", {"Because"}, f"{file}.py")
        if isinstance(call.args[0], ast.Constant)
    }
    assert len(rules) > 10, "the search finds them"
    holds = {f"hold{mark}{reason}" for mark in (":", ".") for reason in HoldReason}
    closed = {"closed:paid", "closed:withdrawn", "closed:joined", "closed:written_off"}
    here = set(
        """no_way contact_cap unknown_law incomplete deadline_too_short other_step other_fee by_hand address_changed
        objection_upheld costs_lost interest_paused posted_too_late sent_again opened failed:not_told returned:moved
        returned unreachable:digipost refused:print_post debtor_dead reopened paid_since answered deferral_ended
        deferred_since""".split()  # noqa: SIM905
    )
    wordless = {code for code in rules | holds | closed | here if why_of(code, "sms") == code}
    assert wordless == set()
    assert (
        why_of("failed:2104 bad_number_unknown", "sms")
        == "Kom ikke fram: nummeret finnes ikke (2104 bad_number_unknown)"
    )
    assert why_of("returned:moved", "print_post") == "Kom i retur: mottakeren er flyttet (moved)"
    assert why_of("hold.objection") == "Saken ble satt på vent: innsigelse"


def test_every_reason_to_stand_on_a_persons_list_has_words() -> None:
    set_here = {
        node.value
        for path in sorted((PROJECT / "saas" / "cases").glob("*.py"))
        for assign in ast.walk(ast.parse(path.read_text()))
        if isinstance(assign, ast.Assign) and any(getattr(t, "attr", "") == "attention" for t in assign.targets)
        for node in ast.walk(assign.value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value
    }
    constants = {"unknown", "returned", "protected", "no_way", "not_told", "incomplete", "unknown_law"}
    assert (set_here | constants) - ATTENTION.keys() == set()


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("closed:paid", "Kravet ble betalt før brevet ble sendt."),
        ("hold:objection", "Du sa at du er uenig før brevet ble sendt."),
        ("hold.deferred", "Du fikk mer tid før brevet ble sendt."),
        ("closed:written_off", "Saken ble avsluttet før brevet ble sendt."),
        ("closed:joined", "Saken ble slått sammen med en annen sak før brevet ble sendt."),
        ("address_changed", "Adressen stemte ikke."),
        ("by_hand", "Det var ikke lenger grunn til å sende brevet."),
    ],
)
def test_the_debtor_is_told_why_a_letter_was_withdrawn(why: str, words: str) -> None:
    letter = CaseLetter(uuid4(), 1, LetterKind.REMINDER, "withdrawn", date(2026, 3, 2), why, 0)
    assert why_words(letter) == words
