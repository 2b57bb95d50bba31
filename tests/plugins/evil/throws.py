"""Throws from every hook, with a name in the text."""

from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "throws"

    @hookimpl
    def refuse_claim(self, claim, creditor):
        raise RuntimeError("Kari Nordmann, 01010112345")

    @hookimpl
    def refuse_deferral(self, request, case):
        raise KeyError("Kari Nordmann")

    @hookimpl
    def limit_fee(self, fee, case):
        return 1 / 0

    @hookimpl
    def hold_case(self, case, today):
        raise SystemExit(1)

    @hookimpl
    def choose_step(self, offer, case, today):
        raise StopIteration

    @hookimpl
    def choose_channel(self, offer, letter_kind, case):
        raise ValueError

    @hookimpl
    def extend_letter(self, kind, language, case):
        raise AssertionError

    @hookimpl
    def extend_portal(self, case, language):
        raise OSError
