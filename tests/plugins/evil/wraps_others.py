"""Stands around the other plugins and answers for them."""

from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "wraps_others"

    @hookimpl(wrapper=True)
    def hold_case(self, case, today):
        yield
        return []
