"""/info, /settings, modes, visibility and preferences: the replies of the wire, and what they change."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.simulator.raw_client import button

WIRE = Path(__file__).parents[1] / "wire"
INFO = json.loads((WIRE / "info-embed.json").read_text())
BOARD = json.loads((WIRE / "settings-message.synthetic.json").read_text())["d"]
WORDS = json.loads((WIRE / "describe-shorten-seed.synthetic.json").read_text())
EPHEMERAL, LOADING = 64, 128


async def reply(client, name, *path, **options):
    """Send a command (with its sub-command path) and return the first message of its answer."""
    given = [{"type": 3, "name": key, "value": value} for key, value in options.items()]
    kinds = [1] if len(path) < 2 else [2, 1]
    for kind, part in reversed(list(zip(kinds, path, strict=False))):
        given = [{"type": kind, "name": part, "options": given}]
    body = await client.slash_body(name, given)
    answer = await client.post(body)
    assert answer.status_code == 204, answer.text
    return (await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == body["nonce"]))["d"]


async def account(it):
    return (await it.control.get("/accounts")).json()["accounts"][0]


async def info(client):
    first = await reply(client, "info")
    filled = await client.frame("MESSAGE_UPDATE", lambda d: d["id"] == first["id"])
    return first, filled["d"], dict(re.findall(r"(?m)^\*\*(.+?)\*\*: ?(.*)$", filled["d"]["embeds"][0]["description"]))


async def test_info_is_deferred_and_has_the_fields_and_lines_of_the_wire(simulate):
    async with simulate() as it, it.client() as client:
        first, filled, lines = await info(client)
        known_first, known_filled = (step["d"] for step in INFO["message_sequence"])
        assert set(known_first) <= set(first)
        assert set(known_filled) <= set(filled)
        assert (first["flags"], filled["flags"]) == (EPHEMERAL | LOADING, EPHEMERAL)
        assert (first["content"], first["embeds"]) == ("", [])
        assert "nonce" not in filled
        known = dict(re.findall(r"(?m)^\*\*(.+?)\*\*: ?(.*)$", known_filled["embeds"][0]["description"]))
        assert set(known) - {"Relaxed Usage"} <= set(lines)
        assert lines["Fast Time Remaining"] == "15.0/15.0 hours (100.00%)"
        assert re.fullmatch(r"Standard \(Active monthly, renews next on <t:\d+>\)", lines["Subscription"])


async def test_info_tells_the_accounts_real_state(simulate):
    async with simulate(timing={"job_ms": 3000}) as it, it.client() as client:
        change = {"plan": "pro", "mode": "relaxed", "stealth": True, "concurrency": 1, "fast_hours": 12.5}
        assert (await it.control.put("/accounts/a1", json=change)).status_code == 200
        running = await client.imagine("one")
        await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == running)
        waiting = await client.imagine("two")
        await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == waiting)
        _, _, lines = await info(client)
        assert lines["Job Mode"] == "Relaxed"
        assert lines["Visibility Mode"] == "Stealth"
        assert lines["Fast Time Remaining"] == "12.5/30.0 hours (41.67%)"
        assert (lines["Queued Jobs (fast)"], lines["Queued Jobs (relax)"]) == ("0", "1")
        assert lines["Running Jobs"].count("https://discord.com/channels/") == 1


async def test_jobs_are_booked_and_a_metered_account_runs_out(simulate):
    async with simulate() as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"metered": True, "fast_hours": 0.02})
        await client.finished("one")
        await client.finished("two --relax")
        _, _, lines = await info(client)
        assert lines["Fast Usage"] == "4 images (0.02 hours)"
        assert lines["Relaxed Usage"] == "4 images (0.02 hours)"
        assert lines["Lifetime Usage"] == "8 images (0.03 hours)"
        await client.finished("three")
        nonce = await client.imagine("four")
        refused = (await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == nonce))["d"]
        assert refused["embeds"][0]["title"] == "Credits exhausted"
        assert "(relaxed)" in (await client.finished("five --relax"))["content"]


@pytest.mark.parametrize(("name", "mode"), [("relax", "relaxed"), ("turbo", "turbo"), ("fast", "fast")])
async def test_a_mode_is_confirmed_and_the_next_job_has_it(simulate, name, mode):
    async with simulate() as it, it.client() as client:
        said = await reply(client, name)
        assert said["content"].startswith("Done!")
        assert said["flags"] == EPHEMERAL
        if f"{name}_reply" in WORDS:
            assert said["content"] == WORDS[f"{name}_reply"]["content"]
        assert (await account(it))["mode"] == mode
        assert (await client.finished("a lighthouse"))["content"].endswith(f"({mode})")
        assert (await client.finished("a lighthouse --fast"))["content"].endswith("(fast)")


async def test_what_the_plan_lacks_is_refused_as_a_state_and_as_a_flag(simulate):
    async with simulate() as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"plan": "basic"})
        assert not (await reply(client, "relax"))["content"].startswith("Done!")
        assert not (await reply(client, "stealth"))["content"].startswith("Done!")
        now = await account(it)
        assert (now["mode"], now["stealth"]) == ("fast", False)
        for flag in ("--relax", "--stealth"):
            nonce = await client.imagine(f"a lighthouse {flag}")
            refused = (await client.frame("MESSAGE_CREATE", lambda d, n=nonce: d.get("nonce") == n))["d"]
            assert refused["embeds"][0]["title"] == "Job action restricted"


async def test_stealth_shows_in_the_next_job_until_public(simulate):
    async with simulate() as it, it.client() as client:
        await it.control.put("/accounts/a1", json={"plan": "mega"})
        assert (await reply(client, "stealth"))["content"].startswith("Done!")
        assert (await client.finished("a lighthouse"))["content"].endswith("(fast, stealth)")
        assert (await client.finished("a lighthouse --public"))["content"].endswith("(fast)")
        assert (await reply(client, "public"))["content"].startswith("Done!")
        assert (await client.finished("a lighthouse --stealth --relax"))["content"].endswith("(relaxed, stealth)")


async def test_prefer_remix_flips_with_the_two_captured_replies(simulate):
    async with simulate() as it, it.client() as client:
        on = await reply(client, "prefer", "remix")
        assert on["content"].startswith(WORDS["remix_toggle_on"]["content"].split(" You can")[0])
        assert on["interaction_metadata"]["name"] == "prefer remix"
        assert (await account(it))["remix"]
        off = await reply(client, "prefer", "remix")
        assert off["content"] == WORDS["remix_toggle_off"]["content"]
        assert not (await account(it))["remix"]


async def test_the_suffix_stands_at_the_end_of_every_new_prompt_until_it_is_cleared(simulate):
    async with simulate() as it, it.client() as client:
        await reply(client, "prefer", "suffix", new_value="--chaos 7")
        grid = await client.finished("a lighthouse --ar 3:2")
        assert grid["content"].startswith("**a lighthouse --ar 3:2 --chaos 7** - ")
        single = await client.final_of(await client.click(grid, "U1"))
        assert single["content"].startswith("**a lighthouse --ar 3:2 --chaos 7** - ")
        board = await reply(client, "settings")
        assert board["content"].endswith("Current suffix: `--chaos 7`")
        await reply(client, "prefer", "suffix")
        assert (await client.finished("a lighthouse"))["content"].startswith("**a lighthouse** - ")


async def test_a_custom_option_is_spelled_out(simulate):
    async with simulate() as it, it.client() as client:
        await reply(client, "prefer", "option", "set", option="mine", value="--ar 16:9")
        assert "--mine" in (await reply(client, "prefer", "option", "list"))["content"]
        assert (await client.finished("a lighthouse --mine"))["content"].startswith("**a lighthouse --ar 16:9** - ")


async def test_auto_dm_and_variability_answer_plainly(simulate):
    async with simulate() as it, it.client() as client:
        for name in ("auto_dm", "variability"):
            said = await reply(client, "prefer", name)
            assert (said["flags"], said["embeds"]) == (EPHEMERAL, [])
        now = await account(it)
        assert (now["auto_dm"], now["high_variation"]) == (True, False)


async def test_settings_has_the_parts_of_the_wire(simulate):
    def labels(body):
        return [[child.get("label", child["type"]) for child in row["components"]] for row in body["components"]]

    async with simulate() as it, it.client() as client:
        board = await reply(client, "settings")
        assert set(BOARD) <= set(board)
        assert (board["content"], board["flags"]) == (BOARD["content"], BOARD["flags"])
        assert labels(board) == labels(BOARD)
        styles = {child.get("label"): child.get("style") for row in board["components"] for child in row["components"]}
        known = {child.get("label"): child.get("style") for row in BOARD["components"] for child in row["components"]}
        assert styles == known
        select, wanted = (body["components"][0]["components"][0] for body in (board, BOARD))
        assert set(wanted) == set(select)
        assert [option["value"] for option in select["options"] if option["default"]] == ["7"]


async def edited(client, board, body):
    since = len(client.frames)
    assert (await client.post(body)).status_code == 204
    return (await client.frame("MESSAGE_UPDATE", lambda d: d["id"] == board["id"], since=since))["d"]


async def press(client, board, label):
    return await edited(client, board, await client.click_body(board, button(board, label)["custom_id"]))


async def test_a_click_on_settings_edits_the_message_and_changes_the_account(simulate):
    async with simulate() as it, it.client() as client:
        board = await reply(client, "settings")
        for label, name, value in (
            ("Relax mode", "mode", "relaxed"),
            ("Turbo mode", "mode", "turbo"),
            ("Fast mode", "mode", "fast"),
            ("Remix mode", "remix", True),
            ("Low Variation Mode", "high_variation", False),
            ("RAW Mode", "raw", True),
            ("Stylize very high", "stylize", "very high"),
            ("Sticky Style", "sticky_style", True),
        ):
            board = await press(client, board, label)
            assert button(board, label)["style"] == 3
            assert (await account(it))[name] == value
        assert (await client.finished("a lighthouse"))["content"].startswith("**a lighthouse --stylize 750 --raw** - ")
        board = await press(client, board, "Reset Settings")
        assert [button(board, label)["style"] for label in ("Fast mode", "Remix mode", "Stylize med")] == [3, 2, 3]


async def test_the_version_select_takes_one_of_its_values_and_new_prompts_name_it(simulate):
    async with simulate() as it, it.client() as client:
        board = await reply(client, "settings")
        choice = {"component_type": 3, "type": 3, "custom_id": "MJ::Settings::VersionSelector", "values": ["6.1"]}
        body = await client.body(3, choice, message_id=board["id"], message_flags=64)
        board = await edited(client, board, body)
        options = board["components"][0]["components"][0]["options"]
        assert [option["value"] for option in options if option["default"]] == ["6.1"]
        assert (await client.finished("a lighthouse"))["content"].startswith("**a lighthouse --v 6.1** - ")
        assert (await client.finished("a lighthouse --niji 6"))["content"].startswith("**a lighthouse --niji 6** - ")
        wrong = await client.body(3, {**choice, "values": ["99"]}, message_id=board["id"], message_flags=64)
        assert (await client.post(wrong)).status_code == 400


async def test_public_mode_can_be_left_only_with_a_plan_for_it(simulate):
    async with simulate() as it, it.client() as client:
        board = await reply(client, "settings")
        nonce = await client.click(board, "Public mode")
        said = (await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == nonce))["d"]
        assert "Pro and Mega" in said["content"]
        assert not (await account(it))["stealth"]


async def test_every_registered_command_is_answered_and_an_unknown_sub_command_refused(simulate):
    async with simulate() as it, it.client() as client:
        for name in ("help", "invite", "subscribe", "userid", "list_tuners", "feedback", "private"):
            assert (await reply(client, name))["content"]
        assert (await reply(client, "ask", question="why"))["content"]
        body = await client.slash_body("prefer", [{"type": 1, "name": "nothing", "options": []}])
        assert (await client.post(body)).json()["code"] == 10063
        body = await client.slash_body("prefer")
        assert (await client.post(body)).json()["code"] == 50035


async def test_the_ledger_has_every_command_with_the_state_before_and_after(simulate):
    async with simulate() as it, it.client() as client:
        said = await reply(client, "prefer", "suffix", new_value="--chaos 7")
        while not (rows := await it.rows("command", interaction=said["interaction_metadata"]["id"])):
            await client.http.get("/users/@me")
        [row] = rows
        assert (row["name"], row["options"]) == ("prefer suffix", {"new_value": "--chaos 7"})
        assert (row["before"]["suffix"], row["after"]["suffix"]) == ("", "--chaos 7")


async def test_the_control_port_names_what_it_does_not_know(simulate):
    async with simulate() as it:
        for change, words in (
            ({"version": "9"}, "version must be one of 7, 8.1"),
            ({"fast_hours": "many"}, "fast_hours must be float"),
            ({"colour": "red"}, "unknown value 'colour'"),
        ):
            answer = await it.control.put("/accounts/a1", json=change)
            assert answer.status_code == 400
            assert words in answer.json()["error"]
