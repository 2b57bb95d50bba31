"""What the channel's codes mean in plain words."""

from pathlib import Path

from saas.rules.words import add_translations, say

add_translations(Path(__file__).parent / "locale")
CODES = {
    "never_logged_in": say("Skyldneren har aldri logget inn"),
    "no_text": say("Brevet har ingen tekst å vise"),
    "other_bytes": say("Brevet er ikke det som ble skrevet"),
    "available": say("Kan leses i portalen"),
}
