"""What the desk's pages about dispatch call things (bokmål)."""

from saas.dispatch.codes import words_of
from saas.portals.shared.words import CLOSED, HOLDS
from saas.rules.facts import HoldReason

CHANNELS = {
    "": "Ikke valgt ennå",
    "print_post": "Papir",
    "digipost": "Digipost",
    "portal_mailbox": "Portalen",
    "email": "E-post",
    "sms": "SMS",
    "by_hand": "For hånd",
}
STATES = {
    "queued": "Venter",
    "ready": "Skrevet",
    "sending": "Leveres nå",
    "handed_over": "Levert, uten bevis ennå",
    "sent": "Bevist sendt",
    "failed": "Kom ikke fram",
    "withdrawn": "Trukket",
    "unknown": "Ingen vet",
}
ATTENTION = {
    "unknown": "Ingen vet om brevet gikk ut. Det sendes ikke på nytt før noen har sagt hva som skal skje.",
    "returned": "Brevet kom i retur. Finn riktig adresse og skriv den inn på saken.",
    "wrong_person": "Mottakeren sier at brevet gjelder en annen. Sjekk hvem som bor på adressen.",
    "protected": "Adressen er sperret. Brevet ligger klart, og du må få det fram for hånd.",
    "refused": "Kanalen ville ikke ta imot brevet. Neste vei er tatt, hvis det finnes en.",
    "failed": "Brevet kom ikke fram.",
    "not_told": "Varselet om brevet i portalen nådde ikke fram. Send på nytt, så går brevet en annen vei.",
    "no_way": "Ingen lovlig kanal når skyldneren. Ring, eller finn en adresse.",
    "incomplete": "Brevet kunne ikke skrives: noe loven krever, mangler.",
    "unknown_law": "En sats i loven er ikke kjent for datoen.",
}
HEALTH = {"ok": "Virker", "down": "Nede", "stopped": "Stoppet"}
DONE = {
    "again": "Brevet skrives på nytt.",
    "counted": "Brevet regnes som sendt den dagen du oppga.",
    "stopped": "Brevet er stoppet.",
    "aside": "Brevet er tatt av listen.",
    "opened": "Kanalen er åpnet igjen.",
    "address": "Adressen er lagret. Det som ventet på den, går videre.",
}
_WHY = {
    "unreachable": "Kan ikke nås denne veien",
    "refused": "Kanalen ville ikke ta det",
    "failed": "Kom ikke fram",
    "returned": "Kom i retur",
    "unknown": "Svaret uteble",
    "hold": "Saken ble satt på vent",
    "closed": "Saken ble avsluttet",
    "posted_too_late": "Postet så sent at fristen ble for kort",
    "deadline_too_short": "Fristen ville blitt for kort",
    "contact_cap": "Nok varsler denne uka",
    "opened": "Brevet er alt lest",
    "not_told": "Varselet nådde ikke fram",
    "no_way": "Ingen lovlig kanal",
    "by_hand": "Stoppet for hånd",
    "sent_again": "Sendt på nytt for hånd",
    "address_changed": "Adressen ble endret",
    "paid_since": "Betalt siden",
    "nothing_owed": "Alt er betalt",
    "other_fee": "Et beløp hadde endret seg",
    "other_step": "Et annet steg er riktig nå",
    "objection_upheld": "Skyldneren fikk rett",
    "costs_lost": "Kostnadene er falt bort",
    "interest_paused": "Rentene ble stanset",
    "unknown_law": "En sats er ikke kjent",
    "incomplete": "Noe loven krever, manglet",
    "debtor_dead": "Skyldneren er død",
    "reopened": "Saken ble gjenåpnet",
    "answered": "Innsigelsen er besvart",
    "deferral_ended": "Utsettelsen er over",
    "deferred_since": "Mer tid er gitt siden",
    "letter_under_way": "Et annet brev er på vei",
    "ladder_done": "Alle brev er sendt",
    "deadline_running": "Fristen løper",
    "no_proof": "Venter på bevis for sending",
    "time_barred": "Kravet kan være for gammelt",
    "interest_time_barred": "Gamle renter kan være foreldet",
    "only_costs_left": "Bare renter og kostnader gjenstår",
    "notice_by_creditor": "Inkassovarselet må sendes på nytt",
    "soft_contact": "Et vennlig brev er sendt først",
    "fee_not_raised": "Salæret økes ikke",
    "not_due": "Fakturaen er ikke forfalt lenge nok",
    "already_taken": "Steget er alt tatt",
    "too_soon_after_due": "Det er for kort tid siden forfall",
    "join_wait": "Venter på en sak som kan slås sammen med denne",
    "no_missed_deadline": "Ingen frist er brutt ennå",
    "no_collection_notice": "Inkassovarsel mangler",
    "no_demand": "Betalingsoppfordring mangler",
    "no_licence": "Virksomheten har ikke bevilling",
    "no_room": "Taket for kostnader er nådd",
    "agency_only": "Bare et inkassoforetak kan gjøre dette",
}


def why_of(code: str, channel: str = "") -> str:
    """Why a letter was withdrawn or failed, with the other side's code in plain words; an unknown code as it is."""
    what, _, more = code.partition(":")
    what, more = ("hold", what.partition(".")[2]) if what.startswith("hold.") else (what, more)
    said = _WHY.get(what)
    if said is None:
        return code
    told = _told(what, more, channel)
    return f"{said}: {told}" if told else said


def _told(what: str, more: str, channel: str) -> str:
    """What stands behind the colon: a reason to hold or close, a channel, or a code of the channel's."""
    if what == "hold":
        return HOLDS[HoldReason(more)] if more in set(HoldReason) else more
    if what == "closed":
        return CLOSED[more].lower() if more in CLOSED else more
    if what in ("unreachable", "refused"):
        return CHANNELS.get(more, more)
    if more in _WHY:
        return _WHY[more].lower()
    words = words_of(channel, more)
    return f"{words[:1].lower()}{words[1:]} ({more})" if words and more else more


def trouble_of(channel: str, code: str) -> str:
    """Why a channel is down or stopped: in plain words, with its code."""
    words = words_of(channel, code)
    return f"{words} ({code})" if words else code
