"""What a week brought, and how it ended: read from the letters outside, and from payments and cases inside."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from saas.cases.models import Case, CaseHold, CertificateRow
from saas.demo.letters import DEMAND, NOTICE, REMINDER, PrintedLetter
from saas.demo.people import CAST, Role
from saas.demo.stage import Player, Stage
from saas.kernel.clock import OSLO
from saas.payments.models import BankFileRow, Payment
from saas.rules.facts import Stage as CaseStage
from saas.rules.facts import Step
from saas.rules.money import kroner
from tenants.resolve import Tenant, open_tenant

Say = Callable[[str], None]
Event = tuple[date, str]
WORD = {REMINDER: "reminder", NOTICE: "collection notice", DEMAND: "demand"}
_WAITS = {
    "hold.vulnerable": "a person to look at it before anything is sent",
    "hold.no_address": "an address",
    "ladder_done": "a person to decide: all letters are sent",
}


@dataclass(frozen=True, slots=True)
class _Week:
    """What happened at one tenant."""

    letters: list[PrintedLetter]
    payments: list[Payment]
    closed: list[Case]
    held: dict[str, int]
    events: dict[str, list[Event]]  # name → what happened to those the story follows


def say_week(stage: Stage, last: date, say: Say) -> None:
    """The week that ends on `last`: counts for each tenant, then what happened to those the story follows."""
    first = last - timedelta(days=last.weekday())
    say("")
    say(f"Week {last.isocalendar().week}, {first:%-d %B} to {last:%-d %B}")
    for player in stage.players:
        with open_tenant(player.tenant_id) as tenant:
            week = _week(player, tenant, first, last)
        say(f"  {player.slug:<9}{_counts(week)}")
        for name, events in week.events.items():
            say(f"      {name}: {'; '.join(words for _, words in sorted(events, key=lambda event: event[0]))}")


def say_outcomes(stage: Stage, say: Say) -> None:
    """What became of the cases, in counts and for those the story follows."""
    say("")
    say("What became of them")
    for player in stage.players:
        with open_tenant(player.tenant_id) as tenant:
            cases = tenant.session.scalars(sa.select(Case).where(Case.tenant_id == tenant.id)).all()
        ended = Counter(_outcome(case) for case in cases)
        say(f"  {player.slug}: {len(cases)} cases: " + "; ".join(f"{n} {what}" for what, n in ended.most_common()))
    say("")
    say("Those we followed")
    for player in stage.players:
        with open_tenant(player.tenant_id) as tenant:
            for role in CAST:
                if role.creditor in player.creditors:
                    _say_role(tenant, role, say)


# --- a week ---------------------------------------------------------------------------------------------------------


def _week(player: Player, tenant: Tenant, first: date, last: date) -> _Week:
    letters = [letter for letter in player.world.letters if first <= letter.posted_on <= last]
    payments = _payments(tenant, first, last)
    closed = _found(tenant, Case, Case.closed_on.between(first, last))
    held = _found(tenant, CaseHold, CaseHold.lifted_on.is_(None))
    placed = [hold for hold in _first_holds(tenant) if first <= hold.since <= last]
    doubled = _found(
        tenant, CertificateRow, CertificateRow.step == Step.HEAVY_FEE, CertificateRow.decided_on.between(first, last)
    )
    names = _names(tenant, {row.case_id for row in (*payments, *placed, *doubled)})
    events: dict[str, list[Event]] = defaultdict(list)
    for letter in letters:
        events[letter.name].append((letter.posted_on, _letter_words(letter)))
    for payment in payments:
        events[names.get(payment.case_id, "")].append((payment.value_on, _payment_words(payment)))
    for hold in placed:
        events[names[hold.case_id]].append((hold.since, f"on hold from {_day(hold.since)}: {_plain(hold.reason)}"))
    for row in doubled:
        events[names[row.case_id]].append((row.decided_on, f"collection fee doubled on {_day(row.decided_on)}"))
    for case in closed:
        events[case.debtor_name].append((case.closed_on or last, _closed_words(case)))
    followed = {role.name: events[role.name] for role in CAST if role.name in events}
    return _Week(letters, payments, closed, Counter(_plain(hold.reason) for hold in held), followed)


def _counts(week: _Week) -> str:
    if not (week.letters or week.payments or week.closed):
        return "quiet"
    kinds = Counter(letter.kind for letter in week.letters)
    posted = [f"{n} {word}{'s' if n > 1 else ''}" for kind, word in WORD.items() if (n := kinds[kind])]
    number, money = len(week.payments), _kr(sum(p.amount_ore for p in week.payments))
    paid = [f"{number} payment{'s' if number > 1 else ''} ({money} kr)"] if number else []
    closed = [f"{len(week.closed)} closed"] if week.closed else []
    held = ", ".join(f"{n} {reason}" for reason, n in sorted(week.held.items()))
    return ", ".join(posted + paid + closed) + (f"; on hold: {held}" if held else "")


def _payments(tenant: Tenant, first: date, last: date) -> list[Payment]:
    """Those that came with the week's bank files; what is paid on a Friday comes on Monday."""
    since, until = (datetime.combine(day, time(), OSLO) for day in (first, last + timedelta(days=1)))
    files = sa.select(BankFileRow.id).where(
        BankFileRow.tenant_id == tenant.id, BankFileRow.imported_at >= since, BankFileRow.imported_at < until
    )
    return _found(tenant, Payment, Payment.file_id.in_(files))


def _first_holds(tenant: Tenant) -> list[CaseHold]:
    """The first hold of each reason on each case: one that is placed again every week is told once."""
    first: dict[tuple[UUID, str], CaseHold] = {}
    for hold in sorted(_found(tenant, CaseHold), key=lambda hold: hold.since):
        first.setdefault((hold.case_id, hold.reason), hold)
    return list(first.values())


def _found(tenant: Tenant, table: Any, *where: sa.ColumnElement[bool]) -> list[Any]:
    return list(tenant.session.scalars(sa.select(table).where(table.tenant_id == tenant.id, *where).order_by(table.id)))


def _names(tenant: Tenant, case_ids: set[UUID | None]) -> dict[UUID | None, str]:
    return {case.id: case.debtor_name for case in _found(tenant, Case, Case.id.in_(case_ids - {None}))}


# --- words ----------------------------------------------------------------------------------------------------------


def _say_role(tenant: Tenant, role: Role, say: Say) -> None:
    cases = _found(tenant, Case, Case.debtor_name == role.name)
    if cases:
        ends = "; ".join(f"case {case.number} {_outcome(case)}" for case in cases)
        say(f"  {role.name}: {role.why}. {ends[0].upper()}{ends[1:]}.")


def _outcome(case: Case) -> str:
    if case.stage == CaseStage.CLOSED:
        return "joined into another" if case.joined_into else case.closed_because
    if case.waits_for:
        return f"waiting for {_WAITS.get(case.waits_for, _plain(case.waits_for))}"
    return f"{CaseStage(case.stage).name.lower()}, not paid"


def _letter_words(letter: PrintedLetter) -> str:
    posted, due = _day(letter.posted_on), _day(letter.deadline_on)
    return f"{WORD[letter.kind]} posted {posted}, {_kr(letter.total_ore)} kr by {due}"


def _payment_words(payment: Payment) -> str:
    how = " (found by the case number in the text)" if payment.matched_by == "case_number" else ""
    return f"pays {_kr(payment.amount_ore)} kr on {_day(payment.value_on)}{how}"


def _closed_words(case: Case) -> str:
    how = "joined into another case" if case.joined_into else f"closed, {case.closed_because}"
    return f"case {case.number} {how}"


def _plain(code: str) -> str:
    return code.rpartition(".")[2].replace("_", " ")


def _kr(ore: int) -> str:
    return kroner(ore, space=" ")


def _day(day: date) -> str:
    return f"{day:%-d %B}"
