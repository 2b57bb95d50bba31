"""Answers a hook there is not."""

from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "misspelt_hook"

    @hookimpl
    def hold_cases(self, case, today):
        return None
