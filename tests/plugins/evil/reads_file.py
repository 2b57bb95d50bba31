"""Reads what is not its own, and writes where it should not."""

from pathlib import Path

from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "reads_file"

    @hookimpl
    def hold_case(self, case, today):
        Path("/etc/passwd").read_text()

    @hookimpl
    def refuse_deferral(self, request, case):
        Path("/tmp/frist-evil").write_text("her")
