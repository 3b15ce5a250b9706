"""What every store promises of the accounts that are keys for other services than Midjourney."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.accounts import AccountState, Upstream
from engine.model.actions import Service
from engine.model.sightings import Trouble
from engine.ports import AccountChange
from tests.contracts.store_examples import T0, new_account
from tests.contracts.store_kinds import STORES, opened

FLUX = Upstream("https://api.bfl.ai")


@pytest.fixture(params=STORES)
async def store(request, tmp_path):
    async with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as made:
        yield made


async def a_key(store, name: str = "pictures", **changes):
    workspace = await store.ensure_workspace(name, T0)
    return new_account(workspace.id, service=Service.FLUX, upstream=FLUX, **changes)


async def test_a_service_has_one_account_in_a_workspace_however_often_it_is_set(store):
    new = await a_key(store)
    first = await store.set_service(new)
    assert first.service is Service.FLUX
    assert await store.set_service(new) == first
    assert await store.accounts(new.workspace_id, services=True) == [first]


async def test_accounts_of_other_services_are_told_only_to_who_asks_for_them(store):
    new = await a_key(store)
    await store.set_service(new)
    discord = await store.add_account(new_account(new.workspace_id))
    assert await store.accounts(new.workspace_id) == [discord]
    assert len(await store.accounts(services=True)) == 2


async def test_a_new_key_puts_a_stopped_service_back_to_work(store):
    new = await a_key(store)
    account = await store.set_service(new)
    await store.apply([AccountChange(account.id, AccountState.STOPPED, Trouble.TOKEN, "the key is refused")])
    assert (await store.set_service(new)).state is AccountState.STOPPED
    mended = await store.set_service(replace(new, token_sealed="sealed anew", token_mask="BFL...0002"))
    assert (mended.id, mended.state, mended.token_sealed, mended.reason) == (
        account.id,
        AccountState.ACTIVE,
        "sealed anew",
        None,
    )


async def test_a_new_key_leaves_the_operators_pause_alone(store):
    new = await a_key(store)
    account = await store.set_service(new)
    await store.apply([AccountChange(account.id, AccountState.PAUSED, reason="paused by the operator")])
    kept = await store.set_service(replace(new, token_mask="BFL...0002"))
    assert (kept.state, kept.reason) == (AccountState.PAUSED, "paused by the operator")


async def test_a_key_for_another_service_does_not_count_as_a_linked_account(store):
    new = await a_key(store)
    await store.set_service(new)
    demo = await store.add_account(new_account(new.workspace_id, demo=True))
    await store.add_account(new_account(new.workspace_id))
    paused = await store.account(demo.id)
    assert paused is not None
    assert paused.state is AccountState.PAUSED
