"""What the law's figures are called, and how sure we are of them, in words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from saas.rules.figures import Figure
from saas.rules.money import ore_of_kroner
from saas.rules.words import ENGLISH, Kroner, Lowered, Percent, Value, Words, joined, say

RATES, FEES, CONSUMER, BUSINESS, COURT = (
    say("Renter og satser"),
    say("Gebyr for brev"),
    say("Tak for alle kostnader: forbruker"),
    say("Tak for alle kostnader: bedrift"),
    say("Rettslige gebyrer"),
)
SECTIONS = (RATES, FEES, CONSUMER, BUSINESS, COURT)
_LEADS = {
    RATES: say(""),
    FEES: say("For et krav som forfaller denne dagen, og et brev som sendes samme dag."),
    CONSUMER: say(
        "Gebyrer og inkassosalær kan til sammen ikke bli høyere enn taket. Forfallsdatoen avgjør hvilken tabell som "
        "gjelder, og inkassosatsen er den som gjelder dagen beløpet blir betalt."
    ),
    BUSINESS: say("De samme reglene, med halvannen gang så høye tak."),
    COURT: say("Det domstolen, forliksrådet og namsfogden tar, og hva det kan koste å få hjelp til å skrive."),
}
_NAMES = {
    "late_interest": (RATES, say("Forsinkelsesrente")),
    "standard_compensation": (RATES, say("Standardkompensasjon ved forsinket betaling mellom bedrifter")),
    "collection_rate": (RATES, say("Inkassosatsen")),
    "court_fee": (RATES, say("Rettsgebyret")),
    "vat_rate": (RATES, say("Merverdiavgift")),
    "notice_fee_fraction": (FEES, say("Purregebyr som del av inkassosatsen")),
    "notice_fee": (FEES, say("Purring eller inkassovarsel")),
    "own_demand_fee": (FEES, say("Betalingsoppfordring fra den som har kravet")),
}
_COURT_NAMES = {
    "forliksklage": say("Klage til forliksrådet"),
    "utleggsbegjaering": say("Begjæring om utlegg"),
    "konkursvarsel_forkynnelse": say("Forkynning av konkursvarsel"),
    "tvangssalg_losore_begjaering": say("Tvangssalg av løsøre, begjæring"),
    "tvangssalg_losore_gjennomforing": say("Tvangssalg av løsøre, gjennomføring"),
    "tvangsdekning_kap10_begjaering": say("Tvangsdekning i finansielle instrumenter, begjæring"),
    "tvangsdekning_kap10_gjennomforing": say("Tvangsdekning i finansielle instrumenter, gjennomføring"),
    "tvangsdekning_pengekrav": say("Tvangsdekning i pengekrav"),
    "tvangssalg_fast_eiendom_begjaering": say("Tvangssalg av fast eiendom, begjæring"),
    "tvangssalg_fast_eiendom_gjennomforing": say("Tvangssalg av fast eiendom, gjennomføring"),
    "drafting_cap_utlegg": say("Tak for hjelp til å skrive begjæring om utlegg"),
    "drafting_cap_forliksklage": say("Tak for hjelp til å skrive klage til forliksrådet"),
    "konkursbo_aapnet": say("Konkursbo som er åpnet"),
    "stevning_tingrett_foerste_dag": say("Stevning til tingretten, første dag"),
    "stevning_tingrett_smaakrav": say("Stevning til tingretten, småkrav"),
    "stevning_tingrett_dag_2_til_5": say("Hovedforhandling, hver dag fra den andre til den femte"),
    "stevning_tingrett_fra_dag_6": say("Hovedforhandling, hver dag fra den sjette"),
    "stevning_tingrett_fradrag_forliksraad": say("Fradrag når saken først var i forliksrådet"),
    "stevning_tingrett_avsluttet_tidlig": say("Sak i tingretten som er avvist, eller over minst fire uker før"),
    "stevning_tingrett_halvt_gebyr": say("Sak i tingretten som er trukket eller forlikt senere, eller har fraværsdom"),
    "oppfriskning_forliksraad": say("Oppfriskning i forliksrådet"),
    "klage_til_tingretten": say("Klage til tingretten over namsfogden"),
    "konkursbegjaering_avslaatt": say("Konkursbegjæring som er avslått eller trukket"),
    "konkurs_rekvirentansvar": say("Høyeste ansvar for den som ber om konkurs"),
    "drafting_cap_tvangssalg_fast_eiendom": say("Tak for hjelp til å skrive begjæring om tvangssalg av fast eiendom"),
    "drafting_cap_tvangssalg_fast_eiendom_besluttet": say(
        "Tak for hjelp etter at tvangssalg av fast eiendom er besluttet"
    ),
    "drafting_cap_forliksklage_uten_inkassokostnader": say(
        "Tak for hjelp til klage til forliksrådet uten inkassokostnader"
    ),
    "drafting_cap_moete_forliksraad": say("Tak for å møte i forliksrådet"),
}
_UNITS = {"x inkassosats": say("inkassosatsen"), "x rettsgebyr": say("rettsgebyret"), "x full fee": say("fullt gebyr")}
EXPECTED = ("late_interest", "standard_compensation", "collection_rate", "court_fee", "vat_rate", "notice_fee_fraction")
CONFIDENCE = {
    "found": say("Lest i kilden"),
    "reading": say("Vår tolkning av kilden"),
    "memory": say("Ikke kontrollert"),
}
NOT_CHECKED = CONFIDENCE["memory"]
_WEAKEST_FIRST = ("memory", "reading", "found")


@dataclass(frozen=True, slots=True)
class Row:
    """A figure as the page shows it. A cap's factor, amount and amount with VAT make one row."""

    name: str
    value: str
    how: str
    valid_from: date
    known_until: date
    confidence: str  # in words
    is_sure: bool  # read in a source
    checked_on: date
    source: str


@dataclass(frozen=True, slots=True)
class Section:
    """Figures that belong together."""

    heading: str
    lead: str
    rows: tuple[Row, ...]


def sections(figures: Sequence[Figure]) -> list[Section]:
    """All figures as rows, by section; a section without figures is left out."""
    found: dict[Words, list[Row]] = {heading: [] for heading in SECTIONS}
    for family in _families(figures):
        found[_section_of(family[0].name)].append(_row(family))
    return [Section(heading, _LEADS[heading], tuple(rows)) for heading, rows in found.items() if rows]


def unknown(figures: Iterable[Figure]) -> list[Words]:
    """What is not known that day, in words."""
    there = {figure.name for figure in figures}
    return [say("{figure}", figure=Lowered(_NAMES[name][1])) for name in EXPECTED if name not in there]


def _families(figures: Sequence[Figure]) -> Iterator[list[Figure]]:
    """Figures that make one row: those of one cap, and a court fee with its factor."""
    families: dict[str, list[Figure]] = {}
    for figure in figures:
        families.setdefault(_key(figure.name), []).append(figure)
    yield from families.values()


def _key(name: str) -> str:
    if name.startswith("court_fee_multiplier."):
        return f"court_fee.{name.partition('.')[2]}"
    return name.removesuffix(".multiplier").removesuffix(".with_vat") if name.startswith("cap.") else name


def _section_of(name: str) -> Words:
    if name.startswith("cap."):
        return CONSUMER if ".consumer." in name else BUSINESS
    return _NAMES[name][0] if name in _NAMES else COURT


def _row(family: list[Figure]) -> Row:
    factor = next((f for f in family if f.unit.startswith("x ")), None)
    amounts = [f for f in family if f is not factor] or [family[0]]
    figure = next((f for f in amounts if f.name == _key(f.name)), amounts[0])
    with_vat = next((f for f in amounts if f.name.endswith(".with_vat")), None)
    widest = max(family, key=lambda f: len(f.source))
    weakest = min(family, key=lambda f: _WEAKEST_FIRST.index(f.confidence) if f.confidence in _WEAKEST_FIRST else 0)
    return Row(
        name=_name(_key(figure.name)),
        value=_value(figure),
        how=_how(factor if factor is not figure else None, with_vat),
        valid_from=max(f.valid_from for f in family),
        known_until=min(f.known_until for f in family),
        confidence=CONFIDENCE.get(weakest.confidence, NOT_CHECKED),
        is_sure=weakest.confidence == "found",
        checked_on=min(f.checked_on for f in family),
        source=widest.source,
    )


def _name(name: str) -> str:
    if name in _NAMES:
        return _NAMES[name][1]
    if name.startswith("cap."):
        _, _, band, weight = name.split(".")
        limit = _ShortKroner(int(band.rpartition("_")[2]) * 100)
        over, heavy = band.startswith("over_"), weight == "heavy"
        what = say("Beløp over {limit}", limit=limit) if over else say("Beløp opp til {limit}", limit=limit)
        return say("{what}, {rate}", what=what, rate=say("høy sats") if heavy else say("lav sats"))
    item = name.partition(".")[2]
    return _COURT_NAMES.get(item, (item or name).replace("_", " ").capitalize())


def _value(figure: Figure) -> Words:
    if figure.unit == "percent":
        return say("{rate}", rate=Percent(figure.value))
    if figure.unit == "kr":
        return say("{amount}", amount=_ShortKroner(ore_of_kroner(figure.value)))
    return say("{factor} × {unit}", factor=_factor(figure.value), unit=_UNITS[figure.unit])


def _how(factor: Figure | None, with_vat: Figure | None) -> Words:
    told = [_value(factor)] if factor is not None else []
    if with_vat is not None:
        told.append(say("{amount} med mva.", amount=_value(with_vat)))
    return joined(told, ", ")


def _factor(value: Decimal) -> Decimal:
    return value.normalize() if value != value.to_integral_value() else value.to_integral_value()


@dataclass(frozen=True, slots=True)
class _ShortKroner(Value):
    """An amount without øre when it is whole kroner: `750 kr`."""

    ore: int

    def said(self, language: str) -> str:
        text = Kroner(self.ore).said(language)
        if self.ore % 100:
            return text
        return text.removesuffix(".00") if language == ENGLISH else text.replace(",00\u00a0", "\u00a0")


# --- what the calculators answer ------------------------------------------------------------------------------------

FEE_NAMES = {
    "notice_fee": say("Gebyr for purring eller inkassovarsel"),
    "own_demand_fee": say("Gebyr for betalingsoppfordring fra den som har kravet"),
    "light_cap": say("Tak for alle kostnader, lav sats"),
    "light_fee": say("Inkassosalær, lav sats"),
    "heavy_cap": say("Tak for alle kostnader, høy sats"),
    "heavy_fee": say("Inkassosalær, høy sats"),
}
DAY_NAMES = {
    "deadline": say("Siste dag i fristen"),
    "next_step": say("Neste steg tidligst"),
    "heavy_fee": say("Høy sats for salær tidligst"),
    "legal_action_latest": say("Rettslige skritt senest"),
}
ITEM_NAMES = {
    "court_fee": say("Rettslige gebyrer"),
    "collection_fee": say("Inkassosalær"),
    "notice_fee": say("Purregebyrer"),
    "principal": say("Det opprinnelige beløpet"),
    "interest": say("Rentene"),
}
