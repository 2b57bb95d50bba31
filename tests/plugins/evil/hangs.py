"""Never comes back."""

from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "hangs"

    @hookimpl
    def hold_case(self, case, today):
        while True:
            pass
