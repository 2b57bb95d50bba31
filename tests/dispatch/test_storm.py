"""Whatever goes away while letters leave: Digipost has each once, nothing is printed or texted twice, none is lost."""

import os
from collections import Counter, defaultdict
from pathlib import Path
from uuid import UUID

import pytest

from saas.dispatch.models import Dispatch
from saas.kernel.servers import Servers
from saas.ledger.audit import audit
from tenants.resolve import open_tenant
from tests.dispatch.storm import a_storm, copies_printed, ride_out
from tests.dispatch.world import Post


def check(world: Post, seed: int) -> Counter[str]:
    """The promises. Returns how the letters ended, by channel and state."""
    letters, printed = world.letters(), copies_printed(world)
    takes, texted = world.digipost.mail.takes, Counter(message.ref_id for message in world.sms.messages)
    proven = [x for x in letters if x.channel == "digipost" and x.state == "sent"]
    left_to_person = [x for x in letters if x.channel == "digipost" and x.state == "unknown"]
    assert set(takes.values()) <= {1}, seed
    assert len(proven) <= len(takes) <= len(proven) + len(left_to_person), seed
    assert max(printed.values(), default=0) <= 1, seed
    assert max(texted.values(), default=0) <= 1, seed
    steps_of: defaultdict[UUID, list[Dispatch]] = defaultdict(list)
    for letter in letters:
        if letter.step:
            steps_of[letter.case_id].append(letter)
    for case in world.cases():
        steps = steps_of[case.id]
        assert any(x.state == "sent" or x.attention for x in steps), (
            seed,
            [(x.channel, x.state, x.why) for x in steps],
        )
        assert len([x for x in steps if x.state in ("sent", "handed_over", "unknown")]) == 1, seed
    with open_tenant(world.tenant_id) as tenant:
        assert audit(tenant) == []
    return Counter(f"{x.channel} {x.state}" for x in letters)


def test_a_small_storm(servers: Servers, tmp_path: Path) -> None:
    with a_storm(servers, tmp_path, letters=15, seed=1) as (world, crew):
        world.digipost.faults.latency_ms = 800  # few letters: else all are gone before anything can happen
        ride_out(world, crew, seed=1, troubles=4)
        ended = check(world, 1)
        assert crew.killed == 1
        assert ended["digipost sent"] == 10
        assert ended["print_post sent"] == 5


@pytest.mark.long
@pytest.mark.parametrize("seed", range(int(os.environ.get("STORM_SEEDS", "2"))))
def test_a_great_storm(servers: Servers, tmp_path: Path, seed: int) -> None:
    letters = int(os.environ.get("STORM_LETTERS", "20000"))
    with a_storm(servers, tmp_path, letters=letters, seed=seed) as (world, crew):
        ride_out(world, crew, seed=seed, troubles=max(40, letters // 100))
        print(letters, "letters,", crew.killed, "workers killed:", dict(check(world, seed)))
