"""Calls itself until the stack is full."""

from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "recurses"

    @hookimpl
    def hold_case(self, case, today):
        return self.hold_case(case, today)
