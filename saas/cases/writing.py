"""Letters written: composed, checked, rendered, encrypted and kept; those of one job together."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from saas.access.letter_login import VALID_DAYS, LetterCodes
from saas.cases.books import book_of
from saas.cases.compose import compose_letter, compose_message
from saas.cases.lifecycle import cipher_of, record_on_case
from saas.cases.models import Case, Debtor
from saas.dispatch.models import MESSAGE, READY, Dispatch
from saas.documents.letter import Letter, LetterKind
from saas.documents.mandatory import compose
from saas.documents.particulars import PARTICULARS
from saas.documents.render import render
from saas.documents.store import keep_letter
from saas.rules.facts import CaseFacts
from saas.rules.law import load_law
from tenants.models import Creditor
from tenants.resolve import Tenant


class Writing:
    """Writes the letters of some locked cases. What they share is read once; `finish` comes before the commit."""

    def __init__(self, tenant: Tenant, cases: Collection[Case], now: datetime) -> None:
        self._tenant, self._now = tenant, now
        self._books = book_of(tenant, [case.id for case in cases])
        self._codes = LetterCodes(tenant)
        self._held = _debtors_and_creditors(tenant, cases)  # the session forgets what nobody holds, and asks anew

    def write(self, case: Case, dispatch: Dispatch, facts: CaseFacts, sending_on: date) -> Letter:
        """Write one letter. Raises IncompleteLetter or UnknownLaw with nothing kept."""
        letter = compose(self._composed(case, dispatch, facts, sending_on))
        kept = keep_letter(self._tenant, case.id, dispatch.id, letter, render(letter), cipher_of(case))
        dispatch.state, dispatch.expected_sending_on = READY, sending_on
        if dispatch.step != MESSAGE:
            dispatch.printed_ore = letter.total_ore
        body = {"dispatch": str(dispatch.id), "kind": dispatch.kind, "pdf_sha256": kept.pdf_sha256.hex()}
        record_on_case(self._tenant, case, "letter.written", body, now=self._now, actor="worker")
        return letter

    def finish(self) -> None:
        """The codes printed in the letters open their cases from the commit on."""
        self._codes.keep()

    def _composed(self, case: Case, dispatch: Dispatch, facts: CaseFacts, sending_on: date) -> Letter:
        valid_until = max(sending_on + timedelta(days=VALID_DAYS), dispatch.deadline_on or sending_on)
        code = self._codes.new(case.id, dispatch.id, valid_until=valid_until)
        payments = self._books[case.id].payments
        if dispatch.step != MESSAGE:
            return compose_letter(
                self._tenant, case, dispatch, facts, payments,
                dated_on=sending_on, code=code, code_valid_until=valid_until, law=load_law(),
            )  # fmt: skip
        told = PARTICULARS[dispatch.kind].from_json(dispatch.particulars)
        return compose_message(
            self._tenant, case, LetterKind(dispatch.kind), told, facts, payments,
            dated_on=sending_on, code=code, code_valid_until=valid_until, law=load_law(),
        )  # fmt: skip


def _debtors_and_creditors(tenant: Tenant, cases: Collection[Case]) -> list[Debtor | Creditor]:
    debtors = sa.select(Debtor).where(Debtor.tenant_id == tenant.id, Debtor.id.in_({case.debtor_id for case in cases}))
    creditors = sa.select(Creditor).where(
        Creditor.tenant_id == tenant.id, Creditor.id.in_({case.creditor_id for case in cases})
    )
    return [*tenant.session.scalars(debtors), *tenant.session.scalars(creditors)]
