"""`easel up`: in which order Easel starts and stops, and what it says meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import json
import logging
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from engine import log
from engine.cli.bots import bot_beside
from engine.cli.demo import Demo
from engine.cli.desk import Json, opened, run, settings_or_exit
from engine.cli.folder import DataFolder
from engine.cli.simulator_child import SimulatorChild, end_stale_simulator, start_simulator
from engine.core.keyring import Terms
from engine.model.errors import Unavailable
from engine.model.keys import ALL_SCOPES
from engine.ports import Workspace
from engine.setting_rows import SimulatorUse
from engine.settings import Settings, address
from engine.wiring import VERSION, Ground, build_works, folder_of_the_database

_LOG = logging.getLogger("easel")

STOP_SECONDS = 30.0
"""From the signal to the end."""
_REST_SECONDS = 3.0
"""Of those, kept for what comes after the engine."""


def up(as_json: Json = False) -> None:
    """Start Easel and run it until SIGTERM or Ctrl-C."""
    settings = settings_or_exit()
    log.configure(settings.log_level)
    run(_up(settings, as_json=as_json), for_long=True)


async def _up(settings: Settings, *, as_json: bool) -> int:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    folder = DataFolder(settings.data_dir)
    folder.make()
    beside = folder_of_the_database(settings)
    held = [folder]
    if beside is not None and beside.resolve() != folder.path.resolve():
        held.append(DataFolder(beside))
    for each in held:
        each.make()
        each.hold()
    try:
        end_stale_simulator(folder)
        _must_be_free(settings.host, settings.port, "EASEL_PORT")
        ground = await opened(settings, migrated=True)
        try:
            await _run(settings, folder, ground, stopping, as_json=as_json)
        finally:
            await ground.store.close()
    finally:
        for each in held:
            each.let_go()
    return 0


async def _run(
    settings: Settings, folder: DataFolder, ground: Ground, stopping: asyncio.Event, *, as_json: bool
) -> None:
    workspace = await ground.administration.ensure_workspace("default")
    await ground.administration.check_tokens()
    key = await _first_key(folder, ground, workspace)
    async with _simulator(settings, folder, ground, workspace) as simulator:
        works = build_works(ground, simulator.ready["control_url"] if simulator else None)
        await works.engine.start()
        try:
            await works.server.start()
            demo = Demo(works.engine, ground.administration, workspace)
            async with demo.beside(simulator), bot_beside(settings, works.engine, simulator):
                _spare_the_collector()
                sys.stdout.write(_words(settings, key, simulator, as_json=as_json))
                sys.stdout.flush()
                await _until_told(stopping, simulator)
        finally:
            began = time.monotonic()
            _LOG.info("stopping: open calls may end, sessions are left so that they can be resumed")
            await works.server.stop()
            left = STOP_SECONDS - _REST_SECONDS - (time.monotonic() - began)
            try:
                await asyncio.wait_for(works.engine.stop(), max(1.0, left))
            except TimeoutError:
                _LOG.warning("stopped without waiting longer; the next start finds out what is open")
            await works.close()
    _LOG.info("stopped")


async def _first_key(folder: DataFolder, ground: Ground, workspace: Workspace) -> str | None:
    """The key that every start prints until it is revoked; made at the first start."""
    kept = folder.read_first_key()
    keyring = ground.keyring
    if kept is not None and await keyring.is_in_force(kept):
        return kept
    if kept is None and await keyring.keys(workspace.id):
        return None  # the operator removed the file, and has keys
    if kept is not None and await keyring.is_known(kept):
        return None  # revoked
    terms = Terms(name="first key", scopes=ALL_SCOPES)
    created = await keyring.make(workspace.id, terms, key=kept)  # kept: the database is a new one
    folder.keep_first_key(created.key)
    return created.key


@contextlib.asynccontextmanager
async def _simulator(
    settings: Settings, folder: DataFolder, ground: Ground, workspace: Workspace
) -> AsyncIterator[SimulatorChild | None]:
    """The simulator, when it is wanted, with its accounts linked; it ends after the engine."""
    wanted = settings.simulator is SimulatorUse.ON or (
        settings.simulator is SimulatorUse.AUTO and not await ground.administration.has_real_account()
    )
    if not wanted:
        await ground.administration.pause_demo()
        yield None
        return
    for port in (settings.simulator_port, settings.simulator_port + 1):
        _must_be_free("127.0.0.1", port, "EASEL_SIMULATOR_PORT")
    child = await start_simulator(settings, folder)
    try:
        await ground.administration.link_demo(workspace, child.accounts(settings.concurrency))
        yield child
    finally:
        await child.stop()


def _spare_the_collector() -> None:
    """Let the garbage collector look less often, and never again at what stays for good.

    With its usual thresholds it went over the whole heap for every few jobs: a seventh of the CPU under load.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def _until_told(stopping: asyncio.Event, simulator: SimulatorChild | None) -> None:
    """Wait for the signal; a simulator that ends before is told, and Easel goes on without it."""
    told = asyncio.create_task(stopping.wait())
    ended = None if simulator is None else asyncio.create_task(simulator.process.wait())
    await asyncio.wait({told, ended} if ended else {told}, return_when=asyncio.FIRST_COMPLETED)
    if ended is not None and ended.done() and not told.done():
        _LOG.error("the simulator ended (%s); start Easel again to have it back", ended.result())
    await told
    if ended is not None:
        ended.cancel()


def _program() -> str:
    """How this Easel's commands are typed here: `easel` only where the shell would find this one."""
    mine = Path(sys.executable).parent / "easel"
    found = shutil.which("easel")
    if found is not None and Path(found).resolve() == mine.resolve():
        return "easel"
    here = Path.cwd()
    return str(mine.relative_to(here)) if mine.is_relative_to(here) else str(mine)


def _must_be_free(host: str, port: int, setting: str) -> None:
    """Refuse to start when somebody listens there already.

    Raises:
        Unavailable: the port is taken or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except socket.gaierror as error:
        raise Unavailable(f"EASEL_HOST={host} is no address of this machine") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            said = f"port {port} on {host} is busy: something listens there already. Stop it or set {setting}"
        elif error.errno == errno.EACCES:
            said = f"port {port} on {host} may not be used by this user. Set {setting} to one above 1023"
        else:
            said = f"{host}:{port} cannot be listened on: {error.strerror}. Set EASEL_HOST or {setting}"
        raise Unavailable(said) from error


def _words(settings: Settings, key: str | None, simulator: SimulatorChild | None, *, as_json: bool) -> str:
    """What a person, or with --json a program, reads when Easel is ready."""
    url = address(settings.host, settings.port)
    if as_json:
        ready = {
            "url": url,
            "publicUrl": settings.public_url,
            "key": key,
            "pid": os.getpid(),
            "version": VERSION,
            "simulator": simulator and {"control": simulator.ready["control_url"]},
        }
        return json.dumps(ready) + "\n"
    lines = ["", f"Easel {VERSION} is ready at {url}  (API description: {url}/docs)", ""]
    if simulator is not None:
        lines += [
            "No real account is linked: a simulator stands in for Discord and Midjourney, and draws the pictures."
            if settings.simulator is SimulatorUse.AUTO
            else "The simulator runs (EASEL_SIMULATOR=on).",
            f"Its Discord, with people to try commands as: {url}/simulator",
            f"Link your own account with: {_program()} account link",
            "",
        ]
    if key is None:
        lines += ["The first API key is revoked; use another, or make one with: easel key create", ""]
    else:
        lines += [f"API key: {key}", ""]
    headers = f"-H 'Authorization: Bearer {key or 'YOUR_KEY'}' -H 'Content-Type: application/json'"
    body = """-d '{"prompt":"a red fox --ar 16:9"}'"""
    lines += [
        "Try it:",
        f"curl -X POST {url}/api/v1/midjourney/imagine {headers} {body}",
        "",
        "Stop it with Ctrl-C.",
        "",
    ]
    return "\n".join(lines)
