"""No money leaves before two people have said where to."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from saas.access.users import close_user
from saas.kernel.errors import BadInput, Forbidden, NotFound, Refused
from saas.kernel.history import HistoryEvent
from saas.kernel.ids import NIL
from saas.payments.models import PayoutMandate
from saas.payments.settlement.dues import Hindrance, creditor_dues
from saas.payments.settlement.mandates import approve_mandate, end_mandate, mandates_of, propose_mandate
from saas.payments.settlement.remittance import remit
from tenants.models import Creditor
from tenants.resolve import open_tenant
from tests.builders import MONDAY, at, creditor_of
from tests.payments.settlement.house import let_money_out, payouts, person, two_people

ON = date(2026, 3, 12)
ACCOUNT, OTHER = "99990200005", "86011117947"


@pytest.fixture
def held(world):
    case = world.case(amount="1 000,00", due_on="2026-03-10", invoiced_on="2026-02-20", on=date(2026, 3, 10))
    world.pay(case, 100_000, date(2026, 3, 10), on=ON)
    return case.creditor_id


def due_of(world, creditor_id, on=ON):
    with open_tenant(world.tenant_id) as tenant:
        return next(due for due in creditor_dues(tenant, on) if due.creditor_id == creditor_id)


def proposed(world, creditor_id, account=ACCOUNT, **more):
    with open_tenant(world.tenant_id) as tenant:
        return propose_mandate(tenant, creditor_id, account, by=two_people(tenant)[0], now=at(MONDAY), **more)


def approved(world, mandate_id):
    with open_tenant(world.tenant_id) as tenant:
        approve_mandate(tenant, mandate_id, by=two_people(tenant)[1], now=at(MONDAY))


def test_without_an_approved_mandate_nothing_leaves(world, held):
    assert due_of(world, held).hindrance == Hindrance.NO_MANDATE
    remit(world.tenant_id, ON, book=True, now=at(ON))
    mandate = proposed(world, held)
    assert due_of(world, held).hindrance == Hindrance.NOT_APPROVED
    remit(world.tenant_id, ON, book=True, now=at(ON))
    assert payouts(world.tenant_id) == []
    approved(world, mandate)
    assert due_of(world, held).hindrance is None
    remit(world.tenant_id, ON, book=True, now=at(ON))
    assert [payout.account for payout in payouts(world.tenant_id)] == [ACCOUNT]


def test_nobody_approves_what_they_set_up_themselves(world, held):
    mandate = proposed(world, held)
    with open_tenant(world.tenant_id) as tenant, pytest.raises(Refused) as refused:
        approve_mandate(tenant, mandate, by=two_people(tenant)[0], now=at(MONDAY))
    assert refused.value.code == "four_eyes"
    assert due_of(world, held).hindrance == Hindrance.NOT_APPROVED


def test_the_database_itself_holds_that_they_are_two(world, held):
    with pytest.raises(IntegrityError, match="four_eyes"), open_tenant(world.tenant_id) as tenant:
        tenant.session.add(
            PayoutMandate(
                tenant_id=world.tenant_id, creditor_id=held, account=ACCOUNT, proposed_by="user:1", proposed_at=at(ON),
                approved_by="user:1", approved_at=at(ON),
            )
        )  # fmt: skip


@pytest.mark.parametrize("role", ["handler", "creditor"])
def test_only_who_may_sets_up_and_approves(world, held, role):
    mandate = proposed(world, held)
    with open_tenant(world.tenant_id) as tenant:
        somebody = person(tenant, "Nora Annen", role, creditor_of(world.tenant_id) if role == "creditor" else NIL)
        with pytest.raises(Forbidden):
            propose_mandate(tenant, held, ACCOUNT, by=somebody, now=at(ON))
        with pytest.raises(Forbidden):
            approve_mandate(tenant, mandate, by=somebody, now=at(ON))
        with pytest.raises(Forbidden):
            end_mandate(tenant, mandate, by=somebody, now=at(ON))


def test_somebody_who_has_left_approves_nothing(world, held):
    mandate = proposed(world, held)
    with open_tenant(world.tenant_id) as tenant:
        _, second = two_people(tenant)
        close_user(tenant, second.user_id, now=at(ON), actor="cli")
        tenant.session.flush()
        with pytest.raises(Forbidden):
            approve_mandate(tenant, mandate, by=second, now=at(ON))


def test_another_account_is_another_mandate_and_the_old_one_counts_until_then(world, held):
    approved(world, proposed(world, held))
    new = proposed(world, held, OTHER)
    assert due_of(world, held).account == ACCOUNT
    approved(world, new)
    assert (due_of(world, held).account, due_of(world, held).hindrance) == (OTHER, None)
    with open_tenant(world.tenant_id) as tenant:
        assert tenant.session.get_one(Creditor, (world.tenant_id, held)).payout_account == OTHER
        old = tenant.session.scalars(sa.select(PayoutMandate).where(PayoutMandate.account == ACCOUNT)).one()
        assert old.ended_at is not None


def test_an_account_changed_by_one_alone_gets_no_money(world, held):
    approved(world, proposed(world, held))
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.get_one(Creditor, (world.tenant_id, held)).payout_account = OTHER
    assert due_of(world, held).hindrance == Hindrance.ACCOUNT_CHANGED
    remit(world.tenant_id, ON, book=True, now=at(ON))
    assert payouts(world.tenant_id) == []


def test_an_ended_mandate_lets_nothing_out(world, held):
    let_money_out(world.tenant_id)
    with open_tenant(world.tenant_id) as tenant:
        standing = mandates_of(tenant)[held].standing
        end_mandate(tenant, standing.id, by=two_people(tenant)[0], now=at(ON))
    assert due_of(world, held).hindrance == Hindrance.NO_MANDATE
    with open_tenant(world.tenant_id) as tenant, pytest.raises(Refused):
        end_mandate(tenant, standing.id, by=two_people(tenant)[0], now=at(ON))


def test_a_new_proposal_takes_the_place_of_the_one_before(world, held):
    old, new = proposed(world, held), proposed(world, held, OTHER)
    with pytest.raises(Refused):
        approved(world, old)
    approved(world, new)
    with open_tenant(world.tenant_id) as tenant:
        both = mandates_of(tenant)[held]
        assert (both.standing.id, both.proposed) == (new, None)


def test_the_mandate_that_stands_is_not_proposed_again(world, held):
    approved(world, proposed(world, held))
    with pytest.raises(Refused):
        proposed(world, held)


@pytest.mark.parametrize(
    ("account", "kid", "field"),
    [("9999020000", "", "account"), ("99990200006", "", "account"), ("99990100000", "", "account"),
     (ACCOUNT, "12345", "kid")],
)  # fmt: skip
def test_an_account_or_kid_that_cannot_be_right_is_refused(world, held, account, kid, field):
    with pytest.raises(BadInput) as wrong:
        proposed(world, held, account, kid=kid)
    assert set(wrong.value.errors) == {field}


def test_spaces_and_dots_in_an_account_are_forgiven(world, held):
    mandate = proposed(world, held, "9999 02 00005")
    with open_tenant(world.tenant_id) as tenant:
        assert tenant.session.get_one(PayoutMandate, (world.tenant_id, mandate)).account == ACCOUNT


def test_nobodys_creditor_gets_no_mandate(world):
    with pytest.raises(NotFound):
        proposed(world, uuid4())


def test_every_word_on_a_mandate_is_in_the_history(world, held):
    approved(world, proposed(world, held))
    with open_tenant(world.tenant_id) as tenant:
        kinds = tenant.session.scalars(
            sa.select(HistoryEvent.kind).where(HistoryEvent.kind.like("mandate.%")).order_by(HistoryEvent.id)
        ).all()
    assert kinds == ["mandate.proposed", "mandate.approved"]


def test_two_mandates_never_stand_for_one_creditor(world, held):
    approved(world, proposed(world, held))
    with pytest.raises(IntegrityError, match="payout_mandate_standing"), open_tenant(world.tenant_id) as tenant:
        tenant.session.add(
            PayoutMandate(
                tenant_id=world.tenant_id, creditor_id=held, account=OTHER, proposed_by="user:1",
                proposed_at=at(ON), approved_by="user:2", approved_at=at(ON + timedelta(days=1)),
            )
        )  # fmt: skip
