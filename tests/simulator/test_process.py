"""As a process of its own: one line when it is ready, an orderly end, the same port again."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]


async def started(*arguments):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "engine.simulator", "--picture-size", "64", *arguments,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    return process, await asyncio.wait_for(process.stdout.readline(), 30)


async def test_it_says_where_it_is_and_ends_on_sigterm_within_seconds(tmp_path):
    process, line = await started("--state-dir", str(tmp_path), "--accounts", "2")
    ready = json.loads(line)
    assert set(ready) == {"api_url", "gateway_url", "control_url", "cdn_url", "activity_url", "bot", "accounts"}
    assert len(ready["accounts"]) == 2
    assert {"id", "token", "user_id", "guild_id", "channel_id", "dm_channel_id"} <= set(ready["accounts"][0])
    async with httpx.AsyncClient() as http:
        assert (await http.get(ready["control_url"] + "/healthz")).status_code == 200
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 5) == 0
    port = ready["api_url"].split(":")[2].split("/")[0]
    process, line = await started("--state-dir", str(tmp_path), "--accounts", "2", "--port", port)
    assert json.loads(line)["api_url"] == ready["api_url"]
    assert json.loads(line)["accounts"] == ready["accounts"]
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 5) == 0


async def test_it_survives_a_kill(tmp_path):
    process, line = await started("--state-dir", str(tmp_path))
    accounts = json.loads(line)["accounts"]
    process.kill()
    await process.wait()
    process, line = await started("--state-dir", str(tmp_path))
    assert json.loads(line)["accounts"] == accounts
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 5) == 0


async def test_it_ends_when_its_parent_is_gone(tmp_path):
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", "import time; time.sleep(60)")
    process, line = await started("--state-dir", str(tmp_path), "--parent-pid", str(parent.pid))
    assert json.loads(line)
    parent.kill()
    await parent.wait()
    assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_a_busy_port_is_said_plainly(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process, line = await started("--state-dir", str(tmp_path), "--port", str(taken.getsockname()[1]))
        assert line == b""
        assert await asyncio.wait_for(process.wait(), 10) == 1
        assert b"cannot start" in await process.stderr.read()
