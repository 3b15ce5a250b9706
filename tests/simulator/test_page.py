"""The page /simulator in a real browser, with a real bot: by keyboard, by mouse, as one person and another."""

from __future__ import annotations

import contextlib

import pytest

from tests.simulator.browser import browser
from tests.simulator.discord_client import Scene

LOG = "document.querySelectorAll('#log .message')"
WORDS = "document.getElementById('words')"


@pytest.fixture
async def visit(simulate, monkeypatch, tmp_path):
    @contextlib.asynccontextmanager
    async def start():
        async with simulate(community=True) as running:
            scene = Scene(running, monkeypatch)
            async with scene.bot(), browser(tmp_path) as page:
                await page.open(f"{running.simulator.control_url}/simulator")
                await page.until("document.getElementById('title').textContent === '# art'")
                yield scene, page
                assert page.errors == []

    return start


async def command(page, name):
    """Type a command and choose it, without a mouse."""
    await page.run(f"{WORDS}.focus()")
    await page.type(f"/{name}")
    await page.until("!document.getElementById('offers').hidden")
    await page.key("Enter")


async def test_a_command_is_typed_and_its_card_appears_with_picture_and_buttons(visit):
    async with visit() as (_, page):
        await command(page, "imagine")
        await page.until("document.activeElement.dataset.option === 'prompt'")
        await page.type("a cat")
        await page.key("Enter")
        await page.until(f"{LOG}[0].querySelector('.embed img.picture').naturalWidth === 1")
        card = await page.run(f"{LOG}[0].innerText")
        assert "member used /imagine" in card
        assert "a cat" in card
        await page.run(f"{LOG}[0].querySelector('button[data-custom-id]').focus()")
        await page.key(" ")
        await page.until(f"{LOG}[1].classList.contains('ephemeral')")
        assert "Only you can see this" in await page.run(f"{LOG}[1].innerText")


async def test_options_are_completed_with_the_arrow_keys(visit):
    async with visit() as (_, page):
        await command(page, "style")
        await page.until("document.querySelectorAll('.choices li').length === 2")
        await page.type("ra")
        await page.until("document.querySelectorAll('.choices li').length === 1")
        await page.key("ArrowDown")
        await page.key("Enter")
        assert await page.run("document.activeElement.value") == "Raw"
        await page.key("Enter")
        await page.until(f"{LOG}[0].innerText.includes('style raw')")


async def test_a_form_is_filled_in_and_says_what_is_wrong(visit):
    async with visit() as (scene, page):
        await command(page, "remix")
        await page.until("document.getElementById('form').open && document.activeElement.value === 'old'")
        await page.click("document.querySelector('#form button.primary')")
        assert await page.run("document.getElementById('form').open")  # the style was not chosen
        await page.run("document.querySelector('#form select').focus()")
        await page.key("ArrowDown")
        await page.click("document.querySelector('#form button.primary')")
        await page.until(f"{LOG}[0].innerText.includes(\"old ['anime'] []\")")
        await page.until("!document.getElementById('form').open")
        assert len(await scene.sees("friend")) == 1


async def test_a_card_of_the_second_kind_is_drawn_and_another_person_sees_it_but_nothing_private(visit):
    async with visit() as (scene, page):
        await scene.slash("member", "style", name="x")
        await scene.slash("member", "card")
        await page.until("document.querySelector('.box .gallery img').naturalWidth === 1")
        assert await page.run("document.querySelector('.box h3').innerText") == "A picture"
        assert await page.run(f"{LOG}.length") == 2
        await page.run("document.getElementById('person').value = 'friend'")
        await page.run("document.getElementById('person').dispatchEvent(new Event('change'))")
        await page.until(f"{LOG}.length === 1 && document.querySelector('.box')")
        assert "staff" not in await page.run("document.getElementById('places').innerText")
        await page.run("document.getElementById('person').value = 'moderator'")
        await page.run("document.getElementById('person').dispatchEvent(new Event('change'))")
        await page.until("document.getElementById('places').innerText.includes('staff')")


async def test_a_message_menu_a_live_edit_and_a_failure(visit):
    async with visit() as (scene, page):
        await scene.call("POST", "/messages", **{"as": "friend", "channel": "Studio/art", "content": "**hello** <b>"})
        await page.until(f"{LOG}[0].querySelector('strong').innerText === 'hello'")
        assert await page.run(f"{LOG}[0].querySelector('b')") is None
        await page.click(f"{LOG}[0].querySelector('.menu > button')")
        await page.until("document.activeElement.innerText === 'Describe this image'")
        await page.key("Enter")
        await page.until(f"{LOG}[1].innerText.includes('0 from friend')")
        await scene.control.put("/timing", json={"ack_ms": 50})
        await command(page, "silence")
        await page.until("document.getElementById('notice').innerText === 'The application did not respond'")


async def test_everything_that_is_pressed_or_filled_in_has_a_name(visit):
    async with visit() as (scene, page):
        await scene.slash("member", "imagine", prompt="a cat")
        await scene.slash("member", "card")
        await page.until("document.querySelector('.box')")
        await command(page, "imagine")
        tree = (await page.send("Accessibility.getFullAXTree"))["nodes"]
        wanted = {"button", "link", "textbox", "combobox", "listbox", "spinbutton", "image", "dialog"}
        nameless = [
            node["role"]["value"]
            for node in tree
            if not node["ignored"] and node["role"]["value"] in wanted and not node.get("name", {}).get("value")
        ]
        assert nameless == []


async def test_commands_are_shown_in_the_persons_language(visit):
    async with visit() as (scene, page):
        bot = scene.running.simulator.bot_side
        (style,) = [c for c in bot.registry.all()["global"] if c["name"] == "style"]
        style["name_localizations"] = {"de": "stil"}
        style["options"][0]["name_localizations"] = {"de": "titel"}
        await page.run("document.getElementById('locale').value = 'de'")
        await page.run("document.getElementById('locale').dispatchEvent(new Event('change'))")
        await page.until("document.getElementById('log') && document.getElementById('locale').value === 'de'")
        await command(page, "stil")
        await page.until("document.querySelector('.option label').innerText.startsWith('titel')")
        await page.type("x")
        await page.key("Enter")
        await page.until(f"{LOG}[0].innerText.includes('style x')")
