"""How long Easel itself takes: from a request to its POST, and from a final frame to the reader."""

from __future__ import annotations

from pathlib import Path

from bench import machine
from bench.report import Section
from bench.runner import Watch, running
from bench.verdict import stored_jobs

RATE = 20
TITLE = f"what Easel adds to a job, {RATE} jobs/s, pace 0"
NOTE = """\
Times are CLOCK_MONOTONIC of three processes on one machine. *In* is counted from when the client has written the
request; the POST's time is taken in the simulator's request handler, the final's before the simulator hands the
frame to its socket: both make the figures a little too large, never too small."""


def run(folder: Path, *, quick: bool) -> Section:
    section = Section("overhead", TITLE)
    seconds = 8 if quick else 30
    options = {"job_ms": 200, "first_ms": 35, "progress_events": 15, "picture_pool": 32, "picture_size": 256}
    with running(folder, accounts=17, simulator=options, COPY_PICTURES="no") as (simulator, easel):
        watch = Watch(easel, simulator, folder, "--rate", RATE, "--seconds", seconds, "--warm-up", 3)
        outcome = watch.run()
        jobs = stored_jobs(easel)
        arrived = {row["nonce"]: row["arrived_us"] for row in simulator.rows("request") if "arrived_us" in row}
        finals = {row["nonce"]: row for row in simulator.rows("job") if row["state"] == "finished"}
        written = {
            row["message"]: row["mono_us"]
            for row in simulator.rows("frame")
            if row.get("t") == "MESSAGE_CREATE" and "message" in row
        }
    there, back, unmatched = [], [], 0
    for job_id, _, state, sent_us, _, done_us in outcome.jobs:
        if not outcome.begins_us <= sent_us <= outcome.ends_us:
            continue
        nonce = jobs[job_id].nonces[-1]
        final = finals.get(nonce)
        if state != "DONE" or final is None or nonce not in arrived or final["message"] not in written:
            unmatched += 1
            continue
        there.append((arrived[nonce] - sent_us) / 1000)
        back.append((done_us - written[final["message"]]) / 1000)
    section.figure("jobs measured", len(there))
    section.none("jobs without a time at both ends", unmatched + len(outcome.problems) + outcome.unheard)
    for name, values in (
        ("request in → POST at the simulator", there),
        ("final frame → read from the event stream", back),
    ):
        section.at_most(f"{name}, p50", machine.percentile(values, 0.5), 5, "ms")
        section.at_most(f"{name}, p99", machine.percentile(values, 0.99), 25, "ms")
        section.figure(f"{name}, worst", f"{max(values):.2f} ms")
    outcome.describe(section)
    section.notes.append(NOTE)
    return section
