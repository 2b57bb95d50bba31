"""What each letter must contain by law, as data, and the gate no incomplete letter gets through (law A.2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from saas.documents.letter import Letter, SumKind
from saas.rules.facts import LETTER_STEPS, Step

DEADLINE_DAYS = 14
WINDOW_LINES = 6
FOLLOWS = {
    Step.REMINDER: Step.COLLECTION_NOTICE,
    Step.COLLECTION_NOTICE: Step.PAYMENT_DEMAND,
    Step.PAYMENT_DEMAND: Step.HEAVY_FEE,
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that must be there. `says` is for the person who has to put it right."""

    code: str
    basis: str
    says: str
    met: Callable[[Letter], bool]


class IncompleteLetter(Exception):
    """The letter may not leave: `missing` holds the codes of what is not there."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__("; ".join(f"{code}: {SAYS[code]}" for code in missing))
        self.missing = tuple(missing)


def _amount(letter: Letter) -> bool:
    return 0 < letter.total_ore == sum(line.amount_ore for line in letter.lines)


def _subject(letter: Letter) -> bool:
    return bool(letter.claims) and all(c.description.strip() and c.invoice_number.strip() for c in letter.claims)


def _sender(letter: Letter) -> bool:
    tenant = letter.tenant
    return all(text.strip() for text in (tenant.name, tenant.orgnr, tenant.phone, tenant.hours, *tenant.address_lines))


def _address(letter: Letter) -> bool:
    to = letter.recipient
    printed = [to.name, *to.address_lines, *([] if to.country == "NO" else [to.country])]
    return bool(to.address_lines) and len(printed) <= WINDOW_LINES and all(line.strip() for line in printed)


def _way_to_pay(letter: Letter) -> bool:
    kid = letter.kid.removesuffix("-")  # a modulus 11 check digit may be a dash
    return kid.isdecimal() and 2 <= len(letter.kid) <= 25 and letter.account.isdecimal() and len(letter.account) == 11


def _way_to_answer(letter: Letter) -> bool:
    login = (letter.tenant.email, letter.login_address, letter.login_code, letter.link)
    return all(text.strip() for text in login) and letter.login_code_valid_until >= letter.deadline_on


def _deadline(letter: Letter) -> bool:
    return letter.deadline_on >= letter.dated_on + timedelta(days=DEADLINE_DAYS)


def _next_step(letter: Letter) -> bool:
    step = letter.next_step
    return step is None or (step.what is FOLLOWS[letter.kind] and step.earliest_on > letter.deadline_on)


def _interest(letter: Letter) -> bool:
    charged = letter.interest_per_day_ore > 0 or any(line.kind is SumKind.INTEREST for line in letter.lines)
    return not charged or (letter.interest_rate_percent is not None and letter.interest_from_on is not None)


def _no_collection_fee(letter: Letter) -> bool:
    return all(line.kind is not SumKind.COLLECTION_FEE for line in letter.lines)


def _principal_apart(letter: Letter) -> bool:
    return any(line.kind is SumKind.PRINCIPAL for line in letter.lines)


def _licence(letter: Letter) -> bool:
    return letter.own_collection or bool(letter.tenant.licence_number)


def _board(letter: Letter) -> bool:
    return letter.board or not letter.tenant.licence_number or letter.own_collection


EVERY_LETTER = (
    Requirement("amount", "INKF § 1-2", "Linjene må summere seg til det som skal betales.", _amount),
    Requirement("creditor", "INKL § 10 a", "Hvem pengene skyldes, mangler.", lambda x: bool(x.creditor_name.strip())),
    Requirement("subject", "INKF § 1-2, INKL § 10 b", "Hva kravet gjelder, mangler.", _subject),
    Requirement("sender", "INKL § 8", "Avsender med org.nr., adresse, telefon og åpningstid mangler.", _sender),
    Requirement("address", "law A.2", "Adressen mangler eller er lengre enn seks linjer.", _address),
    Requirement("way_to_pay", "law A.2", "KID eller kontonummer mangler eller er ugyldig.", _way_to_pay),
    Requirement(
        "way_to_answer", "INKL § 10", "Innlogging må gjelde til fristen, og e-post må være oppgitt.", _way_to_answer
    ),
    Requirement(
        "deadline", "INKL §§ 9, 10, INKF § 1-2, law A1", "Fristen må være minst 14 dager etter sending.", _deadline
    ),
    Requirement("next_step", "law A1, A4", "Neste steg er feil, eller kommer før fristen er ute.", _next_step),
    Requirement("interest", "INKL § 10 d", "Rentesats og dato renten regnes fra, mangler.", _interest),
)
REQUIRED: dict[Step, tuple[Requirement, ...]] = {
    Step.REMINDER: (
        *EVERY_LETTER,
        Requirement("no_collection_fee", "law B9", "Purring kan ikke ha inkassosalær.", _no_collection_fee),
    ),
    Step.COLLECTION_NOTICE: (
        *EVERY_LETTER,
        Requirement("no_collection_fee", "law B9", "Inkassovarsel kan ikke ha inkassosalær.", _no_collection_fee),
    ),
    Step.PAYMENT_DEMAND: (
        *EVERY_LETTER,
        Requirement("principal_apart", "INKL § 10 c", "Hovedkravet må stå for seg.", _principal_apart),
        Requirement("licence", "INKL § 4", "Inkasso for andre krever bevilling.", _licence),
        Requirement("board", "INKL § 10 f", "Retten til nemndsbehandling må oppgis.", _board),
    ),
}
SAYS = {requirement.code: requirement.says for kind in REQUIRED.values() for requirement in kind}


def mandatory_missing(letter: Letter) -> list[str]:
    """Codes of what this kind of letter must contain and does not, in the order of the table."""
    assert letter.kind in LETTER_STEPS
    return [requirement.code for requirement in REQUIRED[letter.kind] if not requirement.met(letter)]


def compose(letter: Letter) -> Letter:
    """The letter, complete. Raises IncompleteLetter when a mandatory part is missing."""
    missing = mandatory_missing(letter)
    if missing:
        raise IncompleteLetter(missing)
    return letter
