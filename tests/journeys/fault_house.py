"""One simulator and one Easel in which every trouble happens at once, each in a workspace with accounts of its own."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from engine.core.administration import AccountToLink
from engine.core.keyring import Terms
from engine.model.accounts import Upstream
from engine.model.keys import ALL_SCOPES
from engine.ports import Workspace
from engine.settings import read
from engine.wiring import Ground, open_ground
from tests.journeys.fault_cases import Case
from tests.journeys.processes import EaselProcess, SimulatorProcess, environment, mark_of, turned_away_of

SETTINGS = {
    "LIMIT_FIRST_EVENT": 1,
    "LIMIT_FIRST_MESSAGE": 2,
    "LIMIT_FAST": 16,
    "LIMIT_QUIET": 3,
    "LIMIT_FINAL_AFTER_DELETE": 1,
    "LIMIT_QUEUE_FULL": 2,
    "LIMIT_UNKNOWN_ANSWER": 2,
    "POST_TIMEOUT_SECONDS": 2,  # less than an answer comes late; more than a busy machine takes for one in time
    "HELLO_TIMEOUT_SECONDS": 2,
    "READY_TIMEOUT_SECONDS": 4,
    "RECONNECT_PAUSE_SECONDS": 0.2,
}
OVER = {"DONE", "FAILED", "CANCELLED", "NEEDS_ATTENTION"}
PATIENCE = 50.0


@dataclass
class JobEnd:
    """A job when everything is over: what Easel says, and what the ledger says of each of its submissions."""

    id: str
    prompt: str
    state: str
    reason: str | None
    words: str
    nonces: list[str]
    accepted: list[str] = field(default_factory=list)
    drawn: str | None = None
    shown: str | None = None
    struck: bool = False


@dataclass
class Told:
    """How one case ended. `stopped` is what /status said of the first account when it had stopped."""

    jobs: list[JobEnd] = field(default_factory=list)
    accounts: list[dict] = field(default_factory=list)
    stopped: dict | None = None
    duplicate_nonces: int = 0
    left_orders: list[dict] = field(default_factory=list)
    late: str = ""


class _Workspace:
    def __init__(self, case: Case, place: Workspace, http: httpx.AsyncClient) -> None:
        self.case, self.place, self.http = case, place, http
        self.given: list[dict] = []
        self.linked: list[int] = []
        self.told = Told()
        self.job_ids: list[str] = []

    async def imagine(self, prompt: str) -> str:
        answer = await self.http.post("/api/v1/midjourney/imagine", json={"prompt": prompt})
        assert answer.status_code == 200, answer.text
        self.job_ids.append(answer.json()["messageId"])
        return self.job_ids[-1]

    async def press(self, job_id: str, button: str) -> str:
        answer = await self.http.post("/api/v1/midjourney/button", json={"messageId": job_id, "button": button})
        assert answer.status_code == 200, answer.text
        self.job_ids.append(answer.json()["messageId"])
        return self.job_ids[-1]

    async def accounts(self) -> list[dict]:
        return (await self.http.get("/status")).json()["workspace"]["accounts"]


class FaultHouse:
    """Runs all cases at once and keeps how each ended."""

    def __init__(self, folder: Path, cases: Mapping[str, Case], **simulator: object) -> None:
        self._cases = cases
        count = sum(case.accounts for case in cases.values())
        self._simulator = SimulatorProcess(
            folder / "simulator",
            accounts=count,
            picture_size=64,
            picture_pool=8,
            heartbeat_ms=1000,
            job_ms=1500,
            first_ms=200,
            upscale_ms=200,
            progress_events=4,
            **simulator,
        )
        self._easel = EaselProcess(folder / "easel", self._simulator, **SETTINGS)
        self._states: dict[str, tuple[str, int | None]] = {}
        self._account_states: dict[int, str] = {}

    def run(self) -> dict[str, Told]:
        try:
            return asyncio.run(self._run())
        finally:
            self._easel.stop()
            self._simulator.stop()

    async def _run(self) -> dict[str, Told]:
        self._easel.folder.mkdir(mode=0o700)
        settings = read(environment(**self._easel.settings), Path("no.env")).in_force()
        ground = await open_ground(settings, migrated=True)
        workspaces: dict[str, _Workspace] = {}
        try:
            workspaces |= await self._furnish(ground)
            await asyncio.to_thread(self._easel.start)
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(self._read())
                await self._all_live(workspaces)
                await asyncio.gather(*(self._play(ground, each) for each in workspaces.values()))
                reading.cancel()
            await self._take_stock(workspaces)
        finally:
            await asyncio.gather(*(each.http.aclose() for each in workspaces.values()))
            await ground.store.close()
        return {name: each.told for name, each in workspaces.items()}

    async def _furnish(self, ground: Ground) -> dict[str, _Workspace]:
        upstream = Upstream(self._simulator.api_url, self._simulator.gateway_url, self._simulator.activity_url)
        given = iter(self._simulator.accounts)
        found = {}
        for name, case in self._cases.items():
            place = await ground.administration.ensure_workspace(name)
            key = await ground.keyring.make(place.id, Terms(name="test", scopes=ALL_SCOPES))
            headers = {"Authorization": f"Bearer {key.key}"}
            workspace = found[name] = _Workspace(
                case, place, httpx.AsyncClient(base_url=self._easel.url, headers=headers, timeout=30)
            )
            for _ in range(case.accounts):
                each = next(given)
                asked = AccountToLink(
                    token=each["token"],
                    guild_id=each["guild_id"],
                    channel_id=each["channel_id"],
                    upstream=upstream,
                    concurrency=2,
                    accepts_terms=True,
                )
                workspace.given.append(each)
                workspace.linked.append((await ground.administration.link(place, asked)).id)
        return found

    # --- while it runs

    async def _read(self) -> None:
        """Every state, five times a second, in two queries for all."""
        with closing(self._database()) as database:
            while True:
                rows = database.execute("SELECT id, state, account_id FROM jobs").fetchall()
                self._states = {job_id: (state, account) for job_id, state, account in rows}
                self._account_states = dict(database.execute("SELECT id, state FROM accounts").fetchall())
                await asyncio.sleep(0.2)

    def _database(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self._easel.folder / 'easel.db'}?mode=ro", uri=True)

    @staticmethod
    async def _until(holds: Callable[[], bool], seconds: float = PATIENCE) -> bool:
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.1)
        return True

    async def _all_live(self, workspaces: dict[str, _Workspace]) -> None:
        for name, each in workspaces.items():
            for _ in range(200):
                if all(account["live"] for account in await each.accounts()):
                    break
                await asyncio.sleep(0.1)
            else:
                raise AssertionError(f"{name}: not all accounts are live")

    async def _play(self, ground: Ground, workspace: _Workspace) -> None:
        case, told = workspace.case, workspace.told
        prompts = [f"{workspace.place.name} {word}" for word in ("twin", "twin", "one", "two")]
        if case.press:
            grid = await workspace.imagine(prompts.pop())
            await self._until(lambda: self._over(grid))
        if case.stops:
            # something runs on each of the two when the trouble comes
            for _ in range(2):
                await workspace.imagine(prompts.pop())
            await self._until(lambda: {self._account_of(job_id) for job_id in workspace.job_ids} == {*workspace.linked})
        aimed_at = workspace.given[0]["id"]
        for order in case.orders:
            await asyncio.to_thread(self._simulator.order, **{**order, "account": aimed_at})
        for prompt in prompts:
            await workspace.imagine(prompt)
        if case.press:
            await workspace.press(grid, "U1")
        if case.stops:
            await self._see_it_stop(ground, workspace)
        if not await self._until(lambda: all(map(self._over, workspace.job_ids))):
            told.late = f"not over: {[self._states.get(job_id) for job_id in workspace.job_ids]}"

    def _over(self, job_id: str) -> bool:
        return self._states.get(job_id, ("", None))[0] in OVER

    def _account_of(self, job_id: str) -> int | None:
        return self._states.get(job_id, ("", None))[1]

    async def _see_it_stop(self, ground: Ground, workspace: _Workspace) -> None:
        first, told = workspace.linked[0], workspace.told
        if not await self._until(lambda: self._account_states.get(first) == "stopped"):
            told.late = "the account did not stop"
            return
        told.stopped = next(each for each in await workspace.accounts() if each["id"] == first)
        if workspace.case.resumed:
            settled = lambda job_id: self._over(job_id) or self._account_of(job_id) == first  # noqa: E731
            await self._until(lambda: all(map(settled, workspace.job_ids)))
            await ground.administration.resume(workspace.place, first)

    # --- when it is over

    async def _take_stock(self, workspaces: dict[str, _Workspace]) -> None:
        posts, finished, left = await asyncio.to_thread(self._ledger)
        nonces = self._nonces()
        owner = {each["id"]: workspace for workspace in workspaces.values() for each in workspace.given}
        for order in left:
            owner[order["account"]].told.left_orders.append(order)
        for row in posts:
            if row["decision"] == "duplicate nonce":
                owner[row["account"]].told.duplicate_nonces += 1
        accepted = {row["nonce"]: row for row in posts if row["decision"] == "accepted"}
        struck = {row["nonce"] for row in posts if row.get("fault") or row.get("faults")}
        for workspace in workspaces.values():
            workspace.told.accounts = await self._back(workspace)
            for job_id in workspace.job_ids:
                end = await self._end_of(workspace, job_id, nonces.get(job_id, []))
                end.accepted = [nonce for nonce in end.nonces if nonce in accepted]
                end.drawn = next((finished[nonce] for nonce in end.accepted if nonce in finished), None)
                end.struck = any(nonce in struck for nonce in end.nonces)
                workspace.told.jobs.append(end)

    async def _back(self, workspace: _Workspace) -> list[dict]:
        """The accounts when those that work are connected: on a busy machine a heartbeat may just have been missed."""
        end = time.monotonic() + PATIENCE
        while True:
            accounts = await workspace.accounts()
            away = [each for each in accounts if each["state"] == "active" and not each["live"]]
            if not away or time.monotonic() > end:
                return accounts
            await asyncio.sleep(0.1)

    async def _end_of(self, workspace: _Workspace, job_id: str, nonces: list[str]) -> JobEnd:
        job = (await workspace.http.get(f"/v1/jobs/{job_id}")).json()
        failure = job["failure"] or {"reason": None, "detail": ""}
        words = f"{failure['detail']} {job['note'] or ''}".strip()
        end = JobEnd(job_id, job["prompt"], job["state"], failure["reason"], words, nonces)
        if job["result"]:
            picture = await workspace.http.get(job["result"]["pictures"][0]["uri"])
            end.shown = hashlib.sha256(picture.content).hexdigest()
        return end

    def _ledger(self) -> tuple[list[dict], dict[str, str], list[dict]]:
        requests = self._simulator.ledger("request")
        jobs = self._simulator.ledger("job")
        turned_away = turned_away_of(jobs)
        # one with a dead token is turned away before it is read: it has no nonce
        posts = [row for row in requests if row["path"].endswith("/interactions") and "nonce" in row]
        for row in posts:
            if mark_of(row) in turned_away:
                row["decision"] = "turned away"
        finished = {row["nonce"]: row["picture"] for row in jobs if row["state"] == "finished"}
        return posts, finished, self._simulator.orders()

    def _nonces(self) -> dict[str, list[str]]:
        with closing(self._database()) as database:
            rows = database.execute("SELECT job_id, nonce FROM submissions ORDER BY nonce").fetchall()
        found: dict[str, list[str]] = {}
        for job_id, nonce in rows:
            found.setdefault(job_id, []).append(nonce.lstrip("0"))
        return found
