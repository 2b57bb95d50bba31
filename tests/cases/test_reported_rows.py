"""A creditor tells of many contracts at once: by page, by API and by file the same rows and the same answers (M13)."""

from uuid import UUID

import pytest

from saas.cases.lifecycle import get_case
from saas.cases.reported import facts_reported
from saas.cases.reported_rows import FactOutcome, read_facts_csv, report_fact_rows
from saas.kernel.errors import BadInput
from saas.kernel.servers import Servers
from tenants.resolve import open_tenant
from tests.builders import MONDAY, a_claim, at, creditor_of, make_agency, register

HEADING = "sak;faktura;opplysning;verdi;dato\n"


@pytest.fixture(scope="module")
def agency(servers: Servers) -> UUID:
    return make_agency(servers)


@pytest.fixture
def cases(agency: UUID) -> list[tuple[int, str]]:
    """Two cases of the first creditor: number and invoice."""
    rows = [a_claim(), a_claim()]
    report = register(agency, *rows)
    return [(v.case_number, row["invoice_number"]) for v, row in zip(report.verdicts, rows, strict=True)]


def tell(agency: UUID, text: str, creditor: str | None = None, **more):
    with open_tenant(agency) as tenant:
        return report_fact_rows(
            tenant, read_facts_csv(text.encode()), creditor_id=creditor_of(agency, creditor), today=MONDAY,
            now=at(MONDAY), actor="user:1", **more,
        )  # fmt: skip


def standing(agency: UUID, number: int):
    with open_tenant(agency) as tenant:
        return [(f.name, f.value, f.source, f.reported_on.isoformat())
                for f in facts_reported(tenant, get_case(tenant, number=number).id)]  # fmt: skip


def test_a_file_names_cases_by_number_or_invoice_and_the_creditor_is_the_source(agency, cases):
    (one, _), (two, invoice) = cases
    report = tell(agency, f"{HEADING}{one};;Strømavtale;ja;01.03.2026\n;{invoice};power.active_contract;Nei;\n")
    assert [(v.outcome, v.case_number) for v in report.verdicts] == [("stored", one), ("stored", two)]
    assert ("power.active_contract", True, "Nordlys Kraft AS", "2026-03-01") in standing(agency, one)
    assert ("power.active_contract", False, "Nordlys Kraft AS", "2026-03-02") in standing(agency, two)


def test_sent_again_nothing_is_added(agency, cases):
    text = f"{HEADING}{cases[0][0]};;nettleieavtale;ja;01.03.2026\n"
    assert [tell(agency, text).verdicts[0].outcome for _ in range(2)] == [FactOutcome.STORED, FactOutcome.KNOWN]


def test_a_row_that_stands_twice_in_a_file_is_stored_once(agency, cases):
    row = f"{cases[0][0]};;meter.kind;ams;\n"
    assert [v.outcome for v in tell(agency, HEADING + row + row).verdicts] == [FactOutcome.STORED, FactOutcome.KNOWN]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("{number};;strømavtale;kanskje;", "value"),
        ("{number};;strømavtale;1;", "value"),
        ("{number};;Stor Bokstav;ja;", "name"),
        ("{number};;strømavtale;ja;03.03.2026", "reported_on"),
        ("{number};;strømavtale;ja;i går", "reported_on"),
        ("99;;strømavtale;ja;", "row"),
        (";finnes-ikke;strømavtale;ja;", "invoice_number"),
        (";;strømavtale;ja;", "case_number"),
        ("{number};;strømavtale", "row"),
    ],
)
def test_one_wrong_row_is_told_by_field_and_none_is_stored(agency, cases, row, field):
    (number, _), (good, _) = cases
    before = standing(agency, good)
    report = tell(agency, f"{HEADING}{good};;strømavtale;ja;\n{row.format(number=number)}\n")
    assert not report.stored
    assert [v.outcome for v in report.verdicts] == [FactOutcome.STORED, FactOutcome.WRONG]
    assert list(report.verdicts[1].errors) == [field]
    assert standing(agency, good) == before


def test_a_trial_stores_nothing(agency, cases):
    assert not tell(agency, f"{HEADING}{cases[0][0]};;strømavtale;ja;\n", dry_run=True).stored
    assert standing(agency, cases[0][0]) == []


def test_another_creditors_case_does_not_exist(agency, cases):
    report = tell(agency, f"{HEADING}{cases[0][0]};;strømavtale;ja;\n", creditor="bygda-bredband")
    assert report.verdicts[0].errors == {"row": ["Vi finner ikke saken."]}
    report = tell(agency, f"{HEADING};{cases[0][1]};strømavtale;ja;\n", creditor="bygda-bredband")
    assert list(report.verdicts[0].errors) == ["invoice_number"]


@pytest.mark.parametrize(
    "text", ["", "sak;opplysning\n1;x\n", "sak;sak;opplysning;verdi\n", HEADING, "sak;hva;svar;pris\n", '"']
)
def test_what_is_no_such_file_is_told_at_once(text):
    with pytest.raises(BadInput) as wrong:
        read_facts_csv(text.encode())
    assert list(wrong.value.errors) == ["file"]


def test_numbers_and_words_are_read_as_what_they_are(agency, cases):
    number = cases[0][0]
    tell(agency, f"{HEADING}{number};;usage.kwh_a_year;16000;\n{number};;meter.id;0707057500012345;\n")
    assert {f[0]: f[1] for f in standing(agency, number)} == {
        "usage.kwh_a_year": 16000, "meter.id": "0707057500012345",
    }  # fmt: skip
