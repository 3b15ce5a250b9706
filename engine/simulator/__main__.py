"""`python -m engine.simulator`: one JSON line with the addresses and accounts, then work until SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from engine.simulator import Simulator, SimulatorOptions, Timing

_PARENT_SECONDS = 1.0


def _options(arguments: list[str]) -> tuple[SimulatorOptions, int | None]:
    parser = argparse.ArgumentParser(prog="python -m engine.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="Discord's REST, gateway and CDN; 0 = a free one")
    parser.add_argument("--control-port", type=int, default=0, help="orders and the ledger; 0 = a free one")
    parser.add_argument("--state-dir", type=Path, default=None, help="what survives a restart; without: nothing")
    parser.add_argument("--speed", type=float, default=1.0, help="50 = fifty times faster than Midjourney")
    parser.add_argument("--accounts", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--picture-size", type=int, default=1024)
    parser.add_argument("--picture-pool", type=int, default=0)
    parser.add_argument("--ready-padding", type=int, default=0)
    parser.add_argument("--deflate-level", type=int, default=1, help="of zlib-stream, 0 to 9")
    parser.add_argument("--replay-frames", type=int, default=1500)
    parser.add_argument("--nonce-on-finals", action="store_true")
    parser.add_argument("--anonymous-late-start", type=float, default=0.0)
    parser.add_argument("--early-events", type=float, default=0.3)
    parser.add_argument("--integer-nonces", type=float, default=0.0, help="share of jobs, 0 to 1")
    parser.add_argument("--partial-updates", type=float, default=0.0, help="share of jobs, 0 to 1")
    parser.add_argument("--clock-skew-ms", type=int, default=0, help="how far this Discord's clock is ahead")
    parser.add_argument("--heartbeat-ms", type=int, default=41250)
    parser.add_argument("--job-ms", type=float, default=None)
    parser.add_argument("--first-ms", type=float, default=None)
    parser.add_argument("--upscale-ms", type=float, default=None)
    parser.add_argument("--progress-events", type=int, default=None)
    parser.add_argument("--bot-token", default=None, help="of the bot that people talk to; without: a derived one")
    parser.add_argument("--community", action="store_true", help="seed the demo servers with their people")
    parser.add_argument("--parent-pid", type=int, default=None, help="end when this process is gone")
    given = parser.parse_args(arguments)
    timing = Timing(
        job_ms=given.job_ms,
        first_ms=given.first_ms,
        upscale_ms=given.upscale_ms,
        progress_events=given.progress_events,
        heartbeat_ms=given.heartbeat_ms,
    )
    options = SimulatorOptions(
        host=given.host,
        port=given.port,
        control_port=given.control_port,
        state_dir=given.state_dir,
        speed=given.speed,
        accounts=given.accounts,
        seed=given.seed,
        picture_size=given.picture_size,
        picture_pool=given.picture_pool,
        ready_padding=given.ready_padding,
        deflate_level=given.deflate_level,
        replay_frames=given.replay_frames,
        nonce_on_finals=given.nonce_on_finals,
        anonymous_late_start=given.anonymous_late_start,
        early_events=given.early_events,
        integer_nonces=given.integer_nonces,
        partial_updates=given.partial_updates,
        clock_skew_ms=given.clock_skew_ms,
        bot_token=given.bot_token,
        community=given.community,
        timing=timing,
    )
    return options, given.parent_pid


async def _run(options: SimulatorOptions, parent: int | None) -> int:
    simulator, done = Simulator(options), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, done.set)
    try:
        await simulator.start()
    except OSError as error:
        sys.stderr.write(f"simulator: cannot start: {error}\n")
        return 1
    keys = ("id", "name", "token", "user_id", "guild_id", "channel_id", "dm_channel_id")
    ready = {
        "api_url": simulator.api_url,
        "gateway_url": simulator.gateway_url,
        "control_url": simulator.control_url,
        "cdn_url": simulator.cdn_url,
        "activity_url": simulator.activity_url,
        "bot": {"api_url": simulator.bot_api_url, **simulator.bot_side.described()},
        "accounts": [{key: account[key] for key in keys} for account in simulator.accounts()],
    }
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    while not done.is_set():
        try:
            await asyncio.wait_for(done.wait(), _PARENT_SECONDS if parent is not None else None)
        except TimeoutError:
            if parent is not None and not _alive(parent):
                break
    await simulator.stop()
    return 0


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    sys.exit(asyncio.run(_run(*_options(sys.argv[1:]))))
