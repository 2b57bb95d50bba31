"""What the desk's pages about dispatch call things."""

from saas.dispatch.codes import words_of
from saas.portals.shared.words import CLOSED, HOLDS
from saas.rules.facts import HoldReason
from saas.rules.words import Lowered, say

CHANNELS = {
    "": say("Ikke valgt ennå"),
    "print_post": say("Papir"),
    "digipost": say("Digipost"),
    "portal_mailbox": say("Portalen"),
    "email": say("E-post"),
    "sms": say("SMS"),
    "by_hand": say("For hånd"),
}
STATES = {
    "queued": say("Venter"),
    "ready": say("Skrevet"),
    "sending": say("Leveres nå"),
    "handed_over": say("Levert, uten bevis ennå"),
    "sent": say("Bevist sendt"),
    "failed": say("Kom ikke fram"),
    "withdrawn": say("Trukket"),
    "unknown": say("Ingen vet"),
}
ATTENTION = {
    "unknown": say("Ingen vet om brevet gikk ut. Det sendes ikke på nytt før noen har sagt hva som skal skje."),
    "returned": say("Brevet kom i retur. Finn riktig adresse og skriv den inn på saken."),
    "wrong_person": say("Mottakeren sier at brevet gjelder en annen. Sjekk hvem som bor på adressen."),
    "protected": say("Adressen er sperret. Brevet ligger klart, og du må få det fram for hånd."),
    "refused": say("Kanalen ville ikke ta imot brevet. Neste vei er tatt, hvis det finnes en."),
    "failed": say("Brevet kom ikke fram."),
    "not_told": say("Varselet om brevet i portalen nådde ikke fram. Send på nytt, så går brevet en annen vei."),
    "no_way": say("Ingen lovlig kanal når skyldneren. Ring, eller finn en adresse."),
    "incomplete": say("Brevet kunne ikke skrives: noe loven krever, mangler."),
    "unknown_law": say("En sats i loven er ikke kjent for datoen."),
}
HEALTH = {"ok": say("Virker"), "down": say("Nede"), "stopped": say("Stoppet")}
DONE = {
    "again": say("Brevet skrives på nytt."),
    "counted": say("Brevet regnes som sendt den dagen du oppga."),
    "stopped": say("Brevet er stoppet."),
    "aside": say("Brevet er tatt av listen."),
    "opened": say("Kanalen er åpnet igjen."),
    "address": say("Adressen er lagret. Det som ventet på den, går videre."),
    "reach": say("Lagret. Det gjelder brev som ikke er skrevet ennå."),
}
_WHY = {
    "unreachable": say("Kan ikke nås denne veien"),
    "refused": say("Kanalen ville ikke ta det"),
    "failed": say("Kom ikke fram"),
    "returned": say("Kom i retur"),
    "unknown": say("Svaret uteble"),
    "hold": say("Saken ble satt på vent"),
    "closed": say("Saken ble avsluttet"),
    "posted_too_late": say("Postet så sent at fristen ble for kort"),
    "deadline_too_short": say("Fristen ville blitt for kort"),
    "contact_cap": say("Nok varsler denne uka"),
    "opened": say("Brevet er alt lest"),
    "not_told": say("Varselet nådde ikke fram"),
    "not_wanted": say("Skyldneren vil ikke ha det denne veien"),
    "no_way": say("Ingen lovlig kanal"),
    "by_hand": say("Stoppet for hånd"),
    "sent_again": say("Sendt på nytt for hånd"),
    "address_changed": say("Adressen ble endret"),
    "paid_since": say("Betalt siden"),
    "nothing_owed": say("Alt er betalt"),
    "other_fee": say("Et beløp hadde endret seg"),
    "other_step": say("Et annet steg er riktig nå"),
    "objection_upheld": say("Skyldneren fikk rett"),
    "costs_lost": say("Kostnadene er falt bort"),
    "interest_paused": say("Rentene ble stanset"),
    "unknown_law": say("En sats er ikke kjent"),
    "incomplete": say("Noe loven krever, manglet"),
    "debtor_dead": say("Skyldneren er død"),
    "reopened": say("Saken ble gjenåpnet"),
    "answered": say("Innsigelsen er besvart"),
    "deferral_ended": say("Utsettelsen er over"),
    "deferred_since": say("Mer tid er gitt siden"),
    "letter_under_way": say("Et annet brev er på vei"),
    "ladder_done": say("Alle brev er sendt"),
    "deadline_running": say("Fristen løper"),
    "no_proof": say("Venter på bevis for sending"),
    "time_barred": say("Kravet kan være for gammelt"),
    "interest_time_barred": say("Gamle renter kan være foreldet"),
    "only_costs_left": say("Bare renter og kostnader gjenstår"),
    "notice_by_creditor": say("Inkassovarselet må sendes på nytt"),
    "soft_contact": say("Et vennlig brev er sendt først"),
    "fee_not_raised": say("Salæret økes ikke"),
    "not_due": say("Fakturaen er ikke forfalt lenge nok"),
    "already_taken": say("Steget er alt tatt"),
    "too_soon_after_due": say("Det er for kort tid siden forfall"),
    "join_wait": say("Venter på en sak som kan slås sammen med denne"),
    "no_missed_deadline": say("Ingen frist er brutt ennå"),
    "no_collection_notice": say("Inkassovarsel mangler"),
    "no_demand": say("Betalingsoppfordring mangler"),
    "no_licence": say("Virksomheten har ikke bevilling"),
    "no_room": say("Taket for kostnader er nådd"),
    "agency_only": say("Bare et inkassoforetak kan gjøre dette"),
}


def why_of(code: str, channel: str = "") -> str:
    """Why a letter was withdrawn or failed, with the other side's code in plain words; an unknown code as it is."""
    what, _, more = code.partition(":")
    what, more = ("hold", what.partition(".")[2]) if what.startswith("hold.") else (what, more)
    why = _WHY.get(what)
    if why is None:
        return code
    told = _told(what, more, channel)
    return say("{why}: {told}", why=why, told=told) if told else why


def _told(what: str, more: str, channel: str) -> str:
    """What stands behind the colon: a reason to hold or close, a channel, or a code of the channel's."""
    if what == "hold":
        return HOLDS[HoldReason(more)] if more in set(HoldReason) else more
    if what == "closed":
        return _lowered(CLOSED[more]) if more in CLOSED else more
    if what in ("unreachable", "refused"):
        return CHANNELS.get(more, more)
    if more in _WHY:
        return _lowered(_WHY[more])
    words = words_of(channel, more)
    return say("{words} ({code})", words=Lowered(words), code=more) if words and more else more


def _lowered(words: str) -> str:
    return say("{words}", words=Lowered(words))


def trouble_of(channel: str, code: str) -> str:
    """Why a channel is down or stopped: in plain words, with its code."""
    words = words_of(channel, code)
    return say("{words} ({code})", words=words, code=code) if words else code
