"""What the plugins that ship make of ordinary cases, kept to the letter (`tests/plugins/golden/`).

After a change on purpose: FRIST_GOLDEN=write pytest tests/plugins/test_golden.py.
"""

from pathlib import Path

import pytest

from saas.testing.golden import check_golden, decisions
from saas.testing.house import House
from tenants.installed import installed_plugins

FOLDER = Path(__file__).parent / "golden"
HOUSES = {
    "no_plugin": [],
    "power_contract": ["power_contract"],
    "kind_house": ["extra_reminder", "kind_first", "small_fee", "minimum_claim"],
}


@pytest.mark.parametrize("name", HOUSES)
def test_ordinary_cases_are_decided_as_they_were(name: str) -> None:
    house = House(*(installed_plugins()[slug].plugin for slug in HOUSES[name]))
    check_golden(FOLDER / f"{name}.txt", decisions(house))
    assert house.troubles == []


def test_a_changed_decision_is_told_with_its_line(tmp_path: Path) -> None:
    said = decisions(House())
    (tmp_path / "golden.txt").write_text(said.replace("reminder by", "reminder before", 1))
    with pytest.raises(AssertionError, match=r"golden\.txt:1: was «registered: night: reminder before"):
        check_golden(tmp_path / "golden.txt", said)
    (tmp_path / "golden.txt").write_text(said + "one more\n")
    with pytest.raises(AssertionError, match="lines stood"):
        check_golden(tmp_path / "golden.txt", said)
