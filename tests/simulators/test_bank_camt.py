"""The bank's camt.054 messages are what ISO 20022 says, in each version."""

from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest

from saas.simulators.bank_camt import VERSIONS, SimEntry, SimNotification, SimTransfer, camt_pieces, write_camt

MADE_AT = datetime(2026, 11, 21, 17, 35, tzinfo=UTC)
DAY = date(2026, 11, 20)
ENTRY = SimEntry(
    [SimTransfer(102_000, ["00001230"], payer="Kari & Co", debit_account="86011117947", reference="123456781")],
    DAY, DAY, reference="B1", batch=True,
)  # fmt: skip


def written(version: str, *entries: SimEntry) -> ElementTree.Element:
    return ElementTree.fromstring(
        write_camt([SimNotification("12345678903", entries, summed=True)], "M1", MADE_AT, version=version)
    )


def at(root: ElementTree.Element, path: str, version: str) -> str | None:
    namespace = f"{{urn:iso:std:iso:20022:tech:xsd:camt.054.001.{version}}}"
    assert root.tag == f"{namespace}Document"
    return root.findtext("/".join(namespace + name for name in f"BkToCstmrDbtCdtNtfctn/{path}".split("/")))


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_puts_status_amount_and_payer_where_it_has_them(version):
    root, entry = written(version, ENTRY), "Ntfctn/Ntry"
    details = f"{entry}/NtryDtls/TxDtls"
    assert at(root, f"{entry}/Sts/Cd" if version == "08" else f"{entry}/Sts", version) == "BOOK"
    assert at(root, f"{details}/{'AmtDtls/TxAmt/' if version == '02' else ''}Amt", version) == "1020.00"
    assert at(root, f"{details}/RltdPties/Dbtr/{'Pty/' if version == '08' else ''}Nm", version) == "Kari & Co"
    assert at(root, f"{details}/RmtInf/Strd/CdtrRefInf/Ref", version) == "00001230"
    assert at(root, f"{entry}/NtryDtls/Btch/NbOfTxs", version) == "1"
    net = "TtlNetNtryAmt" if version == "02" else "TtlNetNtry/Amt"
    assert at(root, f"Ntfctn/TxsSummry/TtlNtries/{net}", version) == "1020.00"


def test_an_entry_below_zero_is_a_debit_of_that_much():
    root = written("08", SimEntry([SimTransfer(-1_050)], DAY, reversal=True))
    assert at(root, "Ntfctn/Ntry/CdtDbtInd", "08") == "DBIT"
    assert at(root, "Ntfctn/Ntry/Amt", "08") == "10.50"
    assert at(root, "Ntfctn/Ntry/RvslInd", "08") == "true"


def test_a_message_comes_in_pieces_for_as_many_entries_as_one_likes():
    def endless():
        while True:
            yield ENTRY

    pieces = camt_pieces([SimNotification("12345678903", endless())], "M1", MADE_AT)
    assert sum(len(next(pieces)) for _ in range(10_000)) > 1_000_000


def test_a_version_this_bank_does_not_write_is_refused():
    with pytest.raises(ValueError, match="06"):
        write_camt([], "M1", MADE_AT, version="06")
