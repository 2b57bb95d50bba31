"""Golden decisions: what a plugin makes of a row of ordinary cases, kept in a file beside its tests.

A change that alters one shows up as a changed line. `FRIST_GOLDEN=write` writes the file anew.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from saas.hooks import Medium
from saas.rules.facts import CaseFacts, DebtorKind, HoldFacts, HoldReason, Stage
from saas.testing.facts import a_case, a_fact, ago, an_offer
from saas.testing.house import LANGUAGES, LETTERS, House, in_words

ORDINARY: Mapping[str, CaseFacts] = {
    "registered": a_case(stage=Stage.REGISTERED),
    "reminded": a_case(stage=Stage.REMINDED),
    "noticed": a_case(stage=Stage.NOTICED),
    "demanded": a_case(stage=Stage.DEMANDED),
    "closed": a_case(stage=Stage.CLOSED),
    "small": a_case(kroner=90),
    "large": a_case(kroner=48_000),
    "company": a_case(debtor_kind=DebtorKind.COMPANY),
    "vulnerable": a_case(vulnerable=True),
    "no_address": a_case(postable=False),
    "disputed": a_case(holds=(HoldFacts(HoldReason.OBJECTION, ago(3)),)),
    "contract_runs": a_case(a_fact("power.active_contract", True)),
    "contract_ended": a_case(a_fact("power.active_contract", False)),
    "contract_said_long_ago": a_case(a_fact("power.active_contract", True, reported_on=ago(300))),
    "contract_both": a_case(a_fact("power.active_contract", True), a_fact("power.active_contract", False, "Andre")),
}


def decisions(house: House, cases: Mapping[str, CaseFacts] = ORDINARY) -> str:
    """What becomes of each case, a line for each thing said."""
    lines = []
    for name, case in cases.items():
        lines.append(f"{name}: night: {in_words(house.night(case))}")
        answer = house.more_time(case)
        because = ", ".join(each.code for each in answer.because)
        lines.append(f"{name}: more time: {answer.outcome}{f' ({because})' if because else ''}")
        lines.append(f"{name}: ways: {', '.join(house.channels(tuple(Medium), case))}")
        for language in LANGUAGES:
            lines += [f"{name}: letter {kind} {language}: {text}"
                      for kind in LETTERS for text in house.letter(case, kind, language)]  # fmt: skip
            lines += [f"{name}: panel {language}: {panel.heading}: {' '.join(panel.paragraphs)}"
                      for panel in house.panels(case, language)]  # fmt: skip
    for kroner in (90, 1240):
        said = ", ".join(type(each).__name__ for each in house.claim(an_offer(kroner))) or "taken in"
        lines.append(f"a claim of {kroner} kr: {said}")
    return "\n".join(lines) + "\n"


def check_golden(path: Path, said: str) -> None:
    """Raises AssertionError with the first line that differs from what stands in the file."""
    if os.environ.get("FRIST_GOLDEN") == "write":
        path.write_text(said, encoding="utf-8")
        return
    stood = path.read_text(encoding="utf-8") if path.exists() else ""
    for number, (was, now) in enumerate(zip(stood.splitlines(), said.splitlines(), strict=False), start=1):
        assert was == now, f"{path.name}:{number}: was «{was}», now «{now}»"
    assert stood == said, f"{path.name}: {len(stood.splitlines())} lines stood, {len(said.splitlines())} are said now"
