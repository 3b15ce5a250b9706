"""Random ids and keys."""

from __future__ import annotations

import os
import uuid

from engine.model.chance import new_key, new_uuid


def test_ids_are_uuids_of_version_four_and_never_twice_the_same():
    made = [new_uuid() for _ in range(2000)]
    assert len(set(made)) == len(made)
    assert all(str(uuid.UUID(each)) == each and uuid.UUID(each).version == 4 for each in made)
    assert all(uuid.UUID(each).variant == uuid.RFC_4122 for each in made)


def test_keys_have_128_bits_and_never_come_twice():
    made = [new_key() for _ in range(2000)]
    assert len(set(made)) == len(made)
    assert all(len(bytes.fromhex(each)) == 16 for each in made)


def test_a_forked_process_draws_its_own():
    new_key()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, new_key().encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 100).decode() != new_key()
