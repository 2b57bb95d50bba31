"""What letters are called, and why one was withdrawn (bokmål)."""

from saas.cases.letters import CaseLetter
from saas.documents.letter import LetterKind

LETTER_KINDS = {
    LetterKind.REMINDER: "Purring",
    LetterKind.COLLECTION_NOTICE: "Inkassovarsel",
    LetterKind.PAYMENT_DEMAND: "Betalingsoppfordring",
    LetterKind.NOTICE_OF_LEGAL_ACTION: "Varsel om rettslige skritt",
    LetterKind.DISCONNECTION_NOTICE: "Varsel om stenging",
    LetterKind.DEFERRAL_GRANTED: "Mer tid",
    LetterKind.DEFERRAL_REFUSED: "Svar om mer tid",
    LetterKind.OBJECTION_RECEIVED: "Innsigelsen er mottatt",
    LetterKind.OBJECTION_ANSWERED: "Svar på innsigelsen",
    LetterKind.PAYMENT_RECEIVED: "Betalingen er mottatt",
    LetterKind.WRONG_AMOUNT: "Et annet beløp enn vi ba om",
    LetterKind.OVERPAYMENT: "Betalt for mye",
    LetterKind.CLOSING_CONFIRMATION: "Saken er avsluttet",
    LetterKind.LOGIN_CODE: "Ny kode",
    LetterKind.CONTACT_LETTER: "Vi vil gjerne snakke med deg",
}
_WHY = {
    "paid": "Kravet ble betalt før brevet ble sendt.",
    "nothing_owed": "Kravet ble betalt før brevet ble sendt.",
    "closed": "Saken ble avsluttet før brevet ble sendt.",
    "objection": "Du sa at du er uenig før brevet ble sendt.",
    "deferred": "Du fikk mer tid før brevet ble sendt.",
    "joined": "Saken ble slått sammen med en annen sak før brevet ble sendt.",
    "deadline_too_short": "Fristen ville blitt for kort. Brevet ble skrevet på nytt med en ny frist.",
    "other_fee": "Et beløp i brevet hadde endret seg. Brevet ble skrevet på nytt hvis det fortsatt trengtes.",
    "address": "Adressen stemte ikke.",
}


def why_words(letter: CaseLetter) -> str:
    """Why a letter was withdrawn, as the debtor reads it."""
    return _WHY.get(letter.why, "Det var ikke lenger grunn til å sende brevet.")


def file_name(letter: CaseLetter) -> str:
    """`Inkassovarsel 2026-11-23, sak 10042.pdf`."""
    return f"{LETTER_KINDS[letter.kind]} {letter.on.isoformat()}, sak {letter.case_number}.pdf"
