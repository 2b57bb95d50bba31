"""Answers something no hook asked for."""

from saas.hooks import Refusal, hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "wrong_type"

    @hookimpl
    def refuse_claim(self, claim, creditor):
        return "nei"

    @hookimpl
    def refuse_deferral(self, request, case):
        return Refusal("nei")

    @hookimpl
    def limit_fee(self, fee, case):
        return 38.5

    @hookimpl
    def hold_case(self, case, today):
        return False

    @hookimpl
    def choose_step(self, offer, case, today):
        return "payment_demand"

    @hookimpl
    def choose_channel(self, offer, letter_kind, case):
        return "paper"

    @hookimpl
    def extend_letter(self, kind, language, case):
        return "Betal nå."

    @hookimpl
    def extend_portal(self, case, language):
        return [{"heading": "Betal", "paragraphs": ["nå"]}]
