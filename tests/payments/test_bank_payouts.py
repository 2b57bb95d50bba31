"""A provider's payout told by the provider and by the bank is one payout, whichever tells first; in doubt a person."""

from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from saas.hooks import ProviderPayoutTold
from saas.kernel.errors import BadInput, Refused
from saas.ledger.sums import account_balances, of_accounts, top_up_due
from saas.payments.bank_payouts import is_payout, is_payout_of, payouts_it_may_be
from saas.payments.inbox import import_bank_file
from saas.payments.models import Payment
from saas.payments.provider_payouts import book_payout
from saas.payments.reversals import move_payment, send_back
from saas.payments.settlement.statements import statement_of
from saas.payments.top_ups import is_top_up
from saas.rules.money import Ore
from saas.simulators.bank_camt import SimEntry, SimNotification, SimTransfer, write_camt
from saas.simulators.stripe.books import fee_of
from tenants.accounts import set_account
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant
from tests.builders import at, creditor_of
from tests.payments.card import KEY, SECRET, Shop
from tests.payments.settlement.house import OWN_ACCOUNT, let_money_out
from tests.payments.world import DAY, World

WEDNESDAY = DAY + timedelta(days=2)
STRIPE, VIPPS = "STRIPE TECHNOLOGY EUROPE LTD", "Utbet. 2000123 Vippsnr 123456"


def in_bank(
    world: World, *rows: tuple[int, str], on: date = WEDNESDAY, payer: str = "", kid: str = "", reversal: bool = False
) -> None:
    """The bank tells of money on the client account, and it is placed as far as it can be."""
    entries = [
        SimEntry(
            [SimTransfer(ore, kids=(kid,) if kid else (), texts=(text,) if text else (), debit_account=payer)],
            on, on, reference=f"R{n}-{next(world.numbers)}", reversal=reversal,
        )
        for n, (ore, text) in enumerate(rows)
    ]  # fmt: skip
    content = write_camt([SimNotification(world.account, entries)], f"M{next(world.numbers)}", at(on))
    with open_tenant(world.tenant_id) as tenant:
        switch_plugin(tenant, "camt054", enabled=True, settings={}, now=at(on), actor="cli")
    import_bank_file(world.tenant_id, content, "camt.xml", at(on))
    world.place(on)


def balances(world: World, on: date = date(2027, 1, 1)) -> dict[str, int]:
    with open_tenant(world.tenant_id) as tenant:
        kept = of_accounts(account_balances(tenant.session, on))
    names = ("client_bank", "in_transit", "unplaced", "earned")
    return {name: kept[name] for name in names if kept.get(name)}


def told(world: World, net_ore: int, fee_ore: int = 0, reference: str = "po_1", on: date = DAY) -> None:
    """A provider has told of a payout."""
    with open_tenant(world.tenant_id) as tenant:
        payout = ProviderPayoutTold(reference, Ore(net_ore + fee_ore), Ore(fee_ore), on, complete=True)
        book_payout(tenant, "stripe", payout, on=on, now=at(on), actor="worker")


def agree(world: World, *providers: str) -> None:
    """As if the tenant had agreements; nobody is called."""
    settings = {
        "stripe": {"secret_key": KEY, "webhook_secret": SECRET, "base_url": "http://127.0.0.1:1"},
        "vipps": {"client_id": "c", "client_secret": "s", "msn": "123456", "subscription_key": "k",
                  "webhook_secret": "A0+hemmelig", "webhook_url": "http://127.0.0.1:1/w"},
    }  # fmt: skip
    with open_tenant(world.tenant_id) as tenant:
        for slug in providers:
            set_account(tenant, slug, settings[slug], enabled=True, now=at(DAY), actor="cli")


def by_vipps(world: World, ore: int, on: date, case: object = None) -> Payment:
    """Paid with Vipps that day: on its way to us."""
    from saas.kernel.ids import new_id

    case = case or world.case(amount="100 000,00")
    row = Payment(
        tenant_id=world.tenant_id, id=new_id(), provider="vipps", key=f"vipps:{new_id()}", account=world.account,
        kid=case.kid, amount_ore=ore, value_on=on, text="", debit_account="", state="new", case_id=case.id,
        matched_by="attempt",
    )  # fmt: skip
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.add(row)
    world.place(on)
    return row


def waiting(world: World) -> list[tuple[int, str]]:
    return [(p.amount_ore, p.why) for p in world.payments() if p.state == "unmatched"]


@pytest.fixture
def world(agency: UUID, app: Flask) -> World:
    """An agency that takes cards and Vipps."""
    made = World(agency)
    agree(made, "stripe", "vipps")
    return made


# --- what the provider tells ----------------------------------------------------------------------------------------


def test_a_payout_stripe_told_of_counts_once_when_the_bank_tells_of_it_too(shop: Shop) -> None:
    shop.payer(shop.world.case()).pay("500")
    payout = shop.books.pay_out()
    shop.sim.sender.send_all()
    shop.work()
    in_bank(shop.world, (payout["amount"], STRIPE))
    fee_ore = fee_of(50_000)
    assert shop.accounts() == {"client_bank": 50_000 - fee_ore, "owed_creditor": -50_000, "earned": fee_ore}
    assert waiting(shop.world) == []
    assert shop.books.balance_ore() == 0


def test_the_bank_may_tell_first(shop: Shop) -> None:
    shop.payer(shop.world.case()).pay("500")
    shop.sim.sender.send_all()
    shop.work()
    payout = shop.books.pay_out()
    in_bank(shop.world, (payout["amount"], STRIPE))
    assert waiting(shop.world) == [(payout["amount"], "provider_payout")]
    shop.sim.sender.send_all()
    shop.work()
    fee_ore = fee_of(50_000)
    assert shop.accounts() == {"client_bank": 50_000 - fee_ore, "owed_creditor": -50_000, "earned": fee_ore}
    assert waiting(shop.world) == []


def test_the_banks_day_is_the_day_it_was_there(world: World) -> None:
    told(world, 9_500, 500)
    assert balances(world, DAY) == {"client_bank": 9_500, "in_transit": -10_000, "earned": 500}
    in_bank(world, (9_500, STRIPE))
    assert balances(world, DAY) == {"in_transit": -500, "earned": 500}
    assert balances(world, WEDNESDAY) == {"client_bank": 9_500, "in_transit": -10_000, "earned": 500}
    assert world.audit() == []


def test_money_a_provider_takes_from_the_account_counts_once_too(world: World) -> None:
    told(world, -700)
    in_bank(world, (-700, STRIPE))  # a debit: never among payments
    assert balances(world) == {"client_bank": -700, "in_transit": 700}
    assert world.audit() == []


def test_a_row_that_takes_a_payout_back_meets_what_the_provider_told_of_it(world: World) -> None:
    told(world, -700)
    in_bank(world, (-700, STRIPE), reversal=True)
    assert waiting(world) == []
    assert balances(world) == {"client_bank": -700, "in_transit": 700}
    assert world.audit() == []


def test_payouts_of_the_same_sum_are_met_once_each(world: World) -> None:
    told(world, 9_500, reference="po_1")
    told(world, 9_500, reference="po_2", on=DAY + timedelta(days=1))
    in_bank(world, (9_500, STRIPE), (9_500, STRIPE), (9_500, STRIPE))
    world.place(WEDNESDAY)
    assert waiting(world) == [(9_500, "provider_payout")]
    assert balances(world) == {"client_bank": 28_500, "in_transit": -19_000, "unplaced": -9_500}
    assert world.audit() == []


@pytest.mark.parametrize(("ore", "days"), [(9_499, 0), (9_500, 8)])
def test_another_sum_or_another_week_waits(world: World, ore: int, days: int) -> None:
    told(world, 9_500)
    in_bank(world, (ore, STRIPE), on=DAY + timedelta(days=days))
    assert waiting(world) == [(ore, "provider_payout")]


def test_a_providers_numbers_are_no_case_numbers(world: World) -> None:
    case = world.case(amount="100,00")
    in_bank(world, (10_000, f"STRIPE PAYOUT {case.number}"), (10_000, f"Sak {case.number}"))
    assert waiting(world) == [(10_000, "provider_payout")]
    assert world.book(case).paid_ore == 10_000


def test_a_debtors_kid_counts_whatever_the_text_says(world: World) -> None:
    case = world.case(amount="100,00")
    in_bank(world, (10_000, "Vipps til inkasso"), kid=case.kid)
    assert waiting(world) == []
    assert world.book(case).paid_ore == 10_000


def test_what_names_no_provider_waits_for_a_person_who_says_which_payout_it_is(world: World) -> None:
    told(world, 9_500)
    in_bank(world, (9_500, "OVERFØRSEL"))
    assert waiting(world) == [(9_500, "no_case_found")]
    (payment,) = world.payments()
    with open_tenant(world.tenant_id) as tenant:
        (payout,) = payouts_it_may_be(tenant, payment)
        is_payout(tenant, payment.id, payout.id, now=at(WEDNESDAY), actor="hanne")
    assert balances(world) == {"client_bank": 9_500, "in_transit": -9_500}
    assert world.audit() == []
    with open_tenant(world.tenant_id) as tenant, pytest.raises(Refused, match="venter ikke"):
        is_payout(tenant, payment.id, payout.id, now=at(WEDNESDAY), actor="hanne")


def test_without_an_agreement_a_name_means_nothing(agency: UUID) -> None:
    world = World(agency)
    in_bank(world, (9_500, STRIPE))
    assert waiting(world) == [(9_500, "no_case_found")]


# --- what nobody tells ----------------------------------------------------------------------------------------------


def test_vipps_payout_of_all_that_was_paid_up_to_a_day_is_recognised(world: World) -> None:
    by_vipps(world, 30_000, DAY)
    by_vipps(world, 20_000, DAY)
    by_vipps(world, 7_000, DAY + timedelta(days=1))
    in_bank(world, (50_000, VIPPS))
    assert waiting(world) == []
    assert balances(world) == {"client_bank": 50_000, "in_transit": 7_000}
    in_bank(world, (7_000, VIPPS), on=WEDNESDAY + timedelta(days=1))
    assert balances(world) == {"client_bank": 57_000}
    assert world.audit() == []


def test_what_vipps_keeps_is_the_agencys_cost(world: World) -> None:
    by_vipps(world, 50_000, DAY)
    by_vipps(world, 30_000, WEDNESDAY)
    in_bank(world, (48_750, VIPPS))
    assert balances(world) == {"client_bank": 48_750, "in_transit": 30_000, "earned": 1_250}
    assert world.audit() == []


def test_what_vipps_has_sent_back_is_off_the_payout(world: World) -> None:
    from saas.payments.reversals import money_went_back

    payment = by_vipps(world, 50_000, DAY)
    with open_tenant(world.tenant_id) as tenant:
        money_went_back(tenant, payment.id, 20_000, "refunded", left="in_transit", on=DAY, now=at(DAY), actor="worker")
    in_bank(world, (30_000, VIPPS))
    assert balances(world) == {"client_bank": 30_000}
    assert world.audit() == []


def test_a_sum_that_may_be_two_things_waits_and_a_person_says_what_was_paid(world: World) -> None:
    by_vipps(world, 50_000, DAY)
    by_vipps(world, 500, DAY + timedelta(days=1))
    in_bank(world, (49_500, VIPPS))
    assert waiting(world) == [(49_500, "provider_payout")]
    payment = next(p for p in world.payments() if p.state == "unmatched")
    for gross_ore in (49_499, 50_501):
        with open_tenant(world.tenant_id) as tenant, pytest.raises(BadInput):
            is_payout_of(tenant, payment.id, "vipps", gross_ore, now=at(WEDNESDAY), actor="hanne")
    with open_tenant(world.tenant_id) as tenant, pytest.raises(BadInput):
        is_payout_of(tenant, payment.id, "stripe", 50_000, now=at(WEDNESDAY), actor="hanne")
    with open_tenant(world.tenant_id) as tenant:
        is_payout_of(tenant, payment.id, "vipps", 50_000, now=at(WEDNESDAY), actor="hanne")
    assert balances(world) == {"client_bank": 49_500, "in_transit": 500, "earned": 500}
    assert world.audit() == []


@pytest.mark.parametrize("ore", [47_999, 50_001, 1])
def test_a_vipps_sum_nothing_fits_waits(world: World, ore: int) -> None:
    by_vipps(world, 50_000, DAY)
    in_bank(world, (ore, VIPPS))
    assert waiting(world) == [(ore, "provider_payout")]


# --- whose it is ----------------------------------------------------------------------------------------------------


def test_nobody_can_send_back_or_move_a_payout(world: World) -> None:
    told(world, 9_500)
    in_bank(world, (9_500, STRIPE), payer="86011117947")
    case = world.case()
    (payment,) = world.payments()
    with open_tenant(world.tenant_id) as tenant, pytest.raises(Refused):
        send_back(tenant, payment.id, today=WEDNESDAY, now=at(WEDNESDAY), actor="cli")
    with open_tenant(world.tenant_id) as tenant, pytest.raises(Refused):
        move_payment(tenant, payment.id, case.id, now=at(WEDNESDAY), actor="cli")
    in_bank(world, (-9_500, "RETUR"), payer="86011117947", on=WEDNESDAY + timedelta(days=1), reversal=True)
    assert waiting(world) == [(-9_500, "takes_money_back")]
    assert world.audit() == []


def test_who_collects_its_own_claims_bears_the_fee_and_its_statement_says_so(own: World) -> None:
    case = own.case(amount="500,00")
    agree(own, "vipps")
    by_vipps(own, 50_000, DAY, case)
    in_bank(own, (49_000, VIPPS))
    assert balances(own) == {"client_bank": 49_000}
    assert own.audit() == []
    with open_tenant(own.tenant_id) as tenant:
        told = statement_of(tenant, creditor_of(own.tenant_id), DAY, DAY + timedelta(days=30))
    assert told.sums["provider_fee"] == -1_000


# --- our own money --------------------------------------------------------------------------------------------------


def test_what_comes_from_our_own_approved_account_tops_up_the_client_account(world: World) -> None:
    let_money_out(world.tenant_id)
    told(world, 9_000, 1_000)
    in_bank(world, (1_000, ""), payer=OWN_ACCOUNT)
    assert waiting(world) == []
    assert "earned" not in balances(world)
    with open_tenant(world.tenant_id) as tenant:
        assert top_up_due(tenant.session, WEDNESDAY) == 0
    assert world.audit() == []


def test_from_an_account_nobody_has_approved_a_person_says_that_it_is_ours(world: World) -> None:
    in_bank(world, (1_000, ""), payer=OWN_ACCOUNT)
    assert waiting(world) == [(1_000, "no_case_found")]
    (payment,) = world.payments()
    with open_tenant(world.tenant_id) as tenant:
        is_top_up(tenant, payment.id, now=at(WEDNESDAY), actor="hanne")
    assert balances(world) == {"client_bank": 1_000, "earned": -1_000}
    assert world.audit() == []
    with open_tenant(world.tenant_id) as tenant, pytest.raises(Refused):
        is_top_up(tenant, payment.id, now=at(WEDNESDAY), actor="hanne")


def test_a_payout_met_wrongly_is_found_by_the_auditor(world: World) -> None:
    told(world, 9_500)
    in_bank(world, (9_500, STRIPE))
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(sa.text("update payment set matched_by = 'person' where matched_by = 'provider_payout'"))
    assert {finding.rule for finding in world.audit()} == {"payouts_are_in_the_bank_once"}
