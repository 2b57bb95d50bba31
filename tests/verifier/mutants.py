"""Small mechanical changes to a module's source, one at a time, and what each leads to in a process of its own."""

import ast
import copy
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import saas.rules
from saas.verifier import verify
from tests.verifier.histories import Engine, Look, with_interest

RULES = Path(saas.rules.__file__).parent
KEPT = ("facts", "money", "words")  # what facts and decisions are made of: the same for every engine
SECONDS = 5  # of the processor, whatever else it is busy with
TRIED = 60  # certificates of one mutant that are judged at most

Change = Callable[[ast.AST], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the module's name in saas.rules, where, and what makes the source as it is then."""

    module: str
    line: int
    what: str
    made: Callable[[], ast.Module]

    def __str__(self) -> str:
        return f"{self.module}.py:{self.line} {self.what}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mutant does on the same facts, counted in looks.

    `worse`: its certificate takes a step ours does not, or names an earlier day or a higher sum. `kinder`: it differs
    the other way only. `refused`: a certificate of the worse ones is unlawful. `fell`: it raised, or did not end.
    """

    worse: int = 0
    kinder: int = 0
    refused: bool = False
    fell: bool = False
    example: str = ""


# --- making them ----------------------------------------------------------------------------------------------------

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
}
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}


def mutants_of(module: str) -> list[Mutant]:
    """Every mutant of saas/rules/<module>.py, in the order of its lines."""
    tree = ast.parse((RULES / f"{module}.py").read_text(encoding="utf-8"))
    places = [node for node in ast.walk(tree) if not _is_told(node)]
    found = []
    for at, node in enumerate(places):
        for what, change in _changes(node):
            found.append(Mutant(module, getattr(node, "lineno", 0), what, partial(_changed, tree, at, change)))
    return sorted(found, key=lambda m: m.line)


def _changed(tree: ast.Module, at: int, change: Change) -> ast.Module:
    changed = copy.deepcopy(tree)
    change([node for node in ast.walk(changed) if not _is_told(node)][at])
    return ast.fix_missing_locations(changed)


def _is_told(node: ast.AST) -> bool:
    """Docstrings and texts change nothing that is decided."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"{node.value} → {not node.value}", lambda n: setattr(n, "value", not n.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        for by in (1, -1):
            yield f"{node.value} {by:+}", lambda n, by=by: setattr(n, "value", n.value + by)
    elif isinstance(node, ast.Compare):
        for at, op in enumerate(node.ops):
            for other in _COMPARED[type(op)]:
                what = f"{type(op).__name__} → {other.__name__}"
                yield what, lambda n, at=at, other=other: n.ops.__setitem__(at, other())
    elif isinstance(node, ast.BinOp) and type(node.op) in _COMPUTED:
        other_op = _COMPUTED[type(node.op)]
        what = f"{type(node.op).__name__} → {other_op.__name__}"
        yield what, lambda n, other_op=other_op: setattr(n, "op", other_op())
    elif isinstance(node, ast.BoolOp):
        other_bool = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield f"→ {other_bool.__name__}", lambda n, other_bool=other_bool: setattr(n, "op", other_bool())
    elif isinstance(node, ast.Call):
        yield from _call_changes(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not … → …", lambda n: setattr(n, "op", ast.UAdd()) or setattr(n, "operand", _truth(n.operand))
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        yield "condition negated", lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
    elif isinstance(node, ast.comprehension) and node.ifs:
        for at in range(len(node.ifs)):
            yield "filter negated", lambda n, at=at: n.ifs.__setitem__(at, ast.UnaryOp(ast.Not(), n.ifs[at]))


def _call_changes(node: ast.Call) -> Iterator[tuple[str, Change]]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in _CALLED:
        yield f"{name} → {_CALLED[name]}", lambda n: setattr(n.func, "id", _CALLED[n.func.id])
    for at, keyword in enumerate(node.keywords):
        if name == "timedelta" and keyword.arg == "days" and not isinstance(keyword.value, ast.Constant):
            for by in (1, -1):
                yield f"days {by:+}", lambda n, at=at, by=by: setattr(n.keywords[at], "value", _plus(n, at, by))


def _plus(node: ast.Call, at: int, by: int) -> ast.expr:
    return ast.BinOp(node.keywords[at].value, ast.Add(), ast.Constant(by))


def _truth(operand: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("bool", ast.Load()), [operand], [])


# --- walking them ---------------------------------------------------------------------------------------------------


class _Loader(importlib.abc.InspectLoader):
    """Gives one module another source; all other modules are loaded as ever."""

    def __init__(self, mutant: Mutant) -> None:
        self.name, self.mutant, self.tree = f"saas.rules.{mutant.module}", mutant, mutant.made()

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> Any:
        if name != self.name:
            return None
        return importlib.machinery.ModuleSpec(name, self, origin=str(RULES / f"{self.mutant.module}.py"))

    def get_source(self, fullname: str) -> str:
        return ast.unparse(self.tree)

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.tree, f"<{self.mutant}>", "exec")

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(RULES / f"{self.mutant.module}.py")
        exec(self.get_code(module.__name__), module.__dict__)


def engine_with(mutant: Mutant) -> Engine:
    """The engine loaded anew with one module changed. For a process of its own: ours is gone after it."""
    for name in [name for name in sys.modules if name.startswith("saas.rules.")]:
        short = name.removeprefix("saas.rules.")
        if short not in KEPT:
            del sys.modules[name]
            if hasattr(saas.rules, short):
                delattr(saas.rules, short)
    sys.meta_path.insert(0, _Loader(mutant))  # type: ignore[arg-type]
    return Engine.loaded()


def outcomes(mutants: Sequence[Mutant], seen: Sequence[Look], at_once: int = 2) -> Iterator[tuple[Mutant, Outcome]]:
    """What each mutant does on these looks, each in a forked child, so many at once."""
    engine = Engine.loaded()
    pairs = [(look, _record(engine, look)) for look in seen]
    pairs = [(look, our) for look, our in pairs if our is None or verify(our).ok]  # test_agreement asks for all
    seen, ours = [look for look, _ in pairs], [our for _, our in pairs]
    running: deque[tuple[Mutant, int, int]] = deque()
    for mutant in mutants:
        running.append((mutant, *_start(mutant, seen, ours)))
        if len(running) >= at_once:
            yield _ended(*running.popleft())
    while running:
        yield _ended(*running.popleft())


def _record(engine: Engine, look: Look) -> dict[str, Any] | None:
    if look.decision.step is None:
        return None
    record: dict[str, Any] = json.loads(engine.record(look.facts, look.decision, look.today, look.policy))
    return record


def _start(mutant: Mutant, seen: Sequence[Look], ours: Sequence[dict[str, Any] | None]) -> tuple[int, int]:
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.close(write)
        return child, read
    answer = Outcome(fell=True)
    try:
        os.close(read)
        signal.signal(signal.SIGPROF, _too_long)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        answer = _compare(engine_with(mutant), seen, ours)
    finally:  # whatever a mutant raises: it makes no certificate
        os.write(write, json.dumps(astuple(answer)).encode())
        os._exit(0)


def _ended(mutant: Mutant, child: int, read: int) -> tuple[Mutant, Outcome]:
    with os.fdopen(read, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return mutant, Outcome(*json.loads(told)) if told else Outcome(fell=True)


def _too_long(*_: object) -> None:
    raise TimeoutError


def _compare(engine: Engine, seen: Sequence[Look], ours: Sequence[dict[str, Any] | None]) -> Outcome:
    worse = kinder = tried = 0
    fell, example = False, ""
    for look, our in zip(seen, ours, strict=True):
        try:
            facts = look.facts
            if look.booked:
                facts = with_interest(facts, engine.interest(facts, look.today, look.policy))
            decision = engine.decide(facts, look.today, engine.law, look.policy)
            if decision.step is None:
                kinder += our is not None
                continue
            record = engine.record(facts, decision, look.today, look.policy)
        except TimeoutError:
            raise
        except Exception:
            fell = True
            continue
        difference = differs(our, json.loads(record))
        kinder += difference < 0
        if difference > 0:
            worse += 1
            example = example or f"{decision.step} on {look.today}"
            tried += 1
            if tried <= TRIED and not verify(record).ok:
                return Outcome(worse, kinder, True, fell, example)
    return Outcome(worse, kinder, False, fell, example)


def differs(our: dict[str, Any] | None, theirs: dict[str, Any]) -> int:
    """1 when a date, a sum or a permission differs to the debtor's harm, -1 when only to the good, else 0."""
    if our is None and theirs["step"] in ("reminder", "collection_notice") and _first_and_free(theirs):
        return -1  # on any day after the due date (law B6, B28)
    if our is None or our["step"] != theirs["step"]:
        return 1
    moved = [_later(theirs[name], our[name]) for name in ("expected_sending_on", "deadline_on")]
    if theirs["next_action_on"] is not None:  # none planned: nothing more is done to the debtor
        moved.append(_later(theirs["next_action_on"], our["next_action_on"]))
    moved += [our_sum - their_sum for our_sum, their_sum in zip(_sums(our), _sums(theirs), strict=True)]
    return 1 if any(m < 0 for m in moved) else -1 if any(moved) else 0


def _first_and_free(record: dict[str, Any]) -> bool:
    facts = record["facts"]
    return not (record["costs"] or facts["notices"] or facts["holds"] or facts["vulnerable"])


def _later(theirs: str | None, our: str | None) -> int:
    """Above zero when they give more time. No day where ours has one is less."""
    if theirs == our:
        return 0
    return -1 if theirs is None or (our is not None and theirs < our) else 1


def _sums(record: dict[str, Any]) -> list[int]:
    """What is charged, what may be charged, and the interest booked."""
    cap = record["cap"] or {"cap_ore": 0}
    return [
        sum(cost["amount_ore"] for cost in record["costs"]),
        cap["cap_ore"],
        record["facts"]["outstanding"]["interest_ore"],
    ]
