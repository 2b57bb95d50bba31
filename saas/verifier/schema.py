"""The published shape of a certificate: what a reader of ours or anybody else's may count on."""

from pathlib import Path

SCHEMA_FILE = Path(__file__).with_name("certificate.schema.json")


def certificate_schema() -> str:
    """The JSON Schema (2020-12) as text. It says what a certificate looks like, not whether its step was lawful."""
    return SCHEMA_FILE.read_text(encoding="utf-8")
