"""What the print house's codes, and those of its printability check, mean in plain words."""

from pathlib import Path

from saas.rules.words import add_translations, say

add_translations(Path(__file__).parent / "locale")
CODES = {
    **dict.fromkeys(
        (
            "INVALID_PDF",
            "PDF_PARSE_ERROR",
            "PDF_PARSE_PAGE_ERROR",
        ),
        say("PDF-en kan ikke leses"),
    ),
    "DOCUMENT_TOO_LARGE": say("Brevet er for stort som fil"),
    "PDF_IS_ENCRYPTED": say("PDF-en er låst med passord"),
    "DOCUMENT_HAS_NO_PAGES": say("PDF-en har ingen sider"),
    "TOO_MANY_PAGES_FOR_AUTOMATED_PRINT": say("Brevet har for mange sider"),
    "OTHER_NUMBER_OF_PAGES": say("Antall sider stemmer ikke"),
    "UNSUPPORTED_PDF_VERSION_FOR_PRINT": say("PDF-en er av en versjon trykkeriet ikke tar"),
    "UNSUPPORTED_DIMENSIONS": say("En side er ikke A4"),
    "ROTATED_PAGE": say("En side er snudd"),
    "INSUFFICIENT_MARGIN_FOR_PRINT": say("Noe står for langt ut i margen"),
    "REFERENCES_INVALID_FONT": say("En skrifttype mangler i PDF-en"),
    "wrong_batch_id": say("Bunken har et navn som ikke kan brukes"),
    "already_there": say("Trykkeriet har det fra før"),
    "batch_left_without_it": say("Bunken er alt levert uten dette brevet"),
    "no_folder": say("Mappen til trykkeriet mangler"),
    **dict.fromkeys(
        (
            "folder",
            "outgoing",
            "receipts",
            "returns",
        ),
        say("Mappen til trykkeriet kan ikke brukes nå"),
    ),
    "sftp": say("Serveren til trykkeriet svarer ikke"),
    "sftp_login": say("Trykkeriets server godtar ikke nøkkelen vår"),
    "sftp_other_server": say("Serveren er en annen enn den som er avtalt"),
    "moved": say("Mottakeren er flyttet"),
    **dict.fromkeys(
        (
            "unknown_address",
            "address",
        ),
        say("Adressen finnes ikke"),
    ),
    **dict.fromkeys(
        (
            "unknown_recipient",
            "unknown",
        ),
        say("Mottakeren er ukjent på adressen"),
    ),
    "deceased": say("Mottakeren er død"),
    "not_collected": say("Brevet ble ikke hentet"),
    "refused_by_recipient": say("Mottakeren ville ikke ta imot"),
    "lost": say("Brevet er kommet bort"),
    "damaged": say("Brevet ble ødelagt"),
}
