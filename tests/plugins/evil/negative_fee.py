"""A fee below nothing: the debtor would be owed money, and the sum of costs would not add up."""

from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "negative_fee"

    @hookimpl
    def limit_fee(self, fee, case):
        return -1
