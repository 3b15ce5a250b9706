"""UserAPI's accounts, switches, uploads, calls that wait, and webhooks, against a started server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from dataclasses import replace

import httpx
import pytest
import pytest_asyncio

from engine.model.accounts import AccountState
from engine.model.actions import Action, ActionKind
from engine.model.sightings import Trouble
from engine.ports import AccountChange
from tests.fakes import pictures
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.journeys.inside import Inside
from tests.journeys.userapi import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOMS = ("studio", "switches", "stopped", "limited", "unasked")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory):
    rooms = {name: {"remix": name == "unasked"} for name in ROOMS}
    settings = {"SYNC_WAIT_SECONDS": 8, "ALLOW_NETWORKS": "127.0.0.0/8"}
    inside = await Inside(tmp_path_factory.mktemp("accounts"), rooms, **settings).open()
    yield inside
    await inside.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clients(house):
    opened = {name: await Client(house, house[name]).opened() for name in ROOMS}
    yield opened
    for client in opened.values():
        await client.close()


@pytest.fixture
def client(clients):
    return clients["studio"]


@pytest.fixture
def receiver():
    made = WebhookReceiver()
    yield made
    made.stop()


@contextlib.contextmanager
def slow(house, seconds=60):
    """Pictures take so long meanwhile."""
    house.simulator.timing(job_ms=seconds * 1000)
    try:
        yield
    finally:
        house.simulator.timing(job_ms=250)


async def until(holds, otherwise):
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, otherwise
        await asyncio.sleep(0.05)


async def until_left(client):
    end = time.monotonic() + 10
    while (await client.room.standing()).live:
        assert time.monotonic() < end, "the account stays connected"
        await asyncio.sleep(0.05)


# --- who


async def test_a_key_says_what_it_is(client):
    who = (await client.http.get("/user/whoami")).json()
    assert who == {"status": True, "result": {**who["result"], "accounts": [client.account_hash]}}
    assert who["result"]["name"] == "test"
    assert {"generate", "read"} <= set(who["result"]["scopes"])


@pytest.mark.parametrize("headers", [{}, {"api-key": "easel_wrong"}, {"api-key": ""}])
@pytest.mark.parametrize("path", ["/user/whoami", "/midjourney/v2/status?hash=x", "/discord/info?account_hash=x"])
async def test_without_a_key_in_force_nothing_is_told(house, headers, path):
    async with httpx.AsyncClient(base_url=house.url) as http:
        answer = await http.get(path, headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (401, False)
    assert "key" in answer.json()["error"]


async def test_a_route_that_is_not_there_is_refused_in_the_same_words(client):
    answer = await client.http.post("/midjourney/v2/face-swap", json={})
    assert (answer.status_code, answer.json()["status"]) == (404, False)


# --- accounts


async def test_an_account_shows_its_owner_behind_masks_and_no_secret(client, house):
    told = (await client.http.get("/discord/info", params={"account_hash": client.account_hash})).json()
    account = client.room.account
    assert (told["hash"], told["channel_id"]) == (client.account_hash, account["channel_id"])
    assert (told["status"], told["status_reason"], told["is_remix"]) == ("active", None, False)
    assert told["external_username"]
    assert told["external_email"] == f"{told['external_username'][0]}****@e****.org"
    assert told["token"] == f"{account['token'][:3]}...{account['token'][-4:]}"
    kept = [path.read_bytes() for path in house.folder.rglob("*") if path.is_file()]
    assert not any(f"{told['external_username']}@example.org".encode() in each for each in kept)


@pytest.mark.parametrize(
    ("status", "change"),
    [
        ("tos", (AccountState.STOPPED, Trouble.TERMS, "Please accept ToS")),
        ("tos", (AccountState.STOPPED, Trouble.MODERATION, "acknowledge it")),
        ("banned", (AccountState.STOPPED, Trouble.BLOCKED, "blocked for a day")),
        ("error", (AccountState.STOPPED, Trouble.CAPTCHA, "a check for humans")),
        ("error", (AccountState.STOPPED, Trouble.TOKEN, "closed with 4004")),
        ("error", (AccountState.PAUSED, None, "paused by the operator")),
    ],
)
async def test_an_account_that_takes_no_jobs_says_so_and_why(house, clients, status, change):
    client, reason = clients["stopped"], change[-1]
    account_id = client.room.account_id
    await house.ground.store.apply([AccountChange(account_id, *change)])
    try:
        told = (await client.http.get("/discord/info", params={"account_hash": client.account_hash})).json()
        assert (told["status"], told["status_reason"]) == (status, reason)
        for route, body in (("imagine", {"prompt": "a fox"}), ("info", {}), ("prefer", {"choice": "remix"})):
            code, words = await client.refused(route, account_hash=client.account_hash, **body)
            assert (code, reason in words) == (400, True), words
    finally:
        await house.ground.store.apply([AccountChange(account_id, AccountState.ACTIVE)])


async def test_a_key_that_is_limited_to_other_accounts_does_not_see_this_one(house, clients):
    client = clients["limited"]
    place = await house.ground.administration.workspace("limited")
    (key,) = await house.ground.store.keys(place.id)
    assert await house.ground.store.change_key(replace(key, account_ids=(client.room.account_id + 1000,)))
    end = time.monotonic() + 10
    while (await client.http.get("/user/whoami")).json()["result"]["accounts"]:
        assert time.monotonic() < end, "the running Easel did not heed it"
        await asyncio.sleep(0.05)
    named = {"account_hash": client.account_hash}
    assert (await client.http.get("/discord/info", params=named)).status_code == 404
    for route, body in (("imagine", {"prompt": "a fox"}), ("info", {}), ("speed", {"choice": "fast"})):
        assert (await client.refused(route, **named, **body))[0] == 404
    uploaded = await client.http.post("/midjourney/v2/upload", files={"image": ("a.png", pictures.drawn())})
    assert uploaded.status_code == 503


# --- switches


async def test_prefer_turns_remix_over_and_says_what_it_is_then(clients):
    client = clients["switches"]
    for expected in ("on", "off"):
        task = await client.waited("prefer", account_hash=client.account_hash, choice="remix")
        assert (task["type"], task["choice"], task["result"]) == ("prefer", "remix", expected)
        assert client.room.at_midjourney()["remix"] is (expected == "on")
        told = (await client.http.get("/discord/info", params={"account_hash": client.account_hash})).json()
        assert told["is_remix"] is (expected == "on")


@pytest.mark.parametrize(("choice", "mode"), [("relax", "relaxed"), ("turbo", "turbo"), ("fast", "fast")])
async def test_speed_reaches_midjourney(clients, choice, mode):
    client = clients["switches"]
    task = await client.waited("speed", account_hash=client.account_hash, choice=choice)
    assert (task["type"], task["choice"], task["result"]) == ("speed", choice, None)
    assert client.room.at_midjourney()["mode"] == mode


async def test_is_async_answers_with_the_hash_at_once(clients):
    client = clients["switches"]
    grid = await client.made("imagine", prompt="a fox with a seed --seed 4711")
    for route, body, result in (
        ("speed", {"account_hash": client.account_hash, "choice": "fast"}, None),
        ("seed", {"hash": grid["hash"]}, "4711"),
    ):
        task = await client.made(route, is_async=True, **body)
        assert task["result"] == result if route == "speed" else task["result"]["seed"] == result


async def test_a_seed_is_asked_of_midjourney_once_and_answered_as_often_as_asked(client):
    grid = await client.made("imagine", prompt="a fox with a seed --seed 815")
    job = await client.job(grid["hash"])
    first, second = [await client.waited("seed", hash=grid["hash"]) for _ in range(2)]
    assert first["hash"] != second["hash"]
    assert (first["result"]["seed"], second["result"]) == ("815", first["result"])
    assert (await client.status(second["hash"]))["status"] == "done"
    letters = [row for row in client.room.rows("letter") if row["job"] == job.result.uuid]
    assert len(letters) == 1


# --- calls that wait


@pytest.mark.parametrize("choice", ["nothing", "2", "random", "all"])
async def test_an_instant_imagine_answers_with_what_was_wanted(client, choice):
    task = await client.waited("imagine-instant", prompt=f"an instant fox, {choice}", choice=choice)
    assert (task["status"], task["type"]) == ("done", "imagine" if choice in {"nothing", "all"} else "upscale")
    if task["type"] == "upscale":
        assert task["choice"] == 2 if choice == "2" else task["choice"] in {1, 2, 3, 4}
        assert (await client.status(task["parent_hash"]))["type"] == "imagine"
    assert len(task["result"].get("urls", [])) == (4 if choice == "all" else 0)
    for picture in [task["result"], *task["result"].get("urls", [])]:
        assert (await client.http.get(picture["url"])).status_code == 200


async def test_an_instant_imagine_with_an_idempotency_key_answers_its_picture_and_that_again(client):
    asked = {"prompt": "a fox asked for twice", "choice": "2"}
    tasks = []
    for _ in range(2):
        answer = await client.http.post(
            "/midjourney/v2/imagine-instant", json=asked, headers={"Idempotency-Key": "instant-fox"}
        )
        assert answer.status_code == 200, answer.text
        tasks.append(answer.json()["result"])
    assert (tasks[0]["type"], tasks[0]["choice"], tasks[0]["status"]) == ("upscale", 2, "done")
    assert tasks[1] == tasks[0]


async def test_a_call_that_waits_too_long_answers_with_the_hash_and_the_task_goes_on(house, client):
    with slow(house):
        answer = await client.post("imagine-instant", {"prompt": "a slow fox", "choice": "1"})
    assert answer.status_code == 200
    assert list(answer.json()) == ["hash"]
    task = answer.json()["hash"]
    assert (await client.status(task))["status"] in {"sent", "waiting", "progress"}
    await client.room.engine.cancel(client.room.origin, task)


@pytest.mark.parametrize("choice", ["3", "all"])
async def test_what_an_instant_imagine_wanted_is_made_though_the_call_could_not_wait_for_it(house, client, choice):
    wanted = Action(ActionKind.SEED) if choice == "all" else Action(ActionKind.UPSCALE, 3)
    with slow(house, 9):
        asked = {"prompt": f"a slow fox, {choice}", "choice": choice, "callback_id": "mine"}
        answer = await client.post("imagine-instant", asked)
        assert list(answer.json()) == ["hash"]
        grid = await client.done(answer.json()["hash"])
    workspace_id, end = (await client.job(grid["hash"])).workspace_id, time.monotonic() + 10
    while not (made := await house.ground.store.children(workspace_id, grid["hash"], wanted)):
        assert time.monotonic() < end, "nothing was made of the grid"
        await asyncio.sleep(0.05)
    task = await client.done(made[0].id)
    assert len(made) == 1
    assert task["parent_hash"] == grid["hash"]
    assert (grid["callback_id"], task["callback_id"]) == ("mine", "mine" if choice == "3" else None)
    assert task["type"] == ("upscale" if choice == "3" else "seed")


async def test_who_leaves_a_call_cancels_nothing(house, client):
    before = len(client.room.posts())
    with slow(house):
        with pytest.raises(httpx.ReadTimeout):
            await client.http.post(
                "/midjourney/v2/imagine-instant", json={"prompt": "a lonely fox", "choice": "nothing"}, timeout=1
            )
        await until(lambda: len(client.room.posts()) > before, "nothing was posted")
    (left,) = client.room.posts()[before:]
    assert left["decision"] == "accepted"
    (job,) = [each for each in await _running(house, client) if each.prompt == "a lonely fox"]
    assert not job.cancel_asked
    await client.room.engine.cancel(client.room.origin, job.id)


async def _running(house, client):
    return await house.ground.store.open_jobs(client.room.account_id)


# --- uploads


async def test_an_upload_arrives_byte_for_byte_from_a_file_or_an_address(house, client):
    picture = pictures.drawn("JPEG", size=(40, 30))
    answer = await client.http.post("/midjourney/v2/upload", files={"image": ("a.jpg", picture, "image/jpeg")})
    image = answer.json()["image"]
    assert answer.json()["account_hash"] == client.account_hash
    assert (image["width"], image["height"], image["size"]) == (40, 30, len(picture))
    assert (image["content_type"], image["ephemeral"]) == ("image/jpeg", False)
    again = (await client.post("upload", {"url": image["url"]})).json()["image"]
    for each in (image, again):
        assert (await client.http.get(each["url"])).content == picture
        assert (await client.http.get(each["proxy_url"])).content == picture


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"image": ("a.gif", pictures.drawn("GIF"), "image/gif")}, "image is a GIF file"),
        ({"image": ("a.png", b"nothing of the kind", "image/png")}, "image"),
        ({"image": ("a.png", b"", "image/png")}, "image is required, or url"),
    ],
)
async def test_what_is_no_png_or_jpeg_is_not_uploaded(client, files, words):
    answer = await client.http.post("/midjourney/v2/upload", files=files)
    assert (answer.status_code, words in answer.json()["error"]) == (400, True), answer.text


@pytest.mark.parametrize("way", ["refuses", "hangs"])
async def test_an_address_that_gives_no_picture_is_named(client, way):
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        if way == "hangs":
            place.listen()
        url = f"http://127.0.0.1:{place.getsockname()[1]}/a.png"
        answer = await client.http.post("/midjourney/v2/upload", json={"url": url})
    words = "url cannot be fetched" if way == "refuses" else "url did not arrive within"
    assert (answer.status_code, answer.json()["error"].startswith(words)) == (400, True), answer.text


async def test_an_upload_that_cannot_be_done_now_says_when_to_come_again(house, clients):
    client = clients["stopped"]
    await house.ground.store.apply(
        [AccountChange(client.room.account_id, AccountState.STOPPED, Trouble.TOKEN, "closed with 4004")]
    )
    try:
        await until_left(client)
        answer = await client.http.post("/midjourney/v2/upload", files={"image": ("a.png", pictures.drawn())})
        assert (answer.status_code, answer.json()["status"]) == (503, False)
        assert int(answer.headers["retry-after"]) > 0
    finally:
        await house.ground.store.apply([AccountChange(client.room.account_id, AccountState.ACTIVE)])


# --- webhooks


@pytest.mark.parametrize("kind", ["result", "progress", None])
async def test_a_webhook_is_the_status_answer_as_often_as_its_type_says(house, client, receiver, kind):
    said = {"webhook_url": receiver.url(), "webhook_type": kind, "callback_id": "order 7"}
    with slow(house, seconds=2):
        task = await client.made("imagine", prompt="a fox that is told of", **said)
    await asyncio.to_thread(receiver.wait, lambda it: it.posts and it.posts[-1].body["status"] == "done", "the end")
    told = [post.body for post in receiver.posts]
    assert told[-1] == task
    assert told[-1]["callback_id"] == "order 7"
    statuses = [body["status"] for body in told]
    order = ["sent", "waiting", "progress", "done"]
    assert statuses == sorted(statuses, key=order.index)
    assert (statuses == ["done"]) is (kind == "result")
    if kind is None:
        assert len(set(statuses)) == len(statuses)


async def test_whether_remix_is_on_is_asked_once_of_an_account_that_never_told(house, clients):
    client = clients["unasked"]
    assert (await client.room.facts()).remix is None
    asked = {"account_hash": client.account_hash}
    told = await asyncio.gather(*(client.http.get("/discord/info", params=asked) for _ in range(3)))
    assert [each.json()["is_remix"] for each in told] == [True] * 3
    assert [row["name"] for row in client.room.rows("command")] == ["settings"]


async def test_of_info_prefer_and_speed_nothing_but_the_end_is_told(client, receiver):
    hook = {"webhook_url": receiver.url(), "webhook_type": "progress"}
    remix = ("prefer", {"choice": "remix"})
    for path, said in (("info", {}), remix, remix, ("speed", {"choice": "fast"})):
        asked = {"account_hash": client.account_hash, **said, **hook, **({} if path == "info" else {"is_async": True})}
        await client.over(await client.asked(path, **asked))
    await asyncio.to_thread(receiver.wait, lambda it: len(it.posts) >= 4, "four ends")
    assert [post.body["status"] for post in receiver.posts] == ["done"] * 4


async def test_a_refused_prompt_is_told_by_webhook_too(client, receiver):
    task = await client.over(await client.asked("imagine", prompt="a shit fox", webhook_url=receiver.url()))
    await asyncio.to_thread(receiver.wait, lambda it: len(it.posts) == 1, "the end")
    assert receiver.posts[0].body == task
    assert (task["status"], task["prefilter_result"]) == ("error", ["PROFANITY"])
