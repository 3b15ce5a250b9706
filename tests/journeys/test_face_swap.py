"""Faces swapped by InsightFaceSwap's bot: over HTTP, through the engine, to the bot's stand-in in the simulator."""

from __future__ import annotations

import io

import pytest
import pytest_asyncio
from PIL import Image

from engine.model.jobs import JobState
from tests.fakes import pictures
from tests.journeys.inside import Inside

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

FACE, TARGET = pictures.drawn_grid(size=(80, 80)), pictures.drawn_grid(size=(120, 60))
NO_FACE = pictures.drawn(size=(40, 40))
ROUTES = ["/api/v1/nova/faceswap", "/api/v1/midjourney/faceswap", "/api/v1/nova/faceswap/"]


def asked(source: bytes = FACE, target: bytes = TARGET, **fields: object) -> dict:
    return {"source": pictures.as_address(source), "target": pictures.as_address(target), **fields}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory):
    names = ("one", "two", "poor", "strange", "silent", "slots")
    rooms: dict[str, dict] = {name: {} for name in names}
    rooms["poor"] = {"face_commands": 0}
    inside = Inside(
        tmp_path_factory.mktemp("faces"),
        rooms,
        slots={"slots": 1},
        FACE_SWAP="subjects-consented",
        LIMIT_FACE_SWAP=4,
        ALLOW_NETWORKS="127.0.0.0/8",
    )
    yield await inside.open()
    await inside.close()


async def begun(room, route: str = ROUTES[0], **fields: object):
    answer = await room.http.post(route, json=asked(**fields))
    assert answer.status_code == 200, answer.text
    return await room.engine.job(room.origin.workspace_id, answer.json()["messageId"])


async def told(room, job) -> dict:
    """What the service's clients are told when it is over."""
    await room.over(job)
    return (await room.http.get(f"/api/v1/message/fetch/{job.id}")).json()


def commands_of(room, job) -> list[tuple[str, str]]:
    """Command and name of everything that the bot carried out for the job, in order."""
    return [
        (row["name"], row["options"]["idname"])
        for row in room.rows("command")
        if row["nonce"] in job.nonces and row["name"] in ("saveid", "swapid")
    ]


@pytest.mark.parametrize("route", ROUTES)
async def test_a_face_is_put_into_a_picture_by_two_commands(house, route):
    room = house["one"]
    job = await begun(room, route, ref="order 7")
    body = await told(room, job)
    assert (body["status"], body["progress"], body["ref"], body["buttons"]) == ("DONE", 100, "order 7", []), body
    assert body["images"] == [body["uri"]]
    assert "/attachments/" in body["originalUrl"]
    done = await room.now(job)
    (save, name), (swap, same) = commands_of(room, done)
    assert (save, swap, name) == ("saveid", "swapid", same)
    assert len(done.nonces) == 2
    shown = Image.open(io.BytesIO((await room.http.get(body["uri"])).content)).convert("RGB")
    assert shown.size == (120, 60)
    red, green, blue, yellow = pictures.QUARTER_COLOURS
    assert [shown.getpixel(place) for place in ((1, 1), (118, 1), (1, 58), (118, 58))] == [red, green, blue, yellow]
    assert shown.getpixel((40, 28)) == red  # of the face's own quarters, seen through the oval
    assert shown.getpixel((80, 32)) == yellow


async def test_a_form_and_disable_cdn_are_taken_too(house):
    room = house["one"]
    answer = await room.http.post(ROUTES[1], data=asked(disableCdn="true"))
    assert answer.status_code == 200, answer.text
    job = await room.engine.job(room.origin.workspace_id, answer.json()["messageId"])
    body = await told(room, job)
    assert body["uri"].startswith(house.simulator.api_url.removesuffix("/api/v9")), body


async def test_our_own_pictures_can_be_source_and_target(house):
    room = house["one"]
    made = await told(room, await begun(room))
    body = {"source": made["uri"], "target": pictures.as_address(TARGET)}
    answer = await room.http.post(ROUTES[0], json=body)
    assert answer.status_code == 200, answer.text
    job = await room.engine.job(room.origin.workspace_id, answer.json()["messageId"])
    assert (await told(room, job))["status"] == "DONE"


async def test_two_at_once_are_done_one_after_the_other_under_two_names(house):
    room = house["two"]
    jobs = [await begun(room) for _ in range(3)]
    done = [await room.done(job) for job in jobs]
    rows = [row for row in room.rows("command") if row["name"] in ("saveid", "swapid")]
    assert [row["name"] for row in rows] == ["saveid", "swapid"] * 3
    assert [row["nonce"] for row in rows] == [nonce for job in done for nonce in job.nonces]
    assert len({name for job in done for _, name in commands_of(room, job)}) == 3


async def test_a_face_swap_takes_no_slot_and_keeps_no_picture_waiting(house):
    room = house["slots"]
    picture = await room.imagine("a fox beside a mirror")
    await room.until(picture, JobState.RUNNING, JobState.DONE)
    first, second = await begun(room), await begun(room)
    other = await room.imagine("a hen beside a mirror")
    for job in (picture, first, second, other):
        await room.done(job)


@pytest.mark.parametrize(("fields", "steps"), [({"source": NO_FACE}, 1), ({"target": NO_FACE}, 2)])
async def test_a_picture_without_a_face_fails_with_the_bots_words(house, fields, steps):
    room = house["one"]
    job = await begun(room, **fields)
    body = await told(room, job)
    assert (body["status"], "No face detected" in body["error"]) == ("FAIL", True), body
    assert len((await room.now(job)).nonces) == steps


async def test_credits_that_are_used_up_fail_the_job_and_leave_the_account_at_work(house):
    room = house["poor"]
    body = await told(room, await begun(room))
    assert (body["status"], "daily credits" in body["error"]) == ("FAIL", True), body
    await room.made("a fox without a mirror")


async def test_an_answer_that_is_not_known_is_left_to_the_operator(house):
    room = house["strange"]
    house.simulator.order("content", account=room.account["id"], params={"text": "Hello from the mirror"})
    job = await room.over(await begun(room))
    assert (job.state, "Hello from the mirror" in (job.note or "")) == (JobState.NEEDS_ATTENTION, True)
    assert len([row for row in room.posts() if row["decision"] == "accepted"]) == 1


async def test_silence_is_left_to_the_operator_and_lets_the_next_one_go(house):
    room = house["silent"]
    house.simulator.order("silence", account=room.account["id"], count=1)
    first = await begun(room)
    second = await begun(room)
    assert (await room.over(first)).state is JobState.NEEDS_ATTENTION
    await room.done(second)
    assert [row["name"] for row in room.posts()] == ["saveid", "saveid", "swapid"]
    assert (await room.standing()).live


async def test_a_sent_face_swap_cannot_be_cancelled(house):
    room = house["one"]
    job = await room.until(await begun(room), JobState.SENT, JobState.RUNNING, JobState.DONE)
    answer = await room.http.post("/api/v1/nova/button", json={"messageId": job.id, "button": "Cancel Job"})
    assert answer.status_code == 409
    await room.done(job)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"source": ""}, "source is required"),
        ({"target": None}, "target is required"),
        ({"source": "ftp://example.com/a.png"}, "source"),
        ({"target": "http://10.0.0.1/a.png"}, "target"),
        ({"timeout": 5}, "timeout"),
    ],
)
async def test_what_cannot_be_swapped_is_refused_by_name(house, changes, word):
    answer = await house["one"].http.post(ROUTES[0], json=asked() | changes)
    assert (answer.status_code, word in answer.json()["message"]) == (400, True), answer.text


async def test_a_target_that_is_no_picture_spends_no_command(house):
    room = house["one"]
    before = len(room.posts())
    body = asked() | {"target": "data:image/png;base64,bm90IGEgcGljdHVyZQ=="}
    answer = await room.http.post(ROUTES[0], json=body)
    assert answer.status_code == 200, answer.text
    job = await room.engine.job(room.origin.workspace_id, answer.json()["messageId"])
    assert (await room.over(job)).state is JobState.FAILED
    assert len(room.posts()) == before


async def test_off_it_answers_400_with_the_setting_and_looks_at_no_message_of_the_bot(tmp_path):
    house = await Inside(tmp_path, {"bare": {}}).open()
    try:
        answer = await house["bare"].http.post(ROUTES[0], json=asked())
        assert (answer.status_code, "EASEL_FACE_SWAP=subjects-consented" in answer.json()["message"]) == (400, True)
        assert answer.json()["statusCode"] == 400
        assert not house["bare"].posts()
    finally:
        await house.close()
