"""A file larger than memory is read with the memory of a small one."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from saas.payments.models import BankFileRow, Payment
from saas.simulators.bank_camt import SimEntry, SimNotification, SimTransfer, camt_pieces
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant
from tests.builders import at
from tests.payments.test_bank_files import MADE_AT
from tests.payments.world import DAY, World

_IMPORT = r"""
import re, sys
from pathlib import Path
from uuid import UUID
from saas.kernel import clock
from saas.kernel.servers import open_servers
from saas.payments.inbox import import_bank_file

open_servers()
report = import_bank_file(UUID(sys.argv[1]), Path(sys.argv[2]), "long.xml", clock.wall_now())
# of this program alone: what getrusage tells begins with the memory of the one that started it
peak_kb = int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1])
print(report.taken_in, report.sum_ore, peak_kb)
"""


def write(path: Path, account: str, payments: int) -> int:
    """A message of so many payments, the last half of them in one batch; returns their sum in øre."""

    def transfer(n: int) -> SimTransfer:
        texts = (f"Strøm i uke {n % 52}, takk for fin hjelp på telefonen og ha en riktig god dag videre",)
        amount_ore, payer = 1_000 + n % 7, f"Kari Prøve {n % 97}"
        return SimTransfer(amount_ore, (f"{n:011d}",), texts, payer, "86011117947", f"R{path.stem}{n}")

    def entries() -> Iterator[SimEntry]:
        for n in range(payments // 2):
            yield SimEntry((transfer(n),), DAY, DAY, reference=f"R{path.stem}{n}")
        yield SimEntry([transfer(n) for n in range(payments // 2, payments)], DAY, DAY, reference="B", batch=True)

    with path.open("wb") as file:
        file.writelines(camt_pieces([SimNotification(account, entries())], path.stem, MADE_AT))
    return sum(1_000 + n % 7 for n in range(payments))


def take_in(tenant_id: UUID, path: Path) -> tuple[int, int, int]:
    """(payments, øre, peak memory in kB) of an import in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT, str(tenant_id), str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    taken_in, sum_ore, peak_kb = map(int, done.stdout.split())
    return taken_in, sum_ore, peak_kb


def in_rows(world: World, name: str) -> tuple[int, int]:
    """(number, sum in øre) of the rows a message brought."""
    with open_tenant(world.tenant_id) as tenant:
        query = (
            sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Payment.amount_ore), 0))
            .join(BankFileRow, sa.and_(BankFileRow.tenant_id == Payment.tenant_id, BankFileRow.id == Payment.file_id))
            .where(BankFileRow.key.startswith(f"camt:{name}|"))
        )
        number, sum_ore = tenant.session.execute(query).one()
        return number, int(sum_ore)


@pytest.fixture
def bank(world: World) -> World:
    with open_tenant(world.tenant_id) as tenant:
        switch_plugin(tenant, "camt054", enabled=True, settings={}, now=at(DAY), actor="cli")
    return world


def test_four_times_the_file_takes_no_more_memory(bank, tmp_path):
    peaks_kb, sizes_kb = [], []
    for payments in (6_000, 24_000):
        path = tmp_path / f"S{payments}"
        sum_ore = write(path, bank.account, payments)
        taken_in, taken_ore, peak_kb = take_in(bank.tenant_id, path)
        assert (taken_in, taken_ore) == in_rows(bank, path.stem) == (payments, sum_ore)
        peaks_kb.append(peak_kb)
        sizes_kb.append(path.stat().st_size // 1024)
    assert sizes_kb[1] - sizes_kb[0] > 10_000
    assert peaks_kb[1] - peaks_kb[0] < 9_000, (peaks_kb, sizes_kb)  # one to eight, as memory happens to lie


@pytest.mark.long
def test_three_hundred_megabytes_are_taken_in_with_the_memory_of_one(bank, tmp_path):
    small, large = tmp_path / "small", tmp_path / "large"
    write(small, bank.account, 20_000)
    sum_ore = write(large, bank.account, 480_000)
    assert large.stat().st_size > 300_000_000
    _, _, small_peak = take_in(bank.tenant_id, small)
    taken_in, taken_ore, large_peak = take_in(bank.tenant_id, large)
    assert (taken_in, taken_ore) == in_rows(bank, "large") == (480_000, sum_ore)
    assert large_peak - small_peak < 15_000, (small_peak, large_peak)
    taken_in, _, again_peak = take_in(bank.tenant_id, large)
    assert (taken_in, in_rows(bank, "large")[0]) == (0, 480_000)
    assert again_peak < large_peak + 5_000
