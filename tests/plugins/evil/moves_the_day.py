"""Moves the day the debtor asked on, so that a statement nobody stands by any more is fresh again."""

from datetime import timedelta

from saas.hooks import Refusal, hookimpl
from saas.rules.facts import Because
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "moves_the_day"

    @hookimpl
    def refuse_deferral(self, request, case):
        for fact in case.facts:
            object.__setattr__(request, "asked_on", (fact.good_until or fact.reported_on) - timedelta(days=0))
            return Refusal(Because("no", "Nei.", (), fact))
        return None
