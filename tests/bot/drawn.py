"""`python -m tests.bot.drawn FOLDER`: the recorded cards as pictures, drawn by the page /simulator."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

import httpx

from engine.simulator import Simulator, SimulatorOptions
from engine.simulator.botside.places import Person
from tests.bot.wire import GOLDENS, bodies, form
from tests.simulator.browser import browser

_PERSON = "1111111111"  # of the recorded cards


async def draw(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        async with Simulator(SimulatorOptions(state_dir=Path(work) / "state", community=True)) as simulator:
            side = simulator.bot_side
            side.limits.on = False
            side.town.save_person(Person(id=_PERSON, name="painter"))
            headers = {"Authorization": f"Bot {side.described()['token']}"}
            art = next(c for c in side.town.channels.values() if c.name == "art")
            async with (
                httpx.AsyncClient(base_url=simulator.bot_api_url, headers=headers) as rest,
                browser(Path(work), size=(900, 1600)) as page,
            ):
                await page.open(f"{simulator.control_url}/simulator")
                for path in GOLDENS:
                    for manner, body in bodies(path):
                        sent = (await rest.post(f"/channels/{art.id}/messages", **form(body))).json()
                        card = f"document.getElementById('m{sent['id']}')"
                        await page.until(f"{card} && [...{card}.querySelectorAll('img')].every((i) => i.naturalWidth)")
                        await page.run(f"{card}.scrollIntoView({{block: 'start'}})")
                        (folder / f"{path.stem}-{manner}.png").write_bytes(
                            await page.picture(f"{card}.querySelector('.body')")
                        )
                        await rest.delete(f"/channels/{art.id}/messages/{sent['id']}")


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1])))
