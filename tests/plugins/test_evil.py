"""No plugin can do harm: the softening suite over those that ship, and over those that try (`tests/plugins/evil/`)."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from saas.cases import deciding
from saas.hooks import Plugin
from saas.kernel.errors import ConfigurationError
from saas.testing.facts import a_case
from saas.testing.house import House
from saas.testing.purity import remarks_on
from saas.testing.softening import soften
from tenants import asking, guard, hooks
from tenants.hooks import FeeLimit
from tenants.installed import installed_plugins

FOLDER = Path(__file__).parent / "evil"
NAMES = {file.stem for file in FOLDER.glob("*.py")} - {"__init__", "base"}

STOPPED = {  # evil plugin → (hook, what the host says of its answer)
    "throws": {
        ("refuse_claim", "RuntimeError"), ("refuse_deferral", "KeyError"), ("limit_fee", "ZeroDivisionError"),
        ("hold_case", "SystemExit"), ("choose_channel", "ValueError"), ("extend_letter", "AssertionError"),
        ("extend_portal", "OSError"),
    },
    "wrong_type": {
        (hook, "WrongAnswer") for hook in ("refuse_claim", "refuse_deferral", "limit_fee", "hold_case",
                                           "choose_channel", "extend_letter", "extend_portal")
    },
    "mutates_facts": {
        (hook, "ChangedFacts") for hook in ("hold_case", "refuse_deferral", "limit_fee", "extend_letter")
    },
    "sleeps": {("hold_case", "SlowPlugin"), ("refuse_deferral", "SlowPlugin")},
    "recurses": {("hold_case", "RecursionError")},
    "opens_socket": {("hold_case", "NotPure"), ("refuse_deferral", "NotPure")},
    "reads_file": {("hold_case", "NotPure"), ("refuse_deferral", "NotPure")},
    "forks": {("hold_case", "NotPure"), ("refuse_deferral", "NotPure")},
    "bad_days": {("hold_case", "WrongAnswer"), ("choose_step", "WrongAnswer")},
    "negative_fee": {("limit_fee", "WrongAnswer")},
    "lying_values": {(hook, "WrongAnswer") for hook in ("limit_fee", "hold_case", "extend_letter")},
    "unlawful_step": {("choose_step", "WrongAnswer")},
    "skips_notice": {("choose_step", "WrongAnswer")},
    "unlawful_channel": {("choose_channel", "WrongAnswer")},
    "other_recipient": {("extend_letter", "WrongAnswer")},
    "script_in_panel": {("extend_portal", "WrongAnswer")},
    "huge_paragraph": {("extend_letter", "WrongAnswer"), ("extend_portal", "WrongAnswer")},
    "refuses_rights": {("refuse_claim", "WrongAnswer"), ("refuse_deferral", "WrongAnswer")},
    "raises_fee": set(),  # more than the law allows changes nothing: the lowest counts
    "markup": set(),  # printed as it stands: tests/cases/test_shipped_plugins.py
    "moves_the_day": set(),  # it moves a day of its own only
}  # fmt: skip
NOT_STARTED = {  # evil plugin → what start-up says
    "misspelt_hook": "answers no such hook",
    "wrong_arguments": "answers no such hook",
    "wraps_others": "wraps a hook",
    "imports_cases": "may not import saas.cases.models.Case",
}
WATCHED = {"hangs", "dies", "allocates"}
INSTALLED_ONLY = {"same_slug"}
FEW = {"sleeps": 3, "recurses": 10}


def evil(name: str) -> type[Plugin]:
    return import_module(f"tests.plugins.evil.{name}").Evil


def test_every_evil_plugin_is_tried_and_there_are_more_than_twenty():
    assert set(STOPPED) | set(NOT_STARTED) | WATCHED | INSTALLED_ONLY == NAMES
    assert len(NAMES) > 20


@pytest.mark.parametrize("name", sorted(STOPPED))
def test_an_evil_plugin_does_no_harm_and_what_it_tried_is_told(name):
    found = soften(evil(name), cases=FEW.get(name, 60))
    assert found.harms == ()
    assert {(each.hook, each.error) for each in found.stopped} == STOPPED[name]


def test_what_is_told_holds_no_word_of_a_person():
    found = soften(evil("throws"), cases=3)
    assert found.stopped
    assert not any("Kari" in f"{each}" or "0101" in f"{each}" for each in found.stopped)


@pytest.mark.parametrize("name", sorted(NOT_STARTED))
def test_a_plugin_that_cannot_be_right_stops_start_up_by_name(name):
    with pytest.raises(ConfigurationError, match=NOT_STARTED[name]) as stopped:
        House(evil(name))
    assert name in str(stopped.value)


def test_two_plugins_with_one_slug_stop_start_up(tmp_path, monkeypatch):
    about = tmp_path / "evil_same_slug-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: evil-same-slug\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[frist.plugins]\nquiet_weeks = tests.plugins.evil.same_slug:Evil\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    installed_plugins.cache_clear()
    try:
        with pytest.raises(ConfigurationError, match="Two plugins are called quiet_weeks"):
            installed_plugins()
    finally:
        monkeypatch.undo()
        installed_plugins.cache_clear()


# --- those that take their process with them ------------------------------------------------------------------------

_NIGHT = """
import sys
from importlib import import_module
from pathlib import Path
from tenants import guard
guard.STUCK_SECONDS = 0.5
guard.watch(Path(sys.argv[1]))
from saas.testing.facts import a_case
from saas.testing.house import House
house = House(import_module(f"tests.plugins.evil.{sys.argv[2]}").Evil)
decision = house.night(a_case())
print("DECIDED", decision.step, decision.why[0].code, *(each.error for each in house.troubles))
"""


def night_of(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parent.parent.parent
    return subprocess.run(
        [sys.executable, "-c", _NIGHT, str(folder), name],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_one_that_takes_a_gigabyte_is_refused_it_and_holds_the_case(tmp_path):
    ended = night_of(tmp_path, "allocates")
    said = ended.stdout.splitlines()[-1].split()
    assert (said[:3], set(said[3:])) == (["DECIDED", "None", "hold.plugin_trouble"], {"MemoryError"})
    assert list(guard.fallen(tmp_path)) == []


@pytest.mark.parametrize(("name", "status"), [("hangs", -9), ("dies", 3)])
def test_one_that_takes_its_process_with_it_is_known_by_name_afterwards(tmp_path, name, status):
    assert night_of(tmp_path, name).returncode == status
    (running,) = guard.fallen(tmp_path)
    assert (running.slug, running.hook) == (name, "hold_case")
    assert list(guard.fallen(tmp_path)) == []


# --- those that ship ------------------------------------------------------------------------------------------------

HARDEST = {
    "power_contract": [{"max_age_days": 366, "ask_when_ends_within_days": 0}, {"sources": ["Nordlys Kraft"]}],
    "quiet_weeks": [{"weeks": [1, 46, 47, 48, 49]}],
    "small_fee": [{"notice_fee_percent": 0, "collection_fee_percent": 0}, {"notice_fee_percent": 100}],
    "extra_reminder": [{"wait_days": 60, "only_people": False}],
    "kind_first": [{"wait_days": 60, "only_people": False}],
    "minimum_claim": [{"smallest_kroner": 100_000, "ask_months_before": 24}],
}


@pytest.mark.parametrize("slug", sorted(installed_plugins()))
def test_a_plugin_that_ships_does_no_harm_and_is_never_stopped(slug):
    plugin = installed_plugins()[slug].plugin
    for number, settings in enumerate([{}, *HARDEST.get(slug, [])]):
        found = soften(plugin, settings, cases=120, seed=number)
        assert (found.harms, found.stopped) == ((), ())


@pytest.mark.long
@pytest.mark.parametrize("slug", sorted(installed_plugins()))
def test_a_plugin_that_ships_does_no_harm_in_ten_thousand_cases(slug):
    for settings in [{}, *HARDEST.get(slug, [])]:
        found = soften(installed_plugins()[slug].plugin, settings, cases=10_000, seed=7)
        assert (found.harms, found.stopped) == ((), ())


@pytest.mark.parametrize("slug", sorted(installed_plugins()))
def test_the_source_of_a_plugin_that_ships_gives_nothing_to_remark(slug):
    assert remarks_on(installed_plugins()[slug].plugin) == []


@pytest.mark.parametrize("name", ["opens_socket", "reads_file", "forks", "sleeps", "imports_cases"])
def test_reading_the_source_finds_what_reaches_outside(name):
    assert remarks_on(evil(name))


# --- the suite itself: with a host that lets things through, it finds the harm --------------------------------------


def harms_of(name: str) -> set[str]:
    return {each.hook for each in soften(evil(name), cases=60).harms}


def test_the_suite_sees_a_fee_above_the_law(monkeypatch):
    def lets_through(self, fee, case):
        answers = [asked.answer(fee, case) for asked in self._rules["limit_fee"]]
        return FeeLimit(answers[0], "evil") if answers else FeeLimit(fee.amount_ore)

    monkeypatch.setattr(hooks.Hooks, "limit_fee", lets_through)
    assert harms_of("raises_fee") == {"limit_fee"}
    assert harms_of("negative_fee") >= {"limit_fee"}


def test_the_suite_sees_a_dearer_night(monkeypatch):
    dearer = deciding.limited

    def raised(decision, limits, facts, law):
        from dataclasses import replace

        costs = tuple(replace(cost, amount_ore=cost.amount_ore + 1) for cost in decision.costs)
        return replace(dearer(decision, limits, facts, law), costs=costs)

    monkeypatch.setattr(deciding, "limited", raised)
    assert harms_of("raises_fee") == {"the night"}


def test_the_suite_sees_values_that_lie(monkeypatch):
    monkeypatch.setattr(asking, "is_plain", lambda answer: True)
    assert harms_of("lying_values") >= {"limit_fee", "extend_letter"}


def test_the_suite_sees_facts_that_were_changed(monkeypatch):
    monkeypatch.setattr(asking, "_seen", lambda case: None)
    assert "any" in harms_of("mutates_facts")


def test_the_suite_sees_a_refusal_on_what_nobody_stands_by(monkeypatch):
    monkeypatch.setattr(hooks, "_doubted", lambda answer, case, today: answer)
    assert harms_of("moves_the_day") == {"refuse_deferral"}


def test_the_suite_sees_a_made_up_fact(monkeypatch):
    monkeypatch.setattr(hooks, "_is_grounded", lambda answer, case: True)
    monkeypatch.setattr(hooks, "_doubted", lambda answer, case, today: answer)
    assert harms_of("refuses_rights") == {"refuse_deferral"}


def test_the_suite_sees_a_way_out_that_was_not_on_offer(monkeypatch):
    monkeypatch.setattr(hooks, "_media", lambda answer, offer: tuple(answer))
    assert harms_of("unlawful_channel") == {"choose_channel"}


@pytest.mark.parametrize("name", ["other_recipient", "huge_paragraph"])
def test_the_suite_sees_text_that_is_no_paragraph(monkeypatch, name):
    monkeypatch.setattr(hooks, "_is_text", lambda answer: True)
    assert "extend_letter" in harms_of(name)


def test_the_suite_sees_a_link_that_leads_elsewhere(monkeypatch):
    monkeypatch.setattr(hooks, "_is_panel", lambda panel: True)
    assert harms_of("script_in_panel") == {"extend_portal"}


def test_the_suite_sees_a_step_that_was_not_due(monkeypatch):
    decide = deciding.decide_with_plugins

    def skips(known, its_hooks, today, law, policy):
        decided = decide(known, its_hooks, today, law, policy)
        if its_hooks.slugs and decided.decision.step is None:
            return decide(deciding.Known(a_case(), None), its_hooks, today, law, policy)
        return decided

    monkeypatch.setattr("saas.testing.house.decide_with_plugins", skips)
    assert "the night" in harms_of("moves_the_day")
