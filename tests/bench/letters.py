"""One process's letters: composed from real cases, rendered, encrypted and kept; beside bare Typst and WeasyPrint.

`python -m tests.bench.letters TENANT LETTERS`. Waits for a line before each of three rounds, so that several processes
begin at once, and prints a line of JSON after each: {"letters", "began", "ended", "peak_mb"}.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from uuid import UUID

import sqlalchemy as sa

from saas.cases.facts import known_of
from saas.cases.models import Case
from saas.cases.writing import Writing
from saas.dispatch.models import MESSAGE, Dispatch
from saas.documents.html import render_html
from saas.documents.letter import Letter
from saas.documents.paper import paper_of
from saas.documents.particulars import (
    Answer,
    ContactLetter,
    DeferralGranted,
    DeferralRefused,
    LegalActionNotice,
    LoginCode,
    ObjectionAnswered,
    ObjectionReceived,
    Overpayment,
    Particulars,
    PaymentReceived,
    WrongAmount,
)
from saas.documents.render import compiled, sheet_inputs
from saas.kernel import clock
from saas.kernel.bulk import many_objects
from saas.kernel.ids import new_id
from saas.kernel.servers import open_servers
from saas.rules.facts import LETTER_STEPS, Step
from saas.rules.money import Ore
from tenants.resolve import Tenant, open_tenant
from tests.bench.night import peak_mb
from tests.bench.seed import TONIGHT
from tests.builders import at

A_JOB = 100  # as hand-over takes them
BARE, WEASY = 300, 40  # letters of the two rounds beside, at most: they are as many a second whatever the number
BY = TONIGHT + timedelta(days=21)
MESSAGES: tuple[Particulars, ...] = (
    DeferralGranted(TONIGHT, BY, Ore(10**9)),
    DeferralRefused(TONIGHT, "Nordlys Kraft meldte 3. februar at du har en aktiv strømavtale.", BY),
    ObjectionReceived(TONIGHT, BY),
    ObjectionAnswered(Answer.REJECTED, "Måleren er lest av på nytt, og den viser det samme.", BY),
    PaymentReceived(Ore(50_000), TONIGHT, Ore(1)),
    WrongAmount(Ore(50_000), TONIGHT, Ore(100_000), Ore(50_000)),
    Overpayment(Ore(50_000), TONIGHT, Ore(10_000), BY),
    LoginCode(),
    ContactLetter(),
    LegalActionNotice(date(2026, 2, 1), True, True, BY),
)
LANGUAGES = ("nb", "nb", "nb", "nn", "en")


@dataclass(slots=True)
class Round:
    """When a round began and ended, and how many letters it made."""

    letters: int
    began: float
    ended: float

    def tell(self) -> None:
        """As one line for who measures."""
        told = {"letters": self.letters, "began": self.began, "ended": self.ended, "peak_mb": peak_mb()}
        print(json.dumps(told), flush=True)


def a_round(work: Callable[[], int]) -> None:
    """Wait to be let go, do it, tell."""
    sys.stdin.readline()
    began = clock.monotonic()
    letters = work()
    Round(letters, began, clock.monotonic()).tell()


def write_letters(tenant_id: UUID, letters: int, seen: list[Letter]) -> int:
    """That many letters of the tenant's cases, kept. The first few come back in `seen`."""
    with open_tenant(tenant_id) as tenant:
        cases = tenant.session.scalars(
            sa.select(Case.id).where(Case.tenant_id == tenant_id).order_by(Case.number)
        ).all()
    for start in range(0, letters, A_JOB):
        numbers = range(start, min(start + A_JOB, letters))
        with many_objects(), open_tenant(tenant_id) as tenant:
            for letter in _job(tenant, {n: cases[n % len(cases)] for n in numbers}):
                if len(seen) < BARE:
                    seen.append(letter)
    return letters


def _job(tenant: Tenant, wanted: dict[int, UUID]) -> Iterator[Letter]:
    ids = [*set(wanted.values())]
    known = known_of(tenant, ids, TONIGHT)
    cases = {
        case.id: case
        for case in tenant.session.scalars(sa.select(Case).where(Case.tenant_id == tenant.id, Case.id.in_(ids)))
    }
    writing = Writing(tenant, cases.values(), at(TONIGHT))
    for n, case_id in wanted.items():
        yield writing.write(cases[case_id], _dispatch(n), known[case_id].facts, TONIGHT)
    writing.finish()


def _dispatch(n: int) -> Dispatch:
    """Every other letter is a step of the ladder, the others are one of each kind by turns."""
    if n % 2:
        told = MESSAGES[n // 2 % len(MESSAGES)]
        return Dispatch(id=new_id(), step=MESSAGE, kind=told.kind, particulars=told.to_json())
    step = LETTER_STEPS[n // 2 % 3]
    fee_ore = 0 if step is Step.PAYMENT_DEMAND else 3_500
    return Dispatch(id=new_id(), step=step.value, kind=step.value, deadline_on=BY, fee_ore=fee_ore)


def speak(tenant_id: UUID) -> None:
    """Debtors read three languages, most of them bokmål."""
    with open_tenant(tenant_id) as tenant:
        choice = " ".join(f"when {n} then '{language}'" for n, language in enumerate(LANGUAGES))
        tenant.session.execute(
            sa.text(
                f"update debtor set language = case length(name) % {len(LANGUAGES)} {choice} end"
                " where tenant_id = :tenant"
            ),
            {"tenant": tenant_id},
        )


def main() -> None:
    """Three rounds: ours; Typst alone on the same letters; WeasyPrint on their HTML twins."""
    import weasyprint  # here alone: it needs Pango, and has Pillow read broken pictures for the whole process

    tenant_id, letters = UUID(sys.argv[1]), int(sys.argv[2])
    servers = open_servers(migrated=False)
    seen: list[Letter] = []
    write_letters(tenant_id, 2, [])  # fonts read, templates parsed
    print("ready", flush=True)
    a_round(lambda: write_letters(tenant_id, letters, seen))
    inputs = [(letter, sheet_inputs(paper_of(letter))) for letter in seen]
    a_round(lambda: len([compiled(given, letter.dated_on) for letter, given in inputs]))
    pages = [render_html(letter) for letter in islice(seen, WEASY)]
    a_round(lambda: len([weasyprint.HTML(string=page).write_pdf() for page in pages]))
    servers.release()


if __name__ == "__main__":
    main()
