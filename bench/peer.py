"""The same load on the best peer that can be run: npm's `midjourney`, unmodified, against the same simulator."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from bench.houses import Simulator
from bench.report import Section
from bench.throughput import JOBS, LOADS

TITLE = "npm's midjourney under the load of `throughput`"
PACKAGE = "midjourney@4.3.18"
CLIENT = Path(__file__).with_suffix(".mjs")
SAME = 50
"""Jobs at once in the run of equal words, three on each account."""
NOTE = """\
It keeps nothing on disk and serves nobody over HTTP: its program asks itself, in the same process. The session id of
its settings is the connected one, its pause between two calls 0. A picture counts as wrong when it is not the one that
the simulator's ledger has for the nonce of the call. The package comes from npm's registry into a temporary folder."""


def run(folder: Path, *, quick: bool) -> Section:
    section = Section("peer", TITLE)
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        section.figure("not run", f"{' and '.join(missing)} not found")
        return section
    package = folder / "package"
    package.mkdir()
    (package / "package.json").write_text('{"private": true}')
    install = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
    got = subprocess.run(install, cwd=package, capture_output=True, text=True, check=False)
    if got.returncode:
        section.figure("not run", f"{PACKAGE} could not be installed: {got.stderr.strip().splitlines()[-1:]}")
        return section
    seconds = 8 if quick else 20
    for name, (at_once, accounts, _) in LOADS.items():
        told = f"({name}) {at_once} at once on {accounts} accounts: "
        _measure(section, folder / name, package, told, at_once=at_once, accounts=accounts, seconds=seconds)
    told = f"(same) {SAME} at once on {LOADS['a'][1]} accounts, all of the same words: "
    _measure(section, folder / "same", package, told, at_once=SAME, accounts=LOADS["a"][1], seconds=seconds, same=True)
    section.notes.append(NOTE)
    return section


def _measure(
    section: Section,
    folder: Path,
    package: Path,
    told: str,
    *,
    at_once: int,
    accounts: int,
    seconds: float,
    same: bool = False,
) -> None:
    outside = Simulator(folder, accounts=accounts, **JOBS)
    try:
        asked = {
            "accounts": [
                {name: each[name] for name in ("token", "guild_id", "channel_id")} for each in outside.accounts
            ],
            "api": outside.api_url.removesuffix("/api/v9"),
            "gateway": f"{outside.gateway_url}?encoding=json&v=9",
            "at_once": at_once,
            "seconds": seconds,
            "warm_up": 3,
            "same": same,
        }
        client = subprocess.run(
            ["node", str(CLIENT), str(package)],
            input=json.dumps(asked),
            stdout=subprocess.PIPE,
            text=True,
            timeout=60 + seconds,
            check=True,
        )
        made = {(row["account"], row["nonce"]): row for row in outside.rows("job") if row["state"] == "finished"}
        heard: dict[str, Any] = json.loads(client.stdout)
        _tell(section, told, heard, made, [account["id"] for account in outside.accounts])
    finally:
        outside.stop()


def _tell(
    section: Section, told: str, heard: dict[str, Any], made: dict[tuple[str, str], dict[str, Any]], names: list[str]
) -> None:
    outcomes = heard["outcomes"]
    pictures = [outcome for outcome in outcomes if outcome.get("url")]
    waits = sorted(outcome["ms"] - JOBS["job_ms"] for outcome in pictures)
    wrong = sum(
        str(made.get((names[outcome["account"]], outcome["nonce"]), {}).get("job")) not in outcome["url"]
        for outcome in pictures
    )
    section.figure(f"{told}throughput", f"{len(pictures) / heard['seconds']:.1f} jobs/s")
    section.figure(f"{told}CPU a job", f"{heard['cpu_ms'] / len(pictures):.2f} ms")
    section.figure(
        f"{told}beyond the job's own {JOBS['job_ms']} ms",
        f"p50 {waits[len(waits) // 2]:.0f}, p95 {waits[int(len(waits) * 0.95)]:.0f} ms",
    )
    section.figure(f"{told}wrong pictures, none at all", f"{wrong}, {len(outcomes) - len(pictures)} of {len(outcomes)}")
