"""Every recorded card is one that Discord takes, with an embed and as Components V2; and the page draws it."""

from __future__ import annotations

import httpx
import pytest

from engine.simulator import Simulator, SimulatorOptions
from tests.bot.wire import GOLDENS, bodies, form
from tests.simulator.browser import browser


@pytest.fixture
async def discord(tmp_path):
    async with Simulator(SimulatorOptions(state_dir=tmp_path / "state", community=True)) as simulator:
        simulator.bot_side.limits.on = False
        headers = {"Authorization": f"Bot {simulator.bot_side.described()['token']}"}
        async with httpx.AsyncClient(base_url=simulator.bot_api_url, headers=headers) as rest:
            art = next(c for c in simulator.bot_side.town.channels.values() if c.name == "art")
            yield simulator, rest, f"/channels/{art.id}/messages"


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.stem)
async def test_discord_takes_the_card(discord, path):
    _, rest, place = discord
    for manner, body in bodies(path):
        answer = await rest.post(place, **form(body))
        assert answer.status_code == 200, (manner, answer.text)
        edited = await rest.patch(f"{place}/{answer.json()['id']}", **form(body))
        assert edited.status_code == 200, (manner, edited.text)
        assert len(edited.json()["components"]) == len(body["components"])


async def test_the_page_draws_every_card_with_all_its_buttons_and_pictures(discord, tmp_path):
    simulator, rest, place = discord
    async with browser(tmp_path) as page:
        await page.open(f"{simulator.control_url}/simulator")
        for path in GOLDENS:
            for manner, body in bodies(path):
                sent = (await rest.post(place, **form(body))).json()
                card = f"document.getElementById('m{sent['id']}')"
                await page.until(f"{card} && [...{card}.querySelectorAll('img')].every((i) => i.naturalWidth > 0)")
                wanted = str(body["components"]).count("'custom_id'")
                drawn = await page.run(f"{card}.querySelectorAll('[data-custom-id]').length")
                assert (path.stem, manner, drawn) == (path.stem, manner, wanted)
                assert await page.run(f"{card}.querySelector('.wrong')") is None
        assert page.errors == []
