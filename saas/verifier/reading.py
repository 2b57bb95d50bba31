"""From bytes nobody vouches for to a `Record`, or to findings that name the field."""

import json
import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any, TypeVar
from uuid import UUID

from saas.verifier.findings import Finding
from saas.verifier.record import (
    COLLECTION_FEE,
    LETTERS,
    NOTICE_FEE,
    STEPS,
    Cap,
    Claim,
    Cost,
    LawRow,
    Notice,
    Part,
    Record,
)

SCHEMA, REGIME = "frist.certificate/1", "inkassoloven-1988"
STAGES = ("registered", "reminded", "noticed", "demanded")
DEBTOR_KINDS = ("person", "sole_trader", "company", "estate")
MOST_ORE, MOST_DAYS, MOST_ITEMS = 10**13, 3_660, 1_000
_DAY = re.compile(r"(19[7-9]\d|20\d\d)-\d\d-\d\d", re.ASCII)
_PROOF = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)
T = TypeVar("T")


class Unreadable(Exception):
    """The record cannot be read as a certificate; carries what is wrong with it."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = findings


class _Wrong(Exception):
    """One value is not what it should be."""


def read_record(record: bytes | dict[str, Any]) -> Record:
    """Read a certificate from its JSON bytes or the mapping they stand for. Raises Unreadable, nothing else."""
    value: Any = record
    if isinstance(record, bytes | bytearray):
        try:
            value = json.loads(bytes(record).decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise Unreadable((Finding("schema", f"record: not JSON ({type(error).__name__})"),)) from None
    found: list[Finding] = []
    read = _record(_Fields(value, "record", found))
    if found or read is None:
        raise Unreadable(tuple(found))
    return read


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):  # two readers would see two different records
        raise ValueError("a name stands twice")
    return names


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _show(value: object) -> str:
    """A short, safe picture of any value."""
    if isinstance(value, str):
        return ascii(value[:40])
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 10**18):
        return str(value)
    return type(value).__name__


class _Fields:
    """The fields of one object. What is missing, unknown or of the wrong type becomes a finding with its path."""

    def __init__(self, value: object, path: str, found: list[Finding]) -> None:
        self.path, self.found, self.asked = path, found, set[str]()
        self.values: dict[Any, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.wrong(path, f"should be an object, is {_show(value)}")

    def wrong(self, path: str, message: str) -> None:
        self.found.append(Finding("schema", f"{path}: {message}"))

    def get(self, name: str, read: Callable[[Any], T], default: T) -> T:
        self.asked.add(name)
        path = f"{self.path}.{name}"
        if name not in self.values:
            self.wrong(path, "is missing")
            return default
        try:
            return read(self.values[name])
        except _Wrong as error:
            self.wrong(path, f"{error}, is {_show(self.values[name])}")
            return default

    def items(self, name: str) -> list[Any]:
        return self.get(name, _list, [])

    def objects(self, name: str) -> list["_Fields"]:
        return [_Fields(item, f"{self.path}.{name}[{at}]", self.found) for at, item in enumerate(self.items(name))]

    def object(self, name: str) -> "_Fields":
        return _Fields(self.get(name, lambda value: value, {}), f"{self.path}.{name}", self.found)

    def day(self, name: str) -> date:
        return self.get(name, _day, date(2000, 1, 1))

    def maybe_day(self, name: str) -> date | None:
        return self.get(name, lambda value: None if value is None else _day(value), None)

    def ore(self, name: str, least: int = 0) -> int:
        return self.get(name, _whole(least, MOST_ORE), least)

    def count(self, name: str) -> int:
        return self.get(name, _whole(0, MOST_DAYS), 0)

    def flag(self, name: str) -> bool:
        return self.get(name, _flag, False)

    def text(self, name: str) -> str:
        return self.get(name, _text, "")

    def one_of(self, name: str, choices: tuple[str, ...]) -> str:
        return self.get(name, _choice(choices), choices[0])

    def finish(self) -> None:
        """A field nobody asked for is one nobody checked."""
        for name in self.values:
            if not isinstance(name, str) or name not in self.asked:
                self.wrong(self.path, f"has an unknown field {_show(name)}")


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        raise _Wrong(f"should be a list of at most {MOST_ITEMS}")
    return value


def _day(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _Wrong("should be a day, YYYY-MM-DD, from 1970 to 2099")


def _whole(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise _Wrong(f"should be a whole number from {least} to {most}")
        return value

    return read


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("should be true or false")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _Wrong("should be a text")
    return value


def _choice(choices: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise _Wrong(f"should be one of {', '.join(choices)}")
        return value

    return read


def _uuid(value: object) -> str:
    try:
        return str(UUID(value)) if isinstance(value, str) else str(UUID(""))
    except ValueError:
        raise _Wrong("should be a UUID") from None


def _number(value: object) -> Fraction:
    """A figure such as "0.05" or 25."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9:
        return Fraction(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Fraction(value)
    raise _Wrong("should be a number without sign")


def _numbers(value: object) -> tuple[Fraction, ...]:
    """Figures that belong together, such as "0.4/0.8"."""
    if not isinstance(value, str) or len(value) > 60:
        raise _Wrong("should be figures, with / between them")
    return tuple(_number(part) for part in value.split("/"))


def _proof(value: object) -> str:
    return value if isinstance(value, str) else ""  # judged by the proof check, so that it gets its own rule


def _move(value: object) -> tuple[date, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise _Wrong("should be a day and an amount")
    return _day(value[0]), _whole(-MOST_ORE, MOST_ORE)(value[1])  # a bounced payment moves it back


def _moves(value: object) -> tuple[tuple[date, int], ...]:
    return tuple(_move(item) for item in _list(value))


def _words(value: object) -> tuple[str, ...]:
    return tuple(_text(item) for item in _list(value))


def _record(top: _Fields) -> Record | None:
    top.one_of("schema", (SCHEMA,))
    top.one_of("regime", (REGIME,))
    for name in ("case_id", "creditor_id"):
        top.get(name, _uuid, "")
    top.get("case_number", _whole(1, 10**12), 1)
    top.items("plugins")  # what plugins answered is theirs to explain: a hold of theirs stands in facts.holds
    top.items("why")
    _reasons(top)
    step = top.one_of("step", STEPS)
    facts, policy = top.object("facts"), top.object("policy")
    left = facts.object("outstanding")
    record = Record(
        step=step,
        stage_before=top.one_of("stage_before", STAGES),
        stage_after=top.one_of("stage_after", STAGES),
        decided_on=top.day("decided_on"),
        sending_on=top.maybe_day("expected_sending_on"),
        deadline_on=top.maybe_day("deadline_on"),
        next_action_on=top.maybe_day("next_action_on"),
        licence=facts.flag("agency_licence"),
        consumer=facts.flag("consumer"),
        debtor_kind=facts.one_of("debtor_kind", DEBTOR_KINDS),
        vat_deductible=facts.flag("vat_deductible"),
        vulnerable=facts.flag("vulnerable"),
        postable=facts.flag("postable"),
        letter_under_way=facts.flag("letter_under_way"),
        holds=len(facts.items("holds")),
        held_days=facts.count("held_days_since_demand"),
        sibling_ready_on=facts.maybe_day("sibling_ready_on"),
        charged_notice_fees_ore=facts.ore("charged_notice_fees_ore"),
        charged_collection_fee_ore=facts.ore("charged_collection_fee_ore"),
        principal_left_ore=left.ore("principal_ore"),
        interest_left_ore=left.ore("interest_ore"),
        notice_fee_left_ore=left.ore("notice_fee_ore"),
        collection_fee_left_ore=left.ore("collection_fee_ore"),
        grace_banking_days=policy.count("grace_banking_days"),
        join_wait_days=policy.count("join_wait_days"),
        day_basis=policy.text("day_basis"),
        claims=tuple(_claim(item) for item in facts.objects("claims")),
        notices=tuple(_notice(item) for item in facts.objects("notices")),
        costs=tuple(_cost(item) for item in top.objects("costs")),
        cap=_cap(top.object("cap")),
        law=tuple(_law_row(item) for item in top.objects("law")),
    )
    policy.flag("send_reminder")
    policy.count("slack_days")
    for fields in (left, facts, policy, top):
        fields.finish()
    if not record.claims:
        facts.wrong(f"{facts.path}.claims", "a step without a claim")
    return record


def _reasons(top: _Fields) -> None:
    reasons = top.objects("rules")
    if not reasons:
        top.wrong(f"{top.path}.rules", "gives no reason")
    for reason in reasons:
        reason.text("rule")
        reason.text("conclusion")
        reason.finish()


def _claim(fields: _Fields) -> Claim:
    claim = Claim(
        id=fields.get("id", _uuid, ""),
        due_on=fields.day("due_on"),
        invoiced_on=fields.maybe_day("invoiced_on"),
        principal_ore=fields.ore("principal_ore", least=1),
        left_ore=fields.ore("principal_left_ore"),
        moves=tuple(sorted(fields.get("principal_moves", _moves, ()))),
    )
    fields.text("invoice_number")
    fields.finish()
    return claim


def _notice(fields: _Fields) -> Notice:
    notice = Notice(
        step=fields.one_of("step", LETTERS),
        sent_on=fields.day("sent_on"),
        deadline_on=fields.day("deadline_on"),
        fee_ore=fields.ore("fee_ore"),
        by_creditor=fields.flag("by_creditor"),
        proof=fields.get("proof", _proof, ""),
    )
    fields.finish()
    return notice


def _cost(fields: _Fields) -> Cost:
    cost = Cost(fields.one_of("kind", (NOTICE_FEE, COLLECTION_FEE)), fields.ore("amount_ore", least=1))
    fields.text("explanation")
    fields.get("rules", _words, ())
    fields.finish()
    return cost


def _cap(fields: _Fields) -> Cap:
    cap = Cap(
        on=fields.day("on"),
        heavy=fields.flag("heavy"),
        joined=fields.flag("joined"),
        rate_ore=fields.ore("rate_ore"),
        vat_percent=fields.get("vat_percent", lambda value: None if value is None else _number(value), None),
        parts=tuple(_part(item) for item in fields.objects("parts")),
        cap_ore=fields.ore("cap_ore"),
        before_ore=fields.ore("charged_before_ore"),
        after_ore=fields.ore("charged_after_ore"),
    )
    fields.finish()
    return cap


def _part(fields: _Fields) -> Part:
    part = Part(fields.ore("base_ore", least=1), fields.ore("multiplier_thousandths"), fields.ore("cap_ore"))
    fields.finish()
    return part


def _law_row(fields: _Fields) -> LawRow:
    row = LawRow(
        figure=fields.text("figure"),
        file=fields.text("file"),
        valid_from=fields.day("valid_from"),
        known_until=fields.day("known_until"),
        confidence=fields.text("confidence"),
        values=fields.get("value", _numbers, ()),
    )
    fields.finish()
    return row


def is_proof(value: str) -> bool:
    """Whether `value` is a SHA-256 in hexadecimal: what a stored letter or a creditor's proof is known by."""
    return _PROOF.fullmatch(value) is not None
