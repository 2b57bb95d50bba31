"""What the law's figures are called, and how sure we are of them, in words (bokmål)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from saas.rules.figures import Figure
from saas.rules.money import kroner, ore_of_kroner
from saas.rules.words import decimal_text

RATES, FEES, CONSUMER, BUSINESS, COURT = (
    "Renter og satser",
    "Gebyr for brev",
    "Tak for alle kostnader: forbruker",
    "Tak for alle kostnader: bedrift",
    "Rettslige gebyrer",
)
SECTIONS = (RATES, FEES, CONSUMER, BUSINESS, COURT)
_LEADS = {
    RATES: "",
    FEES: "For et krav som forfaller denne dagen, og et brev som sendes samme dag.",
    CONSUMER: "Gebyrer og inkassosalær kan til sammen ikke bli høyere enn taket. Forfallsdatoen avgjør hvilken tabell "
    "som gjelder, og inkassosatsen er den som gjelder dagen beløpet blir betalt.",
    BUSINESS: "De samme reglene, med halvannen gang så høye tak.",
    COURT: "Det domstolen, forliksrådet og namsfogden tar, og hva det kan koste å få hjelp til å skrive.",
}
_NAMES = {
    "late_interest": (RATES, "Forsinkelsesrente"),
    "standard_compensation": (RATES, "Standardkompensasjon ved forsinket betaling mellom bedrifter"),
    "collection_rate": (RATES, "Inkassosatsen"),
    "court_fee": (RATES, "Rettsgebyret"),
    "vat_rate": (RATES, "Merverdiavgift"),
    "notice_fee_fraction": (FEES, "Purregebyr som del av inkassosatsen"),
    "notice_fee": (FEES, "Purring eller inkassovarsel"),
    "own_demand_fee": (FEES, "Betalingsoppfordring fra den som har kravet"),
}
_COURT_NAMES = {
    "forliksklage": "Klage til forliksrådet",
    "utleggsbegjaering": "Begjæring om utlegg",
    "konkursvarsel_forkynnelse": "Forkynning av konkursvarsel",
    "tvangssalg_losore_begjaering": "Tvangssalg av løsøre, begjæring",
    "tvangssalg_losore_gjennomforing": "Tvangssalg av løsøre, gjennomføring",
    "tvangsdekning_kap10_begjaering": "Tvangsdekning i finansielle instrumenter, begjæring",
    "tvangsdekning_kap10_gjennomforing": "Tvangsdekning i finansielle instrumenter, gjennomføring",
    "tvangsdekning_pengekrav": "Tvangsdekning i pengekrav",
    "tvangssalg_fast_eiendom_begjaering": "Tvangssalg av fast eiendom, begjæring",
    "tvangssalg_fast_eiendom_gjennomforing": "Tvangssalg av fast eiendom, gjennomføring",
    "drafting_cap_utlegg": "Tak for hjelp til å skrive begjæring om utlegg",
    "drafting_cap_forliksklage": "Tak for hjelp til å skrive klage til forliksrådet",
    "konkursbo_aapnet": "Konkursbo som er åpnet",
    "stevning_tingrett_foerste_dag": "Stevning til tingretten, første dag",
}
_UNITS = {"x inkassosats": "inkassosatsen", "x rettsgebyr": "rettsgebyret"}
EXPECTED = ("late_interest", "standard_compensation", "collection_rate", "court_fee", "vat_rate", "notice_fee_fraction")
CONFIDENCE = {
    "found": "Lest i kilden",
    "reading": "Vår tolkning av kilden",
    "memory": "Ikke kontrollert",
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
    checked_on: date
    source: str

    @property
    def is_sure(self) -> bool:
        """Whether it was read in a source."""
        return self.confidence == CONFIDENCE["found"]


@dataclass(frozen=True, slots=True)
class Section:
    """Figures that belong together."""

    heading: str
    lead: str
    rows: tuple[Row, ...]


def sections(figures: Sequence[Figure]) -> list[Section]:
    """All figures as rows, by section; a section without figures is left out."""
    found: dict[str, list[Row]] = {heading: [] for heading in SECTIONS}
    for family in _families(figures):
        found[_section_of(family[0].name)].append(_row(family))
    return [Section(heading, _LEADS[heading], tuple(rows)) for heading, rows in found.items() if rows]


def unknown(figures: Iterable[Figure]) -> list[str]:
    """What is not known that day, in words."""
    there = {figure.name for figure in figures}
    missing = [_NAMES[name][1] for name in EXPECTED if name not in there]
    return [name[:1].lower() + name[1:] for name in missing]


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


def _section_of(name: str) -> str:
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
        checked_on=min(f.checked_on for f in family),
        source=widest.source,
    )


def _name(name: str) -> str:
    if name in _NAMES:
        return _NAMES[name][1]
    if name.startswith("cap."):
        _, _, band, weight = name.split(".")
        limit = kroner(int(band.rpartition("_")[2]) * 100).removesuffix(",00")
        what = f"Beløp over {limit} kr" if band.startswith("over_") else f"Beløp opp til {limit} kr"
        return f"{what}, {'høy' if weight == 'heavy' else 'lav'} sats"
    item = name.partition(".")[2]
    return _COURT_NAMES.get(item, (item or name).replace("_", " ").capitalize())


def _value(figure: Figure) -> str:
    if figure.unit == "percent":
        return f"{decimal_text(figure.value)}\u00a0%"
    if figure.unit == "kr":
        return f"{kroner(ore_of_kroner(figure.value)).removesuffix(',00')}\u00a0kr"
    return f"{_factor(figure.value)} × {_UNITS[figure.unit]}"


def _how(factor: Figure | None, with_vat: Figure | None) -> str:
    told = [_value(factor)] if factor is not None else []
    if with_vat is not None:
        told.append(f"{_value(with_vat)} med mva.")
    return ", ".join(told)


def _factor(value: Decimal) -> str:
    return decimal_text(value.normalize() if value != value.to_integral_value() else value.to_integral_value())


# --- what the calculators answer ------------------------------------------------------------------------------------

FEE_NAMES = {
    "notice_fee": "Gebyr for purring eller inkassovarsel",
    "own_demand_fee": "Gebyr for betalingsoppfordring fra den som har kravet",
    "light_cap": "Tak for alle kostnader, lav sats",
    "light_fee": "Inkassosalær, lav sats",
    "heavy_cap": "Tak for alle kostnader, høy sats",
    "heavy_fee": "Inkassosalær, høy sats",
}
DAY_NAMES = {
    "deadline": "Siste dag i fristen",
    "next_step": "Neste steg tidligst",
    "heavy_fee": "Høy sats for salær tidligst",
    "legal_action_latest": "Rettslige skritt senest",
}
