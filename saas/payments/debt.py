"""A case as its book stood just before a payment: all that settling it may know. Nothing here knows the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from saas.ledger.balances import CaseBalance
from saas.rules.facts import ClaimFacts, Pause
from saas.rules.money import NO_MONEY, Ore
from saas.rules.payment_order import AgreedOrder
from saas.rules.repricing import CostBasis


class InterestNotRead(Exception):
    """Booked interest is to be corrected, and the debt was read without the entries that booked it."""


@dataclass(frozen=True, slots=True)
class OwedClaim:
    """A claim of the case."""

    id: UUID
    invoice_number: str
    due_on: date
    pauses: tuple[Pause, ...] = ()  # of its interest (law C7)


@dataclass(frozen=True, slots=True)
class StepFee:
    """What stands of a fee one of our steps charged. `charged_on` None: its letter is not proven sent."""

    entry_id: UUID
    component: str
    amount_ore: Ore
    charged_on: date | None  # the letter's posted date; the day of the decision for the heavy fee, which has no letter
    dispatch_id: UUID | None
    booked_on: date  # the day of the decision

    def is_owed_on(self, day: date) -> bool:
        """Charged demonstrably before that day, so that who pays on the day owes it (law B9, B26, A4)."""
        return self.charged_on is not None and self.charged_on < day


@dataclass(frozen=True, slots=True)
class PrintedSum:
    """What the newest letter asks for. Who pays it in time owes nothing more (law D6)."""

    sum_ore: Ore
    dated_on: date  # the sum is as of this day
    in_time_before: date  # the first day that is too late: the printed deadline and its grace are over (A2)
    claim_ids: tuple[UUID, ...]  # the claims it was about; empty: every claim of the case


@dataclass(frozen=True, slots=True)
class Debt:
    """A case with its book. Of `interest_entries`, None stands for interest on the collection fee."""

    case_id: UUID
    creditor_id: UUID
    claims: tuple[OwedClaim, ...]
    book: CaseBalance
    fees: tuple[StepFee, ...] = ()  # the newest first
    interest_entries: Mapping[UUID | None, list[tuple[UUID, Ore]]] | None = None
    """Claim → the entries that booked its interest and what stands of each, the newest first; None: not read."""
    demanded_on: tuple[date, ...] = ()  # the days payment demands were sent; only when interest on fees is claimed
    agreed: tuple[AgreedOrder, ...] = ()  # what the creditor's agreements say of the order
    cost_basis: CostBasis | None = None  # None: the cap has not fallen since the costs were charged
    printed: PrintedSum | None = (
        None  # of the newest letter out by the value date; only when the tenant waives after it
    )

    def claim_facts(self) -> list[ClaimFacts]:
        """The claims as the rules know them; only principal, due date and payments are told."""
        return [
            ClaimFacts(
                c.id,
                c.invoice_number,
                "",
                "",
                self.book.principal_of(c.id),
                self.book.principal_left.get(c.id, NO_MONEY),
                c.due_on,
                c.due_on,
                self.book.principal_moves.get(c.id, ()),
                c.pauses,
            )
            for c in self.claims
        ]
