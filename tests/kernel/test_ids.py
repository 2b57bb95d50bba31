"""Ids made and read the quick way are ordinary UUIDs."""

import pickle
from copy import deepcopy
from uuid import RFC_4122, UUID

from saas.kernel.ids import new_id, read_id


def test_a_new_id_is_an_ordinary_uuid_of_version_7() -> None:
    made = new_id()
    same = UUID(str(made))
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made == same
    assert hash(made) == hash(same)
    assert made.is_safe is same.is_safe
    assert pickle.loads(pickle.dumps(made)) == deepcopy(made) == made


def test_new_ids_come_in_the_order_they_were_made() -> None:
    made = [new_id() for _ in range(1000)]
    assert made == sorted(set(made))


def test_an_id_is_read_as_postgresql_writes_it() -> None:
    made = new_id()
    assert read_id(str(made).encode()) == made
    assert read_id(b"00000000-0000-0000-0000-00000000000a") == UUID(int=10)
