"""Several letters at a time over one client, each outcome given as it becomes known."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from saas.hooks import ChannelDown, Outcome, OutcomeKind, OutgoingLetter

IN_A_ROW = 3
"""So many letters in a row of which nobody can say what became of them: then the rest had better wait."""

Sending = Callable[[OutgoingLetter], tuple[Outcome, bool]]


def send_each(letters: Sequence[OutgoingLetter], sending: Sending, at_a_time: int) -> Iterator[Outcome]:
    """One outcome per letter; what is under way when trouble comes is waited for, and the rest is not begun.

    Raises ChannelDown with letters not tried. When the agreement is wrong, those not tried are told of as stopped.
    """
    waiting, unsure, down, stopped = iter(letters), 0, "", ""
    with ThreadPoolExecutor(at_a_time, thread_name_prefix="digipost") as pool:
        running: set[Future[tuple[Outcome, bool]]] = set()
        try:
            while True:
                while not (down or stopped) and len(running) < at_a_time:
                    letter = next(waiting, None)
                    if letter is None:
                        break
                    running.add(pool.submit(sending, letter))
                if not running:
                    break
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    outcome, is_down = future.result()
                    is_unsure = outcome.kind is OutcomeKind.UNKNOWN and not outcome.external_id
                    unsure = unsure + 1 if is_unsure else 0
                    if is_down or unsure >= IN_A_ROW:
                        down = down or outcome.code
                    if outcome.kind is OutcomeKind.STOPPED:
                        stopped = stopped or outcome.code
                    yield outcome
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    for letter in waiting if stopped else ():
        yield Outcome(letter.dispatch_id, OutcomeKind.STOPPED, stopped)
    if down and not stopped and next(waiting, None) is not None:
        raise ChannelDown(down)
