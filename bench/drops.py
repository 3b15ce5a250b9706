"""Whether a completion is ever lost when the gateway drops or the wire misbehaves, and how soon a session is back."""

from __future__ import annotations

import random
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from bench.flow import Flow, submit
from bench.houses import Easel, Simulator
from bench.report import Section
from bench.runner import running
from bench.verdict import Verdict, evidence_of, judge, stored_jobs, wait_settled

TITLE = "50 drops of every kind in one run, 300 jobs in flight"

# what is ordered for one drop: a fault of the opening strikes when the socket comes back from the one behind it
SOCKET = [
    *("tcp_cut", "op7", "op9_false", "op9_true", "heartbeat_not_acked", "half_open", "corrupt_zlib"),
    *(f"close_{code}" for code in (1000, 1001, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009, 4015)),
]
OPENING = {
    "resume_refused": "tcp_cut",
    "no_hello": "tcp_cut",
    "gateway_refused": "tcp_cut",
    "no_ready": "op9_false",
    "big_ready": "op9_false",
}
ANYBODY = ("no_hello", "gateway_refused")
"""They strike before the simulator knows who comes, so whichever socket opens next."""
FATAL = ("close_4004", "close_4010", "close_4011", "close_4012", "close_4013", "close_4014", "identify_refused")

# troubles of single jobs: before a submission is taken, and after
TROUBLES = {
    "rate_limited": {"retry_after": 0.5},
    "cloudflare": {"retry_after": 0.5},
    "server_error": {},
    "reset": {},
    "timeout": {},
    "answer_dropped": {},
    "answer_late": {},
    "answer_5xx": {},
    "missed_final": {},
    "delete_first": {},
    "final_late": {},
    "duplicated": {},
    "reordered": {},
}
ACCOUNTS = 220
MOST_SECONDS = 900.0
JOB = {"job_ms": 6000, "first_ms": 300, "progress_events": 6, "picture_pool": 32, "picture_size": 64}
NOTE = """\
{accounts} accounts, each dropped several times in random ways, heartbeats every 2 s; a kind of the opening (no
HELLO, no READY, RESUME refused, 503 to the handshake, a READY of 2 MB) is ordered together with the drop before it.
*Back* is from the strike to the next READY or RESUMED by the ledger: Easel waits 0.5-1 s before it connects again,
twice as long after each drop that follows soon (each account is dropped again and again here), 20 s for a HELLO and
60 s for a READY."""


def run(folder: Path, *, quick: bool) -> Section:
    section = Section("drops", TITLE)
    times = 5 if quick else 50
    accounts = 60 if quick else ACCOUNTS
    options = {**JOB, "heartbeat_ms": 2000}
    there = accounts + len(FATAL)
    with running(folder, accounts=there, simulator=options, COPY_PICTURES="no") as (outside, easel):
        ours, doomed = outside.accounts[:accounts], outside.accounts[accounts:]
        _drops(section, outside, easel, ours, times, at_once=80 if quick else 300)
        _troubles(section, outside, easel, times)
        _fatal(section, outside, easel, ours, doomed)
    section.notes.append(NOTE.format(accounts=accounts))
    return section


@dataclass(slots=True)
class _Way:
    """One account's way through its drops."""

    kinds: list[str]
    now: str | None = None
    struck_us: int = 0
    refused: bool = False
    again: bool = False
    """The kind strikes a RESUME, and the socket came back by IDENTIFY: one more drop is due."""


def _drops(
    section: Section, outside: Simulator, easel: Easel, accounts: list[dict], times: int, *, at_once: int
) -> None:
    kinds = [*SOCKET, *OPENING]
    deck = kinds * times
    random.Random(11).shuffle(deck)
    ways = {account["id"]: _Way(deck[number :: len(accounts)]) for number, account in enumerate(accounts)}
    back: dict[str, list[float]] = defaultdict(list)
    began = time.monotonic()
    tail = outside.tail("fault", "gateway")
    with Flow(easel, at_once, words="a drop in the sea") as flow:
        flow.wait_full()
        end = time.monotonic() + MOST_SECONDS
        while any(way.now or way.kinds for way in ways.values()) and time.monotonic() < end:
            for account, way in ways.items():
                if way.now is None and way.kinds:
                    _order(outside, account, way)
            time.sleep(0.25)
            for row in tail.rows():
                way = ways.get(row.get("account") or "")
                if way is not None:
                    _follow(row, way, back)
            for account, way in ways.items():
                if way.again:
                    way.again = False
                    outside.order("tcp_cut", account=account)
        flow.end()
    took = time.monotonic() - began
    left = [f"{account}: {way.now}" for account, way in ways.items() if way.now or way.kinds]
    left += [f"{fault['kind']} did not strike" for fault in outside.open_faults()]
    settling = wait_settled(easel, MOST_SECONDS)
    verdict = judge(outside, easel, flow.answered)
    counts = [len(each) for each in back.values()]
    section.figure(
        "drops",
        f"{sum(counts)}: {len(counts)} kinds, {min(counts, default=0)} to {max(counts, default=0)} of each, "
        f"in {took:.0f} s (the last job ended {settling:.0f} s after the last one came)",
    )
    section.none("drops that did not strike, or after which the account did not come back", left)
    section.figure("jobs meanwhile", f"{verdict.done} done of {len(verdict.jobs)}")
    verdict.tell(section)
    _completions(section, "", easel, verdict)
    section.none("refused at the door", flow.problems)
    table = [f"{'kind':22} {'drops':>5} {'back p50':>9} {'worst':>9}"]
    for kind in kinds:
        seconds = back.get(kind) or [float("nan")]
        table.append(f"{kind:22} {len(back.get(kind, ())):5} {statistics.median(seconds):7.1f} s {max(seconds):7.1f} s")
    section.blocks.append(("From the drop to READY or RESUMED", "\n".join(table)))
    print("\n".join(table), flush=True)


def _completions(section: Section, told: str, easel: Easel, verdict: Verdict) -> None:
    section.none(f"{told}left to the operator", [f"{job.job_id}: {job.note}" for job in verdict.attention])
    if verdict.attention:
        section.blocks.append((f"{told}what was left to the operator", evidence_of(easel, verdict.attention[:10])))


def _order(outside: Simulator, account: str, way: _Way) -> None:
    kind = way.now = way.kinds.pop()
    way.struck_us, way.refused = 0, False
    first = OPENING.get(kind)
    outside.order(kind, **({} if kind in ANYBODY else {"account": account}))
    if first:
        outside.order(first, account=account)


def _follow(row: dict, way: _Way, back: dict[str, list[float]]) -> None:
    """The ledger says that a socket was struck, or that a session was taken or resumed."""
    if way.now is None:
        return
    if row["kind"] == "fault":
        way.struck_us = way.struck_us or row["mono_us"]
    elif row["decision"] == "refused op9":
        way.refused = True
    elif row.get("op") in (2, 6) and row["decision"] == "accepted" and way.struck_us:
        if way.now == "resume_refused" and not way.refused:
            way.struck_us, way.again = 0, True
            return
        back[way.now].append((row["mono_us"] - way.struck_us) / 1e6)
        way.now = None


def _troubles(section: Section, outside: Simulator, easel: Easel, times: int) -> None:
    """Each kind of trouble of single jobs, so many times, without drops beside it."""
    told = "troubles of single jobs: "
    before = set(stored_jobs(easel))
    prompts = []
    for kind, params in TROUBLES.items():
        for number in range(times):
            words = f"{kind} of number {number} "
            outside.order(kind, match=words, params=params)
            prompts.append(words + "at sea")
    random.Random(7).shuffle(prompts)
    answered = submit(easel, prompts)
    settling = wait_settled(easel, MOST_SECONDS)
    unstruck = [fault["kind"] for fault in outside.open_faults()]
    outside.clear_faults()
    verdict = judge(outside, easel, answered, leaving_out=before)
    section.figure(
        f"{told}jobs",
        f"{verdict.done} done of {len(verdict.jobs)}; {len(TROUBLES)} kinds, {times} of each; "
        f"settled after {settling:.0f} s",
    )
    section.none(f"{told}that did not strike", unstruck)
    verdict.tell(section, told)
    _completions(section, told, easel, verdict)


def _fatal(section: Section, outside: Simulator, easel: Easel, ours: list[dict], doomed: list[dict]) -> None:
    """Codes after which an account must not come back, each on an account of its own."""
    for account, kind in zip(doomed, FATAL, strict=True):
        outside.order(kind, account=account["id"])
        if kind == "identify_refused":
            outside.order("op9_false", account=account["id"])
    time.sleep(10)
    with easel.client() as client:
        listed = client.get("/status").json()["workspace"]["accounts"]
    stopped = {each["name"].removeprefix("account "): each for each in listed if each["state"] == "stopped"}
    users = {account["user_id"] for account in doomed}
    section.figure("fatal codes", ", ".join(FATAL))
    section.none("accounts that a fatal code did not stop", users - set(stopped))
    section.none("other accounts that stopped", set(stopped) - users)
    live = [each for each in listed if each["live"]]
    section.none("other accounts that are not live", len(ours) - len(live))
