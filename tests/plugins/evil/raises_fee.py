"""Wants more than the law allows."""

from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "raises_fee"

    @hookimpl
    def limit_fee(self, fee, case):
        return fee.amount_ore + 100_000
