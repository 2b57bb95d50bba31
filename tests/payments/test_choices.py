"""What a payment covers first: the debtor's own choice, else the creditor's agreement, else the default (law D1-D4)."""

from datetime import date, datetime, time

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from saas.cases.joining import _join
from saas.cases.lifecycle import get_case
from saas.cli import frist
from saas.kernel.clock import OSLO
from saas.kernel.errors import BadInput, Refused
from saas.kernel.ids import new_id
from saas.payments.by_hand import Said, assign_payment, choose_for_payment
from saas.simulators.bank import SimPayment
from tenants.models import CreditorAgreement
from tenants.profile import AgreementSchema, load
from tenants.provision import _agree
from tenants.resolve import open_tenant
from tests.builders import a_claim, at, creditor_of
from tests.payments.world import World

PAID_ON, LATER, END = date(2026, 6, 15), date(2026, 7, 1), date(2026, 8, 1)


def w15(world: World):
    """W15: 4 000 kr due 15 March, a notice fee of 38 and a demand of 4 May with 562."""
    case = world.case(amount="4 000,00", due_on="2026-03-15", invoiced_on="2026-02-15", on=date(2026, 3, 2))
    world.letter(case, "collection_notice", "notice_fee", 3_800, date(2026, 4, 1), date(2026, 4, 1))
    world.letter(case, "payment_demand", "collection_fee", 56_200, date(2026, 5, 4), date(2026, 5, 4))
    return case


def agree(world: World, order: str, valid_from: date, source: str = "avtale 1") -> None:
    creditor_id = creditor_of(world.tenant_id)
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.add(
            CreditorAgreement(
                tenant_id=world.tenant_id, id=new_id(), creditor_id=creditor_id, valid_from=valid_from,
                commission_bp=500, allocation_order=order, source=source,
            )
        )  # fmt: skip


def said(on: date = PAID_ON, order: str = "", *invoices: str) -> Said:
    return Said(datetime.combine(on, time(12), OSLO), order, invoices)


def left(world: World, case) -> tuple[int, int, int]:
    book = world.book(case)
    fees = book.notice_fee_left_ore + book.collection_fee_left_ore
    return sum(book.principal_left.values()), book.interest_left_ore, fees


def unplaced(world: World, ore: int, value_on: date) -> SimPayment:
    """A payment nobody can match: it waits for a person."""
    world.take_in(SimPayment("", ore, value_on), on=END)
    world.place(END)
    return world.payments()[-1]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", (310_000, 12_099, 0)),
        ("default", (310_000, 12_099, 0)),
        ("customary", (322_099, 0, 0)),
        ("principal_first", (250_000, 12_099, 60_000)),
    ],
)
def test_w15_the_creditors_agreement_decides_what_a_payment_covers(world, order, expected):
    """W15, D2, D3."""
    agree(world, order, date(2026, 2, 1))
    case = w15(world)
    world.pay(case, 150_000, PAID_ON, on=END)
    assert left(world, case) == expected
    (told,) = world.told(case)
    assert (told["order"], told["order_because"]) == (order or "default", "agreed_order" if order else "default_order")
    assert told.get("agreement") == ({"from": "2026-02-01", "source": "avtale 1"} if order else None)
    world.check()


def test_the_agreement_of_the_value_date_counts_whenever_the_money_is_placed(world):
    """D4: a version that says nothing of it goes back to the default."""
    agree(world, "principal_first", date(2026, 2, 1))
    agree(world, "customary", PAID_ON, "avtale 2")
    agree(world, "", date(2026, 7, 1), "avtale 3")
    case = w15(world)
    for value_on in (date(2026, 6, 14), PAID_ON, date(2026, 7, 1)):
        world.pay(case, 10_000, value_on, on=END)
    assert [(t["order"], t["agreement"]["source"]) for t in world.told(case)] == [
        ("principal_first", "avtale 1"), ("customary", "avtale 2"), ("default", "avtale 3"),
    ]  # fmt: skip
    world.check()


def test_the_debtors_choice_prevails_over_the_agreement(world):
    """W15, D1."""
    agree(world, "customary", date(2026, 2, 1))
    case = w15(world)
    payment = unplaced(world, 150_000, PAID_ON)
    with open_tenant(world.tenant_id) as tenant:
        assign_payment(tenant, payment.id, case.number, said=said(order="principal_first"), now=at(END), actor="user:1")
    world.place(END)
    assert left(world, case) == (250_000, 12_099, 60_000)
    (told,) = world.told(case)
    assert (told["order"], told["order_because"]) == ("principal_first", "debtor_choice")
    assert told["explanation"].startswith("Du valgte 15. juni 2026 hva betalingen skal dekke.")
    assert world.told(case, "payment.choice")[0]["order"] == "principal_first"
    world.check()


@pytest.mark.parametrize(("on", "followed"), [(PAID_ON, True), (date(2026, 6, 16), False)])
def test_a_choice_counts_when_said_on_the_day_of_the_payment_and_not_the_day_after(world, on, followed):
    """D1."""
    case = w15(world)
    payment = unplaced(world, 150_000, PAID_ON)
    with open_tenant(world.tenant_id) as tenant:
        assign_payment(tenant, payment.id, case.number, said=said(on, "principal_first"), now=at(END), actor="user:1")
    world.place(END)
    assert (left(world, case) == (250_000, 12_099, 60_000)) is followed
    assert world.told(case)[0]["order_because"] == ("debtor_choice" if followed else "said_too_late")
    world.check()


def test_a_choice_noted_after_the_payment_was_placed_is_followed_and_everything_placed_anew(world):
    """D1, D4: said in time, told to us late."""
    case = w15(world)
    world.pay(case, 150_000, PAID_ON, on=END)
    world.pay(case, 20_000, LATER, on=END)
    first = world.payments()[0]
    with open_tenant(world.tenant_id) as tenant:
        choose_for_payment(tenant, first.id, said(order="principal_first"), now=at(END), actor="user:1")
    book = world.book(case)
    assert (sum(book.principal_left.values()), book.paid_ore) == (250_000, 170_000)
    assert book.notice_fee_left_ore + book.collection_fee_left_ore == 40_000  # the second one has no choice of its own
    assert [t["order_because"] for t in world.told(case)][-2:] == ["debtor_choice", "default_order"]
    before = world.transfers()
    with open_tenant(world.tenant_id) as tenant:  # the same again: placed anew, and the same is left
        choose_for_payment(tenant, first.id, said(order="principal_first"), now=at(END), actor="user:1")
    assert set(before) <= set(world.transfers())
    assert world.book(case).left_ore == book.left_ore
    world.check()


def test_the_invoice_the_debtor_named_is_paid_first_with_its_interest(world):
    """D1: the newer one, before fees and before the older."""
    old = a_claim(amount="1 000,00", due_on="2026-02-01", invoiced_on="2026-01-10")
    new = a_claim(amount="500,00", due_on="2026-03-01", invoiced_on="2026-02-10", invoice_number="NY-1")
    case, other = world.case(old), world.case(new)
    with open_tenant(world.tenant_id) as tenant:  # a case of two invoices, as joining leaves it
        primary, joined = get_case(tenant, case.id), get_case(tenant, other.id)
        _join(tenant, primary, joined, today=date(2026, 3, 5), now=at(date(2026, 3, 5)), actor="night")
    payment = unplaced(world, 51_000, PAID_ON)
    with open_tenant(world.tenant_id) as tenant:
        assign_payment(tenant, payment.id, case.number, said=said(PAID_ON, "", "NY-1"), now=at(END), actor="user:1")
    world.place(END)
    older, newer = world.claims(case)
    book = world.book(case)
    assert (book.principal_left[older.id], book.principal_left[newer.id]) == (100_000, 0)
    assert book.interest_left[newer.id] > 0 or book.interest_left[older.id] > 0
    assert world.told(case)[0]["chosen_invoices"] == ["NY-1"]
    world.check()


@pytest.mark.parametrize(
    ("choice", "field"),
    [(said(order="renter_først"), "order"), (said(PAID_ON, "", "FINNES-IKKE"), "claims"), (said(), "order")],
)
def test_a_choice_that_means_nothing_is_refused_by_field(world, choice, field):
    case = w15(world)
    payment = unplaced(world, 150_000, PAID_ON)
    with pytest.raises(BadInput) as refused, open_tenant(world.tenant_id) as tenant:
        assign_payment(tenant, payment.id, case.number, said=choice, now=at(END), actor="user:1")
    assert list(refused.value.errors) == [field]
    assert world.payments()[-1].state == "unmatched"


def test_no_choice_is_noted_for_a_closed_case_or_a_payment_on_no_case(world):
    case = w15(world)
    waiting = unplaced(world, 1_000, PAID_ON)
    world.pay(case, 500_000, PAID_ON, on=END)
    for payment, code in ((waiting, "not_placed"), (world.payments()[-1], "closed")):
        with pytest.raises(Refused) as refused, open_tenant(world.tenant_id) as tenant:
            choose_for_payment(tenant, payment.id, said(order="principal_first"), now=at(END), actor="user:1")
        assert refused.value.code == code


def test_a_case_handler_notes_the_choice_at_the_command_line(world):
    case = w15(world)
    payment = unplaced(world, 150_000, PAID_ON)
    with open_tenant(world.tenant_id) as tenant:
        slug = tenant.slug
    place = ["payments", "place", str(payment.id), str(case.number), "--tenant", slug]
    assert CliRunner().invoke(frist, [*place, "--order", "principal_first"]).exit_code != 0  # when was it said?
    done = CliRunner().invoke(frist, [*place, "--order", "principal_first", "--said-at", "2026-06-15"])
    assert (done.exit_code, done.output) == (0, "placed 1, cases closed 0\n"), done.output
    assert left(world, case) == (250_000, 12_099, 60_000)
    choose = ["payments", "choose", str(payment.id), "--tenant", slug, "--said-at", "2026-06-14T09:30"]
    assert CliRunner().invoke(frist, [*choose, "--order", "customary"]).exit_code == 0
    assert left(world, case) == (322_099, 0, 0)
    world.check()


def test_a_provisioned_agreement_names_its_order_and_cannot_be_altered(world):
    """D3: versioned, so a new one takes over from a day on."""
    creditor_id, terms = creditor_of(world.tenant_id), {"valid_from": "2026-05-01", "commission_bp": 500}
    told = terms | {"allocation_order": "principal_first", "source": "Oppdragsavtale, punkt 4"}
    agreement = load(AgreementSchema(), told)
    with pytest.raises(BadInput):
        load(AgreementSchema(), terms | {"allocation_order": "renter_først"})
    with open_tenant(world.tenant_id) as tenant:
        _agree(tenant, creditor_id, [agreement], at(END), "cli")
        _agree(tenant, creditor_id, [agreement], at(END), "cli")
    with pytest.raises(BadInput), open_tenant(world.tenant_id) as tenant:
        _agree(tenant, creditor_id, [agreement | {"allocation_order": "customary"}], at(END), "cli")
    with open_tenant(world.tenant_id) as tenant:
        rows = tenant.session.scalars(sa.select(CreditorAgreement).order_by(CreditorAgreement.valid_from)).all()
        assert [(r.allocation_order, r.source) for r in rows if r.creditor_id == creditor_id][-1] == (
            "principal_first", "Oppdragsavtale, punkt 4",
        )  # fmt: skip
