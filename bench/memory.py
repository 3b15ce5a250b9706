"""How much memory the engine holds: 100 accounts connected for a while, and what each of 900 further ones adds."""

from __future__ import annotations

import time
from pathlib import Path

from bench import machine
from bench.houses import Easel
from bench.report import Section
from bench.runner import Watch, running

TITLE = "resident memory with 100 and 1,000 accounts connected, each READY 500 kB or more"
READY_BYTES = 500_000
JOB = {"job_ms": 2000, "first_ms": 200, "progress_events": 8, "picture_pool": 8, "picture_size": 64}
MIB = 1_000_000
NOTE = """\
Resident set (VmRSS) of the engine's process; 1 MB is 1,000,000 bytes. IDENTIFY pace 0."""


def run(folder: Path, *, quick: bool) -> Section:
    section = Section("memory", TITLE)
    minutes = 1 if quick else 10
    few, many = 100, 300 if quick else 1000
    options = {**JOB, "ready_padding": READY_BYTES}
    first = folder / "few"
    first.mkdir()
    with running(first, accounts=few, simulator=options, COPY_PICTURES="no") as (outside, easel):
        at_first = machine.resident_bytes(easel.pid)
        lines = [f"at once      {at_first / MIB:6.1f} MB"]
        for minute in range(1, minutes + 1):
            time.sleep(60)
            lines.append(f"after {minute:2} min {machine.resident_bytes(easel.pid) / MIB:6.1f} MB")
        rested = machine.resident_bytes(easel.pid)
        section.at_most(f"{few} accounts connected, after {minutes} min", rested / MIB, 150, "MB")
        section.figure("the most it ever was", f"{machine.peak_bytes(easel.pid) / MIB:.1f} MB")
        outcome = Watch(easel, outside, first, "--rate", 20, "--seconds", 30, "--warm-up", 1).run()
        busy = machine.resident_bytes(easel.pid)
        section.figure(f"after {len(outcome.jobs)} jobs more, at 20 a second", f"{busy / MIB:.1f} MB")
        _all_live(section, easel, few)
    second = folder / "many"
    second.mkdir()
    began = time.monotonic()
    with running(second, accounts=many, simulator=options, COPY_PICTURES="no") as (_, easel):
        took = time.monotonic() - began
        time.sleep(60)
        large = machine.resident_bytes(easel.pid)
        _all_live(section, easel, many)
    section.figure(
        f"{many} accounts connected, after 1 min", f"{large / MIB:.1f} MB (set up and live after {took:.0f} s)"
    )
    section.at_most(f"each account beyond {few}", (large - rested) / (many - few) / MIB, 1.0, "MB")
    section.blocks.append((f"{few} accounts, minute by minute", "\n".join(lines)))
    section.notes.append(NOTE)
    return section


def _all_live(section: Section, easel: Easel, accounts: int) -> None:
    with easel.client() as client:
        listed = client.get("/status").json()["workspace"]["accounts"]
    section.none(f"of {accounts} accounts not live at the end", sum(not each["live"] for each in listed))
