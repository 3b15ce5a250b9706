"""What every command needs before it works (settings, database, workspace) and in which words it fails."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine import log
from engine.cli.folder import DataFolder
from engine.model.errors import BadSetting, EaselError, Unavailable
from engine.settings import Settings, read
from engine.wiring import Ground, open_ground

if TYPE_CHECKING:
    from rich.table import Table

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
InWorkspace = Annotated[str, typer.Option("--workspace", help="The workspace that is meant.")]

SILENT_SECONDS = 2.0
"""How long a command waits for the database without a word."""
FAILED = 1
BAD_USE = 2


def settings_or_exit() -> Settings:
    """The settings in force; every bad one is told, and then the program ends."""
    reading = read()
    for warning in reading.warnings:
        complain(f"warning: {warning}")
    for problem in reading.problems:
        complain(str(problem))
    if reading.settings is None:
        raise typer.Exit(BAD_USE)
    for secret in (reading.settings.secret_key, reading.settings.discord_bot_token):
        if secret:
            log.REDACTION.register(secret)
    return reading.settings


def complain(line: str) -> None:
    """One line on stderr, without any secret."""
    sys.stderr.write(f"easel: {log.REDACTION.redact(' '.join(line.split()))}\n")


def run(work: Coroutine[Any, Any, int | None], *, for_long: bool = False) -> None:
    """Do the work of a command; what Easel refuses becomes one line and an exit code. `for_long`: on the fast loop."""
    try:
        with asyncio.Runner(loop_factory=_fast_loop if for_long else None) as runner:
            code = runner.run(work)
    except BadSetting as error:
        complain(str(error))
        raise typer.Exit(BAD_USE) from None
    except Unavailable as error:
        complain(f"{error}: {error.detail}" if error.detail else str(error))
        raise typer.Exit(FAILED) from None
    except (EaselError, OSError) as error:
        complain(str(error))
        raise typer.Exit(FAILED) from None
    if code:
        raise typer.Exit(code)


def _fast_loop() -> asyncio.AbstractEventLoop:
    """Use uvloop where it is installed (a fifth less CPU a job), else asyncio's own."""
    try:
        import uvloop  # noqa: PLC0415 - there is none for Windows
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


@asynccontextmanager
async def desk() -> AsyncIterator[tuple[Ground, DataFolder]]:
    """The database as a command uses it, beside a running engine or alone (then it is brought up to date first)."""
    settings = settings_or_exit()
    log.configure("WARNING" if settings.log_level == "INFO" else settings.log_level)
    folder = DataFolder(settings.data_dir)
    folder.make()
    ground = await opened(settings, migrated=folder.holder() is None)
    try:
        yield ground, folder
    finally:
        await ground.store.close()


async def opened(settings: Settings, *, migrated: bool) -> Ground:
    """As `open_ground`; who waits for a database that somebody else holds is told so.

    Raises:
        BadSetting, Unavailable: as `open_ground`, the second after a minute at most.
    """
    opening = asyncio.ensure_future(open_ground(settings, migrated=migrated))
    try:
        await asyncio.wait([opening], timeout=SILENT_SECONDS)
        if not opening.done():
            complain("waiting for the database: it does not answer, or another program holds it (at most a minute)")
        return await opening
    finally:
        opening.cancel()


def show(as_json: bool, value: Any, text: str | Table) -> None:  # noqa: FBT001 - the user's own switch
    """Print the answer: as JSON for programs, or as text for people."""
    if as_json:
        sys.stdout.write(json.dumps(value, indent=None, default=str) + "\n")
    elif isinstance(text, str):
        sys.stdout.write(text.rstrip("\n") + "\n")
    else:
        from rich.console import Console  # noqa: PLC0415 - an engine that runs needs no tables

        Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 200).print(text)
    sys.stdout.flush()  # a program that reads a pipe waits for it, and some commands go on


def table(*columns: str) -> Table:
    """An empty table with these columns."""
    from rich.table import Table  # noqa: PLC0415 - likewise

    made = Table(box=None, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made
