"""The channel to the print house."""

import filecmp
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from plugins.print_post import batch as batches
from plugins.print_post import receipts as incoming
from saas.hooks import ChannelError, DeliveryReceipt, OutgoingBatch, Rejected, TryLater
from saas.rules import days

_TENANT_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


class PrintPostChannel:
    """Letters as PDF in a folder, receipts as CSV in return. Safe to call again after any error or crash."""

    slug = "print_post"

    def __init__(self, *, max_pages: int) -> None:
        self.max_pages = max_pages

    def expected_sending(self, handed_over_on: date) -> date:
        """The next banking day: the print house prints by night and posts the day after (design: sent, on paper)."""
        return days.after(handed_over_on)

    def hand_over(self, batch: OutgoingBatch, folder: Path) -> None:
        """Put the batch into `outgoing`. Raises Rejected, AlreadySent or TryLater, and then leaves nothing behind."""
        if not _TENANT_SLUG.fullmatch(batch.tenant_slug):
            raise Rejected(f"Leietakeren {batch.tenant_slug!r} kan ikke være navn på en mappe.")
        batches.check(batch, self.max_pages)
        batches.put(batch, folder / batch.tenant_slug)

    def receipts(self, tenant_slug: str, folder: Path) -> Sequence[tuple[str, Sequence[DeliveryReceipt]]]:
        """Receipt files that can be read. Raises ChannelError when there are only such that cannot."""
        good, bad = incoming.waiting(_receipts_of(tenant_slug, folder))
        if bad and not good:
            raise bad[0]
        return good

    def receipt_problems(self, tenant_slug: str, folder: Path) -> Sequence[ChannelError]:
        """What a person must mend: one error for each receipt file kept out, naming the file and the row."""
        return incoming.waiting(_receipts_of(tenant_slug, folder))[1]

    def take_receipts(self, tenant_slug: str, name: str, folder: Path) -> None:
        """Move a receipt file to `taken`. Harmless when it has been moved. Raises TryLater when it cannot be."""
        source = _receipts_of(tenant_slug, folder) / name
        if source.name != name or source.suffix != ".csv":
            raise ChannelError(f"{name!r} er ikke navnet på en kvitteringsfil.")
        try:
            target = source.parent / "taken" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(_unused(target, source))
        except FileNotFoundError:
            return  # taken before
        except OSError as error:
            raise TryLater(f"Kvitteringsfilen {name!r} kunne ikke flyttes: {error.strerror}.") from error


def _receipts_of(tenant_slug: str, folder: Path) -> Path:
    if not _TENANT_SLUG.fullmatch(tenant_slug):
        raise ChannelError(f"Leietakeren {tenant_slug!r} kan ikke være navn på en mappe.")
    return folder / tenant_slug / "receipts"


def _unused(target: Path, source: Path) -> Path:
    """`target`, or a numbered name beside it when another file has it already: no receipt is ever overwritten."""
    wanted, number = target, 1
    while target.exists() and not filecmp.cmp(source, target, shallow=False):
        number += 1
        target = wanted.with_name(f"{wanted.stem}.{number}{wanted.suffix}")
    return target
