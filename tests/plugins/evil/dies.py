"""Takes its process with it."""

import os

from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "dies"

    @hookimpl
    def hold_case(self, case, today):
        os._exit(3)
