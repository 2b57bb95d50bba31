"""An attachment petition (utleggsbegjæring): what it needs, how it is filed, and what follows."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from enum import StrEnum

from saas.rules.days import add_months

_THREE_WEEKS = timedelta(days=21)
SYSTEM_FILING_FROM = date(2026, 9, 1)  # FOR-2025-07-09-1509 § 4 (A10)


class PetitionNeed(StrEnum):
    """What an attachment petition cannot be filed without (law A9)."""

    CLAIM_TYPES = "claim_types"
    DUE_DATES = "due_dates"
    ORIGINAL_AND_LEFT = "original_and_left"
    PAYMENTS = "payments"
    INTEREST_PERIODS = "interest_periods"
    DEMAND_DATE = "demand_date"
    NATIONAL_ID = "national_id"  # a sole trader is filed on the owner's
    CREDITOR_NUMBER = "creditor_number"  # of the main unit
    LICENCE_HOLDER = "licence_holder"
    ACCOUNT = "account"
    INVOICE = "invoice"
    DEMAND_COPY = "demand_copy"
    NOTICE_COPY = "notice_copy"
    AUTHORITY = "authority"


def petition_gaps(present: Collection[PetitionNeed]) -> tuple[PetitionNeed, ...]:
    """What is missing before a petition can be filed (A9)."""
    return tuple(need for need in PetitionNeed if need not in present)


def are_priorities_valid(priorities: Sequence[int | None]) -> bool:
    """If one claim of a petition has a priority (1 to 99), all must (A9)."""
    given = [p for p in priorities if p is not None]
    return not given or (len(given) == len(priorities) and all(1 <= p <= 99 for p in given))


def must_file_by_system(filed_on: date, *, agency_licence: bool, new_rules: bool) -> bool:
    """Whether a petition must go by system integration, not the web portal (FOR-2025-07-09-1509 § 4; A10)."""
    return agency_licence and new_rules and filed_on >= SYSTEM_FILING_FROM


def earliest_comment_deadline(presented_on: date) -> date:
    """The debtor's deadline is a fixed date at least three weeks from dispatch (TVFL § 7-6 first para.; A11)."""
    return presented_on + _THREE_WEEKS


def continue_attachment_by(ended_on: date) -> date:
    """Last day to ask that the attachment goes on after forliksråd: one month (TVFL § 7-7 third para.; A11).

    `ended_on` is the day the settlement was made, or the last day to attack the judgment.
    """
    return add_months(ended_on, 1)


class AfterObjection(StrEnum):
    """Where an attachment case goes when the debtor objects to a petition on an own notice (A11)."""

    CONCILIATION = "conciliation"
    CLOSED = "closed"
    GOES_ON = "goes_on"


def after_objection(*, asked_for_conciliation: bool, in_time: bool, obviously_groundless: bool) -> AfterObjection:
    """What an objection does to a petition under TVFL § 7-2 letter f (TVFL § 7-7 first and second para.; A11).

    Only a late one that is obviously groundless may be set aside.
    """
    if not in_time and obviously_groundless:
        return AfterObjection.GOES_ON
    return AfterObjection.CONCILIATION if asked_for_conciliation else AfterObjection.CLOSED
