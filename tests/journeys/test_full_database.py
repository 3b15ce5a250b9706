"""A database without room, and one that may only be read, over HTTP: refused, nothing submitted, and on it goes."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress

import pytest
import pytest_asyncio
from sqlalchemy import event

from engine.model.errors import Unavailable
from tests.journeys.inside import Inside, Room

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(tmp_path_factory):
    inside = await Inside(tmp_path_factory.mktemp("full"), {"full": {}}).open()
    yield inside["full"]
    await inside.close()


def pragma(said: str):
    return lambda connection, _: connection.exec_driver_sql(f"PRAGMA {said}").scalar()


@asynccontextmanager
async def no_room(room: Room):
    """Not one page more."""
    writer = room.house.ground.store._writer
    await writer.write(pragma(f"max_page_count={await writer.write(pragma('page_count'))}"))
    yield
    await writer.write(pragma("max_page_count=1000000"))


@asynccontextmanager
async def read_only(room: Room):
    """Every connection may only read, as one to a file that this user may not write."""
    writer = room.house.ground.store._writer

    def may_only_read(driver, _record) -> None:
        driver.execute("PRAGMA query_only=1")

    event.listen(writer._engine, "connect", may_only_read)
    with suppress(Unavailable):  # the connection that is open, unless its transaction has something to write already
        await writer.write(pragma("query_only=1"))
    yield
    event.remove(writer._engine, "connect", may_only_read)
    with suppress(Unavailable):  # a connection that was opened meanwhile; one that fails is opened anew
        await writer.write(lambda connection, _: connection.exec_driver_sql("PRAGMA query_only=0").close())


@pytest.mark.parametrize("trouble", [no_room, read_only])
async def test_new_work_is_refused_nothing_of_it_is_sent_and_later_it_is_taken(room, trouble):
    before = await room.made("a fox before the trouble")
    taken, refused = [], []
    async with trouble(room):
        for number in range(200):
            prompt = f"a fox {number} {trouble.__name__} " + "x" * 5000
            answer = await room.http.post("/api/v1/midjourney/imagine", json={"prompt": prompt})
            if answer.status_code == 200:
                taken.append(answer.json()["messageId"])
                continue
            refused.append(prompt)
            assert (answer.status_code, answer.json()["message"]) == (503, "the database cannot be used now")
            assert int(answer.headers["Retry-After"]) > 0
            if len(refused) == 3:
                break
        assert (await room.http.get(f"/v1/jobs/{before.id}")).json()["state"] == "DONE"
    assert len(refused) == 3
    for job_id in taken:
        await room.done(await room.engine.job(room.origin.workspace_id, job_id))
    await room.made(f"a fox after {trouble.__name__}")
    assert not {row["prompt"] for row in room.posts()} & set(refused)
