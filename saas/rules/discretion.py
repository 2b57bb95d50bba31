"""What may stand where others can read it: on an envelope, a locked screen, in the list of a mailbox (law G3)."""

import re
import unicodedata

_WORDS = re.compile(  # «gjeld» alone is also a verb, in nynorsk
    r"inkass|purring|purregebyr|betalingsoppfordring|betalingsoppmoding|skyldner|skuldnar|namsmann"
    r"|\bgjeld(?:en|a)\b|\b(?:din?|i) gjeld\b|\bdebts?\b|\bcollection\b|\bcollectors?\b"
)
_SUM = re.compile(r"\b(?:kr|nok|kroner)\b\.?\s*\d|\d[\d .]*(?:,\d\d|,-|\s*(?:kr|nok|kroner)\b)")
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")  # a word with one of these in it reads the same


def what_it_reveals(text: str) -> str:
    """Why `text` may not be seen by others, as a code: `names_collection`, `names_sum`; '' when it may.

    Compared as a reader sees it: neither capitals, wide letters nor signs without a width hide a word.
    """
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).casefold()
    if _WORDS.search(seen):
        return "names_collection"
    return "names_sum" if _SUM.search(seen) else ""
