"""A complete letter of every kind that adds up, made up: for previews, for the contact sheet, and for the tests."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from saas.documents.letter import (
    Disconnection,
    Instalment,
    Language,
    LegalNotice,
    Letter,
    LetterClaim,
    LetterKind,
    NextStep,
    Recipient,
    Sender,
    SumKind,
    SumLine,
    SumWords,
)
from saas.documents.particulars import (
    Answer,
    ClosingConfirmation,
    ContactLetter,
    DeferralGranted,
    DeferralRefused,
    LoginCode,
    ObjectionAnswered,
    ObjectionReceived,
    Overpayment,
    Particulars,
    PaymentReceived,
    WrongAmount,
)
from saas.documents.wording import spoken
from saas.rules.facts import Step
from saas.rules.money import Ore

AGENCY = Sender(
    name="Fjordveien Inkasso AS",
    orgnr="999888777",
    address_lines=("Postboks 114 Sentrum", "5803 Bergen"),
    phone="55 10 20 30",
    hours="hverdager 9–15",
    email="post@fjordveien.no",
    web="fjordveien.no",
    licence_number="1402",
)
POWER_COMPANY = replace(
    AGENCY, name="Nordlys Kraft AS", licence_number=None, email="kunde@nordlys.no", web="nordlys.no"
)
ADDRESS = Recipient("Kari Østby Nordmann", ("Solbakken 14 B", "5073 Bergen"))
INVOICE = LetterClaim("10045521", date(2026, 9, 1), date(2026, 9, 15), "strøm i august 2026", Ore(124_000))

PRINCIPAL = SumLine(
    "Opprinnelig beløp (hovedkrav)",
    Ore(124_000),
    "faktura 10045521",
    SumKind.PRINCIPAL,
    (
        SumWords("nn", "Opphavleg beløp (hovudkrav)", "faktura 10045521"),
        SumWords("en", "Original amount (principal)", "invoice 10045521"),
    ),
)
INTEREST = SumLine(
    "Forsinkelsesrenter",
    Ore(2_872),
    "12,25 % fra 16. september til 23. november 2026",
    SumKind.INTEREST,
    (
        SumWords("nn", "Forseinkingsrenter", "12,25 % frå 16. september til 23. november 2026"),
        SumWords("en", "Late-payment interest", "12.25 % from 16 September to 23 November 2026"),
    ),
)
REMINDER_FEE = SumLine(
    "Purregebyr",
    Ore(3_800),
    "purring 1. oktober 2026",
    SumKind.NOTICE_FEE,
    (
        SumWords("nn", "Purregebyr", "purring 1. oktober 2026"),
        SumWords("en", "Reminder fee", "reminder 1 October 2026"),
    ),
)
NOTICE_FEE = SumLine(
    "Gebyr for inkassovarsel",
    Ore(3_800),
    "dette brevet",
    SumKind.NOTICE_FEE,
    (
        SumWords("nn", "Gebyr for inkassovarsel", "dette brevet"),
        SumWords("en", "Fee for the collection warning", "this letter"),
    ),
)
COLLECTION_FEE = SumLine(
    "Inkassosalær, lav sats",
    Ore(26_200),
    "betaling for arbeidet vårt",
    SumKind.COLLECTION_FEE,
    (
        SumWords("nn", "Inkassosalær, låg sats", "betaling for arbeidet vårt"),
        SumWords("en", "Collection fee, lower rate", "payment for our work"),
    ),
)
PAID = SumLine(
    "Betalt",
    Ore(-50_000),
    "20. november 2026",
    SumKind.PAYMENT,
    (SumWords("nn", "Betalt", "20. november 2026"), SumWords("en", "Paid", "20 November 2026")),
)


def with_lines(letter: Letter, *lines: SumLine) -> Letter:
    return replace(letter, lines=lines, total_ore=Ore(sum(line.amount_ore for line in lines)))


def payment_demand() -> Letter:
    """The worked example of the design: 1 240,00 + 28,72 + 38,00 + 262,00 = 1 568,72 kr."""
    return Letter(
        kind=LetterKind.PAYMENT_DEMAND,
        tenant=AGENCY,
        creditor_name="Nordlys Kraft AS",
        recipient=ADDRESS,
        case_number=10042,
        kid="00100420000017",
        account="86011117947",
        dated_on=date(2026, 11, 23),
        deadline_on=date(2026, 12, 8),
        lines=(PRINCIPAL, INTEREST, REMINDER_FEE, COLLECTION_FEE),
        total_ore=Ore(156_872),
        claims=(INVOICE,),
        interest_rate_percent=Decimal("12.25"),
        interest_from_on=date(2026, 9, 16),
        interest_per_day_ore=Ore(42),
        login_address="betal.fjordveien.no",
        login_code="K7QM-3XPD",
        login_code_valid_until=date(2027, 1, 20),
        link="https://betal.fjordveien.no/x7Tq2mWc9Rk4bV8n",
        next_step=NextStep(date(2027, 1, 6), Step.HEAVY_FEE, Ore(30_000)),
        own_collection=False,
        board=True,
    )


def reminder() -> Letter:
    letter = replace(
        payment_demand(),
        kind=LetterKind.REMINDER,
        tenant=AGENCY,
        next_step=NextStep(date(2026, 12, 14), Step.COLLECTION_NOTICE, Ore(3_800)),
    )
    return with_lines(letter, PRINCIPAL, REMINDER_FEE)


def collection_notice() -> Letter:
    letter = replace(
        payment_demand(),
        kind=LetterKind.COLLECTION_NOTICE,
        next_step=NextStep(date(2026, 12, 14), Step.PAYMENT_DEMAND, Ore(30_000)),
    )
    return with_lines(letter, PRINCIPAL, INTEREST, REMINDER_FEE, NOTICE_FEE)


# --- notices of what may follow ---------------------------------------------------------------------------------------


def notice_of_legal_action() -> Letter:
    """One letter that meets INKL § 11, TVFL § 4-18 and TVL § 5-2 at once."""
    return replace(
        payment_demand(),
        kind=LetterKind.NOTICE_OF_LEGAL_ACTION,
        dated_on=date(2026, 12, 14),
        deadline_on=date(2026, 12, 30),
        next_step=None,
        legal_notice=LegalNotice(date(2026, 11, 23), before_suit=True, on_paper=True, earliest_on=date(2027, 1, 6)),
    )


def combined_demand() -> Letter:
    """The payment demand that is the notice of legal action too (INKL § 10 fourth para.)."""
    return replace(
        payment_demand(),
        legal_notice=LegalNotice(None, before_suit=True, on_paper=True, earliest_on=date(2026, 12, 14)),
    )


def disconnection_notice() -> Letter:
    return replace(
        payment_demand(),
        kind=LetterKind.DISCONNECTION_NOTICE,
        tenant=POWER_COMPANY,
        own_collection=True,
        board=False,
        deadline_on=date(2026, 12, 21),
        next_step=None,
        disconnection=Disconnection(consumer=True, by_grid_company=True, earliest_on=date(2026, 12, 29)),
    )


# --- answers and news -------------------------------------------------------------------------------------------------

TOLD_ON = date(2026, 11, 20)
NOTHING_LEFT = ()
SOMETHING_LEFT = (PRINCIPAL, INTEREST, REMINDER_FEE, COLLECTION_FEE, PAID)


def telling(told: Particulars, *lines: SumLine, deadline_on: date | None = None) -> Letter:
    """A letter that tells that; what is left to pay are the lines."""
    letter = replace(
        payment_demand(),
        kind=LetterKind(told.kind),
        particulars=told,
        deadline_on=deadline_on,
        next_step=None,
        interest_rate_percent=payment_demand().interest_rate_percent if lines else None,
        interest_per_day_ore=Ore(42 if lines else 0),
    )
    return with_lines(letter, *lines)


def deferral_granted() -> Letter:
    told = DeferralGranted(TOLD_ON, date(2026, 12, 18), Ore(156_872))
    letter = telling(told, *payment_demand().lines, deadline_on=told.until)
    return replace(letter, instalments=(Instalment(told.until, told.amount_ore),))


def plan_confirmation() -> Letter:
    return replace(
        deferral_granted(),
        deadline_on=date(2026, 12, 15),
        instalments=(Instalment(date(2026, 12, 15), Ore(80_000)), Instalment(date(2027, 1, 15), Ore(76_872))),
    )


def deferral_refused() -> Letter:
    because = (
        "Nordlys Kraft meldte 3. november at du har en aktiv strømavtale, og da kommer det en ny faktura hver måned."
    )
    return telling(DeferralRefused(TOLD_ON, because, date(2026, 11, 26)), *payment_demand().lines)


def objection_received() -> Letter:
    return telling(ObjectionReceived(TOLD_ON, date(2026, 12, 4)), *payment_demand().lines)


def objection_answered(outcome: Answer = Answer.PARTLY) -> Letter:
    reasons = (
        "Måleren ble lest av på nytt 12. november. Den viste 80 kWh mindre enn fakturaen sa.\nFakturaen er rettet."
    )
    if outcome is Answer.UPHELD:
        return telling(ObjectionAnswered(outcome, reasons, None))
    told = ObjectionAnswered(outcome, reasons, date(2026, 12, 8))
    lines = (replace(PRINCIPAL, amount_ore=Ore(112_000)), REMINDER_FEE)
    return telling(told, *lines, deadline_on=told.new_deadline_on)


def payment_received() -> Letter:
    return telling(PaymentReceived(Ore(50_000), TOLD_ON, Ore(106_872)), *SOMETHING_LEFT)


def wrong_amount() -> Letter:
    return telling(WrongAmount(Ore(50_000), TOLD_ON, Ore(156_872), Ore(106_872)), *SOMETHING_LEFT)


def overpayment() -> Letter:
    return telling(Overpayment(Ore(200_000), TOLD_ON, Ore(43_128), date(2026, 12, 7)))


def closing_confirmation(because: str = "paid") -> Letter:
    return telling(ClosingConfirmation(TOLD_ON, because, Ore(156_872)))


def login_code() -> Letter:
    return telling(LoginCode())


def contact_letter() -> Letter:
    return telling(ContactLetter(), *payment_demand().lines)


EVERY_KIND = (
    reminder,
    collection_notice,
    payment_demand,
    notice_of_legal_action,
    disconnection_notice,
    deferral_granted,
    deferral_refused,
    objection_received,
    objection_answered,
    payment_received,
    wrong_amount,
    overpayment,
    closing_confirmation,
    login_code,
    contact_letter,
)


# --- in another language, from another sender -------------------------------------------------------------------------

_ENGLISH = {
    "strøm i august 2026": "electricity in August 2026",
    "Nordlys Kraft meldte 3. november at du har en aktiv strømavtale, og da kommer det en ny faktura hver måned.": (
        "On 3 November Nordlys Kraft reported that you have an active electricity contract, which brings a new invoice "
        "every month."
    ),
    "Måleren ble lest av på nytt 12. november. Den viste 80 kWh mindre enn fakturaen sa.\nFakturaen er rettet.": (
        "The meter was read again on 12 November. It showed 80 kWh less than the invoice said.\n"
        "The invoice has been corrected."
    ),
}


def sample(kind: LetterKind, language: Language = "nb") -> Letter:
    """A letter of that kind, in that language; a kind is not written in every one (`wording.spoken`)."""
    letter = next(of() for of in EVERY_KIND if of.__name__ == kind.value)
    letter = replace(letter, language=spoken(kind, language))
    return _in_english(letter) if letter.language == "en" else letter


def _in_english(letter: Letter) -> Letter:
    """What creditors and case handlers wrote, in the reader's language too."""
    claims = tuple(replace(claim, description=_ENGLISH[claim.description]) for claim in letter.claims)
    told = letter.particulars
    if isinstance(told, DeferralRefused):
        told = replace(told, because=_ENGLISH[told.because])
    if isinstance(told, ObjectionAnswered):
        told = replace(told, reasons=_ENGLISH[told.reasons])
    return replace(letter, claims=claims, particulars=told)
