"""Pictures given with a prompt: what Midjourney cannot fetch is uploaded, all else is sent as it was said."""

from __future__ import annotations

import base64
import hashlib
import re
import socket

import pytest
import pytest_asyncio

from engine.model.actions import ActionKind
from engine.model.errors import InvalidInput
from engine.model.inputs import Given, ImageInput
from engine.model.jobs import FailureReason, JobState
from tests.fakes import pictures
from tests.journeys.inside import Inside
from tests.outbound.picture_host import PictureHost, ok

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(tmp_path_factory):
    inside = await Inside(tmp_path_factory.mktemp("given"), {"given": {"remix": True}}).open()
    yield inside["given"]
    await inside.close()


@pytest_asyncio.fixture(loop_scope="module")
async def open_room(tmp_path):
    """Where users may name pictures on this machine."""
    inside = await Inside(tmp_path, {"given": {}}, ALLOW_NETWORKS="127.0.0.0/8,::1/128").open()
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


async def test_a_picture_of_easels_own_in_the_words_of_a_form_is_uploaded_before_the_press(room):
    grid = await room.made("a fox to be remixed")
    own = (await room.http.get(f"/v1/jobs/{grid.id}")).json()["result"]["pictures"][0]["uri"]
    words = f"{own} a blue fox in its place"
    pressed = await room.done(await room.engine.press(room.origin, grid.id, "V1", words=words))
    link, rest = pressed.sent_prompt.split(" ", 1)
    assert (rest, pressed.prompt) == ("a blue fox in its place", words)
    assert room.drawn_for(pressed)["remix"].endswith(rest)
    assert uploaded(room, link) == hashlib.sha256((await room.http.get(own)).content).hexdigest()
    click, form = [row for row in room.posts() if row["nonce"] in pressed.nonces]
    assert (click["typed"], form["typed"]) == ([], [pressed.sent_prompt])


async def test_a_picture_of_easels_own_is_uploaded_for_shorten(room):
    grid = await room.made("a fox to be shortened")
    own = (await room.http.get(f"/v1/jobs/{grid.id}")).json()["result"]["pictures"][0]["uri"]
    words = f"{own} a very, very red fox in a very, very green forest"
    shortened = await room.told(ActionKind.SHORTEN, prompt=words)
    link = sent(room, shortened).split()[0]
    assert uploaded(room, link) == hashlib.sha256((await room.http.get(own)).content).hexdigest()
    assert shortened.sent_prompt == sent(room, shortened)


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


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x.png",
        "http://169.254.169.254/latest/x.png",
        "http://[fe80::1]/x.png",
        "http://localhost:9/x.png",
        "http://2130706433/x.png",
        "http://user:sesame@example.org/x.png",
    ],
)
async def test_an_address_that_nobody_outside_may_fetch_is_refused_and_nothing_is_sent(room, address):
    before = len(room.posts())
    answer = await room.http.post("/api/v1/midjourney/imagine", json={"prompt": f"{address} a fox"})
    assert answer.status_code == 400
    message = answer.json()["message"]
    assert message.startswith(f"prompt holds the address {address.replace('user:sesame', '…')}, wh")
    assert "allowed: public addresses, and what EASEL_PUBLIC_URL, EASEL_UPSTREAM_HOSTS and EASEL_ALLOW" in message
    with pytest.raises(InvalidInput, match=r"^image holds the address"):
        await room.command(ActionKind.DESCRIBE, given=Given(images=(ImageInput(address),)))
    assert len(room.posts()) == before


async def test_a_name_that_leads_into_our_own_network_is_refused_when_it_is_called(room):
    async with PictureHost().running() as host:
        host.answers["/a.png"] = ok(pictures.drawn())
        # a name like any other, until it is looked up
        address = f"http://{socket.gethostname()}:{host.port}/a.png"
        job = await room.command(ActionKind.BLEND, given=Given(images=(ImageInput(address),) * 2))
        failed = await room.over(job)
    assert (failed.state, failed.failure.reason) == (JobState.FAILED, FailureReason.PROMPT)
    assert "not on the public internet" in failed.failure.detail
    assert host.asked == []


async def test_a_network_that_the_operator_lists_is_fetched_from(open_room):
    drawn = [pictures.drawn(size=(size, 20)) for size in (31, 33)]
    async with PictureHost().running() as host:
        host.answers |= {"/0.png": ok(drawn[0]), "/1.png": ok(drawn[1])}
        images = tuple(
            ImageInput(f"http://{name}:{host.port}/{n}.png") for n, name in enumerate(("127.0.0.1", "localhost"))
        )
        await open_room.told(ActionKind.BLEND, given=Given(images=images))
    kept = {hashlib.sha256(picture).hexdigest() for picture in drawn}
    assert kept <= {row["sha256"] for row in open_room.rows("upload") if row["state"] == "stored"}


async def test_a_picture_of_a_listed_network_is_uploaded_and_its_address_stays_inside(open_room):
    drawn = pictures.drawn(size=(35, 20))
    async with PictureHost().running() as host:
        host.answers["/a.png"] = ok(drawn)
        inner = f"http://127.0.0.1:{host.port}/a.png"
        job = await open_room.made(f"{inner} a fox from inside")
    link, rest = sent(open_room, job).split(" ", 1)
    assert rest == "a fox from inside"
    assert uploaded(open_room, link) == hashlib.sha256(drawn).hexdigest()
    assert not [row for row in open_room.house.simulator.ledger("fetch") if row["url"] == inner]
    assert len(host.asked) == 1


async def test_a_link_of_discords_that_has_expired_is_sent_as_one_that_opens(room):
    grid = await room.made("a fox to begin with")
    link = grid.result.pictures[0].attachment.url
    expired = re.sub(r"(?<=[?&]ex=)[0-9a-f]+", "6553f100", link)
    assert expired != link
    job = await room.made(f"{expired} a fox in snow")
    assert job.prompt == f"{expired} a fox in snow"
    assert sent(room, job) == job.sent_prompt != job.prompt
    assert job.sent_prompt.partition("?")[0] == expired.partition("?")[0]
