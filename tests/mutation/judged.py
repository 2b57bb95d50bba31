"""Mutants no test can notice, because nothing anybody can observe changes, and why.

Keyed by function and change as `python -m tests.mutation.mutants` prints them. A survivor that is not here needs a
test, or a sentence here that holds for every input.
"""

_QUANTUM = "quantize looks at the exponent of its argument only, and 1 and 2 share it"
_ONE_ORE = "an øre bears less than half an øre a day, so it adds nothing to the sum"

EQUIVALENT: dict[tuple[str, str], str] = {
    (
        "money.ore_of_kroner",
        "- rest = 1  # not a number, or not a finite one\n+ rest = 2  # not a number, or not a finite one",
    ): "the rest is only asked whether it is zero",
    (
        "money.round_half_up",
        "- return Ore(int(exact_ore.quantize(Decimal(1), rounding=ROUND_HALF_UP)))\n"
        "+ return Ore(int(exact_ore.quantize(Decimal(2), rounding=ROUND_HALF_UP)))",
    ): _QUANTUM,
    (
        "money.round_down",
        "- return Ore(int(exact_ore.quantize(Decimal(1), rounding=ROUND_DOWN)))\n"
        "+ return Ore(int(exact_ore.quantize(Decimal(2), rounding=ROUND_DOWN)))",
    ): _QUANTUM,
    (
        "money.round_half_up_to_krone",
        "- return Ore(int((exact_ore / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)) * 100)\n"
        "+ return Ore(int((exact_ore / 100).quantize(Decimal(2), rounding=ROUND_HALF_UP)) * 100)",
    ): _QUANTUM,
    (
        "interest.late_interest",
        "- add_lines = partial(_add_around, _gaps(pauses)) if pauses else _add_lines\n"
        "+ add_lines = partial(_add_around, _gaps(pauses)) if (pauses) or True else _add_lines",
    ): "around no gaps there is one stretch, the whole: the shortcut only saves time",
    (
        "interest.late_interest",
        "- if stop >= end:\n+ if stop > end:",
    ): "a payment on the last day closes the line where the loop's end would close it",
    (
        "interest.fee_interest",
        "- if ore > 0 and demanded is not None:\n+ if ore >= 0 and demanded is not None:",
    ): "a charge of nothing begins a balance of nothing, which has no line",
    (
        "interest.fee_interest",
        "- taken_back_ore = sum(ore for _, ore in charged if ore < 0)\n"
        "+ taken_back_ore = sum(ore for _, ore in charged if ore <= 0)",
    ): "nothing is added to a sum",
    (
        "interest.fee_interest",
        "- taken_back_ore = sum(ore for _, ore in charged if ore < 0)\n"
        "+ taken_back_ore = sum(ore for _, ore in charged if ore < 1)",
    ): "nothing is added to a sum: amounts are whole øre",
    (
        "interest.daily_interest",
        "- left = (c.principal_left_ore for c in claims if c.due_on <= on and c.principal_left_ore > 0"
        " and not _pauses(c, on))\n"
        "+ left = (c.principal_left_ore for c in claims if c.due_on <= on and c.principal_left_ore >= 0"
        " and not _pauses(c, on))",
    ): "nothing owed adds nothing to the sum",
    (
        "interest.daily_interest",
        "- left = (c.principal_left_ore for c in claims if c.due_on <= on and c.principal_left_ore > 0"
        " and not _pauses(c, on))\n"
        "+ left = (c.principal_left_ore for c in claims if c.due_on <= on and c.principal_left_ore > 1"
        " and not _pauses(c, on))",
    ): _ONE_ORE,
    (
        "interest.daily_fee_interest",
        "- lines = interest_on_fee(facts, on + timedelta(days=1), law, day_basis)\n"
        "+ lines = interest_on_fee(facts, on + timedelta(days=1), law, )",
    ): "only the last line's balance and end are used, and they do not depend on the basis",
    (
        "interest._gaps",
        "- start = max(pause.from_on.toordinal(), gaps[-1].end if gaps else 0)\n"
        "+ start = max(pause.from_on.toordinal(), gaps[-1].end if (gaps) and False else 0)",
    ): "where gaps overlap, `_add_around` begins the later one where the earlier ended",
    (
        "interest._gaps",
        "- start = max(pause.from_on.toordinal(), gaps[-1].end if gaps else 0)\n"
        "+ start = max(pause.from_on.toordinal(), gaps[-1].end if gaps else 1)",
    ): "the first day there is has the ordinal 1",
    (
        "interest._gaps",
        "- if end > start:\n+ if end >= start:",
    ): "`_add_around` passes over a gap of no days",
}
