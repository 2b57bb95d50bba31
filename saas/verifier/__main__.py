"""`python -m saas.verifier FILE…`: read certificates, print what is wrong with them."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from saas.verifier.schema import certificate_schema
from saas.verifier.verify import RATES, verify


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when every record is lawful, 1 when one is not, 2 when a file or the figures cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m saas.verifier", description="Check certificates from the record alone."
    )
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="one certificate, or one on each line; - reads standard input"
    )
    parser.add_argument("--rates", type=Path, default=RATES, help="the folder with the dated figures")
    parser.add_argument("--schema", action="store_true", help="print the published shape of a certificate")
    chosen = parser.parse_args(arguments)
    if chosen.schema:
        _say(certificate_schema().rstrip())
        return 0
    if not chosen.files:
        parser.error("give a file, or --schema")
    records = unlawful = 0
    try:
        for name in chosen.files:
            for at, record in _records(sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()):
                verdict = verify(record, chosen.rates)
                records += 1
                unlawful += not verdict.ok
                for finding in verdict.findings:
                    _say(f"{name}:{at}: {finding.rule_id}: {finding.message}")
    except (OSError, KeyError, ValueError) as error:
        print(f"cannot read: {error}", file=sys.stderr)
        return 2
    _say(f"{records} certificates, {unlawful} of them unlawful or unreadable")
    return 1 if unlawful else 0


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The certificates in a file, each with the line it begins on: one for the whole file, or one for each line."""
    lines = [(at, line) for at, line in enumerate(content.split(b"\n"), start=1) if line.strip()]
    if lines and _is_json(lines[0][1]):
        yield from lines
    else:
        yield 1, content


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _say(line: str) -> None:
    print(line.encode(sys.stdout.encoding or "ascii", "backslashreplace").decode(sys.stdout.encoding or "ascii"))


if __name__ == "__main__":
    raise SystemExit(main())
