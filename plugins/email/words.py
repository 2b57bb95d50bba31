"""What a mail server's replies mean in plain words: the finer codes (RFC 3463), and our own."""

from pathlib import Path

from saas.rules.words import add_translations, say

add_translations(Path(__file__).parent / "locale")
CODES = {
    **dict.fromkeys(
        (
            "5.1",
            "no_address",
        ),
        say("Adressen finnes ikke"),
    ),
    **dict.fromkeys(
        (
            "5.2",
            "4.2",
        ),
        say("Postkassen kan ikke ta imot"),
    ),
    **dict.fromkeys(
        (
            "5.3",
            "4.3",
        ),
        say("Mottakerens server kan ikke ta imot"),
    ),
    **dict.fromkeys(
        (
            "5.4",
            "4.4",
        ),
        say("Mottakerens server nås ikke"),
    ),
    **dict.fromkeys(
        (
            "5.5",
            "5.6",
            "4.5",
            "4.6",
        ),
        say("Serveren forsto ikke meldingen"),
    ),
    **dict.fromkeys(
        (
            "5.7",
            "4.7",
        ),
        say("Serveren godtok ikke avsenderen eller innholdet"),
    ),
    **dict.fromkeys(
        (
            "530",
            "534",
            "535",
            "538",
            "no_login_offered",
        ),
        say("Innloggingen til e-postserveren virker ikke"),
    ),
    "552": say("E-posten er for stor"),
    **dict.fromkeys(
        (
            "550",
            "551",
            "553",
        ),
        say("Mottakeren finnes ikke på serveren"),
    ),
    "554": say("Serveren ville ikke ta imot"),
    **dict.fromkeys(
        (
            "421",
            "450",
            "451",
            "452",
            "4",
        ),
        say("Serveren tar ikke imot nå"),
    ),
    **dict.fromkeys(
        (
            "no_starttls",
            "untrusted_certificate",
        ),
        say("Forbindelsen til serveren er ikke trygg"),
    ),
    **dict.fromkeys(
        (
            "no_text",
            "unwritable_text",
        ),
        say("Teksten kan ikke sendes"),
    ),
    "names_collection": say("Teksten røper hva det gjelder"),
    "names_sum": say("Teksten røper et beløp"),
}
