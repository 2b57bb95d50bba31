"""When the right to collection costs (inndrivingskostnader) is lost, and what is to be taken off or paid back.

Loss hits costs only, never the principal or its interest (B19).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from saas.rules.money import NO_MONEY, Ore
from saas.rules.regime import Regime
from saas.rules.words import Kroner, Words, joined, say


class LostCostReason(StrEnum):
    """Why costs are lost (code for cancelling them); a case handler chooses one, or a check finds it."""

    NOT_NECESSARY = "not_necessary"
    OBJECTION_BEFORE = "objection_before"  # there was reason to have it tried before collection began
    PAID_WITHIN_NOTICE = "paid_within_notice"
    BAD_PRACTICE = "bad_practice"
    ORDER_IGNORED = "order_ignored"
    NOTICE_RULES_BROKEN = "notice_rules_broken"
    FAULTY_NOTICE = "faulty_notice"
    FIRST_BILL_FEE = "first_bill_fee"
    MINOR = "minor"
    OBJECTION_IGNORED = "objection_ignored"
    REMARK_ON_DISPUTED = "remark_on_disputed"
    NOT_DUE = "not_due"
    MISSING_NOTICE = "missing_notice"
    MISSING_DEMAND = "missing_demand"
    FEE_TOO_HIGH = "fee_too_high"
    NOT_JOINED = "not_joined"
    UNDUE_PRESSURE = "undue_pressure"
    WRONG_HOURS = "wrong_hours"
    VAT_WRONGLY_CHARGED = "vat_wrongly_charged"
    PLAN_COSTS_NOT_TOLD = "plan_costs_not_told"
    DEBTOR_DEAD = "debtor_dead"


class Scope(StrEnum):
    """How much of the costs is lost."""

    ALL = "all"  # every out-of-court cost
    AGENCY_FEE = "agency_fee"  # the collection fee; lawful notice fees stand
    ABOVE_LAWFUL = "above_lawful"  # what exceeds the amount that would have been lawful


class Loss(NamedTuple):
    """What the law says about one reason."""

    scope: Scope
    rule_ids: tuple[str, ...]
    source: str
    message: Words  # to the debtor


LOSSES: dict[LostCostReason, Loss] = {
    LostCostReason.NOT_NECESSARY: Loss(
        Scope.ABOVE_LAWFUL, ("B19",), "INKL § 17 first para.", say("Bare nødvendige kostnader kan kreves.")
    ),
    LostCostReason.OBJECTION_BEFORE: Loss(
        Scope.ALL,
        ("B19", "N4"),
        "INKL § 17 second para.",
        say("Du hadde innsigelser som det var grunn til å få vurdert før inndrivingen begynte."),
    ),
    LostCostReason.PAID_WITHIN_NOTICE: Loss(
        Scope.AGENCY_FEE, ("B19", "B9"), "INKL § 17 third para.", say("Du betalte innen fristen i inkassovarselet.")
    ),
    LostCostReason.BAD_PRACTICE: Loss(
        Scope.ALL, ("B19",), "INKL § 17 fourth para., § 8", say("God inkassoskikk ble ikke fulgt.")
    ),
    LostCostReason.ORDER_IGNORED: Loss(
        Scope.ALL,
        ("B19",),
        "INKL § 17 fourth para., § 30 third para.",
        say("Et pålegg fra Finanstilsynet ble ikke fulgt."),
    ),
    LostCostReason.NOTICE_RULES_BROKEN: Loss(
        Scope.AGENCY_FEE,
        ("B19",),
        "INKL § 17 fourth para., §§ 9-11",
        say("Reglene om varsel og frister ble ikke fulgt."),
    ),
    LostCostReason.FAULTY_NOTICE: Loss(
        Scope.ALL,
        ("B20", "N9"),
        "INKL §§ 9, 10, 17; Sivilombudet 2019/3663",
        say("Et brev oppfylte ikke kravene i loven. Kostnadene i den runden faller bort."),
    ),
    LostCostReason.FIRST_BILL_FEE: Loss(
        Scope.ABOVE_LAWFUL,
        ("B21",),
        "INKL § 18, finansavtaleloven § 2-4",
        say("Gebyr for selve regningen kan ikke være høyere enn den faktiske kostnaden."),
    ),
    LostCostReason.MINOR: Loss(
        Scope.ALL,
        ("B22",),
        "NYINKL § 18 fifth para., not in force: applied already",
        say("Kravet ble pådratt før du fylte 18 år, og da kreves ingen kostnader."),
    ),
    LostCostReason.OBJECTION_IGNORED: Loss(
        Scope.ALL, ("N8", "B19"), "INKL §§ 8, 17", say("En innsigelse ble ikke behandlet slik den skulle.")
    ),
    LostCostReason.REMARK_ON_DISPUTED: Loss(
        Scope.ALL,
        ("N8", "PR3"),
        "INKL §§ 8, 17; kredittopplysningsloven § 11",
        say("Det ble registrert betalingsanmerkning på et krav du var uenig i."),
    ),
    LostCostReason.NOT_DUE: Loss(
        Scope.ALL, ("N8", "A6", "N2"), "INKL §§ 8, 9, 17", say("Kravet var ikke forfalt da inndrivingen begynte.")
    ),
    LostCostReason.MISSING_NOTICE: Loss(
        Scope.AGENCY_FEE, ("N8", "B19"), "INKL § 9, § 17 fourth para.", say("Inkassovarsel ble ikke sendt.")
    ),
    LostCostReason.MISSING_DEMAND: Loss(
        Scope.AGENCY_FEE, ("N8", "B19"), "INKL § 10, § 17 fourth para.", say("Betalingsoppfordring ble ikke sendt.")
    ),
    LostCostReason.FEE_TOO_HIGH: Loss(
        Scope.ABOVE_LAWFUL, ("N8", "B23", "N11", "N13"), "INKF § 2-1", say("Kostnadene var høyere enn taket.")
    ),
    LostCostReason.NOT_JOINED: Loss(
        Scope.ABOVE_LAWFUL,
        ("N8", "B16", "B17"),
        "INKL § 17 first para.",
        say("Krav som skulle vært slått sammen, fikk hver sine kostnader."),
    ),
    LostCostReason.UNDUE_PRESSURE: Loss(
        Scope.ALL, ("N8", "G1"), "INKL §§ 8, 17", say("Du ble utsatt for utilbørlig press.")
    ),
    LostCostReason.WRONG_HOURS: Loss(
        Scope.ALL, ("N10", "G2"), "INKL §§ 8, 17", say("Du ble kontaktet på en tid det ikke er lov.")
    ),
    LostCostReason.VAT_WRONGLY_CHARGED: Loss(
        Scope.ABOVE_LAWFUL,
        ("N14", "B12"),
        "INKF §§ 2-2, 2-3",
        say("Det ble lagt til merverdiavgift du ikke skal betale."),
    ),
    LostCostReason.PLAN_COSTS_NOT_TOLD: Loss(
        Scope.ABOVE_LAWFUL,
        ("B14",),
        "INKF § 2-4, INKL § 17",
        say("Du fikk ikke vite om de ekstra kostnadene før du sa ja til avdragsordningen."),
    ),
    LostCostReason.DEBTOR_DEAD: Loss(Scope.ALL, ("G7",), "INKL §§ 8, 17", say("Brev ble sendt etter dødsfallet.")),
}


@dataclass(frozen=True, slots=True)
class ChargedCosts:
    """Out-of-court costs charged, and how much of each has been paid. For a faulty letter: those of its round (N9)."""

    notice_fees_ore: Ore
    collection_fee_ore: Ore
    paid_notice_fees_ore: Ore = NO_MONEY
    paid_collection_fee_ore: Ore = NO_MONEY

    @property
    def total_ore(self) -> Ore:
        """All that was charged."""
        return Ore(self.notice_fees_ore + self.collection_fee_ore)


@dataclass(frozen=True, slots=True)
class Refund:
    """What falls away, and how much of it was already paid. Repaid money is the debtor's, never income (D6, I10)."""

    reason: LostCostReason
    notice_fees_ore: Ore  # taken off
    collection_fee_ore: Ore  # taken off
    repay_ore: Ore  # the part of what is taken off that the debtor has paid
    rule_ids: tuple[str, ...]
    explanation: Words

    @property
    def taken_off_ore(self) -> Ore:
        """All that is taken off, paid or not."""
        return Ore(self.notice_fees_ore + self.collection_fee_ore)


_BREAKS_CHAPTER_3 = frozenset(
    {
        LostCostReason.BAD_PRACTICE,
        LostCostReason.ORDER_IGNORED,
        LostCostReason.NOTICE_RULES_BROKEN,
        LostCostReason.FAULTY_NOTICE,
        LostCostReason.OBJECTION_IGNORED,
        LostCostReason.REMARK_ON_DISPUTED,
        LostCostReason.NOT_DUE,
        LostCostReason.MISSING_NOTICE,
        LostCostReason.MISSING_DEMAND,
        LostCostReason.FEE_TOO_HIGH,
        LostCostReason.NOT_JOINED,
        LostCostReason.UNDUE_PRESSURE,
        LostCostReason.WRONG_HOURS,
        LostCostReason.VAT_WRONGLY_CHARGED,
        LostCostReason.DEBTOR_DEAD,
    }
)


def scope_of(reason: LostCostReason, regime: Regime, *, harmless: bool = False) -> Scope | None:
    """How much is lost under that act; None when nothing is (INKL § 17, NYINKL § 18 second para.; B19, m1).

    Under the act of 2026 any rule of its chapter 3 broken against the debtor costs everything, unless the fault could
    have had no consequence for the debtor or was due to the debtor: `harmless`, which a person finds.
    """
    if regime is Regime.ACT_1988 or reason not in _BREAKS_CHAPTER_3:
        return LOSSES[reason].scope
    spared = harmless and reason is not LostCostReason.ORDER_IGNORED
    return None if spared else Scope.ALL


def refund_due(
    charged: ChargedCosts,
    reason: LostCostReason,
    lawful_ore: int | None = None,
    regime: Regime = Regime.ACT_1988,
) -> Refund:
    """What is taken off and paid back for `reason` (INKL § 17; B19-B22, N2, N4, N8, N9).

    `lawful_ore` is the total of costs that would have been lawful; a reason that costs only the excess needs it. The
    excess comes off the collection fee first. `regime` is the act of the day of the fault (m1). Raises ValueError
    without a needed amount, for a negative amount, and when more was paid than charged.
    """
    _check(charged, lawful_ore)
    loss = LOSSES[reason]
    notice_ore, fee_ore = _taken_off(charged, scope_of(reason, regime) or loss.scope, lawful_ore)
    repay_ore = max(0, charged.paid_notice_fees_ore - (charged.notice_fees_ore - notice_ore))
    repay_ore += max(0, charged.paid_collection_fee_ore - (charged.collection_fee_ore - fee_ore))
    taken_off = Kroner(notice_ore + fee_ore)
    words = say("{taken_off} i kostnader er tatt bort.", taken_off=taken_off)
    if repay_ore:
        repaid = Kroner(repay_ore)
        words = say(
            "{taken_off} i kostnader er tatt bort, og {repaid} skal tilbake til deg.",
            taken_off=taken_off,
            repaid=repaid,
        )
    return Refund(reason, Ore(notice_ore), Ore(fee_ore), Ore(repay_ore), loss.rule_ids, joined([loss.message, words]))


def _check(charged: ChargedCosts, lawful_ore: int | None) -> None:
    amounts = (charged.notice_fees_ore, charged.collection_fee_ore, lawful_ore or 0)
    paid = (charged.paid_notice_fees_ore, charged.paid_collection_fee_ore)
    if min(*amounts, *paid) < 0:
        raise ValueError("costs cannot be negative")
    if paid[0] > charged.notice_fees_ore or paid[1] > charged.collection_fee_ore:
        raise ValueError("more cannot be paid than was charged")


def _taken_off(charged: ChargedCosts, scope: Scope, lawful_ore: int | None) -> tuple[int, int]:
    """Of the notice fees, and of the collection fee."""
    if scope is Scope.ALL:
        return charged.notice_fees_ore, charged.collection_fee_ore
    if scope is Scope.AGENCY_FEE:
        return 0, charged.collection_fee_ore
    if lawful_ore is None:
        raise ValueError("this reason needs the amount that would have been lawful")
    excess_ore = max(0, charged.total_ore - lawful_ore)
    fee_ore = min(excess_ore, charged.collection_fee_ore)
    return excess_ore - fee_ore, fee_ore
