"""What Digipost's codes, and our own, mean in plain words."""

from pathlib import Path

from plugins.digipost.errors import AGREEMENT_WRONG, ALREADY, KEYS_WRONG
from saas.rules.words import add_translations, say

add_translations(Path(__file__).parent / "locale")
_PARTS = ("NAME", "ADDRESS", "POSTCODE", "CITY", "SUBJECT")
CODES = {
    **dict.fromkeys((f"{part}_TOO_LONG" for part in _PARTS), say("Navn eller adresse er for langt")),
    **dict.fromkeys((f"NO_{part}" for part in _PARTS), say("Navn eller adresse mangler")),
    **dict.fromkeys(
        (
            "UNKNOWN_RECIPIENT",
            "UNIDENTIFIED",
        ),
        say("Mottakeren har ikke postkasse hos Digipost"),
    ),
    **dict.fromkeys(
        (
            "MISSING_RECIPIENT",
            "NOTHING_TO_IDENTIFY_BY",
            "INVALID",
        ),
        say("Vi mangler det mottakeren finnes med"),
    ),
    **dict.fromkeys(
        (
            "INVALID_RECIPIENT_PRINT_ADDRESS",
            "INVALID_RETURN_ADDRESS",
        ),
        say("Adressen kan ikke brukes til utskrift"),
    ),
    **dict.fromkeys((*KEYS_WRONG,), say("Nøkkelen eller signaturen ble ikke godtatt")),
    **dict.fromkeys((*AGREEMENT_WRONG,), say("Avtalen med Digipost gir ikke lov til dette")),
    **dict.fromkeys(
        (
            *ALREADY,
            "LIES_IN_BATCH",
            "NOT_DELIVERED_YET",
        ),
        say("Digipost har det fra før"),
    ),
    "CERTIFICATE_CANNOT_BE_OPENED": say("Sertifikatet kan ikke åpnes"),
    **dict.fromkeys(
        (
            "CONTENT_HASH_DIFFERS",
            "ANSWER_OF_ANOTHER_LETTER",
        ),
        say("Svaret gjelder et annet brev enn vårt"),
    ),
    **dict.fromkeys(
        (
            "BAD_CONTENT",
            "MISSING_CONTENT",
            "ILLEGAL_CONTENT_TYPE",
            "INVALID_PDF_CONTENT",
            "CONTENT_OF_PRINT_MESSAGE_MUST_BE_PDF",
        ),
        say("PDF-en ble ikke godtatt"),
    ),
    **dict.fromkeys(
        (
            "FILE_TOO_LARGE",
            "REQUEST_TOO_LARGE",
        ),
        say("Brevet er for stort som fil"),
    ),
    **dict.fromkeys(
        (
            "INVALID_PHONE_NUMBER",
            "INVALID_EMAIL_ADDRESS",
            "INVALID_SMS_NOTIFICATION_TIME",
            "INVALID_EMAIL_NOTIFICATION_TIME",
        ),
        say("Varselet ble ikke godtatt"),
    ),
    **dict.fromkeys(
        (
            "AUTHENTICATION_LEVEL_TOO_LOW",
            "INVALID_MONETARY_AMOUNT",
            "MISSING_SUBJECT",
            "VALIDATION_FAILED",
            "SCHEMA_VALIDATION_ERROR",
            "PROBLEM_WITH_REQUEST",
            "INVALID_QUERY_PARAMETER",
            "INVALID_DATE",
            "INVALID_DATE_RANGE",
            "INVALID_TRANSACTION",
            "MISSING_BODYPART_CONTENT_DISPOSITION",
            "MISSING_BODYPART_FILENAME",
            "DOCUMENTS_AND_FILES_MISMATCH",
            "GENERAL_ERROR",
            "PEPPOL_ERROR",
            "WRONG_DISPATCH_ID",
        ),
        say("Digipost godtok ikke forsendelsen slik den var"),
    ),
    **dict.fromkeys(
        (
            "DOCUMENT_NOT_FOUND",
            "MESSAGE_NOT_FOUND",
            "UNKNOWN_BATCH",
            "BATCH_CANCELLED",
        ),
        say("Digipost har det ikke"),
    ),
    **dict.fromkeys(
        (
            "SERVER_ERROR",
            "API_UNAVAILABLE",
            "HTTP_429",
            "UNREADABLE_ENTRY_POINT",
            "UNREADABLE_ANSWER",
            "ANSWER_TOO_LARGE",
            "ANSWER_TOO_SLOW",
        ),
        say("Digipost svarer ikke som avtalt nå"),
    ),
    **dict.fromkeys(
        (
            "PRINT_FAILED",
            "SHREDDED",
            "PEPPOL_FAILED",
        ),
        say("Brevet kunne ikke skrives ut og sendes"),
    ),
    "OPENED": say("Brevet er åpnet"),
}
