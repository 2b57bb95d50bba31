"""Everybody in the demo, all made up: those the story follows by name, and what the others' names are drawn from."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

FJORD, VESTLYS = "fjord", "vestlys"
NORDLYS_KRAFT, BYGDA_BREDBAND, VESTLYS_KRAFT = "nordlys-kraft", "bygda-bredband", "vestlys-kraft"
TENANT_OF = {NORDLYS_KRAFT: FJORD, BYGDA_BREDBAND: FJORD, VESTLYS_KRAFT: VESTLYS}


class Habit(StrEnum):
    """What somebody does with a letter about money."""

    AT_ONCE = "pays within days of the first letter"
    ON_THE_DEADLINE = "pays on the very day of the deadline"
    AFTER_NOTICE = "pays when the collection notice comes"
    AFTER_DEMAND = "pays when the demand comes"
    IN_PARTS = "pays a part of it, and the rest at the next letter"
    CASE_NUMBER = "pays without KID and writes the case number"
    NO_REFERENCE = "pays without KID and writes nothing that helps"
    TOO_MUCH = "pays 500 kr too much"
    TWICE = "pays twice"
    OLD_INVOICE = "pays the old invoice before any letter has come"
    NEVER = "does not pay"


USUAL = {
    Habit.AT_ONCE: 38,
    Habit.ON_THE_DEADLINE: 12,
    Habit.AFTER_NOTICE: 17,
    Habit.AFTER_DEMAND: 12,
    Habit.IN_PARTS: 6,
    Habit.CASE_NUMBER: 3,
    Habit.TOO_MUCH: 2,
    Habit.TWICE: 2,
    Habit.NEVER: 8,
}
"""How many of a hundred of those not named here."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice of somebody named. Amount in øre; `reminder` is the creditor's own (sent, deadline), with proof."""

    invoiced_on: date
    due_on: date
    amount_ore: int
    reminder: tuple[date, date] | None = None
    own_kid: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody the story follows. `pays_on` are the days on which the latest letter's sum is paid, whatever the habit;
    `pays_ore` is what is paid on the first of several such days.
    """

    name: str
    creditor: str
    invoices: tuple[Invoice, ...]
    habit: Habit
    why: str  # why the story follows this one
    kind: str = "person"
    active_contract: bool | None = None
    vulnerable: bool = False
    has_address: bool = True
    pays_on: tuple[date, ...] = ()
    pays_ore: int = 0


def _inv(invoiced: str, due: str, ore: int, **more: object) -> Invoice:
    return Invoice(date.fromisoformat(invoiced), date.fromisoformat(due), ore, **more)  # type: ignore[arg-type]


CAST: tuple[Role, ...] = (
    Role("Kari Solvang", NORDLYS_KRAFT, (_inv("2026-01-12", "2026-01-26", 124_000),), Habit.AT_ONCE,
         "the ordinary case: a reminder, and it is paid", active_contract=True),
    Role("Ingrid Myrvoll", NORDLYS_KRAFT, (_inv("2026-01-09", "2026-01-23", 386_450),), Habit.AFTER_DEMAND,
         "asks for more time while her power contract runs", active_contract=True,
         pays_on=(date(2026, 3, 27), date(2026, 5, 4)), pays_ore=100_000),
    Role("Jonas Tveit", NORDLYS_KRAFT, (_inv("2026-01-12", "2026-01-26", 214_300),), Habit.NEVER,
         "asks for more time; his contract has ended", active_contract=False, pays_on=(date(2026, 4, 7),)),
    Role("Sigrid Aasen", NORDLYS_KRAFT, (_inv("2026-01-14", "2026-01-28", 297_800),), Habit.NEVER,
         "asks for more time when nobody knows any longer whether her contract runs", active_contract=True,
         pays_on=(date(2026, 5, 5),)),
    Role("Per Rønning", NORDLYS_KRAFT, (_inv("2026-01-08", "2026-01-22", 189_900),), Habit.NEVER,
         "marked as vulnerable: nothing is sent before a person has looked", active_contract=True, vulnerable=True),
    Role("Marte Lunde", NORDLYS_KRAFT, (_inv("2026-01-15", "2026-01-29", 98_000),), Habit.NEVER,
         "nobody knows where she lives", active_contract=False, has_address=False),
    Role("Oddvar Moen", NORDLYS_KRAFT,
         (_inv("2026-01-05", "2026-01-19", 156_720), _inv("2026-01-26", "2026-02-09", 143_180),
          _inv("2026-02-09", "2026-02-23", 161_005)), Habit.NEVER,
         "several invoices, and he never pays: one case, one demand", active_contract=True),
    Role("Gunvor Eide", NORDLYS_KRAFT,
         (_inv("2025-12-18", "2026-01-15", 87_340, reminder=(date(2026, 2, 26), date(2026, 3, 13))),
          _inv("2026-02-04", "2026-02-19", 92_260)), Habit.AFTER_DEMAND,
         "two invoices at different stages, joined before the demand", active_contract=True),
    Role("Hansen Rør og Varme AS", NORDLYS_KRAFT, (_inv("2026-01-16", "2026-01-30", 6_000_000),),
         Habit.ON_THE_DEADLINE, "a company, 60 000 kr, paid on the very day of the deadline", kind="company",
         active_contract=True),
    Role("Eli Brekke", NORDLYS_KRAFT, (_inv("2026-01-19", "2026-02-02", 462_190),), Habit.IN_PARTS,
         "pays a part, and the rest when the demand comes", active_contract=False),
    Role("Bakken Snekkerverksted", NORDLYS_KRAFT, (_inv("2026-01-20", "2026-02-03", 734_600),), Habit.CASE_NUMBER,
         "a sole trader who pays without KID", kind="sole_trader", active_contract=True),
    Role("Kåre Nilsen", NORDLYS_KRAFT, (_inv("2026-01-07", "2026-01-21", 412_775),), Habit.NEVER,
         "never pays: the fee doubles, then it is for a person to decide", active_contract=False),
    Role("Tora Lindvik", NORDLYS_KRAFT, (_inv("2026-02-27", "2026-05-04", 243_800),), Habit.NEVER,
         "had until May to pay; her contract runs: log in as her and ask for more time", active_contract=True),
    Role("Emil Haugland", NORDLYS_KRAFT, (_inv("2026-02-27", "2026-05-04", 231_150),), Habit.NEVER,
         "had until May to pay; his contract has ended: log in as him and ask for more time", active_contract=False),
    Role("Trond Haugen", BYGDA_BREDBAND, (_inv("2026-01-22", "2026-02-05", 59_900),), Habit.TOO_MUCH,
         "pays too much: the rest is his"),
    Role("Liv Sætre", BYGDA_BREDBAND, (_inv("2026-01-22", "2026-02-05", 64_900),), Habit.TWICE,
         "pays twice: the second time is hers to have back"),
    Role("Bjarne Krogh", BYGDA_BREDBAND, (_inv("2026-01-22", "2026-02-05", 74_900, own_kid=True),), Habit.OLD_INVOICE,
         "pays the old invoice, with its own KID, on the day the reminder leaves: no fee", pays_on=(date(2026, 3, 3),)),
    Role("Fjelltoppen Kafé AS", BYGDA_BREDBAND, (_inv("2026-01-13", "2026-01-27", 1_299_000),), Habit.AFTER_NOTICE,
         "a company that waits for the collection notice", kind="company"),
    Role("Randi Hovden", BYGDA_BREDBAND, (_inv("2026-01-22", "2026-02-05", 54_900),), Habit.NO_REFERENCE,
         "pays, and nobody can tell for what"),
    Role("Anne Grøtte", VESTLYS_KRAFT, (_inv("2026-01-12", "2026-01-26", 331_640),), Habit.AFTER_DEMAND,
         "her power company collects for itself", active_contract=True),
    Role("Arne Vik", VESTLYS_KRAFT,
         (_inv("2025-12-15", "2026-01-05", 205_500), _inv("2026-02-23", "2026-03-16", 198_700)), Habit.AFTER_NOTICE,
         "two invoices far apart: two cases, each at its own pace", active_contract=True),
    Role("Solveig Fosse", VESTLYS_KRAFT, (_inv("2026-01-21", "2026-02-04", 275_050),), Habit.IN_PARTS,
         "pays in parts", active_contract=False),
)  # fmt: skip
"""Everybody the story follows."""

FIRST_NAMES = (
    "Anders", "Astrid", "Berit", "Bjørn", "Camilla", "Dag", "Einar", "Elise", "Erlend", "Frida", "Geir", "Grete",
    "Hanne", "Harald", "Hege", "Håkon", "Ida", "Ivar", "Jorunn", "Karin", "Kjell", "Lars", "Lene", "Magnus",
    "Maria", "Mona", "Nils", "Olav", "Ragnhild", "Reidar", "Rune", "Siri", "Stig", "Svein", "Synnøve", "Terje",
    "Tone", "Tore", "Unni", "Vegard", "Wenche", "Øystein", "Åse", "Mohammed", "Fatima", "Agnieszka", "Piotr",
    "Nguyen",
)  # fmt: skip
LAST_NAMES = (
    "Aune", "Bakke", "Berge", "Bråten", "Dahl", "Enger", "Fjeld", "Foss", "Gjerde", "Haug", "Hjelle", "Holm",
    "Iversen", "Kleiven", "Kvam", "Lie", "Løken", "Midtbø", "Myhre", "Nesse", "Nygård", "Opheim", "Rud", "Sande",
    "Skår", "Solheim", "Stene", "Strand", "Sunde", "Thune", "Tangen", "Ulven", "Vang", "Vik", "Ødegård", "Østby",
    "Åsen",
)  # fmt: skip
COMPANY_HEADS = (
    "Nordfjell", "Havblikk", "Granlia", "Solsiden", "Vestkanten", "Steinbakken", "Furuheim", "Storelva", "Lysebu",
    "Kystbyen", "Bjørkelund", "Fagerli",
)  # fmt: skip
COMPANY_TAILS = ("Bygg AS", "Transport AS", "Eiendom AS", "Bakeri AS", "Regnskap AS", "Verksted AS")
TRADES = ("Frisør", "Maler", "Gartner", "Elektro", "Foto", "Vaktmester")
STREETS = (
    "Bjørkeveien", "Fjellgata", "Granstubben", "Havnegata", "Kirkeveien", "Lyngveien", "Myrveien", "Parkveien",
    "Skolegata", "Solbakken", "Storgata", "Strandveien", "Tunveien", "Utsikten", "Øvre gate", "Åsveien",
)  # fmt: skip
PLACES = (
    ("0155", "Oslo"), ("0571", "Oslo"), ("1606", "Fredrikstad"), ("2317", "Hamar"), ("3015", "Drammen"),
    ("4006", "Stavanger"), ("5015", "Bergen"), ("5073", "Bergen"), ("6003", "Ålesund"), ("6100", "Volda"),
    ("6800", "Førde"), ("7010", "Trondheim"), ("7713", "Steinkjer"), ("8006", "Bodø"), ("9008", "Tromsø"),
)  # fmt: skip
