"""A real discord.py client: login, sync, and every kind of interaction as people use it."""

from __future__ import annotations

import pytest

from tests.simulator.discord_client import PNG, Scene, picture


@pytest.fixture
async def scene(simulate, monkeypatch):
    async with simulate() as running:
        made = Scene(running, monkeypatch)
        await made.call("POST", "/seed")
        yield made


async def test_a_command_is_deferred_edited_and_completed_with_a_picture_and_buttons(scene):
    async with scene.bot():
        ask = await scene.slash("member", "imagine", prompt="a cat", aspect="Wide", image=picture())
        assert ask["ack"] == 5
        final = await scene.until("member", lambda m: m["embeds"])
        assert final["id"] == ask["original"]
        assert (final["content"], final["flags"], final["attachments"]) == ("", 0, [])
        assert final["embeds"][0]["description"] == "16:9 1"
        url = final["embeds"][0]["image"]["url"]
        assert (await scene.control.get(url)).content == PNG
        told = await scene.until("member", lambda m: "in.png" in m["content"])
        assert (told["content"], told["flags"]) == (f"in.png {len(PNG)}", 64)
        assert [m["id"] for m in await scene.sees("friend")] == [final["id"]]
