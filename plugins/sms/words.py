"""What the gateway's codes mean in plain words."""

from pathlib import Path

from saas.rules.words import add_translations, say

add_translations(Path(__file__).parent / "locale")
CODES = {
    "delivered": say("Levert til telefonen"),
    **dict.fromkeys(
        (
            "queued",
            "sent_on",
            "billed_later",
            "billed",
            "billed_and_sent_on",
            "delayed",
        ),
        say("På vei til telefonen"),
    ),
    "expired": say("Telefonen var av for lenge"),
    "phone_full": say("Telefonen er full"),
    "not_delivered": say("Ble ikke levert"),
    "nobody_knows": say("Ingen vet om den kom fram"),
    "bad_number_unknown": say("Nummeret finnes ikke"),
    **dict.fromkeys(
        (
            "bad_number_barred",
            "barred_for_now",
        ),
        say("Nummeret er sperret"),
    ),
    "bad_number_wrong": say("Nummeret er skrevet feil"),
    "no_way_there": say("Ingen vei til nettet nummeret hører til"),
    "content_refused": say("Teksten ble ikke godtatt"),
    "unheard_of": say("En kode vi ikke kjenner"),
    "no_mobile_number": say("Mangler mobilnummer"),
    **dict.fromkeys(
        (
            "no_text",
            "unwritable_text",
        ),
        say("Teksten kan ikke sendes"),
    ),
    "too_long": say("Teksten er for lang"),
    "names_collection": say("Teksten røper hva det gjelder"),
    "names_sum": say("Teksten røper et beløp"),
    **dict.fromkeys(
        (
            "endless_answer",
            "unreadable_answer",
        ),
        say("Svaret kunne ikke leses"),
    ),
    "106000": say("Meldingen ble ikke godtatt"),
    **dict.fromkeys(
        (
            "106100",
            "106101",
        ),
        say("Brukernavn eller passord er feil"),
    ),
    **dict.fromkeys(
        (
            "106200",
            "106201",
        ),
        say("platformId i avtalen er feil"),
    ),
    **dict.fromkeys(
        (
            "106300",
            "106301",
        ),
        say("Porten i avtalen finnes ikke"),
    ),
}
