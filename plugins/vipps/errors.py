"""Vipps' errors (problem+json), sorted once by what we do next.

The status decides, and the problem's `type` is passed on as a code; no other text is, for it may repeat what was sent.
"""

import re

import httpx

from saas.hooks import ProviderDown, ProviderSaysNo

_PASSES = (408, 423, 425, 429)  # too slow, locked for a moment, too early, too many: with the same key it is safe again
_CODE = re.compile(r"[A-Za-z0-9-]{1,60}")


class Conflict(ProviderSaysNo):
    """409: done already, or in the way of something done. Only how the payment stands now can tell which."""


def check(response: httpx.Response) -> None:
    """Raises ProviderDown (try later), Conflict (ask how it stands) or ProviderSaysNo (refused)."""
    status = response.status_code
    if status in (200, 201, 204):
        return
    code = f"{status} {_type(response)}".strip()
    if status in _PASSES or status >= 500:
        raise ProviderDown(code)
    raise Conflict(code) if status == 409 else ProviderSaysNo(code)


def _type(response: httpx.Response) -> str:
    """The last part of the problem's `type`, when it looks like a code."""
    try:
        told = response.json()
    except ValueError:
        return ""
    last = str(told.get("type", "")).rsplit("/", 1)[-1] if isinstance(told, dict) else ""
    return last if _CODE.fullmatch(last) else ""
