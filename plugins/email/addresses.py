"""E-mail addresses as SMTP and headers take them: one, in ASCII, and nothing else with it."""

from email_validator import EmailNotValidError, validate_email

_LONGEST = 254


def plain(written: str) -> str:
    """The address in ASCII, its domain as DNS has it; '' when it cannot be written to. Nobody is asked."""
    if not 3 <= len(written) <= _LONGEST:
        return ""
    try:
        told = validate_email(written, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return ""
    return told.ascii_email or ""


def domain_of(address: str) -> str:
    """What stands behind the @."""
    return address.rpartition("@")[2]
