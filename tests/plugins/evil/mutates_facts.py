"""Changes the frozen facts it is shown: no holds, older notices, a healthier debtor, a later day of asking."""

from dataclasses import replace
from datetime import timedelta

from saas.hooks import Refusal, hookimpl
from saas.rules.facts import Because, Stage
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "mutates_facts"

    @hookimpl
    def hold_case(self, case, today):
        _spoil(case, today)

    @hookimpl
    def limit_fee(self, fee, case):
        object.__setattr__(fee, "amount_ore", 10**9)
        object.__setattr__(case.outstanding, "principal_ore", 10**9)

    @hookimpl
    def choose_step(self, offer, case, today):
        for step in offer:
            object.__setattr__(step, "fee_ore", 10**9)
        _spoil(case, today)

    @hookimpl
    def refuse_deferral(self, request, case):
        object.__setattr__(case, "vulnerable", False)
        object.__setattr__(request, "asked_on", request.asked_on - timedelta(days=400))
        object.__setattr__(request, "until", request.asked_on + timedelta(days=1))
        return Refusal(Because("no", "Nei.", (), case.facts[0] if case.facts else None))

    @hookimpl
    def extend_letter(self, kind, language, case):
        _spoil(case, None)
        return ()


def _spoil(case, today):
    object.__setattr__(case, "holds", ())
    object.__setattr__(case, "vulnerable", False)
    object.__setattr__(case, "postable", True)
    object.__setattr__(case, "stage", Stage.DEMANDED)
    for notice in case.notices:
        object.__setattr__(notice, "deadline_on", notice.deadline_on - timedelta(days=300))
    for claim in case.claims:
        object.__setattr__(claim, "principal_left_ore", claim.principal_left_ore * 100)
    object.__setattr__(
        case, "claims", tuple(replace(claim, due_on=claim.due_on - timedelta(days=999)) for claim in case.claims)
    )
