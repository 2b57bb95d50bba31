"""Fees of court and enforcement (rettslige gebyrer) and drafting costs, by the day of filing."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from saas.rules.fees import CostCap
from saas.rules.law import Law
from saas.rules.money import Ore, kroner, round_down
from saas.rules.rates import LawRow, RateRow
from saas.rules.words import day_text, decimal_text

_ONE_DAY, _TWO_WEEKS = timedelta(days=1), timedelta(days=14)


class CourtItem(StrEnum):
    """What a court or the enforcement authority charges for; the names of `court_fee_multiplier.csv`."""

    CONCILIATION = "forliksklage"
    ATTACHMENT = "utleggsbegjaering"
    BANKRUPTCY_NOTICE = "konkursvarsel_forkynnelse"
    SALE_OF_MOVABLES = "tvangssalg_losore_begjaering"
    SALE_OF_MOVABLES_DECIDED = "tvangssalg_losore_gjennomforing"
    COVER_IN_RIGHTS = "tvangsdekning_kap10_begjaering"
    COVER_IN_RIGHTS_DECIDED = "tvangsdekning_kap10_gjennomforing"
    COVER_IN_MONEY_CLAIM = "tvangsdekning_pengekrav"
    SALE_OF_PROPERTY = "tvangssalg_fast_eiendom_begjaering"
    SALE_OF_PROPERTY_DECIDED = "tvangssalg_fast_eiendom_gjennomforing"
    BANKRUPTCY_OPENED = "konkursbo_aapnet"
    SUIT = "stevning_tingrett_foerste_dag"


_NAMES = {
    CourtItem.CONCILIATION: "Forliksklage",
    CourtItem.ATTACHMENT: "Begjæring om utlegg",
    CourtItem.BANKRUPTCY_NOTICE: "Forkynning av konkursvarsel",
    CourtItem.SALE_OF_MOVABLES: "Begjæring om tvangssalg av løsøre",
    CourtItem.SALE_OF_MOVABLES_DECIDED: "Gjennomføring av tvangssalg av løsøre",
    CourtItem.COVER_IN_RIGHTS: "Begjæring om tvangsdekning",
    CourtItem.COVER_IN_RIGHTS_DECIDED: "Gjennomføring av tvangsdekning",
    CourtItem.COVER_IN_MONEY_CLAIM: "Tvangsdekning i pengekrav",
    CourtItem.SALE_OF_PROPERTY: "Begjæring om tvangssalg av fast eiendom",
    CourtItem.SALE_OF_PROPERTY_DECIDED: "Gjennomføring av tvangssalg av fast eiendom",
    CourtItem.BANKRUPTCY_OPENED: "Åpning av konkurs",
    CourtItem.SUIT: "Stevning til tingretten",
}
_DRAFTING_CAPS = {CourtItem.ATTACHMENT: "drafting_cap_utlegg", CourtItem.CONCILIATION: "drafting_cap_forliksklage"}


class LegalCostKind(StrEnum):
    """Legal costs stand in lines of their own, outside the cap of out-of-court costs (B23)."""

    COURT_FEE = "court_fee"  # gebyr
    DRAFTING = "drafting"  # skrivesalær


@dataclass(frozen=True, slots=True)
class LegalCost:
    """One line of legal costs with the rows of law behind it; `explanation` is plain bokmål."""

    kind: LegalCostKind
    item: CourtItem
    amount_ore: Ore
    filed_on: date
    rows: tuple[LawRow, ...]
    explanation: str
    rule_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LegalTotal:
    """The legal costs of one filing. The total is the sum of the lines."""

    lines: tuple[LegalCost, ...]

    @property
    def total_ore(self) -> Ore:
        """Sum of the lines."""
        return Ore(sum(line.amount_ore for line in self.lines))


def court_fee(item: CourtItem, filed_on: date, law: Law) -> LegalCost:
    """The fee of the day the case is entered, rounded DOWN to a whole krone (rettsgebyrloven §§ 4, 6 a; law B.5, W20).

    Multipliers: §§ 7 (forliksråd), 8 (tingrett), 14 (utlegg, tvangssalg), 16 (konkurs), 25 (konkursvarsel).
    Raises UnknownLaw.
    """
    multiplier, base = law.court_fee_multiplier(item, filed_on), law.court_fee(filed_on)
    exact_ore = multiplier.value * base.hundredths
    amount_ore = Ore(round_down(exact_ore / 100) * 100)
    words = f"{_NAMES[item]} {day_text(filed_on)}: {_times(multiplier, base)} = {kroner(amount_ore)} kr, rundet ned."
    return LegalCost(LegalCostKind.COURT_FEE, item, amount_ore, filed_on, (multiplier, base), words, ())


def drafting_cap(item: CourtItem, filed_on: date, law: Law, *, vat_added: bool) -> LegalCost:
    """The most that drafting may cost the debtor: 0.5 × rettsgebyr, plus VAT by the test of B12 (W20).

    Attachment: FOR-2020-10-23-2120 § 2, petitions from 2021-02-01. Forliksråd: TVL § 6-13 letters d and e, when
    out-of-court costs are claimed too; the higher limit without them is not used. A cap is rounded down to the øre.
    Raises UnknownLaw, and ValueError for another item.
    """
    name = _DRAFTING_CAPS.get(item)
    if name is None:
        raise ValueError(f"no drafting cap is known for {item}")
    multiplier, base = law.court_fee_multiplier(name, filed_on), law.court_fee(filed_on)
    vat = law.vat_rate(filed_on) if vat_added else None
    exact_ore = multiplier.value * base.hundredths
    if vat is not None:
        exact_ore = exact_ore * (10_000 + vat.hundredths) / 10_000
    amount_ore = round_down(exact_ore)
    with_vat = " med merverdiavgift" if vat is not None else ""
    words = f"Skrivesalær, høyst {_times(multiplier, base)}{with_vat} = {kroner(amount_ore)} kr."
    rows: tuple[LawRow, ...] = (multiplier, base) if vat is None else (multiplier, base, vat)
    return LegalCost(LegalCostKind.DRAFTING, item, amount_ore, filed_on, rows, words, ("B12",))


def legal_total(item: CourtItem, filed_on: date, law: Law, *, vat_added: bool) -> LegalTotal:
    """What a petition or a complaint costs the debtor at most: the fee and the drafting (B12, W20; TVFL § 3-1).

    Raises UnknownLaw, and ValueError for an item without a drafting cap.
    """
    return LegalTotal((court_fee(item, filed_on, law), drafting_cap(item, filed_on, law, vat_added=vat_added)))


def cap_with_bankruptcy_notice(cap: CostCap, served_on: date, law: Law) -> Ore:
    """The cap of out-of-court costs raised by the fee for serving a konkursvarsel (INKF § 2-4 second para.; B24).

    One person served; the fee carries neither uplift nor VAT. Raises UnknownLaw.
    """
    return Ore(cap.cap_ore + court_fee(CourtItem.BANKRUPTCY_NOTICE, served_on, law).amount_ore)


@dataclass(frozen=True, slots=True)
class BankruptcyWindow:
    """The days of a konkursvarsel (konkursloven § 63)."""

    serve_from: date
    pay_by: date
    petition_from: date
    petition_by: date  # must have reached the court


def bankruptcy_window(demanded_on: date, served_on: date | None = None) -> BankruptcyWindow:
    """A demand, at least four weeks, a served call with two weeks, and two weeks to petition (konkursloven § 63; B24).

    Without `served_on` it shows the earliest run. Raises ValueError when it was served before the four weeks were over.
    """
    serve_from = demanded_on + 2 * _TWO_WEEKS
    if served_on is not None and served_on < serve_from:
        raise ValueError("a konkursvarsel served within four weeks of the demand does not count")
    pay_by = (served_on or serve_from) + _TWO_WEEKS
    return BankruptcyWindow(serve_from, pay_by, pay_by + _ONE_DAY, pay_by + _TWO_WEEKS)


def _times(multiplier: RateRow, base: RateRow) -> str:
    return f"{decimal_text(multiplier.value)} × rettsgebyret {kroner(base.hundredths)} kr"
