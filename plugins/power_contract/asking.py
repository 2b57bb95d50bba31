"""Asks the creditor's own system which contracts run; in a worker, a hundred cases a call.

We send invoice numbers and metering points, nothing about the debtor, and take back yes or no with a day.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from plugins.power_contract.meter import METERING_POINT
from plugins.power_contract.statements import facts_in
from saas.hooks import CaseToAsk, CollectedFact
from saas.outgoing import CallFailed, call

CASES_A_CALL = 100


def ask(settings: Mapping[str, Any], cases: Sequence[CaseToAsk], today: date) -> list[CollectedFact]:
    """What the system says of these cases. Raises NotCalled, or CallFailed: asked again later."""
    return [
        fact
        for first in range(0, len(cases), CASES_A_CALL)
        for fact in _ask_some(settings, cases[first : first + CASES_A_CALL], today)
    ]


def _ask_some(settings: Mapping[str, Any], cases: Sequence[CaseToAsk], today: date) -> Iterator[CollectedFact]:
    headers = {"Authorization": f"Bearer {settings['ask_token']}", "Content-Type": "application/json"}
    content = json.dumps({"cases": [_asked_of(case) for case in cases]}).encode()
    answer = call("POST", settings["ask_url"], headers=headers, content=content)
    if not answer.is_ok:
        raise CallFailed(str(answer.status))
    known = {case.case_number: case.case_id for case in cases}
    try:
        stated = list(facts_in(json.loads(answer.body)["contracts"], settings["ask_source"], today))
    except (ValueError, KeyError, TypeError) as wrong:
        raise CallFailed(f"bad answer: {type(wrong).__name__}") from None
    for number, fact in stated:
        if number in known:
            yield CollectedFact(known[number], fact, settings["max_age_days"])


def _asked_of(case: CaseToAsk) -> dict[str, Any]:
    meters = [value for _, extra in case.claims for name, value in extra if name == METERING_POINT.name]
    return {
        "case_number": case.case_number,
        "invoice_numbers": [number for number, _ in case.claims],
        "metering_points": meters,
    }
