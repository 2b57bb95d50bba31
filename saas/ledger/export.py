"""The general ledger (hovedbok) of a period as CSV, one row a transfer, straight from PostgreSQL and never in memory.

The sum of an account's debits less its credits is what its balance moved from the day before the period to its last
day. Days are value dates; a transfer booked late is seen by `Bokført`.
"""

from collections.abc import Iterator
from datetime import date

from psycopg import sql

from saas.kernel.db import driver
from saas.ledger.models import ACCOUNTS, COMPONENTS
from saas.ledger.words import ACCOUNT_WORDS, COMPONENT_WORDS
from tenants.resolve import Tenant

COLUMNS = ("Dato", "Bokført", "Bilag", "Linje", "Debet", "Kredit", "Del", "Beløp", "Sak", "Oppdragsgiver", "Krav",
           "Type", "Årsak", "Retter", "Begrunnelse")  # fmt: skip
BYTE_ORDER_MARK = "\ufeff".encode()  # spreadsheets take the file for UTF-8 by it

_ROWS = sql.SQL("""
copy (
  select t.value_on, to_char(t.booked_at at time zone 'Europe/Oslo', 'YYYY-MM-DD HH24:MI:SS'), t.entry_id, t.leg + 1,
         d.said, c.said, p.said, trim(to_char(t.amount_ore / 100, '9999999999999990')) || ','
         || lpad((t.amount_ore % 100)::text, 2, '0'), k.number, {creditor}, {invoice}, t.kind, t.source, t.corrects,
         {reason}
  from transfer t
  join (values {accounts}) d(code, said) on d.code = t.debit
  join (values {accounts}) c(code, said) on c.code = t.credit
  join (values {components}) p(code, said) on p.code = t.component
  left join collection_case k on k.tenant_id = t.tenant_id and k.id = t.case_id
  left join creditor r on r.tenant_id = t.tenant_id and r.id = t.creditor_id
  left join claim i on i.tenant_id = t.tenant_id and i.id = t.claim_id
  where t.tenant_id = {tenant} and t.value_on between {from_on} and {to_on}
  order by t.value_on, t.entry_id, t.leg
) to stdout (format csv, delimiter ';', header false)
""")
_PLAIN = sql.SQL("regexp_replace(coalesce({text}, ''), '^([=+@\\t\\r-])', '''\\1')")  # no formula for a spreadsheet


def general_ledger(tenant: Tenant, from_on: date, to_on: date) -> Iterator[bytes]:
    """The transfers with value dates from `from_on` to `to_on`, both included, as pieces of a CSV file.

    UTF-8 with a byte order mark, semicolons, amounts in kroner with a comma: as Norwegian spreadsheets read it.
    """
    statement = _ROWS.format(
        tenant=sql.Literal(str(tenant.id)) + sql.SQL("::uuid"),
        from_on=sql.Literal(from_on),
        to_on=sql.Literal(to_on),
        creditor=_PLAIN.format(text=sql.Identifier("r", "name")),
        invoice=_PLAIN.format(text=sql.Identifier("i", "invoice_number")),
        reason=_PLAIN.format(text=sql.Identifier("t", "reason")),
        accounts=_values({code: ACCOUNT_WORDS[code] for code in ACCOUNTS}),
        components=_values({code: COMPONENT_WORDS[code] for code in COMPONENTS}),
    )
    yield BYTE_ORDER_MARK + ";".join(COLUMNS).encode() + b"\n"
    with driver(tenant.session).cursor().copy(statement) as rows:
        for piece in rows:
            yield bytes(piece)


def _values(words: dict[str, str]) -> sql.Composed:
    pairs = (sql.SQL("({}, {})").format(sql.Literal(code), sql.Literal(said)) for code, said in words.items())
    return sql.SQL(", ").join(pairs)
