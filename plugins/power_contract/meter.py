"""The metering point (målepunkt-ID): 18 digits, a GS1 service relation number whose last digit checks the rest."""

from stdnum.ean import calc_check_digit

from saas.hooks import ClaimField

DIGITS = 18


def normalise(text: str) -> str:
    """Without the blanks people put in to read it."""
    return "".join(text.split())


def wrong_with(value: object) -> str:
    """What is wrong with a metering point, in bokmål; '' when it is one."""
    text = str(value)
    if not (text.isascii() and text.isdecimal()) or len(text) != DIGITS:
        return f"Målepunkt-ID har {DIGITS} siffer. Den står på strømfakturaen."
    if calc_check_digit(text[:-1]) != text[-1]:
        return "Kontrollsifferet i målepunkt-ID stemmer ikke. Se om noe er skrevet feil."
    return ""


METERING_POINT = ClaimField(
    name="metering_point",
    label="Målepunkt-ID",
    help="18 siffer. Står i brevet, så skyldneren kjenner igjen fakturaen.",
    example="707057500012345671",
    max_length=30,
    synonyms=("målepunkt", "målepunkt_id", "målepunktid", "målernummer", "metering_point_id"),
    check=wrong_with,
    normalise=normalise,
)
