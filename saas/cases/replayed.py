"""A case as it was: facts from the record of a certificate, with what was reported by then."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from saas.rules.facts import (
    CaseFacts,
    ClaimFacts,
    DebtorKind,
    Fact,
    HoldFacts,
    HoldReason,
    NoticeFacts,
    Outstanding,
    Pause,
    Policy,
    Stage,
    Step,
)
from saas.rules.money import Ore


def facts_then(
    record: Mapping[str, Any], creditor_slug: str, claims: Mapping[UUID, Any], told: Sequence[Fact]
) -> CaseFacts:
    """The facts a certificate rested on. `claims`: id → (kind, description, extra), which the record leaves out.

    What interest on the fee rests on is left out of records too, so it is not replayed.
    """
    was = record["facts"]
    owed = was["outstanding"]
    on = date.fromisoformat(record["decided_on"])
    return CaseFacts(
        case_id=UUID(record["case_id"]),
        case_number=record["case_number"],
        stage=Stage[record["stage_before"].upper()],
        debtor_kind=DebtorKind(was["debtor_kind"]),
        creditor_id=UUID(record["creditor_id"]),
        creditor_slug=creditor_slug,
        agency_licence=was["agency_licence"],
        vat_deductible=was["vat_deductible"],
        vulnerable=was["vulnerable"],
        postable=was["postable"],
        claims=tuple(_claim(each, claims) for each in was["claims"]),
        notices=tuple(_notice(each) for each in was["notices"]),
        holds=tuple(_hold(each) for each in was["holds"]),
        outstanding=Outstanding(**{name: Ore(ore) for name, ore in owed.items()}),
        charged_notice_fees_ore=Ore(was["charged_notice_fees_ore"]),
        charged_collection_fee_ore=Ore(was["charged_collection_fee_ore"]),
        letter_under_way=was["letter_under_way"],
        held_days_since_demand=was["held_days_since_demand"],
        sibling_ready_on=_day_or_none(was["sibling_ready_on"]),
        facts=tuple(fact for fact in told if fact.reported_on <= on),
        charged_compensation_ore=Ore(was["charged_compensation_ore"]),
        deceased_on=_day_or_none(was["deceased_on"]),
        bankrupt_on=_day_or_none(was["bankrupt_on"]),
        lost_costs=was["lost_costs"],
    )


def policy_then(record: Mapping[str, Any], now: Policy) -> Policy:
    """What the tenant had chosen when the certificate was made; what records leave out, as it is now."""
    was = dict(record["policy"])
    new_act_from = _day_or_none(was.pop("new_act_from"))
    kept = {
        name: getattr(now, name) for name in ("write_off_below_ore", "max_deferral_days", "waive_after_printed_sum")
    }
    return Policy(**was, **kept, new_act_from=new_act_from)


def _claim(was: Mapping[str, Any], known: Mapping[UUID, Any]) -> ClaimFacts:
    claim_id = UUID(was["id"])
    kind, description, extra = known.get(claim_id, ("other", "", {}))
    return ClaimFacts(
        claim_id,
        was["invoice_number"],
        kind,
        description,
        Ore(was["principal_ore"]),
        Ore(was["principal_left_ore"]),
        _day(was["invoiced_on"]),
        _day(was["due_on"]),
        tuple((_day(on), Ore(ore)) for on, ore in was["principal_moves"]),
        tuple(Pause(_day(a), _day_or_none(b), why) for a, b, why in was["interest_pauses"]),
        tuple(sorted(extra.items())),
    )


def _notice(was: Mapping[str, Any]) -> NoticeFacts:
    return NoticeFacts(
        Step(was["step"]),
        _day(was["sent_on"]),
        _day(was["deadline_on"]),
        Ore(was["fee_ore"]),
        was["by_creditor"],
        was["proof"],
        tuple(UUID(each) for each in was["claim_ids"]),
    )


def _hold(was: Mapping[str, Any]) -> HoldFacts:
    return HoldFacts(HoldReason(was["reason"]), _day(was["since"]), _day_or_none(was["until"]))


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _day_or_none(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
