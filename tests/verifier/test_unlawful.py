"""One unlawfulness planted in a lawful certificate, and the rule that finds it."""

from collections.abc import Callable

import pytest

from saas.verifier import verify
from tests.verifier.certificates import (
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

Plant = Callable[[], Certificate]


def notices(record: Certificate, *notices: dict, fees_ore: int | None = None) -> Certificate:
    """Other letters before the step, with the sums that belong to their fees; `fees_ore` says otherwise."""
    fees = sum(notice["fee_ore"] for notice in notices) if fees_ore is None else fees_ore
    before = fees + record["facts"]["charged_collection_fee_ore"]
    change(record, facts__notices=list(notices), facts__charged_notice_fees_ore=fees, cap__charged_before_ore=before)
    change(record, facts__outstanding__notice_fee_ore=min(fees, record["facts"]["outstanding"]["notice_fee_ore"]))
    return charge(record, record["costs"][0]["amount_ore"])


def letter(record: Certificate, at: int, **changes: object) -> dict:
    return {**record["facts"]["notices"][at], **changes}


def second_reminder_before_the_first_was_missed() -> Certificate:
    """The first reminder gave ten days, so nobody has missed a deadline of fourteen."""
    record = sample("person_collection_notice")
    return notices(record, letter(record, 0, deadline_on="2026-03-13"))


def third_notice_fee() -> Certificate:
    record = sample("person_collection_notice", stage_before="noticed")
    again = letter(record, 0, sent_on="2026-02-25", deadline_on="2026-03-12", proof="b" * 64)
    change(record, facts__claims__0__due_on="2026-01-20")
    return notices(record, again, letter(record, 0, sent_on="2026-03-13", deadline_on="2026-03-20"))


def counter_reset_on_the_last_day_of_six_months() -> Certificate:
    """The last fee went out on 26 September, so 26 March is six months later and not more."""
    record = sample("person_collection_notice", stage_before="noticed", facts__claims__0__due_on="2025-08-01")
    first = letter(record, 0, sent_on="2025-09-01", deadline_on="2025-09-16", fee_ore=3_500)
    second = {
        **first,
        "step": "collection_notice",
        "sent_on": "2025-09-26",
        "deadline_on": "2025-10-11",
        "proof": "a" * 64,
    }
    return notices(record, first, second)


def own_demand_without_a_missed_deadline() -> Certificate:
    record = sample("own_demand")
    return notices(record, letter(record, 0, deadline_on="2026-02-20"), letter(record, 1, deadline_on="2026-03-20"))


def second_own_demand() -> Certificate:
    record = sample("own_demand", stage_before="demanded")
    demand = letter(
        record, 1, step="payment_demand", sent_on="2026-03-10", deadline_on="2026-03-26", fee_ore=100, proof="c" * 64
    )
    return notices(record, letter(record, 0), letter(record, 1, sent_on="2026-03-09"), demand)


def demand_on_a_notice_sent_before_the_claim_was_due() -> Certificate:
    record = sample("person_payment_demand")
    return notices(
        record, letter(record, 0), letter(record, 1, sent_on="2026-02-10", deadline_on="2026-02-25", fee_ore=0)
    )


def demand_on_a_notice_of_thirteen_days() -> Certificate:
    record = sample("person_payment_demand")
    return notices(record, letter(record, 0), letter(record, 1, deadline_on="2026-04-09"))


def one_of_three_invoices_fell_due_after_the_notice() -> Certificate:
    return sample("three_invoices_payment_demand", facts__claims__2__due_on="2026-04-08")


def two_invoices_dearer_together() -> Certificate:
    record = two_claims(sample("three_invoices_payment_demand"), 90_000, 170_000)
    return charge(priced(record, (260_000, 800)), 60_000 - 7_600)


def two_joined_invoices_charged_apart() -> Certificate:
    record = two_claims(sample("three_invoices_payment_demand"), 90_000, 120_000)
    law_row(record, "collection_fee_tier")["value"] = "0.35/0.7"
    record["law"].append({**law_row(record, "collection_fee_tier"), "value": "0.4/0.8"})
    return charge(priced(record, (90_000, 350), (120_000, 400), joined=False), 56_250 - 7_600)


def base_with_a_paid_invoice_in_it() -> Certificate:
    record = two_claims(sample("three_invoices_payment_demand"), 130_000, 170_000)
    record["facts"]["claims"][0].update(principal_left_ore=0, principal_moves=[["2026-04-20", 130_000]])
    return change(priced(record, (300_000, 800)), facts__outstanding__principal_ore=170_000)


def heavy_fee_raised_by_an_invoice_paid_in_time() -> Certificate:
    """Two of three invoices were paid before the 28 days were over; the third alone is in a lower band."""
    record = sample("three_invoices_heavy_fee", facts__outstanding__principal_ore=156_720)
    for claim in record["facts"]["claims"][1:]:
        claim.update(principal_moves=[["2026-06-01", claim["principal_ore"]]], principal_left_ore=0)
    return record


def heavy_after_a_demand_of_thirteen_days() -> Certificate:
    record = sample("person_heavy_fee")
    return notices(record, *record["facts"]["notices"][:2], letter(record, 2, deadline_on="2026-05-03"))


def no_deadline_missed_before_the_heavy_demand() -> Certificate:
    record = sample("person_heavy_fee")
    late = [letter(record, at, deadline_on="2026-04-20") for at in (0, 1)]
    return notices(record, *late, record["facts"]["notices"][2])


def time_barred() -> Certificate:
    """The reminder of 2 March 2026 leaves on the 3rd; three years from the due date ended on the 2nd, a Monday."""
    return sample("person_reminder", facts__claims__0__due_on="2023-03-02", facts__claims__0__invoiced_on="2023-02-16")


def vat_for_a_creditor_that_deducts_it() -> Certificate:
    record = charge(with_vat(sample("person_payment_demand")), 37_500 - 7_600)
    return change(record, facts__vat_deductible=True)


def cap_rounded_up() -> Certificate:
    record = with_vat(of_500_kr(sample("person_payment_demand")))
    return charge(change(record, cap__parts__0__cap_ore=23_438, cap__cap_ore=23_438), 23_438 - 7_600)


def new_claim_priced_by_the_old_table() -> Certificate:
    record = priced(sample("person_payment_demand"), (124_000, 500))
    law_row(record, "collection_fee_tier").update(valid_from="2010-01-01", known_until="2020-09-30", value="0.5/1")
    return charge(record, 37_500 - 7_600)


def consumer_priced_as_a_business() -> Certificate:
    record = priced(sample("person_payment_demand"), (124_000, 600))
    law_row(record, "collection_fee_tier")["value"] = "0.6/1.2"
    return charge(record, 45_000 - 7_600)


def agency_fee_added_to_the_notice_fees() -> Certificate:
    return charge(sample("person_payment_demand"), 30_000)


def sent_in_a_half_year_nobody_knows() -> Certificate:
    days = {"decided_on": "2026-12-30", "cap__on": "2026-12-30", "expected_sending_on": "2027-01-04"}
    return sample("person_reminder", **days, deadline_on="2027-01-22", next_action_on="2027-01-28")


def hid_the_fees_already_charged() -> Certificate:
    """The letters show 76 kr, the facts say none, and the agency takes the whole cap."""
    record = sample("person_payment_demand")
    return charge(notices(record, *record["facts"]["notices"], fees_ore=0), 30_000)


def letter_under_a_second_name() -> Certificate:
    record = sample("joined_from_two_cases_payment_demand")
    shared = record["facts"]["notices"][0]["proof"]
    return change(record, facts__notices__1__proof=shared)


def paid_back_into_a_higher_band() -> Certificate:
    record = sample("person_payment_demand", facts__outstanding__principal_ore=324_000)
    record["facts"]["claims"][0].update(principal_left_ore=324_000, principal_moves=[["2026-02-01", -200_000]])
    law_row(record, "collection_fee_tier")["value"] = "0.8/1.6"
    return charge(priced(record, (324_000, 800)), 60_000 - 7_600)


def agency_demand_bears_a_notice_fee() -> Certificate:
    record = sample("person_heavy_fee")
    return notices(record, *record["facts"]["notices"][:2], letter(record, 2, fee_ore=11_300))


def at(name: str, **changes: object) -> Plant:
    return lambda: sample(name, **changes)


def demand_for_a_claim_the_notice_was_not_about() -> Certificate:
    """Three invoices in the case, and the notice was for the first two."""
    record = sample("three_invoices_payment_demand")
    record["facts"]["notices"][1]["claim_ids"] = ids(record)[:2]
    return record


def heavy_fee_for_a_claim_the_demand_was_not_about() -> Certificate:
    record = sample("three_invoices_heavy_fee")
    record["facts"]["notices"][2]["claim_ids"] = ids(record)[1:]
    return record


def third_fee_for_one_of_three_claims() -> Certificate:
    """Three fees are possible to share out among three claims, but not when all were for the first."""
    record = sample("three_invoices_collection_notice", stage_before="noticed", facts__claims__0__due_on="2026-01-01")
    about = {"claim_ids": ids(record)[:1]}
    record["facts"]["claims"][0]["invoiced_on"] = "2025-12-01"
    first = letter(record, 0, sent_on="2026-01-20", deadline_on="2026-02-05", proof="b" * 64, **about)
    second = letter(record, 0, sent_on="2026-02-10", deadline_on="2026-02-26", proof="c" * 64, **about)
    return notices(record, first, second, letter(record, 0, **about))


def heavy_fee_charged_before() -> Certificate:
    """Charged at the rate of 700 kr the year before; at 750 kr there is room for 40 kr more."""
    record = sample("person_heavy_fee", facts__charged_collection_fee_ore=48_400, cap__charged_before_ore=56_000)
    return charge(record, 4_000)


def interest_on_a_fee_too_early() -> Certificate:
    """The demand of 20 April is 30 days old on 20 May; 22 days at 12 per cent of 224 kr are 1.62 kr."""
    return sample("person_heavy_fee", policy__fee_interest=True, facts__outstanding__fee_interest_ore=300)


def interest_on_a_fee_not_charged() -> Certificate:
    return sample("person_payment_demand", policy__fee_interest=True, facts__outstanding__fee_interest_ore=10)


def compensation_on_top_of_the_fees() -> Certificate:
    """A fee of 38 kr was charged, and then all of the 460 kr."""
    return compensating(free(sample("company_collection_notice")), 46_000)


def compensation_the_tenant_does_not_claim() -> Certificate:
    return change(compensating(sample("company_reminder"), 46_000), policy__claim_compensation=False)


def compensation_without_its_figure() -> Certificate:
    return without_law(compensating(sample("company_reminder"), 46_000), "standard_compensation")


def earlier_fee_under_the_new_act() -> Certificate:
    record = under_the_new_act(sample("person_collection_notice"))
    return change(record, facts__notices__0__fee_ore=3_800, facts__charged_notice_fees_ore=3_800)


def demand_on_the_creditors_notice_under_the_new_act() -> Certificate:
    record = under_the_new_act(sample("person_payment_demand"))
    return change(record, facts__notices__1__by_creditor=True, policy__new_act_from="2026-06-01")


DEMAND, HEAVY, NOTICE, REMINDER = (
    "person_payment_demand",
    "person_heavy_fee",
    "person_collection_notice",
    "person_reminder",
)

OBJECTION = {"reason": "objection", "since": "2026-04-16", "until": None}
MOVES = "facts__claims__0__principal_moves"
PAUSE = ["2026-02-01", None, "objection_upheld"]
KINDS: dict[str, list[tuple[str, str, Plant]]] = {
    "a demand without a lawful collection notice": [
        ("S4", "a demand without any collection notice", lambda: notices(s := sample(DEMAND), letter(s, 0))),
        ("S4", "a demand on a notice of thirteen days", demand_on_a_notice_of_thirteen_days),
        ("S4", "a demand on a notice sent on the due date", demand_on_a_notice_sent_before_the_claim_was_due),
        (
            "S4",
            "a demand for an invoice that fell due after the notice",
            one_of_three_invoices_fell_due_after_the_notice,
        ),
        ("S4", "a demand for a claim the notice was not about", demand_for_a_claim_the_notice_was_not_about),
    ],
    "a letter nobody can prove": [
        ("proof", "a notice nobody can prove", at(DEMAND, facts__notices__1__proof="")),
        ("proof", "a proof that is no hash", at(DEMAND, facts__notices__1__proof="Z" * 64)),
    ],
    "a step out of its order": [
        ("stage", "a demand straight after the reminder", at(DEMAND, stage_before="reminded")),
        ("stage", "a reminder that leaves the case demanded", at(REMINDER, stage_after="demanded")),
        ("stage", "a notice stage no letter shows", at("own_demand", facts__notices=[])),
        ("stage", "a heavy fee before the demand", at(HEAVY, stage_before="noticed")),
        ("stage", "a reminder after the demand", at(REMINDER, stage_before="demanded")),
    ],
    "a claim that is not overdue": [
        ("S0", "a claim that falls due today", at(REMINDER, facts__claims__0__due_on="2026-03-02")),
        ("S0", "a claim due before it was invoiced", at(REMINDER, facts__claims__0__invoiced_on="2026-02-11")),
    ],
    "a claim that is paid": [
        (
            "S0",
            "a claim that is paid",
            at(
                DEMAND,
                facts__claims__0__principal_left_ore=0,
                facts__claims__0__principal_moves=[["2026-04-01", 124_000]],
                facts__outstanding__principal_ore=0,
            ),
        ),
    ],
    "a deadline acted on before it was over": [
        ("A1", "a demand on the last day of the notice", at(DEMAND, decided_on="2026-04-13", cap__on="2026-04-13")),
        ("A1", "a next step on the printed deadline", at(REMINDER, next_action_on="2026-03-20")),
    ],
    "the banks' days not waited for": [
        (
            "A2",
            "a demand before the banks have had their days",
            at(DEMAND, decided_on="2026-04-16", cap__on="2026-04-16"),
        ),
        ("A2", "a grace of four days that was not waited for", at(DEMAND, policy__grace_banking_days=4)),
        ("A2", "a heavy fee within the grace", at(HEAVY, decided_on="2026-06-09", cap__on="2026-06-09")),
        ("A2", "a next step within the grace", at(REMINDER, next_action_on="2026-03-25")),
    ],
    "a deadline that is too short": [
        ("A1", "a deadline of thirteen days", at(REMINDER, deadline_on="2026-03-16")),
    ],
    "a deadline on a day off": [
        ("A3", "a deadline on a Saturday", at(REMINDER, deadline_on="2026-03-21")),
        ("A3", "a deadline on Good Friday", at(REMINDER, deadline_on="2026-04-03", next_action_on="2026-04-10")),
        ("A3", "a deadline on Ascension Day", at(DEMAND, deadline_on="2026-05-14")),
    ],
    "a letter sent out of its time": [
        ("A4", "a letter sent on the day of decision", at(REMINDER, expected_sending_on="2026-03-02")),
        ("A4", "a letter without a deadline", at(REMINDER, deadline_on=None)),
        (
            "A4",
            "a letter before the last one is posted",
            at(NOTICE, facts__notices__0__sent_on="2026-03-27", facts__notices__0__deadline_on="2026-04-13"),
        ),
        (
            "A4",
            "a letter expected to leave on a Sunday",
            at(REMINDER, expected_sending_on="2026-03-08", deadline_on="2026-03-25", next_action_on=None),
        ),
        ("A4", "a deadline without the days for the post", at(REMINDER, deadline_on="2026-03-19")),
    ],
    "an objection or another hold": [
        ("E1", "an objection on the case", at(DEMAND, facts__holds=[OBJECTION])),
        ("schema", "a hold told in one word", at(HEAVY, facts__holds=["objection"])),
    ],
    "a vulnerable debtor": [
        ("G6", "a vulnerable debtor", at(NOTICE, facts__vulnerable=True)),
    ],
    "a debtor that no letter reaches": [
        ("A4", "a debtor without an address", at(DEMAND, facts__postable=False)),
        ("A4", "a letter on its way", at(HEAVY, facts__letter_under_way=True)),
    ],
    "claims that should have been joined": [
        ("B16", "another claim that is ready and not joined", at(DEMAND, facts__sibling_ready_on="2026-04-17")),
        ("B17", "another claim that is ready in fourteen days", at(DEMAND, facts__sibling_ready_on="2026-05-01")),
    ],
    "a notice fee too early": [
        ("B1", "a fee on the thirteenth day after the due date", at(REMINDER, facts__claims__0__due_on="2026-02-17")),
        ("B1", "a creditor's fee too early", at("after_the_creditors_reminder", facts__claims__0__due_on="2026-01-14")),
    ],
    "a notice fee too high": [
        ("B2", "a fee of 39 kr", lambda: charge(sample(REMINDER), 3_900)),
        ("B2", "an own demand that costs 114 kr", lambda: charge(sample("own_demand"), 11_400)),
        ("B2", "an earlier fee of 75 kr", lambda: notices(s := sample(NOTICE), letter(s, 0, fee_ore=7_500))),
    ],
    "a notice fee too many": [
        ("B2", "a third notice fee", third_notice_fee),
        ("B2", "a second own demand within six months", second_own_demand),
        ("B2", "one letter that bears two fees", letter_under_a_second_name),
        (
            "B2",
            "two fees for one letter",
            lambda: change(s := sample(REMINDER), costs=s["costs"] * 2, cap__charged_after_ore=7_600),
        ),
        ("B2", "a new fee exactly six months after the last", counter_reset_on_the_last_day_of_six_months),
        ("B2", "a third fee for one of three claims", third_fee_for_one_of_three_claims),
    ],
    "a second fee without a missed deadline": [
        ("B3", "a second fee when the first reminder gave ten days", second_reminder_before_the_first_was_missed),
    ],
    "a fee for the creditor's own demand": [
        ("B4", "an own demand without a missed deadline of fourteen days", own_demand_without_a_missed_deadline),
        ("B4", "an own demand's fee charged by an agency", at("own_demand", facts__agency_licence=True)),
        ("B4", "an agency's demand that bears a notice fee", agency_demand_bears_a_notice_fee),
    ],
    "fees of the wrong years": [
        (
            "B13",
            "a claim due the day after, at the old fraction",
            lambda: change(of_old(sample(REMINDER)), facts__claims__0__due_on="2020-10-01"),
        ),
        ("B13", "a new claim priced by the old table", new_claim_priced_by_the_old_table),
    ],
    "an agency fee nobody has earned": [
        ("B9", "an agency fee without a licence", at(DEMAND, facts__agency_licence=False)),
        ("B10", "a heavy fee without a licence", at(HEAVY, facts__agency_licence=False)),
        ("B9", "an agency fee with the collection notice", at(NOTICE, costs__0__kind="collection_fee")),
    ],
    "a heavy fee too early": [
        (
            "B10",
            "a heavy fee on the 28th day",
            at(HEAVY, policy__grace_banking_days=0, decided_on="2026-06-04", cap__on="2026-06-04"),
        ),
        ("B10", "a heavy fee that counts the held days", at(HEAVY, facts__held_days_since_demand=7)),
    ],
    "a heavy fee without what it rests on": [
        ("B10", "a heavy fee that was charged before", heavy_fee_charged_before),
        ("B10", "a heavy cap for the demand", at(DEMAND, cap__heavy=True)),
        ("B10", "a heavy fee after a demand of thirteen days", heavy_after_a_demand_of_thirteen_days),
        ("B23", "a heavy fee raised by invoices paid within the 28 days", heavy_fee_raised_by_an_invoice_paid_in_time),
        (
            "B10",
            "a heavy fee though no deadline was missed before the demand",
            no_deadline_missed_before_the_heavy_demand,
        ),
        ("B10", "a heavy fee for a claim the demand was not about", heavy_fee_for_a_claim_the_demand_was_not_about),
    ],
    "costs above the cap": [
        ("B23", "an agency fee on top of the notice fees", agency_fee_added_to_the_notice_fees),
        ("B23", "a cap that is not the sum of its parts", at(DEMAND, cap__cap_ore=40_000)),
        ("B23", "costs that are not the difference", at(DEMAND, costs__0__amount_ore=22_500)),
        ("B23", "fees of earlier letters left out of the cap", hid_the_fees_already_charged),
        ("B23", "fees before the step left out of the cap", at(DEMAND, cap__charged_before_ore=0)),
    ],
    "a wrong rate": [
        ("B11", "a rate of 760 kr", lambda: charge(priced(sample(DEMAND), (124_000, 400), rate_ore=76_000), 22_800)),
        ("B11", "a cap priced on another day", at(DEMAND, cap__on="2026-04-16")),
        ("B11", "a half øre rounded up", cap_rounded_up),
        ("B11", "a rate that is not shown", lambda: without_law(sample(DEMAND), "collection_rate")),
        (
            "B11",
            "a rate of 700 kr said to be in force",
            lambda: change(
                sample(DEMAND), law__1__value="700", law__1__valid_from="2020-10-01", law__1__known_until="2025-12-31"
            ),
        ),
    ],
    "VAT that is not owed": [
        ("B12", "VAT for a creditor that deducts it", vat_for_a_creditor_that_deducts_it),
        ("B12", "VAT of 26 per cent", lambda: charge(with_vat(sample(DEMAND), 26), 30_000)),
    ],
    "a claim in the wrong band": [
        ("B8", "a base one øre into the next band", lambda: priced(sample(DEMAND), (124_001, 400))),
        ("B8", "the multiplier of the next band", lambda: charge(priced(sample(DEMAND), (124_000, 800)), 52_400)),
        ("B8", "a paid invoice in the base", base_with_a_paid_invoice_in_it),
        (
            "B8",
            "a claim that stands twice",
            lambda: change(
                s := sample("three_invoices_payment_demand"), facts__claims__1__id=s["facts"]["claims"][0]["id"]
            ),
        ),
    ],
    "a consumer taken for a business": [
        ("B8", "a consumer priced as a business", consumer_priced_as_a_business),
        (
            "B8",
            "a private person said not to be a consumer",
            lambda: change(sample("company_payment_demand"), facts__debtor_kind="person"),
        ),
    ],
    "claims joined or parted at the debtor's cost": [
        ("B16", "two joined invoices that would be cheaper apart", two_invoices_dearer_together),
        ("B16", "two invoices charged apart that are cheaper together", two_joined_invoices_charged_apart),
    ],
    "a balance that does not add up": [
        ("D4", "a payment that did not lower the principal", at(DEMAND, **{MOVES: [["2026-04-01", 100]]})),
        ("D4", "more owed in all than claim by claim", at(DEMAND, facts__outstanding__principal_ore=124_001)),
        ("D4", "a repayment that lifts the claim into a higher band", paid_back_into_a_higher_band),
        ("D4", "a payment from tomorrow", at(DEMAND, **{MOVES: [["2026-04-18", 0]]})),
        ("B23", "more agency fee owed than charged", at(HEAVY, facts__outstanding__collection_fee_ore=22_401)),
    ],
    "too much interest": [
        ("C4", "interest 100 kr too much", at("partly_paid_payment_demand", facts__outstanding__interest_ore=18_004)),
        (
            "C4",
            "interest while it was paused",
            at("partly_paid_payment_demand", facts__claims__0__interest_pauses=[PAUSE]),
        ),
    ],
    "interest at a rate that is not in force": [
        ("C1", "interest for a half year nobody knows", sent_in_a_half_year_nobody_knows),
        ("C1", "a letter that does not show its interest rate", lambda: without_law(sample(DEMAND), "late_interest")),
        ("C1", "interest of 13 per cent", lambda: change(sample(DEMAND), law__0__value="13.00")),
        (
            "C1",
            "the interest of another half year",
            lambda: change(
                sample(DEMAND), law__0__valid_from="2024-01-01", law__0__value="12.50", law__0__known_until="2024-06-30"
            ),
        ),
        ("C1", "a figure said to be known longer than it is", at(DEMAND, law__0__known_until="2027-06-30")),
    ],
    "a figure that is not shown": [
        ("B13", "a band that is not shown", lambda: without_law(sample(DEMAND), "collection_fee_tier")),
        ("B13", "a fraction that is not shown", lambda: without_law(sample(REMINDER), "notice_fee_fraction")),
        ("schema", "a figure from a file of its own", at(DEMAND, law__0__file="my_own_rates.csv")),
    ],
    "a record that cannot be read": [
        ("schema", "a field nobody checks", at(DEMAND, override=True)),
        ("schema", "a negative amount", at(DEMAND, costs__0__amount_ore=-1)),
        ("schema", "kroner in place of øre", at(DEMAND, costs__0__amount_ore=224.0)),
        ("schema", "a day that does not exist", at(DEMAND, decided_on="2026-02-30")),
        ("schema", "a step without reasons", at(DEMAND, rules=[])),
    ],
    "a debtor who has died or is bankrupt": [
        ("G7", "a letter to somebody who has died", at(REMINDER, facts__deceased_on="2026-02-20")),
        ("G7", "a fee in a bankruptcy", at("company_heavy_fee", facts__bankrupt_on="2026-06-01")),
    ],
    "a claim that can no longer be demanded": [
        ("H7", "a letter on a claim due three years and a day before it leaves", time_barred),
        (
            "H7",
            "an acknowledgement after the claim was time-barred",
            lambda: change(time_barred(), facts__acknowledged_on=["2026-03-03"]),
        ),
        (
            "H7",
            "a judgment that is not there yet",
            lambda: change(time_barred(), facts__judged_on=["2026-03-04"]),
        ),
        (
            "H4",
            "interest of six years after a judgment",
            lambda: change(time_barred(), facts__judged_on=["2020-03-02"]),
        ),
    ],
    "interest on fees": [
        ("C6", "interest on the fee of a tenant that claims none", at(HEAVY, facts__outstanding__fee_interest_ore=10)),
        ("C6", "interest on the fee before the demand is 30 days old", interest_on_a_fee_too_early),
        ("C6", "interest on a fee that was not charged", interest_on_a_fee_not_charged),
    ],
    "compensation from a consumer": [
        ("B15", "compensation charged to a consumer", lambda: compensated(sample(DEMAND), 10_000)),
        ("B15", "compensation owed by a consumer", at(DEMAND, facts__outstanding__compensation_ore=100)),
    ],
    "compensation and costs added up": [
        ("B15", "an agency fee on top of the compensation", lambda: compensated(sample("company_heavy_fee"), 46_000)),
        (
            "B15",
            "two reminders on top of the compensation",
            lambda: compensated(sample("company_collection_notice"), 46_000),
        ),
        ("B15", "compensation on top of the fees", compensation_on_top_of_the_fees),
    ],
    "compensation that is not owed": [
        ("C9", "compensation of 470 kr", lambda: compensated(free(sample("company_reminder")), 47_000)),
        ("B15", "compensation the tenant does not claim", compensation_the_tenant_does_not_claim),
        ("C9", "compensation whose figure is not shown", compensation_without_its_figure),
        (
            "B23",
            "more compensation owed than charged",
            at("company_payment_demand", facts__outstanding__compensation_ore=1),
        ),
    ],
    "costs that were lost": [
        ("B19", "an agency fee after the right to it was lost", at(DEMAND, facts__lost_costs="agency_fee")),
        ("B19", "a notice fee after the right to costs was lost", at(NOTICE, facts__lost_costs="all")),
    ],
    "the wrong act": [
        ("m1", "a certificate of the act that is not in force", at(DEMAND, regime="inkassoloven-2026")),
        ("m1", "the act of 1988 on the first day of the new one", at(DEMAND, policy__new_act_from="2026-04-20")),
        (
            "m1",
            "a new act before it was passed",
            lambda: change(under_the_new_act(sample(NOTICE)), policy__new_act_from="2026-05-21"),
        ),
    ],
    "a cost under the act of 2026": [
        ("m1", "a notice fee without a published figure", lambda: under_the_new_act(sample(NOTICE), costs=True)),
        ("m1", "a cap without a published figure", lambda: under_the_new_act(sample(NOTICE), cap=True)),
        ("m1", "an earlier fee without a published figure", earlier_fee_under_the_new_act),
    ],
    "a letter that is the agency's to send": [
        (
            "m1",
            "a notice without a licence under the act of 2026",
            lambda: change(under_the_new_act(sample(NOTICE)), facts__agency_licence=False),
        ),
        (
            "m1",
            "a demand without a licence under the act of 2026",
            lambda: change(under_the_new_act(sample(DEMAND)), facts__agency_licence=False),
        ),
        (
            "S4",
            "a demand on a notice the creditor sent under the act of 2026",
            demand_on_the_creditors_notice_under_the_new_act,
        ),
    ],
}
PLANTED = [plant for plants in KINDS.values() for plant in plants]


def test_at_least_thirty_kinds_of_unlawfulness_are_planted_each_in_its_own_name() -> None:
    assert len(KINDS) == 44
    assert len(PLANTED) == 134
    assert len({what for _, what, _ in PLANTED}) == len(PLANTED)


@pytest.mark.parametrize("kind", KINDS)
def test_every_planted_unlawfulness_of_a_kind_is_rejected(kind: str) -> None:
    assert KINDS[kind]
    assert not any(verify(plant()).ok for _, _, plant in KINDS[kind])


@pytest.mark.parametrize(("rule", "plant"), [p[::2] for p in PLANTED], ids=[p[1] for p in PLANTED])
def test_it_finds(rule: str, plant: Plant) -> None:
    verdict = verify(plant())
    assert not verdict.ok
    assert rule in {finding.rule_id for finding in verdict.findings}, verdict.findings


@pytest.mark.parametrize("name", [DEMAND, HEAVY, NOTICE, REMINDER, "own_demand", "three_invoices_payment_demand"])
def test_each_field_left_out_is_named(name: str) -> None:
    for path in _paths(sample(name)):
        record = sample(name)
        part = record
        for step in path[:-1]:
            part = part[step]
        del part[path[-1]]
        findings = verify(record).findings
        assert any(f.rule_id == "schema" and str(path[-1]) in f.message for f in findings), path


def _paths(part: object, above: tuple = ()) -> list[tuple]:
    """The path to every named field."""
    if isinstance(part, dict):
        below = [path for name, value in part.items() for path in _paths(value, (*above, name))]
        return [(*above, name) for name in part] + below
    if isinstance(part, list):
        return [path for at, value in enumerate(part) for path in _paths(value, (*above, at))]
    return []
