"""Every job there is: ids in, one use case called, harmless when run twice.

`saas` asks for these by name (saas.kernel.queue) and never imports them.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar
from uuid import UUID

import structlog

from saas.cases import collecting, telling, trying
from saas.cases import night as nights
from saas.cases.hand_over import prepare
from saas.cases.missing_figures import note_missing_figures
from saas.cases.receipts import take_receipts, take_reports
from saas.cases.sending import LettersToDo, letters_to_do, send_batches
from saas.dispatch import ask
from saas.dispatch.ask import ask_lane, enqueue_hand_over
from saas.dispatch.health import closed_channels, note_down
from saas.hooks import Account, Channel, ChannelDown, OutcomeKind, ProviderDown
from saas.kernel import clock
from saas.kernel.config import settings
from saas.kernel.ids import NIL
from saas.kernel.servers import ensure_open
from saas.ledger.audit import check_and_note
from saas.ledger.sums import merge_sums
from saas.payments import look_ups, provider_news
from saas.payments.folder import DONE, take_folder
from saas.payments.maybe_paid import hold_what_may_be_paid
from saas.payments.payout_look_ups import look_for_payouts
from saas.payments.placing import place_payments as place
from saas.payments.settlement.daily import settle_day
from saas.rules.horizon import due_warnings
from saas.rules.law import load_law
from tenants.accounts import channel_account
from tenants.fallen import quarantine_fallen
from tenants.resolve import all_tenants, open_tenant

RECEIPTS_SINCE = timedelta(days=3)  # asked for again and again: taking one twice is harmless

log = structlog.get_logger()
P = ParamSpec("P")
R = TypeVar("R")


def job(work: Callable[P, R]) -> Callable[P, R]:
    """A job opens the servers if its process has not: RQ imports and calls it, nothing else prepares it."""

    @wraps(work)
    def ready(*args: P.args, **kwargs: P.kwargs) -> R:
        ensure_open()
        return work(*args, **kwargs)

    return ready


@job
def work_off_letters(tenant_id: str, lane: int, turn: int) -> None:
    """The next hundred letters of a tenant's lane; when there are more, another job like this asks for them.

    What could not be moved on waits for its time, for its channel or for a person: the watch asks again.
    """
    before = _letters_to_do(tenant_id, lane)
    if before.batches:
        finish_batches(tenant_id, before.batches)
    if before.queued:
        hand_over(tenant_id, [str(i) for i in before.queued])
    after = _letters_to_do(tenant_id, lane)
    if after.any and after != before:
        ask_lane(UUID(tenant_id), lane, 1 - turn)


def _letters_to_do(tenant_id: str, lane: int) -> LettersToDo:
    with open_tenant(UUID(tenant_id)) as tenant:
        return letters_to_do(tenant, lane=lane, lanes=ask.LANES, limit=ask.LETTERS_A_JOB)


@job
def hand_over(tenant_id: str, dispatch_ids: list[str]) -> None:
    """Decide, write and hand over these queued letters, and such as take their place."""
    tenant_uuid = UUID(tenant_id)
    with open_tenant(tenant_uuid) as tenant:
        prepared = prepare(tenant, [UUID(i) for i in dispatch_ids], now=clock.now(tenant))
    queued_anew = finish_batches(tenant_id, prepared.batches, fresh=True)
    enqueue_hand_over(tenant_uuid, [*prepared.queued_anew, *queued_anew])


def finish_batches(tenant_id: str, batch_ids: Sequence[UUID], fresh: bool = False) -> list[UUID]:
    """Give ready batches to their channels and note what became of them; a channel takes each letter once.

    Returns letters that are queued in place of some that could not leave.
    """
    queued_anew = []
    for batch_id, given in send_batches(UUID(tenant_id), batch_ids, fresh=fresh):
        for kind in (OutcomeKind.STOPPED, OutcomeKind.UNKNOWN, OutcomeKind.REFUSED):
            if count := given.outcomes[kind]:
                log.error("letters_not_taken", tenant=tenant_id, batch=str(batch_id), outcome=kind, letters=count)
        queued_anew += given.queued_anew
    return queued_anew


@job
def collect_receipts(tenant_id: str) -> int:
    """Read what the channels say of letters handed over. Returns how many letters were moved."""
    with open_tenant(UUID(tenant_id)) as tenant:
        closed = closed_channels(tenant, clock.wall_now())
        channels: list[tuple[Channel, Account]] = [
            (channel, account)
            for channel in tenant.hooks_for(NIL).channels()
            if channel.slug not in closed and (account := channel_account(tenant, channel.slug)) is not None
        ]
    moved, wall_now = 0, clock.wall_now()
    for channel, account in channels:
        try:
            for page in channel.receipts(account, wall_now - RECEIPTS_SINCE, wall_now):
                with open_tenant(UUID(tenant_id)) as tenant:
                    moved += take_receipts(tenant, channel.slug, page.name, page.receipts, now=clock.now(tenant))
                channel.take_receipts(account, page.name)
        except ChannelDown as down:
            log.warning("channel_down", channel=channel.slug, code=str(down))
            with open_tenant(UUID(tenant_id)) as tenant:
                note_down(tenant, channel.slug, str(down), clock.wall_now())
        for problem in channel.receipt_problems(account):
            log.error("receipt_file_unreadable", channel=channel.slug, problem=problem)
    return moved


@job
def work_off_reports(tenant_id: str) -> None:
    """Take what reports pushed to us say, until none waits."""
    while True:
        with open_tenant(UUID(tenant_id)) as tenant:
            if not take_reports(tenant, now=clock.now(tenant)):
                return


@job
def place_payments(tenant_id: str) -> None:
    """Place payments that are in and not yet on a case."""
    with open_tenant(UUID(tenant_id)) as tenant:
        now = clock.now(tenant)
    place(UUID(tenant_id), now)


@job
def work_off_provider_news(tenant_id: str) -> None:
    """Work off what payment providers have told, and place what was paid, until nothing more can be done.

    Placing comes in between: news of money going back waits until the payment is placed.
    """
    while provider_news.work_off(UUID(tenant_id), wall_now=clock.wall_now()):
        place_payments(tenant_id)


@job
def look_up_attempts(tenant_id: str, attempt_ids: list[str]) -> None:
    """Ask the providers how far these payments have come, and place what was paid. One that is down is asked later."""
    down: set[str] = set()
    booked = False
    for attempt_id in attempt_ids:
        provider = look_ups.provider_of(UUID(tenant_id), UUID(attempt_id))
        if provider in down:
            continue
        try:
            outcome = look_ups.look_up(UUID(tenant_id), UUID(attempt_id), wall_now=clock.wall_now())
        except ProviderDown as error:
            log.warning("provider_down", provider=provider, error=str(error))
            down.add(provider)
        else:
            booked = booked or outcome == provider_news.BOOKED
    if booked:
        place_payments(tenant_id)


@job
def take_bank_files(tenant_id: str) -> None:
    """Take in the bank files laid in the tenant's folder, and place what they bring."""
    with open_tenant(UUID(tenant_id)) as tenant:
        now, folder = clock.now(tenant), settings().inbox_folder / tenant.slug
    taken = take_folder(UUID(tenant_id), folder, now=now, wall_now=clock.wall_now())
    if any(one.outcome == DONE for one in taken):
        place(UUID(tenant_id), now)


@job
def settle(tenant_id: str) -> None:
    """One tenant's settlement of today: answers of the bank, payouts, reconciliation, invoices, alerts."""
    look_for_payouts(UUID(tenant_id), wall_now=clock.wall_now())
    with open_tenant(UUID(tenant_id)) as tenant:
        now, folder = clock.now(tenant), settings().order_folder / tenant.slug
    for alert in settle_day(UUID(tenant_id), now.date(), folder, now=now).alerts:
        log.error("settlement_alert", tenant=tenant_id, alert=alert.kind, about=alert.about, since=str(alert.since))


@job
def run_night(tenant_id: str, on: str | None = None) -> None:
    """One tenant's night."""

    day = date.fromisoformat(on) if on else None
    quarantine_fallen()
    hold_what_may_be_paid(UUID(tenant_id))
    nights.run_night(UUID(tenant_id), on=day, hand_over=enqueue_hand_over)


@job
def collect_facts(tenant_id: str, creditor_id: str, slug: str) -> None:
    """Let one plugin ask the outside world about a creditor's open cases."""
    collecting.collect(UUID(tenant_id), UUID(creditor_id), slug)


@job
def tell_plugin(tenant_id: str, creditor_id: str, slug: str) -> None:
    """Tell one plugin what has happened in a creditor's cases since it was told last."""
    telling.tell(UUID(tenant_id), UUID(creditor_id), slug)


@job
def run_trial(tenant_id: str, trial_id: str) -> None:
    """Work out what would be different with a plugin; nothing of it has any effect."""
    trying.run_trial(UUID(tenant_id), UUID(trial_id))


@job
def check_book(tenant_id: str) -> None:
    """The book's nightly care: sums merged, then every invariant recomputed. What is broken is told in the log too."""
    with open_tenant(UUID(tenant_id)) as tenant:
        merge_sums(tenant)
    with open_tenant(UUID(tenant_id)) as tenant:
        checked = check_and_note(tenant, clock.now(tenant))
    for each in checked:
        if each.findings:
            log.error("book_does_not_hold", tenant=tenant_id, invariant=each.invariant.name, findings=each.findings)


@job
def check_figures() -> None:
    """Tell of figures of the law that end soon (C1): in the log, and once a threshold in each tenant's history."""
    law = load_law()
    for missing in due_warnings(law, clock.wall_now().astimezone(clock.OSLO).date()):
        log.warning(
            "law_figure_missing",
            figure=missing.figure,
            needed_from=missing.needed_from.isoformat(),
            days_left=missing.days_left,
        )
    for tenant_id, slug in all_tenants():
        try:
            with open_tenant(tenant_id) as tenant:
                note_missing_figures(tenant, law)
        except Exception:
            log.exception("law_figures_not_noted", tenant=slug)  # the others are told all the same
