"""Which act is in force on the day the step acts, and what the act of 2026 asks beside the one of 1988 (m1)."""

from datetime import date

from saas.verifier.findings import Finding, Findings
from saas.verifier.record import ACT_1988, ACT_2026, DEMAND, HEAVY, NOTICE, Notice, Record

PASSED_ON = date(2026, 5, 22)  # LOV-2026-05-22-19; in force on a day the King decides (§ 55)


def act_in_force(record: Record) -> Findings:
    """The record names the act of the day of sending, and that act is not in force before it was passed (§ 55)."""
    if record.regime != record.act:
        yield Finding("m1", f"regime: {record.act} is in force on {record.acts_on}, not {record.regime}")
    if record.new_act_from is not None and record.new_act_from < PASSED_ON:
        yield Finding("m1", f"policy.new_act_from: {record.new_act_from} is before the act was passed")
    if record.act == ACT_1988 and record.cap is None:
        yield Finding("B23", "cap: what all costs may come to is not shown")


def act_of_2026(record: Record) -> Findings:
    """Notice and demand are for a licensed agency to send (§§ 20, 21), and no regulation says what a letter may cost.

    The right to costs is what a regulation under § 19 says, and there is none: nothing may be charged.
    """
    if record.act != ACT_2026:
        return
    if record.step in (NOTICE, DEMAND, HEAVY) and not record.licence:
        yield Finding("m1", f"facts.agency_licence: a {record.step} is for a licensed agency to send (§§ 20, 21)")
    if record.costs:
        yield Finding("m1", "costs: no published figure says what may be charged under the act of 2026 (§ 19)")
    if record.cap is not None:
        yield Finding("m1", "cap: no published figure says what costs may come to under the act of 2026 (§ 19)")
    for notice in record.notices:
        if notice.fee_ore and _under_the_new_act(record, notice):
            yield Finding("m1", f"facts.notices: no published figure for the fee of {notice.sent_on} (§ 19)")


def counts_as_notice(record: Record, notice: Notice) -> bool:
    """Whether a collection notice counts: under the act of 2026 one the creditor sent does not (§ 20)."""
    return not (notice.by_creditor and _under_the_new_act(record, notice))


def _under_the_new_act(record: Record, notice: Notice) -> bool:
    return record.new_act_from is not None and notice.sent_on >= record.new_act_from
