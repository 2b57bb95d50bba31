"""The code printed in a letter (brevkode): with the case number it lets the debtor in for a while (J4)."""

import hmac
import secrets
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from saas.kernel import crypto
from saas.kernel.ids import new_id
from tenants.resolve import Tenant

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that can be read as something else: no 0 O 1 I L
LENGTH = 8
VALID_DAYS = 21  # from the date of the letter (J4), and never before its deadline
_MAX_NUMBER = 2**63


def new_letter_code(tenant: Tenant, case_id: UUID, dispatch_id: UUID, *, valid_until: date) -> str:
    """A code for one letter, last valid on `valid_until`. Made again, the first one no longer works."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    tenant.session.execute(
        sa.text(
            "insert into letter_code (tenant_id, id, case_id, dispatch_id, code_hash, valid_until)"
            " values (:tenant, :id, :case, :dispatch, :hash, :until) on conflict (tenant_id, dispatch_id)"
            " do update set code_hash = excluded.code_hash, valid_until = excluded.valid_until"
        ),
        {"tenant": tenant.id, "id": new_id(), "case": case_id, "dispatch": dispatch_id, "hash": _hash(case_id, code),
         "until": valid_until},
    )  # fmt: skip
    return code


def check_letter_code(tenant: Tenant, case_number: int, code: str, today: date) -> UUID | None:
    """The case this code opens, or None. Spaces, hyphens and small letters are forgiven.

    Says the same for an unknown case, a wrong code and a lapsed one. The edge limits how often it is asked.
    """
    typed = "".join(code[: 4 * LENGTH].split()).replace("-", "").upper()
    known = tenant.session.execute(
        sa.text(
            "select l.case_id, l.code_hash from letter_code l"
            " join collection_case c on c.tenant_id = l.tenant_id and c.id = l.case_id"
            " where l.tenant_id = :tenant and c.number = :number and l.valid_until >= :today"
        ),
        {"tenant": tenant.id, "number": case_number if 0 < case_number < _MAX_NUMBER else 0, "today": today},
    ).all()
    right = [row.case_id for row in known if _is(bytes(row.code_hash), row.case_id, typed)]
    return right[0] if right else None


def _hash(case_id: UUID, code: str) -> bytes:
    return crypto.keyed_hash("letter-code", _hashed(case_id, code))


def _is(stored: bytes, case_id: UUID, typed: str) -> bool:
    """Whether this is the code, hashed under the master key of today or one before it."""
    hashes = crypto.keyed_hashes("letter-code", _hashed(case_id, typed))
    return any([hmac.compare_digest(stored, each) for each in hashes])


def _hashed(case_id: UUID, code: str) -> str:
    return f"{case_id}:{code}".encode("utf-8", "replace").decode()
