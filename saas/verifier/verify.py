"""The one question: was this step lawful, from the record alone?"""

from itertools import chain
from pathlib import Path
from typing import Any

from saas.verifier import acts, balances, caps, compensation, law_rows, limitation, notice_fees, order
from saas.verifier.figures import read_figures
from saas.verifier.findings import Verdict
from saas.verifier.reading import Unreadable, read_record

RATES = Path(__file__).parent.parent / "rules" / "rates"


def verify(record: bytes | dict[str, Any], rates: Path = RATES) -> Verdict:
    """Judge one certificate (rettmessighetsbevis) by the act of its day, the regulation and the figures in `rates`.

    Reads nothing but the record and the figures, and never raises for what a record holds: what cannot be read is a
    finding too. Raises OSError, KeyError or ValueError when the figures themselves cannot be read.
    """
    figures = read_figures(rates)
    try:
        read = read_record(record)
    except Unreadable as unreadable:
        return Verdict(ok=False, findings=unreadable.findings)
    found = tuple(
        chain(
            acts.act_in_force(read),
            acts.act_of_2026(read),
            order.stages(read),
            order.reminder_first(read),
            order.nothing_in_the_way(read),
            limitation.not_time_barred(read),
            order.proofs(read),
            order.sending(read),
            order.promises(read),
            order.notice_before_demand(read),
            order.joined(read),
            order.heavy_in_time(read),
            notice_fees.who_may_charge(read),
            notice_fees.amount(read, figures),
            notice_fees.earlier_amounts(read, figures),
            notice_fees.how_many(read),
            caps.own_arithmetic(read),
            caps.figures_of_the_cap(read, figures),
            caps.within_the_cap(read, figures),
            caps.doubled_once(read, figures),
            caps.set_off(read, figures),
            compensation.who_owes_it(read),
            compensation.amount(read, figures),
            balances.sums(read),
            balances.interest(read, figures),
            law_rows.rows_are_the_laws(read, figures),
            law_rows.rows_are_there(read, figures),
        )
    )
    return Verdict(ok=not found, findings=found)
