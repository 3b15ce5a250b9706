"""Linked accounts by the UUID that UserAPI calls them."""

from __future__ import annotations

import uuid

import pytest

from engine.model.accounts import AccountState
from engine.model.errors import AccountStopped, NotFound
from engine.model.sightings import Trouble
from engine.ports import AccountChange


async def test_an_account_is_found_by_its_uuid_in_its_own_workspace_alone(house):
    await house.open(2)
    linked, workspace_id = house.engine.linked, house.origin.workspace_id
    first, second = await linked.of(workspace_id)
    assert await linked.named(workspace_id, second.hash) == second
    assert await linked.able(workspace_id, first.hash) == first
    other = await house.store.ensure_workspace("other", house.clock.now())
    for owner, asked in ((other.id, first.hash), (workspace_id, str(uuid.uuid4())), (workspace_id, "")):
        with pytest.raises(NotFound, match="no such account"):
            await linked.named(owner, asked)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": AccountState.STOPPED, "trouble": Trouble.TERMS, "reason": "accept the terms"}, "accept the terms"),
        ({"state": AccountState.STOPPED, "trouble": Trouble.BLOCKED}, "blocked"),
        ({"state": AccountState.PAUSED}, "paused"),
    ],
)
async def test_an_account_that_takes_no_jobs_says_why(house, change, words):
    await house.open()
    (account,) = await house.engine.linked.of(house.origin.workspace_id)
    await house.store.apply([AccountChange(account.id, **change)])
    with pytest.raises(AccountStopped, match=words):
        await house.engine.linked.able(house.origin.workspace_id, account.hash)


async def test_the_uuid_of_an_account_is_known_after_it_was_unlinked(house):
    await house.open()
    (account,) = await house.engine.linked.of(house.origin.workspace_id)
    assert house.engine.linked.is_live(account.id)
    assert await house.engine.linked.hash_of(account.id) == account.hash
    await house.store.unlink_account(account.id)
    await house.until(lambda: not house.engine.linked.is_live(account.id))
    await house.clock.advance(2)
    assert await house.engine.linked.hash_of(account.id) == account.hash
    assert await house.engine.linked.hash_of(4711) is None
