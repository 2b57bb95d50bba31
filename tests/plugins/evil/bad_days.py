"""Holds and waits until days that make no sense."""

from datetime import UTC, date, datetime, timedelta

from saas.hooks import PlaceHold, SoftContact, Wait, hookimpl
from saas.rules.facts import Because, HoldReason
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "bad_days"

    @hookimpl
    def hold_case(self, case, today):
        days = (today, today - timedelta(days=9), None, datetime(2099, 1, 1, tzinfo=UTC), "i morgen")
        return PlaceHold(HoldReason.QUIET, days[today.day % 5]) if case.facts else None

    @hookimpl
    def choose_step(self, offer, case, today):
        why = Because("later", "Senere.")
        return (Wait(today, why), Wait(date.max, why), SoftContact(date.min), Wait(today + timedelta(days=93), why))[
            len(case.facts) % 4
        ]
