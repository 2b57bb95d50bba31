"""The order of the steps and the deadlines between them (INKL §§ 8 to 11, INKF § 2-3)."""

from datetime import date

from saas.verifier.acts import counts_as_notice
from saas.verifier.days import after_banking_days, is_banking_day, plus_days
from saas.verifier.findings import Finding, Findings
from saas.verifier.reading import is_proof
from saas.verifier.record import ACT_2026, DEMAND, HEAVY, LETTERS, MIN_DEADLINE_DAYS, NOTICE, REMINDER, Notice, Record

HEAVY_AFTER_DAYS = 28  # INKF § 2-3 first paragraph: exceeded by more than 28 days
STAGES = {
    REMINDER: (
        ("registered", "reminded"),
        "reminded",
    ),  # two reminders are allowed (INKF § 1-3), a reminder is optional
    NOTICE: (("registered", "reminded", "noticed"), "noticed"),
    DEMAND: (("noticed", "demanded"), "demanded"),  # again when the first is older than six months (INKL § 11)
    HEAVY: (("demanded",), "demanded"),
}
SHOWN_BY = {"reminded": LETTERS, "noticed": (NOTICE, DEMAND), "demanded": (DEMAND,)}


def stages(record: Record) -> Findings:
    """The stage before is one the step may follow, is shown by a letter, and the stage after is the step's own."""
    before, after = STAGES[record.step]
    if record.stage_before not in before:
        yield Finding("stage", f"stage_before: {record.step} cannot follow the stage {record.stage_before}")
    if record.stage_after != after:
        yield Finding("stage", f"stage_after: {record.step} leads to {after}, not {record.stage_after}")
    if record.stage_before in SHOWN_BY and not record.sent(*SHOWN_BY[record.stage_before]):
        yield Finding("stage", f"stage_before: no letter in facts.notices shows the stage {record.stage_before}")


def reminder_first(record: Record) -> Findings:
    """A reminder is the tenant's choice (S1), and the record keeps to what it says the tenant chose."""
    if record.step == REMINDER and not record.send_reminder:
        yield Finding("S1", "policy.send_reminder: no reminders are sent")
    if record.step == NOTICE and record.send_reminder and not record.notices:
        yield Finding("S1", "policy.send_reminder: a reminder comes before the collection notice")


def nothing_in_the_way(record: Record) -> Findings:
    """No hold, no vulnerable debtor, an address, no letter on its way; something owed and due (S0, E1, E3, G6)."""
    if record.holds:
        yield Finding("E1", f"facts.holds: {record.holds} in force, and nothing is collected then (E3)")
    if record.vulnerable:
        yield Finding("G6", "facts.vulnerable: a person decides")
    if not record.postable:
        yield Finding("A4", "facts.postable: a deadline runs from sending, and nothing can be sent")
    if record.letter_under_way:
        yield Finding("A4", "facts.letter_under_way: its printed deadline is not known yet")
    if record.deceased_on is not None:
        yield Finding("G7", "facts.deceased_on: a person writes to the estate")
    if record.bankrupt_on is not None:
        yield Finding("G7", "facts.bankrupt_on: a person files with the estate")
    if not any(claim.left_ore for claim in record.claims):
        yield Finding("S0", "facts.claims: no principal is left to collect")
    for claim in record.claims:
        if claim.due_on >= record.decided_on:
            yield Finding("S0", f"facts.claims: due {claim.due_on}, not yet overdue on {record.decided_on}")
        if claim.invoiced_on is not None and claim.invoiced_on > claim.due_on:
            yield Finding("S0", f"facts.claims: due {claim.due_on}, before it was invoiced on {claim.invoiced_on}")


def proofs(record: Record) -> Findings:
    """Every letter the record leans on can be found again, lies in the past and gave a deadline."""
    for notice in record.notices:
        if not is_proof(notice.proof):
            yield Finding("proof", f"facts.notices: the {notice.step} of {notice.sent_on} has no 64-hex proof")
        if notice.sent_on > record.decided_on:
            yield Finding("A4", f"facts.notices: the {notice.step} of {notice.sent_on} is not sent yet")
        if notice.deadline_on < notice.sent_on:
            yield Finding("A1", f"facts.notices: the {notice.step} of {notice.sent_on} was late before it was sent")


def sending(record: Record) -> Findings:
    """A letter leaves after the decision and prints at least 14 days, never ending on a day off (A1, A3, A4)."""
    if record.step == HEAVY:
        if record.sending_on or record.deadline_on:
            yield Finding("A4", "expected_sending_on, deadline_on: the heavy fee sends no letter")
        return
    if record.sending_on is None or record.deadline_on is None:
        yield Finding("A4", "expected_sending_on, deadline_on: a letter needs both")
        return
    if record.sending_on <= record.decided_on:
        yield Finding("A4", f"expected_sending_on: {record.sending_on} is not after {record.decided_on}")
    if not is_banking_day(record.sending_on):
        yield Finding("A4", f"expected_sending_on: no post leaves on {record.sending_on}, a weekend or holiday")
    if record.deadline_on < plus_days(record.sending_on, MIN_DEADLINE_DAYS):
        yield Finding("A1", f"deadline_on: {record.deadline_on} is less than 14 days after {record.sending_on}")
    elif record.deadline_on < plus_days(record.sending_on, MIN_DEADLINE_DAYS + record.slack_days):
        yield Finding("A4", f"deadline_on: {record.deadline_on} leaves out the {record.slack_days} days for the post")
    if not is_banking_day(record.deadline_on):
        yield Finding("A3", f"deadline_on: {record.deadline_on} is a weekend or holiday")


def promises(record: Record) -> Findings:
    """Nothing happens before a printed deadline and the banks' days after it are over (A1, A2)."""
    for notice in record.notices:
        if record.decided_on <= notice.deadline_on:
            yield Finding(
                "A1", f"decided_on: the {notice.step} promised {notice.deadline_on}, whose day is the debtor's"
            )
        elif record.decided_on <= after_banking_days(notice.deadline_on, record.grace_banking_days):
            yield Finding("A2", f"decided_on: a payment ordered by {notice.deadline_on} may still be on its way")
    last = max((day for day in (record.deadline_on, *(n.deadline_on for n in record.notices)) if day), default=None)
    again = record.next_action_on
    if again and last and again <= last:
        yield Finding("A1", f"next_action_on: {again} is not after the printed deadline {last}")
    elif again and last and again <= after_banking_days(last, record.grace_banking_days):
        yield Finding("A2", f"next_action_on: a payment ordered by {last} may still be on its way on {again}")
    if record.next_action_on and record.next_action_on <= record.decided_on:
        yield Finding("A1", f"next_action_on: {record.next_action_on} is not after {record.decided_on}")


def notice_before_demand(record: Record) -> Findings:
    """For each claim a collection notice, sent after it fell due, whose 14 days or more were missed (S4, INKL § 9)."""
    if record.step not in (DEMAND, HEAVY):
        return
    before = record.decided_on if record.step == DEMAND else _latest_demand_day(record)
    for claim in record.counted():
        if before and not any(n.warned(claim) and n.missed_on(before) for n in _that_count(record)):
            yield Finding("S4", f"facts.notices: no collection notice was missed for the claim due {claim.due_on}")


def _latest_demand_day(record: Record) -> date | None:
    demands = record.sent(DEMAND)
    return demands[-1].sent_on if demands else None


def _that_count(record: Record) -> list[Notice]:
    return [notice for notice in record.sent(NOTICE) if counts_as_notice(record, notice)]


def joined(record: Record) -> Findings:
    """A claim of the same parties that is as far goes into the same demand, also when it soon will be (B16, B17).

    Under the act of 2026 it is waited for however long that takes (§ 22 fourth paragraph; m1).
    """
    if record.step != DEMAND or record.sibling_ready_on is None:
        return
    if record.sibling_ready_on <= record.decided_on:
        yield Finding("B16", "facts.sibling_ready_on: another claim is ready and is not joined")
    elif record.act == ACT_2026 or record.sibling_ready_on <= plus_days(record.decided_on, record.join_wait_days):
        yield Finding(
            "B17", f"facts.sibling_ready_on: another claim is ready on {record.sibling_ready_on}; wait for it"
        )


def heavy_in_time(record: Record) -> Findings:
    """The latest demand is lawful and its deadline exceeded by more than 28 days, held days not counted (B10, E6)."""
    if record.step != HEAVY:
        return
    demands = record.sent(DEMAND)
    if not demands:
        yield Finding("B10", "facts.notices: no payment demand was sent")
        return
    demand = demands[-1]
    if (demand.deadline_on - demand.sent_on).days < MIN_DEADLINE_DAYS:
        yield Finding("B10", f"facts.notices: the demand of {demand.sent_on} gave less than 14 days")
    earlier = record.sent(REMINDER, NOTICE)
    for claim in record.counted():
        if not demand.is_about(claim):
            yield Finding("B10", f"facts.notices: the demand of {demand.sent_on} was not for the claim {claim.id}")
        if not any(n.warned(claim) and n.missed_on(demand.sent_on) for n in earlier):
            yield Finding("B10", f"facts.notices: no 14-day deadline was missed before the demand of {demand.sent_on}")
    last_light = plus_days(demand.deadline_on, HEAVY_AFTER_DAYS + record.held_days)
    if record.decided_on <= last_light:
        yield Finding("B10", f"decided_on: until {last_light} the deadline is not exceeded by more than 28 days")
    elif record.decided_on <= after_banking_days(last_light, record.grace_banking_days):
        yield Finding("A2", f"decided_on: a payment ordered by {last_light} may still be on its way")
