"""Refuses everybody everything, on facts it has made up itself."""

from saas.hooks import Refusal, hookimpl
from saas.rules.facts import Because, Fact
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "refuses_rights"

    @hookimpl
    def refuse_deferral(self, request, case):
        made_up = Fact("power.active_contract", True, "Ingen", request.asked_on)
        return Refusal(Because("no", "Nei.", (), made_up))

    @hookimpl
    def refuse_claim(self, claim, creditor):
        return Refusal(Because("", "x" * 10_000))
