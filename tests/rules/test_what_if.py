"""What a payment would do, against the worked examples and against what really is booked when it comes."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saas.ledger.balances import CaseBalance
from saas.payments.debt import Debt, OwedClaim
from saas.payments.matching import Incoming
from saas.payments.settling import settle
from saas.rules.allocation import ORDERS, ItemKind
from saas.rules.explain import explain
from saas.rules.facts import DEFAULT_POLICY, HoldFacts, HoldReason, Outstanding, Stage, Step
from saas.rules.law import UnknownLaw, load_law
from saas.rules.money import Ore, ore_of_kroner
from saas.rules.what_if import what_if
from tests.rules.builders import case, claim, collection_notice, day, demand, demanded, noticed, reminded

W15 = case(
    claim(4000, "2026-03-15"),
    notices=(collection_notice("2026-04-14", "2026-04-29"), demand("2026-05-04", "2026-05-18")),
    stage=Stage.DEMANDED,
    charged_collection_fee_ore=56_200,
)


def by_kind(answer):
    return {line.kind: (line.owed_ore, line.paid_ore, line.left_ore) for line in answer.lines}


def test_a_part_payment_covers_fees_then_principal_and_leaves_interest_as_in_the_worked_example(law):
    """C4, D3."""
    answer = what_if(W15, ore_of_kroner(1500), day("2026-06-15"), law)
    assert by_kind(answer) == {
        ItemKind.COLLECTION_FEE: (56_200, 56_200, 0),
        ItemKind.NOTICE_FEE: (3_800, 3_800, 0),
        ItemKind.PRINCIPAL: (400_000, 90_000, 310_000),
        ItemKind.INTEREST: (12_099, 0, 12_099),
    }
    assert (answer.left_ore, answer.overpaid_ore, answer.settles) == (322_099, 0, False)


def test_paying_the_whole_sum_of_the_worked_example_settles_the_case(law):
    """C4, D3."""
    answer = what_if(W15, ore_of_kroner("4720.99"), day("2026-06-15"), law)
    assert answer.settles
    assert (answer.left_ore, answer.overpaid_ore, answer.written_off_ore) == (0, 0, 0)
    assert answer.next.step is None
    assert answer.interest_per_day_after_ore == 0


def test_an_ore_too_little_does_not_settle_and_an_ore_too_much_belongs_to_the_debtor(law):
    """D6."""
    short = what_if(W15, ore_of_kroner("4720.98"), day("2026-06-15"), law)
    assert (short.settles, short.left_ore) == (False, 1)
    over = what_if(W15, ore_of_kroner("4721.00"), day("2026-06-15"), law)
    assert (over.settles, over.overpaid_ore) == (True, 1)


def test_a_small_remainder_the_tenant_lets_go_settles_the_case(law):
    policy = replace(DEFAULT_POLICY, write_off_below_ore=12_099)
    answer = what_if(W15, ore_of_kroner(4600), day("2026-06-15"), law, policy)
    assert (answer.settles, answer.left_ore, answer.written_off_ore) == (True, 0, 12_099)


def test_the_interest_saved_is_that_of_the_principal_the_payment_covers(law):
    """C4, D4."""
    answer = what_if(demanded(), ore_of_kroner(1600), day("2026-10-20"), law)
    assert by_kind(answer)[ItemKind.PRINCIPAL] == (300_000, 100_000, 200_000)
    assert (answer.interest_per_day_ore, answer.interest_per_day_after_ore) == (101, 67)
    assert answer.interest_saved_ore == 1_007  # 1 000 kr at 12.25 % for 30 days


def test_interest_saved_is_not_guessed_past_the_known_rates(law):
    answer = what_if(demanded(), ore_of_kroner(1600), day("2026-12-20"), law)
    assert answer.interest_saved_ore is None
    assert answer.interest_per_day_ore == 101


def test_a_day_past_the_known_rates_is_no_answer(law):
    with pytest.raises(UnknownLaw):
        what_if(demanded(), 100, day("2027-01-02"), law)


def test_the_next_step_after_a_part_payment_keeps_its_earliest_day(law):
    answer = what_if(noticed(), ore_of_kroner(500), day("2026-10-12"), law)
    assert (answer.next.step, answer.next.earliest_on) == (Step.PAYMENT_DEMAND, day("2026-10-19"))
    assert answer.before is None


def test_a_step_that_may_come_before_the_day_of_payment_is_told(law):
    answer = what_if(noticed(), ore_of_kroner(500), day("2026-10-20"), law)
    assert answer.before is not None
    assert (answer.before.step, answer.before.earliest_on) == (Step.PAYMENT_DEMAND, day("2026-10-19"))
    assert what_if(noticed(), ore_of_kroner(500), day("2026-10-19"), law).before is None


def test_when_only_costs_would_be_left_a_person_decides(law):
    facts = case(claim(1000, "2026-09-15"), notices=reminded().notices, stage=Stage.REMINDED)
    answer = what_if(facts, ore_of_kroner(1038), day("2026-10-10"), law)
    assert answer.left_ore > 0
    assert answer.next.step is None
    assert answer.next.why[0].code == "only_costs_left"


def test_a_disputed_case_has_no_next_step(law):
    facts = noticed(holds=(HoldFacts(HoldReason.OBJECTION, day("2026-10-05")),))
    answer = what_if(facts, 100, day("2026-10-20"), law)
    assert answer.next.step is None
    assert answer.next.why[0].code == "hold.objection"
    assert answer.before is None


def test_more_time_moves_the_next_step_behind_it(law):
    facts = noticed(holds=(HoldFacts(HoldReason.DEFERRED, day("2026-10-05"), day("2026-10-30")),))
    answer = what_if(facts, 100, day("2026-10-12"), law)
    assert (answer.next.step, answer.next.earliest_on) == (Step.PAYMENT_DEMAND, day("2026-11-05"))


def test_a_fee_whose_letter_is_not_proven_sent_is_told_apart(law):
    """A4."""
    facts = reminded(charged_notice_fees_ore=7600, letter_under_way=True)
    assert what_if(facts, 0, day("2026-10-20"), law).fee_under_way_ore == 3800
    assert what_if(reminded(), 0, day("2026-10-20"), law).fee_under_way_ore == 0


def test_nonsense_is_refused(law):
    """D4."""
    with pytest.raises(ValueError, match="negative"):
        what_if(W15, -1, day("2026-06-15"), law)
    with pytest.raises(ValueError, match="later payment"):
        what_if(W15, 1, day("2026-06-15"), law, payments=((day("2026-06-16"), Ore(1)),))


# --- the promise holds: what the book says when the payment really comes --------------------------------------------

_LAW = load_law()
_FEES = {"notice_fee": 3_800, "collection_fee": 56_200}


def _settled(facts, payments):
    """Settle the payments one by one, as they would be placed. Returns what each covered of each kind of thing."""
    claims = tuple(OwedClaim(c.id, c.invoice_number, c.due_on) for c in facts.claims)
    book = CaseBalance.empty()
    book = replace(
        book,
        principal_left={c.id: c.principal_ore for c in facts.claims},
        notice_fee_charged_ore=Ore(_FEES["notice_fee"]),
        notice_fee_left_ore=Ore(_FEES["notice_fee"]),
        collection_fee_charged_ore=Ore(_FEES["collection_fee"]),
        collection_fee_left_ore=Ore(_FEES["collection_fee"]),
    )
    told = []
    for on, ore in payments:
        incoming = Incoming(UUID(int=1), "", "", Ore(ore), on, "", "kid")
        done = settle(incoming, Debt(facts.case_id, facts.creditor_id, claims, book), _LAW, DEFAULT_POLICY)
        told.append(done.told)
        book = _booked(book, done.entries, on)
    return told, book


def _booked(book, entries, on):
    principal, booked, left = dict(book.principal_left), dict(book.interest_booked), dict(book.interest_left)
    moves, fees = dict(book.principal_moves), [book.notice_fee_left_ore, book.collection_fee_left_ore]
    for entry in entries:
        for leg in entry.legs:
            if entry.kind == "interest_booked":
                booked[leg.claim_id] = Ore(booked.get(leg.claim_id, 0) + leg.amount_ore)
                left[leg.claim_id] = Ore(left.get(leg.claim_id, 0) + leg.amount_ore)
            elif entry.kind == "payment_placed" and leg.credit == "receivable":
                if leg.component == "principal":
                    principal[leg.claim_id] = Ore(principal[leg.claim_id] - leg.amount_ore)
                    moves[leg.claim_id] = (*moves.get(leg.claim_id, ()), (on, leg.amount_ore))
                elif leg.component == "interest":
                    left[leg.claim_id] = Ore(left[leg.claim_id] - leg.amount_ore)
                else:
                    nth = 0 if leg.component == "notice_fee" else 1
                    fees[nth] = Ore(fees[nth] - leg.amount_ore)
    return replace(
        book, principal_left=principal, principal_moves=moves, interest_booked=booked, interest_left=left,
        notice_fee_left_ore=fees[0], collection_fee_left_ore=fees[1],
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    first=st.integers(1, 700_000),
    second=st.integers(1, 900_000),
    days=st.tuples(st.integers(0, 60), st.integers(0, 60)),
)
def test_what_is_promised_is_what_is_booked_when_the_payments_really_come(first, second, days):
    facts = demanded(claim(3000, "2026-03-15", nth=1), claim(2000, "2026-04-15", nth=2))
    first_on = day("2026-06-01").fromordinal(day("2026-06-01").toordinal() + days[0])
    then_on = first_on.fromordinal(first_on.toordinal() + days[1])
    told, book = _settled(facts, [(first_on, first)])
    now = replace(
        facts,
        claims=tuple(
            replace(c, principal_left_ore=book.principal_left[c.id], principal_moves=book.principal_moves.get(c.id, ()))
            for c in facts.claims
        ),
        outstanding=Outstanding(
            Ore(sum(book.principal_left.values())),
            Ore(sum(book.interest_left.values())),
            book.notice_fee_left_ore,
            book.collection_fee_left_ore,
        ),
    )
    placed = first - told[0]["overpaid_ore"]
    promised = what_if(now, second, then_on, _LAW, payments=[(first_on, Ore(placed))])
    told, _ = _settled(facts, [(first_on, first), (then_on, second)])
    really: dict[str, int] = {}
    for line in told[1]["lines"]:
        really[line["component"]] = really.get(line["component"], 0) + line["paid_ore"]
    assert {str(k): promised.allocation.paid_ore(k) for k in ItemKind if promised.allocation.paid_ore(k)} == really
    assert promised.overpaid_ore == told[1]["overpaid_ore"]
    assert promised.settles == told[1]["covered"]
    assert promised.covered_ore + promised.overpaid_ore == second
    assert promised.owed.total_ore == sum(line.owed_ore for line in promised.lines)


# --- explain --------------------------------------------------------------------------------------------------------


def test_a_claim_is_explained_line_by_line_with_rate_days_formula_and_rule(law):
    """C2, C3, C4, C5, C6, C8, D4."""
    lines = explain(claim(10_000, "2024-06-15", paid=(("2024-06-27", 2000),)), day("2024-07-01"), law)
    assert [(x.label, x.amount_ore, x.formula.replace("\u00a0", " ")) for x in lines] == [
        ("principal", 1_000_000, "10 000,00"),
        ("payment", -200_000, "−2 000,00"),
        ("interest", 4_098, "10 000,00 × 12,50 % × 12 / 366 = 40,98"),
        ("interest", 1_093, "8 000,00 × 12,50 % × 4 / 366 = 10,93"),
    ]
    assert (lines[2].days, lines[2].year_days, str(lines[2].rate_percent)) == (12, 366, "12.50")
    assert "C8" in lines[2].rule_ids


def test_a_payment_after_the_day_is_not_part_of_the_explanation(law):
    """C3, C4, C6, C8, D4."""
    lines = explain(claim(10_000, "2024-06-15", paid=(("2024-06-27", 2000),)), day("2024-06-20"), law)
    assert [x.label for x in lines] == ["principal", "interest"]


def test_the_order_asked_for_decides_what_a_part_payment_leaves(law):
    """D1, D2, D3, D4: W15's three orders."""
    left, per_day = {}, {}
    for name, order in ORDERS.items():
        answer = what_if(W15, ore_of_kroner(1500), day("2026-06-15"), law, order=order)
        left[name] = [by_kind(answer)[kind][2] for kind in (ItemKind.PRINCIPAL, ItemKind.INTEREST)]
        per_day[name] = answer.interest_per_day_after_ore
    assert per_day == {"default": 102, "customary": 106, "principal_first": 82}
    assert left == {
        "default": [310_000, 12_099],
        "customary": [322_099, 0],
        "principal_first": [250_000, 12_099],
    }
