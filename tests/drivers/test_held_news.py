"""What happens to frames while the core cannot take them: held up to a bound, then left to Discord's replay."""

from __future__ import annotations

import asyncio

import pytest

from engine.drivers.midjourney.options import DriverOptions
from engine.ports import Live, Lost
from tests.drivers.test_gateway import percents, session_at
from tests.drivers.tiny_gateway import TinyGateway, said

PERCENTS = list(range(10, 22))
ONE_FRAME = 150
"""A little less than the bytes of one frame."""


def gateway_of_twelve(asked: list[dict], codes: list[int | None]) -> TinyGateway:
    """Twelve messages (s = 2 to 13) in one go; a second connection replays what comes after the `seq` it is told."""

    async def first(connection):
        await connection.identified()
        for number, percent in enumerate(PERCENTS):
            await connection.dispatch("MESSAGE_UPDATE", said(percent), number + 2)
        codes.append(await connection.gone())

    async def second(connection):
        await connection.hello()
        frame = await connection.receive()
        asked.append(frame)
        for number, percent in enumerate(PERCENTS):
            if number + 2 > frame["d"]["seq"]:
                await connection.dispatch("MESSAGE_UPDATE", said(percent), number + 2)
        await connection.dispatch("RESUMED", {"_trace": []}, 14)
        await connection.gone()

    return TinyGateway(first, second)


@pytest.mark.parametrize("bound", [{"most_held": 8}, {"most_held_bytes": 10 * ONE_FRAME}])
async def test_a_consumer_that_stands_still_makes_the_session_leave_and_resume_when_half_is_consumed(bound):
    asked, codes = [], []
    async with gateway_of_twelve(asked, codes) as gateway, session_at(gateway, **bound) as (session, listener):
        listener.holding = asyncio.Event()
        while not codes:  # noqa: ASYNC110 - the gateway's script ends when the client left
            await asyncio.sleep(0.01)
        assert codes == [4000]
        await asyncio.sleep(0.3)
        assert len(gateway.connections) == 1, "it came back although nothing was consumed"
        assert not session.live
        assert session.passed_seq is None
        listener.holding.set()
        await listener.lives(2)
        (resume,) = asked
        assert resume["op"] == 6
        assert 2 <= resume["d"]["seq"] < 13
        await listener.until(lambda _: len(listener.seen) == len(PERCENTS))
        assert percents(listener) == PERCENTS
        assert [type(news) for news in listener.heard if not hasattr(news, "seq")] == [Live, Lost, Live]
        assert session.live


async def test_a_consumer_that_keeps_up_never_loses_the_connection():
    asked, codes = [], []
    async with gateway_of_twelve(asked, codes) as gateway, session_at(gateway, most_held=13) as (session, listener):
        await listener.until(lambda _: len(listener.seen) == len(PERCENTS))
        assert session.live
        assert len(gateway.connections) == 1


async def test_a_session_that_waits_for_room_can_be_closed():
    asked, codes = [], []
    async with gateway_of_twelve(asked, codes) as gateway, session_at(gateway, most_held=8) as (session, listener):
        listener.holding = asyncio.Event()
        while not codes:  # noqa: ASYNC110 - the gateway's script ends when the client left
            await asyncio.sleep(0.01)
        closing = asyncio.create_task(session.close())
        await asyncio.wait_for(closing, 2)
        listener.holding.set()
        await asyncio.wait_for(listener.task, 2)
        assert len(listener.seen) in (7, 8)  # one place may be taken by the news that it is live


def test_ten_thousand_news_or_sixty_four_megabytes_are_held():
    assert (DriverOptions().most_held, DriverOptions().most_held_bytes) == (10_000, 64 * 1024 * 1024)
