"""A real discord.py client: login, sync, and every kind of interaction as people use it."""

from __future__ import annotations

import pytest

from tests.simulator.discord_client import Scene
from tests.simulator.people import PNG, picture


@pytest.fixture
async def scene(simulate, monkeypatch):
    async with simulate(timing={"ack_ms": 3000}) as running:
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
    acks = await scene.running.rows("bot_ack", interaction=ask["id"])
    assert [(row["type"], row["said"]) for row in acks] == [(5, "imagine")]
    assert acks[0]["ms"] == ask["ack_ms"] > 0
    assert len(await scene.running.rows("bot_edit", message=final["id"])) == 4


async def test_a_button_works_after_bot_and_simulator_were_started_anew(simulate, monkeypatch):
    async with simulate() as running:
        scene = Scene(running, monkeypatch)
        await scene.call("POST", "/seed")
        async with scene.bot():
            await scene.slash("member", "imagine", prompt="a cat")
            card = await scene.until("member", lambda m: m["embeds"])
    async with simulate() as running:
        scene = Scene(running, monkeypatch)
        async with scene.bot():
            assert [m["id"] for m in await scene.sees("friend")] == [card["id"]]
            pressed = await scene.press("friend", card["id"], "Again")
            assert (pressed["ack"], pressed["said"]) == (4, "again:7")
            assert [m["content"] for m in await scene.sees("friend")][1:] == ["again 7"]
            assert [m["content"] for m in await scene.sees("member")][1:] == []


async def test_what_is_ephemeral_is_seen_by_its_person_only_and_can_be_dismissed(scene):
    async with scene.bot():
        ask = await scene.slash("member", "style", name="x")
    only = {"as": "friend"}
    assert (await scene.control.get(f"/discord/messages/{ask['original']}", params=only)).status_code == 404
    assert [m["flags"] for m in await scene.sees("member")] == [64]
    await scene.control.delete(f"/discord/messages/{ask['original']}", params={"as": "member"})
    assert await scene.sees("member") == []


async def test_autocomplete_gets_its_choices_for_what_is_typed(scene):
    async with scene.bot():
        choices = await scene.complete("member", "style", "name", "an")
    assert choices == [{"name": "Anime", "value": "anime"}]


async def test_a_file_is_as_large_as_the_server_allows_and_no_larger(scene):
    most = 10 * 1024 * 1024
    async with scene.bot():
        await scene.slash("member", "imagine", prompt="x", image=picture(data=bytes(most)))
        await scene.until("member", lambda m: m["content"] == f"in.png {most}")
        wanted = {"as": "member", "channel": "Studio/art", "name": "imagine"}
        options = {"prompt": "x", "image": picture(data=bytes(most + 1))}
        assert "too powerful" in await scene.refused("POST", "/commands", **wanted, options=options)


async def test_a_form_is_shown_checked_and_handed_in_with_its_files(scene):
    async with scene.bot():
        opened = await scene.slash("member", "remix")
        assert (opened["ack"], opened["modal"]["title"]) == (9, "Remix")
        form = {"as": "member", "interaction": opened["id"]}
        for values, words in (
            ({"Prompt": "x" * 21, "Style": "anime"}, "0 to 20 characters"),
            ({"Prompt": "", "Style": "anime"}, "required"),
            ({"Style": "oil"}, "none of anime, Raw"),
            ({"Prompt": "x"}, "1 to 1 must be chosen"),
            ({"Style": "anime", "Image": [picture()] * 3}, "1 to 2 must be chosen"),
            ({"Style": "anime", "Size": "4"}, "no field Size"),
        ):
            assert words in await scene.refused("POST", "/forms", **form, values=values)
        done = await scene.submit("member", opened, Style="Anime", Image=[picture()])
        assert (done["type"], done["ack"]) == (5, 4)
        assert [m["content"] for m in await scene.sees("friend")] == [f"old ['anime'] [{len(PNG)}]"]
        assert "shows friend no form" in await scene.refused("POST", "/forms", **{**form, "as": "friend"}, values={})


async def test_a_card_of_the_second_kind_is_stored_with_numbered_components_and_linked_pictures(scene):
    async with scene.bot():
        ask = await scene.slash("member", "card")
        (message,) = await scene.sees("friend")
    assert message["flags"] == 1 << 15
    (box,) = message["components"]
    assert [inner["type"] for inner in box["components"]] == [10, 12, 1]
    media = box["components"][1]["items"][0]["media"]
    assert (await scene.control.get(media["url"])).content == PNG
    assert (media["width"], media["content_type"]) == (1, "image/png")
    ids = [box["id"], *(inner["id"] for inner in box["components"])]
    assert len(set(ids)) == 4
    assert ask["messages"] == [message["id"]]


async def test_a_message_menu_gives_the_bot_the_message_with_its_files(scene):
    async with scene.bot():
        shown = await scene.write("friend", "", files=[picture()])
        ask = await scene.menu("member", shown["id"], "Describe this image")
        assert ask["ack"] == 4
        assert (await scene.sees("member"))[-1]["content"] == "1 from friend"


async def test_a_subcommand_is_offered_to_those_whose_permissions_suffice(scene):
    async with scene.bot():
        assert "no command 'mod banword add'" in await scene.refused(
            "POST", "/commands", **{"as": "member", "channel": "Studio/art", "name": "mod banword add"}
        )
        await scene.slash("moderator", "mod banword add", word="blood", member="friend")
        assert [m["content"] for m in await scene.sees("moderator")] == ["banned blood friend"]
        bare = {"as": "operator", "channel": "Studio/art", "name": "mod banword"}
        assert "cannot be used by itself; it has add" in await scene.refused("POST", "/commands", **bare)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "prompt: this option is required"),
        ({"prompt": "x", "colour": "red"}, "no option 'colour'"),
        ({"prompt": "x" * 101}, "1 to 100 characters"),
        ({"prompt": "x", "count": 5}, "from 1 to 4"),
        ({"prompt": "x", "count": "2"}, "no number"),
        ({"prompt": "x", "aspect": "7:1"}, "none of the choices"),
        ({"prompt": "x", "image": "in.png"}, "must be a file"),
    ],
)
async def test_the_client_sends_nothing_that_the_synced_command_does_not_allow(scene, options, words):
    async with scene.bot() as painter:
        wanted = {"as": "member", "channel": "Studio/art", "name": "imagine", "options": options}
        assert words in await scene.refused("POST", "/commands", **wanted)
        assert [event for event, _ in painter.heard if event == "interaction"] == []


async def test_a_person_reads_that_it_failed_when_nobody_answers_in_time(scene):
    await scene.control.put("/timing", json={"ack_ms": 100})
    async with scene.bot() as painter:
        ask = await scene.slash("member", "silence")
        assert (ask["ack"], ask["failed"]) == (None, "The application did not respond")
        painter.gate.set()
    events = (await scene.control.get("/discord/feed", params={"as": "member"})).json()["events"]
    assert [event["words"] for event in events if event["kind"] == "failed"] == [ask["failed"]]
    others = (await scene.control.get("/discord/feed", params={"as": "friend"})).json()["events"]
    assert [event for event in others if event["kind"] == "failed"] == []


async def test_commands_keep_their_ids_and_change_their_version_only_when_they_change(scene):
    async with scene.bot() as painter:
        first = {c.name: c.id for c in await painter.tree.sync()}
        assert {c.name: c.id for c in await painter.tree.sync()} == first
        before = (await scene.call("GET", ""))["commands"]["global"]
        painter.tree.get_command("card").description = "Another"
        await painter.tree.sync()
        after = (await scene.call("GET", ""))["commands"]["global"]
    changed = [new["name"] for old, new in zip(before, after, strict=True) if old["version"] != new["version"]]
    assert changed == ["card"]
    assert [old["id"] for old in before] == [new["id"] for new in after]
