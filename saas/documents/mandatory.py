"""The gate no incomplete letter gets through: what each kind must contain under the act of its day (law A.2, m1).

`duties.csv` holds the duties, one a line; here is how each is checked. Some are facts of the letter, some are sentences
of its wording (`wording.py`), with the words the law asks for in each language.
"""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from saas.documents.letter import Letter, LetterKind, SumKind
from saas.documents.particulars import Answer, ObjectionAnswered
from saas.documents.wording import WORDING, Said, said_in, spoken
from saas.rules.facts import Step
from saas.rules.money import NO_MONEY
from saas.rules.regime import Regime
from saas.rules.words import LANGUAGES

DUTIES = Path(__file__).parent / "duties.csv"
DEADLINE_DAYS = 14
DISCONNECTION_DAYS = {True: 28, False: 14}  # consumer or not: forbrukerkjøpsloven § 48 a, standard terms
WINDOW_LINES = 6
FOLLOWS = {
    LetterKind.REMINDER: Step.COLLECTION_NOTICE,
    LetterKind.COLLECTION_NOTICE: Step.PAYMENT_DEMAND,
    LetterKind.PAYMENT_DEMAND: Step.HEAVY_FEE,
}
_CERTAIN = {
    "nb": ("vil|må|skal|kommer", "kost|gebyr|salær|inkassosalær"),
    "nn": ("vil|må|skal|kjem", "kost|gebyr|salær|inkassosalær"),
    "en": ("will|must|shall", "cost|fee|charge"),
}
_CERTAIN_COSTS = {  # within one sentence
    language: re.compile(rf"\b({sure})\b((?!\.\s)[^?!])*\b({costs})", re.I)
    for language, (sure, costs) in _CERTAIN.items()
}


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that must be there. `says` is for the person who has to put it right."""

    element: str
    predicate: str
    words: Mapping[str, tuple[str, ...]]  # by language: all of them must stand in the sentence
    basis: str  # paragraphs, and "house" for what we ask of ourselves
    rule_ids: tuple[str, ...]
    says: str


class IncompleteLetter(Exception):
    """The letter may not leave: `missing` holds the elements that are not there."""

    def __init__(self, missing: Sequence[Duty]) -> None:
        super().__init__("; ".join(f"{duty.element}: {duty.says}" for duty in missing))
        self.missing = tuple(duty.element for duty in missing)


def compose(letter: Letter, wording: Path = WORDING) -> Letter:
    """The letter, complete. Raises IncompleteLetter when a mandatory part is missing."""
    missing = _missing(letter, wording)
    if missing:
        raise IncompleteLetter(missing)
    return letter


def mandatory_missing(letter: Letter, wording: Path = WORDING) -> list[str]:
    """What this kind of letter must contain under its act and does not, in the order of the table."""
    return [duty.element for duty in _missing(letter, wording)]


def _missing(letter: Letter, wording: Path) -> list[Duty]:
    said = said_in(letter, wording)
    return [duty for duty in duties(letter.kind, letter.regime) if not _is_met(duty, letter, said)]


def _is_met(duty: Duty, letter: Letter, said: Said) -> bool:
    of_facts = OF_FACTS.get(duty.predicate)
    return of_facts(letter) if of_facts is not None else OF_WORDS[duty.predicate](letter, said, duty)


def duties(kind: LetterKind, regime: Regime) -> tuple[Duty, ...]:
    """What the law asks of that kind under that act."""
    return read_duties(DUTIES)[kind, regime]


@cache
def read_duties(path: Path) -> Mapping[tuple[LetterKind, Regime], tuple[Duty, ...]]:
    """The table: `*` stands for every kind or act. Raises ValueError for a kind, act or predicate we do not know."""
    found: dict[tuple[LetterKind, Regime], tuple[Duty, ...]] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["predicate"] not in OF_FACTS.keys() | OF_WORDS.keys():
                raise ValueError(f"nobody knows how to check {row['predicate']!r}")
            duty = _duty(row)
            for kind in LetterKind if row["kinds"] == "*" else map(LetterKind, row["kinds"].split()):
                for regime in Regime if row["regimes"] == "*" else map(Regime, row["regimes"].split()):
                    found[kind, regime] = (*found.get((kind, regime), ()), duty)
    return MappingProxyType(found)


def _duty(row: Mapping[str, str]) -> Duty:
    words = {language: tuple(word for word in row[language].split(";") if word) for language in LANGUAGES}
    return Duty(
        row["element"],
        row["predicate"],
        MappingProxyType(words),
        row["basis"],
        tuple(row["rules"].split()),
        row["says"],
    )


# --- facts of the letter --------------------------------------------------------------------------------------------


def _filled(*texts: str | None) -> bool:
    return all(text is not None and text.strip() for text in texts)


def _amount(letter: Letter) -> bool:
    return 0 < letter.total_ore == sum(line.amount_ore for line in letter.lines)


def _creditor(letter: Letter) -> bool:
    return _filled(letter.creditor_name)


def _original_creditor(letter: Letter) -> bool:
    return not letter.assigned or _filled(letter.original_creditor_name)


def _subject(letter: Letter) -> bool:
    return bool(letter.claims) and all(claim.description.strip() for claim in letter.claims)


def _invoice(letter: Letter) -> bool:
    return all(claim.invoice_number.strip() for claim in letter.claims)


def _sender(letter: Letter) -> bool:
    tenant = letter.tenant
    return bool(tenant.address_lines) and _filled(tenant.name, tenant.orgnr, *tenant.address_lines)


def _reachable(letter: Letter) -> bool:
    return _filled(letter.tenant.phone, letter.tenant.hours)


def _address(letter: Letter) -> bool:
    to = letter.recipient
    printed = [to.name, *to.address_lines, *([] if to.country == "NO" else [to.country])]
    return bool(to.address_lines) and len(printed) <= WINDOW_LINES and _filled(*printed)


def _way_to_pay(letter: Letter) -> bool:
    kid = letter.kid.removesuffix("-")  # a modulus 11 check digit may be a dash
    return kid.isdecimal() and 2 <= len(letter.kid) <= 25 and letter.account.isdecimal() and len(letter.account) == 11


def _way_to_answer(letter: Letter) -> bool:
    login = (letter.tenant.email, letter.login_address, letter.login_code, letter.link)
    until = letter.login_code_valid_until
    lasts = until is not None and (letter.deadline_on is None or until >= letter.deadline_on)
    return _filled(*login) and lasts


def _deadline(letter: Letter) -> bool:
    return _leaves(letter, DEADLINE_DAYS)


def _leaves(letter: Letter, days: int) -> bool:
    return letter.deadline_on is not None and letter.deadline_on >= letter.dated_on + timedelta(days=days)


def _next_step(letter: Letter) -> bool:
    step = letter.next_step
    if step is None or letter.deadline_on is None:
        return step is None
    return step.what is FOLLOWS[letter.kind] and step.earliest_on > letter.deadline_on


def _interest(letter: Letter) -> bool:
    charged = letter.interest_per_day_ore > 0 or any(line.kind is SumKind.INTEREST for line in letter.lines)
    return not charged or (letter.interest_rate_percent is not None and letter.interest_from_on is not None)


def _no_collection_fee(letter: Letter) -> bool:
    return all(line.kind is not SumKind.COLLECTION_FEE for line in letter.lines)


def _principal_apart(letter: Letter) -> bool:
    return any(line.kind is SumKind.PRINCIPAL for line in letter.lines)


def _licence(letter: Letter) -> bool:
    return letter.own_collection or _filled(letter.tenant.licence_number)


def _agency(letter: Letter) -> bool:
    return not letter.own_collection and _filled(letter.tenant.licence_number)


def _board(letter: Letter) -> bool:
    return letter.board or not letter.tenant.licence_number or letter.own_collection


def _further_costs(letter: Letter) -> bool:
    return letter.further_costs_ore is not None and letter.further_costs_ore >= 0


def _after_demand(letter: Letter) -> bool:
    notice = letter.legal_notice
    return notice is not None and notice.demand_sent_on is not None and notice.demand_sent_on <= letter.dated_on


def _not_before_due(letter: Letter) -> bool:
    return all(claim.due_on <= letter.dated_on for claim in letter.claims)


def _paper_before_suit(letter: Letter) -> bool:
    notice = letter.legal_notice
    return notice is None or notice.on_paper or not notice.before_suit


def _disconnection_deadline(letter: Letter) -> bool:
    return _leaves(letter, DISCONNECTION_DAYS[_to_consumer(letter)])


def _to_consumer(letter: Letter) -> bool:
    """Of a disconnection notice; unless told otherwise the reader is one."""
    return letter.disconnection is None or letter.disconnection.consumer


def _grid_company(letter: Letter) -> bool:
    return letter.disconnection is not None and letter.disconnection.by_grid_company


def _due_dates(letter: Letter) -> bool:
    days = [letter.dated_on, *(instalment.due_on for instalment in letter.instalments)]
    return len(days) > 1 and all(earlier < later for earlier, later in pairwise(days))


def _amounts_due(letter: Letter) -> bool:
    return all(instalment.amount_ore > 0 for instalment in letter.instalments)


def _told(letter: Letter) -> bool:
    told = letter.particulars
    return told is not None and _filled(*(getattr(told, name, "-") for name in ("because", "reasons")))


def _code(letter: Letter) -> bool:
    return _filled(letter.login_code) and letter.login_code_valid_until is not None


def _new_deadline(letter: Letter) -> bool:
    answer = letter.particulars
    if not isinstance(answer, ObjectionAnswered) or answer.outcome is Answer.UPHELD or letter.total_ore <= 0:
        return True
    return answer.new_deadline_on is not None and answer.new_deadline_on > letter.dated_on


def _adds_up(letter: Letter) -> bool:
    return letter.total_ore == (sum(line.amount_ore for line in letter.lines) if letter.lines else NO_MONEY)


OF_FACTS: dict[str, Callable[[Letter], bool]] = {
    "amount": _amount,
    "creditor": _creditor,
    "original_creditor": _original_creditor,
    "subject": _subject,
    "invoice": _invoice,
    "sender": _sender,
    "reachable": _reachable,
    "address": _address,
    "way_to_pay": _way_to_pay,
    "way_to_answer": _way_to_answer,
    "deadline": _deadline,
    "next_step": _next_step,
    "interest": _interest,
    "no_collection_fee": _no_collection_fee,
    "principal_apart": _principal_apart,
    "licence": _licence,
    "agency": _agency,
    "board": _board,
    "further_costs": _further_costs,
    "after_demand": _after_demand,
    "not_before_due": _not_before_due,
    "paper_before_suit": _paper_before_suit,
    "disconnection_deadline": _disconnection_deadline,
    "grid_company": _grid_company,
    "due_dates": _due_dates,
    "amounts_due": _amounts_due,
    "told": _told,
    "code": _code,
    "new_deadline": _new_deadline,
    "adds_up": _adds_up,
}


# --- fixed words ----------------------------------------------------------------------------------------------------


def _is_said(letter: Letter, said: Said, duty: Duty) -> bool:
    """The sentence is there in the letter's language and has the words the law asks for.

    A fact it should name and the letter does not have is missed by a duty of its own.
    """
    language = spoken(letter.kind, letter.language)
    sentence = said.by_key.get(duty.element, "").casefold()
    return bool(sentence) and all(word.casefold() in sentence for word in duty.words[language])


def _is_said_to_consumer(letter: Letter, said: Said, duty: Duty) -> bool:
    return not _to_consumer(letter) or _is_said(letter, said, duty)


def _is_said_with_notice(letter: Letter, said: Said, duty: Duty) -> bool:
    """Of a payment demand that is the notice of legal action as well."""
    return letter.legal_notice is None or _is_said(letter, said, duty)


def _no_certain_costs(letter: Letter, said: Said, duty: Duty) -> bool:
    """Nothing says that costs will come: that would hide the right to avoid them by objecting (law N1)."""
    return not says_costs_will_come(said.whole, spoken(letter.kind, letter.language))


def says_costs_will_come(words: str, language: str) -> bool:
    """Whether a sentence says that costs are certain."""
    return _CERTAIN_COSTS[language].search(words) is not None


OF_WORDS: dict[str, Callable[[Letter, Said, Duty], bool]] = {
    "said": _is_said,
    "said_to_consumer": _is_said_to_consumer,
    "said_with_notice": _is_said_with_notice,
    "no_certain_costs": _no_certain_costs,
}
