"""What letters are called, and why one was withdrawn."""

from saas.cases.letters import CaseLetter
from saas.documents.letter import LetterKind
from saas.rules.words import BOKMAAL, in_language, say

LETTER_KINDS = {
    LetterKind.REMINDER: say("Purring"),
    LetterKind.COLLECTION_NOTICE: say("Inkassovarsel"),
    LetterKind.PAYMENT_DEMAND: say("Betalingsoppfordring"),
    LetterKind.NOTICE_OF_LEGAL_ACTION: say("Varsel om rettslige skritt"),
    LetterKind.DISCONNECTION_NOTICE: say("Varsel om stenging"),
    LetterKind.DEFERRAL_GRANTED: say("Mer tid"),
    LetterKind.DEFERRAL_REFUSED: say("Svar om mer tid"),
    LetterKind.OBJECTION_RECEIVED: say("Innsigelsen er mottatt"),
    LetterKind.OBJECTION_ANSWERED: say("Svar på innsigelsen"),
    LetterKind.PAYMENT_RECEIVED: say("Betalingen er mottatt"),
    LetterKind.WRONG_AMOUNT: say("Et annet beløp enn vi ba om"),
    LetterKind.OVERPAYMENT: say("Betalt for mye"),
    LetterKind.CLOSING_CONFIRMATION: say("Saken er avsluttet"),
    LetterKind.LOGIN_CODE: say("Ny kode"),
    LetterKind.CONTACT_LETTER: say("Vi vil gjerne snakke med deg"),
}
LANGUAGE_NAMES = {"nb": say("bokmål"), "nn": say("nynorsk"), "en": say("engelsk")}  # «sendt på …»
_WHY = {
    "paid": say("Kravet ble betalt før brevet ble sendt."),
    "nothing_owed": say("Kravet ble betalt før brevet ble sendt."),
    "closed": say("Saken ble avsluttet før brevet ble sendt."),
    "objection": say("Du sa at du er uenig før brevet ble sendt."),
    "deferred": say("Du fikk mer tid før brevet ble sendt."),
    "joined": say("Saken ble slått sammen med en annen sak før brevet ble sendt."),
    "deadline_too_short": say("Fristen ville blitt for kort. Brevet ble skrevet på nytt med en ny frist."),
    "other_fee": say("Et beløp i brevet hadde endret seg. Brevet ble skrevet på nytt hvis det fortsatt trengtes."),
    "address": say("Adressen stemte ikke."),
}


def why_words(letter: CaseLetter) -> str:
    """Why a letter was withdrawn, as the debtor reads it."""
    return _WHY.get(letter.why, say("Det var ikke lenger grunn til å sende brevet."))


def file_name(letter: CaseLetter, language: str = BOKMAAL) -> str:
    """`Inkassovarsel 2026-11-23, sak 10042.pdf`."""
    name = say("{letter} {day}, sak {number}", letter=LETTER_KINDS[letter.kind], day=letter.on.isoformat(),
               number=letter.case_number)  # fmt: skip
    return f"{in_language(name, language)}.pdf"
