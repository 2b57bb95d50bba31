"""One process's night, as `frist night` runs it. Waits for a line on stdin, so that several begin at once.

`python -m tests.bench.night TENANT [PROFILE]`; prints {"cases", "began", "ended", "peak_mb"}.
"""

import cProfile
import json
import pstats
import resource
import sys
from pathlib import Path
from uuid import UUID

from saas.cases.night import run_night
from saas.cases.steps import Taken
from saas.dispatch.ask import enqueue_hand_over
from saas.kernel import clock
from saas.kernel.servers import open_servers


def main() -> None:
    """Run it, and tell."""
    tenant_id, profile = UUID(sys.argv[1]), len(sys.argv) > 2
    servers = open_servers(migrated=False)
    print("ready", flush=True)
    sys.stdin.readline()
    began = clock.monotonic()
    taken = _profiled(tenant_id) if profile else run_night(tenant_id, hand_over=enqueue_hand_over)
    ended = clock.monotonic()
    servers.release()
    told = {"cases": taken.steps.get("payment_demand", 0), "began": began, "ended": ended, "peak_mb": peak_mb()}
    print(json.dumps(told), flush=True)


def _profiled(tenant_id: UUID) -> Taken:
    profiler = cProfile.Profile()
    taken = profiler.runcall(run_night, tenant_id, hand_over=enqueue_hand_over)
    for order in ("tottime", "cumtime"):
        pstats.Stats(profiler, stream=sys.stderr).sort_stats(order).print_stats(45)
    return taken


def peak_mb() -> float:
    """Peak memory of this program. Linux counts what was there before exec in ru_maxrss, so it is asked otherwise."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    main()
