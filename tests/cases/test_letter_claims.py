"""What the facts say of letters: the claims they were about, and what still stands of their fees.

Law B16 and INKL § 9 ask for a notice for each claim; law B19 takes fees off again.
"""

from datetime import date
from uuid import UUID

from saas.cases.facts import facts_of
from saas.payments.lost_costs import lose_costs
from saas.rules.facts import Step
from saas.rules.lost_costs import LostCostReason
from tenants.resolve import open_tenant
from tests.builders import a_claim, at, register
from tests.cases.world import World


def test_letters_from_before_a_joining_are_for_their_own_cases_claims_and_the_demand_for_all(agency: UUID) -> None:
    who = {"debtor_name": "Ola Sammen", "address": "Bakken 3", "postcode": "5003", "city": "Bergen"}
    register(agency, a_claim(**who, amount="900,00"))
    world = World(agency)
    world.until(date(2026, 3, 3))
    register(agency, a_claim(**who, amount="1 200,00"), on=date(2026, 3, 3))
    world.until(date(2026, 4, 30))
    first, second = world.cases()
    assert second.joined_into == first.id
    with open_tenant(agency) as tenant:
        facts = facts_of(tenant, [first.id], world.today)[first.id]
    claims = {claim.principal_ore: claim.id for claim in facts.claims}
    warned = sorted(n.claim_ids for n in facts.notices if n.step is Step.COLLECTION_NOTICE)
    assert warned == sorted([(claims[90_000],), (claims[120_000],)])
    [demand] = [n for n in facts.notices if n.step is Step.PAYMENT_DEMAND]
    assert set(demand.claim_ids) == set(claims.values())
    assert world.unlawful() == []


def test_a_letter_of_a_case_with_one_claim_needs_no_list(agency: UUID) -> None:
    register(agency)
    world = World(agency)
    world.until(date(2026, 3, 10))
    [case] = world.cases()
    with open_tenant(agency) as tenant:
        [notice] = facts_of(tenant, [case.id], world.today)[case.id].notices
    assert notice.claim_ids == ()


def test_letters_bear_what_still_stands_of_their_fees_and_later_steps_stay_lawful(agency: UUID) -> None:
    register(agency)
    world = World(agency)
    world.until(date(2026, 4, 1))
    [case] = world.cases()
    with open_tenant(agency) as tenant:
        today = world.today
        assert facts_of(tenant, [case.id], today)[case.id].charged_notice_fees_ore == 7_600
        lose_costs(
            tenant, case.id, reason=LostCostReason.BAD_PRACTICE, note="Ringte på en søndag.", today=today,
            now=at(today), actor="user:1",
        )  # fmt: skip
        facts = facts_of(tenant, [case.id], today)[case.id]
    assert (facts.charged_notice_fees_ore, [n.fee_ore for n in facts.notices]) == (0, [0, 0])
    world.until(date(2026, 4, 30))
    assert [x.step for x in world.letters()][-1] == "payment_demand"
    assert world.unlawful() == []
