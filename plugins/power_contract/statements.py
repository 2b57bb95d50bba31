"""What a creditor's system says about contracts, whether it was asked or told by itself: one shape, read strictly.

`{"case_number": 100001, "contract": "power", "active": true, "as_of": "2026-11-03", "ends_on": "2026-12-31"}`
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from saas.rules.facts import Fact

_KINDS = {"power": "power.active_contract", "grid": "grid.active_contract"}
MOST = 1_000


def facts_in(stated: Any, source: str, today: date) -> Iterator[tuple[int, Fact]]:
    """(case number, fact) of each statement. Raises ValueError, KeyError or TypeError when it is not as agreed."""
    if not isinstance(stated, list) or len(stated) > MOST:
        raise ValueError("a list of statements is wanted")
    for each in stated:
        number, active, as_of = each["case_number"], each["active"], date.fromisoformat(each["as_of"])
        if type(number) is not int or type(active) is not bool or as_of > today:
            raise ValueError("not a statement")
        yield number, Fact(_KINDS[each["contract"]], active, source, as_of)
        if each.get("ends_on") is not None:
            ends_on = date.fromisoformat(each["ends_on"])
            yield number, Fact("power.contract_ends_on", ends_on.isoformat(), source, as_of)
