"""Who may do what."""

import pytest

from saas.access.roles import Action, Role, allow, may
from saas.kernel.errors import Forbidden


def test_an_administrator_may_everything_and_each_role_what_the_one_below_may() -> None:
    allowed = {role: {action for action in Action if may(role, action)} for role in Role}
    assert allowed[Role.ADMIN] == set(Action)
    assert allowed[Role.CREDITOR] < allowed[Role.HANDLER] < allowed[Role.ADMIN]


@pytest.mark.parametrize("action", [Action.SEE_DEBTORS, Action.HANDLE_CASES, Action.SWITCH_PLUGINS, Action.SEE_HISTORY])
def test_a_creditor_may_not_see_debtors_or_handle_cases(action: Action) -> None:
    with pytest.raises(Forbidden):
        allow(Role.CREDITOR, action)


@pytest.mark.parametrize("action", [Action.SWITCH_PLUGINS, Action.MANAGE_ACCESS, Action.REMIT, Action.MOVE_CLOCK])
def test_a_handler_may_not_change_how_the_house_works(action: Action) -> None:
    with pytest.raises(Forbidden):
        allow(Role.HANDLER, action)
    allow(Role.ADMIN, action)


def test_an_unknown_role_may_nothing() -> None:
    with pytest.raises(ValueError, match="konge"):
        may("konge", Action.SEE_CASES)
