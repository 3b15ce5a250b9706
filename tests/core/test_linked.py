"""Linked accounts by the UUID that UserAPI calls them."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from engine.core import linked
from engine.model.accounts import AccountState
from engine.model.errors import AccountStopped, NotFound
from engine.model.sightings import Trouble
from engine.ports import AccountChange


async def test_an_account_is_found_by_its_uuid_in_its_own_workspace_alone(house):
    await house.open(2)
    accounts, workspace_id = house.engine.linked, house.origin.workspace_id
    first, second = await accounts.of(workspace_id)
    assert await accounts.named(workspace_id, second.hash) == second
    assert await accounts.able(workspace_id, first.hash) == first
    other = await house.store.ensure_workspace("other", house.clock.now())
    for owner, asked in ((other.id, first.hash), (workspace_id, str(uuid.uuid4())), (workspace_id, "")):
        with pytest.raises(NotFound, match="no such account"):
            await accounts.named(owner, asked)


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


async def looks(house) -> None:
    (account,) = await house.engine.linked.of(house.origin.workspace_id)
    looking = asyncio.create_task(house.engine.linked.looked_at(house.origin.workspace_id, account.hash))
    await house.clock.advance(0.1)
    await looking


async def test_whoever_looks_at_an_account_that_does_not_answer_makes_it_ask_once(house, monkeypatch):
    monkeypatch.setattr(linked, "LOOKED_AT_SECONDS", 0.01)
    await house.open()
    for _ in range(3):
        await looks(house)
        await house.clock.advance(60)
    assert house.sent_in_words() == ["settings"]


async def test_a_paused_account_is_not_asked_for_its_settings(house, monkeypatch):
    monkeypatch.setattr(linked, "LOOKED_AT_SECONDS", 0.01)
    await house.open()
    (account,) = await house.engine.linked.of(house.origin.workspace_id)
    await house.store.apply([AccountChange(account.id, state=AccountState.PAUSED)])
    await looks(house)
    assert house.sent_in_words() == []
