"""Fees of court and enforcement (rettslige gebyrer) and drafting costs, by the day of filing.

A fee that is not owed at all is not here: a forliksklage withdrawn before anybody was summoned (§ 7), a suit rejected
because nobody paid (§ 8), the first new petition on a judgment from the § 7-7 route (§ 14).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from saas.rules.fees import CostCap
from saas.rules.law import Law
from saas.rules.money import Ore, round_down
from saas.rules.rates import LawRow, MultiplierRow, RateRow
from saas.rules.words import Kroner, Words, joined, say

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
    BANKRUPTCY_REFUSED = "konkursbegjaering_avslaatt"  # or withdrawn
    SUIT = "stevning_tingrett_foerste_dag"
    SMALL_CLAIMS_SUIT = "stevning_tingrett_smaakrav"
    REOPENING = "oppfriskning_forliksraad"
    COMPLAINT = "klage_til_tingretten"


_NAMES = {
    CourtItem.CONCILIATION: say("Forliksklage"),
    CourtItem.ATTACHMENT: say("Begjæring om utlegg"),
    CourtItem.BANKRUPTCY_NOTICE: say("Forkynning av konkursvarsel"),
    CourtItem.SALE_OF_MOVABLES: say("Begjæring om tvangssalg av løsøre"),
    CourtItem.SALE_OF_MOVABLES_DECIDED: say("Gjennomføring av tvangssalg av løsøre"),
    CourtItem.COVER_IN_RIGHTS: say("Begjæring om tvangsdekning"),
    CourtItem.COVER_IN_RIGHTS_DECIDED: say("Gjennomføring av tvangsdekning"),
    CourtItem.COVER_IN_MONEY_CLAIM: say("Tvangsdekning i pengekrav"),
    CourtItem.SALE_OF_PROPERTY: say("Begjæring om tvangssalg av fast eiendom"),
    CourtItem.SALE_OF_PROPERTY_DECIDED: say("Gjennomføring av tvangssalg av fast eiendom"),
    CourtItem.BANKRUPTCY_OPENED: say("Åpning av konkurs"),
    CourtItem.BANKRUPTCY_REFUSED: say("Konkursbegjæring som er avslått eller trukket"),
    CourtItem.SUIT: say("Stevning til tingretten"),
    CourtItem.SMALL_CLAIMS_SUIT: say("Stevning til tingretten, småkrav"),
    CourtItem.REOPENING: say("Begjæring om oppfriskning i forliksrådet"),
    CourtItem.COMPLAINT: say("Klage til tingretten"),
}
_ENFORCEMENT, _CONCILIATION = "drafting_cap_utlegg", "drafting_cap_forliksklage"
_CONCILIATION_ALONE, _ATTENDANCE = "drafting_cap_forliksklage_uten_inkassokostnader", "drafting_cap_moete_forliksraad"
_DRAFTING_CAPS = {
    CourtItem.ATTACHMENT: _ENFORCEMENT,
    CourtItem.SALE_OF_MOVABLES: _ENFORCEMENT,
    CourtItem.COVER_IN_MONEY_CLAIM: _ENFORCEMENT,
    CourtItem.SALE_OF_PROPERTY: "drafting_cap_tvangssalg_fast_eiendom",
    CourtItem.SALE_OF_PROPERTY_DECIDED: "drafting_cap_tvangssalg_fast_eiendom_besluttet",
    CourtItem.CONCILIATION: _CONCILIATION,
}
_DAYS_TWO_TO_FIVE, _DAYS_FROM_SIX = "stevning_tingrett_dag_2_til_5", "stevning_tingrett_fra_dag_6"
_CONCILIATION_DEDUCTION = "stevning_tingrett_fradrag_forliksraad"
_ENDED_EARLY, _HALF = "stevning_tingrett_avsluttet_tidlig", "stevning_tingrett_halvt_gebyr"
_LIABILITY = "konkurs_rekvirentansvar"


class LegalCostKind(StrEnum):
    """Legal costs stand in lines of their own, outside the cap of out-of-court costs (B23)."""

    COURT_FEE = "court_fee"  # gebyr
    DRAFTING = "drafting"  # skrivesalær
    ATTENDANCE = "attendance"  # møte i forliksrådet
    LIABILITY = "liability"  # rekvirentansvar: what a petitioner for bankruptcy may have to bear, never the debtor


@dataclass(frozen=True, slots=True)
class LegalCost:
    """One line of legal costs with the rows of law behind it."""

    kind: LegalCostKind
    item: CourtItem
    amount_ore: Ore
    filed_on: date
    rows: tuple[LawRow, ...]
    explanation: Words
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

    Multipliers: §§ 7 (forliksråd), 8 (tingrett), 14 (utlegg, tvangssalg), 15 (klage), 16 and 17 (konkurs), 25
    (konkursvarsel). Raises UnknownLaw.
    """
    multiplier, base = law.court_fee_multiplier(item, filed_on), law.court_fee(filed_on)
    return _fee(item, multiplier.value, filed_on, base, (multiplier, base), ())


class SuitEnd(StrEnum):
    """How a suit in tingretten ends; it decides the fee (rettsgebyrloven § 8)."""

    JUDGMENT = "judgment"
    ENDED_EARLY = "ended_early"  # withdrawn, settled or judged as agreed, at the latest four weeks before the hearing
    ENDED_LATE = "ended_late"  # the same, later
    DEFAULT_JUDGMENT = "default_judgment"  # fraværsdom
    REJECTED = "rejected"  # avvist, nektet fremmet eller hevet


_EARLY, _HALVED = (SuitEnd.ENDED_EARLY, SuitEnd.REJECTED), (SuitEnd.ENDED_LATE, SuitEnd.DEFAULT_JUDGMENT)


def suit_end(ended_on: date, hearing_on: date) -> SuitEnd:
    """Withdrawn or settled: early when at least four weeks before the main hearing (rettsgebyrloven § 8; B.5)."""
    return SuitEnd.ENDED_EARLY if ended_on + 2 * _TWO_WEEKS <= hearing_on else SuitEnd.ENDED_LATE


def suit_fee(
    filed_on: date,
    law: Law,
    *,
    small_claims: bool = False,
    after_conciliation: bool = False,
    hearing_days: int = 1,
    end: SuitEnd = SuitEnd.JUDGMENT,
) -> LegalCost:
    """What a suit in tingretten costs in court fees, rounded DOWN to a whole krone (rettsgebyrloven § 8; law B.5).

    5 R, or 3.5 R by the small-claims track, less 1 R when the case was first in forliksrådet; 3 R more for each day of
    the hearing after the first and 4 R from the sixth. 2 R in all when it ends early, half of the full fee when it ends
    late or by default. Our reading: the small-claims fee covers every day, and the deduction is part of the full fee
    that is halved but not of the 2 R. Raises UnknownLaw, and ValueError for a hearing of less than a day.
    """
    if hearing_days < 1:
        raise ValueError("a main hearing lasts at least one day")
    item = CourtItem.SMALL_CLAIMS_SUIT if small_claims else CourtItem.SUIT
    base = law.court_fee(filed_on)
    if end in _EARLY:
        row = law.court_fee_multiplier(_ENDED_EARLY, filed_on)
        why = say("Saken ble avsluttet uten dom, så gebyret er {times} ganger rettsgebyret.", times=row.value)
        return _fee(item, row.value, filed_on, base, (row, base), (why,))
    parts = _suit_parts(item, filed_on, law, after_conciliation, 1 if small_claims else hearing_days)
    times, rows, why_parts = sum((p[0] for p in parts), Decimal(0)), [p[1] for p in parts], [p[2] for p in parts]
    if end in _HALVED:
        half = law.court_fee_multiplier(_HALF, filed_on)
        times, rows = times * half.value, [*rows, half]
        why_parts.append(say("Saken ble avsluttet uten vanlig dom, og da er det halvparten av fullt gebyr."))
    return _fee(item, times, filed_on, base, (*rows, base), tuple(why_parts))


def _suit_parts(
    item: CourtItem, filed_on: date, law: Law, after_conciliation: bool, hearing_days: int
) -> list[tuple[Decimal, MultiplierRow, Words]]:
    """How many R each part of a full suit fee is, its row and its words."""
    entry = law.court_fee_multiplier(item, filed_on)
    entry_words = say("Inngangsgebyret er {times} ganger rettsgebyret.", times=entry.value)
    parts = [(entry.value, entry, entry_words)]
    if after_conciliation:
        row = law.court_fee_multiplier(_CONCILIATION_DEDUCTION, filed_on)
        words = say("Saken var først i forliksrådet, og det gir {times} mindre.", times=row.value)
        parts.append((-row.value, row, words))
    for name, days in ((_DAYS_TWO_TO_FIVE, min(hearing_days, 5) - 1), (_DAYS_FROM_SIX, hearing_days - 5)):
        if days > 0:
            row = law.court_fee_multiplier(name, filed_on)
            words = say("Dager til i hovedforhandlingen: {days}, med {times} for hver.", days=days, times=row.value)
            parts.append((row.value * days, row, words))
    return parts


def _fee(
    item: CourtItem, times: Decimal, filed_on: date, base: RateRow, rows: tuple[LawRow, ...], why: tuple[Words, ...]
) -> LegalCost:
    amount_ore = Ore(round_down(times * base.hundredths / 100) * 100)
    words = say(
        "{item} {filed_on}: {sum} = {amount}, rundet ned.",
        item=_NAMES[item],
        filed_on=filed_on,
        sum=_times(times.normalize(), base),
        amount=Kroner(amount_ore),
    )
    words = joined((words, *why)) if why else words
    return LegalCost(LegalCostKind.COURT_FEE, item, amount_ore, filed_on, rows, words, ())


def drafting_cap(
    item: CourtItem, filed_on: date, law: Law, *, vat_added: bool, with_collection_costs: bool = True
) -> LegalCost:
    """The most that drafting may cost the debtor, plus VAT by the test of B12, rounded DOWN to the øre (B11, W20).

    Enforcement: 0.5 R, FOR-2020-10-23-2120 § 2, petitions from 2021-02-01; real property and housing shares 1 R, and
    0.5 R more when the sale is decided (§ 3). Forliksråd: 0.5 R when out-of-court costs are claimed too, which is what
    we do, else 4 R (TVL § 6-13 letters d and e). Raises UnknownLaw, and ValueError for another item.
    """
    name = _DRAFTING_CAPS.get(item)
    if name is None:
        raise ValueError(f"no drafting cap is known for {item}")
    if name == _CONCILIATION and not with_collection_costs:
        name = _CONCILIATION_ALONE
    return _capped(LegalCostKind.DRAFTING, say("Skrivesalær"), name, item, filed_on, law, vat_added)


def attendance_cap(filed_on: date, law: Law, *, vat_added: bool) -> LegalCost:
    """The most that attending in forliksrådet may cost the other side: 0.5 R, plus VAT (TVL § 6-13 letters c and e).

    For a party without a duty to appear. Raises UnknownLaw.
    """
    what = say("Møte i forliksrådet")
    return _capped(LegalCostKind.ATTENDANCE, what, _ATTENDANCE, CourtItem.CONCILIATION, filed_on, law, vat_added)


def bankruptcy_liability(filed_on: date, law: Law) -> LegalCost:
    """What a petitioner may have to bear of an estate's costs: at most 50 R of the filing day (FOR-2005-01-27-70; B.5).

    A deposit may be asked for (konkursloven § 67). It is the creditor's risk, no cost of the debtor. Raises UnknownLaw.
    """
    what, opened = say("Ansvar for boets kostnader"), CourtItem.BANKRUPTCY_OPENED
    return _capped(LegalCostKind.LIABILITY, what, _LIABILITY, opened, filed_on, law, vat_added=False)


def _capped(
    kind: LegalCostKind, what: Words, name: str, item: CourtItem, filed_on: date, law: Law, vat_added: bool
) -> LegalCost:
    multiplier, base = law.court_fee_multiplier(name, filed_on), law.court_fee(filed_on)
    vat = law.vat_rate(filed_on) if vat_added else None
    exact_ore = multiplier.value * base.hundredths
    if vat is not None:
        exact_ore = exact_ore * (10_000 + vat.hundredths) / 10_000
    amount_ore = round_down(exact_ore)
    words = say(
        "{what}, høyst {sum} = {amount}.", what=what, sum=_times(multiplier.value, base, vat), amount=Kroner(amount_ore)
    )
    rows: tuple[LawRow, ...] = (multiplier, base) if vat is None else (multiplier, base, vat)
    rule_ids = () if kind is LegalCostKind.LIABILITY else ("B12",)
    return LegalCost(kind, item, amount_ore, filed_on, rows, words, rule_ids)


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


def _times(multiplier: Decimal, base: RateRow, vat: RateRow | None = None) -> Words:
    words = say("{multiplier} × rettsgebyret {fee}", multiplier=multiplier, fee=Kroner(base.hundredths))
    return words if vat is None else say("{sum} med merverdiavgift", sum=words)
