"""The law alone, without a database: a decision with its certificate and explanation, over a stream of cases.

`python -m tests.bench.law_decision CASES`; prints {"cases", "law_us", "bare_us", "rss_mb_tenth", "rss_mb"}. Times are
the processor's, so that a neighbour's work does not count.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from saas.rules.case import Decision, decide
from saas.rules.certificate import certificate, encode, fingerprint
from saas.rules.explain import ExplainedLine, Statement, explain, statement
from saas.rules.facts import (
    DEFAULT_POLICY,
    CaseFacts,
    ClaimFacts,
    DebtorKind,
    NoticeFacts,
    Outstanding,
    Stage,
    Step,
)
from saas.rules.law import Law, load_law
from saas.rules.money import NO_MONEY, Ore
from tests.bench.bare_law import Bare, BareAnswer, BareLaw, bare_law

TODAY = date(2026, 10, 20)
CHUNK = 1_000
_DAY = timedelta(days=1)
_STEPS = (Step.PAYMENT_DEMAND,) * 6 + (Step.COLLECTION_NOTICE, Step.HEAVY_FEE)


class Answer(NamedTuple):
    """One case, decided and explained."""

    decision: Decision
    encoded: bytes
    sha: str
    statement: Statement
    explained: tuple[tuple[ExplainedLine, ...], ...]


class Told(NamedTuple):
    """What a run over a stream of cases took, a case."""

    cases: int
    law_us: float
    bare_us: float
    rss_mb_tenth: float  # when a tenth of the cases was done
    rss_mb: float


def answer(facts: CaseFacts, law: Law) -> Answer:
    """All the night and a debtor's page ask of the law about one case."""
    decision = decide(facts, TODAY, law)
    encoded = encode(certificate(facts, decision, TODAY, law, DEFAULT_POLICY))
    explained = tuple(explain(claim, TODAY, law) for claim in facts.claims)
    return Answer(decision, encoded, fingerprint(encoded), statement(facts, TODAY, law), explained)


def run(cases: int) -> Told:
    """Decide a stream of cases, and do its bare arithmetic beside it, chunk by chunk. Nothing is kept.

    The files of law and the calendar are read before, by a few cases that do not count.
    """
    law = load_law()
    bare = bare_law(law)
    for facts, _ in a_stream(CHUNK // 10, law, seed=0):
        answer(facts, law)
    law_seconds = bare_seconds = rss_tenth = 0.0
    stream = a_stream(cases, law)
    for done in range(0, cases, CHUNK):
        chunk = [next(stream) for _ in range(min(CHUNK, cases - done))]
        began = time.process_time()
        for facts, _ in chunk:
            answer(facts, law)
        between = time.process_time()
        for _, numbers in chunk:
            bare.answer(numbers)
        law_seconds += between - began
        bare_seconds += time.process_time() - between
        if not rss_tenth and done + CHUNK >= cases / 10:
            rss_tenth = _rss_mb()
    return Told(cases, law_seconds / cases * 1e6, bare_seconds / cases * 1e6, rss_tenth, _rss_mb())


def a_stream(cases: int, law: Law, seed: int = 2026) -> Iterator[tuple[CaseFacts, Bare]]:
    """Cases as they come, no two alike, each with its bare numbers: demands for the most part, some notices and heavy
    fees; one in five has two invoices, one in five was paid in part."""
    chance = random.Random(seed)
    for number in range(1, cases + 1):
        yield _a_case(chance, number, _STEPS[number % len(_STEPS)], law)


def _a_case(chance: random.Random, number: int, step: Step, law: Law) -> tuple[CaseFacts, Bare]:
    notices = _letters_before(chance, step)
    count = 2 if chance.random() < 0.2 else 1
    claims = tuple(_a_claim(chance, number, nth, notices[0].sent_on) for nth in range(count))
    consumer, vat_deductible = chance.random() < 0.8, chance.random() < 0.8
    notice_fees = sum(n.fee_ore for n in notices)
    bare = Bare(
        tuple((c.principal_ore, [(on.toordinal(), paid) for on, paid in c.principal_moves], c.due_on.toordinal())
              for c in claims),
        TODAY.toordinal(), consumer, not vat_deductible, step is Step.HEAVY_FEE,
        step is Step.COLLECTION_NOTICE, notice_fees, 0,
    )  # fmt: skip
    light = BareLaw.light_fee(bare_law(law), bare) if step is Step.HEAVY_FEE else 0
    facts = CaseFacts(
        case_id=UUID(int=number),
        case_number=number,
        stage={Step.COLLECTION_NOTICE: Stage.REMINDED, Step.PAYMENT_DEMAND: Stage.NOTICED}.get(step, Stage.DEMANDED),
        debtor_kind=DebtorKind.PERSON if consumer else DebtorKind.COMPANY,
        creditor_id=UUID(int=1),
        creditor_slug="nordlys",
        agency_licence=True,
        vat_deductible=vat_deductible,
        vulnerable=False,
        postable=True,
        claims=claims,
        notices=notices,
        holds=(),
        outstanding=Outstanding(Ore(sum(c.principal_left_ore for c in claims)), NO_MONEY, Ore(notice_fees), Ore(light)),
        charged_notice_fees_ore=Ore(notice_fees),
        charged_collection_fee_ore=Ore(light),
    )
    return facts, bare._replace(collection_fee_ore=light)


def _a_claim(chance: random.Random, number: int, nth: int, first_letter_on: date) -> ClaimFacts:
    principal = chance.randrange(20_000, 9_000_000)
    due_on = first_letter_on - chance.randrange(14, 340) * _DAY
    paid = chance.randrange(1, principal // 2) if chance.random() < 0.2 else 0
    paid_on = min(due_on + chance.randrange(5, 90) * _DAY, TODAY - _DAY)
    moves = ((paid_on, Ore(paid)),) if paid else ()
    return ClaimFacts(
        id=UUID(int=10 * number + nth),
        invoice_number=f"{number:07d}-{nth}",
        kind="electricity",
        description="strøm",
        principal_ore=Ore(principal),
        principal_left_ore=Ore(principal - paid),
        invoiced_on=due_on - 14 * _DAY,
        due_on=due_on,
        principal_moves=moves,
    )


def _letters_before(chance: random.Random, step: Step) -> tuple[NoticeFacts, ...]:
    """The letters sent before `step`, their deadlines out."""
    if step is Step.COLLECTION_NOTICE:
        return (_letter(chance, Step.REMINDER, date(2026, 9, 10), 3_800),)
    if step is Step.PAYMENT_DEMAND:
        return (_letter(chance, Step.COLLECTION_NOTICE, date(2026, 9, 10), 3_800),)
    first = _letter(chance, Step.COLLECTION_NOTICE, date(2026, 6, 20), 3_800)
    return first, _letter(chance, Step.PAYMENT_DEMAND, date(2026, 7, 25), 0)


def _letter(chance: random.Random, step: Step, from_on: date, fee_ore: int) -> NoticeFacts:
    sent_on = from_on + chance.randrange(12) * _DAY
    proof = f"{chance.getrandbits(256):064x}"
    return NoticeFacts(step, sent_on, sent_on + chance.randrange(14, 18) * _DAY, Ore(fee_ore), False, proof)


def same_as_bare(told: Answer, numbers: BareAnswer) -> bool:
    """Whether the law and the bare arithmetic came to the same interest, cap and fee."""
    cap, costs = told.decision.cap, told.decision.costs
    assert cap is not None
    return (told.statement.sum_ore("interest"), cap.cap_ore, sum(c.amount_ore for c in costs)) == numbers


def _rss_mb() -> float:
    """Memory this program holds now; where there is no /proc, the most it ever held."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * 4096 / 1024**2
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]))._asdict()))
