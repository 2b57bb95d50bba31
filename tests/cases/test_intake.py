"""Registering claims on a real database: verdicts, cases, money, duplicates, and what may not happen."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa

from saas.cases.csv_file import read_csv
from saas.cases.intake import IntakeReport, Outcome, register_claims
from saas.cases.models import Case, Claim, Debtor, EarlierNotice, KidAlias, ReportedFact
from saas.dispatch.models import Dispatch
from saas.kernel import crypto
from saas.kernel.errors import BadInput, Forbidden, NotFound, Refused
from saas.kernel.history import HistoryEvent, check_chain
from saas.kernel.ids import new_id
from saas.ledger.audit import audit
from saas.ledger.models import NOTICE_FEE, PRINCIPAL, Transfer
from saas.rules.facts import Stage
from saas.rules.kid import is_valid_kid, make_kid
from tenants.models import Creditor, TenantSettings
from tenants.resolve import open_tenant
from tests.builders import MONDAY, a_claim, at, creditor_of, register

PROOF = "ab" * 32


def all_of(tenant_id: UUID, table: type[Any], *where: Any) -> list[Any]:
    with open_tenant(tenant_id) as tenant:
        return list(tenant.session.scalars(sa.select(table).where(table.tenant_id == tenant_id, *where)))


def outcomes(report: IntakeReport) -> list[str]:
    return [str(v.outcome) for v in report.verdicts]


def cases(report: IntakeReport) -> list[int | None]:
    return [v.case_number for v in report.verdicts]


def noticed(**changes: Any) -> dict[str, Any]:
    """A claim whose creditor has sent a collection notice with a lawful fee."""
    row = a_claim(due_on="2026-01-10", invoiced_on="2025-12-20", notice_sent_on="2026-01-26",
                  notice_deadline_on="2026-02-09", notice_fee="38", notice_proof=PROOF)  # fmt: skip
    return row | changes


# --- one claim ------------------------------------------------------------------------------------------------------


def test_a_claim_becomes_a_case_with_debtor_kid_ledger_entry_fact_and_history(agency: UUID) -> None:
    invoice_kid = make_kid("7700001")
    row = a_claim(kid=invoice_kid, active_contract="ja", vulnerable="nei", amount="1 240,50", phone="99999999")
    report = register(agency, row)
    (case,), (claim,), (debtor,) = (all_of(agency, table) for table in (Case, Claim, Debtor))
    assert (report.registered, report.new_cases, report.principal_ore) == (True, 1, 124050)
    assert cases(report) == [case.number]
    assert (case.stage, case.stage_since, case.registered_on, case.next_action_on, case.waits_for) == (
        Stage.REGISTERED, MONDAY, MONDAY, MONDAY, "",
    )  # fmt: skip
    assert (case.debtor_name, case.debtor_id, case.creditor_id) == (row["debtor_name"], debtor.id, creditor_of(agency))
    assert is_valid_kid(case.kid, "mod10")
    assert case.kid[3:11] == f"{case.number:08d}"
    assert (claim.case_id, claim.principal_ore, claim.due_on) == (case.id, 124050, date(2026, 2, 10))
    assert (debtor.address_lines, debtor.postcode, debtor.phone) == ([row["address"]], "0155", "+4799999999")
    assert {alias.kid for alias in all_of(agency, KidAlias)} == {case.kid, invoice_kid}
    (transfer,) = all_of(agency, Transfer)
    assert (transfer.source, transfer.component, transfer.amount_ore, transfer.debit, transfer.credit) == (
        f"claim:{claim.id}", PRINCIPAL, 124050, "receivable", "claims_held",
    )  # fmt: skip
    (fact,) = all_of(agency, ReportedFact)
    assert (fact.name, fact.value, fact.reported_on) == ("power.active_contract", True, MONDAY)
    assert fact.source == all_of(agency, Creditor, Creditor.id == case.creditor_id)[0].name
    (event,) = all_of(agency, HistoryEvent, HistoryEvent.case_id == case.id)
    told = orjson.loads(crypto.decrypt(crypto.case_cipher(case.id, case.case_key), event.body, event.id))
    assert event.kind == "case.registered"
    assert (told["number"], told["claims"][0]["amount_ore"]) == (case.number, 124050)
    with open_tenant(agency) as tenant:
        assert check_chain(tenant.session) == []
        assert audit(tenant) == []


def test_a_grid_contract_is_a_fact_of_its_own_name(agency: UUID) -> None:
    register(agency, a_claim(kind="nettleie", active_contract="nei"))
    assert [(f.name, f.value) for f in all_of(agency, ReportedFact)] == [("grid.active_contract", False)]


def test_a_claim_not_yet_due_waits_until_it_is(agency: UUID) -> None:
    register(agency, a_claim(invoiced_on="2026-03-01", due_on="2026-03-20"))
    assert all_of(agency, Case)[0].next_action_on == date(2026, 3, 20)


def test_a_debtor_without_address_is_taken_with_a_note(agency: UUID) -> None:
    report = register(agency, a_claim(address="", postcode="", city=""))
    assert outcomes(report) == ["accepted"]
    assert "postadresse" in report.verdicts[0].notes[0]
    assert all_of(agency, Debtor)[0].address_lines == []


def test_what_is_known_of_a_debtor_is_only_added_to(agency: UUID) -> None:
    fnr = "01019012480"
    by_id = {"national_id": fnr, "invoiced_on": "2026-01-20"}
    register(agency, a_claim(**_with_id(by_id), address="", postcode="", city=""))
    register(agency, a_claim(**_with_id(by_id), address="Ny vei 2", postcode="5003", city="Bergen", vulnerable="ja"))
    register(agency, a_claim(**_with_id(by_id), address="Annen vei 3", postcode="0001", city="Oslo"))
    (debtor,) = all_of(agency, Debtor)
    assert (debtor.address_lines, debtor.postcode, debtor.vulnerable) == (["Ny vei 2"], "5003", True)


def _with_id(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"national_id": "08907395937"}  # synthetic: the agency is a sandbox


def test_a_person_and_that_persons_firm_are_two_debtors(agency: UUID) -> None:
    register(agency, a_claim(national_id="08907395937"), a_claim(national_id="08907395937", debtor_kind="sole_trader"))
    assert sorted(d.kind for d in all_of(agency, Debtor)) == ["person", "sole_trader"]


# --- all or nothing -------------------------------------------------------------------------------------------------


def test_one_wrong_row_and_nothing_at_all_is_registered(agency: UUID) -> None:
    report = register(agency, a_claim(), a_claim(amount="0"), a_claim())
    assert outcomes(report) == ["accepted", "rejected", "accepted"]
    assert (report.registered, cases(report)) == (False, [None, None, None])
    assert list(report.verdicts[1].errors) == ["amount"]
    for table in (Case, Claim, Debtor, KidAlias, Transfer, HistoryEvent):
        assert not [row for row in all_of(agency, table) if getattr(row, "case_id", row)]


def test_the_valid_rows_of_a_bad_file_are_registered_when_asked_for(agency: UUID) -> None:
    report = register(agency, a_claim(), a_claim(amount="0"), a_claim(), accept_valid=True)
    assert report.registered
    assert report.counts == {"accepted": 2, "duplicate": 0, "rejected": 1}
    assert len(all_of(agency, Case)) == 2


def test_a_dry_run_gives_the_same_verdicts_and_writes_nothing(agency: UUID) -> None:
    rows = [a_claim(), a_claim(amount="x"), a_claim()]
    dry = register(agency, *rows, rows[0], dry_run=True, accept_valid=True)
    assert all_of(agency, Case) == all_of(agency, Debtor) == all_of(agency, Transfer) == []
    real = register(agency, *rows, rows[0], accept_valid=True)
    assert outcomes(dry) == outcomes(real) == ["accepted", "rejected", "accepted", "duplicate"]
    assert (dry.registered, dry.new_cases, dry.principal_ore) == (False, real.new_cases, real.principal_ore)


def test_no_rows_is_bad_input(agency: UUID) -> None:
    with open_tenant(agency) as tenant, pytest.raises(BadInput):
        register_claims(tenant, [], creditor_id=creditor_of(agency), today=MONDAY, now=at(MONDAY), actor="cli")


def test_a_file_is_registered_with_its_line_numbers(agency: UUID) -> None:
    content = (
        "type;navn;adresse;postnr;poststed;fakturanr;fakturadato;forfall;beløp\n"
        "P;Kåre Ås;Gata 1;0155;Oslo;F-1;20.01.2026;10.02.2026;1.240,00\n"
        "\n"
        "P;Kari Ås;Gata 2;155;Oslo;F-2;20.01.2026;10.02.2026;500\n"
        "P;Kari Ås;Gata 2;0155\n"
    ).encode("cp1252")
    report = register(agency, *read_csv(content), accept_valid=True)
    assert [(v.row, str(v.outcome), list(v.errors)) for v in report.verdicts] == [
        (2, "accepted", []),
        (4, "rejected", ["postcode"]),
        (5, "rejected", ["row"]),
    ]
    assert all_of(agency, Debtor)[0].name == "Kåre Ås"


def test_a_national_id_never_shows_in_a_verdict(agency: UUID) -> None:
    report = register(agency, a_claim(national_id="01019012345"), a_claim(national_id="08907395937"))
    assert "12345" not in repr(report)
    assert "08907395937" not in repr(report)


# --- duplicates -----------------------------------------------------------------------------------------------------


def test_the_same_file_again_is_all_duplicates_with_the_old_case_numbers(agency: UUID) -> None:
    rows = [a_claim() for _ in range(30)]
    first, again = register(agency, *rows), register(agency, *rows)
    assert set(outcomes(again)) == {"duplicate"}
    assert cases(again) == cases(first)
    assert (again.registered, len(all_of(agency, Claim)), len(all_of(agency, Transfer))) == (False, 30, 30)


def test_a_row_twice_in_a_file_is_registered_once(agency: UUID) -> None:
    row = a_claim()
    report = register(agency, row, row | {"amount": "99", "debtor_name": f"  {row['debtor_name'].upper()} "})
    assert outcomes(report) == ["accepted", "duplicate"]
    assert cases(report)[0] == cases(report)[1] is not None
    assert [c.principal_ore for c in all_of(agency, Claim)] == [124000]


def test_an_invoice_number_used_for_somebody_else_is_taken_with_a_note(agency: UUID) -> None:
    first = register(agency, a_claim(invoice_number="F-1"))
    report = register(agency, a_claim(invoice_number="F-1"))
    assert outcomes(report) == ["accepted"]
    assert str(cases(first)[0]) in report.verdicts[0].notes[0]


def test_two_creditors_may_use_the_same_invoice_number_for_the_same_debtor(agency: UUID) -> None:
    row = a_claim()
    with open_tenant(agency) as tenant:
        slugs = tenant.session.scalars(sa.select(Creditor.slug).where(Creditor.tenant_id == agency)).all()
    reports = [register(agency, row, creditor=slug) for slug in slugs[:2]]
    assert [outcomes(report) for report in reports] == [["accepted"], ["accepted"]]
    assert len(all_of(agency, Debtor)) == 1
    assert len(all_of(agency, Case)) == 2


def test_the_same_claims_at_the_same_moment_are_registered_once(agency: UUID) -> None:
    rows, start = [a_claim() for _ in range(20)], Barrier(6)

    def once(_: int) -> IntakeReport:
        start.wait()
        return register(agency, *rows)

    with ThreadPoolExecutor(6) as pool:
        reports = list(pool.map(once, range(6)))
    assert sorted(outcomes(report)[0] for report in reports) == ["accepted"] + ["duplicate"] * 5
    assert len({tuple(cases(report)) for report in reports}) == 1
    assert len(all_of(agency, Claim)) == len(all_of(agency, Transfer)) == 20


def test_two_creditors_may_hand_in_the_same_debtors_at_the_same_moment(agency: UUID) -> None:
    with open_tenant(agency) as tenant:
        slugs = tenant.session.scalars(sa.select(Creditor.slug).where(Creditor.tenant_id == agency)).all()[:2]
    rows, start = [a_claim() for _ in range(60)], Barrier(2)

    def once(job: tuple[str, list[dict[str, Any]]]) -> IntakeReport:
        start.wait()
        return register(agency, *job[1], creditor=job[0])

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(once, [(slugs[0], rows), (slugs[1], rows[::-1])]))
    assert all(report.counts["accepted"] == 60 for report in reports)
    assert len(all_of(agency, Debtor)) == 60
    assert len({c.number for c in all_of(agency, Case)}) == 120


# --- which case -----------------------------------------------------------------------------------------------------


def same_debtor(*changes: dict[str, Any]) -> list[dict[str, Any]]:
    debtor = {name: value for name, value in a_claim().items() if name in ("debtor_name", "address")}
    return [a_claim(**debtor) | change for change in changes]


def test_rows_of_one_debtor_in_a_file_share_a_case(agency: UUID) -> None:
    report = register(agency, *same_debtor({}, {"due_on": "2026-01-25", "invoiced_on": "2026-01-02"}, {}))
    assert len(set(cases(report))) == 1
    assert report.new_cases == 1


def test_a_new_claim_joins_the_open_case_that_no_letter_has_gone_out_on(agency: UUID) -> None:
    first, second = same_debtor({}, {"due_on": "2026-02-20", "active_contract": "ja"})
    before, after = register(agency, first), register(agency, second, on=date(2026, 3, 9))
    assert cases(after) == cases(before)
    assert after.new_cases == 0
    (case,) = all_of(agency, Case)
    assert case.next_action_on == MONDAY
    kinds = [e.kind for e in all_of(agency, HistoryEvent, HistoryEvent.case_id == case.id)]
    assert sorted(kinds) == ["case.registered", "claim.added"]


def test_a_case_that_waits_for_a_person_goes_on_waiting_when_it_gets_a_claim(agency: UUID) -> None:
    first, second = same_debtor({}, {})
    register(agency, first)
    with open_tenant(agency) as tenant:
        tenant.session.execute(sa.update(Case).where(Case.tenant_id == agency).values(next_action_on=None))
    register(agency, second)
    (case,) = all_of(agency, Case)
    assert case.next_action_on is None


@pytest.mark.parametrize("stage", [Stage.REMINDED, Stage.NOTICED, Stage.DEMANDED, Stage.CLOSED])
def test_a_new_claim_gets_its_own_case_when_the_old_one_has_gone_further(agency: UUID, stage: Stage) -> None:
    first, second = same_debtor({}, {})
    before = register(agency, first)
    with open_tenant(agency) as tenant:
        tenant.session.execute(sa.update(Case).where(Case.tenant_id == agency).values(stage=int(stage)))
    assert cases(register(agency, second)) != cases(before)


def test_a_new_claim_gets_its_own_case_when_a_letter_is_under_way(agency: UUID) -> None:
    first, second = same_debtor({}, {})
    before = register(agency, first)
    with open_tenant(agency) as tenant:
        case = tenant.session.scalars(sa.select(Case).where(Case.tenant_id == agency)).one()
        tenant.session.add(
            Dispatch(
                tenant_id=agency,
                creditor_id=case.creditor_id,
                case_id=case.id,
                step="reminder",
                channel="print_post",
                state="queued",
                decided_on=MONDAY,
                expected_sending_on=MONDAY,
                deadline_on=date(2026, 3, 20),
                fee_ore=0,
                certificate_id=new_id(),
                touched_at=at(MONDAY),
            )
        )
    assert cases(register(agency, second)) != cases(before)


def test_a_monthly_invoice_does_not_keep_an_older_claim_from_its_reminder(agency: UUID) -> None:
    near, far = same_debtor({"due_on": "2026-02-20"}, {"invoiced_on": "2026-03-01", "due_on": "2026-03-20"})
    report = register(agency, near, far)
    assert len(set(cases(report))) == 2
    assert sorted(c.next_action_on for c in all_of(agency, Case)) == [MONDAY, date(2026, 3, 20)]


def test_another_creditors_open_case_is_left_alone(agency: UUID) -> None:
    with open_tenant(agency) as tenant:
        slugs = tenant.session.scalars(sa.select(Creditor.slug).where(Creditor.tenant_id == agency)).all()
    first, second = same_debtor({}, {})
    assert cases(register(agency, first, creditor=slugs[0])) != cases(register(agency, second, creditor=slugs[1]))


# --- letters the creditor has sent ----------------------------------------------------------------------------------


def test_a_proven_collection_notice_puts_the_case_at_its_stage_with_its_lawful_fee(agency: UUID) -> None:
    report = register(agency, noticed())
    (case,), (notice,) = all_of(agency, Case), all_of(agency, EarlierNotice)
    assert report.verdicts[0].notes == []
    assert case.stage == Stage.NOTICED
    assert (notice.step, notice.fee_ore, notice.case_id) == ("collection_notice", 3800, case.id)
    booked = {(t.component, t.source): t.amount_ore for t in all_of(agency, Transfer)}
    assert booked[NOTICE_FEE, f"earlier:{notice.id}"] == 3800
    with open_tenant(agency) as tenant:
        assert audit(tenant) == []


def test_a_proven_reminder_puts_the_case_at_reminded(agency: UUID) -> None:
    register(agency, a_claim(due_on="2026-01-10", invoiced_on="2025-12-20", reminder_sent_on="2026-01-26",
                             reminder_deadline_on="2026-02-09", reminder_proof=PROOF))  # fmt: skip
    assert all_of(agency, Case)[0].stage == Stage.REMINDED


@pytest.mark.parametrize(
    ("changes", "fee_ore"),
    [
        ({"notice_fee": "70"}, 3800),  # above 1/20 of the inkassosats
        ({"notice_fee": "20"}, 2000),  # the creditor asked for less
        ({"notice_fee": ""}, 0),
        ({"notice_sent_on": "2026-01-23", "notice_deadline_on": "2026-02-09"}, 0),  # 13 days after the due date (B1)
        ({"notice_sent_on": "2026-01-24", "notice_deadline_on": "2026-02-09"}, 3800),  # the 14th day
        ({"notice_sent_on": "2025-12-30", "due_on": "2025-12-10", "invoiced_on": "2025-12-01",
          "notice_deadline_on": "2026-01-20"}, 3500),  # the sats of the day it was sent
    ],
)  # fmt: skip
def test_of_an_earlier_fee_only_what_the_law_permits_is_owed(
    agency: UUID, changes: dict[str, Any], fee_ore: int
) -> None:
    row = noticed(**changes)
    report = register(agency, row)
    assert all_of(agency, EarlierNotice)[0].fee_ore == fee_ore
    asked = int(row["notice_fee"] or 0) * 100
    assert bool(report.verdicts[0].notes) == (fee_ore < asked)


def test_a_second_fee_needs_a_missed_deadline_in_the_first_letter(agency: UUID) -> None:
    short = {"reminder_sent_on": "2026-01-25", "reminder_deadline_on": "2026-02-01", "reminder_fee": "38",
             "reminder_proof": "cd" * 32}  # fmt: skip
    register(agency, noticed(**short, notice_sent_on="2026-02-10", notice_deadline_on="2026-02-24"))
    fees = {n.step: n.fee_ore for n in all_of(agency, EarlierNotice)}
    assert fees == {"reminder": 3800, "collection_notice": 0}


def test_one_letter_about_two_invoices_bears_one_fee(agency: UUID) -> None:
    debtor = {name: value for name, value in a_claim().items() if name in ("debtor_name", "address")}
    report = register(agency, noticed(**debtor), noticed(**debtor))
    assert len(set(cases(report))) == 1
    assert sorted(n.fee_ore for n in all_of(agency, EarlierNotice)) == [0, 3800]


def test_letters_of_different_days_keep_their_claims_on_cases_of_their_own(agency: UUID) -> None:
    debtor = {name: value for name, value in a_claim().items() if name in ("debtor_name", "address")}
    other = {"notice_sent_on": "2026-02-02", "notice_deadline_on": "2026-02-16"}
    report = register(agency, noticed(**debtor), noticed(**debtor, **other), a_claim(**debtor))
    assert len(set(cases(report))) == 3


def test_earlier_fees_stay_inside_the_cap_of_all_costs(agency: UUID) -> None:
    debtor = {name: value for name, value in a_claim().items() if name in ("debtor_name", "address")}
    rows = [noticed(**debtor, amount="100", notice_proof=f"{n:064x}") for n in range(12)]
    register(agency, *rows)
    fees = [n.fee_ore for n in all_of(agency, EarlierNotice)]
    assert len(fees) == 12
    assert sum(fees) == 300_00  # 0,4 × 750 kr for 1 200 kr joined, where twelve fees would be 456 kr


def test_a_notice_without_proof_is_passed_over_with_a_note(agency: UUID) -> None:
    report = register(agency, noticed(notice_proof="", notice_fee="38"))
    assert "bevis" in report.verdicts[0].notes[0]
    assert all_of(agency, EarlierNotice) == []
    assert [t.component for t in all_of(agency, Transfer)] == [PRINCIPAL]
    assert all_of(agency, Case)[0].stage == Stage.REGISTERED


# --- KIDs -----------------------------------------------------------------------------------------------------------


def test_a_kid_that_means_another_debtors_case_rejects_the_row(agency: UUID) -> None:
    kid = make_kid("7700002")
    register(agency, a_claim(kid=kid))
    report = register(agency, a_claim(kid=kid), a_claim(), accept_valid=True)
    assert outcomes(report) == ["rejected", "accepted"]
    assert list(report.verdicts[0].errors) == ["kid"]


def test_a_kid_used_twice_in_a_file_for_two_debtors_rejects_the_second(agency: UUID) -> None:
    kid = make_kid("7700003")
    rows = [a_claim(kid=kid), a_claim(kid=kid)]
    report = register(agency, *rows, rows[1], accept_valid=True)
    assert outcomes(report) == ["accepted", "rejected", "rejected"]  # a repeated row shares its first one's fate


def test_a_customers_own_kid_on_every_invoice_stays_with_the_first_case(agency: UUID) -> None:
    kid = make_kid("7700004")
    first, same, later = same_debtor({"kid": kid}, {"kid": kid}, {"kid": kid})
    before = register(agency, first, same)
    with open_tenant(agency) as tenant:
        tenant.session.execute(sa.update(Case).where(Case.tenant_id == agency).values(stage=int(Stage.REMINDED)))
    after = register(agency, later)
    assert outcomes(after) == ["accepted"]
    assert "KID" in after.verdicts[0].notes[0]
    (alias,) = all_of(agency, KidAlias, KidAlias.kid == kid)
    (case,) = all_of(agency, Case, Case.id == alias.case_id)
    assert case.number == cases(before)[0]


def test_a_case_number_whose_kid_a_creditor_has_already_used_is_passed_over(agency: UUID) -> None:
    number = cases(register(agency))[0]
    assert number is not None
    with open_tenant(agency) as tenant:
        creditor = tenant.session.get_one(Creditor, (agency, creditor_of(agency)))
        taken = make_kid(f"{creditor.number:03d}{number + 2:08d}")
    report = register(agency, a_claim(kid=taken), a_claim(), a_claim())
    assert outcomes(report) == ["accepted"] * 3
    assert number + 2 not in cases(report)
    assert len(set(cases(report))) == 3


# --- who may --------------------------------------------------------------------------------------------------------


def test_the_neighbours_creditor_does_not_exist(agency: UUID, power: UUID) -> None:
    with open_tenant(agency) as tenant, pytest.raises(NotFound):
        register_claims(tenant, [a_claim()], creditor_id=creditor_of(power), today=MONDAY, now=at(MONDAY), actor="cli")


def test_the_neighbours_same_claim_is_no_duplicate(agency: UUID, power: UUID) -> None:
    row = a_claim(kid=make_kid("7700005"))
    assert outcomes(register(agency, row)) == outcomes(register(power, row)) == ["accepted"]


def test_without_a_licence_only_own_claims_may_be_collected(power: UUID) -> None:
    assert outcomes(register(power)) == ["accepted"]
    with open_tenant(power) as tenant:
        other = Creditor(tenant_id=power, id=(other_id := new_id()), creditor_id=other_id, slug="annen", number=77,
                         name="Annen AS", orgnr="923609016", address_lines=[], email="", payout_account="12345678903",
                         vat_deductible=True)  # fmt: skip
        tenant.session.add(other)
    with pytest.raises(Refused) as told:
        register(power, a_claim(), creditor="annen")
    assert told.value.code == "no_licence"


def test_a_session_narrowed_to_a_creditor_cannot_register(agency: UUID) -> None:
    creditor_id = creditor_of(agency)
    with open_tenant(agency, creditor_id) as tenant, pytest.raises(Forbidden):
        register_claims(tenant, [a_claim()], creditor_id=creditor_id, today=MONDAY, now=at(MONDAY), actor="cli")


def test_test_numbers_are_refused_outside_a_sandbox(agency: UUID) -> None:
    with open_tenant(agency) as tenant:
        tenant.session.execute(
            sa.update(TenantSettings).where(TenantSettings.tenant_id == agency).values(sandbox_on=None)
        )
    report = register(agency, a_claim(national_id="08907395937"))
    assert list(report.verdicts[0].errors) == ["national_id"]


def test_a_thousand_rows_take_one_link_of_history_and_balance(agency: UUID) -> None:
    report = register(agency, *(a_claim(active_contract="ja") for _ in range(1000)))
    assert report.counts["accepted"] == report.new_cases == 1000
    assert [v.outcome for v in report.verdicts] == [Outcome.ACCEPTED] * 1000
    with open_tenant(agency) as tenant:
        assert check_chain(tenant.session) == []
        assert audit(tenant) == []


def test_a_claim_on_a_joined_case_is_known_under_the_case_it_went_to(agency: UUID) -> None:
    first, second = same_debtor({}, {"invoiced_on": "2026-03-01", "due_on": "2026-03-02"})
    one = register(agency, first, on=MONDAY - timedelta(days=5))
    with open_tenant(agency) as tenant:
        tenant.session.execute(sa.update(Case).where(Case.tenant_id == agency).values(stage=int(Stage.REMINDED)))
    two = register(agency, second)
    assert cases(one) != cases(two)
    with open_tenant(agency) as tenant:
        ids = dict(tenant.session.execute(sa.select(Case.number, Case.id).where(Case.tenant_id == agency)).all())
        tenant.session.execute(
            sa.update(Claim).where(Claim.case_id == ids[cases(two)[0]]).values(case_id=ids[cases(one)[0]])
        )
    assert cases(register(agency, second)) == cases(one)
