"""What became of each row handed in."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What became of a row."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(slots=True)
class Verdict:
    """The answer to one row. `row` counts from 1; for a file it is the line."""

    row: int
    outcome: Outcome
    case_number: int | None = None
    errors: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    invoice_number: str = ""
