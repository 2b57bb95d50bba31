"""An independent reader of lawfulness certificates (rettmessighetsbevis): was this step lawful, from the record alone?

Written from the statutes, not from the engine, and it imports nothing of ours: two readings of one law that agree are
worth more than one. `verify` answers for a record, `python -m saas.verifier FILE…` for files.
"""

from saas.verifier.findings import Finding, Verdict
from saas.verifier.schema import certificate_schema
from saas.verifier.verify import verify

__all__ = ["Finding", "Verdict", "certificate_schema", "verify"]
