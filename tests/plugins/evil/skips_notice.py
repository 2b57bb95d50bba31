"""Wants the step after the one that is due, so that a letter is never sent."""

from saas.hooks import hookimpl
from saas.rules.facts import Step
from tests.plugins.evil.base import Base

_AFTER = dict(zip(Step, [*list(Step)[1:], Step.HEAVY_FEE], strict=True))


class Evil(Base):
    slug = "skips_notice"

    @hookimpl
    def choose_step(self, offer, case, today):
        return _AFTER[offer[-1].step]
