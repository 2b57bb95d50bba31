import json
from datetime import date

import pytest

from saas.documents.letter import LetterKind
from saas.documents.particulars import (
    PARTICULARS,
    Answer,
    ClosingConfirmation,
    ContactLetter,
    DeferralGranted,
    DeferralRefused,
    DisconnectionNotice,
    LegalActionNotice,
    LoginCode,
    ObjectionAnswered,
    ObjectionReceived,
    Overpayment,
    Particulars,
    PaymentReceived,
    WrongAmount,
)
from saas.rules.money import Ore

ON, BY = date(2026, 11, 3), date(2026, 11, 26)
EVERY = (
    DeferralGranted(ON, BY, Ore(156_872)),
    DeferralRefused(ON, "Nordlys Kraft meldte 3. november at du har en aktiv strømavtale.", BY),
    DeferralRefused(ON, "Du har fått mer tid før.", None),
    ObjectionReceived(ON, BY),
    ObjectionAnswered(Answer.PARTLY, "Måleren var lest av feil.", BY),
    ObjectionAnswered(Answer.UPHELD, "Du hadde betalt.", None),
    PaymentReceived(Ore(50_000), ON, Ore(106_872)),
    WrongAmount(Ore(50_000), ON, Ore(156_872), Ore(106_872)),
    Overpayment(Ore(200_000), ON, Ore(43_128), BY),
    ClosingConfirmation(ON, "paid", Ore(156_872)),
    LoginCode(),
    ContactLetter(),
    LegalActionNotice(ON, True, True, BY),
    DisconnectionNotice(True, True, BY),
)


@pytest.mark.parametrize("told", EVERY, ids=lambda told: told.kind)
def test_what_is_to_be_told_comes_back_from_json_as_it_was(told: Particulars) -> None:
    assert PARTICULARS[told.kind].from_json(json.loads(json.dumps(told.to_json()))) == told


def test_every_kind_but_the_steps_of_the_ladder_has_particulars() -> None:
    ladder = {LetterKind.REMINDER, LetterKind.COLLECTION_NOTICE, LetterKind.PAYMENT_DEMAND}
    assert set(PARTICULARS) == set(LetterKind) - ladder
    assert {told.kind for told in EVERY} == set(PARTICULARS)


@pytest.mark.parametrize(
    "stored",
    [
        {"received_on": "2026-11-03"},
        {"received_on": "2026-11-03", "answer_by": "2026-11-26", "more": 1},
        {"received_on": None, "answer_by": "2026-11-26"},
    ],
)
def test_a_fact_too_few_too_many_or_empty_is_not_read(stored: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        ObjectionReceived.from_json(stored)


@pytest.mark.parametrize("amount", ["500", 500.0, True])
def test_an_amount_is_whole_ore(amount: object) -> None:
    with pytest.raises(TypeError):
        PaymentReceived.from_json({"amount_ore": amount, "received_on": "2026-11-03", "left_ore": 0})


def test_an_outcome_nobody_knows_is_not_read() -> None:
    with pytest.raises(ValueError, match="perhaps"):
        ObjectionAnswered.from_json({"outcome": "perhaps", "reasons": "Nei.", "new_deadline_on": None})
