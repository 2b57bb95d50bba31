"""Every hook a plugin may answer, and the protocols for the things plugins provide.

The first word of a name tells how answers combine:
`refuse_…` any refusal wins, any doubt asks a person · `limit_…` the one kindest to the debtor · `hold_…` every hold is
placed · `choose_…` the latest among the lawful · `extend_…` one after the other · `provide_…` collected · `collect_…`
in a worker, kept as dated facts · `on_…` in a worker, after what happened is committed.
Rule hooks are pure: frozen facts in, value out. After every rule hook the core checks the outcome against the law.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Protocol
from uuid import UUID

import pluggy
from marshmallow import Schema

from saas.rules.facts import Because, CaseFacts, CostKind, DebtorKind, Fact, HoldReason, Step
from saas.rules.money import NO_MONEY, Ore

PROJECT = "frist"
SPEC_VERSION = 1
"""Rises when a hook changes so that a plugin must change with it; a plugin says by `spec` which one it was made for."""
CHANGED: dict[int, str] = {}
"""Version → what a plugin made for the one before it must change; told in the log while the old way still works."""
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Level(StrEnum):
    """Where a plugin is switched on: for the whole tenant, for single creditors, or either."""

    TENANT = "tenant"
    CREDITOR = "creditor"
    BOTH = "both"


class Purpose(StrEnum):
    """Where the list of plugins shows one."""

    RULES = "rules"  # what is refused, held or made less
    LETTERS = "letters"
    CHANNELS = "channels"
    MONEY = "money"
    CLAIMS = "claims"
    FACTS = "facts"


class Plugin(Protocol):
    """What a plugin class declares. It is built with its validated settings and sees nothing else."""

    slug: ClassVar[str]
    name: ClassVar[str]
    description: ClassVar[str]  # one sentence: what it refuses or adds
    level: ClassVar[Level]
    version: ClassVar[str]
    Settings: ClassVar[type[Schema]]  # a secret field carries metadata `secret`: kept encrypted, never shown

    def __init__(self, settings: dict[str, Any]) -> None: ...

    # Beside these a class may have:
    #   purpose: ClassVar[Purpose]    where the list of plugins shows it; else it follows from the hooks it answers
    #   spec: ClassVar[int]           the SPEC_VERSION it was made for (1 when left out)
    #   upgrade_settings(old_version: str, settings: dict) -> dict   classmethod: settings stored by an older version


class Medium(StrEnum):
    """What kind of way out a channel is; the law and the ladder speak of these, not of products."""

    PAPER = "paper"
    DIGITAL_POST = "digital_post"
    EMAIL = "email"
    SMS = "sms"
    PORTAL = "portal"


# --- rule hooks ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeferralRequest:
    """A debtor asks for more time (betalingsutsettelse)."""

    asked_on: date
    until: date


@dataclass(frozen=True, slots=True)
class Refusal:
    """A favour is denied. `because.message` is shown to the debtor, with the fact and its source."""

    because: Because


@dataclass(frozen=True, slots=True)
class AskPerson:
    """The plugin is in doubt: a case handler decides."""

    because: Because


@dataclass(frozen=True, slots=True)
class PlaceHold:
    """Nothing is sent tonight; looked at again on `look_again_on`."""

    reason: HoldReason
    look_again_on: date
    note: str = ""

    @property
    def until(self) -> date:
        """The last day of the hold."""
        return self.look_again_on - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ClaimOffer:
    """A claim somebody hands in (krav), read and checked, before anything is registered."""

    debtor_kind: DebtorKind
    kind: str  # electricity, grid, other
    principal_ore: Ore
    invoiced_on: date
    due_on: date
    offered_on: date
    vulnerable: bool
    letters_sent: tuple[Step, ...] = ()  # those the creditor has proof of
    extra: tuple[tuple[str, str | int | bool], ...] = ()  # what `extend_claim_fields` asked for, name → value

    def value(self, name: str) -> str | int | bool | None:
        """What was filled in for a field of `extend_claim_fields`."""
        return dict(self.extra).get(name)


@dataclass(frozen=True, slots=True)
class CreditorFacts:
    """Whose claim it is (oppdragsgiver)."""

    slug: str
    name: str
    orgnr: str
    agency_licence: bool  # an agency collects for it; else it collects its own claims


@dataclass(frozen=True, slots=True)
class ProposedFee:
    """A cost the law lets be charged with a step, before anybody has asked for less."""

    step: Step
    kind: CostKind
    amount_ore: Ore
    decided_on: date


@dataclass(frozen=True, slots=True)
class LawfulStep:
    """A step that may be taken today, with what it would cost the debtor."""

    step: Step
    fee_ore: Ore
    deadline_on: date | None = None  # as the letter would print it; None: no letter


@dataclass(frozen=True, slots=True)
class SoftContact:
    """Send a kind letter (`contact_letter`) instead: no fee, no deadline, and the case rests until `look_again_on`.

    It counts as no letter of the ladder. One is sent at each stage at most; after that the answer says nothing.
    """

    look_again_on: date


@dataclass(frozen=True, slots=True)
class Wait:
    """Take no step before `look_again_on`, which is after today and no more than `LONGEST_WAIT_DAYS` away."""

    look_again_on: date
    because: Because


LONGEST_WAIT_DAYS = 92
NextChoice = Step | SoftContact | Wait


@hookspec
def refuse_claim(claim: ClaimOffer, creditor: CreditorFacts) -> Refusal | AskPerson | None:
    """Say why this claim is not taken in. Refused: the row is rejected. A doubt: registered, and held for a person."""


@hookspec
def refuse_deferral(request: DeferralRequest, case: CaseFacts) -> Refusal | AskPerson | None:
    """Say why this debtor cannot be given more time. Any doubt asks a person; else any refusal wins."""


@hookspec
def limit_fee(fee: ProposedFee, case: CaseFacts) -> Ore | None:
    """The most this cost may be, in øre. The lowest answer counts, never above what the law lets be charged."""


@hookspec
def hold_case(case: CaseFacts, today: date) -> PlaceHold | None:
    """Hold this case back tonight. Every hold given is placed."""


@hookspec
def choose_step(offer: tuple[LawfulStep, ...], case: CaseFacts, today: date) -> NextChoice | None:
    """Choose something that costs the debtor less or comes later than the last of `offer`, which is taken else.

    `offer` is in the order of the ladder, all of it lawful today. A step not among it is overreach. Of several answers
    the latest counts: waiting, then a soft contact, then the earlier step.
    """


@hookspec
def choose_channel(offer: tuple[Medium, ...], letter_kind: str, case: CaseFacts) -> Sequence[Medium] | None:
    """The ways out to try, in order, among those that are lawful and can reach the debtor. What is left out comes last.

    The first plugin by slug that answers is heard.
    """


# --- bank files ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BankPayment:
    """One payment as the bank file tells it. Negative `amount_ore` takes money back."""

    key: str  # the same payment always has the same key, whichever file brings it
    account: str  # payee account, 11 digits
    kid: str  # '' when none
    amount_ore: Ore
    value_on: date  # the bank's date in the file, else the file's processing date
    text: str = ""
    debit_account: str = ""
    record: int = 0  # where it stands in the file, counted as people count in this format, from 1


class VerdictLevel(StrEnum):
    """An error refuses the whole file; a warning tells what was left out, or is odd."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class BankVerdict:
    """What there is to say of one record of a bank file, or of the whole of it (`record` 0)."""

    level: VerdictLevel
    code: str
    message: str  # bokmål, whole sentences, names the record
    record: int = 0


@dataclass(frozen=True, slots=True)
class BankFileEnd:
    """The last a reader gives: the file is whole, and its own totals have been checked."""

    key: str  # the same file always has the same key
    payments: int  # how many were given
    sum_ore: Ore  # of what was given


BankFilePart = BankPayment | BankVerdict | BankFileEnd


class BankFileError(Exception):
    """The file is of this format and so wrong that nothing more can be read. `record` 0 is the whole file."""

    def __init__(self, message: str, record: int = 0, code: str = "wrong_file") -> None:
        super().__init__(message)
        self.message, self.record, self.code = message, record, code


class BankFileReader(Protocol):
    """Reads one format of bank file."""

    format: str

    def recognises(self, head: bytes) -> bool:
        """Whether a file with these first bytes (a few thousand) is of this format; its name is never asked."""
        ...

    def read(self, file: BinaryIO) -> Iterator[BankFilePart]:
        """The parts one by one, `BankFileEnd` last; never the whole file in memory. Raises BankFileError."""
        ...


@hookspec
def provide_bank_files() -> Sequence[BankFileReader]:  # type: ignore[empty-body]
    """Give readers, one for each format of bank file."""


# --- agreements with outside parties ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Account:
    """A tenant's own agreement with an outside party, checked against that party's `settings_schema`."""

    public: Mapping[str, Any]  # what may be shown
    secrets: Mapping[str, str] = field(repr=False)  # decrypted for the call at hand; never logged, never shown
    base_url: str = ""  # '' = the party's own address
    folder: Path | None = None  # the tenant's own, for channels that speak by files


class ForgedEvent(Exception):
    """Not signed by the other side with this tenant's secret, altered on the way, or too old."""


# --- channels -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Party:
    """Sender or recipient of a letter, as an envelope or a gateway needs it."""

    name: str
    address_lines: tuple[str, ...]  # street lines, without postcode and city
    postcode: str = ""
    city: str = ""
    country: str = "NO"
    national_id: str | None = field(default=None, repr=False)  # never logged
    orgnr: str | None = None
    email: str = ""
    phone: str = ""
    language: str = "nb"
    has_portal: bool = False  # has logged in with a letter's code or BankID before, or consented: looks there


@dataclass(frozen=True, slots=True)
class AskedPayment:
    """What the letter asks for, as a machine reads it."""

    amount_ore: Ore
    due_on: date
    account: str
    kid: str


@dataclass(frozen=True, slots=True)
class OutgoingLetter:
    """One letter ready to leave. `dispatch_id` is the same however often it is tried; outside ids are made from it."""

    dispatch_id: str
    kind: str  # LetterKind value, e.g. payment_demand
    subject: str  # says nothing private, e.g. «Brev fra Fjord Inkasso»
    pdf: bytes = field(repr=False)
    sha256: str  # of `pdf`, hex
    recipient: Party
    sender: Party
    pages: int = 1
    html: str = field(default="", repr=False)  # HTML twin
    text: str = field(default="", repr=False)  # plain-text twin
    short_text: str = field(default="", repr=False)  # SMS and notices: nothing private on a lock screen
    payment: AskedPayment | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingBatch:
    """Letters of one hand-over. `batch_id` is the same however often it is tried."""

    batch_id: str
    tenant_slug: str
    made_on: date
    letters: tuple[OutgoingLetter, ...]


class OutcomeKind(StrEnum):
    """What became of a letter given to a channel: what we do next follows from it."""

    SENT = "sent"  # proven sent, on `sent_on`
    TAKEN = "taken"  # the other side has it, or had it already; proof comes later as a receipt
    UNREACHABLE = "unreachable"  # confirmed: cannot be reached this way (no mailbox, no such number): next rung
    REFUSED = "refused"  # it will not take this letter: next rung, and a person sees why
    STOPPED = "stopped"  # our agreement or keys are wrong: the channel stops for the tenant, a person must look
    TRY_LATER = "try_later"  # certainly not taken; the same may be tried again
    UNKNOWN = "unknown"  # may have been taken: again only by an idempotent channel, else looked up or left to a person


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one letter."""

    dispatch_id: str
    kind: OutcomeKind
    code: str = ""  # a code for people; never a secret, never personal
    external_id: str = ""
    sent_on: date | None = None  # Oslo date
    evidence: str = field(default="", repr=False)  # the other side's own words, kept
    cost_ore: Ore = NO_MONEY  # what it costs us, when the channel knows


class ReceiptState(StrEnum):
    """What is said of a letter after it was handed over."""

    SENT = "sent"  # posted, delivered: proof, on `on`
    FAILED = "failed"  # will not arrive; for a ladder letter the 14 days never started
    UNREACHABLE = (
        "unreachable"  # the same, and confirmed: nobody is there; other letters are not sent there for a while
    )
    RETURNED = "returned"  # came back after having been sent (print: undeliverable)
    OPENED = "opened"  # read; noted, changes nothing else
    UNKNOWN = "unknown"  # final, and nobody knows (SMS): a person's list, never sent again blindly
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """What the other side says later of one letter. May come twice, late and in any order."""

    dispatch_id: str
    state: ReceiptState
    on: date | None = None
    code: str = ""
    evidence: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """A file or a page of receipts. `name` is the same whenever the same comes again, and is kept as taken."""

    name: str
    receipts: tuple[DeliveryReceipt, ...]


class ChannelDown(Exception):
    """Down, slow, throttled: later. The text is a code."""


class Channel(Protocol):
    """A way out of the house. Every call that goes out gives up within ten seconds.

    It keeps no state but what its own keys bought (an access token).
    """

    slug: str
    name: str  # «Digipost»
    medium: Medium
    idempotent: bool  # the same letter given twice leaves once: an unknown outcome may be tried again
    at_once: bool  # `hand_over` takes a whole batch all or nothing (print); else each letter has its own outcome
    settings_schema: type[Schema]  # of the agreement, may be empty; metadata `secret`, and `called` of addresses called
    codes: Mapping[str, str]  # code of its outcomes, receipts and troubles → plain words (`say`); see `words_of_code`

    def expected_sending(self, handed_over_at: datetime) -> date:
        """The day a letter handed over at that moment (Oslo time) is expected to be *sent*.

        Paper: the next banking day; electronic: the same day.
        """
        ...

    def can_try(self, letter_to: Party) -> bool:
        """Pure: whether the recipient has what this channel needs (an address, an e-mail, a number, an id)."""
        ...

    def hand_over(self, account: Account, batch: OutgoingBatch, wall_now: datetime) -> Iterator[Outcome]:
        """One outcome for each letter as they become known; the core commits them. `wall_now` is for signatures.

        Never raises for one letter's trouble. Raises ChannelDown when nothing more can be tried now: letters without
        an outcome were not tried. An idempotent channel may be given the next batch, in another thread, while half of
        this one is still to come.
        """
        ...

    def look_up(self, account: Account, letter: OutgoingLetter, wall_now: datetime) -> Outcome | None:
        """After an unknown outcome: what became of it; None when the channel cannot tell. Raises ChannelDown."""
        ...

    def receipts(self, account: Account, since: datetime, wall_now: datetime) -> Iterator[ReceiptPage]:
        """Files or events since then, with an overlap; taking them twice is harmless. Raises ChannelDown."""
        ...

    def take_receipts(self, account: Account, name: str) -> None:
        """After what the page says is committed: move the file away. Nothing to do for events."""
        ...

    def receipt_problems(self, account: Account) -> Sequence[str]:
        """Files kept out because something in them is wrong, in words for a person."""
        ...

    def read_report(self, account: Account, raw: bytes, headers: Mapping[str, str]) -> Sequence[DeliveryReceipt]:
        """The receipts in a report pushed to us (`/webhooks/<channel>/<tenant>`), verified over its raw bytes.

        The names of `headers` are in small letters. Raises ForgedEvent; so does a channel without pushes.
        """
        ...


@hookspec
def provide_channels() -> Sequence[Channel]:  # type: ignore[empty-body]
    """Give the channels that letters can leave by."""


# --- payment providers --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PayOrder:
    """One press on «Betal». The same order is given again after an unknown outcome, equal in every field."""

    reference: str  # ours, a UUID, unique for ever: also the idempotency key
    amount_ore: Ore
    description: str  # what the payer sees at the provider; nothing about the debtor
    return_url: str  # where the payer comes back to; tells nothing of whether it was paid
    cancel_url: str
    locale: str  # nb, nn, en
    expires_at: datetime  # after this it can no longer be paid, where the provider knows such a thing


@dataclass(frozen=True, slots=True)
class Begun:
    """A payment can be made at `url` until `expires_at`."""

    provider_reference: str  # theirs for the attempt; what `look_up` is asked with
    url: str
    expires_at: datetime


class PayState(StrEnum):
    """How far a payment by card or Vipps has come."""

    CREATED = "created"  # can be paid
    PENDING = "pending"  # the payer has done their part; the money is not ours yet
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ProviderState:
    """What the provider says of one attempt now."""

    state: PayState
    payment_reference: str = ""  # theirs for the money; the same as in the news of it
    paid_ore: Ore = NO_MONEY
    refunded_ore: Ore = NO_MONEY  # in all
    reserved_ore: Ore = NO_MONEY  # set aside for us by the payer, and neither taken (`settle`) nor let go (`release`)
    paid_at: datetime | None = None  # when the payer had done their part
    why: str = ""  # a code for people: why it failed


class NewsKind(StrEnum):
    """What a piece of news means to us."""

    PENDING = "pending"
    PAID = "paid"  # `amount_ore` was paid
    FAILED = "failed"
    EXPIRED = "expired"
    REFUNDED = "refunded"  # `amount_ore` has gone back to the payer in all
    DISPUTED = "disputed"  # the payer's bank asks for `amount_ore` back; nothing has moved yet
    TAKEN_BACK = "taken_back"  # `amount_ore` was taken from us because of the dispute `about`
    GIVEN_BACK = "given_back"  # `amount_ore` came back to us when the dispute `about` was won
    PAYOUT = "payout"  # money is sent to the client account: the payout `about` can be looked up
    CHANGED = "changed"  # the payment `reference` has moved: `look_up` tells how it stands now
    TROUBLE = "trouble"  # a person must look
    NOTED = "noted"  # nothing to do


@dataclass(frozen=True, slots=True)
class ProviderNews:
    """One signed piece of news (webhook). It may come twice, late, and in any order."""

    event_id: str  # theirs; the same however often it is sent
    name: str  # theirs, as it stands in their documentation
    kind: NewsKind
    at: datetime  # when it happened, by the provider's clock
    reference: str = ""  # our `PayOrder.reference`; '' when the news does not say
    payment_reference: str = ""  # theirs for the money: all news of one payment agree on it
    amount_ore: Ore = NO_MONEY
    about: str = ""  # theirs for the dispute or payout
    note: str = ""  # a code for people: why it failed, what is wrong


@dataclass(frozen=True, slots=True)
class ProviderPayoutTold:
    """A provider's payout to the client account. What arrives is gross less fee; refunds are taken off the gross."""

    reference: str
    gross_ore: Ore
    fee_ore: Ore
    arrived_on: date
    complete: bool  # it has arrived, and all that is in it is known; else ask again


class ProviderTrouble(Exception):
    """The provider could not do it; the class says what we do next. The text is a code, and holds no secret."""


class ProviderDown(ProviderTrouble):
    """Down, slow, or too many calls: what became of it is unknown, and the same may be asked again."""


class ProviderSaysNo(ProviderTrouble):
    """It will not: wrong keys, wrong amount, no such payment. A person must look."""


class PaymentProvider(Protocol):
    """Takes payments by card or Vipps. Every call that goes out gives up within ten seconds."""

    slug: str
    name: str  # «Betal med {name}»
    smallest_ore: Ore  # what it takes at least
    largest_ore: Ore  # and at most
    settings_schema: type[Schema]  # of the agreement; metadata `secret`, and `called` of addresses that are called
    bank_names: Sequence[str]  # what begins a word in the bank's text of its payouts
    tells_payouts: bool  # whether `payout` knows; else what is in one is worked out from what was paid
    fee_permille: int  # what it takes at most of a payout, when it does not tell

    def origins(self, account: Account) -> Sequence[str]:
        """Where `Begun.url` may lead (`https://host[:port]`): our pages let the browser go there, and nowhere else."""
        ...

    def begin(self, account: Account, order: PayOrder) -> Begun:
        """Make a payment possible. The same order twice is one payment. Raises ProviderTrouble."""
        ...

    def look_up(self, account: Account, provider_reference: str) -> ProviderState:
        """How far an attempt has come (`Begun.provider_reference`). Raises ProviderTrouble."""
        ...

    def read_event(
        self, account: Account, raw: bytes, headers: Mapping[str, str], method_path: str, wall_now: datetime
    ) -> ProviderNews | None:
        """The news in a call, verified over its raw bytes; None when it is about somebody else's account.

        The names of `headers` are in small letters; `method_path` is `POST /path?query` as the caller saw it.
        Raises ForgedEvent.
        """
        ...

    def settle(self, account: Account, provider_reference: str, amount_ore: Ore, idempotency_key: str) -> None:
        """Take all that was reserved (`ProviderState.reserved_ore`); only then is it paid. Raises ProviderTrouble.

        The same key twice takes it once. A provider that reserves nothing does nothing.
        """
        ...

    def release(self, account: Account, provider_reference: str, idempotency_key: str) -> None:
        """Let go of what was reserved: nothing is owed any more. Raises ProviderTrouble."""
        ...

    def listen(self, account: Account, url: str) -> Mapping[str, str]:
        """Have news sent to `url`. Returns settings to keep, secrets among them; none when it is done by hand there.

        Asked again for the same address it takes the place of the last. Raises ProviderTrouble.
        """
        ...

    def refund(self, account: Account, payment_reference: str, amount_ore: Ore, idempotency_key: str) -> None:
        """Send money back to the payer. The same key twice is one refund. Raises ProviderTrouble."""
        ...

    def payout(self, account: Account, reference: str) -> ProviderPayoutTold:
        """What a payout is made up of (`ProviderNews.about`). Raises ProviderTrouble."""
        ...

    def payouts(self, account: Account, since: date) -> Sequence[str]:
        """References of the payouts that have arrived since a day: among them those whose news was lost.

        None where the provider tells nothing of them (`tells_payouts`). Raises ProviderTrouble.
        """
        ...


@hookspec
def provide_payment_methods() -> Sequence[PaymentProvider]:  # type: ignore[empty-body]
    """Give ways to pay by card or the like."""


# --- claims and letters and pages, extended -----------------------------------------------------------------------


class FieldKind(StrEnum):
    """What a field of a claim holds."""

    TEXT = "text"
    NUMBER = "number"  # a whole number
    YES_NO = "yes_no"
    DAY = "day"  # its value is ISO text


@dataclass(frozen=True, slots=True)
class ClaimField:
    """One more field of a claim: in the form, the API, the CSV template and every file. Never required.

    `name` is `<slug of the plugin>_…` or as general as `metering_point`; two plugins with one name is trouble.
    """

    name: str  # small letters, digits and _
    label: str  # bokmål
    help: str
    example: str
    kind: FieldKind = FieldKind.TEXT
    max_length: int = 100
    synonyms: tuple[str, ...] = ()  # other headings of a CSV column
    check: Callable[[str | int | bool], str] | None = None  # what is wrong with it, in bokmål; '' when nothing
    normalise: Callable[[str], str] | None = None  # of text: `7070 5750 …` → `70705750…`


@dataclass(frozen=True, slots=True)
class PanelLink:
    """A link below a panel's text. `url` is https, or a path on our own pages."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A box on the debtor's page of a case: plain text, in the language asked for."""

    heading: str
    paragraphs: tuple[str, ...]
    link: PanelLink | None = None


@hookspec
def extend_claim_fields() -> Sequence[ClaimField]:  # type: ignore[empty-body]
    """More fields of a claim. What is filled in stands in `ClaimFacts.extra` and `ClaimOffer.extra`."""


@hookspec
def extend_letter(kind: str, language: str, case: CaseFacts) -> Sequence[str]:  # type: ignore[empty-body]
    """Paragraphs for a letter, in `language` (nb, nn, en), after what the law demands. At most 600 characters each."""


@hookspec
def extend_portal(case: CaseFacts, language: str) -> Sequence[Panel]:  # type: ignore[empty-body]
    """Panels for the debtor's page of a case, in `language` (nb, nn, en)."""


# --- files of claims ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IntakeRow:
    """One claim as a file tells it: field of the claim → text as people would type it. `row` is where it stands."""

    row: int
    values: Mapping[str, str]
    problem: str = ""  # why the row cannot be read, in bokmål; the values are not looked at then


class IntakeFileError(Exception):
    """The file is of this format and cannot be read. The message is bokmål, for the one who sent it."""


class IntakeFormat(Protocol):
    """Reads one format of files with claims."""

    format: str  # ehf
    name: str  # «EHF-faktura»
    suffixes: tuple[str, ...]  # .xml
    largest_bytes: int

    def recognises(self, head: bytes) -> bool:
        """Whether a file with these first bytes (a few thousand) is of this format; its name is never asked."""
        ...

    def read(self, file: BinaryIO) -> Iterator[IntakeRow]:
        """The claims one by one. Raises IntakeFileError."""
        ...


@hookspec
def provide_intake_formats() -> Sequence[IntakeFormat]:  # type: ignore[empty-body]
    """Give readers, one for each format of files with claims beside CSV."""


# --- pages and webhooks of a plugin's own -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaseFact:
    """A dated fact about a case, for `case_number` of the tenant. `max_age_days`: how long it can be relied on."""

    case_number: int
    fact: Fact
    max_age_days: int | None = None


@dataclass(frozen=True, slots=True)
class RouteRequest:
    """A call to a plugin's own path. Names of `headers` are in small letters."""

    method: str
    path: str  # below /x/<tenant>/<slug>/, without it
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    today: date
    wall_now: datetime  # for signatures


@dataclass(frozen=True, slots=True)
class RouteAnswer:
    """The answer: a page in our own frame (`heading`, `paragraphs`), or `data` as JSON.

    `facts` are kept, all or none: one about a case that is not the creditor's own is refused with the whole call.
    """

    status: int = 200
    heading: str = ""
    paragraphs: tuple[str, ...] = ()
    data: Mapping[str, Any] | None = None
    facts: tuple[CaseFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """One path of a plugin's own. `answer` must itself check who calls; it may not do I/O."""

    path: str  # contracts
    methods: tuple[str, ...]  # GET, POST
    answer: Callable[[RouteRequest], RouteAnswer]


@hookspec
def provide_routes() -> Sequence[Route]:  # type: ignore[empty-body]
    """Own pages and webhooks, at /x/<tenant>/<slug>/… or, for one creditor, /x/<tenant>/<slug>@<creditor>/…"""


# --- in a worker --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaseToAsk:
    """An open case somebody may know something of."""

    case_id: UUID
    case_number: int
    creditor_slug: str
    claims: tuple[tuple[str, tuple[tuple[str, str | int | bool], ...]], ...]  # (invoice number, extra fields)


@dataclass(frozen=True, slots=True)
class CollectedFact:
    """What was found out of a case. The source is named to the debtor; `max_age_days`: how long it can be relied on."""

    case_id: UUID
    fact: Fact
    max_age_days: int | None = None


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """Something that happened in a case and is committed. The same event may come twice, always with the same id."""

    id: UUID
    kind: str  # dotted: case.registered, letter.sent, deferral.granted, case.closed …
    at: datetime
    told_at: datetime  # now, by the real clock: for signatures
    tenant_slug: str
    creditor_slug: str
    case_number: int
    body: Mapping[str, Any] = field(repr=False)


@hookspec
def collect_facts(cases: tuple[CaseToAsk, ...], today: date) -> Sequence[CollectedFact]:  # type: ignore[empty-body]
    """Ask the outside world, in a worker; each call gives up within ten seconds. Raise, and it is asked again later."""


@hookspec
def on_case_event(event: CaseEvent, case: CaseFacts) -> None:
    """Told in a worker after the commit, in order for each case. Raise, and it is told again later."""
