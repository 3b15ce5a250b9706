"""`easel db`: bringing the database to this version by hand; `easel up` does the same at each start."""

from __future__ import annotations

import typer

from engine import log
from engine.cli.desk import Json, run, settings_or_exit, show
from engine.cli.folder import DataFolder
from engine.wiring import upgrade_database

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Keeps `upgrade` a command of its own while it is the only one."""


@app.command()
def upgrade(as_json: Json = False) -> None:
    """Bring the database to this version; Easel must not be running."""

    async def work() -> None:
        settings = settings_or_exit()
        log.configure("WARNING")
        folder = DataFolder(settings.data_dir)
        folder.make()
        folder.hold()
        try:
            upgrade_database(settings)
        finally:
            folder.let_go()
        show(as_json, {"upToDate": True}, "The database is up to date.")

    run(work())
