"""«Hvis jeg betaler»: the debtor asks what a payment would do."""

import re

from tests.portals.conftest import Visitor, World


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ")


def _ask(visitor: Visitor, amount: str, on: str) -> str:
    return _text(visitor.get(f"/case/what-if?amount={amount}&on={on}").text)


def test_a_part_payment_shows_what_it_covers_what_is_left_and_what_may_follow(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.power)
    told = _ask(visitor, "100", "2026-03-10")
    assert "Purregebyr 38,00 kr 38,00 kr 0,00 kr" in told
    assert re.search(r"Opprinnelig beløp [\d ,]+ kr 62,00 kr", told)
    assert "Da gjenstår" in told
    assert re.search(r"inkassovarsel, tidligst|En saksbehandler ser på saken", told)  # other tests may hold the case


def test_paying_it_all_settles_the_case_and_too_much_comes_back(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.power)
    told = _ask(visitor, "100000", "2026-03-10")
    assert "Da er saken gjort opp." in told
    assert re.search(r"[\d ,]+ kr er for mye, og du får det tilbake", told)


def test_asking_changes_nothing(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.power)
    before = _text(visitor.get("/case").text)
    _ask(visitor, "500", "2026-03-10")
    assert _text(visitor.get("/case").text) == before


def test_a_day_that_has_been_or_whose_rate_is_unknown_is_told_in_words(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.power)
    page = visitor.get("/case/what-if?amount=100&on=2026-03-01")
    assert page.status_code == 422
    assert "Velg i dag eller en senere dag." in page.text
    assert "Rentesatsen for denne dagen er ikke fastsatt ennå." in _ask(visitor, "100", "2030-01-02")


def test_words_for_an_amount_nothing_and_a_fantastic_sum_are_sent_back(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.power)
    for amount in ("mye", "0", "-5", "99999999999999", ""):
        assert visitor.get(f"/case/what-if?amount={amount}&on=2026-03-10").status_code == 422, amount


def test_a_closed_case_has_nothing_to_ask_about(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.closed)
    assert visitor.get("/case/what-if").status_code == 303
