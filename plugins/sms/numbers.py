"""Which numbers a text message can reach: Norwegian mobile numbers, written as people write them."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_LONGEST = 40


def mobile(written: str) -> str:
    """The number as `+47…`; '' when it is no Norwegian mobile number."""
    if len(written) > _LONGEST:
        return ""
    try:
        number: PhoneNumber = phonenumbers.parse(written, "NO")
    except NumberParseException:
        return ""
    if number.country_code != 47 or number.extension or not phonenumbers.is_valid_number(number):
        return ""
    if phonenumbers.number_type(number) not in _MOBILE:
        return ""
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
