"""`easel doctor`: what is looked at, in which order, and in which words it is told. It changes nothing."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from engine import log
from engine.cli import findings, reach
from engine.cli.desk import FAILED, Json, run, show
from engine.cli.findings import Finding, Verdict
from engine.cli.folder import DataFolder
from engine.model.accounts import Account
from engine.model.errors import EaselError
from engine.model.jobs import JobState
from engine.settings import Reading, Settings, address, read
from engine.store.checkup import Checkup
from engine.wiring import look_at_database, open_records, open_vault

_MANY = 1000


def doctor(as_json: Json = False) -> None:
    """Look at everything that Easel needs, and say what to mend. Ends with 1 when something is broken."""
    reading = read()
    log.configure("ERROR")

    async def work() -> int:
        found = await examine(reading)
        broken = any(each.verdict is Verdict.FAIL for each in found)
        told = {"ok": not broken, "findings": [asdict(each) for each in found]}
        show(as_json, told, log.REDACTION.redact("\n".join(map(_line, found))))
        return FAILED if broken else 0

    run(work())


def _line(found: Finding) -> str:
    line = f"{found.verdict:<5} {found.check:<15} {found.words}"
    return f"{line}\n{'':<21} -> {found.mend}" if found.mend else line


async def examine(reading: Reading) -> list[Finding]:
    """Everything there is to find, worst news not first but in the order in which one would mend it."""
    found = list(findings.of_settings(reading))
    settings = reading.settings
    if settings is None:
        return found
    for secret in filter(None, (settings.secret_key, settings.discord_bot_token)):
        log.REDACTION.register(secret)
    found += findings.of_folder(settings.data_dir)
    pid = _holder(settings)
    try:
        database = await asyncio.to_thread(look_at_database, settings)
    except EaselError as error:
        return [*found, findings.fail("database", str(error), "see EASEL_DATABASE_URL")]
    records = await _records(settings, database)
    found += findings.of_key(settings, records and records[0], lambda: open_vault(settings))
    accounts, attention = records or ([], 0)
    found += findings.of_database(database, running=pid is not None)
    found += await _upstreams(settings, accounts, running=pid is not None)
    engine, uptime = await reach.of_engine(pid, address(settings.host, settings.port))
    found += engine
    found += await reach.of_public_address(settings.public_url, uptime)
    if database.is_current:
        found += findings.of_accounts(accounts, attention)
        found += findings.of_simulator(settings, accounts)
    return found


def _holder(settings: Settings) -> int | None:
    try:
        return DataFolder(settings.data_dir).holder()
    except OSError:
        return None  # the folder's own line tells it


async def _records(settings: Settings, database: Checkup) -> tuple[list[Account], int] | None:
    """The linked accounts, and how many jobs wait for the operator; None: the database does not tell."""
    if not database.exists:
        return [], 0
    if not database.is_current or database.damage:
        return None
    store = open_records(settings)
    try:
        accounts = await store.accounts()
        attention = 0
        for workspace in await store.workspaces():
            attention += len(await store.jobs(workspace.id, states=(JobState.NEEDS_ATTENTION,), limit=_MANY))
        return accounts, attention
    finally:
        await store.close()


async def _upstreams(settings: Settings, accounts: list[Account], *, running: bool) -> list[Finding]:
    """The simulator's own address is asked for only while Easel runs, because it ends with it."""
    used = {account.upstream.api_url for account in accounts if not account.demo}
    demo = {account.upstream.api_url for account in accounts if account.demo} if running and not used else set()
    if used or demo:
        return await reach.of_discord(used | demo, needed=True)
    return await reach.of_discord([settings.discord_api_url], needed=False)
