"""What is known of all accounts together follows each change of one of them."""

import asyncio
from dataclasses import replace

import pytest

from engine.model.accounts import AccountState
from engine.model.details import AccountFacts, AccountInfo
from engine.model.sightings import Trouble
from tests.contracts.store_examples import new_account
from tests.fakes.memory_store import MemoryStore


class SlowlyRead(MemoryStore):
    """What was read of its accounts arrives late: when `arrives` is set."""

    def __init__(self):
        super().__init__()
        self.arrives = asyncio.Event()
        self.arrives.set()
        self.under_way = 0

    async def accounts(self, workspace_id=None, *, services=False):
        read = await super().accounts(workspace_id, services=services)
        self.under_way += 1
        await self.arrives.wait()
        self.under_way -= 1
        return read

    async def hold(self, house):
        """Until the keepers' next reading has begun; it does not end before `arrives`."""
        self.arrives.clear()
        await house.clock.advance(1.1)
        await house.until(lambda: self.under_way)


@pytest.fixture
async def slow_house(house):
    house.store = SlowlyRead()
    house.engine = house._engine()
    return await house.open()


async def test_a_plan_that_is_learnt_counts_at_once(house):
    await house.open(accounts=2)
    keepers, workspace = house.engine._keepers, house.origin.workspace_id
    assert keepers.plans(workspace) == {None}
    first, second = keepers.values()
    first._facts_changed(AccountFacts(info=AccountInfo(plan="Pro")))
    assert keepers.plans(workspace) == {None, "Pro"}
    second._facts_changed(AccountFacts(info=AccountInfo(plan="Basic")))
    assert keepers.plans(workspace) == {"Pro", "Basic"}
    assert keepers.plans("another") == frozenset()


async def test_the_place_of_an_account_that_is_linked_or_unlinked_meanwhile_is_known_a_second_later(house):
    await house.open()
    keepers = house.engine._keepers
    before = keepers.hosts()
    upstream = replace(next(iter(keepers.values())).account.upstream, api_url="https://elsewhere.example:8443/api/v9")
    added = await house.store.add_account(new_account(house.origin.workspace_id, upstream=upstream))
    await house.clock.advance(1.1)
    assert keepers.hosts() == before | {"elsewhere.example:8443"}
    await house.store.unlink_account(added.id)
    await house.clock.advance(1.1)
    assert keepers.hosts() == before


async def test_what_was_learnt_while_the_store_was_read_is_not_forgotten(slow_house):
    house, keepers = slow_house, slow_house.engine._keepers
    (keeper,) = keepers.values()
    await house.store.hold(house)
    keeper._facts_changed(AccountFacts(info=AccountInfo(plan="Basic")))
    house.store.arrives.set()
    await house.clock.advance(0.1)
    assert keepers.plans(house.origin.workspace_id) == {"Basic"}


async def test_an_account_that_stopped_while_the_store_was_read_stays_stopped(slow_house):
    house = slow_house
    (keeper,) = house.engine._keepers.values()
    await house.store.hold(house)
    keeper._in_trouble(Trouble.CAPTCHA, "prove that you are human")
    await house.until(lambda: house.store._accounts[keeper.account.id].state is AccountState.STOPPED)
    house.store.arrives.set()
    await house.clock.advance(0.1)
    assert keeper.account.state is AccountState.STOPPED
    await house.clock.advance(1.1)
    assert keeper.account.state is AccountState.STOPPED
    assert keeper.account.reason == "prove that you are human"
