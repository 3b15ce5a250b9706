"""Pictures are what their messages declare, each job's own, and derived ones show where they come from."""

from __future__ import annotations

import io

import httpx
from PIL import Image, ImageChops, ImageStat


async def picture_of(message, number=0):
    attachment = message["attachments"][number]
    async with httpx.AsyncClient() as http:
        answer = await http.get(attachment["url"])
    image = Image.open(io.BytesIO(answer.content))
    image.load()
    assert (image.width, image.height) == (attachment["width"], attachment["height"])
    assert len(answer.content) == attachment["size"]
    assert Image.MIME[image.format] == attachment["content_type"]
    return image.convert("RGB")


def distance(one, other):
    return sum(ImageStat.Stat(ImageChops.difference(one.resize((32, 32)), other.resize((32, 32)))).mean)


async def test_declared_sizes_are_real_and_follow_the_ratio(simulate):
    async with simulate(picture_size=128) as it, it.client() as client:
        wide = await picture_of(await client.finished("harbor --ar 16:9"))
        tall = await picture_of(await client.finished("harbor --ar 9:16"))
        square = await picture_of(await client.finished("harbor"))
        assert wide.width > wide.height
        assert tall.width < tall.height
        assert square.size == (128, 128)


async def test_previews_are_real_pictures_too(simulate):
    async with simulate(timing={"job_ms": 600, "progress_events": 8}) as it, it.client() as client:
        await client.finished("harbor")
        pictured = client.of("MESSAGE_UPDATE", lambda d: d["attachments"])
        assert pictured
        for edit in pictured:
            await picture_of(edit)


async def test_u_shows_the_chosen_cell(simulate):
    async with simulate(picture_size=256) as it, it.client() as client:
        grid = await client.finished("a quiet harbor")
        whole = await picture_of(grid)
        cells = [whole.crop((x, y, x + 128, y + 128)) for y in (0, 128) for x in (0, 128)]
        for number in range(1, 5):
            single = await picture_of(await client.final_of(await client.click(grid, f"U{number}")))
            nearest = min(range(4), key=lambda n: distance(cells[n], single))
            assert nearest == number - 1


async def test_a_pool_serves_many_jobs_with_bytes_of_their_own(simulate):
    async with simulate(picture_pool=2) as it, it.client() as client:
        finals = [await client.finished(f"harbor {n}") for n in range(4)]
        for final in finals:
            await picture_of(final)
        await picture_of(await client.final_of(await client.click(finals[0], "U1")))
        rows = await it.rows("job", state="finished")
        assert len({r["picture"] for r in rows}) == 5
