"""Easel and the simulator as real processes over real sockets, and the ledger that the journeys count from."""

from __future__ import annotations

import hashlib
import json
import signal
import socket
import sqlite3
import ssl
import subprocess
import time
from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import closing
from pathlib import Path

import httpx
import psycopg

from engine.model.jobs import JobState
from tests.journeys import warm

START_SECONDS = 40.0
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that only speak HTTP: to read all certificates takes each of them longer than its calls."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(**settings: object) -> dict[str, str]:
    settings = {"RATES": "off", "WRONG_KEYS": 0, **settings}
    return {**warm.inherited(), **{f"EASEL_{name}": str(value) for name, value in settings.items()}}


class SimulatorProcess:
    """`python -m engine.simulator`, which lives on when Easel is killed."""

    def __init__(self, folder: Path, *, accounts: int = 2, **options: object) -> None:
        arguments = ["--state-dir", folder, "--accounts", accounts]
        for name, value in options.items():
            flag = f"--{name.replace('_', '-')}"
            arguments += [flag] if value is True else [flag, value]
        self._errors = (folder.parent / f"{folder.name}.log").open("wb")
        self._process = warm.start("engine.simulator", *arguments, stdout=subprocess.PIPE, stderr=self._errors)
        line = self._process.stdout.readline()
        assert line, f"the simulator did not start: {Path(self._errors.name).read_text()}"
        ready = json.loads(line)
        self.api_url, self.gateway_url, self.control_url = (ready[k] for k in ("api_url", "gateway_url", "control_url"))
        self.activity_url = ready["activity_url"]
        self.bot, self.cdn_url = ready["bot"], ready["cdn_url"]
        self.accounts = ready["accounts"]
        self._control = httpx.Client(base_url=self.control_url, timeout=30, verify=PLAIN)

    def order(self, kind: str, **values: object) -> str:
        answer = self._control.post("/faults", json={"kind": kind, **values})
        assert answer.status_code == 200, answer.text
        return answer.json()["id"]

    def orders(self) -> list[dict]:
        """The orders that have not struck yet."""
        return self._control.get("/faults").raise_for_status().json()["faults"]

    def discord(self, method: str, path: str, **values: object) -> dict:
        """What people of the simulator's Discord do and see; GET takes the values as its query."""
        given = {"params": values} if method == "GET" else {"json": values}
        answer = self._control.request(method, f"/discord{path}", **given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def clear_faults(self) -> None:
        self._control.delete("/faults").raise_for_status()

    def timing(self, **values: object) -> None:
        self._control.put("/timing", json=values).raise_for_status()

    def change_account(self, account: str, **values: object) -> None:
        self._control.put(f"/accounts/{account}", json=values).raise_for_status()

    def account(self, account: str) -> dict:
        """The account as Midjourney has it now."""
        listed = self._control.get("/accounts").raise_for_status().json()["accounts"]
        return next(each for each in listed if each["id"] == account)

    def redeploy(self) -> None:
        """Every command gets a new version."""
        self._control.post("/commands/redeploy", json={}).raise_for_status()

    def uploads(self) -> list[dict]:
        """Every file's reserved place, oldest first, with what became of it."""
        return self._control.get("/uploads").raise_for_status().json()["uploads"]

    def file(self, sha256: str) -> bytes:
        """The bytes of an uploaded file."""
        return self._control.get(f"/files/{sha256}").raise_for_status().content

    def by_hand(self, **values: object) -> None:
        answer = self._control.post("/human", json=values)
        assert answer.status_code == 200, answer.text

    def ledger(self, kind: str | None = None) -> list[dict]:
        rows: list[dict] = []
        after = 0
        while True:
            answer = self._control.get(
                "/ledger", params={"after": after, "limit": 5000, **({"kind": kind} if kind else {})}
            )
            answer.raise_for_status()
            page = answer.json()
            rows += page["rows"]
            if not page["rows"]:
                return rows
            after = page["next"]

    def stop(self) -> None:
        self._control.close()
        self._process.terminate()
        self._process.wait(20)
        self._process.stdout.close()
        self._errors.close()


class EaselProcess:
    """`easel up` on a folder of its own; only base URLs and speeds tell it where Discord is."""

    def __init__(self, folder: Path, simulator: SimulatorProcess | None = None, **settings: object) -> None:
        self.folder = folder
        self.port = free_port()
        known = {
            "DATA_DIR": folder,
            "PORT": self.port,
            "SIMULATOR": "off",
            "PACE_SECONDS": 0,
            "IDENTIFY_PACE_SECONDS": 0,
        }
        if simulator is not None:
            known |= {"DISCORD_API_URL": simulator.api_url, "DISCORD_GATEWAY_URL": simulator.gateway_url}
            known["ACTIVITY_URL"] = simulator.activity_url
        self.settings = {**known, **settings}
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder.parent / f"{folder.name}.log"
        self._process: subprocess.Popen | warm.WarmProcess | None = None
        self._key = ""

    def cli(self, *arguments: str, stdin: str | None = None) -> dict:
        where = {"env": environment(**self.settings), "cwd": self.folder.parent}
        done = warm.run("engine.cli", *arguments, "--json", given=stdin, **where)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def link(self, account: dict, *, concurrency: int = 3) -> dict:
        arguments = ["account", "link", "--token-stdin", "--server", account["guild_id"]]
        arguments += ["--channel", account["channel_id"], "--accept-terms", "--concurrency", str(concurrency)]
        return self.cli(*arguments, stdin=account["token"])

    def link_at_work(self, account: dict, *, concurrency: int = 3) -> dict:
        """Through the API of the running Easel."""
        asked = {"token": account["token"], "server": account["guild_id"], "channel": account["channel_id"]}
        with self.client() as client:
            answer = client.post("/v1/accounts", json={**asked, "concurrency": concurrency, "accept_terms": True})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def start(self) -> EaselProcess:
        where = {"env": environment(**self.settings), "cwd": self.folder.parent}
        with self.log.open("ab") as log:
            self._process = warm.start("engine.cli", "up", stdout=log, stderr=log, **where)
        self._wait(lambda: httpx.get(f"{self.url}/readyz", verify=PLAIN).status_code == 200, "readyz")
        return self

    def _wait(self, holds, what: str, seconds: float = START_SECONDS) -> None:
        end = time.monotonic() + seconds
        while True:
            assert self._process.poll() is None, f"easel ended with {self._process.returncode}: {self.log.read_text()}"
            try:
                if holds():
                    return
            except httpx.TransportError:
                pass
            assert time.monotonic() < end, f"{what}: not within {seconds} s: {self.log.read_text()[-3000:]}"
            time.sleep(0.05)

    def wait_live(self, accounts: int) -> None:
        def live() -> bool:
            with self.client() as client:
                listed = client.get("/status").json()["workspace"]["accounts"]
            return sum(account["live"] for account in listed) == accounts

        self._wait(live, f"{accounts} live accounts")

    @property
    def key(self) -> str:
        if not self._key:
            self._key = (self.folder / "first.key").read_text().strip()
        return self._key

    def share_key(self, other: EaselProcess) -> None:
        """Use the key of another process on the same database."""
        self._key = other.key

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, verify=PLAIN)

    def query(self, statement: str) -> list[tuple]:
        """Ask the database as nobody's client."""
        url = str(self.settings.get("DATABASE_URL", ""))
        if url.startswith("postgresql:"):
            with psycopg.connect(url) as server:
                return server.execute(statement).fetchall()
        with closing(sqlite3.connect(f"file:{self.folder / 'easel.db'}?mode=ro", uri=True)) as database:
            return database.execute(statement).fetchall()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """kill -9: no farewell of any kind."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        if self._process is None or self._process.poll() is not None:
            return 0
        self._process.terminate()
        return self._process.wait(40)


def imagine(client: httpx.Client, prompt: str, **fields: object) -> str:
    answer = client.post("/api/v1/midjourney/imagine", json={"prompt": prompt, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()["messageId"]


def message(client: httpx.Client, job_id: str) -> dict:
    answer = client.get(f"/api/v1/midjourney/message/{job_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


OVER = {JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.NEEDS_ATTENTION}
MOST_ASKED = 2
"""Jobs that a kill -9 may leave to the operator in one test."""
SOON = {"LIMIT_FIRST_MESSAGE": 20, "LIMIT_FAST": 40}
"""Settings with which a job whose session was lost on a busy machine is left to the operator within such a test."""
ASKED_SECONDS = 10.0
"""How long a job has to stand as one of unknown outcome before it counts as left to the operator."""


def wait_over(client: httpx.Client, job_ids: list[str], seconds: float) -> tuple[dict[str, dict], set[str]]:
    """As `wait_final` after a kill -9, and which jobs are left to the operator: it may fall between intent and call."""
    end, since = time.monotonic() + seconds, time.monotonic()
    asked: set[str] = set()
    while True:
        states = {job_id: client.get(f"/v1/jobs/{job_id}").json()["state"] for job_id in job_ids}
        going_on = [job_id for job_id, state in states.items() if state not in OVER]
        unknown = {job_id for job_id, state in states.items() if state == JobState.NEEDS_ATTENTION}
        if unknown != asked:
            asked, since = unknown, time.monotonic()
        if not going_on and (not asked or time.monotonic() - since > ASKED_SECONDS):
            return wait_final(client, [job_id for job_id in job_ids if job_id not in asked]), asked
        assert time.monotonic() < end, f"{len(going_on)} not over after {seconds} s, {states}"
        time.sleep(0.1)


def wait_final(client: httpx.Client, job_ids: list[str], seconds: float = 60.0) -> dict[str, dict]:
    """Every job's last word; asserts that each says it in time."""
    told: dict[str, dict] = {}
    end = time.monotonic() + seconds
    while len(told) < len(job_ids):
        for job_id in job_ids:
            if job_id not in told:
                current = message(client, job_id)
                if current["status"] in ("DONE", "FAIL"):
                    told[job_id] = current
        if len(told) < len(job_ids):
            waiting = {job_id: message(client, job_id) for job_id in job_ids if job_id not in told}
            assert time.monotonic() < end, (
                f"{len(waiting)} not final after {seconds} s, e.g. {list(waiting.items())[:2]}"
            )
            time.sleep(0.1)
    return told


def picture_hash(client: httpx.Client, told: dict) -> str:
    answer = client.get(told["uri"])
    assert answer.status_code == 200, answer.text
    return hashlib.sha256(answer.content).hexdigest()


Mark = tuple[str, str]
"""What names a submission: the simulator's account and the nonce. Another account may use the same nonce."""


def mark_of(row: dict) -> Mark:
    """Whose submission a row of the ledger is about."""
    return row["account"], row["nonce"]


def turned_away_of(jobs: Iterable[dict]) -> set[Mark]:
    """What Discord accepted and Midjourney answered with "Queue full", from the ledger's rows of jobs."""
    full = ("Queue full", "queue_full")
    return {mark_of(row) for row in jobs if row["state"] == "refused" and row["decision"] in full}


def without_the_owners(jobs: Iterable[dict], by_hand: Iterable[dict]) -> list[dict]:
    """The ledger's rows of jobs, but those that an owner typed: their nonces may be ours too."""
    typed = {row["interaction"] for row in by_hand}
    return [row for row in jobs if row["interaction"] not in typed]


class Account:
    """What the ledger says about every submission: accepted, how often, and which picture was made for it."""

    def __init__(self, simulator: SimulatorProcess) -> None:
        requests = simulator.ledger("request")
        posts = [row for row in requests if row["path"].endswith("/interactions") and row.get("method") == "POST"]
        jobs = without_the_owners(simulator.ledger("job"), simulator.ledger("human"))
        self.turned_away = turned_away_of(jobs)
        accepted = [mark_of(row) for row in posts if row["decision"] == "accepted" and row.get("nonce")]
        self.accepted = Counter(mark for mark in accepted if mark not in self.turned_away)
        self.duplicate_nonces = [row["nonce"] for row in posts if row["decision"] == "duplicate nonce"]
        self.prompts = Counter(
            row.get("prompt") for row in posts if row["decision"] == "accepted" and row.get("prompt")
        )
        finished = [row for row in jobs if row["state"] == "finished"]
        self.picture_of = {mark_of(row): row["picture"] for row in finished}


def nonces_of(easel: EaselProcess) -> dict[str, list[str]]:
    """Which nonces Easel says it used for each job, in order."""
    found: dict[str, list[str]] = {}
    for job_id, nonce in easel.query("SELECT job_id, nonce FROM submissions ORDER BY nonce"):
        found.setdefault(job_id, []).append(nonce.lstrip("0"))
    return found


def marks_of(simulator: SimulatorProcess, easel: EaselProcess) -> dict[str, list[Mark]]:
    """As `nonces_of`, with the simulator's account of each."""
    known = {account["channel_id"]: account["id"] for account in simulator.accounts}
    accounts = {number: known.get(channel, channel) for number, channel in easel.query(_CHANNELS)}
    found: dict[str, list[Mark]] = {}
    for job_id, account, nonce in easel.query("SELECT job_id, account_id, nonce FROM submissions ORDER BY nonce"):
        found.setdefault(job_id, []).append((accounts[account], nonce.lstrip("0")))
    return found


_CHANNELS = "SELECT id, channel_id FROM accounts"


def assert_nothing_lost_doubled_or_swapped(
    simulator: SimulatorProcess, easel: EaselProcess, told: dict[str, dict], asked: Collection[str] = ()
) -> None:
    """Every job DONE with the picture that the ledger made for its nonce; no job accepted twice, `asked` never."""
    account = Account(simulator)
    marks = marks_of(simulator, easel)
    failed = {job_id: said for job_id, said in told.items() if said["status"] != "DONE"}
    assert not failed, f"{len(failed)} not DONE, e.g. {next(iter(failed.values()))}"
    assert not account.duplicate_nonces
    with easel.client() as client:
        for job_id, said in told.items():
            accepted = [mark for mark in marks[job_id] if account.accepted[mark]]
            assert len(accepted) == 1, f"job {job_id}: accepted {len(accepted)} times with {marks[job_id]}"
            assert picture_hash(client, said) == account.picture_of[accepted[0]], f"job {job_id} shows another picture"
    assert len(asked) <= MOST_ASKED, f"{len(asked)} are left to the operator"
    assert not [job_id for job_id in asked if any(account.accepted[mark] for mark in marks[job_id])]
    ours = {mark for used in marks.values() for mark in used}
    strangers = [mark for mark in account.accepted if mark not in ours]
    assert not strangers, f"{len(strangers)} submissions that no job accounts for"
