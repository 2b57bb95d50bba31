"""Letters for the tests, each complete and adding up; `dataclasses.replace` makes the odd ones."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from saas.documents.letter import (
    Disconnection,
    Instalment,
    LegalNotice,
    Letter,
    LetterClaim,
    LetterKind,
    NextStep,
    Recipient,
    Sender,
    Sentence,
    SumKind,
    SumLine,
)
from saas.rules.disconnection import NOTICE_TEXTS, NoticeContent
from saas.rules.facts import Step
from saas.rules.money import Ore
from saas.rules.regime import Regime

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

PRINCIPAL = SumLine("Opprinnelig beløp (hovedkrav)", Ore(124_000), "faktura 10045521", SumKind.PRINCIPAL)
INTEREST = SumLine(
    "Forsinkelsesrenter", Ore(2_872), "12,25 % fra 16. september til 23. november 2026", SumKind.INTEREST
)
REMINDER_FEE = SumLine("Purregebyr", Ore(3_800), "purring 1. oktober 2026", SumKind.NOTICE_FEE)
NOTICE_FEE = SumLine("Gebyr for inkassovarsel", Ore(3_800), "dette brevet", SumKind.NOTICE_FEE)
COLLECTION_FEE = SumLine("Inkassosalær, lav sats", Ore(26_200), "betaling for arbeidet vårt", SumKind.COLLECTION_FEE)


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


def by_creditor_itself(letter: Letter) -> Letter:
    return replace(letter, tenant=POWER_COMPANY, own_collection=True, board=False)


def with_claims(letter: Letter, count: int) -> Letter:
    """As many invoices, one a month back in time; the sum follows."""
    claims = tuple(
        LetterClaim(
            f"{10045521 + n}",
            date(2025 + n // 12, n % 12 + 1, 1),
            date(2025 + n // 12, n % 12 + 1, 15),
            f"strøm, avtale {n + 1}",
            Ore(100_000 + n),
        )
        for n in range(count)
    )
    principal = replace(PRINCIPAL, amount_ore=Ore(sum(c.principal_ore for c in claims)), detail=f"{count} fakturaer")
    return replace(with_lines(letter, principal, *letter.lines[1:]), claims=claims)


# --- kinds without a template, and letters of the act of 2026 -------------------------------------------------------


def notice_of_legal_action() -> Letter:
    """One letter that meets INKL § 11, TVFL § 4-18 and TVL § 5-2 at once."""
    return replace(
        payment_demand(),
        kind=LetterKind.NOTICE_OF_LEGAL_ACTION,
        dated_on=date(2026, 12, 14),
        deadline_on=date(2026, 12, 30),
        next_step=None,
        sentences=(
            Sentence("heading", "Varsel om rettslig inndriving"),
            Sentence(
                "legal_collection", "Blir kravet ikke betalt innen fristen, setter vi i verk rettslig inndriving."
            ),
            Sentence(
                "enforcement",
                "Blir kravet ikke oppfylt, begjærer vi tvangsfullbyrdelse når to uker er gått fra dette ble sendt.",
            ),
            Sentence("position_asked", "Se hva kravet bygger på ovenfor, og ta stilling til det innen fristen."),
        ),
        legal_notice=LegalNotice(demand_sent_on=date(2026, 11, 23), before_suit=True, on_paper=True),
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
        sentences=tuple(Sentence(content.value, NOTICE_TEXTS[content]) for content in NoticeContent),
        disconnection=Disconnection(consumer=True, by_grid_company=True),
    )


def plan_confirmation() -> Letter:
    return replace(
        payment_demand(),
        kind=LetterKind.DEFERRAL_OR_PLAN_CONFIRMATION,
        next_step=None,
        sentences=(Sentence("heading", "Bekreftelse på avdrag"),),
        instalments=(Instalment(date(2026, 12, 15), Ore(80_000)), Instalment(date(2027, 1, 15), Ore(76_872))),
    )


EVERY_KIND = (
    reminder,
    collection_notice,
    payment_demand,
    notice_of_legal_action,
    disconnection_notice,
    plan_confirmation,
)


def under_new_act(letter: Letter) -> Letter:
    """The same letter with what the act of 2026 asks for, of a claim that was another's before; sums are made up."""
    return replace(
        letter,
        regime=Regime.ACT_2026,
        assigned=True,
        original_creditor_name="Fjellkraft AS",
        further_costs_ore=Ore(60_000),
    )
