"""From bytes nobody vouches for to a `Record`, or to findings that name the field."""

import json
import re
from datetime import date
from typing import Any

from saas.verifier.fields import (
    MOST_ORE,
    Fields,
    Wrong,
    a_day,
    a_fingerprint,
    a_list,
    a_number,
    a_text,
    a_uuid,
    numbers,
    show,
    whole,
)
from saas.verifier.figures import FIGURE_FILES, FILES
from saas.verifier.findings import Finding
from saas.verifier.record import (
    ACT_1988,
    ACT_2026,
    COLLECTION_FEE,
    COMPENSATION,
    LETTERS,
    NOTICE_FEE,
    STEPS,
    Cap,
    Claim,
    Cost,
    LawRow,
    Notice,
    Part,
    Pause,
    Record,
)

SCHEMA = "frist.certificate/1"
STAGES = ("registered", "reminded", "noticed", "demanded")
DEBTOR_KINDS = ("person", "sole_trader", "company")
DAY_BASES = ("act/act", "fixed365")
LOST = ("", "agency_fee", "all")
PAUSE_REASONS = ("objection_upheld", "creditor_delay")
_PROOF = re.compile(r"[0-9a-f]{64}")
_NO_MOVES: tuple[tuple[date, int], ...] = ()
_NO_WORDS: tuple[str, ...] = ()
_NO_PAUSES: tuple[Pause, ...] = ()


class Unreadable(Exception):
    """The record cannot be read as a certificate; carries what is wrong with it."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = findings


def read_record(record: bytes | dict[str, Any]) -> Record:
    """Read a certificate from its JSON bytes or the mapping they stand for. Raises Unreadable, nothing else."""
    value: Any = record
    if isinstance(record, bytes | bytearray):
        try:
            value = json.loads(bytes(record).decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise Unreadable((Finding("schema", f"record: not JSON ({type(error).__name__})"),)) from None
    if not isinstance(value, dict):
        raise Unreadable((Finding("schema", f"record: should be an object, is {show(value)}"),))
    found: list[Finding] = []
    read = _record(Fields(value, "record", found))
    if found:
        raise Unreadable(tuple(found))
    return read


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):  # two readers would see two different records
        raise ValueError("a name stands twice")
    return names


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def a_proof(value: object) -> str:
    if not isinstance(value, str):
        raise Wrong("should be a text")
    return value  # judged by the proof check, so that it gets its own rule


def _move(value: object) -> tuple[date, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise Wrong("should be a day and an amount")
    return a_day(value[0]), whole(-MOST_ORE, MOST_ORE)(value[1])  # a bounced payment moves it back


def _moves(value: object) -> tuple[tuple[date, int], ...]:
    return tuple(_move(item) for item in a_list(value))


def _pause(value: object) -> Pause:
    if not isinstance(value, list) or len(value) != 3 or value[2] not in PAUSE_REASONS:
        raise Wrong(f"should be a day, a day or null, and one of {', '.join(PAUSE_REASONS)}")
    return Pause(a_day(value[0]), None if value[1] is None else a_day(value[1]))


def _pauses(value: object) -> tuple[Pause, ...]:
    return tuple(_pause(item) for item in a_list(value))


def _ids(value: object) -> tuple[str, ...]:
    return tuple(a_uuid(item) for item in a_list(value))


def _days(value: object) -> tuple[date, ...]:
    return tuple(sorted(a_day(item) for item in a_list(value)))


def _words(value: object) -> tuple[str, ...]:
    return tuple(a_text(item) for item in a_list(value))


def _record(top: Fields) -> Record:
    top.one_of("schema", (SCHEMA,))
    for name in ("case_id", "creditor_id"):
        top.get(name, a_uuid, "")
    top.get("case_number", whole(1, 10**12), 1)
    top.objects("plugins")  # what plugins answered is theirs to explain: a hold of theirs stands in facts.holds
    _reasons(top)
    top.get("rules_version", a_fingerprint, "")  # which text decided; this reader has its own
    _refusals(top)
    step = top.one_of("step", STEPS)
    facts, policy = top.object("facts"), top.object("policy")
    left = facts.object("outstanding")
    _holds(facts)
    record = Record(
        regime=top.one_of("regime", (ACT_1988, ACT_2026)),
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
        charged_compensation_ore=facts.ore("charged_compensation_ore"),
        deceased_on=facts.maybe_day("deceased_on"),
        bankrupt_on=facts.maybe_day("bankrupt_on"),
        lost_costs=facts.one_of("lost_costs", LOST),
        acknowledged_on=facts.get("acknowledged_on", _days, ()),
        judged_on=facts.get("judged_on", _days, ()),
        principal_left_ore=left.ore("principal_ore"),
        interest_left_ore=left.ore("interest_ore"),
        notice_fee_left_ore=left.ore("notice_fee_ore"),
        collection_fee_left_ore=left.ore("collection_fee_ore"),
        compensation_left_ore=left.ore("compensation_ore"),
        fee_interest_left_ore=left.ore("fee_interest_ore"),
        send_reminder=policy.flag("send_reminder"),
        slack_days=policy.count("slack_days"),
        grace_banking_days=policy.count("grace_banking_days"),
        join_wait_days=policy.count("join_wait_days"),
        day_basis=policy.one_of("day_basis", DAY_BASES),
        fee_interest=policy.flag("fee_interest"),
        claim_compensation=policy.flag("claim_compensation"),
        new_act_from=policy.maybe_day("new_act_from"),
        claims=tuple(_claim(item) for item in facts.objects("claims")),
        notices=tuple(_notice(item) for item in facts.objects("notices")),
        costs=tuple(_cost(item) for item in top.objects("costs")),
        cap=_cap(cap) if (cap := top.maybe_object("cap")) else None,
        law=tuple(_law_row(item) for item in top.objects("law")),
    )
    for fields in (left, facts, policy, top):
        fields.finish()
    if not record.claims:
        facts.wrong(f"{facts.path}.claims", "a step without a claim")
    return record


def _reasons(top: Fields) -> None:
    reasons = top.objects("rules")
    if not reasons:
        top.wrong(f"{top.path}.rules", "gives no reason")
    for reason in reasons:
        reason.text("rule")
        reason.text("conclusion")
        reason.finish()


def _refusals(top: Fields) -> None:
    for refusal in top.objects("why"):
        refusal.text("code")
        refusal.get("rules", _words, _NO_WORDS)
        refusal.maybe_day("from_day")
        refusal.finish()


def _holds(facts: Fields) -> None:
    for hold in facts.objects("holds"):
        hold.text("reason")
        hold.day("since")
        hold.maybe_day("until")
        hold.finish()


def _claim(fields: Fields) -> Claim:
    claim = Claim(
        id=fields.get("id", a_uuid, ""),
        due_on=fields.day("due_on"),
        invoiced_on=fields.maybe_day("invoiced_on"),
        principal_ore=fields.ore("principal_ore", least=1),
        left_ore=fields.ore("principal_left_ore"),
        moves=tuple(sorted(fields.get("principal_moves", _moves, _NO_MOVES))),
        pauses=fields.get("interest_pauses", _pauses, _NO_PAUSES),
    )
    fields.text("invoice_number")
    fields.finish()
    return claim


def _notice(fields: Fields) -> Notice:
    notice = Notice(
        step=fields.one_of("step", LETTERS),
        sent_on=fields.day("sent_on"),
        deadline_on=fields.day("deadline_on"),
        fee_ore=fields.ore("fee_ore"),
        by_creditor=fields.flag("by_creditor"),
        proof=fields.get("proof", a_proof, ""),
        claim_ids=fields.get("claim_ids", _ids, _NO_WORDS),
    )
    fields.finish()
    return notice


def _cost(fields: Fields) -> Cost:
    cost = Cost(fields.one_of("kind", (NOTICE_FEE, COLLECTION_FEE, COMPENSATION)), fields.ore("amount_ore", least=1))
    fields.text("explanation")
    fields.get("rules", _words, _NO_WORDS)
    fields.finish()
    return cost


def _cap(fields: Fields) -> Cap:
    cap = Cap(
        on=fields.day("on"),
        heavy=fields.flag("heavy"),
        joined=fields.flag("joined"),
        rate_ore=fields.ore("rate_ore"),
        vat_percent=fields.get("vat_percent", lambda value: None if value is None else a_number(value), None),
        parts=tuple(_part(item) for item in fields.objects("parts")),
        cap_ore=fields.ore("cap_ore"),
        before_ore=fields.ore("charged_before_ore"),
        after_ore=fields.ore("charged_after_ore"),
    )
    fields.finish()
    return cap


def _part(fields: Fields) -> Part:
    part = Part(fields.ore("base_ore", least=1), fields.ore("multiplier_thousandths"), fields.ore("cap_ore"))
    fields.finish()
    return part


def _law_row(fields: Fields) -> LawRow:
    row = LawRow(
        figure=fields.one_of("figure", tuple(FIGURE_FILES)),
        file=fields.one_of("file", FILES),
        valid_from=fields.day("valid_from"),
        known_until=fields.day("known_until"),
        confidence=fields.text("confidence"),
        values=fields.get("value", numbers, ()),
    )
    fields.finish()
    return row


def is_proof(value: str) -> bool:
    """Whether `value` is a SHA-256 in hexadecimal: what a stored letter or a creditor's proof is known by."""
    return _PROOF.fullmatch(value) is not None
