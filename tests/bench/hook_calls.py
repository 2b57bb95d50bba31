"""What the plugin host costs: a call of a rule hook in the night, many managers in memory, one built anew.

`python -m tests.bench.hook_calls [CASES]`; prints {"host_us", "bare_us", "managers_mb", "rebuild_ms"}. The process
watches its calls as a worker does. Three plugins of the house are on, each answering the hook it is there for.
"""

import gc
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from saas.hooks import LawfulStep, ProposedFee
from saas.rules.facts import CaseFacts, CostKind, Step
from saas.rules.law import load_law
from saas.rules.money import Ore
from tenants import guard
from tenants.hooks import Chosen, Hooks
from tenants.installed import installed_plugins
from tests.bench.law_decision import TODAY, a_stream

ACTIVE = ("kind_first", "quiet_weeks", "small_fee")
MANAGERS = 1_000
_FEE = ProposedFee(Step.PAYMENT_DEMAND, CostKind.COLLECTION_FEE, Ore(70_000), TODAY)
_OFFER = (LawfulStep(Step.PAYMENT_DEMAND, Ore(70_000), TODAY + timedelta(days=17)),)


class Told(NamedTuple):
    """A call of a hook through the host and without it, µs on average; managers in memory; one built."""

    host_us: float
    bare_us: float
    managers_mb: float
    rebuild_ms: float


def run(cases: int) -> Told:
    """Ask about a stream of cases as the night does: hold, choose, limit."""
    with tempfile.TemporaryDirectory() as folder:
        guard.watch(Path(folder))
        hooks = a_manager(1)
        facts = [each for each, _ in a_stream(cases, load_law())]
        through, bare = _through(hooks), _bare()
        _timed(through, facts[: cases // 10])
        host_s, bare_s = (min(_timed(calls, facts) for _ in range(3)) for calls in (through, bare))
    asked = cases * len(ACTIVE)
    return Told(host_s / asked * 1e6, bare_s / asked * 1e6, managers_mb(MANAGERS), rebuild_ms())


def a_manager(number: int) -> Hooks:
    """The plugins of one creditor."""
    return Hooks([Chosen(slug, {}) for slug in ACTIVE], UUID(int=1), UUID(int=number))


_Calls = Sequence[Callable[[CaseFacts], Any]]


def _through(hooks: Hooks) -> _Calls:
    return (
        lambda case: hooks.hold_case(case, TODAY),
        lambda case: hooks.choose_step(_OFFER, case, TODAY),
        lambda case: hooks.limit_fee(_FEE, case),
    )


def _bare() -> _Calls:
    """The same three methods of the same plugins, called as functions."""
    kind, quiet, small = (
        installed_plugins()[slug].plugin(installed_plugins()[slug].plugin.Settings().load({})) for slug in ACTIVE
    )
    return (
        lambda case: quiet.hold_case(case, TODAY),  # type: ignore[attr-defined]
        lambda case: kind.choose_step(_OFFER, case, TODAY),  # type: ignore[attr-defined]
        lambda case: small.limit_fee(_FEE, case),  # type: ignore[attr-defined]
    )


def _timed(calls: _Calls, facts: Sequence[CaseFacts]) -> float:
    began = time.process_time()
    for case in facts:
        for call in calls:
            call(case)
    return time.process_time() - began


def managers_mb(number: int) -> float:
    """What so many managers add to the process."""
    gc.collect()
    before = _rss_kb()
    kept = [a_manager(each) for each in range(number)]
    grown = (_rss_kb() - before) / 1024
    assert len(kept) == number
    return grown


def rebuild_ms() -> float:
    """One manager built anew, as after a switch; median of many."""
    times = []
    for number in range(200):
        began = time.process_time()
        a_manager(number)
        times.append(time.process_time() - began)
    return statistics.median(times) * 1e3


def _rss_kb() -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)._asdict()))
