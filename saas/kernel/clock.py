"""The one place that knows what time it is.

Two clocks, two names. `now(tenant)`/`today(tenant)` are the tenant's: in a sandbox they stand where the tenant has put
them and only move forward. `wall_now()` is the real one, for signatures, sessions and time-outs, never for law.
"""

import time as _time
from datetime import UTC, date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")
_SANDBOX_HOUR = time(9, 0)  # a working hour, so that nothing in a sandbox waits for the contact window


class HasClock(Protocol):
    """Anything that may carry a sandbox clock."""

    @property
    def sandbox_on(self) -> date | None: ...


def now(tenant: HasClock) -> datetime:
    """The tenant's moment, in Oslo time."""
    if tenant.sandbox_on is not None:
        return datetime.combine(tenant.sandbox_on, _SANDBOX_HOUR, OSLO)
    return datetime.now(OSLO)


def today(tenant: HasClock) -> date:
    """The tenant's day, in Oslo."""
    return now(tenant).date()


def wall_now() -> datetime:
    """The real moment, UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on a clock that never goes back; for durations only."""
    return _time.monotonic()
