"""Pictures given with a prompt: what Midjourney cannot fetch is uploaded, all else is sent as it was said."""

from __future__ import annotations

import base64
import hashlib

import pytest
import pytest_asyncio

from engine.model.actions import ActionKind
from engine.model.inputs import Given, ImageInput
from tests.fakes import pictures
from tests.journeys.inside import Inside

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(tmp_path_factory):
    inside = await Inside(tmp_path_factory.mktemp("given"), {"given": {}}).open()
    yield inside["given"]
    await inside.close()


def sent(room, job) -> str:
    """The prompt as the simulator received it."""
    (post,) = [row for row in room.posts() if row["nonce"] in job.nonces]
    assert post["decision"] == "accepted"
    return post["prompt"]


def uploaded(room, address: str) -> str:
    """The hash of the file that was posted under this address."""
    for row in room.rows("posted"):
        for file in row["attachments"]:
            if address.partition("?")[0].endswith(f"/{file['filename']}"):
                return file["sha256"]
    raise AssertionError(f"nothing was posted under {address}")


def posted_since(room, before: int) -> list[dict]:
    return room.rows("posted")[before:]


async def test_a_file_is_uploaded_and_its_address_leads_what_is_sent(room):
    picture = pictures.drawn(size=(21, 20))
    image = ImageInput(kept=await room.engine.keep(picture, "image"))
    job = await room.made("a fox beside a picture", images=[image])
    address, words = sent(room, job).split(" ", 1)
    assert words == "a fox beside a picture"
    assert uploaded(room, address) == hashlib.sha256(picture).hexdigest()
    assert (job.prompt, job.sent_prompt) == ("a fox beside a picture", sent(room, job))
    assert room.house.simulator.file(uploaded(room, address)) == picture


async def test_a_data_address_is_replaced_by_an_upload_and_kept_in_the_job(room):
    picture = pictures.drawn(size=(23, 20))
    address = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    job = await room.made("a fox from data", images=[ImageInput(address)])
    link = sent(room, job).split()[0]
    assert uploaded(room, link) == hashlib.sha256(picture).hexdigest()
    assert job.prompt == "a fox from data"


async def test_a_picture_of_easels_own_is_uploaded_because_midjourney_cannot_reach_it(room):
    grid = await room.made("a fox to be quoted")
    native = (await room.http.get(f"/v1/jobs/{grid.id}")).json()
    own = native["result"]["pictures"][0]["uri"]
    assert own.startswith(room.house.url)
    words = f"{own} a fox that quotes --iw 1.5"
    job = await room.made(words)
    link, rest = sent(room, job).split(" ", 1)
    assert (rest, job.prompt) == ("a fox that quotes --iw 1.5", words)
    assert uploaded(room, link) == hashlib.sha256((await room.http.get(own)).content).hexdigest()
    assert job.sent_prompt == f"{link} {rest}"


async def test_a_picture_that_only_the_bot_can_see_is_uploaded(room):
    picture = pictures.drawn(size=(25, 20))
    described = await room.told(
        ActionKind.DESCRIBE, given=Given(images=(ImageInput(kept=await room.engine.keep(picture, "image")),))
    )
    shown = described.result.details.image_url
    assert "/ephemeral-attachments/" in shown
    job = await room.made(f"{shown} a fox out of sight")
    link = sent(room, job).split()[0]
    assert "/ephemeral-attachments/" not in link
    assert uploaded(room, link) == hashlib.sha256(picture).hexdigest()
    assert job.prompt == f"{shown} a fox out of sight"


async def test_a_public_address_stays_as_it_is_and_midjourney_fetches_it(room):
    before = len(room.rows("posted"))
    link = "https://pictures.example.org/public.png"
    in_front = await room.made("a fox with a public picture", images=[ImageInput(link)])
    written = await room.made(f"{link} a fox with a public picture --sref {link}")
    assert sent(room, in_front) == f"{link} a fox with a public picture"
    assert sent(room, written) == written.prompt
    assert written.sent_prompt is None
    assert posted_since(room, before) == []
    fetched = [row["decision"] for row in room.house.simulator.ledger("fetch") if row["url"] == link]
    assert fetched
    assert set(fetched) == {"200"}
