"""What `easel doctor` finds on this machine: settings, folder, key, database, accounts."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.model.accounts import Account, AccountState
from engine.model.errors import BadSetting
from engine.ports import Secrets
from engine.setting_rows import SimulatorUse
from engine.settings import Reading, Settings
from engine.store.checkup import Checkup

LOW_BYTES, NO_BYTES = 1_000_000_000, 100_000_000
_OTHERS = 0o077


class Verdict(StrEnum):
    """How it stands with one thing."""

    OK = "ok"
    WARN = "warn"
    """It works, but not as it should, or not yet."""
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor; `mend` says what to do, and is empty when nothing has to be done."""

    check: str
    verdict: Verdict
    words: str
    mend: str = ""


def ok(check: str, words: str) -> Finding:
    """All is well."""
    return Finding(check, Verdict.OK, words)


def warn(check: str, words: str, mend: str) -> Finding:
    """Something to see to."""
    return Finding(check, Verdict.WARN, words, mend)


def fail(check: str, words: str, mend: str) -> Finding:
    """Something is broken."""
    return Finding(check, Verdict.FAIL, words, mend)


def of_settings(reading: Reading) -> Iterator[Finding]:
    """Every setting that is not allowed, and every name that is none."""
    for problem in reading.problems:
        yield fail("settings", str(problem), f"change {problem.name} in the environment or in .env")
    for warning in reading.warnings:
        yield warn("settings", warning, "correct the name or remove it")
    if not reading.problems and not reading.warnings:
        yield ok("settings", "every one is allowed")


def free_bytes(folder: Path) -> int:
    """Bytes that this user may still write there."""
    return shutil.disk_usage(folder).free


def of_folder(folder: Path, free: Callable[[Path], int] = free_bytes) -> Iterator[Finding]:
    """The data folder: there, ours alone, and with room."""
    if not folder.exists():
        yield warn("data folder", f"{folder} is not there yet", "the first start makes it: easel up")
        return
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        mend = "give it to this user, or set EASEL_DATA_DIR to a folder of its own"
        yield fail("data folder", f"{folder} is no folder that this user can read and write", mend)
        return
    if stat.S_IMODE(folder.stat().st_mode) & _OTHERS:
        yield warn("data folder", f"other users of this machine can look into {folder}", f"chmod 700 {folder}")
    else:
        yield ok("data folder", f"{folder}, for this user alone")
    left = free(folder)
    words = f"{left / 1e9:.1f} GB are free where {folder} lies"
    if left < NO_BYTES:
        yield fail("disk", words, "make room: soon nothing can be stored, and new jobs will be refused")
    elif left < LOW_BYTES:
        yield warn("disk", words, "make room, or move EASEL_DATA_DIR; pictures/ is what grows")
    else:
        yield ok("disk", words)


def of_key(
    settings: Settings, accounts: Iterable[Account] | None, open_vault: Callable[[], Secrets]
) -> Iterator[Finding]:
    """The key that encrypts tokens: there, ours alone, and the one that the stored tokens were sealed with.

    `accounts` are None where the database does not tell them.
    """
    file, own = settings.secret_key_file, list(accounts or ())
    if settings.secret_key is None and not file.exists():
        if any(not account.demo for account in own):
            mend = "put the file back from a backup; without it every account has to be linked again"
            yield fail("secret key", f"{file} is gone, and linked accounts were stored with it", mend)
        else:
            yield warn("secret key", f"{file} is not there yet", "the first start makes it: easel up")
        return
    try:
        vault = open_vault()
    except BadSetting as error:
        yield fail("secret key", str(error), "put the right key there, from a backup")
        return
    where = "EASEL_SECRET_KEY" if settings.secret_key is not None else str(file)
    if settings.secret_key is None and stat.S_IMODE(file.stat().st_mode) & _OTHERS:
        yield warn("secret key", f"other users of this machine can read {file}", f"chmod 600 {file}")
    sealed_otherwise = [account for account in own if not account.demo and not _opens(vault, account)]
    if sealed_otherwise:
        named = ", ".join(f"{account.id} ({account.name})" for account in sealed_otherwise)
        mend = "put back the key they were linked with, or unlink them and link them again"
        yield fail("secret key", f"the one in {where} does not open the tokens of account {named}", mend)
    elif accounts is None:
        words = f"whether the one in {where} opens the stored tokens is unknown: the database does not tell them"
        yield warn("secret key", words, "mend the database first")
    else:
        tried = sum(not account.demo for account in own)  # a demo account's is the simulator's
        yield ok("secret key", f"{where} opens each of the {tried} stored tokens" if tried else f"it is in {where}")


def _opens(vault: Secrets, account: Account) -> bool:
    try:
        vault.unseal(account.token_sealed)
    except BadSetting:
        return False
    return True


def of_database(found: Checkup, *, running: bool) -> Iterator[Finding]:
    """The database: reachable, of this version, whole and writable."""
    if not found.exists:
        yield warn("database", f"{found.where} is not there yet", "the first start makes it: easel up")
        return
    if found.trouble is not None:
        mend = "see that it is there, that it runs, and that EASEL_DATABASE_URL names it; else restore a backup"
        yield fail("database", f"{found.where} cannot be read: {found.trouble}", mend)
        return
    if not found.is_known:
        mend = "run that version again, or restore the backup from before it"
        yield fail("database", f"its tables ({found.revision}) are of a newer Easel than this one", mend)
    elif not found.is_current:
        words = f"its tables are of {found.revision or 'no version'}, this Easel wants {found.newest}"
        if running:
            yield fail("database", words, "an older Easel runs: stop it and start this one")
        else:
            yield warn("database", words, "the next start brings it up to date; make a backup before")
    if found.damage:
        mend = "stop Easel and restore a backup (docs/operating.md)"
        yield fail("database", f"it is damaged: {'; '.join(found.damage)}", mend)
    if found.unwritable is not None:
        mend = "see its file's owner and mode, the free room, and which program holds it"
        yield fail("database", f"it cannot be written: {found.unwritable}", mend)
    if found.is_current and not found.damage and found.unwritable is None:
        yield ok("database", f"{found.where}, of this version, can be written")


def of_accounts(accounts: Iterable[Account], attention: int) -> Iterator[Finding]:
    """Who can work, who stopped and why, and what waits for the operator's word."""
    linked = list(accounts)
    real = [account for account in linked if not account.demo]
    active = [account for account in real if account.state is AccountState.ACTIVE]
    if not real:
        yield warn("accounts", "no real account is linked", "link your own: easel account link")
        for account in linked:
            if account.state is AccountState.STOPPED:
                words = f"demo account {account.id} is stopped: {account.trouble}: {account.reason}"
                yield warn("accounts", words, f"let it work again: easel account resume {account.id}")
    elif active:
        yield ok("accounts", f"{len(active)} of {len(real)} linked accounts take jobs")
    for account in real:
        if account.state is not AccountState.STOPPED:
            continue
        words = f"account {account.id} ({account.name}) is stopped: {account.trouble}: {account.reason}"
        mend = f"see to it in Discord, then: easel account resume {account.id}"
        others = any(other.workspace_id == account.workspace_id for other in active)
        yield warn("accounts", words, mend) if others else fail("accounts", words, mend)
    if real and not active and not any(account.state is AccountState.STOPPED for account in real):
        yield warn("accounts", "every linked account is paused", "let one work: easel account resume ID")
    if attention:
        mend = "see docs/operating.md: easel job list --state NEEDS_ATTENTION"
        yield warn("jobs", f"the outcome of {attention} jobs is unknown", mend)


def of_simulator(settings: Settings, accounts: Iterable[Account]) -> Iterator[Finding]:
    """Whether the simulator is wanted although it is not needed."""
    real = any(not account.demo for account in accounts)
    if settings.simulator is SimulatorUse.ON and real:
        words = "the simulator is on although a real account is linked; it takes memory and serves nobody"
        yield warn("simulator", words, "set EASEL_SIMULATOR to auto or off")
    else:
        yield ok("simulator", f"{settings.simulator}")
