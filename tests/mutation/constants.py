"""Replace each function that keeps a rule by a constant, and see whether the tests of the rule notice.

`python -m tests.mutation.constants [--count N --seed S] [--out FILE]` collects the tests of the rules once; every try
then is a forked child that puts the constant in and runs only the tests naming the id. A function that tests cannot
tell from a constant is reported. Constants: for a yes or no both answers; else the value of the first call, for ever,
and the empty value of its kind.
"""

import argparse
import gc
import inspect
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from hypothesis import is_hypothesis_test

from tests.mutation.rule_functions import RuleFunction, implemented, rule_functions, rules_named_by_tests

CHILDREN = 2
NOTICED, SURVIVED, NEVER_CALLED = 1, 0, 7
LONGEST_SECONDS = 60  # a constant may make a loop endless: noticed

FIRST = "the value of its first call"
_EMPTY: dict[str, Any] = {"int": 0, "Ore": 0, "str": "", "Words": "", "tuple": (), "list": [], "Sequence": ()}


@dataclass(frozen=True)
class Try:
    """One function, one of its rules, one constant."""

    function: RuleFunction
    rule: str
    constant: str  # FIRST, or what `constants_for` calls the value

    def __str__(self) -> str:
        return f"{self.rule}: {self.function} as {self.constant}"


def constants_for(function: RuleFunction) -> dict[str, Any]:
    """Name → value of the constants that may stand for this function; FIRST has no value yet."""
    returns = function.returns
    if returns == "bool":
        return {"True": True, "False": False}
    if returns in ("None", ""):
        return {"None": None}
    kind = returns.split("[")[0].split(" ")[0].strip("'\"")
    empty = None if returns.endswith("| None") else _EMPTY.get(kind)
    return {FIRST: None, repr(empty): empty}


class Bite:
    """Runs the tries in place of the usual test run."""

    def __init__(self, count: int | None, seed: int) -> None:
        self.count, self.seed = count, seed
        self.survived: list[str] = []
        self.tried = 0

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            print(report.longreprtext, file=sys.stderr)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Interrupted("a test file cannot be collected")
        tests = tests_by_rule(session.items)
        functions = list(rule_functions())
        if self.count is None:
            self.survived += [f"{rule}: no function names it" for rule in unnamed(functions)]
            self.survived += [f"{rule}: no test names it" for rule in implemented() if rule not in tests]
            self.survived += unpatched(session, functions, tests)
        else:
            functions = random.Random(self.seed).sample(functions, self.count)
        gc.freeze()  # so that no child copies what it does not change
        tries = list(all_tries(functions))
        self.tried = len(tries)
        for attempt, code in outcomes(session, tries, tests):
            if code == SURVIVED:
                self.survived.append(f"{attempt}: its tests all pass")
            elif code == NEVER_CALLED:
                self.survived.append(f"{attempt}: its tests never call it")
        return True


def tests_by_rule(items: list[pytest.Item]) -> dict[str, list[pytest.Item]]:
    """Rule id → the tests that name it, the quick ones first: most constants fall to them."""
    found: dict[str, list[pytest.Item]] = {}
    for item in sorted(items, key=lambda item: is_hypothesis_test(getattr(item, "obj", None))):
        for rule in rules_named_by_tests(item.path).get(getattr(item, "originalname", item.name), ()):
            found.setdefault(rule, []).append(item)
    return found


def unnamed(functions: list[RuleFunction]) -> list[str]:
    """Rules we say we keep that no function names."""
    named = frozenset[str]().union(*(f.rules for f in functions))
    return [rule for rule in implemented() if rule not in named]


def all_tries(functions: list[RuleFunction]) -> Iterator[Try]:
    """Every function with every rule it names and every constant for it."""
    for function in functions:
        for rule in sorted(function.rules):
            for constant in constants_for(function):
                yield Try(function, rule, constant)


def unpatched(session: pytest.Session, functions: list[RuleFunction], tests: dict[str, list[pytest.Item]]) -> list[str]:
    """Tests that fail although every function still answers as it did: their failing later would prove nothing."""
    with tempfile.NamedTemporaryFile("r+", encoding="utf-8") as told:

        def check() -> int:
            for function in functions:
                replace(function.function(), lambda original, args, kwargs: original(*args, **kwargs))
            for item in dict.fromkeys(item for some in tests.values() for item in some):
                session.testsfailed = 0
                if run(session, [item]) == NOTICED:
                    print(item.nodeid, file=told, flush=True)
            return SURVIVED

        os.waitpid(forked(check, LONGEST_SECONDS * 5), 0)
        told.seek(0)
        failed = told.read().splitlines()
    return [f"{name} fails without any constant" for name in failed]


def outcomes(
    session: pytest.Session, tries: list[Try], tests: dict[str, list[pytest.Item]]
) -> Iterator[tuple[Try, int]]:
    """How each try ended, a few at a time."""
    running: dict[int, Try] = {}
    waiting = list(reversed(tries))
    while waiting or running:
        while waiting and len(running) < CHILDREN:
            attempt = waiting.pop()
            running[forked(lambda attempt=attempt: bitten(session, attempt, tests.get(attempt.rule, [])))] = attempt
        pid, status = os.wait()
        yield running.pop(pid), os.waitstatus_to_exitcode(status)


def bitten(session: pytest.Session, attempt: Try, items: list[pytest.Item]) -> int:
    """In a child: put the constant in and run the tests."""
    constant = Constant(constants_for(attempt.function)[attempt.constant], attempt.constant == FIRST)
    replace(attempt.function.function(), constant)
    code = run(session, items)
    return code if code != SURVIVED or constant.called else NEVER_CALLED


class Constant:
    """Answers always the same: a given value, or from the second call on what the first call gave."""

    def __init__(self, value: Any, first: bool) -> None:
        self.value, self.first = value, first
        self.called = False

    def __call__(self, original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.first:  # an error is no value: wait for a call that gives one
            answer = original(*args, **kwargs)
            if inspect.isgenerator(answer):
                answer = list(answer)
            self.value, self.first = answer, False
        self.called = True
        return self.value


Answer = Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]


def replace(function: FunctionType, answer: Answer) -> None:
    """Let `answer` speak for a function, for everyone who has it: its code is exchanged, not its name."""
    original = FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    original.__kwdefaults__ = function.__kwdefaults__
    name = f"_constant_for_{id(function)}"
    function.__globals__[name] = lambda args, kwargs: answer(original, args, kwargs)
    scope: dict[str, Any] = {}
    if function.__code__.co_freevars:  # a method that calls super(): the new code must close over the same
        exec(f"def outer():\n __class__ = 0\n def f(*a, **k):\n  __class__\n  return {name}(a, k)\n return f", scope)
        code = scope["outer"]().__code__
    else:
        exec(f"def f(*a, **k): return {name}(a, k)", scope)
        code = scope["f"].__code__
    function.__defaults__, function.__kwdefaults__ = None, None
    function.__code__ = code


def run(session: pytest.Session, items: list[pytest.Item]) -> int:
    """NOTICED at the first test that fails."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return NOTICED
    return SURVIVED


def forked(work: Callable[[], int], longest_seconds: int = LONGEST_SECONDS) -> int:
    """The process that does the work, silently."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = NOTICED
    try:
        signal.alarm(longest_seconds)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        forget_caches()
        code = work()
    finally:
        os._exit(code)


def forget_caches() -> None:
    """What was computed while collecting must be computed again."""
    for name, module in list(sys.modules.items()):
        if name.startswith("saas.rules."):
            for cached in vars(module).values():
                if hasattr(cached, "cache_clear") and cached.__name__ != "load_law":  # the law stays the one read
                    cached.cache_clear()


def main() -> int:
    """Report as JSON: how many tries, and what survived. Always 0 unless the tests cannot be collected."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, help="only so many functions, chosen by the seed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    os.environ["FRIST_HYPOTHESIS"] = "mutants"
    bite, started = Bite(asked.count, asked.seed), time.monotonic()
    code = pytest.main(
        ["tests/rules", "-m", "not long", "-p", "no:terminal", "-o", "addopts=--import-mode=importlib"], [bite]
    )
    seconds = round(time.monotonic() - started)
    report = {"tried": bite.tried, "survived": bite.survived, "seconds": seconds}
    text = json.dumps(report, indent=1, ensure_ascii=False)
    if asked.out:
        asked.out.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0 if bite.tried and code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) else 1


if __name__ == "__main__":
    sys.exit(main())
