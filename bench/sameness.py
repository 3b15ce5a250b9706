"""Whether pictures are ever swapped: the same words many times at once, events twice and out of order."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from pathlib import Path

import httpx

from bench.flow import submit
from bench.houses import Simulator
from bench.report import Section
from bench.runner import running
from bench.verdict import judge, wait_settled

TITLE = "1,000 jobs, 100 of the same words, 12 at a time on each of 4 accounts, events twice and out of order"
SAME = "the very same words"
NARROW = 3
"""How many of an account's jobs run upstream in the third run; Easel sends up to 12."""
QUEUE = 30
"""Upstream places behind them: enough for all, so that none is turned away."""
SIMULATOR = {"job_ms": 700, "first_ms": 60, "progress_events": 8, "picture_pool": 32, "picture_size": 64}
NOTE = """\
*Duplicated* and *reordered* each strike a quarter of the jobs: message events again under a new `s`; the final
before the last progress, the deletion before the final, SUCCESS before CREATE, the final before the 204, in turn. A
picture counts as swapped when its SHA-256 is not the one that the ledger has for the job's account and nonce. In the
second run somebody asks for the same words in the same channels by hand, all the while. In the third Midjourney runs
only {narrow} of an account's jobs at a time, so that the others, ours and the owner's, are "Job queued" upstream and
begin with a message that carries no nonce."""


def run(folder: Path, *, quick: bool) -> Section:
    section = Section("sameness", TITLE)
    jobs = 200 if quick else 1000
    for name, told, by_hand, narrow in (
        ("alone", "", False, False),
        ("by_hand", "with the owner at work by hand: ", True, False),
        ("queued", "with the owner at work by hand, Job queued upstream: ", True, True),
    ):
        place = folder / name
        place.mkdir()
        _run(section, place, told, jobs, by_hand=by_hand, narrow=narrow)
    section.notes.append(NOTE.format(narrow=NARROW))
    return section


def _run(section: Section, folder: Path, told: str, jobs: int, *, by_hand: bool, narrow: bool) -> None:
    with running(folder, accounts=4, simulator=SIMULATOR, concurrency=12, COPY_PICTURES="no") as (outside, easel):
        for account in outside.accounts:
            outside.change_account(account["id"], plan="pro", concurrency=NARROW if narrow else 12, queue=QUEUE)
            for kind in ("duplicated", "reordered"):
                outside.order(kind, account=account["id"], count=jobs // 16)
        prompts = [SAME] * (jobs // 10) + [f"other words {number}" for number in range(jobs - jobs // 10)]
        random.Random(5).shuffle(prompts)
        ended = threading.Event()
        owner = threading.Thread(target=_owner, args=(outside, ended), daemon=True)
        if by_hand:
            owner.start()
        began = time.monotonic()
        answered = submit(easel, prompts)
        wait_settled(easel, 300)
        took = time.monotonic() - began
        ended.set()
        if by_hand:
            owner.join(30)
        verdict = judge(outside, easel, answered)
        struck = Counter(fault for row in outside.rows("request") for fault in row.get("faults") or ())
        typed = {row["interaction"] for row in outside.rows("human")}
        late = [row["interaction"] in typed for row in outside.rows("job") if row["state"] == "queued"]
        rivals = sum(row["prompt"] == SAME and row["state"] == "queued" for row in outside.rows("job"))
    same = [job for job in verdict.jobs.values() if job.prompt == SAME]
    done = f"{verdict.done} of {len(verdict.jobs)}, {len(same)} of the same words, in {took:.0f} s"
    section.figure(f"{told}jobs done", done)
    hit = f"duplicated {struck['duplicated']}, reordered {struck['reordered']}, by hand {len(typed)}"
    section.figure(f"{told}struck", hit)
    section.figure(
        f"{told}Job queued upstream",
        f"{late.count(False)} of ours, {late.count(True)} by hand; {rivals} of them of the same words",
        "some of each" if narrow else "",
        holds=(any(late) and not all(late)) if narrow else None,
    )
    verdict.tell(section, told)
    section.none(f"{told}left to the operator", [f"{job.job_id}: {job.note}" for job in verdict.attention])


def _owner(simulator: Simulator, ended: threading.Event) -> None:
    """The same words by hand, in every channel in turn."""
    with httpx.Client(base_url=simulator.control_url, timeout=30) as control:
        while not ended.wait(0.15):
            for account in simulator.accounts:
                wanted = {"type": "imagine", "account": account["id"], "prompt": SAME}
                control.post("/human", json=wanted)  # a full queue answers 400, as it does to people
                time.sleep(0.15)
