"""What the inkassolov of 2026 changes: in general, and for one case (m1).

The general list is the act set against the act of 1988. For a case each change says whether it touches the case's own
facts and why; the first one is no description but the engine asked twice, once under each act.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from saas.rules.case import Decision, decide, next_step
from saas.rules.contact import answer_duty
from saas.rules.facts import DEFAULT_POLICY, CaseFacts, HoldFacts, HoldReason, Policy, Stage, Step
from saas.rules.law import Law
from saas.rules.rates import UnknownLaw
from saas.rules.regime import Regime, regime_on
from saas.rules.words import LETTER_NAMES, Kroner, Words, say

_NOTHING = say("")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing the act changes. `touches` is None in the general list, where there is no case."""

    code: str
    paragraph: str  # of the act of 2026
    topic: Words
    now: Words
    then: Words
    touches: bool | None = None
    why: Words = _NOTHING


class _Seen(NamedTuple):
    """A case as the questions below see it."""

    facts: CaseFacts
    on: date
    policy: Policy
    next: Step | None  # under the act of 1988

    def hold(self, reason: HoldReason) -> HoldFacts | None:
        return next((hold for hold in self.facts.holds if hold.reason is reason), None)


_Answer = tuple[bool, Words]


def changes() -> tuple[Change, ...]:
    """All we know the act changes in the collection of a claim, in the order of a case's life."""
    return tuple(change for change, _ in _CHANGES)


def what_would_change(facts: CaseFacts, on: date, law: Law, policy: Policy = DEFAULT_POLICY) -> tuple[Change, ...]:
    """What the act would change for this case, were it in force on `on` (m1).

    The case's next step under each act comes first. Never raises UnknownLaw: what is not known is said to be so.
    """
    seen = _Seen(facts, on, policy, _coming_step(facts, law, policy))
    answered = ((change, touches(seen)) for change, touches in _CHANGES)
    return (
        _next_step(facts, on, law, policy),
        *(replace(change, touches=touched, why=why) for change, (touched, why) in answered),
    )


# --- the next step, asked under each act ----------------------------------------------------------------------------


def _next_step(facts: CaseFacts, on: date, law: Law, policy: Policy) -> Change:
    starts = min(on, policy.new_act_from or on)
    now = decide(facts, on, law, replace(policy, new_act_from=None))
    then = decide(facts, on, law, replace(policy, new_act_from=starts))
    same = now.step is then.step and [b.code for b in now.why] == [b.code for b in then.why]
    why = say("Svaret er det samme etter begge lovene.") if same else say("Svaret blir et annet etter den nye loven.")
    return Change("next_step", "§§ 19-22", say("Neste steg i saken"), _told(now), _told(then), not same, why)


def _told(decision: Decision) -> Words:
    if decision.step is None:
        return say("{why}", why=decision.why[0].message)
    return say("{step} kan tas.", step=_STEP_NAMES[decision.step])


_STEP_NAMES = {
    Step.REMINDER: say("Purring"),
    Step.COLLECTION_NOTICE: say("Inkassovarsel"),
    Step.PAYMENT_DEMAND: say("Betalingsoppfordring"),
    Step.HEAVY_FEE: say("Forhøyet salær"),
}


def _coming_step(facts: CaseFacts, law: Law, policy: Policy) -> Step | None:
    """The rung ahead, whatever stops it today; None when the case is closed, paid or at the end of the ladder."""
    if facts.stage is Stage.CLOSED or facts.outstanding.principal_ore <= 0:
        return None
    try:
        return next_step(facts, law, replace(policy, new_act_from=None))
    except UnknownLaw:
        return Step.HEAVY_FEE  # only the heavy fee asks for a figure


# --- whether a change touches the case ------------------------------------------------------------------------------

_NO_STEP = say("Saken har ingen flere steg foran seg.")
_ALREADY = say("Vi følger regelen allerede.")
_BOUND_IS_AGENCY = say("Regelen gjelder bare inkassoforetak, og avsenderen er ikke det.")
_IS_AGENCY = say("Avsenderen er et inkassoforetak.")


def _ahead(step: Step) -> Words:
    name = say("forhøyet salær") if step is Step.HEAVY_FEE else LETTER_NAMES[step]
    return say("Neste steg er {step}.", step=name)


def _start(seen: _Seen) -> _Answer:
    starts = seen.policy.new_act_from
    if starts is None:
        return False, say("Ingen dag er bestemt.")
    if regime_on(seen.on, seen.policy) is Regime.ACT_2026:
        return True, say("Den nye loven gjelder fra {day}.", day=starts)
    return bool(seen.facts.notices), say("Den nye loven skal gjelde fra {day}.", day=starts)


def _senders(seen: _Seen) -> _Answer:
    if seen.next is None:
        return False, _NO_STEP
    if seen.facts.agency_licence:
        return False, _IS_AGENCY
    return True, say("Avsenderen har ikke inkassobevilling, og {step} er neste steg.", step=LETTER_NAMES[seen.next])


def _own_letters(seen: _Seen) -> _Answer:
    if seen.next is None or (seen.facts.agency_licence and seen.next is not Step.REMINDER):
        return False, say("Det gjenstår ingen brev av dette slaget i saken.")
    return True, _ahead(seen.next)


def _costs(seen: _Seen) -> _Answer:
    return (False, _NO_STEP) if seen.next is None else (True, _ahead(seen.next))


def _notice(seen: _Seen) -> _Answer:
    ahead = seen.next in (Step.REMINDER, Step.COLLECTION_NOTICE)
    return ahead, say("Inkassovarselet er ikke sendt ennå.") if ahead else say(
        "Det kommer ikke noe inkassovarsel til i saken."
    )


def _demand(seen: _Seen) -> _Answer:
    ahead = seen.next in (Step.REMINDER, Step.COLLECTION_NOTICE, Step.PAYMENT_DEMAND)
    if ahead:
        return True, say("Betalingsoppfordringen er ikke sendt ennå.")
    return False, say("Det kommer ikke noen betalingsoppfordring til i saken.")


def _joining(seen: _Seen) -> _Answer:
    facts = seen.facts
    if not facts.agency_licence:
        return False, _BOUND_IS_AGENCY
    if facts.sibling_ready_on is not None and seen.next is Step.PAYMENT_DEMAND:
        return True, say("En annen sak mellom de samme partene er klar {day}.", day=facts.sibling_ready_on)
    if len(facts.claims) > 1:
        return True, say("Saken har {count} krav.", count=len(facts.claims))
    return False, say("Vi kjenner ingen andre krav mellom de samme partene.")


def _objection(seen: _Seen) -> _Answer:
    hold = seen.hold(HoldReason.OBJECTION)
    if hold is None:
        return False, say("Det står ingen innsigelse på saken.")
    return True, say("Det har stått en innsigelse på saken siden {day}.", day=hold.since)


def _complaints(seen: _Seen) -> _Answer:
    return _objection(seen) if seen.facts.agency_licence else (False, _BOUND_IS_AGENCY)


def _answers(seen: _Seen) -> _Answer:
    hold = seen.hold(HoldReason.OBJECTION)
    if hold is None:
        return False, say("Vi kjenner ingen henvendelse som venter på svar.")
    duty = answer_duty(hold.since, Regime.ACT_2026, by_agency=seen.facts.agency_licence)
    assert duty is not None
    if duty.binding:
        return True, say("Innsigelsen fra {day} måtte vært besvart senest {by}.", day=hold.since, by=duty.by)
    return True, say("Innsigelsen fra {day} burde vært besvart senest {by}.", day=hold.since, by=duty.by)


def _lost_costs(seen: _Seen) -> _Answer:
    charged_ore = seen.facts.charged_notice_fees_ore + seen.facts.charged_collection_fee_ore
    if not charged_ore:
        return False, say("Det er ikke lagt til kostnader i saken.")
    return True, say("{amount} i kostnader er lagt til i saken.", amount=Kroner(charged_ore))


def _plans(seen: _Seen) -> _Answer:
    hold = seen.hold(HoldReason.DEFERRED)
    if hold is None:
        return False, say("Det er ikke gitt mer tid i saken.")
    return True, say("Det er gitt mer tid i saken siden {day}.", day=hold.since)


def _information(seen: _Seen) -> _Answer:
    if seen.facts.stage is Stage.CLOSED:
        return False, say("Saken er avsluttet.")
    return True, say("Skyldneren kan be om det i denne saken.")


def _hardship(seen: _Seen) -> _Answer:
    if seen.facts.vulnerable:
        return True, say("Skyldneren er merket som sårbar.")
    return False, say("Skyldneren er ikke merket som sårbar.")


def _client_money(seen: _Seen) -> _Answer:
    return (True, _IS_AGENCY) if seen.facts.agency_licence else (False, _BOUND_IS_AGENCY)


def _conciliation(seen: _Seen) -> _Answer:
    if seen.facts.stage is Stage.DEMANDED:
        return True, say("Betalingsoppfordringen er sendt, så klage til forliksrådet kan bli neste vei.")
    return False, say("Saken er ikke kommet så langt.")


def _already(seen: _Seen) -> _Answer:
    return False, _ALREADY


def _same_deadline(seen: _Seen) -> _Answer:
    return False, say("Fristen er like lang etter begge lovene.")


def _not_offered(seen: _Seen) -> _Answer:
    return False, say("Vi oppsøker ingen.")


def _firm(seen: _Seen) -> _Answer:
    return False, say("Det gjelder foretaket, ikke den enkelte saken.")


# --- the act of 2026 against the act of 1988 ------------------------------------------------------------------------

_CHANGES: tuple[tuple[Change, Callable[[_Seen], _Answer]], ...] = (
    (
        Change(
            "start",
            "§ 55",
            say("Når loven gjelder"),
            say("Inkassoloven av 1988 gjelder."),
            say(
                "Kongen bestemmer når den nye loven gjelder, og delene kan starte hver for seg. Loven sier ikke hva "
                "som skjer med saker som er i gang."
            ),
        ),
        _start,
    ),
    (
        Change(
            "senders",
            "§§ 20, 21",
            say("Hvem som sender brevene"),
            say("Den som har kravet, kan selv sende inkassovarsel og en egen betalingsoppfordring."),
            say("Bare et inkassoforetak kan sende inkassovarsel og betalingsoppfordring."),
        ),
        _senders,
    ),
    (
        Change(
            "own_letters",
            "§ 19",
            say("Brev med gebyr"),
            say("Purring og inkassovarsel kan ha gebyr når de sendes minst 14 dager etter forfall."),
            say("En forskrift kan bestemme form, innhold og tid for brev med gebyr. Den er ikke kunngjort."),
        ),
        _own_letters,
    ),
    (
        Change(
            "costs",
            "§ 19",
            say("Hva skyldneren må betale for inndrivingen"),
            say("Nødvendige kostnader, inntil takene i inkassoforskriften."),
            say("Faste erstatningsbeløp etter en ny forskrift. Beløpene er ikke kunngjort, og vi gjetter ikke."),
        ),
        _costs,
    ),
    (
        Change(
            "notice_content",
            "§§ 15, 20",
            say("Hva inkassovarselet må si"),
            say("At kravet går til inkasso hvis det ikke blir betalt, og fristen."),
            say(
                "I tillegg blant annet fakturanummer og fakturadato, opprinnelig fordringshaver, kravet delt opp, "
                "anslåtte kostnader videre, telefontid, og hvordan skyldneren ber om hjelp, er uenig eller klager."
            ),
        ),
        _notice,
    ),
    (
        Change(
            "demand_content",
            "§§ 15, 21",
            say("Hva betalingsoppfordringen må si"),
            say("Kravet delt opp, rentesats og dato, hva som kan følge, og retten til nemnd."),
            say(
                "Det samme som det nye inkassovarselet, med rentesats og dato og anslåtte kostnader ved videre "
                "inndriving."
            ),
        ),
        _demand,
    ),
    (
        Change(
            "deadlines",
            "§§ 20, 21",
            say("Frister i brevene"),
            say("Minst 14 dager fra brevet ble sendt."),
            say("Minst 14 dager fra brevet ble sendt. Dagen det ble sendt, regnes ikke med."),
        ),
        _same_deadline,
    ),
    (
        Change(
            "joining",
            "§ 22",
            say("Flere krav mellom de samme partene"),
            say("Krav på samme trinn slås sammen etter god inkassoskikk."),
            say(
                "Inkassoforetaket må drive dem inn samlet: ett inkassovarsel for hvert krav, og én felles "
                "betalingsoppfordring når fristen i alle varslene er ute."
            ),
        ),
        _joining,
    ),
    (
        Change(
            "objection_costs",
            "§ 18",
            say("Kostnader etter en innsigelse"),
            say("De faller bort når det var rimelig grunn til å få innsigelsen vurdert først."),
            say(
                "De kan ikke kreves når skyldneren er uenig, før det er avgjort. Unntak: åpenbart grunnløse "
                "innsigelser, og innsigelser som burde vært reist før."
            ),
        ),
        _objection,
    ),
    (
        Change(
            "lost_costs",
            "§ 18",
            say("Når kostnadene faller bort"),
            say("Når de ikke var nødvendige, eller når god inkassoskikk eller reglene om varsel ble brutt."),
            say(
                "Alle kostnader faller bort når en regel om inndrivingen er brutt, med mindre feilen ikke kunne ha noe "
                "å si for skyldneren eller skyldtes skyldneren."
            ),
        ),
        _lost_costs,
    ),
    (
        Change(
            "doubts",
            "§ 24",
            say("Tvil om kravet"),
            say("Tvil skal være vurdert før betalingsoppfordringen."),
            say(
                "Inndrivingen stanses mens tvilen undersøkes. Får foretaket ikke svar fra fordringshaveren innen "
                "rimelig tid, gir det kravet fra seg."
            ),
        ),
        _complaints,
    ),
    (
        Change(
            "complaints",
            "§ 25",
            say("Innsigelser og klager"),
            say("Loven har ingen egne regler om hvordan de behandles."),
            say(
                "De undersøkes grundig og besvares skriftlig med begrunnelse. Holder fordringshaveren fast ved kravet, "
                "må det avgjøres av en domstol eller et klageorgan, eller skyldneren må trekke innsigelsen."
            ),
        ),
        _complaints,
    ),
    (
        Change(
            "answers",
            "§ 17",
            say("Svar på henvendelser"),
            say("Loven har ingen frist."),
            say("Et inkassoforetak må svare innen en uke, om nødvendig foreløpig. Andre bør gjøre det."),
        ),
        _answers,
    ),
    (
        Change(
            "plans",
            "§ 16",
            say("Mer tid og avdrag"),
            say("Loven krever ingen skriftlig bekreftelse."),
            say("Skyldneren får skriftlig hver nye forfallsdag og hvert beløp."),
        ),
        _plans,
    ),
    (
        Change(
            "information",
            "§ 16",
            say("Opplysninger når skyldneren spør"),
            say("Loven har ingen egen regel."),
            say(
                "Skyldneren får vite blant annet hva kravet gjelder, hvordan renten er regnet ut, hva som er betalt, "
                "hva betalinger dekker først, og hva som er gjort og varslet."
            ),
        ),
        _information,
    ),
    (
        Change(
            "hardship",
            "§ 14",
            say("Skyldnere i en vanskelig situasjon"),
            say("God inkassoskikk: ikke urimelig påtrykk, skade eller ulempe."),
            say("Inndrivingen tilpasses alvorlig sykdom, opphold på institusjon og særskilte betalingsvansker."),
        ),
        _hardship,
    ),
    (
        Change(
            "hours",
            "§ 15",
            say("Når skyldneren kan kontaktes"),
            say("Nemnda godtar ikke sene kvelder, lørdag etter klokka 15 eller helligdager."),
            say("Mandag til fredag 08–21 og lørdag 09–15, aldri på helligdager."),
        ),
        _already,
    ),
    (
        Change(
            "visits",
            "§ 15",
            say("Besøk hos skyldneren"),
            say("God inkassoskikk."),
            say("Bare inkassoforetak, etter skriftlig varsel. Skyldneren kan si nei på forhånd."),
        ),
        _not_offered,
    ),
    (
        Change(
            "minors",
            "§ 18",
            say("Krav fra før skyldneren fylte 18 år"),
            say("Loven har ingen egen regel."),
            say("Det kan ikke kreves kostnader."),
        ),
        _already,
    ),
    (
        Change(
            "client_money",
            "§ 26",
            say("Utbetaling til fordringshaveren"),
            say("Snarest, slik det er avtalt."),
            say("Det som er betalt på hovedkravet, betales ut senest 14 dager etter at det kom inn."),
        ),
        _client_money,
    ),
    (
        Change(
            "conciliation",
            "§ 56",
            say("Klage til forliksrådet"),
            say("Betalingsoppfordringen legges ved når det kreves kostnader."),
            say("Det samme, med betalingsoppfordringen etter den nye loven."),
        ),
        _conciliation,
    ),
    (
        Change(
            "firm",
            "§§ 31, 33-36, 52",
            say("Foretaket"),
            say("Bevilling, sikkerhet og tilsyn."),
            say("Også skriftlig oppdragsavtale, skriftlige rutiner, dokumentasjon og overtredelsesgebyr."),
        ),
        _firm,
    ),
)
