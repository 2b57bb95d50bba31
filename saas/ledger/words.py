"""What accounts and components are called (bokmål), for everybody who reads the book."""

from saas.ledger.models import (
    AT_CREDITOR,
    CLAIMS_HELD,
    CLIENT_BANK,
    COLLECTION_FEE,
    COMPENSATION,
    EARNED,
    FEE_INTEREST,
    IN_TRANSIT,
    INTEREST,
    MONEY,
    NOTICE_FEE,
    ORDERED,
    OWED_CREDITOR,
    OWED_DEBTOR,
    PRINCIPAL,
    RECEIVABLE,
    UNPLACED,
)

ACCOUNT_WORDS = {
    RECEIVABLE: "Utestående hos skyldnere",
    CLAIMS_HELD: "Krav til inndriving",
    CLIENT_BANK: "Klientkonto",
    IN_TRANSIT: "Kort og Vipps på vei",
    UNPLACED: "Ikke plassert",
    OWED_CREDITOR: "Skyldig oppdragsgivere",
    OWED_DEBTOR: "Skyldig skyldnere",
    EARNED: "Opptjent, ikke uttatt",
    ORDERED: "Bestilt hos banken, ikke utført",
    AT_CREDITOR: "Betalt rett til oppdragsgiver",
}
COMPONENT_WORDS = {
    PRINCIPAL: "hovedstol",
    INTEREST: "forsinkelsesrente",
    NOTICE_FEE: "gebyr",
    COLLECTION_FEE: "inkassosalær",
    COMPENSATION: "standardkompensasjon",
    FEE_INTEREST: "rente på salær",
    MONEY: "penger",
}
