"""Easel, its bot and the page /simulator in a real browser: from a prompt to a picture, by keyboard and mouse."""

from __future__ import annotations

import asyncio

import pytest

from tests.cli.installation import Easel
from tests.simulator.browser import browser

WORDS = "document.getElementById('words')"
CARDS = "[...document.querySelectorAll('#log .message')]"


def button(words, card):
    found = f"{CARDS}[{card}].querySelectorAll('button[data-custom-id]')"
    return f"[...{found}].find((b) => b.innerText.includes('{words}'))"


@pytest.fixture
def easel(tmp_path, environment):
    one = Easel(tmp_path, environment)
    yield one
    one.close()


async def test_a_member_paints_upscales_zooms_and_presses_an_old_button_after_a_restart(easel, tmp_path):
    ready = await asyncio.to_thread(easel.up)
    async with browser(tmp_path) as page:
        await page.open(f"{ready['url']}/simulator")
        await page.until("document.getElementById('state').innerText === 'The bot is connected'")

        # by keyboard: the command, its option, and the live card until its picture is there
        await page.run(f"{WORDS}.focus()")
        await page.type("/imagine")
        await page.until("document.querySelector('#offers li[aria-selected=true]')")
        await page.key("Enter")
        await page.until("document.activeElement.dataset.option === 'prompt'")
        await page.type("a red fox in the snow")
        await page.key("Enter")
        await page.until(f"{CARDS}[0].innerText.includes('a red fox in the snow')")
        await page.until(f"{button('U2', 0)} && {CARDS}[0].querySelector('.embed img.picture').naturalWidth > 1")

        # by mouse: an upscale, which is a card of its own
        await page.click(button("U2", 0))
        await page.until(button("Custom Zoom", 1))
        await page.until(f"{CARDS}[1].querySelector('.embed img.picture').naturalWidth > 1")

        # by keyboard: the form of the custom zoom, and what it makes
        await page.run(f"{button('Custom Zoom', 1)}.focus()")
        await page.key("Enter")
        await page.until("document.getElementById('form').open && document.querySelector('#form [data-field]')")
        await page.click("document.querySelector('#form button.primary')")
        await page.until("!document.getElementById('form').open")
        await page.until(button("U1", 2))

        # Easel stops and starts: the first card's buttons still work, and a stranger finds nothing there
        assert await asyncio.to_thread(easel.stop) == 0
        await asyncio.to_thread(easel.up)
        await page.open(f"{ready['url']}/simulator?again")
        await page.until(
            f"{CARDS}.length === 3 && document.getElementById('state').innerText === 'The bot is connected'"
        )
        await page.click(button("V3", 0))
        await page.until(f"{CARDS}.length === 4 && {CARDS}[3].innerText.includes('a red fox in the snow')")
        await page.run("document.getElementById('person').value = 'stranger'")
        await page.run("document.getElementById('person').dispatchEvent(new Event('change'))")
        await page.until("document.getElementById('places').innerText.toLowerCase().includes('elsewhere')")
        assert "studio" not in (await page.run("document.getElementById('places').innerText")).lower()
    assert "Traceback" not in easel.log.read_text()
