"""The bench of the plugin host measures calls that are made; how fast they are, is for `make bench` to tell."""

from saas.rules.law import load_law
from tests.bench.hook_calls import ACTIVE, _bare, _through, a_manager, managers_mb, rebuild_ms
from tests.bench.law_decision import a_stream
from tests.bench.measure import the_hooks


def test_each_call_reaches_the_plugin_it_is_for_and_none_is_in_trouble() -> None:
    hooks = a_manager(1)
    assert hooks.slugs == ACTIVE
    assert hooks.broken == ()
    for facts, _ in a_stream(20, load_law()):
        hold, choose, limit = (call(facts) for call in _through(hooks))
        quiet, kind, small = (call(facts) for call in _bare())
        assert (hold, choose.choice, limit.holds) == ([quiet] if quiet else [], kind, ())
        assert limit.amount_ore == (small if small is not None else 70_000)


def test_managers_and_a_rebuild_are_measured() -> None:
    assert managers_mb(5) >= 0
    assert rebuild_ms() > 0


def test_the_figures_have_the_limits_of_the_plan() -> None:
    assert {figure.name: figure.limit for figure in the_hooks(500)} == {
        "hook_call": 15,
        "hook_managers": 200,
        "hook_rebuild": 2,
    }
