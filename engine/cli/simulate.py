"""`easel simulate`: the simulator alone, for whoever wants to point the real driver, or their own program, at it."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.desk import Json, run, settings_or_exit, show

if TYPE_CHECKING:
    from engine.simulator import SimulatorOptions


def simulate(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Discord's side; default: EASEL_SIMULATOR_PORT, 0: any.")] = None,
    control_port: Annotated[int | None, typer.Option(help="The control API; default: the next port.")] = None,
    state_dir: Annotated[Path | None, typer.Option(help="What survives a restart; without: nothing.")] = None,
    speed: Annotated[float | None, typer.Option(min=0.01, help="Default: EASEL_SIMULATOR_SPEED.")] = None,
    accounts: Annotated[int, typer.Option(min=1, max=100, help="How many accounts there are.")] = 2,
    as_json: Json = False,
) -> None:
    """Run the simulator of Discord and Midjourney alone, until it is stopped."""
    from engine.simulator import SimulatorOptions  # noqa: PLC0415 - `easel up` must not carry a web server more

    settings = settings_or_exit()
    chosen = settings.simulator_port if port is None else port
    if state_dir is not None:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = SimulatorOptions(
        host=host,
        port=chosen,
        control_port=control_port if control_port is not None else (chosen + 1 if chosen else 0),
        state_dir=state_dir,
        speed=settings.simulator_speed if speed is None else speed,
        accounts=accounts,
        community=True,
    )
    run(_serve(options, as_json=as_json))


async def _serve(options: SimulatorOptions, *, as_json: bool) -> None:
    from engine.simulator import Simulator  # noqa: PLC0415 - likewise

    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    simulator = Simulator(options)
    await simulator.start()
    ready = {
        "api_url": simulator.api_url,
        "gateway_url": simulator.gateway_url,
        "activity_url": simulator.activity_url,
        "control_url": simulator.control_url,
        "cdn_url": simulator.cdn_url,
        "bot": {"api_url": simulator.bot_api_url, **simulator.bot_side.described()},
        "accounts": simulator.accounts(),
    }
    lines = [
        "This is a simulator of Discord and Midjourney; nothing leaves this machine.",
        f"  REST      EASEL_DISCORD_API_URL={simulator.api_url}",
        f"  gateway   EASEL_DISCORD_GATEWAY_URL={simulator.gateway_url}",
        f"  activity  EASEL_ACTIVITY_URL={simulator.activity_url}",
        f"  control   {simulator.control_url}",
        f"  bot       {simulator.bot_api_url}, token {simulator.bot_side.described()['token']}",
        "Its accounts, for easel account link:",
    ]
    lines += [
        f"  {each['name']}: server {each['guild_id']}, channel {each['channel_id']}, token {each['token']}"
        for each in simulator.accounts()
    ]
    show(as_json, ready, "\n".join([*lines, "Stop it with Ctrl-C."]))
    await stopping.wait()
    await simulator.stop()
