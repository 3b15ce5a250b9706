"""How `easel up` runs the simulator: a process of its own that ends with Easel, however Easel ends.

It is told our pid and ends when we are gone. It journals its unfinished jobs, so the next start takes them up again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import log
from engine.cli.folder import DataFolder, write_private
from engine.core.administration import AccountToLink
from engine.model.accounts import Upstream
from engine.model.errors import Unavailable
from engine.settings import Settings

_READY_SECONDS = 60.0
_STOP_SECONDS = 5.0
_LINE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class SimulatorChild:
    """A running simulator and what it said when it was ready."""

    process: asyncio.subprocess.Process
    ready: dict[str, Any]
    folder: DataFolder

    def accounts(self, concurrency: int) -> tuple[AccountToLink, ...]:
        """Its accounts as they are linked: as demo accounts, whose upstream is the simulator alone."""
        upstream = Upstream(self.ready["api_url"], self.ready["gateway_url"], self.ready["activity_url"])
        return tuple(
            AccountToLink(
                token=each["token"],
                guild_id=each["guild_id"],
                channel_id=each["channel_id"],
                upstream=upstream,
                concurrency=concurrency,
                name=f"demo {number}",
                demo=True,
            )
            for number, each in enumerate(self.ready["accounts"], start=1)
        )

    async def stop(self) -> None:
        """End it and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), _STOP_SECONDS)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        self.folder.simulator_pid.unlink(missing_ok=True)


async def start_simulator(settings: Settings, folder: DataFolder) -> SimulatorChild:
    """Start it and wait until it is ready.

    Raises:
        Unavailable: it did not become ready; what it said stands on stderr.
    """
    folder.simulator.mkdir(mode=0o700, exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "engine.simulator", "--host", "127.0.0.1"),
        *("--port", str(settings.simulator_port), "--control-port", str(settings.simulator_port + 1)),
        *("--state-dir", str(folder.simulator), "--speed", f"{settings.simulator_speed:g}"),
        *("--accounts", "2", "--community", "--parent-pid", str(os.getpid())),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for Easel, which first leaves its sessions properly
        limit=_LINE_BYTES,
    )
    write_private(folder.simulator_pid, f"{process.pid}\n")
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _READY_SECONDS)
        ready = json.loads(line)
    except (TimeoutError, ValueError) as error:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        raise Unavailable("the simulator did not start; EASEL_SIMULATOR=off starts Easel without it") from error
    for account in (*ready["accounts"], ready["bot"]):
        log.REDACTION.register(account["token"])
    return SimulatorChild(process, ready, folder)


def end_stale_simulator(folder: DataFolder) -> None:
    """After a kill -9 of Easel its simulator may live a moment longer: end it, so that its ports are free."""
    try:
        pid = int(folder.simulator_pid.read_text())
    except (FileNotFoundError, ValueError):
        return
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        if not _is_ours(pid, folder.simulator):
            break
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal_number)
        until = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < until and _is_ours(pid, folder.simulator):
            time.sleep(0.02)
    folder.simulator_pid.unlink(missing_ok=True)


def _is_ours(pid: int, state: Path) -> bool:
    """Whether this process is a simulator on our state folder: a pid may belong to anybody by now."""
    try:
        if Path("/proc/self").exists():
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        else:
            asked = ["ps", "-o", "command=", "-p", str(pid)]
            command = subprocess.run(asked, capture_output=True, text=True, check=False).stdout  # noqa: S603
    except OSError:
        return False  # gone
    return "engine.simulator" in command and str(state) in command
