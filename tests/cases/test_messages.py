"""Letters that are no step of the ladder, composed from a real case: complete, in the debtor's language, adding up."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from saas.cases.books import book_of
from saas.cases.compose import compose_message
from saas.cases.facts import facts_of
from saas.cases.lifecycle import close_case, get_case
from saas.cases.models import Debtor
from saas.documents.letter import Letter, LetterKind, OwnParagraph
from saas.documents.mandatory import compose
from saas.documents.paragraphs import write_paragraph
from saas.documents.particulars import (
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
from saas.documents.render import render
from saas.documents.text import render_text
from saas.kernel import clock
from saas.kernel.servers import Servers
from saas.rules.law import load_law
from saas.rules.money import Ore
from tenants.resolve import Tenant, open_tenant
from tests.builders import a_claim, make_agency, register

ON = date(2026, 3, 6)
BY = date(2026, 3, 27)


@pytest.fixture(scope="module")
def world(servers: Servers) -> tuple[UUID, int]:
    """An agency with one case of one claim."""
    tenant_id = make_agency(servers)
    number = register(tenant_id, a_claim(), creditor="nordlys-kraft").verdicts[0].case_number
    assert number is not None
    return tenant_id, number


def told(tenant: Tenant, number: int, what: Particulars, *, code: str | None = "K7QM3XPD") -> Letter:
    case = get_case(tenant, number=number)
    facts = facts_of(tenant, [case.id], ON)[case.id]
    payments = book_of(tenant, [case.id])[case.id].payments
    return compose_message(
        tenant, case, LetterKind(what.kind), what, facts, payments,
        dated_on=ON, code=code, code_valid_until=ON + timedelta(days=30) if code else None, law=load_law(),
    )  # fmt: skip


def speak(tenant: Tenant, language: str) -> None:
    tenant.session.execute(sa.update(Debtor).where(Debtor.tenant_id == tenant.id).values(language=language))


EVERY = (
    DeferralGranted(ON, BY, Ore(10**9)),
    DeferralRefused(ON, "Nordlys Kraft meldte 3. mars at du har en aktiv strømavtale.", BY),
    DeferralRefused(ON, "Du har fått mer tid før.", None),
    ObjectionReceived(ON, BY),
    ObjectionAnswered(Answer.PARTLY, "Måleren var lest av feil.", BY),
    ObjectionAnswered(Answer.REJECTED, "Måleren var lest av riktig.", BY),
    PaymentReceived(Ore(50_000), ON, Ore(1)),
    PaymentReceived(Ore(50_000), ON, Ore(0)),
    WrongAmount(Ore(50_000), ON, Ore(156_872), Ore(1)),
    Overpayment(Ore(200_000), ON, Ore(43_128), BY),
    ClosingConfirmation(ON, "paid", Ore(156_872)),
    LoginCode(),
    ContactLetter(),
    LegalActionNotice(date(2026, 2, 1), True, True, BY),
)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("what", EVERY, ids=lambda what: what.kind)
def test_a_message_about_a_real_case_is_complete_and_can_be_printed(
    world: tuple[UUID, int], what: Particulars, language: str
) -> None:
    with open_tenant(world[0]) as tenant:
        speak(tenant, language)
        letter = compose(told(tenant, world[1], what))
    assert letter.kind == what.kind
    assert letter.particulars == what
    assert letter.language in (language, "nb")
    assert Letter.from_json(letter.to_json()) == letter
    assert render(letter).startswith(b"%PDF-1.7")
    assert letter.total_ore == sum(line.amount_ore for line in letter.lines)


def test_only_who_still_owes_is_told_a_sum(world: tuple[UUID, int]) -> None:
    asks = {DeferralGranted, DeferralRefused, ObjectionAnswered, PaymentReceived, WrongAmount, ContactLetter,
            LegalActionNotice}  # fmt: skip
    with open_tenant(world[0]) as tenant:
        for what in EVERY:
            nothing_left = isinstance(what, PaymentReceived) and what.left_ore == 0
            owes = type(what) in asks and not nothing_left
            assert (told(tenant, world[1], what).total_ore > 0) is owes, what


def test_more_time_is_never_asked_more_for_than_is_owed(world: tuple[UUID, int]) -> None:
    with open_tenant(world[0]) as tenant:
        all_of_it = told(tenant, world[1], DeferralGranted(ON, BY, Ore(10**9)))
        part = told(tenant, world[1], DeferralGranted(ON, BY, Ore(50_000)))
    assert all_of_it.instalments[0].amount_ore == all_of_it.total_ore
    assert part.instalments[0].amount_ore == 50_000 < part.total_ore
    assert (part.deadline_on, part.instalments[0].due_on) == (BY, BY)


def test_a_notice_of_legal_action_says_when_anything_can_follow_after_the_grace(world: tuple[UUID, int]) -> None:
    with open_tenant(world[0]) as tenant:
        speak(tenant, "nb")
        letter = told(tenant, world[1], LegalActionNotice(date(2026, 2, 1), True, True, BY))
    assert letter.legal_notice is not None
    assert letter.legal_notice.earliest_on == date(2026, 4, 7)  # three banking days, then Easter
    assert "tidligst tirsdag 7. april 2026" in render_text(letter).replace("\xa0", " ")


def test_an_agency_cannot_send_a_notice_of_disconnection(world: tuple[UUID, int]) -> None:
    with open_tenant(world[0]) as tenant:
        letter = told(tenant, world[1], DisconnectionNotice(True, False, ON + timedelta(days=30)))
    with pytest.raises(Exception, match="Bare nettselskapet"):
        compose(letter)


def test_a_message_without_a_code_has_no_word_of_logging_in_with_one(world: tuple[UUID, int]) -> None:
    with open_tenant(world[0]) as tenant:
        speak(tenant, "nb")
        letter = compose(told(tenant, world[1], ClosingConfirmation(ON, "paid", Ore(100)), code=None))
        with pytest.raises(Exception, match="Koden"):
            compose(told(tenant, world[1], LoginCode(), code=None))
    assert "koden" not in render_text(letter)


def test_the_rows_of_the_sum_are_said_in_the_debtors_language_and_kept_in_the_others(world: tuple[UUID, int]) -> None:
    with open_tenant(world[0]) as tenant:
        speak(tenant, "en")
        letter = told(tenant, world[1], ContactLetter())
    first = letter.lines[0]
    assert (first.label, first.detail.startswith("Invoice ")) == ("Original amount (principal)", True)
    assert {words.language: words.label for words in first.also} == {
        "nb": "Opprinnelig beløp (hovedkrav)",
        "nn": "Opphavleg beløp (hovudkrav)",
    }


def test_the_tenants_own_paragraph_is_frozen_into_the_letter(world: tuple[UUID, int]) -> None:
    with open_tenant(world[0]) as tenant:
        speak(tenant, "nb")
        now = clock.now(tenant)
        write_paragraph(tenant, LetterKind.LOGIN_CODE, "nb", "closing", "Hilsen oss.", now=now, actor="cli")
        before = told(tenant, world[1], LoginCode())
        write_paragraph(tenant, LetterKind.LOGIN_CODE, "nb", "closing", "", now=now, actor="cli")
        after = told(tenant, world[1], LoginCode())
    assert before.paragraphs == (OwnParagraph("closing", "Hilsen oss."),)
    assert "Hilsen oss." in render_text(before)
    assert after == replace(before, paragraphs=())


def test_a_closed_case_asks_for_nothing_whatever_is_told(servers: Servers) -> None:
    tenant_id = make_agency(servers)
    number = register(tenant_id, a_claim(), creditor="nordlys-kraft").verdicts[0].case_number
    assert number is not None
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
        close_case(tenant, get_case(tenant, number=number), "withdrawn", on=ON, now=now, actor="cli")
        letter = compose(told(tenant, number, ObjectionAnswered(Answer.UPHELD, "Du hadde betalt.", None)))
        closing = compose(told(tenant, number, ClosingConfirmation(ON, "withdrawn", Ore(0))))
    assert letter.total_ore == 0
    assert "Du har ikke noe å betale i denne saken." in render_text(letter)
    assert "har trukket kravet tilbake" in render_text(closing)


def test_particulars_of_another_kind_are_refused(world: tuple[UUID, int]) -> None:
    with open_tenant(world[0]) as tenant:
        case = get_case(tenant, number=world[1])
        facts = facts_of(tenant, [case.id], ON)[case.id]
        with pytest.raises(ValueError, match="login_code"):
            compose_message(
                tenant, case, LetterKind.CONTACT_LETTER, LoginCode(), facts, (), dated_on=ON, law=load_law()
            )
