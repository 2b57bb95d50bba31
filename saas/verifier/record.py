"""A certificate as typed values: what the record says, before anything is asked of it."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

REMINDER, NOTICE, DEMAND, HEAVY = "reminder", "collection_notice", "payment_demand", "heavy_fee"
STEPS = (REMINDER, NOTICE, DEMAND, HEAVY)
LETTERS = (REMINDER, NOTICE, DEMAND)
NOTICE_FEE, COLLECTION_FEE, COMPENSATION = "notice_fee", "collection_fee", "compensation"
ACT_1988, ACT_2026 = "inkassoloven-1988", "inkassoloven-2026"
MIN_DEADLINE_DAYS = 14  # INKL §§ 9 and 10; INKF §§ 1-2, 1-3 and 2-3


@dataclass(frozen=True, slots=True)
class Pause:
    """No interest runs from `from_on` until `until_on`, the first day it runs again; None: it still stands (C7)."""

    from_on: date
    until_on: date | None

    def holds(self, day: date) -> bool:
        """Whether no interest is counted for `day`."""
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


@dataclass(frozen=True, slots=True)
class Claim:
    """One invoice (krav). `moves` are day and øre of what was paid on the principal, oldest first."""

    id: str
    due_on: date
    invoiced_on: date | None
    principal_ore: int
    left_ore: int
    moves: tuple[tuple[date, int], ...]
    pauses: tuple[Pause, ...]

    @property
    def base_ore(self) -> int:
        """The principal as it was when the claim fell due: later payments do not move the band (B8)."""
        return self.left_on(self.due_on)

    def left_on(self, day: date) -> int:
        """What was left of the principal at the end of `day`, in øre."""
        return self.principal_ore - sum(ore for on, ore in self.moves if on <= day)


@dataclass(frozen=True, slots=True)
class Notice:
    """A letter that was sent (varsel), with the deadline it printed and the fee it carried.

    `claim_ids` are the claims it was about; without any it was about every claim of the case.
    """

    step: str
    sent_on: date
    deadline_on: date
    fee_ore: int
    by_creditor: bool
    proof: str
    claim_ids: tuple[str, ...]

    def is_about(self, claim: Claim) -> bool:
        """Whether it was a letter for `claim`."""
        return not self.claim_ids or claim.id in self.claim_ids

    def warned(self, claim: Claim) -> bool:
        """Whether it was a letter for `claim`, sent after the claim fell due (INKL § 9)."""
        return self.is_about(claim) and self.sent_on > claim.due_on

    def missed_on(self, day: date) -> bool:
        """Whether a deadline long enough to count was missed on `day`; its last day is the debtor's (A1)."""
        return (self.deadline_on - self.sent_on).days >= MIN_DEADLINE_DAYS and day > self.deadline_on


@dataclass(frozen=True, slots=True)
class Cost:
    """What the step charges the debtor."""

    kind: str
    amount_ore: int


@dataclass(frozen=True, slots=True)
class Part:
    """One row of the cap: a claim, or the sum of joined claims."""

    base_ore: int
    thousandths: int
    cap_ore: int


@dataclass(frozen=True, slots=True)
class Cap:
    """The cap on all out-of-court costs as the record computes it (INKF chapter 2)."""

    on: date
    heavy: bool
    joined: bool
    rate_ore: int
    vat_percent: Fraction | None
    parts: tuple[Part, ...]
    cap_ore: int
    before_ore: int
    after_ore: int


@dataclass(frozen=True, slots=True)
class LawRow:
    """A figure the record says it used."""

    figure: str
    file: str
    valid_from: date
    known_until: date
    confidence: str
    values: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """The whole certificate. `sending_on` and `deadline_on` are None when the step sends no letter.

    `cap` is None where no figure for one is known: the act of 2026 has none yet.
    """

    regime: str
    step: str
    stage_before: str
    stage_after: str
    decided_on: date
    sending_on: date | None
    deadline_on: date | None
    next_action_on: date | None
    licence: bool
    consumer: bool
    debtor_kind: str
    vat_deductible: bool
    vulnerable: bool
    postable: bool
    letter_under_way: bool
    holds: int
    held_days: int
    sibling_ready_on: date | None
    charged_notice_fees_ore: int
    charged_collection_fee_ore: int
    charged_compensation_ore: int
    deceased_on: date | None
    bankrupt_on: date | None
    lost_costs: str
    acknowledged_on: tuple[date, ...]
    judged_on: tuple[date, ...]
    principal_left_ore: int
    interest_left_ore: int
    notice_fee_left_ore: int
    collection_fee_left_ore: int
    compensation_left_ore: int
    fee_interest_left_ore: int
    send_reminder: bool
    slack_days: int
    grace_banking_days: int
    join_wait_days: int
    day_basis: str
    fee_interest: bool
    claim_compensation: bool
    new_act_from: date | None
    claims: tuple[Claim, ...]
    notices: tuple[Notice, ...]
    costs: tuple[Cost, ...]
    cap: Cap | None
    law: tuple[LawRow, ...]

    @property
    def days(self) -> tuple[date, ...]:
        """The days the step must be lawful on: when it is decided and when it is expected to leave (A4)."""
        return (self.decided_on,) if self.sending_on is None else (self.decided_on, self.sending_on)

    @property
    def acts_on(self) -> date:
        """The day the step takes effect: the expected sending, or the decision when nothing is sent."""
        return self.sending_on or self.decided_on

    @property
    def kind(self) -> str:
        """Which column of the tiers applies (INKF § 2-1)."""
        return "consumer" if self.consumer else "business"

    @property
    def act(self) -> str:
        """The act in force on the day the step acts, whatever the record calls it (m1)."""
        return ACT_2026 if self.new_act_from is not None and self.acts_on >= self.new_act_from else ACT_1988

    @property
    def compensation_ore(self) -> int:
        """All compensation charged, with what this step charges."""
        return self.charged_compensation_ore + self.charges(COMPENSATION)

    @property
    def charged_ore(self) -> int:
        """All out-of-court costs and compensation charged before the step (B23, B15)."""
        return self.charged_notice_fees_ore + self.charged_collection_fee_ore + self.charged_compensation_ore

    def sent(self, *steps: str) -> tuple[Notice, ...]:
        """The letters of these kinds, oldest first."""
        return tuple(sorted((n for n in self.notices if n.step in steps), key=lambda n: (n.sent_on, n.deadline_on)))

    def counted(self) -> list[Claim]:
        """The claims whose sum the cap is taken of: those the step still asks something for.

        A claim paid in full bears no fee of a later step (INKL § 17 third paragraph, INKF § 2-3 first paragraph); one
        paid in part counts whole.
        """
        return [claim for claim in self.claims if claim.left_ore > 0 and claim.base_ore > 0]

    def demanded(self) -> list[Claim]:
        """The claims the latest demand was sent for: those not paid in full on the day it left."""
        demands = self.sent(DEMAND)
        if not demands:
            return []
        last = demands[-1]
        return [c for c in self.claims if last.is_about(c) and c.left_on(last.sent_on) > 0 and c.base_ore > 0]

    def charges(self, kind: str) -> int:
        """What the step charges of this kind, in øre."""
        return sum(cost.amount_ore for cost in self.costs if cost.kind == kind)
