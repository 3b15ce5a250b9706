"""A button runs only on the account that made its picture: what each dialect says when that account takes no jobs."""

from __future__ import annotations

import pytest
import pytest_asyncio

from engine.core.queues import SWITCHED_OFF
from engine.model.accounts import AccountState
from engine.model.choosing import Waiting
from engine.model.jobs import JobState
from engine.model.sightings import Trouble
from engine.ports import AccountChange
from tests.journeys.inside import Inside
from tests.journeys.userapi import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

CAPTCHA = (AccountState.STOPPED, Trouble.CAPTCHA, "a check for humans")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory):
    inside = await Inside(tmp_path_factory.mktemp("parents"), {"studio": {}, "leaving": {}}).open()
    yield inside
    await inside.close()


@pytest_asyncio.fixture(loop_scope="module")
async def client(house):
    opened = await Client(house, house["studio"]).opened()
    yield opened
    await opened.room.engine.queues.switch(opened.room.origin.workspace_id, opened.room.account_id, on=True)
    await opened.close()


async def set_to(house, client, *change):
    await house.ground.store.apply([AccountChange(client.room.account_id, *change)])


async def pressed(client, parent: str) -> dict[str, tuple[int, str]]:
    """Status code and words of the same press in each dialect."""
    native = await client.room.http.post("/v1/jobs", json={"parent_id": parent, "button": "V1"})
    imaginepro = await client.room.http.post("/api/v1/nova/button", json={"messageId": parent, "button": "V1"})
    return {
        "native": (native.status_code, native.json()["error"]["message"]),
        "imaginepro": (imaginepro.status_code, imaginepro.json()["message"]),
        "userapi": await client.refused("variation", hash=parent, choice=1),
    }


async def test_a_press_is_refused_with_the_reason_while_the_account_is_stopped(house, client):
    parent = (await client.made("imagine", prompt="a fox"))["hash"]
    before = len(client.room.posts())
    await set_to(house, client, *CAPTCHA)
    for dialect, (code, words) in (await pressed(client, parent)).items():
        assert (code, "stopped: a check for humans" in words) == (409, True), (dialect, words)
    assert len(client.room.posts()) == before


async def test_a_press_is_refused_when_the_account_is_no_longer_linked(house):
    client = await Client(house, house["leaving"]).opened()
    parent = (await client.made("imagine", prompt="a fox"))["hash"]
    await set_to(house, client, AccountState.UNLINKED)
    for dialect, (code, words) in (await pressed(client, parent)).items():
        assert (code, "no longer linked" in words) == (409, True), (dialect, words)
    await client.close()


async def test_a_press_waits_while_the_account_is_paused_and_is_told_why_where_there_is_room(house, client):
    parent = (await client.made("imagine", prompt="a fox"))["hash"]
    before = len(client.room.posts())
    room = client.room
    await room.engine.queues.switch(room.origin.workspace_id, room.account_id, on=False)
    http = client.room.http
    answer = await http.post("/api/v1/nova/button", json={"messageId": parent, "button": "V2"})
    assert answer.status_code == 200
    ours, theirs = answer.json()["messageId"], await client.asked("variation", hash=parent, choice=3)
    for task in (ours, theirs):
        told = (await http.get(f"/v1/jobs/{task}")).json()
        assert (told["state"], told["waits_because"]) == ("QUEUED", str(Waiting.BOUND_ACCOUNT))
    trace = (await http.get(f"/api/v1/message/trace/{ours}")).json()
    assert (trace["tokenId"], trace["tokenInfo"]["message"]) == (client.room.account_id, SWITCHED_OFF)
    named = {"account_hash": (await client.status(theirs))["account_hash"]}
    account = (await client.http.get("/discord/info", params=named)).json()
    assert (account["status"], account["status_reason"]) == ("error", SWITCHED_OFF)
    assert len(client.room.posts()) == before
    await room.engine.queues.switch(room.origin.workspace_id, room.account_id, on=True)
    for task in (ours, theirs):
        assert (await client.room.over(await client.job(task))).state is JobState.DONE


async def test_a_named_account_that_is_stopped_is_refused_with_its_reason_in_every_dialect(house, client):
    await set_to(house, client, *CAPTCHA)
    account = client.room.account_id
    native = await client.room.http.post("/v1/jobs", json={"prompt": "a fox", "account_id": account})
    imaginepro = await client.room.http.post("/api/v1/nova/commands", json={"cmd": "info", "tokenId": account})
    userapi = await client.refused("imagine", prompt="a fox", account_hash=client.account_hash)
    assert (native.status_code, native.json()["error"]["code"]) == (400, "account_stopped")
    assert imaginepro.status_code == userapi[0] == 400
    for words in (native.json()["error"]["message"], imaginepro.json()["message"], userapi[1]):
        assert "a check for humans" in words
