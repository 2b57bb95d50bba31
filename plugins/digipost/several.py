"""Several letters at a time over one client, each outcome given as it becomes known."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

from saas.hooks import ChannelDown, Outcome, OutcomeKind, OutgoingLetter

IN_A_ROW = 3
"""So many letters in a row of which nobody can say what became of them: then the rest had better wait."""
AHEAD = 2
"""So many letters for each line are ready, so that no line is idle while the core keeps an outcome."""

Sending = Callable[[OutgoingLetter], tuple[Outcome, bool]]


class _Course:
    """Whether letters may still be begun, as the threads see it: one that hears «no more» holds the others back."""

    def __init__(self, sending: Sending) -> None:
        self._sending, self._lock, self._unsure = sending, threading.Lock(), 0
        self.down = self.stopped = ""  # codes: why no more is begun

    @property
    def is_over(self) -> bool:
        return bool(self.down or self.stopped)

    def send(self, letter: OutgoingLetter) -> Outcome | None:
        """What became of it; None when it was not begun."""
        if self.is_over:
            return None
        outcome, is_down = self._sending(letter)
        with self._lock:
            is_unsure = outcome.kind is OutcomeKind.UNKNOWN and not outcome.external_id
            self._unsure = self._unsure + 1 if is_unsure else 0
            if is_down or self._unsure >= IN_A_ROW:
                self.down = self.down or outcome.code
            if outcome.kind is OutcomeKind.STOPPED:
                self.stopped = self.stopped or outcome.code
        return outcome


def send_each(letters: Sequence[OutgoingLetter], sending: Sending, at_a_time: int) -> Generator[Outcome]:
    """One outcome per letter; what is under way when trouble comes is waited for, and the rest is not begun.

    Raises ChannelDown with letters not tried. When the agreement is wrong, those not tried are told of as stopped.
    """
    course, waiting = _Course(sending), deque(letters)
    not_begun: list[OutgoingLetter] = []
    with ThreadPoolExecutor(at_a_time, thread_name_prefix="digipost") as pool:
        running: dict[Future[Outcome | None], OutgoingLetter] = {}
        done: SimpleQueue[Future[Outcome | None]] = SimpleQueue()
        try:
            while waiting or running:
                while waiting and len(running) < AHEAD * at_a_time:
                    letter = waiting.popleft()
                    future = pool.submit(course.send, letter)
                    running[future] = letter
                    future.add_done_callback(done.put)
                future = done.get()
                letter, outcome = running.pop(future), future.result()
                if outcome is None:
                    not_begun.append(letter)
                else:
                    yield outcome
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    if course.stopped:
        yield from (Outcome(letter.dispatch_id, OutcomeKind.STOPPED, course.stopped) for letter in not_begun)
    elif not_begun:
        raise ChannelDown(course.down)
