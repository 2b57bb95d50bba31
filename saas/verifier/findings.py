"""What the verifier answers with."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in the record that the law does not allow, or that the record does not show.

    `rule_id` is a law rule id (A1, B10 …), or `schema`, `stage` or `proof` where the record itself is at fault.
    """

    rule_id: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`ok` says that the record alone shows a lawful step; otherwise `findings` says why not."""

    ok: bool
    findings: tuple[Finding, ...]


Findings = Iterator[Finding]
