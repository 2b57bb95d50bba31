"""What the desk's pages about dispatch call things (bokmål)."""

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
    "no_way": "Ingen lovlig kanal",
    "by_hand": "Stoppet for hånd",
    "sent_again": "Sendt på nytt for hånd",
    "address_changed": "Adressen ble endret",
    "paid_since": "Betalt siden",
    "other_fee": "Et beløp hadde endret seg",
}


def why_of(code: str) -> str:
    """Why a letter was withdrawn or failed, with the other side's own code; an unknown code as it is."""
    what, _, more = code.partition(":")
    words = _WHY.get(what, code)
    return f"{words} ({more})" if more and what in _WHY else words
