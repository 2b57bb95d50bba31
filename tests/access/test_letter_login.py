"""The code printed in a letter."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from saas.access.letter_login import ALPHABET, VALID_DAYS, LetterCodes, check_letter_code
from saas.cases.models import Case
from saas.kernel.ids import new_id
from tenants.resolve import open_tenant
from tests import builders

TODAY = builders.MONDAY
LAST = TODAY + timedelta(days=VALID_DAYS)


@pytest.fixture
def case(agency: UUID) -> tuple[UUID, int]:
    number = builders.register(agency).verdicts[0].case_number
    with open_tenant(agency) as tenant:
        case_id = tenant.session.scalar(sa.select(Case.id).where(Case.number == number))
    assert case_id is not None
    assert number is not None
    return case_id, number


def test_the_code_opens_its_case_to_its_last_day_and_not_one_more(agency: UUID, case: tuple[UUID, int]) -> None:
    with open_tenant(agency) as tenant:
        code = builders.new_letter_code(tenant, case[0], new_id(), valid_until=LAST)
        assert check_letter_code(tenant, case[1], code, LAST) == case[0]
        assert check_letter_code(tenant, case[1], code, LAST + timedelta(days=1)) is None
    assert VALID_DAYS == 21


def test_eight_characters_that_cannot_be_misread(agency: UUID, case: tuple[UUID, int]) -> None:
    with open_tenant(agency) as tenant:
        codes = [builders.new_letter_code(tenant, case[0], new_id(), valid_until=LAST) for _ in range(50)]
    assert {len(code) for code in codes} == {8}
    assert set("".join(codes)) <= set(ALPHABET)
    assert not set(ALPHABET) & set("0O1IL")
    assert len(set(codes)) == 50


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1}", "{2}-{3}", "{2} {3}"])
def test_small_letters_spaces_and_hyphens_are_forgiven(agency: UUID, case: tuple[UUID, int], typed: str) -> None:
    with open_tenant(agency) as tenant:
        code = builders.new_letter_code(tenant, case[0], new_id(), valid_until=LAST)
        entered = typed.format(code, code.lower(), code[:4], code[4:])
        assert check_letter_code(tenant, case[1], entered, TODAY) == case[0]


@pytest.mark.parametrize("typed", ["", "AAAAAAAA", "\x00", "\ud800", "x" * 100_000])
def test_anything_else_opens_nothing(agency: UUID, case: tuple[UUID, int], typed: str) -> None:
    with open_tenant(agency) as tenant:
        builders.new_letter_code(tenant, case[0], new_id(), valid_until=LAST)
        assert check_letter_code(tenant, case[1], typed, TODAY) is None


def test_a_code_opens_no_other_case_no_other_tenants_and_no_impossible_number(
    agency: UUID, power: UUID, case: tuple[UUID, int]
) -> None:
    other = builders.register(agency).verdicts[0].case_number
    with open_tenant(agency) as tenant:
        code = builders.new_letter_code(tenant, case[0], new_id(), valid_until=LAST)
        for number in (other or 0, 0, -1, 10**30):
            assert check_letter_code(tenant, number, code, TODAY) is None
    with open_tenant(power) as tenant:
        assert check_letter_code(tenant, case[1], code, TODAY) is None


def test_every_letter_of_a_case_has_a_code_that_works_and_a_letter_made_again_only_the_newest(
    agency: UUID, case: tuple[UUID, int]
) -> None:
    letter = new_id()
    with open_tenant(agency) as tenant:
        first, again = (builders.new_letter_code(tenant, case[0], letter, valid_until=LAST) for _ in range(2))
        other = builders.new_letter_code(tenant, case[0], new_id(), valid_until=LAST)
        opened = [check_letter_code(tenant, case[1], code, TODAY) for code in (first, again, other)]
    assert opened == [None, case[0], case[0]]


def test_a_code_that_was_never_kept_opens_nothing(agency: UUID, case: tuple[UUID, int]) -> None:
    with open_tenant(agency) as tenant:
        code = LetterCodes(tenant).new(case[0], new_id(), valid_until=LAST)
        assert check_letter_code(tenant, case[1], code, TODAY) is None


def test_the_codes_of_many_letters_are_kept_in_one_go_and_each_opens_its_case(
    agency: UUID, case: tuple[UUID, int]
) -> None:
    with open_tenant(agency) as tenant:
        codes = LetterCodes(tenant)
        made = [codes.new(case[0], new_id(), valid_until=LAST) for _ in range(3)]
        codes.keep()
        assert [check_letter_code(tenant, case[1], code, TODAY) for code in made] == [case[0]] * 3
