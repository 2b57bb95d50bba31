"""Which way a letter goes: the tenant's channels, what the debtor has chosen, and what has been tried."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from saas.cases.models import Case, Debtor
from saas.dispatch.health import closed_channels
from saas.dispatch.ladder import (
    CONSENTS,
    NOBODY_THERE,
    NOTICES,
    Choice,
    capped_kinds,
    is_closed,
    media_for,
    next_way,
)
from saas.dispatch.models import FAILED, MESSAGE, WITHDRAWN, DebtorContactChoice, Dispatch
from saas.hooks import Account, Channel, Medium, Party, PlaceHold
from saas.kernel import clock
from saas.kernel.errors import NotFound
from saas.kernel.ids import NIL
from saas.rules.facts import CaseFacts, DebtorKind
from tenants.accounts import channel_account
from tenants.resolve import Tenant

UNREACHABLE, REFUSED, NOT_SENT = "unreachable:", "refused:", "failed:"
"""How `Dispatch.why` begins when a channel could not bring a letter: the next rung is tried."""

_MEMORY = timedelta(days=60)  # so far back a failed way counts as tried for the same kind of letter
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Way:
    """A letter's channel; None when no lawful way is left. `holds`: plugins that were in trouble over it."""

    channel: Channel | None
    holds: tuple[PlaceHold, ...] = ()


class Ways:
    """What is known of the ways to some cases' debtors. A few reads for any number of cases."""

    def __init__(self, tenant: Tenant, cases: Sequence[Case], now: datetime) -> None:
        self._tenant, self._today = tenant, now.date()
        self.channels: dict[str, Channel] = {}
        self.accounts: dict[str, Account] = {}
        for channel in tenant.hooks_for(NIL).channels():
            account = channel_account(tenant, channel.slug)
            if account is not None:
                self.channels[channel.slug], self.accounts[channel.slug] = channel, account
        self.closed = set(closed_channels(tenant, clock.wall_now()))
        self.debtors = _debtors(tenant, {case.debtor_id for case in cases})
        self._choices = _choices(tenant, self.debtors)
        self._tried = _tried(tenant, [case.id for case in cases], self._today)
        self._approaches = _approaches(tenant, self.debtors, self._today)

    def party(self, case: Case) -> Party:
        """The debtor of the case, as an envelope or a gateway needs them."""
        choice = self._choices[case.debtor_id].get(Medium.PORTAL)
        return party_of(self.debtors[case.debtor_id], has_portal=choice is not None and choice.choice == CONSENTS)

    def choose(self, case: Case, kind: str, facts: CaseFacts) -> Way:
        """The way for a letter of this kind. Plugins may reorder the lawful."""
        debtor, policy = self.debtors[case.debtor_id], self._tenant.policy
        media = media_for(kind, private=debtor.kind != DebtorKind.COMPANY, preferred=policy.media_order)
        order = self._tenant.hooks_for(case.creditor_id).choose_channel(media, kind, facts, self._today)
        media = order.media
        if Medium.PAPER in media and self.notice(case, kind, NOTICES) is None:
            media = tuple(m for m in media if m is not Medium.PORTAL)  # it must reach them, and nobody would know
        return Way(self._next(case, kind, media), order.holds)

    def notice(self, case: Case, kind: str, media: Sequence[Medium]) -> Channel | None:
        """The channel to tell the debtor by that a letter lies in the portal."""
        return self._next(case, kind, media)

    def is_open(self, case: Case, medium: Medium) -> bool:
        """Whether the debtor may be written to by it: the portal must be asked for, the rest not be closed."""
        choice = self._choices[case.debtor_id].get(medium)
        if medium is Medium.PORTAL:
            return choice is not None and choice.choice == CONSENTS
        return not is_closed(choice, self._today)

    def nobody_there(self, case: Case, medium: Medium) -> bool:
        """Whether a channel has told that the debtor cannot be reached by it, and it is too soon to try again."""
        choice = self._choices[case.debtor_id].get(medium)
        return choice is not None and choice.choice == NOBODY_THERE and is_closed(choice, self._today)

    def _next(self, case: Case, kind: str, media: Sequence[Medium]) -> Channel | None:
        return next_way(
            media,
            list(self.channels.values()),
            self.party(case),
            choices=self._choices[case.debtor_id],
            tried=self._tried[case.id, kind],
            today=self._today,
        )

    def cap_lasts_until(self, case: Case) -> date | None:
        """The day from which the debtor may be approached again beyond the mandatory letters; None: today."""
        days = sorted(self._approaches[case.debtor_id])
        most = self._tenant.policy.electronic_a_week
        if len(days) < most:
            return None
        return days[-most] + _WEEK if most else self._today + _WEEK

    def note_approach(self, case: Case) -> None:
        """Another electronic approach is on its way today."""
        self._approaches[case.debtor_id].append(self._today)


def channel_of(tenant: Tenant, slug: str) -> Channel:
    """The channel of this name that the tenant has switched on. Raises NotFound when it has not."""
    for channel in tenant.hooks_for(NIL).channels():
        if channel.slug == slug:
            return channel
    raise NotFound(f"Kanalen {slug} er ikke slått på.")


def party_of(debtor: Debtor, *, has_portal: bool = False) -> Party:
    """The debtor as an envelope or a gateway needs them. A protected address is not told to anybody."""
    hidden = debtor.protected_address
    return Party(
        name=debtor.name,
        address_lines=() if hidden else tuple(debtor.address_lines),
        postcode="" if hidden else debtor.postcode,
        city="" if hidden else debtor.city,
        country=debtor.country,
        national_id=debtor.national_id,
        orgnr=debtor.orgnr,
        email=debtor.email,
        phone=debtor.phone,
        language=debtor.language,
        has_portal=has_portal,
    )


def _debtors(tenant: Tenant, ids: set[UUID]) -> dict[UUID, Debtor]:
    rows = tenant.session.scalars(sa.select(Debtor).where(Debtor.tenant_id == tenant.id, Debtor.id.in_(ids)))
    return {row.id: row for row in rows}


def _choices(tenant: Tenant, debtors: dict[UUID, Debtor]) -> defaultdict[UUID, dict[str, Choice]]:
    found: defaultdict[UUID, dict[str, Choice]] = defaultdict(dict)
    for row in tenant.session.scalars(
        sa.select(DebtorContactChoice).where(
            DebtorContactChoice.tenant_id == tenant.id, DebtorContactChoice.debtor_id.in_(debtors)
        )
    ):
        found[row.debtor_id][row.channel] = Choice(row.choice, row.since)
    return found


def _tried(tenant: Tenant, case_ids: Sequence[UUID], today: date) -> defaultdict[tuple[UUID, str], set[str]]:
    """(case, kind) → channels that could not. Paper is the last rung: when it fails a person mends the address."""
    found: defaultdict[tuple[UUID, str], set[str]] = defaultdict(set)
    could_not = sa.or_(*(Dispatch.why.startswith(code) for code in (UNREACHABLE, REFUSED, NOT_SENT)))
    for case_id, kind, channel in tenant.session.execute(
        sa.select(Dispatch.case_id, Dispatch.kind, Dispatch.channel).where(
            Dispatch.tenant_id == tenant.id,
            Dispatch.case_id.in_(case_ids),
            Dispatch.state.in_((FAILED, WITHDRAWN)),
            Dispatch.medium != Medium.PAPER,
            Dispatch.decided_on > today - _MEMORY,
            could_not,
        )
    ):
        found[case_id, kind].add(channel)
    return found


def _approaches(tenant: Tenant, debtors: dict[UUID, Debtor], today: date) -> defaultdict[UUID, list[date]]:
    """Debtor → days of the last week on which they were approached electronically beyond the mandatory letters.

    What is known not to have arrived has disturbed nobody.
    """
    found: defaultdict[UUID, list[date]] = defaultdict(list)
    for debtor_id, on in tenant.session.execute(
        sa.select(Case.debtor_id, Dispatch.handed_over_on)
        .join(Case, sa.and_(Case.tenant_id == Dispatch.tenant_id, Case.id == Dispatch.case_id))
        .where(
            Dispatch.tenant_id == tenant.id,
            Case.debtor_id.in_(debtors),
            Dispatch.step == MESSAGE,
            Dispatch.kind.in_(capped_kinds()),
            Dispatch.medium.in_((Medium.EMAIL, Medium.SMS, Medium.DIGITAL_POST)),
            Dispatch.state != FAILED,
            Dispatch.handed_over_on > today - _WEEK,
        )
    ):
        if on is not None:
            found[debtor_id].append(on)
    return found
