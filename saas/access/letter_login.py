"""The code printed in a letter (brevkode): with the case number it lets the debtor in for a while (J4)."""

import hmac
import secrets
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from saas.kernel import crypto
from saas.kernel.db import driver
from saas.kernel.ids import new_id
from tenants.resolve import Tenant

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that can be read as something else: no 0 O 1 I L
LENGTH = 8
VALID_DAYS = 21  # from the date of the letter (J4), and never before its deadline
_MAX_NUMBER = 2**63


class LetterCodes:
    """The codes of one job's letters, made one by one and kept in one go."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._rows: list[tuple[UUID, UUID, UUID, UUID, bytes, date]] = []

    def new(self, case_id: UUID, dispatch_id: UUID, *, valid_until: date) -> str:
        """A code for one letter, last valid on `valid_until`. Made again, the first one no longer works."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        self._rows.append((self._tenant.id, new_id(), case_id, dispatch_id, _hash(case_id, code), valid_until))
        return code

    def keep(self) -> None:
        """From here on they work; a code that is not kept opens nothing."""
        with driver(self._tenant.session).cursor() as cursor:
            cursor.executemany(
                "insert into letter_code (tenant_id, id, case_id, dispatch_id, code_hash, valid_until)"
                " values (%s, %s, %s, %s, %s, %s) on conflict (tenant_id, dispatch_id)"
                " do update set code_hash = excluded.code_hash, valid_until = excluded.valid_until",
                self._rows,
            )
        self._rows.clear()


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
