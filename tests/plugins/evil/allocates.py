"""Takes a gigabyte."""

from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "allocates"

    @hookimpl
    def hold_case(self, case, today):
        return len(bytearray(1024**3)) * 0 or None
