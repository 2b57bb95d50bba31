"""What stands on the paper, in words and in order: the one source of the PDF, the HTML twin and the plain text.

`paper_of(letter)` puts the letter's facts into its wording. Nothing here knows Typst or HTML, and no looks are decided.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from saas.documents.letter import Letter, LetterClaim, LetterKind, SumLine
from saas.documents.particulars import (
    Answer,
    ClosingConfirmation,
    DeferralGranted,
    DeferralRefused,
    ObjectionAnswered,
    ObjectionReceived,
    Overpayment,
    PaymentReceived,
    WrongAmount,
)
from saas.documents.values import (
    NBSP,
    country_line,
    day_and_month,
    in_groups,
    in_words,
    kroner,
    percent,
    with_weekday,
)
from saas.documents.wording import CONSEQUENCE, Piece, Sentence, Wording, label, spoken, wording_of
from saas.rules.days import ONE_DAY

ANNEXED = 12  # more claims than this go in a list of their own
GREETING, HELP, CLOSING = "greeting", "help", "closing"  # paragraphs a tenant may write
_CLOSED = ("paid", "withdrawn", "written_off")  # reasons with a sentence of their own


class Run(NamedTuple):
    """Some words, perhaps bold, perhaps in another language than the letter's."""

    text: str
    bold: bool = False
    language: str = ""


Line = tuple[Run, ...]


class Field(NamedTuple):
    """A labelled value."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its heading row; the last row may be a total. Columns named in `numbers` stand to the right."""

    name: str  # claims, sums, instalments
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the letter: a heading or none, paragraphs, a list of what one can do, tables, words after them."""

    name: str
    heading: str = ""
    paragraphs: tuple[Line, ...] = ()
    ways: tuple[Line, ...] = ()
    tables: tuple[Table, ...] = ()
    after: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A letter in words. `pay_link` is empty when nothing is to be paid."""

    language: str
    title: str
    sender: str
    on_behalf_of: str  # «på vegne av», or empty
    creditor: str
    colour: str
    logo: str | None
    box: tuple[Field, ...]
    return_line: str
    address: tuple[str, ...]
    sections: tuple[Section, ...]
    pay: tuple[Field, ...]
    pay_link: str
    pay_words: str  # beside the QR code
    qr_words: str  # read aloud for it
    annex: Section | None
    languages: Line
    footer: str
    page_words: tuple[str, str]  # «Side», «av»


def paper_of(letter: Letter) -> Paper:
    """The letter in words. Raises KeyError when a sentence needs a fact the letter does not have."""
    return _Writer(letter).paper()


def sentences_of(letter: Letter) -> Iterator[tuple[str, str]]:
    """Key and words of every sentence of the letter that a law or the house asks for, in order."""
    writer = _Writer(letter)
    for sentence in writer.wording.sentences():
        if sentence.key and sentence.holds(writer.named):
            yield sentence.key, sentence.words(writer.language).format_map(writer.facts)


class _Writer:
    """One letter being put in words."""

    def __init__(self, letter: Letter) -> None:
        self.letter = letter
        self.wording: Wording = wording_of(letter.kind)
        self.language = spoken(letter.kind, letter.language)
        self.facts = facts_of(letter, self.language)
        self.named: frozenset[str] = frozenset({*self.facts, *_flags(letter, self.wording)})
        self.pays = "pay" in self.wording.parts and letter.total_ore > 0

    def paper(self) -> Paper:
        letter, tenant = self.letter, self.letter.tenant
        return Paper(
            language=self.language,
            title=_plain(self._paragraphs("title")),
            sender=tenant.name,
            on_behalf_of="" if letter.own_collection else self._label("on_behalf_of"),
            creditor=letter.creditor_name,
            colour=tenant.brand_colour,
            logo=tenant.logo,
            box=tuple(self._box()),
            return_line=", ".join((tenant.name, *tenant.address_lines)),
            address=(
                letter.recipient.name,
                *letter.recipient.address_lines,
                *country_line(letter.recipient.country),
            ),
            sections=tuple(self._sections()),
            pay=tuple(self._pay_fields()) if self.pays else (),
            pay_link=letter.link if self.pays else "",
            pay_words=self._label("scan"),
            qr_words=f"{self._label('qr')} {letter.link}",
            annex=self._annex(),
            languages=self._one_line("languages"),
            footer=self._footer(),
            page_words=(self._label("page"), self._label("page_of")),
        )

    # --- the frame

    def _label(self, name: str) -> str:
        return label("labels", name, self.language)

    def _field(self, name: str, value: str, label_name: str | None = None) -> Field:
        return Field(name, self._label(label_name or name), value)

    def _box(self) -> Iterator[Field]:
        if self.pays:
            yield self._field("to_pay", self.facts["due"])
            if self.letter.deadline_on is not None:
                yield self._field("deadline", in_words(self.letter.deadline_on, self.language))
            yield self._field("kid", in_groups(self.letter.kid, *[4] * 7))
            yield self._field("account", self.facts["account"])
        yield self._field("case_number", self.facts["case_number"])
        yield self._field("dated", self.facts["dated"])

    def _pay_fields(self) -> Iterator[Field]:
        yield self._field("to_pay", self.facts["due"], "pay")
        if self.letter.deadline_on is not None:
            yield self._field("deadline", in_words(self.letter.deadline_on, self.language))
        yield self._field("account", self.facts["account"], "to_account")
        yield self._field("kid", in_groups(self.letter.kid, *[4] * 7))

    def _footer(self) -> str:
        tenant = self.letter.tenant
        licence = [f"{self._label('licence')} {tenant.licence_number}"] if tenant.licence_number else []
        orgnr = f"{self._label('orgnr')} {self.facts['orgnr']}"
        return " · ".join([tenant.name, orgnr, *licence, f"{self._label('case')} {self.letter.case_number}"])

    # --- the parts

    def _sections(self) -> Iterator[Section]:
        shown = [part for part in self.wording.parts if part not in ("ways", "pay")]
        for part in shown:
            if part == "login" and "code" not in self.facts:
                continue
            if part == "disagree":
                yield from self._extra()
            section = getattr(self, f"_{part}", self._said)(part)
            if section.paragraphs or section.ways or section.tables:
                yield section
        if "disagree" not in shown:
            yield from self._extra()
        yield from self._own(CLOSING)

    def _said(self, part: str, heading: str = "") -> Section:
        return Section(part, self._heading(heading) if heading else "", self._paragraphs(part))

    def _opening(self, part: str) -> Section:
        ways = self._paragraphs("ways") if "ways" in self.wording.parts and self.letter.total_ore > 0 else ()
        greeting = tuple((Run(own.text),) for own in self.letter.paragraphs if own.name == GREETING)
        return Section(part, "", (*greeting, *self._paragraphs(part)), ways)

    def _reasons(self, part: str) -> Section:
        return self._said(part, part)

    def _owed(self, part: str) -> Section:
        if self.letter.total_ore <= 0 or not self.letter.lines:
            return Section(part)
        few = 1 < len(self.letter.claims) <= ANNEXED
        claims = (self._claims(),) if few else ()
        sums, after = self._sums(), self._paragraphs("interest")
        return Section(part, self._heading("owed"), self._paragraphs("owed"), (), (*claims, sums), after)

    def _instalments(self, part: str) -> Section:
        many = self.letter.instalments if len(self.letter.instalments) > 1 else ()
        rows = tuple((with_weekday(x.due_on, self.language), kroner(x.amount_ore, self.language)) for x in many)
        table = Table("instalments", (self._label("instalment"), self._label("amount")), rows)
        return Section(part, tables=(table,) if rows else ())

    def _next(self, part: str) -> Section:
        ends = ("further_costs", "stops") if self.wording.next_heading == CONSEQUENCE else ()
        return Section(part, self._heading(self.wording.next_heading), self._paragraphs(part, *ends))

    def _disagree(self, part: str) -> Section:
        return self._said(part, self.wording.disagree_heading)

    def _help(self, part: str) -> Section:
        own = tuple((Run(each.text),) for each in self.letter.paragraphs if each.name == HELP)
        return Section(part, self._heading(part), (*self._paragraphs(part), *own))

    def _genuine(self, part: str) -> Section:
        return self._said(part, part)

    def _extra(self) -> Iterator[Section]:
        if self.letter.extra_paragraphs:
            yield Section("extra", paragraphs=tuple((Run(text),) for text in self.letter.extra_paragraphs))

    def _own(self, name: str) -> Iterator[Section]:
        lines = tuple((Run(own.text),) for own in self.letter.paragraphs if own.name == name)
        if lines:
            yield Section(name, paragraphs=lines)

    def _annex(self) -> Section | None:
        if len(self.letter.claims) <= ANNEXED or self.letter.total_ore <= 0 or "owed" not in self.wording.parts:
            return None
        return Section("annex", self._heading("invoices"), tables=(self._claims(total=True),))

    # --- tables

    def _claims(self, *, total: bool = False) -> Table:
        columns = tuple(self._label(name) for name in ("invoice", "about", "invoiced", "due", "amount"))
        rows = tuple(self._claim_row(claim) for claim in self.letter.claims)
        last = (self._label("original_total"), "", "", "", self.facts["principal"]) if total else ()
        return Table("claims", columns, rows, last)

    def _claim_row(self, claim: LetterClaim) -> tuple[str, ...]:
        days = (in_words(day, self.language) for day in (claim.invoiced_on, claim.due_on))
        return (claim.invoice_number, claim.description, *days, kroner(claim.principal_ore, self.language))

    def _sums(self) -> Table:
        columns = tuple(self._label(name) for name in ("what", "how", "amount"))
        rows = tuple((*_words_of(line, self.language), kroner(line.amount_ore, self.language)) for line in self._lines)
        return Table("sums", columns, rows, (self._label("to_pay"), "", self.facts["total"]))

    @property
    def _lines(self) -> Sequence[SumLine]:
        return self.letter.lines

    # --- sentences

    def _heading(self, name: str) -> str:
        return label("headings", name, self.language)

    def _paragraphs(self, *sections: str) -> tuple[Line, ...]:
        found: list[list[Run]] = []
        for sentence in (each for name in sections for each in self.wording.sections.get(name, ())):
            if sentence.holds(self.named):
                self._add(found, sentence)
        return tuple(tuple(line) for line in found)

    def _add(self, found: list[list[Run]], sentence: Sentence) -> None:
        first, *more = self._filled(sentence)
        if sentence.joins and found:
            found[-1] += [Run(" "), *first]
        else:
            found.append(first)
        found += more

    def _filled(self, sentence: Sentence) -> list[list[Run]]:
        """The sentence with its facts, as a paragraph; as several when a fact brings line breaks."""
        paragraphs: list[list[Run]] = [[]]
        for piece in sentence.pieces[self.language]:
            first, *more = _with_facts(piece, self.facts).splitlines() or [""]
            paragraphs[-1].append(Run(first, piece.bold, piece.language))
            paragraphs += [[Run(text, piece.bold, piece.language)] for text in more if text.strip()]
        return paragraphs

    def _one_line(self, section: str) -> Line:
        lines = self._paragraphs(section)
        return lines[0] if lines else ()


def _with_facts(piece: Piece, facts: Mapping[str, str]) -> str:
    return piece.words.format_map(facts) if "{" in piece.words else piece.words


def _plain(lines: Sequence[Line]) -> str:
    return " ".join("".join(run.text for run in line) for line in lines)


def _words_of(line: SumLine, language: str) -> tuple[str, str]:
    """Label and detail of a row in that language; as the letter itself says them when it has no other."""
    also = next((words for words in line.also if words.language == language), None)
    return (also.label, also.detail) if also else (line.label, line.detail)


# --- facts in words -------------------------------------------------------------------------------------------------


def facts_of(letter: Letter, language: str) -> dict[str, str]:
    """Every fact of the letter a sentence may name, in words; what the letter does not have is not there."""
    tenant = letter.tenant
    facts = {
        "creditor": letter.creditor_name,
        "total": kroner(letter.total_ore, language),
        "due": kroner(due_ore(letter), language),
        "principal": kroner(sum(claim.principal_ore for claim in letter.claims), language),
        "claims": str(len(letter.claims)),
        "case_number": str(letter.case_number),
        "account": in_groups(letter.account, 4, 2, 5),
        "dated": in_words(letter.dated_on, language),
        "phone": tenant.phone.replace(" ", NBSP),
        "hours": tenant.hours,
        "email": tenant.email,
        "orgnr": in_groups(tenant.orgnr, 3, 3, 3),
        "login_address": letter.login_address,
    }
    if len(letter.claims) == 1:
        facts |= _claim_facts(letter.claims[0], language)
    if letter.original_creditor_name is not None:
        facts["original_creditor"] = letter.original_creditor_name
    if letter.further_costs_ore is not None:
        facts["further_costs"] = kroner(letter.further_costs_ore, language)
    return facts | _deadline_facts(letter, language) | _interest_facts(letter, language) | _told(letter, language)


def due_ore(letter: Letter) -> int:
    """What is to be paid by the deadline: all of it, or the first instalment."""
    return letter.instalments[0].amount_ore if letter.instalments else letter.total_ore


def _claim_facts(claim: LetterClaim, language: str) -> dict[str, str]:
    return {
        "claim": claim.description,
        "invoice": claim.invoice_number,
        "invoiced_on": in_words(claim.invoiced_on, language),
        "due_on": in_words(claim.due_on, language),
    }


def _deadline_facts(letter: Letter, language: str) -> dict[str, str]:
    facts = {}
    if letter.login_code is not None and letter.login_code_valid_until is not None:
        facts["code"] = letter.login_code
        facts["code_until"] = in_words(letter.login_code_valid_until, language)
    if letter.deadline_on is not None:
        facts["deadline"] = with_weekday(letter.deadline_on, language)
        facts["deadline_short"] = day_and_month(letter.deadline_on, language)
    if letter.next_step is not None:
        facts["next_on"] = with_weekday(letter.next_step.earliest_on, language)
        if letter.next_step.extra_cost_ore:
            facts["next_cost"] = kroner(letter.next_step.extra_cost_ore, language)
    if letter.legal_notice is not None and letter.deadline_on is not None:
        earliest_on = letter.legal_notice.earliest_on or letter.deadline_on + ONE_DAY
        facts["legal_on"] = with_weekday(earliest_on, language)
        if letter.legal_notice.demand_sent_on is not None:
            facts["demand_sent_on"] = in_words(letter.legal_notice.demand_sent_on, language)
    if letter.disconnection is not None and letter.deadline_on is not None:
        earliest_on = letter.disconnection.earliest_on or letter.deadline_on + ONE_DAY
        facts["disconnection_on"] = with_weekday(earliest_on, language)
    return facts


def _interest_facts(letter: Letter, language: str) -> dict[str, str]:
    if letter.interest_rate_percent is None or letter.interest_from_on is None:
        return {}
    facts = {
        "rate": percent(letter.interest_rate_percent, language),
        "interest_from": in_words(letter.interest_from_on, language),
    }
    if letter.interest_per_day_ore:
        facts["per_day"] = kroner(letter.interest_per_day_ore, language)
    return facts


def _told(letter: Letter, language: str) -> dict[str, str]:
    """What the particulars of the kind tell, in words."""

    def on(day: date | None, name: str) -> dict[str, str]:
        return {name: with_weekday(day, language)} if day is not None else {}

    def when(day: date) -> str:
        return in_words(day, language)

    def sum_(ore: int) -> str:
        return kroner(ore, language)

    told = letter.particulars
    facts: dict[str, str] = {}
    if letter.kind is LetterKind.DEFERRAL_GRANTED and letter.instalments:
        until = letter.instalments[0].due_on
        facts = {"until": with_weekday(until, language), "until_short": day_and_month(until, language)}
    match told:
        case DeferralGranted():
            facts["asked_on"] = when(told.asked_on)
        case DeferralRefused():
            facts = {"asked_on": when(told.asked_on), "because": told.because} | on(told.answer_by, "answer_by")
        case ObjectionReceived():
            facts = {"received_on": when(told.received_on)} | on(told.answer_by, "answer_by")
        case ObjectionAnswered():
            facts = {"reasons": told.reasons} | on(told.new_deadline_on, "new_deadline")
        case PaymentReceived():
            facts = {"amount": sum_(told.amount_ore), "received_on": when(told.received_on)}
        case WrongAmount():
            facts = {"amount": sum_(told.amount_ore), "received_on": when(told.received_on)}
            facts["expected"] = sum_(told.expected_ore)
        case Overpayment():
            facts = {"amount": sum_(told.amount_ore), "received_on": when(told.received_on)}
            facts |= {"surplus": sum_(told.surplus_ore)} | on(told.back_by_on, "back_by")
        case ClosingConfirmation():
            facts = {"closed_on": when(told.closed_on), "paid": sum_(told.paid_ore)}
    return facts


def _flags(letter: Letter, wording: Wording) -> Iterator[str]:
    """What is so about the letter without being a fact to name."""
    told = letter.particulars
    for name, is_so in (
        ("own", letter.own_collection),
        ("board", letter.board),
        ("owes", letter.total_ore > 0),
        ("next", letter.next_step is not None),
        ("interest", letter.interest_rate_percent is not None and letter.interest_from_on is not None),
        ("one_claim", len(letter.claims) == 1),
        ("annexed", len(letter.claims) > ANNEXED),
        ("assigned", letter.original_creditor_name is not None),
        ("act_2026", letter.regime.value == "inkassoloven-2026"),
        ("legal", letter.legal_notice is not None),
        ("before_suit", letter.legal_notice is not None and letter.legal_notice.before_suit),
        ("consumer", letter.disconnection is None or letter.disconnection.consumer),
        ("in_nynorsk", "nn" in wording.languages),
        *((answer.value, isinstance(told, ObjectionAnswered) and told.outcome is answer) for answer in Answer),
        *((f"closed_{reason}", _closed(told) == reason) for reason in (*_CLOSED, "otherwise")),
    ):
        if is_so:
            yield name


def _closed(told: object) -> str:
    if not isinstance(told, ClosingConfirmation):
        return ""
    return told.because if told.because in _CLOSED else "otherwise"
