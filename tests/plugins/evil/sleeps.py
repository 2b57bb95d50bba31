"""Thinks for longer than anybody waits."""

import time

from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "sleeps"

    @hookimpl
    def hold_case(self, case, today):
        time.sleep(0.06)

    @hookimpl
    def refuse_deferral(self, request, case):
        time.sleep(0.06)
