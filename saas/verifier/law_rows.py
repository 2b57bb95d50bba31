"""The figures the record says it used stand in the files, were in force and were known (C1, B11, B13)."""

from datetime import date

from saas.verifier.compensation import SINCE
from saas.verifier.days import plus_days
from saas.verifier.figures import COMPENSATION as COMPENSATION_ROWS
from saas.verifier.figures import FIGURE_FILES, FRACTION, INTEREST, RATE, TIERS, VAT, Figures, Row
from saas.verifier.findings import Finding, Findings
from saas.verifier.record import COMPENSATION, HEAVY, NOTICE_FEE, LawRow, Record

RULE = {INTEREST: "C1", RATE: "B11", TIERS: "B13", FRACTION: "B13", VAT: "B12", COMPENSATION_ROWS: "C9"}
STANDS_IN = {COMPENSATION_ROWS: INTEREST}


def rows_are_the_laws(record: Record, figures: Figures) -> Findings:
    """Each row stands in its file as the record gives it, and is the one its date picks."""
    in_force = {file: picked(record, figures, file) for file in RULE}
    for row in record.law:
        file = FIGURE_FILES[row.figure]
        rule = RULE[file]
        if STANDS_IN.get(file, file) != row.file:
            yield Finding(
                RULE.get(row.file, "schema"), f"law: {row.figure[:40]!a} does not come from {row.file[:40]!a}"
            )
            continue
        same = [known for known in figures.of(file) if _is(row, known)]
        if not same:
            yield Finding(rule, f"law: {row.file} has no such row from {row.valid_from} known until {row.known_until}")
        elif not any(known in in_force[file] for known in same):
            yield Finding(
                rule, f"law: the row from {row.valid_from} of {row.file} is not in force on the day that picks it"
            )


def rows_are_there(record: Record, figures: Figures) -> Findings:
    """What the step rests on is shown: interest on the day of sending, the rate, the fraction and the bands."""
    if record.step != HEAVY:
        yield from _needs(record, INTEREST, figures.interest(record.acts_on), record.acts_on)
    if record.charges(COMPENSATION) and not any(
        _shown(record, row) for row in picked(record, figures, COMPENSATION_ROWS)
    ):
        yield Finding("C9", "law: no row gives the compensation")
    if record.cap is None:
        return
    if record.costs:
        yield from _needs(record, RATE, figures.rate(record.cap.on), record.cap.on)
        for part in record.cap.parts:
            tiers = [figures.tier(claim.due_on, record.kind, part.base_ore) for claim in record.claims]
            if not any(tier and _shown(record, tier) for tier in tiers):
                yield Finding("B13", f"law: no band of {TIERS} for {part.base_ore} øre")
    if record.charges(NOTICE_FEE):
        yield from _needs(record, RATE, figures.rate(record.acts_on), record.acts_on)
        if not any(_shown(record, row) for row in picked(record, figures, FRACTION)):
            yield Finding("B13", f"law: no row of {FRACTION} for these due dates")
    if record.cap.vat_percent is not None:
        yield from _needs(record, VAT, figures.vat(record.cap.on), record.cap.on)


def picked(record: Record, figures: Figures, file: str) -> list[Row]:
    """The rows of `file` that this record's dates pick."""
    first_due = min(claim.due_on for claim in record.claims)
    rows: list[Row | None]
    if file == INTEREST:
        turns = [row.valid_from for row in figures.of(file) if first_due < row.valid_from <= record.acts_on]
        rows = [figures.interest(day) for day in (first_due, *turns, record.acts_on)]
    elif file == FRACTION:
        rows = [figures.fraction(claim.due_on) for claim in record.claims]
    elif file == TIERS:
        parts = record.cap.parts if record.cap else ()
        bases = [part.base_ore for part in parts] + [claim.principal_ore for claim in record.claims]
        rows = [figures.tier(claim.due_on, record.kind, each) for claim in record.claims for each in bases]
    elif file == COMPENSATION_ROWS:
        days = [claim.due_on for claim in record.claims if claim.due_on >= SINCE]
        first_late = [plus_days(day, 1) for day in days]
        rows = [figures.compensation(day) for day in (*days, *first_late, *record.days)]
    else:
        days = [*record.days, *([record.cap.on] if record.cap else [])]
        rows = [figures.known(file, day) for day in days]
    return [row for row in rows if row is not None]


def _needs(record: Record, file: str, row: Row | None, day: date) -> Findings:
    if row is None:
        yield Finding(RULE[file], f"law: {file} is not known for {day}, and nothing is guessed")
    elif not _shown(record, row):
        yield Finding(RULE[file], f"law: the row of {file} in force on {day} is missing")


def _shown(record: Record, known: Row) -> bool:
    return any(_is(row, known) for row in record.law)


def _is(row: LawRow, known: Row) -> bool:
    same = (
        row.file == STANDS_IN.get(known.file, known.file)
        and row.valid_from == known.valid_from
        and row.known_until == known.known_until
    )
    if known.file == FRACTION:  # the row is named by the part it gives: a notice's, or the creditor's own demand's
        values = any(row.values == (value,) for value in known.values)
    else:
        values = row.values == known.values
    return same and values and row.confidence == known.confidence
