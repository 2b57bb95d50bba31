"""The longest terms between businesses and from public bodies; C10."""

import pytest

from saas.rules.payment_terms import Buyer, longest_due_on
from tests.rules.builders import day


@pytest.mark.parametrize(
    ("buyer", "agreed", "justified", "longest"),
    [
        (Buyer.BUSINESS, False, False, "2026-05-01"),
        (Buyer.BUSINESS, True, False, None),
        (Buyer.PUBLIC, False, False, "2026-04-01"),
        (Buyer.PUBLIC, True, False, "2026-04-01"),
        (Buyer.PUBLIC, False, True, "2026-04-01"),
        (Buyer.PUBLIC, True, True, "2026-05-01"),
    ],
)
def test_a_business_has_sixty_days_and_a_public_body_thirty_unless_more_was_agreed(buyer, agreed, justified, longest):
    """C10: received 2 March 2026."""
    found = longest_due_on(day("2026-03-02"), buyer, expressly_agreed=agreed, justified=justified)
    assert found == (day(longest) if longest else None)
