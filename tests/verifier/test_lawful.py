"""What is lawful is accepted: certificates of real runs, and lawful variations of them."""

import json
from collections.abc import Callable

import pytest

from saas.verifier import verify
from tests.verifier.certificates import (
    NAMES,
    SAMPLES,
    Certificate,
    change,
    charge,
    compensated,
    compensating,
    free,
    ids,
    law_row,
    of_500_kr,
    of_old,
    priced,
    sample,
    two_claims,
    under_the_new_act,
    with_vat,
    without_law,
)


@pytest.mark.parametrize("name", NAMES)
def test_a_certificate_of_a_real_run_is_lawful(name: str) -> None:
    assert verify((SAMPLES / f"{name}.json").read_bytes()).findings == ()


def an_older_claim(due_on: str) -> Certificate:
    """The reminder decided on Monday 2 March 2026, which leaves on the 3rd, for an older claim."""
    return sample("person_reminder", facts__claims__0__due_on=due_on, facts__claims__0__invoiced_on="2021-01-04")


def heavy_as_early_as_the_law_allows() -> Certificate:
    """The demand's deadline is 7 May: 4 June is its 28th day, and no time is left for the banks."""
    return sample("person_heavy_fee", policy__grace_banking_days=0, decided_on="2026-06-05", cap__on="2026-06-05")


def heavy_after_seven_held_days() -> Certificate:
    """Seven days later: 12 June and the banking days 15, 16 and 17 June."""
    return sample("person_heavy_fee", facts__held_days_since_demand=7, decided_on="2026-06-18", cap__on="2026-06-18")


def a_new_reminder_fee_six_months_and_a_day_after_the_last() -> Certificate:
    """The last fee went out on 25 September, the new one is decided on 26 March."""
    record = sample("person_collection_notice", stage_before="noticed")
    record["facts"]["claims"][0].update(due_on="2025-08-01", invoiced_on="2025-07-01")
    first = record["facts"]["notices"][0]
    first.update(sent_on="2025-09-01", deadline_on="2025-09-16", fee_ore=3_500)
    second = {
        **first,
        "step": "collection_notice",
        "sent_on": "2025-09-25",
        "deadline_on": "2025-10-10",
        "proof": "a" * 64,
    }
    change(record, facts__notices=[first, second], facts__charged_notice_fees_ore=7_000, cap__charged_before_ore=7_000)
    return charge(record, 3_800)


def two_invoices_that_cost_less_apart() -> Certificate:
    record = two_claims(sample("three_invoices_payment_demand"), 90_000, 170_000)
    law_row(record, "collection_fee_tier")["value"] = "0.35/0.7"
    record["law"].append({**law_row(record, "collection_fee_tier"), "value": "0.4/0.8"})
    return charge(priced(record, (90_000, 350), (170_000, 400), joined=False), 56_250 - 7_600)


def two_invoices_that_together_reach_the_top_of_a_band() -> Certificate:
    record = two_claims(sample("three_invoices_payment_demand"), 130_000, 120_000)
    law_row(record, "collection_fee_tier")["value"] = "0.4/0.8"
    return charge(priced(record, (250_000, 400)), 30_000 - 7_600)


def a_demand_for_what_is_left_after_one_invoice_was_paid() -> Certificate:
    record = two_claims(sample("three_invoices_payment_demand"), 130_000, 170_000)
    paid = {"principal_left_ore": 0, "principal_moves": [["2026-04-20", 130_000]]}
    record["facts"]["claims"][0].update(paid)
    change(record, facts__outstanding__principal_ore=170_000)
    law_row(record, "collection_fee_tier")["value"] = "0.4/0.8"
    return charge(priced(record, (170_000, 400)), 30_000 - 7_600)


def a_heavy_fee_that_a_paid_invoice_does_not_raise() -> Certificate:
    """4 609.05 kr were demanded, 1 567.20 kr of it paid in time; what is left is in the same band."""
    record = sample("three_invoices_heavy_fee", facts__outstanding__principal_ore=304_185)
    record["facts"]["claims"][0].update(principal_left_ore=0, principal_moves=[["2026-06-01", 156_720]])
    return record


def a_letter_without_a_fee() -> Certificate:
    record = charge(sample("person_collection_notice"), 0)
    return change(without_law(record, "notice_fee_fraction"), costs=[])


def the_smallest_claim_with_vat() -> Certificate:
    """234.375 kr is 234.37 kr."""
    return charge(with_vat(of_500_kr(sample("person_payment_demand"))), 23_437 - 7_600)


def compensation_in_place_of_a_fee() -> Certificate:
    """460 kr is more than any fee of a reminder; a fee beside it would be too much."""
    return compensating(free(sample("company_reminder")), 46_000)


def compensation_less_the_fee_before_it() -> Certificate:
    return compensating(free(sample("company_collection_notice")), 46_000 - 3_800)


def an_agency_fee_less_the_compensation_before_it() -> Certificate:
    """The cap of 900 kr is for everything; 460 kr of it is compensation."""
    record = compensated(sample("company_heavy_fee"), 46_000)
    change(record, facts__charged_collection_fee_ore=0, facts__outstanding__collection_fee_ore=0)
    change(record, cap__charged_before_ore=46_000 + 7_600)
    return charge(record, 90_000 - 46_000 - 7_600)


def interest_on_a_fee_from_30_days_after_the_demand() -> Certificate:
    """224 kr from 20 May to 10 June at 12 per cent: 1.55 kr."""
    return sample("person_heavy_fee", policy__fee_interest=True, facts__outstanding__fee_interest_ore=155)


def a_demand_for_claims_each_with_a_notice_of_its_own() -> Certificate:
    record = sample("three_invoices_payment_demand")
    notice = record["facts"]["notices"][1]
    own = [
        {**notice, "claim_ids": [claim], "proof": str(nth) * 64, "fee_ore": notice["fee_ore"] if nth == 1 else 0}
        for nth, claim in enumerate(ids(record), start=1)
    ]
    return change(record, facts__notices=[record["facts"]["notices"][0], *own])


def a_demand_on_the_creditors_notice_from_before_the_new_act() -> Certificate:
    """The notice of 31 July was the creditor's to send until the act of 2026 began on 1 August."""
    record = under_the_new_act(sample("person_payment_demand"))
    return change(record, facts__notices__1__by_creditor=True, policy__new_act_from="2026-08-01")


LAWFUL = [
    ("compensation in place of a reminder's fee", compensation_in_place_of_a_fee),
    ("compensation less the fee before it", compensation_less_the_fee_before_it),
    ("an agency fee less the compensation before it", an_agency_fee_less_the_compensation_before_it),
    ("interest on a fee from 30 days after the demand", interest_on_a_fee_from_30_days_after_the_demand),
    ("claims each with a notice of its own", a_demand_for_claims_each_with_a_notice_of_its_own),
    ("a notice under the act of 2026", lambda: under_the_new_act(sample("person_collection_notice"))),
    ("a demand under the act of 2026", lambda: under_the_new_act(sample("person_payment_demand"))),
    (
        "a reminder without a licence under the act of 2026",
        lambda: change(under_the_new_act(sample("person_reminder")), facts__agency_licence=False),
    ),
    ("a notice of the creditor from before the new act", a_demand_on_the_creditors_notice_from_before_the_new_act),
    (
        "the act of 1988 on its last day",
        lambda: sample("person_payment_demand", policy__new_act_from="2026-05-22"),
    ),
    (
        "interest that ran until it was paused",
        lambda: sample(
            "partly_paid_payment_demand", facts__claims__0__interest_pauses=[["2026-04-17", None, "creditor_delay"]]
        ),
    ),
    (
        "a fee taken back since the right to it was lost",
        lambda: free(
            sample(
                "person_payment_demand",
                facts__lost_costs="all",
                facts__notices__0__fee_ore=0,
                facts__notices__1__fee_ore=0,
                facts__charged_notice_fees_ore=0,
                facts__outstanding__notice_fee_ore=0,
                cap__charged_before_ore=0,
            )
        ),
    ),
    ("the heavy fee on the 29th day after the deadline when no grace is stated", heavy_as_early_as_the_law_allows),
    ("the heavy fee as many days later as the case was held", heavy_after_seven_held_days),
    ("a fee six months and a day after the last", a_new_reminder_fee_six_months_and_a_day_after_the_last),
    ("two invoices each for itself where together they would cost more", two_invoices_that_cost_less_apart),
    ("two invoices joined at exactly 2 500 kr", two_invoices_that_together_reach_the_top_of_a_band),
    ("a demand that leaves a paid invoice out of the base", a_demand_for_what_is_left_after_one_invoice_was_paid),
    ("a heavy fee that a paid invoice does not raise", a_heavy_fee_that_a_paid_invoice_does_not_raise),
    ("a notice without a fee", a_letter_without_a_fee),
    ("VAT on the smallest cap rounded down to 234.37 kr", the_smallest_claim_with_vat),
    ("a letter that leaves on the last day of limitation", lambda: an_older_claim("2023-03-03")),
    (
        "a claim acknowledged in time",
        lambda: change(an_older_claim("2021-03-02"), facts__acknowledged_on=["2023-12-01"]),
    ),
    (
        "a claim there is a judgment for",
        lambda: change(an_older_claim("2021-03-02"), facts__judged_on=["2024-06-01"]),
    ),
    ("the old tables for a claim due on their last day", lambda: of_old(sample("person_reminder"))),
    ("VAT for a creditor that deducts none", lambda: charge(with_vat(sample("person_payment_demand")), 29_900)),
    (
        "a notice while another is ready",
        lambda: sample("person_collection_notice", facts__sibling_ready_on="2026-03-26"),
    ),
    ("a demand not to be waited with", lambda: sample("person_payment_demand", facts__sibling_ready_on="2026-05-02")),
    ("a step with nothing planned after it", lambda: sample("person_payment_demand", next_action_on=None)),
    ("a fee lower than it could be", lambda: charge(sample("person_reminder"), 1_000)),
    ("a year of 365 days", lambda: sample("partly_paid_payment_demand", policy__day_basis="fixed365")),
]


@pytest.mark.parametrize("record", [each[1] for each in LAWFUL], ids=[each[0] for each in LAWFUL])
def test_it_accepts(record: Callable[[], Certificate]) -> None:
    assert verify(record()).findings == ()


def test_bytes_and_mapping_get_the_same_verdict() -> None:
    record = sample("person_reminder", stage_after="noticed")
    assert verify(record) == verify(json.dumps(record).encode())
