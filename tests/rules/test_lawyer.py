"""Own collection under a lawyer; B27."""

import pytest

from saas.rules.facts import Because, DebtorKind
from saas.rules.lawyer import LawyerCompensation, lawyer_compensation
from saas.rules.money import ore_of_kroner
from tests.rules.builders import case, claim, collection_notice, day, demand

SENT = (collection_notice("2026-09-29", "2026-10-13", fee_ore=0), demand("2026-10-14", "2026-10-28", by_creditor=True))


def own(kroner=3000, due_on="2026-09-15", **changes):
    return case(claim(kroner, due_on), **({"notices": SENT, "agency_licence": False} | changes))


def asked(law, facts, on="2026-11-12", led_by_lawyer=True):
    return lawyer_compensation(facts, day(on), law, led_by_lawyer=led_by_lawyer)


@pytest.mark.parametrize(("on", "granted"), [("2026-11-10", False), ("2026-11-11", False), ("2026-11-12", True)])
def test_the_own_demands_deadline_must_be_exceeded_by_more_than_fourteen_days(law, on, granted):
    """B27: 28 October + 14 is 11 November."""
    found = asked(law, own(), on)
    assert isinstance(found, LawyerCompensation) is granted
    assert granted or (found.code, found.from_day) == ("deadline_running", day("2026-11-12"))


@pytest.mark.parametrize(
    ("kroner", "kind", "amount"),
    [
        (500, DebtorKind.PERSON, "187.50"),
        (3000, DebtorKind.PERSON, "600"),
        (3000, DebtorKind.COMPANY, "900"),
        (3000, DebtorKind.SOLE_TRADER, "900"),
        (260_000, DebtorKind.PERSON, "5400"),
    ],
)
def test_it_is_the_light_column_and_half_as_much_again_outside_consumer_relations(law, kroner, kind, amount):
    """B27: without VAT, whoever the creditor is."""
    for vat_deductible in (True, False):
        found = asked(law, own(kroner, debtor_kind=kind, vat_deductible=vat_deductible))
        assert found.amount_ore == ore_of_kroner(amount)
        assert found.rule_ids == ("B27",)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"charged_notice_fees_ore": 3800}, "notice_fees_claimed"),
        ({"notices": SENT[:1]}, "no_own_demand"),
        ({"notices": SENT[1:]}, "no_own_demand"),
        ({"notices": (SENT[0], demand("2026-10-14", "2026-10-27", by_creditor=True))}, "no_own_demand"),
        ({"notices": (SENT[0], demand("2026-10-14", "2026-10-28")), "agency_licence": True}, "no_own_demand"),
    ],
)
def test_it_is_instead_of_notice_fees_and_after_an_own_demand_that_followed_a_missed_deadline(law, changes, code):
    """B27, B4."""
    found = asked(law, own(**changes))
    assert isinstance(found, Because)
    assert found.code == code


def test_it_takes_a_lawyer(law):
    """B27."""
    assert asked(law, own(), led_by_lawyer=False).code == "no_lawyer"


def test_the_rate_is_that_of_the_day_the_principal_is_covered(law):
    """B27: sats 700 in 2025, 750 from 2026."""
    sent = (
        collection_notice("2025-10-20", "2025-11-03", fee_ore=0),
        demand("2025-11-04", "2025-11-18", by_creditor=True),
    )
    facts = own(due_on="2025-10-01", notices=sent)
    assert [asked(law, facts, on).amount_ore for on in ("2025-12-31", "2026-01-01")] == [56_000, 60_000]
