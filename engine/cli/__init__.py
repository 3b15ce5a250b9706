"""Which commands there are; each family has its own module, and `main` is the `easel` program."""

from __future__ import annotations

import typer

from engine import lean  # noqa: F401 - before everything else
from engine.cli import (
    account,
    bots,
    calling,
    db,
    delivery,
    doctor,
    guild,
    job,
    key,
    member,
    queue,
    report,
    rule,
    simulate,
    up,
    webhook,
    workspace,
)  # fmt: skip

app = typer.Typer(
    name="easel",
    help="Easel, a self-hosted Midjourney studio.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain usage errors: one line says what is wrong
    pretty_exceptions_enable=False,  # its tracebacks show the values of variables, and so tokens
)
app.command("up")(up.up)
app.command("bot")(bots.bot)
app.command("simulate")(simulate.simulate)
app.command("doctor")(doctor.doctor)
app.add_typer(account.app, name="account")
app.add_typer(key.app, name="key")
for _deed in (calling.create, calling.cancel, calling.upload):
    job.app.command(_deed.__name__)(_deed)
app.add_typer(job.app, name="job")
app.add_typer(queue.app, name="queue")
app.add_typer(workspace.app, name="workspace")
app.add_typer(rule.app, name="rule")
app.add_typer(webhook.app, name="webhook")
app.add_typer(delivery.app, name="delivery")
app.add_typer(guild.app, name="guild")
app.add_typer(guild.operators, name="operator")
app.add_typer(member.app, name="member")
app.add_typer(report.app, name="report")
app.add_typer(db.app, name="db")


def main() -> None:
    """The console script."""
    app()
