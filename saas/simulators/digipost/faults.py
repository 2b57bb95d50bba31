"""Troubles made on purpose: for the next calls of a sort, or for any call at random with a seed."""

import random
import threading
from dataclasses import dataclass, field

BEFORE = ("refuse_connection",)
"""Nothing is done, and the connection is dropped."""
AFTER = ("lost", "timeout", "twice", "wrong_signature", "no_signature", "wrong_hash", "no_hash", "wrong_date",
         "tampered", "garbage", "gateway_500", "gateway_502")  # fmt: skip
"""What was asked for is done, and then the answer is spoilt."""


@dataclass
class Faults:
    """`add` for the next calls, `at_random` for a share of all. `on` is a sort of call, or `*` for any."""

    waiting: list[tuple[str, str]] = field(default_factory=list)
    down: bool = False  # every call gets 503 from something in front, and nothing is done
    throttled: bool = False  # every call gets 429, and nothing is done
    latency_ms: int = 0  # every call takes so long

    def __post_init__(self) -> None:
        self._shares: dict[str, float] = {}
        self._on = "*"
        self._random = random.Random(0)  # noqa: S311 - chance, not secrets
        self._lock = threading.Lock()

    def add(self, *faults: str, on: str = "*") -> None:
        """More faults, for the calls after those that wait already."""
        with self._lock:
            self.waiting += [(on, fault) for fault in faults]

    def at_random(self, seed: int, on: str = "*", **shares: float) -> None:
        """From now on let this share of the calls go wrong in each way; nothing given: let all go well again."""
        with self._lock:
            self._shares, self._on, self._random = shares, on, random.Random(seed)  # noqa: S311

    def next(self, what: str) -> str:
        """The fault for this call; '' for none."""
        with self._lock:
            for i, (on, fault) in enumerate(self.waiting):
                if on in ("*", what):
                    del self.waiting[i]
                    return fault
            if self._shares and self._on in ("*", what):
                left = self._random.random()
                for fault, share in self._shares.items():
                    left -= share
                    if left < 0:
                        return fault
        return ""
