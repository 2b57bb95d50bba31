"""Access tokens, kept until shortly before they run out: an hour in Vipps' test environment, a day in production."""

import hashlib
import time
from collections.abc import Callable

from saas.hooks import Account

MARGIN_SECONDS = 60
_Fetch = Callable[[], tuple[str, int]]


class Tokens:
    """The tokens of a process, each under a digest of the very keys it was given for: no tenant finds another's."""

    def __init__(self) -> None:
        self._kept: dict[bytes, tuple[str, float]] = {}

    def of(self, account: Account, fetch: _Fetch) -> str:
        """The token for these keys; fetched (token, seconds it is good for) when there is none."""
        whose, now = _whose(account), time.monotonic()
        kept = self._kept.get(whose)
        if kept is None or kept[1] <= now:
            token, seconds = fetch()
            self._kept = {name: held for name, held in self._kept.items() if held[1] > now}
            self._kept[whose] = kept = (token, now + seconds - MARGIN_SECONDS)
        return kept[0]

    def forget(self, account: Account) -> None:
        """It was refused, whatever it was said to be good for."""
        self._kept.pop(_whose(account), None)


def _whose(account: Account) -> bytes:
    keys = (account.base_url, account.public["client_id"], account.public["msn"],
            account.secrets["client_secret"], account.secrets["subscription_key"])  # fmt: skip
    return hashlib.sha256("\0".join(keys).encode()).digest()
