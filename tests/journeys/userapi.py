"""A UserAPI client on a room of a house: what its answers are, and what the simulator was made to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import httpx

from tests.journeys.inside import PATIENCE, Inside, Room

OVER = {"done", "error"}


class Client:
    """One key's calls; `account_hash` is the room's account."""

    def __init__(self, house: Inside, room: Room) -> None:
        self.room = room
        self.account_hash = ""
        key = room.http.headers["Authorization"].partition(" ")[2]
        self.http = httpx.AsyncClient(base_url=house.url, headers={"api-key": key}, timeout=60)

    async def opened(self) -> Client:
        who = (await self.http.get("/user/whoami")).json()["result"]
        (self.account_hash,) = who["accounts"]
        return self

    async def close(self) -> None:
        await self.http.aclose()

    async def post(self, route: str, body: Mapping[str, object]) -> httpx.Response:
        return await self.http.post(f"/midjourney/v2/{route}", json=body)

    async def asked(self, route: str, **body: object) -> str:
        """The hash of a task that was started."""
        answer = await self.post(route, body)
        assert answer.status_code == 200, f"{route} {body}: {answer.text}"
        assert list(answer.json()) == ["hash"]
        return answer.json()["hash"]

    async def waited(self, route: str, **body: object) -> dict:
        """The task that a call waited for."""
        answer = await self.post(route, body)
        assert answer.status_code == 200, f"{route} {body}: {answer.text}"
        assert answer.json()["status"] is True
        return answer.json()["result"]

    async def refused(self, route: str, **body: object) -> tuple[int, str]:
        """Status code and words of a call that is not taken."""
        answer = await self.post(route, body)
        assert answer.status_code >= 400, answer.text
        assert answer.json() == {"status": False, "error": answer.json()["error"]}
        return answer.status_code, answer.json()["error"]

    async def status(self, task: str) -> dict:
        answer = await self.http.get("/midjourney/v2/status", params={"hash": task})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def over(self, task: str) -> dict:
        end = time.monotonic() + PATIENCE
        while (body := await self.status(task))["status"] not in OVER:
            assert time.monotonic() < end, body
            await asyncio.sleep(0.02)
        return body

    async def done(self, task: str) -> dict:
        body = await self.over(task)
        assert body["status"] == "done", body
        return body

    async def made(self, route: str, **body: object) -> dict:
        """A finished task."""
        return await self.done(await self.asked(route, **body))

    async def single(self, prompt: str, choice: int = 1) -> dict:
        """A grid's picture, taken by itself."""
        grid = await self.made("imagine", prompt=prompt)
        return await self.made("upscale", hash=grid["hash"], choice=choice)

    async def job(self, task: str):
        """The task's job as the engine has it."""
        return await self.room.engine.job(self.room.origin.workspace_id, task)

    async def ledger(self, task: str) -> list[dict]:
        """What was posted to Discord for a task."""
        job = await self.job(task)
        return [row for row in self.room.posts() if row["nonce"] in job.nonces]
