"""Kind letters first: `extra_reminder` before the notice, `kind_first` before the demand, and the quickest way out."""

from datetime import date

import pytest

from plugins.extra_reminder import ExtraReminder
from plugins.kind_first import KindFirst
from saas.hooks import Medium, SoftContact
from saas.rules.facts import DebtorKind, Stage, Step
from saas.testing.facts import TODAY, a_case, steps_on_offer

NOTICE, DEMAND = steps_on_offer(Step.COLLECTION_NOTICE), steps_on_offer(Step.COLLECTION_NOTICE, Step.PAYMENT_DEMAND)


def choose(plugin, offer, case=None, **settings):
    return plugin(plugin.Settings().load(settings)).choose_step(offer, case or a_case(), TODAY)


def test_choose_step_sends_a_kind_letter_where_a_notice_would_go_out():
    answer = choose(ExtraReminder, NOTICE, a_case(stage=Stage.REMINDED))
    assert answer == SoftContact(date(2026, 12, 3))


def test_choose_step_sends_a_kind_letter_where_a_demand_would_go_out():
    assert choose(KindFirst, DEMAND) == SoftContact(date(2026, 11, 30))


def test_the_case_rests_until_a_banking_day():
    assert choose(ExtraReminder, NOTICE, wait_days=12).look_again_on == date(2026, 12, 7)


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.COLLECTION_NOTICE])
def test_the_extra_reminder_has_no_opinion_on_other_steps(step):
    assert choose(ExtraReminder, steps_on_offer(step)) is None


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.PAYMENT_DEMAND])
def test_kind_first_has_no_opinion_on_other_steps(step):
    assert choose(KindFirst, steps_on_offer(step)) is None


@pytest.mark.parametrize(("plugin", "offer"), [(ExtraReminder, NOTICE), (KindFirst, DEMAND)])
def test_companies_are_left_out_unless_the_house_wants_them_in(plugin, offer):
    company = a_case(debtor_kind=DebtorKind.COMPANY)
    assert choose(plugin, offer, company) is None
    assert isinstance(choose(plugin, offer, company, only_people=False), SoftContact)


def test_the_letter_before_the_demand_can_be_switched_off_alone():
    assert choose(KindFirst, DEMAND, letter_before_demand=False) is None


def test_choose_channel_puts_electronic_ways_first_and_takes_none_away():
    plugin = KindFirst(KindFirst.Settings().load({}))
    offer = (Medium.PAPER, Medium.SMS, Medium.DIGITAL_POST)
    assert plugin.choose_channel(offer, "reminder", a_case()) == [Medium.DIGITAL_POST, Medium.SMS, Medium.PAPER]


def test_the_order_is_left_alone_when_the_house_wants_that():
    plugin = KindFirst(KindFirst.Settings().load({"electronic_first": False}))
    assert plugin.choose_channel((Medium.PAPER, Medium.EMAIL), "reminder", a_case()) is None
