"""Sends by a way that was not on offer, or by one many times."""

from saas.hooks import Medium, hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "unlawful_channel"

    @hookimpl
    def choose_channel(self, offer, letter_kind, case):
        return [Medium.PORTAL, *offer] if case.facts else [offer[0]] * 50
