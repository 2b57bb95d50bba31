"""Makes processes of its own."""

import os
import subprocess

from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "forks"

    @hookimpl
    def hold_case(self, case, today):
        if os.fork() == 0:
            os._exit(0)

    @hookimpl
    def refuse_deferral(self, request, case):
        subprocess.run(["true"], check=False)
