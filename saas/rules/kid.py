"""KID: the customer identification number of a Norwegian payment (D7)."""

from enum import StrEnum

MAX_POSITIONS = 25  # the check character included


class KidMethod(StrEnum):
    """How the last position is computed."""

    MOD10 = "mod10"
    MOD11 = "mod11"


def kid_check(payload: str, method: str = KidMethod.MOD10) -> str:
    """The check character of `payload`: a digit, or `-` when MOD11 gives ten (D7, W14).

    Raises ValueError when the payload is not digits or the method is unknown.
    """
    if not (payload.isascii() and payload.isdigit()):
        raise ValueError("a KID payload is digits only")
    if method == KidMethod.MOD10:
        return _mod10(payload)
    if method == KidMethod.MOD11:
        return _mod11(payload)
    raise ValueError(f"unknown KID method {method!r}")


def make_kid(payload: str, method: str = KidMethod.MOD10) -> str:
    """`payload` with its check character. Raises ValueError when that is more than 25 positions."""
    kid = payload + kid_check(payload, method)
    if len(kid) > MAX_POSITIONS:
        raise ValueError(f"a KID has at most {MAX_POSITIONS} positions")
    return kid


def is_valid_kid(kid: str, method: str | None = None) -> bool:
    """Whether `kid` is right under `method`; with None under either. A final `-` is a valid MOD11 check (D7)."""
    payload, check = kid[:-1], kid[-1:]
    if not 2 <= len(kid) <= MAX_POSITIONS or not (payload.isascii() and payload.isdigit()):
        return False
    methods = tuple(KidMethod) if method is None else (KidMethod(method),)
    return any(kid_check(payload, m) == check for m in methods)


def _mod10(payload: str) -> str:
    total = 0
    for position, digit in enumerate(reversed(payload)):
        product = int(digit) * (2 if position % 2 == 0 else 1)
        total += product // 10 + product % 10
    return str(-total % 10)


def _mod11(payload: str) -> str:
    total = sum(int(digit) * (2 + position % 6) for position, digit in enumerate(reversed(payload)))
    check = -total % 11
    return "-" if check == 10 else str(check)
