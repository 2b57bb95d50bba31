"""Hides what the law demands behind a hundred pages."""

from saas.hooks import Panel, hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "huge_paragraph"

    @hookimpl
    def extend_letter(self, kind, language, case):
        return ["Les alt dette. " * 10_000] if case.facts else ["Les."] * 10_000

    @hookimpl
    def extend_portal(self, case, language):
        return [Panel("Les", ("alt " * 10_000,))]
