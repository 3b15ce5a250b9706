"""What may be done to API keys, and how soon a running engine knows."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from engine.core.keyring import Keyring, Terms
from engine.core.keys import Keys
from engine.model.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from engine.model.keys import ALL_SCOPES, Scope
from engine.model.quotas import Period, Quota
from engine.model.rates import IMAGINEPRO
from tests.contracts.store_examples import new_account
from tests.fakes.manual_clock import ManualClock
from tests.fakes.memory_store import MemoryStore


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def keyring(store, clock):
    return Keyring(store, clock)


@pytest.fixture
async def place(store, clock):
    return (await store.ensure_workspace("default", clock.now())).id


async def test_a_key_is_easel_and_256_random_bits_and_only_its_digest_is_stored(keyring, place, store):
    created = await keyring.make(place, Terms(name="mine"))
    begins, _, rest = created.key.partition("_")
    assert begins == "easel"
    assert len(rest) == 43
    assert created.stored.digest == hashlib.sha256(created.key.encode()).hexdigest()
    assert created.stored.prefix == created.key[:12]
    assert created.key not in repr(await store.keys(place))
    assert (await keyring.make(place, Terms(name="mine"))).key != created.key


async def test_a_new_key_may_read_and_generate_unless_it_is_said_otherwise(keyring, place):
    assert (await keyring.make(place, Terms())).stored.scopes == {Scope.READ, Scope.GENERATE}
    assert (await keyring.make(place, Terms(scopes=ALL_SCOPES))).stored.scopes == ALL_SCOPES


@pytest.mark.parametrize("by", ["number", "prefix", "whole"])
async def test_a_key_is_revoked_by_its_number_its_prefix_or_the_whole(keyring, place, by):
    created = await keyring.make(place, Terms())
    assert await keyring.is_in_force(created.key)
    which = {"number": str(created.stored.id), "prefix": created.stored.prefix, "whole": created.key}[by]
    assert (await keyring.revoke(place, which)).id == created.stored.id
    assert not await keyring.is_in_force(created.key)
    with pytest.raises(NotFound) as refusal:
        await keyring.revoke(place, which)
    assert created.key not in str(refusal.value)


async def test_a_key_of_another_workspace_can_neither_be_revoked_nor_changed(keyring, place, store, clock):
    other = await store.ensure_workspace("other", clock.now())
    created = await keyring.make(other.id, Terms())
    with pytest.raises(NotFound):
        await keyring.revoke(place, str(created.stored.id))
    with pytest.raises(NotFound):
        await keyring.change(place, str(created.stored.id), Terms(scopes=ALL_SCOPES))


async def test_what_is_not_said_of_a_key_stays_as_it_is(keyring, place, store):
    account = await store.add_account(new_account(place))
    first = Terms(name="mine", scopes={Scope.READ}, account_ids=(account.id,), rates=IMAGINEPRO)
    made = (await keyring.make(place, first)).stored
    changed = await keyring.change(place, str(made.id), Terms(quota=Quota(10, Period.DAY)))
    assert (changed.name, changed.scopes, changed.account_ids) == ("mine", {Scope.READ}, (account.id,))
    assert (changed.rates, changed.quota) == (IMAGINEPRO, Quota(10, Period.DAY))
    bare = await keyring.change(place, str(made.id), Terms(account_ids=(), no_rates=True, no_quota=True))
    assert (bare.account_ids, bare.rates, bare.quota) == ((), None, None)
    assert await store.keys(place) == [bare]


async def test_accounts_of_others_and_unknown_ones_are_refused(keyring, place, store, clock):
    other = await store.ensure_workspace("other", clock.now())
    theirs = await store.add_account(new_account(other.id))
    with pytest.raises(InvalidInput, match="account"):
        await keyring.make(place, Terms(account_ids=(theirs.id,)))
    assert await keyring.keys(place) == []


@pytest.mark.parametrize("terms", [Terms(name=""), Terms(name="x" * 101), Terms(scopes=())])
async def test_terms_that_say_nothing_are_refused(keyring, place, terms):
    with pytest.raises(InvalidInput):
        await keyring.make(place, terms)


async def test_two_keys_that_begin_alike_are_told_apart_by_number(keyring, place):
    for end in "ab":
        await keyring.make(place, Terms(), key=f"easel_000000{end}")
    with pytest.raises(Conflict, match="number"):
        await keyring.revoke(place, "easel_000000")


async def test_a_running_engine_refuses_a_revoked_key_and_knows_new_terms_within_a_second(keyring, place, store, clock):
    keys = Keys(store, clock)
    created = await keyring.make(place, Terms(scopes={Scope.READ}))
    assert (await keys.authenticate(created.key)).scopes == {Scope.READ}
    await keyring.change(place, str(created.stored.id), Terms(scopes=ALL_SCOPES))
    await clock.advance(0.99)
    assert (await keys.authenticate(created.key)).scopes == ALL_SCOPES
    await keyring.revoke(place, str(created.stored.id))
    await clock.advance(0.99)
    with pytest.raises(Unauthenticated):
        await keys.authenticate(created.key)


class SlowStore(MemoryStore):
    """Reads a key when told to, and counts how often."""

    def __init__(self):
        super().__init__()
        self.asked, self.answers = 0, asyncio.Event()

    async def key_by_digest(self, digest):
        self.asked += 1
        await self.answers.wait()
        return await super().key_by_digest(digest)


async def test_calls_of_one_moment_ask_for_their_key_once_and_one_that_leaves_takes_it_from_nobody(clock):
    store = SlowStore()
    keyring, keys = Keyring(store, clock), Keys(store, clock)
    created = await keyring.make((await store.ensure_workspace("default", clock.now())).id, Terms())
    for key, ends in ((created.key, True), ("easel_wrong", False)):
        store.asked = 0
        store.answers.clear()
        calls = [asyncio.create_task(keys.authenticate(key)) for _ in range(20)]
        await asyncio.sleep(0)
        calls[0].cancel()
        await asyncio.sleep(0)
        store.answers.set()
        told = await asyncio.gather(*calls, return_exceptions=True)
        assert isinstance(told[0], asyncio.CancelledError)
        assert all((each == created.stored) if ends else isinstance(each, Unauthenticated) for each in told[1:])
        assert store.asked == 1
        await clock.advance(2)
