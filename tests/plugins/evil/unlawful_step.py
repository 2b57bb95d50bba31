"""Wants the dearest step, whatever stands on offer."""

from saas.hooks import hookimpl
from saas.rules.facts import Step
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "unlawful_step"

    @hookimpl
    def choose_step(self, offer, case, today):
        return Step.HEAVY_FEE
