"""One simulator and one Easel with several rooms: a workspace with an account of its own each, read through the ledger.

What a job became is told from both ends: what Easel says over HTTP, and what the simulator wrote down.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from engine.core.administration import AccountToLink
from engine.core.keyring import Terms
from engine.model.accounts import Upstream
from engine.model.keys import ALL_SCOPES
from engine.settings import read
from engine.wiring import Ground, open_ground
from tests.journeys.processes import PLAIN, EaselProcess, SimulatorProcess, environment, nonces_of

OVER = {"DONE", "FAILED", "CANCELLED", "NEEDS_ATTENTION"}
SLOTS = 10
PATIENCE = 40.0
QUICK = {"job_ms": 250, "first_ms": 20, "upscale_ms": 60, "progress_events": 2}


@dataclass(frozen=True)
class Room:
    """A workspace with one account: how the simulator knows it, and how Easel does."""

    account: dict
    account_id: int
    http: httpx.Client

    def imagine(self, prompt: str, **fields: object) -> str:
        return self._started("imagine", {"prompt": prompt, **fields})

    def press(self, job_id: str, button: str, prompt: str | None = None, mask: bytes | None = None) -> str:
        given = {"prompt": prompt, "mask": None if mask is None else base64.b64encode(mask).decode()}
        said = {name: value for name, value in given.items() if value is not None}
        return self._started("button", {"messageId": job_id, "button": button, **said})

    def refused(self, job_id: str, button: str, **fields: object) -> tuple[int, str]:
        """Status and words of a press that is not taken."""
        answer = self.http.post("/api/v1/midjourney/button", json={"messageId": job_id, "button": button, **fields})
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["message"]

    def _started(self, route: str, body: dict) -> str:
        answer = self.http.post(f"/api/v1/midjourney/{route}", json=body)
        assert answer.status_code == 200, f"{body}: {answer.text}"
        return answer.json()["messageId"]

    def job(self, job_id: str) -> dict:
        answer = self.http.get(f"/v1/jobs/{job_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def over(self, job_ids: Iterable[str], seconds: float = PATIENCE) -> list[dict]:
        """The jobs when all are over, in the order asked for."""
        told: dict[str, dict] = {}
        wanted, end = list(job_ids), time.monotonic() + seconds
        while waiting := [job_id for job_id in wanted if job_id not in told]:
            for job_id in waiting:
                job = self.job(job_id)
                if job["state"] in OVER:
                    told[job_id] = job
            assert told.keys() >= set(waiting) or time.monotonic() < end, (
                f"not over: {[(job['action'], job['state'], job['note']) for job in map(self.job, waiting)]}"
            )
            time.sleep(0.05)
        return [told[job_id] for job_id in wanted]

    def done(self, job_ids: Iterable[str]) -> list[dict]:
        """As `over`; asserts that each is DONE."""
        jobs = self.over(job_ids)
        bad = [(job["action"], job["state"], job["failure"], job["note"]) for job in jobs if job["state"] != "DONE"]
        assert not bad, bad
        return jobs

    def made(self, prompt: str, *labels: str) -> str:
        """A finished picture: the prompt's grid, then each button in turn."""
        job_id = self.imagine(prompt)
        self.done([job_id])
        for label in labels:
            job_id = self.press(job_id, label)
            self.done([job_id])
        return job_id

    def shown(self, job: dict) -> str:
        """The hash of the picture that Easel shows for a job."""
        answer = self.http.get(job["result"]["pictures"][0]["uri"])
        assert answer.status_code == 200, answer.text
        return hashlib.sha256(answer.content).hexdigest()


class Studio:
    """`rooms` names each room's account values at Midjourney; `settings` are Easel's."""

    def __init__(self, folder: Path, rooms: Mapping[str, Mapping[str, object]], **settings: object) -> None:
        self.simulator = SimulatorProcess(
            folder / "simulator", accounts=len(rooms), picture_size=64, heartbeat_ms=1000, **QUICK
        )
        for account, values in zip(self.simulator.accounts, rooms.values(), strict=True):
            self.simulator.change_account(account["id"], concurrency=SLOTS, **values)
        self.easel = EaselProcess(folder / "easel", self.simulator, **settings)
        self.easel.folder.mkdir(mode=0o700)
        self.rooms = asyncio.run(self._furnish(rooms))
        self.easel.start()
        for name in rooms:
            self.wait_live(name)

    def __getitem__(self, name: str) -> Room:
        return self.rooms[name]

    async def _furnish(self, names: Iterable[str]) -> dict[str, Room]:
        settings = read(environment(**self.easel.settings), Path("no.env")).in_force()
        ground = await open_ground(settings, migrated=True)
        try:
            given = zip(names, self.simulator.accounts, strict=True)
            return {name: await self._room(ground, name, account) for name, account in given}
        finally:
            await ground.store.close()

    async def _room(self, ground: Ground, name: str, account: dict) -> Room:
        upstream = Upstream(self.simulator.api_url, self.simulator.gateway_url, self.simulator.activity_url)
        place = await ground.administration.ensure_workspace(name)
        key = await ground.keyring.make(place.id, Terms(name="test", scopes=ALL_SCOPES))
        asked = AccountToLink(
            token=account["token"],
            guild_id=account["guild_id"],
            channel_id=account["channel_id"],
            upstream=upstream,
            concurrency=SLOTS,
            accepts_terms=True,
        )
        linked = await ground.administration.link(place, asked)
        headers = {"Authorization": f"Bearer {key.key}"}
        return Room(
            account, linked.id, httpx.Client(base_url=self.easel.url, headers=headers, timeout=30, verify=PLAIN)
        )

    def wait_live(self, name: str) -> None:
        self.until(lambda: all(each["live"] for each in self.accounts(name)), f"{name} is live")

    def accounts(self, name: str) -> list[dict]:
        return self[name].http.get("/status").json()["workspace"]["accounts"]

    @staticmethod
    def until(holds, what: str, seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"not within {seconds} s: {what}"
            time.sleep(0.05)

    def facts(self, name: str) -> dict:
        """What Easel has stored of the account's own switches."""
        ((stored,),) = self.easel.query(f"SELECT facts FROM accounts WHERE id = {self[name].account_id}")
        return json.loads(stored) if stored else {}

    def ledger(self) -> Ledger:
        return Ledger(self.simulator, nonces_of(self.easel))

    def stop(self) -> None:
        for room in self.rooms.values():
            room.http.close()
        self.easel.stop()
        self.simulator.stop()


class Ledger:
    """What the simulator wrote down, by Easel's job."""

    def __init__(self, simulator: SimulatorProcess, nonces: Mapping[str, list[str]]) -> None:
        requests, jobs = simulator.ledger("request"), simulator.ledger("job")
        self.posts = [row for row in requests if row["path"].endswith("/interactions") and row.get("nonce")]
        self.jobs = jobs
        self.nonces = nonces

    def posts_of(self, job_id: str) -> list[dict]:
        """Every POST of the job, in order."""
        return [row for row in self.posts if row["nonce"] in self.nonces[job_id]]

    def click_of(self, job_id: str) -> dict:
        """The one press of the job."""
        (click,) = [row for row in self.posts_of(job_id) if row["type"] == 3]
        assert click["decision"] == "accepted"
        return click

    def form_of(self, job_id: str) -> dict | None:
        """The form that was handed in for the job, if there was one."""
        forms = [row for row in self.posts_of(job_id) if row["type"] == 5]
        assert len(forms) <= 1, forms
        return forms[0] if forms else None

    def steps_of(self, job_id: str, state: str) -> list[dict]:
        return [row for row in self.jobs if row["nonce"] in self.nonces.get(job_id, ()) and row["state"] == state]

    def drawn_for(self, job_id: str) -> dict:
        """The one picture that was drawn for the job."""
        (drawn,) = self.steps_of(job_id, "finished")
        return drawn

    def assert_nothing_sent_twice_or_by_nobody(self, *errands: str, account: dict | None = None) -> None:
        """Every POST (of an account) is of a job, except these commands, in this order, as often as named."""
        accepted = [row["nonce"] for row in self.posts if row["decision"] == "accepted"]
        assert len(accepted) == len(set(accepted))
        ours = {nonce for used in self.nonces.values() for nonce in used}
        of_it = [row for row in self.posts if account is None or row["account"] == account["id"]]
        strangers = [row for row in of_it if row["nonce"] not in ours]
        assert [row["name"] for row in strangers] == list(errands), strangers[:3]
