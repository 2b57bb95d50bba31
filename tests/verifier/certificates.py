"""Certificates of real runs, to be read as they are or with something planted in them."""

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parent / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.json"))
Certificate = dict[str, Any]


def sample(name: str, **changes: Any) -> Certificate:
    """A lawful certificate, with `changes` made: a path with __ between its names, a number for a place in a list."""
    record: Certificate = json.loads((SAMPLES / f"{name}.json").read_bytes())
    return change(record, **changes)


def change(record: Certificate, **changes: Any) -> Certificate:
    for path, value in changes.items():
        *names, last = path.split("__")
        part: Any = record
        for name in names:
            part = part[int(name) if name.isdigit() else name]
        part[int(last) if last.isdigit() else last] = value
    return record


def charge(record: Certificate, amount_ore: int) -> Certificate:
    """Charge another amount, with the sums that belong to it."""
    cap = record["cap"]
    return change(
        record, costs__0__amount_ore=amount_ore, cap__charged_after_ore=cap["charged_before_ore"] + amount_ore
    )


def law_row(record: Certificate, figure: str) -> Certificate:
    """The row of a figure in the certificate."""
    return next(row for row in record["law"] if row["figure"] == figure)


def without_law(record: Certificate, figure: str) -> Certificate:
    record["law"] = [row for row in record["law"] if row["figure"] != figure]
    return record


def with_vat(record: Certificate, percent: int = 25) -> Certificate:
    """The same for a creditor who deducts no VAT: a higher cap, and the row that says so."""
    cap = record["cap"]
    cap["vat_percent"] = percent
    for part in cap["parts"]:
        part["cap_ore"] = cap["rate_ore"] * part["multiplier_thousandths"] * (100 + percent) // 100_000
    cap["cap_ore"] = sum(part["cap_ore"] for part in cap["parts"])
    row = {"figure": "vat_rate", "file": "vat_rate.csv", "valid_from": "2005-01-01", "known_until": "2026-12-31",
           "value": str(percent), "confidence": "found"}  # fmt: skip
    record["law"].append(row)
    return change(record, facts__vat_deductible=False)


def priced(record: Certificate, *parts: tuple[int, int], rate_ore: int = 75_000, joined: bool = True) -> Certificate:
    """Give the cap these parts, each a base and its multiplier in thousandths."""
    rows = [
        {"base_ore": base, "multiplier_thousandths": times, "cap_ore": rate_ore * times // 1000}
        for base, times in parts
    ]
    cap_ore = sum(row["cap_ore"] for row in rows)
    return change(record, cap__parts=rows, cap__cap_ore=cap_ore, cap__rate_ore=rate_ore, cap__joined=joined)


def of_old(record: Certificate) -> Certificate:
    """The claim of `person_reminder` as if it had fallen due on the last day of the old tables (B13)."""
    change(record, facts__claims__0__due_on="2020-09-30", facts__claims__0__invoiced_on="2020-09-01")
    change(record, facts__acknowledged_on=["2023-09-30"])
    old = {"valid_from": "2010-01-01", "known_until": "2020-09-30", "value": "0.5/1"}
    law_row(record, "collection_fee_tier").update(old)
    law_row(record, "notice_fee_fraction").update({**old, "valid_from": "2002-03-01", "value": "0.1"})
    return charge(priced(record, (124_000, 500)), 7_500)


def of_500_kr(record: Certificate) -> Certificate:
    """The claim of `person_payment_demand` at the top of the lowest band."""
    record["facts"]["claims"][0].update(principal_ore=50_000, principal_left_ore=50_000)
    law_row(record, "collection_fee_tier")["value"] = "0.25/0.5"
    return change(priced(record, (50_000, 250)), facts__outstanding__principal_ore=50_000)


def two_claims(record: Certificate, first_ore: int, second_ore: int) -> Certificate:
    """The first two of `three_invoices_…`, with these principals."""
    claims = record["facts"]["claims"][:2]
    for claim, ore in zip(claims, (first_ore, second_ore), strict=True):
        claim.update(principal_ore=ore, principal_left_ore=ore)
    return change(record, facts__claims=claims, facts__outstanding__principal_ore=first_ore + second_ore)


def ids(record: Certificate) -> list[str]:
    """The ids of the claims."""
    return [claim["id"] for claim in record["facts"]["claims"]]


def compensated(record: Certificate, ore: int) -> Certificate:
    """The same where so much compensation was charged before the step."""
    cap = record["cap"]
    change(record, facts__charged_compensation_ore=ore, facts__outstanding__compensation_ore=ore)
    change(record, policy__claim_compensation=True, cap__charged_before_ore=cap["charged_before_ore"] + ore)
    return change(record, cap__charged_after_ore=cap["charged_after_ore"] + ore)


def compensating(record: Certificate, ore: int) -> Certificate:
    """The same where the step charges compensation and nothing else."""
    cost = {"kind": "compensation", "amount_ore": ore, "rules": ["C9"], "explanation": "Standardkompensasjon."}
    row = {"figure": "standard_compensation", "file": "late_interest.csv", "valid_from": "2026-01-01",
           "known_until": "2026-06-30", "value": "460", "confidence": "found"}  # fmt: skip
    record["law"].append(row)
    change(record, costs=[cost], policy__claim_compensation=True)
    return change(record, cap__charged_after_ore=record["cap"]["charged_before_ore"] + ore)


def free(record: Certificate) -> Certificate:
    """The same without a cost."""
    return change(charge(record, 0), costs=[])


def _later(part: Any, weeks: int) -> Any:
    """Every day in it so many weeks later, but for the figures'."""
    if isinstance(part, dict):
        return {name: value if name == "law" else _later(value, weeks) for name, value in part.items()}
    if isinstance(part, list):
        return [_later(value, weeks) for value in part]
    if isinstance(part, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", part):
        return str(date.fromisoformat(part) + timedelta(weeks=weeks))
    return part


def under_the_new_act(record: Certificate, *, costs: bool = False, cap: bool = False) -> Certificate:
    """The same 18 weeks later, when the act of 2026 has begun, without any cost or cap unless asked for."""
    record = _later(record, 18)
    change(record, regime="inkassoloven-2026", policy__new_act_from="2026-06-01")
    record["costs"] = record["costs"] if costs else []
    record["cap"] = record["cap"] if cap else None
    record["facts"]["notices"] = [{**notice, "fee_ore": 0} for notice in record["facts"]["notices"]]
    change(record, facts__charged_notice_fees_ore=0, facts__outstanding__notice_fee_ore=0)
    row = law_row(record, "late_interest")
    row.update(valid_from="2026-07-01", known_until="2026-12-31", value="12.25")
    return change(record, law=[row])
