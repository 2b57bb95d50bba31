"""What comes in about a claim: ONE schema for the API, its OpenAPI page, the web form and each row of a bulk file.

Metadata tells the form: label, help, example, width (characters), autocomplete, inputmode, section, why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validates_schema

from saas.cases import reading
from saas.cases.reading import Unreadable
from saas.hooks import ClaimField, FieldKind
from saas.rules.days import add_months
from saas.rules.deadlines import is_long_enough
from saas.rules.facts import DebtorKind, Step
from saas.rules.law import load_law
from saas.rules.money import NO_MONEY, Ore

OLDEST_YEARS, LATEST_YEARS = 30, 2
INVOICE, DEBTOR, EARLIER, MORE = "Faktura", "Skyldner", "Tidligere brev", "Mer om saken"


@dataclass(slots=True)
class ClaimInput:
    """One row, understood. Amounts in øre; blank text is ''."""

    debtor_kind: str
    debtor_name: str
    invoice_number: str
    invoiced_on: date
    due_on: date
    amount: Ore
    national_id: str | None = None
    orgnr: str | None = None
    address: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "NO"
    email: str = ""
    phone: str = ""
    language: str = "nb"
    kind: str = "other"
    description: str = ""
    kid: str = ""
    active_contract: bool | None = None
    reminder_sent_on: date | None = None
    reminder_deadline_on: date | None = None
    reminder_fee: Ore = NO_MONEY
    reminder_proof: str = ""
    notice_sent_on: date | None = None
    notice_deadline_on: date | None = None
    notice_fee: Ore = NO_MONEY
    notice_proof: str = ""
    vulnerable: bool = False
    extra: dict[str, str | int | bool] = field(default_factory=dict)  # fields that plugins added

    @property
    def address_lines(self) -> list[str]:
        """Street lines, without postcode and city."""
        return [line.strip() for line in self.address.split("\n") if line.strip()]

    @property
    def postable(self) -> bool:
        """A letter can be addressed."""
        return bool(self.address and self.postcode and self.city)


@dataclass(frozen=True, slots=True)
class HandedInNotice:
    """A letter the creditor says it has sent before: dates, fee asked and the hash of its document."""

    step: Step
    sent_on: date
    deadline_on: date
    fee_ore: Ore
    proof: str


# --- fields ---------------------------------------------------------------------------------------------------------


class _Typed(fields.String):
    """Text as people type it. Numbers from JSON are taken as the text they stand for."""

    def __init__(self, *, metadata: dict[str, Any], max_length: int = 200, **more: Any) -> None:
        super().__init__(metadata={"description": metadata.get("help") or metadata["label"], **metadata}, **more)
        self.max_length, self.label = max_length, str(metadata["label"])
        self.error_messages["required"] = self.error_messages["null"] = f"Fyll ut {_lower_first(self.label)}."

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if type(value) is not str:
            value = self._as_text(value)
        if len(value) > self.max_length:
            raise ValidationError(f"{self.label} kan ha høyst {self.max_length} tegn.")
        try:
            return self.read(reading.clean_text(value))
        except Unreadable as problem:
            raise ValidationError(f"{self.label} {problem}.") from None

    def _as_text(self, value: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise ValidationError(f"{self.label} må være tekst.")

    def _validate(self, value: Any) -> None:
        """Nothing more: reading it was checking it. Saves a tenth of the time of a large file."""

    def read(self, text: str) -> Any:
        """The value behind clean text. Raises Unreadable."""
        return text


class _Lines(_Typed):
    """Up to four lines of an address."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> str:
        if type(value) is not str or ("\n" not in value and "\r" not in value):
            return str(super()._deserialize(value, attr, data, **more))
        lines = [super(_Lines, self)._deserialize(line, attr, data, **more) for line in value.splitlines()]
        kept = [line for line in lines if line]
        if len(kept) > 4 or sum(map(len, kept)) > self.max_length:
            raise ValidationError(f"{self.label} kan ha høyst fire linjer og {self.max_length} tegn.")
        return "\n".join(kept)


class _Day(_Typed):
    """A date; ISO in JSON."""

    def read(self, text: str) -> date:
        return reading.read_date(text)


class _Amount(_Typed):
    """Kroner in, øre out."""

    def __init__(self, *, positive: bool = False, **more: Any) -> None:
        super().__init__(max_length=40, **more)
        self.positive = positive

    def _as_text(self, value: Any) -> str:
        if isinstance(value, float):  # a JSON number: its shortest decimal text is what was written
            return repr(value).replace(".", ",") if abs(value) < reading.MAX_ORE else "x"
        return super()._as_text(value)

    def read(self, text: str) -> Ore:
        ore = reading.read_amount(text)
        if self.positive and ore == 0:
            raise Unreadable("må være større enn null")
        return ore


class _Choice(_Typed):
    """One of a few values, also by its other names."""

    def __init__(self, values: Mapping[str, str], *, metadata: dict[str, Any], **more: Any) -> None:
        super().__init__(metadata={**metadata, "enum": list(dict.fromkeys(values.values()))}, **more)
        self.values = values

    def read(self, text: str) -> str:
        value = self.values.get(text) or self.values.get(text.lower())
        if value is None:
            raise Unreadable(f"må være en av: {', '.join(self.metadata['enum'])}")
        return value


class _YesNo(_Typed):
    """Ja or nei; true and false in JSON."""

    words: ClassVar = {"ja": True, "j": True, "yes": True, "y": True, "true": True, "1": True, "x": True,
                       "nei": False, "n": False, "no": False, "false": False, "0": False}  # fmt: skip

    def _as_text(self, value: Any) -> str:
        return str(value)

    def read(self, text: str) -> bool:
        answer = self.words.get(text.lower())
        if answer is None:
            raise Unreadable("må være ja eller nei")
        return answer


class AddedField(_Typed):
    """A field a plugin adds to a claim: read as its kind, then checked as the plugin says."""

    def __init__(self, about: ClaimField) -> None:
        super().__init__(
            max_length=min(about.max_length, 200),
            metadata=_about(about.label, MORE, help=about.help, example=about.example, width=min(about.max_length, 40)),
        )
        self.about = about

    def _as_text(self, value: Any) -> str:
        return str(value) if self.about.kind is FieldKind.YES_NO else super()._as_text(value)

    def read(self, text: str) -> str | int | bool:
        value = self._value(text)
        try:
            wrong = self.about.check(value) if self.about.check is not None else ""
        except Exception as error:  # a plugin's own code: the row is wrong rather than the file lost
            raise ValidationError(f"{self.label} kunne ikke sjekkes ({type(error).__name__}).") from None
        if wrong:
            raise ValidationError(wrong)
        return value

    def _value(self, text: str) -> str | int | bool:
        kind = self.about.kind
        if kind is FieldKind.YES_NO:
            answer = _YesNo.words.get(text.lower())
            if answer is None:
                raise Unreadable("må være ja eller nei")
            return bool(answer)
        if kind is FieldKind.DAY:
            return reading.read_date(text).isoformat()
        if kind is FieldKind.NUMBER:
            digits = text.replace(" ", "").replace("\u00a0", "")
            if not digits.removeprefix("-").isdecimal() or len(digits) > 15:
                raise Unreadable("må være et helt tall")
            return int(digits)
        return self.about.normalise(text) if self.about.normalise is not None else text


class _NationalId(_Typed):
    """Fødselsnummer or D-number."""

    def read(self, text: str) -> str:
        allowed = isinstance(self.root, ClaimSchema) and self.root.synthetic_ids
        return reading.read_national_id(text, synthetic_allowed=allowed)


class _Kid(_Typed):
    def read(self, text: str) -> str:
        return reading.read_kid(text)


class _Orgnr(_Typed):
    def read(self, text: str) -> str:
        return reading.read_orgnr(text)


class _Email(_Typed):
    def read(self, text: str) -> str:
        return reading.read_email(text)


class _Phone(_Typed):
    def read(self, text: str) -> str:
        return reading.read_phone(text)


class _Country(_Typed):
    def read(self, text: str) -> str:
        return reading.read_country(text)


class _Postcode(_Typed):
    def read(self, text: str) -> str:
        return text.replace(" ", "").upper() if len(text) < 8 else text.upper()


def _lower_first(label: str) -> str:
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _about(label: str, section: str, **more: Any) -> dict[str, Any]:
    """What a form shows of a field."""
    return {"label": label, "section": section, **more}


# --- the schema -----------------------------------------------------------------------------------------------------

_DEBTOR_KINDS = {
    "person": "person", "p": "person", "privat": "person", "privatperson": "person", "private": "person",
    "sole_trader": "sole_trader", "enk": "sole_trader", "enkeltpersonforetak": "sole_trader",
    "company": "company", "c": "company", "b": "company", "bedrift": "company", "firma": "company", "as": "company",
    "selskap": "company",
}  # fmt: skip
_CLAIM_KINDS = {
    "electricity": "electricity", "strøm": "electricity", "straum": "electricity", "kraft": "electricity",
    "grid": "grid", "nett": "grid", "nettleie": "grid", "nettleige": "grid",
    "other": "other", "annet": "other", "anna": "other",
}  # fmt: skip
_LANGUAGES = {"nb": "nb", "no": "nb", "bokmål": "nb", "nn": "nn", "nynorsk": "nn", "en": "en", "engelsk": "en"}
_WHY_ID = "Nummeret gjør at saken ikke havner på feil person. Det vises aldri i brev eller lenker."
_PROOF_HELP = "SHA-256 av brevet, 64 tegn. Uten datoer og bevis teller ikke brevet, og skyldneren får det på nytt."


class ClaimSchema(Schema):
    """One unpaid invoice and who owes it. Give `today` to load; `synthetic_ids` lets test numbers through (sandbox)."""

    error_messages = {  # noqa: RUF012 - marshmallow gathers it from every class above
        "unknown": "Feltet kjenner vi ikke. Ta det bort eller rett navnet.",
        "type": "Et krav må være et objekt med felter.",
    }

    debtor_kind = _Choice(
        _DEBTOR_KINDS,
        required=True,
        metadata=_about("Type skyldner", DEBTOR, help="Privatperson, enkeltpersonforetak eller selskap.",
                        example="person", why="Loven gir privatpersoner lavere salær og andre rettigheter."),
    )  # fmt: skip
    debtor_name = _Typed(
        required=True,
        metadata=_about("Navn på skyldner", DEBTOR, example="Kari Prøve", width=40, autocomplete="off"),
    )
    national_id = _NationalId(
        max_length=20,
        metadata=_about("Fødselsnummer", DEBTOR, help="11 siffer, også D-nummer. Bare for personer.", width=11,
                        inputmode="numeric", autocomplete="off", why=_WHY_ID),
    )  # fmt: skip
    orgnr = _Orgnr(
        max_length=30,
        metadata=_about("Organisasjonsnummer", DEBTOR, help="Ni siffer.", example="923 609 016", width=11,
                        inputmode="numeric"),
    )  # fmt: skip
    address = _Lines(
        metadata=_about("Adresse", DEBTOR, help="Gate og nummer, eller postboks. Uten adresse venter saken.",
                        example="Storgata 1", width=40, autocomplete="off"),
    )  # fmt: skip
    postcode = _Postcode(
        max_length=12,
        metadata=_about("Postnummer", DEBTOR, help="Fire siffer i Norge.", example="0155", width=6,
                        inputmode="numeric", autocomplete="off"),
    )  # fmt: skip
    city = _Typed(max_length=80, metadata=_about("Poststed", DEBTOR, example="Oslo", width=25, autocomplete="off"))
    country = _Country(
        max_length=40, metadata=_about("Land", DEBTOR, help="Landkode. Blankt er Norge.", example="NO", width=4)
    )
    email = _Email(max_length=254, metadata=_about("E-post", DEBTOR, width=40, inputmode="email", autocomplete="off"))
    phone = _Phone(max_length=30, metadata=_about("Telefon", DEBTOR, width=16, inputmode="tel", autocomplete="off"))
    language = _Choice(
        _LANGUAGES, metadata=_about("Språk", DEBTOR, help="Språket brevene skrives på: nb, nn eller en.", example="nb")
    )
    invoice_number = _Typed(
        required=True, max_length=50, metadata=_about("Fakturanummer", INVOICE, example="F-1001", width=20)
    )
    kind = _Choice(
        _CLAIM_KINDS, metadata=_about("Type krav", INVOICE, help="Strøm, nettleie eller annet.", example="electricity")
    )
    description = _Typed(
        metadata=_about("Hva kravet gjelder", INVOICE, help="Skyldneren leser dette i brevet.",
                        example="Strøm august 2026", width=40),
    )  # fmt: skip
    invoiced_on = _Day(
        required=True, max_length=20, metadata=_about("Fakturadato", INVOICE, example="01.09.2026", width=10)
    )
    due_on = _Day(
        required=True, max_length=20, metadata=_about("Forfallsdato", INVOICE, example="15.09.2026", width=10)
    )
    amount = _Amount(
        required=True,
        positive=True,
        metadata=_about("Beløp", INVOICE, help="Det som er ubetalt av fakturaen, i kroner, uten renter og gebyr.",
                        example="1 543,34", width=14, inputmode="decimal"),
    )  # fmt: skip
    kid = _Kid(
        max_length=40,
        metadata=_about("KID på fakturaen", INVOICE, help="Da finner vi betalinger som kommer med fakturaens KID.",
                        width=25, inputmode="text"),
    )  # fmt: skip
    active_contract = _YesNo(
        metadata=_about("Aktiv avtale", MORE, help="Ja når skyldneren har en løpende strøm- eller nettavtale hos dere "
                        "i dag, nei når den er avsluttet. Blankt når det ikke er kjent."),
    )  # fmt: skip
    vulnerable = _YesNo(
        metadata=_about("Sårbar situasjon", MORE, help="Ja stopper saken til en saksbehandler har sett på den.")
    )
    reminder_sent_on = _Day(max_length=20, metadata=_about("Purring sendt", EARLIER, width=10))
    reminder_deadline_on = _Day(max_length=20, metadata=_about("Frist i purringen", EARLIER, width=10))
    reminder_fee = _Amount(metadata=_about("Gebyr i purringen", EARLIER, width=10, inputmode="decimal"))
    reminder_proof = _Typed(metadata=_about("Bevis for purringen", EARLIER, help=_PROOF_HELP, width=64))
    notice_sent_on = _Day(max_length=20, metadata=_about("Inkassovarsel sendt", EARLIER, width=10))
    notice_deadline_on = _Day(max_length=20, metadata=_about("Frist i inkassovarselet", EARLIER, width=10))
    notice_fee = _Amount(metadata=_about("Gebyr i inkassovarselet", EARLIER, width=10, inputmode="decimal"))
    notice_proof = _Typed(metadata=_about("Bevis for inkassovarselet", EARLIER, help=_PROOF_HELP, width=64))

    added: ClassVar[tuple[str, ...]] = ()  # names of the fields plugins added (saas.cases.claim_fields)

    def __init__(self, *, today: date | None = None, synthetic_ids: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self.today, self.synthetic_ids = today, synthetic_ids

    @pre_load
    def _drop_blanks(self, data: Any, **_: Any) -> Any:
        """A blank is no answer, whether it came from a form, a file or as null."""
        if not isinstance(data, Mapping):
            return data
        return {k: v for k, v in data.items() if v is not None and (type(v) is not str or (v and not v.isspace()))}

    @validates_schema(skip_on_field_errors=True)
    def _check_together(self, data: dict[str, Any], **_: Any) -> None:
        if self.today is None:
            raise RuntimeError("ClaimSchema(today=…) is needed to load")
        errors = dict(_date_problems(data, self.today))
        errors.update(_debtor_problems(data))
        if errors:
            raise ValidationError(errors)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> ClaimInput:
        extra = {name: data.pop(name) for name in self.added if name in data}
        return ClaimInput(**data, extra=extra) if extra else ClaimInput(**data)


REQUIRED = tuple(name for name, field in ClaimSchema._declared_fields.items() if field.required)


def _date_problems(data: dict[str, Any], today: date) -> dict[str, list[str]]:
    invoiced_on, due_on = data["invoiced_on"], data["due_on"]
    if due_on < invoiced_on:
        return {"due_on": ["Forfallsdato er før fakturadato. Sjekk begge datoene."]}
    if invoiced_on > today:
        return {"invoiced_on": ["Fakturadato er fram i tid. Registrer kravet når fakturaen er sendt."]}
    if due_on > add_months(today, 12 * LATEST_YEARS):
        return {"due_on": [f"Forfallsdato er mer enn {LATEST_YEARS} år fram i tid. Sjekk årstallet."]}
    if due_on < _oldest(today):
        return {
            "due_on": [f"Forfallsdato er for gammel: vi tar krav som forfalt {_oldest(today):%d.%m.%Y} eller senere."]
        }
    for name in ("reminder_sent_on", "notice_sent_on"):
        if name in data and data[name] > today:
            label = ClaimSchema._declared_fields[name].metadata["label"]
            return {name: [f"{label} er fram i tid. Skriv dagen brevet ble sendt, eller la feltet stå tomt."]}
    return {}


def _oldest(today: date) -> date:
    """No claim is taken that is older than thirty years, or than the first late interest rate we know (C1)."""
    return max(add_months(today, -12 * OLDEST_YEARS), load_law().series_late_interest.rows[0].valid_from)


def _debtor_problems(data: dict[str, Any]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    kind, country, postcode = data["debtor_kind"], data.get("country", "NO"), data.get("postcode", "")
    if kind == DebtorKind.PERSON and "orgnr" in data:
        errors["orgnr"] = ["Organisasjonsnummer hører ikke til en privatperson. Sjekk type skyldner."]
    if kind == DebtorKind.COMPANY and "national_id" in data:
        errors["national_id"] = ["Fødselsnummer hører ikke til et selskap. Sjekk type skyldner."]
    if country == "NO" and postcode and not (len(postcode) == 4 and postcode.isascii() and postcode.isdigit()):
        errors["postcode"] = ["Postnummer må ha fire siffer. Regneark tar bort nuller foran: skriv 0155, ikke 155."]
    return errors


# --- letters sent before the case came to us ------------------------------------------------------------------------


def handed_in_notices(claim: ClaimInput) -> tuple[list[HandedInNotice], list[str]]:
    """The earlier letters that count, oldest first, and a note for each that does not (law S1, S2, A1, M13).

    A letter counts with both dates and the hash of its document, when it was sent after the due date; a collection
    notice also only when it gave 14 days.
    """
    counted: list[HandedInNotice] = []
    notes: list[str] = []
    for step, sent_on, deadline_on, fee_ore, proof, word in (
        (Step.REMINDER, claim.reminder_sent_on, claim.reminder_deadline_on, claim.reminder_fee,
         claim.reminder_proof, "Purringen"),
        (Step.COLLECTION_NOTICE, claim.notice_sent_on, claim.notice_deadline_on, claim.notice_fee,
         claim.notice_proof, "Inkassovarselet"),
    ):  # fmt: skip
        if sent_on is None and deadline_on is None and not fee_ore and not proof:
            continue
        problem = _why_not_counted(step, sent_on, deadline_on, proof.lower(), claim.due_on)
        if problem or sent_on is None or deadline_on is None:
            notes.append(f"{word} teller ikke: {problem}.")
        else:
            counted.append(HandedInNotice(step, sent_on, deadline_on, fee_ore, proof.lower()))
    counted.sort(key=lambda notice: notice.sent_on)
    return counted, notes


def _why_not_counted(step: Step, sent_on: date | None, deadline_on: date | None, proof: str, due_on: date) -> str:
    if sent_on is None or deadline_on is None:
        return "den må ha både dato den ble sendt og frist"
    if len(proof) != 64 or set(proof) - set("0123456789abcdef"):
        return "den må ha bevis, som er SHA-256 av brevet med 64 tegn"
    if sent_on <= due_on:
        return "den ble sendt før kravet var forfalt"
    if deadline_on < sent_on:
        return "fristen er før den ble sendt"
    if step is Step.COLLECTION_NOTICE and not is_long_enough(sent_on, deadline_on):
        return "fristen må være minst 14 dager etter at det ble sendt"
    return ""
