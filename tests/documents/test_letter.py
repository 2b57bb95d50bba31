import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from saas.documents.letter import Letter
from tests.documents.letters import by_creditor_itself, collection_notice, payment_demand, reminder, with_claims

LETTERS = [reminder(), collection_notice(), payment_demand(), by_creditor_itself(collection_notice())]


@pytest.mark.parametrize("letter", LETTERS, ids=lambda x: x.kind.value)
def test_a_letter_comes_back_from_json_as_it_was(letter: Letter) -> None:
    assert Letter.from_json(json.loads(json.dumps(letter.to_json()))) == letter


def test_types_survive_json_and_not_only_values() -> None:
    back = Letter.from_json(json.loads(json.dumps(with_claims(payment_demand(), 2).to_json())))
    assert isinstance(back.interest_rate_percent, Decimal)
    assert isinstance(back.claims, tuple)
    assert back.claims[1].due_on == date(2025, 2, 15)
    assert hash(back) == hash(with_claims(payment_demand(), 2))


def test_absent_facts_survive_json() -> None:
    letter = replace(payment_demand(), interest_rate_percent=None, interest_from_on=None, next_step=None)
    assert Letter.from_json(letter.to_json()) == letter


def test_a_stored_letter_with_a_fact_too_many_is_not_read() -> None:
    with pytest.raises(TypeError):
        Letter.from_json({**payment_demand().to_json(), "surprise": 1})


def test_a_stored_letter_with_a_fact_too_few_is_not_read() -> None:
    stored = payment_demand().to_json()
    del stored["tenant"]["phone"]
    with pytest.raises(TypeError):
        Letter.from_json(stored)


def test_a_sender_has_a_colour_the_page_can_use() -> None:
    with pytest.raises(ValueError, match="teal"):
        replace(payment_demand().tenant, brand_colour="teal")
