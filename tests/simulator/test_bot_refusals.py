"""What Discord refuses a bot, in its own words: raw calls, so that no library stands between."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.simulator.discord_client import Scene
from tests.simulator.people import PNG


class Raw(Scene):
    """The bot's REST without a library; interactions wait for a raw answer."""

    def __init__(self, running, monkeypatch):
        super().__init__(running, monkeypatch)
        simulator = running.simulator
        self.rest = httpx.AsyncClient(
            base_url=simulator.bot_api_url, headers={"Authorization": f"Bot {self.token}"}, timeout=10
        )
        self.app = simulator.bot_side.id

    async def start(self):
        everything = await self.call("POST", "/seed")
        studio = next(guild for guild in everything["guilds"] if guild["name"] == "Studio")
        self.guild = studio["id"]
        self.channels = {channel["name"]: channel["id"] for channel in studio["channels"]}
        self.people = {person["name"]: person["id"] for person in everything["people"]}
        self.art = f"/channels/{self.channels['art']}"
        command = {"name": "go", "description": "go", "type": 1}
        answer = await self.rest.put(f"/applications/{self.app}/commands", json=[command])
        assert answer.status_code == 200
        return self

    async def ask(self):
        """An interaction that waits, and its callback's address."""
        ask = await self.slash("member", "go", wait=0)
        token = self.running.simulator.bot_side.asks.get(ask["id"]).token
        return ask["id"], f"/interactions/{ask['id']}/{token}/callback", f"/webhooks/{self.app}/{token}"

    async def slash(self, person, name, /, channel="Studio/art", wait=0, **options):
        body = {"as": person, "channel": channel, "name": name, "options": options, "wait": wait}
        return await self.call("POST", "/commands", **body)


@pytest.fixture
async def raw(simulate, monkeypatch):
    async with simulate() as running:
        made = await Raw(running, monkeypatch).start()
        yield made
        await made.rest.aclose()


def code_of(answer):
    return answer.status_code, answer.json()["code"]


def faults(answer):
    """The places of an Invalid Form Body and the code at each."""
    assert code_of(answer) == (400, 50035)
    found = {}

    def walk(tree, path):
        for key, value in tree.items():
            if key == "_errors":
                found[".".join(path)] = value[0]["code"]
            else:
                walk(value, [*path, key])

    walk(answer.json()["errors"], [])
    return found


def buttons(count, **more):
    return [{"type": 2, "style": 1, "label": "b", "custom_id": f"b{number}", **more} for number in range(count)]


def row(*components):
    return {"type": 1, "components": list(components)}


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({"content": "x" * 2001}, {"content": "BASE_TYPE_MAX_LENGTH"}),
        ({"embeds": [{"title": "x" * 257}]}, {"embeds.0.title": "BASE_TYPE_MAX_LENGTH"}),
        ({"embeds": [{"description": "x" * 4000}] * 2}, {"embeds.1": "MAX_EMBED_SIZE_EXCEEDED"}),
        ({"embeds": [{"fields": [{"name": "", "value": "v"}]}]}, {"embeds.0.fields.0.name": "BASE_TYPE_REQUIRED"}),
        ({"embeds": [{"image": {"url": "attachment://no.png"}}]}, {"embeds.0.image.url": "URL_TYPE_INVALID_SCHEME"}),
        ({"embeds": [{"title": "x"}] * 11}, {"embeds": "BASE_TYPE_BAD_LENGTH"}),
        ({"components": [row(*buttons(6))]}, {"components.0.components": "BASE_TYPE_BAD_LENGTH"}),
        ({"components": [row(*buttons(1))] * 6}, {"components": "BASE_TYPE_BAD_LENGTH"}),
        (
            {"components": [row(*buttons(1, label="x" * 81))]},
            {"components.0.components.0.label": "BASE_TYPE_MAX_LENGTH"},
        ),
        (
            {"components": [row(*buttons(1, custom_id="x" * 101))]},
            {"components.0.components.0.custom_id": "BASE_TYPE_MAX_LENGTH"},
        ),
        (
            {"components": [row(*buttons(1, emoji={"name": "upscale_1", "id": None}))]},
            {"components.0.components.0.emoji.name": "COMPONENT_INVALID_EMOJI"},
        ),
        ({"components": [row(*buttons(2, custom_id="same"))]}, {"components": "COMPONENT_CUSTOM_ID_DUPLICATED"}),
        ({"components": buttons(1)}, {"components.0.type": "BASE_TYPE_CHOICES"}),
        ({"components": [{"type": 10, "content": "x"}]}, {"components.0.type": "BASE_TYPE_CHOICES"}),
        ({"flags": 1 << 15, "components": buttons(1)}, {"components.0.type": "BASE_TYPE_CHOICES"}),
        (
            {"flags": 1 << 15, "content": "x", "components": [{"type": 10, "content": "x"}]},
            {"content": "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"},
        ),
        (
            {"flags": 1 << 15, "components": [{"type": 10, "content": "x" * 2001}] * 2},
            {"components": "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"},
        ),
        (
            {"flags": 1 << 15, "components": [{"type": 17, "components": [{"type": 10, "content": "x"}] * 40}]},
            {"components": "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"},
        ),
        (
            {"flags": 1 << 15, "components": [{"type": 12, "items": [{"media": {"url": "attachment://no.png"}}]}]},
            {"components": "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"},
        ),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            {"allowed_mentions": "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"},
        ),
        (
            {"components": [row({"type": 3, "custom_id": "s", "options": [{"label": "x", "value": "x"}] * 26})]},
            {"components.0.components.0.options": "BASE_TYPE_BAD_LENGTH"},
        ),
        ({"content": "x", "attachments": [{"id": "9"}]}, {"attachments.0.id": "ATTACHMENT_NOT_FOUND"}),
        ({"content": "x", "message_reference": {"message_id": "1"}}, {"message_reference": "REPLIES_UNKNOWN_MESSAGE"}),
    ],
)
async def test_a_message_beyond_the_limits_is_refused_with_the_place_of_the_fault(raw, body, places):
    assert faults(await raw.rest.post(f"{raw.art}/messages", json=body)) == places
    assert await raw.sees("member") == []


async def test_an_empty_message_an_unknown_one_and_a_strange_token_are_refused(raw):
    assert code_of(await raw.rest.post(f"{raw.art}/messages", json={"content": ""})) == (400, 50006)
    assert code_of(await raw.rest.patch(f"{raw.art}/messages/1", json={"content": "x"})) == (404, 10008)
    assert code_of(await raw.rest.post("/channels/1/messages", json={"content": "x"})) == (404, 10003)
    strange = await raw.rest.get("/users/@me", headers={"Authorization": "Bot nobody"})
    assert code_of(strange) == (401, 0)
    assert strange.headers["Content-Type"] == "application/json"


async def test_a_files_size_is_limited_by_the_server(raw):
    form = {"payload_json": json.dumps({"attachments": [{"id": 0, "filename": "a.png", "description": "cat"}]})}
    big = {"files[0]": ("a.png", bytes(10 * 1024 * 1024 + 1))}
    assert code_of(await raw.rest.post(f"{raw.art}/messages", data=form, files=big)) == (413, 40005)
    await raw.call("PUT", "/guilds/Studio", size_limit=11 * 1024 * 1024)
    assert (await raw.rest.post(f"{raw.art}/messages", data=form, files=big)).status_code == 200
    await raw.call("PUT", "/guilds/Studio", size_limit=10)
    small = {"files[0]": ("a.png", PNG)}
    assert code_of(await raw.rest.post(f"{raw.art}/messages", data=form, files=small)) == (413, 40005)


async def test_an_edit_keeps_the_files_that_it_names_and_drops_the_others(raw):
    files = {f"files[{n}]": (f"{n}.png", PNG) for n in range(2)}
    made = (await raw.rest.post(f"{raw.art}/messages", data={"payload_json": "{}"}, files=files)).json()
    first, second = made["attachments"]
    place = f"{raw.art}/messages/{made['id']}"
    kept = (await raw.rest.patch(place, json={"content": "x"})).json()
    assert [file["id"] for file in kept["attachments"]] == [first["id"], second["id"]]
    fewer = (await raw.rest.patch(place, json={"attachments": [{"id": second["id"]}]})).json()
    assert [file["id"] for file in fewer["attachments"]] == [second["id"]]
    assert (await raw.rest.get(first["url"])).status_code == 404
    form = {"payload_json": json.dumps({"attachments": [{"id": 0, "filename": "new.png"}]})}
    other = (await raw.rest.patch(place, data=form, files={"files[0]": ("n", PNG)})).json()
    assert [file["filename"] for file in other["attachments"]] == ["new.png"]


async def test_permissions_and_what_is_lost_have_their_codes(raw):
    place = "/channels/Studio%2Fart/overwrites"
    await raw.call("PUT", place, bot=True, deny=["send_messages"])
    assert code_of(await raw.rest.post(f"{raw.art}/messages", json={"content": "x"})) == (403, 50013)
    await raw.call("PUT", place, bot=True, deny=["view_channel"])
    assert code_of(await raw.rest.post(f"{raw.art}/messages", json={"content": "x"})) == (403, 50001)
    await raw.call("PUT", place, bot=True)
    sent = (await raw.rest.post(f"{raw.art}/messages", json={"content": "x"})).json()
    await raw.call("DELETE", "/guilds/Studio/bot")
    edited = await raw.rest.patch(f"{raw.art}/messages/{sent['id']}", json={"content": "y"})
    assert code_of(edited) == (403, 50001)
    await raw.call("POST", "/guilds/Studio/bot")
    await raw.call("DELETE", "/channels/Studio%2Fart")
    edited = await raw.rest.patch(f"{raw.art}/messages/{sent['id']}", json={"content": "y"})
    assert code_of(edited) == (404, 10003)


async def test_a_person_who_takes_no_messages_gets_none(raw):
    async def write(name):
        private = (await raw.rest.post("/users/@me/channels", json={"recipient_id": raw.people[name]})).json()
        return await raw.rest.post(f"/channels/{private['id']}/messages", json={"content": "x"})

    assert (await write("member")).status_code == 200
    await raw.call("PUT", "/people/member", dms=False)
    assert code_of(await write("member")) == (403, 50007)
    await raw.call("DELETE", "/guilds/Studio/members/friend")
    assert code_of(await write("friend")) == (403, 50278)
    assert [m["content"] for m in await raw.sees("member", "@member")] == ["x"]


async def test_an_interaction_is_answered_once_and_in_time(raw):
    _, callback, webhook = await raw.ask()
    early = await raw.rest.post(webhook, json={"content": "early"})
    assert code_of(early) == (404, 10015)
    answer = {"type": 4, "data": {"content": "one", "flags": 64}}
    assert (await raw.rest.post(callback, json=answer)).status_code == 204
    assert code_of(await raw.rest.post(callback, json=answer)) == (400, 40060)
    await raw.control.put("/timing", json={"ack_ms": 50})
    identity, callback, _ = await raw.ask()
    await raw.control.get(f"/discord/interactions/{identity}", params={"wait": 5})
    assert code_of(await raw.rest.post(callback, json=answer)) == (404, 10062)


async def test_a_callback_says_what_it_made_when_it_is_asked(raw):
    identity, callback, webhook = await raw.ask()
    told = (await raw.rest.post(f"{callback}?with_response=1", json={"type": 5, "data": {"flags": 64}})).json()
    about = told["interaction"]
    assert (about["id"], about["response_message_loading"], about["response_message_ephemeral"]) == (
        identity,
        True,
        True,
    )
    waiting = (await raw.rest.get(f"{webhook}/messages/@original")).json()
    assert (waiting["id"], waiting["flags"]) == (about["response_message_id"], 64 | 128)
    followed = (await raw.rest.post(webhook, json={"content": "done"})).json()
    assert (followed["id"], followed["content"], followed["flags"]) == (waiting["id"], "done", 64)
    second = (await raw.rest.post(webhook, json={"content": "more"})).json()
    assert second["id"] != waiting["id"]
    assert (await raw.rest.delete(f"{webhook}/messages/{second['id']}")).status_code == 204
    assert code_of(await raw.rest.get(f"{webhook}/messages/{second['id']}")) == (404, 10008)


async def test_a_message_becomes_a_card_only_when_its_words_are_taken_away(raw):
    _, callback, webhook = await raw.ask()
    await raw.rest.post(callback, json={"type": 4, "data": {"content": "words"}})
    card = {"flags": 1 << 15, "components": [{"type": 10, "content": "card"}]}
    refused = await raw.rest.patch(f"{webhook}/messages/@original", json=card)
    assert faults(refused) == {"content": "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"}
    changed = await raw.rest.patch(f"{webhook}/messages/@original", json={**card, "content": None})
    assert (changed.json()["flags"], changed.json()["content"]) == (1 << 15, "")
    again = await raw.rest.patch(f"{webhook}/messages/@original", json={"content": "words", "flags": 0})
    assert faults(again) == {"content": "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"}


async def test_a_token_is_dead_after_fifteen_minutes_but_the_channel_message_can_be_edited(raw):
    _, callback, webhook = await raw.ask()
    await raw.rest.post(callback, json={"type": 4, "data": {"content": "one"}})
    await raw.control.put("/clock", json={"skew_ms": 899_000})
    assert (await raw.rest.patch(f"{webhook}/messages/@original", json={"content": "two"})).status_code == 200
    await raw.control.put("/clock", json={"skew_ms": 901_000})
    assert code_of(await raw.rest.patch(f"{webhook}/messages/@original", json={"content": "x"})) == (401, 50027)
    (message,) = await raw.sees("member")
    edited = await raw.rest.patch(f"{raw.art}/messages/{message['id']}", json={"content": "three"})
    assert edited.json()["content"] == "three"


async def test_an_answer_of_the_wrong_kind_is_refused(raw):
    _, callback, _ = await raw.ask()
    assert faults(await raw.rest.post(callback, json={"type": 7, "data": {"content": "x"}})) == {
        "type": "BASE_TYPE_CHOICES"
    }
    title = {"type": 9, "data": {"custom_id": "x", "title": "x" * 46, "components": []}}
    places = faults(await raw.rest.post(callback, json=title))
    assert places == {"data.title": "BASE_TYPE_MAX_LENGTH", "data.components": "BASE_TYPE_BAD_LENGTH"}
    assert faults(await raw.rest.post(callback, json={"type": 4, "data": {"content": "x" * 2001}})) == {
        "data.content": "BASE_TYPE_MAX_LENGTH"
    }


@pytest.mark.parametrize(
    ("command", "places"),
    [
        ({"name": "Go", "description": "x"}, {"0.name": "APPLICATION_COMMAND_INVALID_NAME"}),
        ({"name": "go", "description": ""}, {"0.description": "BASE_TYPE_REQUIRED"}),
        ({"name": "go", "description": "x" * 101}, {"0.description": "BASE_TYPE_MAX_LENGTH"}),
        (
            {"name": "go", "description": "x", "name_localizations": {"xx": "los"}},
            {"0.name_localizations.xx": "BASE_TYPE_CHOICES"},
        ),
        (
            {"name": "go", "description": "x", "description_localizations": {"de": "x" * 101}},
            {"0.description_localizations.de": "BASE_TYPE_MAX_LENGTH"},
        ),
        (
            {
                "name": "go",
                "description": "x",
                "options": [
                    {"type": 3, "name": "a", "description": "a"},
                    {"type": 3, "name": "b", "description": "b", "required": True},
                ],
            },
            {"0.options.1.required": "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"},
        ),
        (
            {
                "name": "go",
                "description": "x",
                "options": [{"type": 3, "name": f"o{n}", "description": "o"} for n in range(26)],
            },
            {"0.options": "BASE_TYPE_BAD_LENGTH"},
        ),
    ],
)
async def test_a_command_beyond_the_limits_is_refused_and_the_set_stays(raw, command, places):
    place = f"/applications/{raw.app}/commands"
    assert faults(await raw.rest.put(place, json=[command])) == places
    assert [c["name"] for c in (await raw.rest.get(place)).json()] == ["go"]


async def test_a_servers_own_commands_are_offered_there_alone(raw):
    place = f"/applications/{raw.app}/guilds/{raw.guild}/commands"
    made = (await raw.rest.post(place, json={"name": "here", "description": "x"})).json()
    assert made["guild_id"] == raw.guild
    seen = (await raw.control.get("/discord/commands", params={"as": "member", "channel": "Studio/art"})).json()
    assert [c["name"] for c in seen["commands"]] == ["here", "go"]
    seen = (
        await raw.control.get("/discord/commands", params={"as": "stranger", "channel": "Elsewhere/general"})
    ).json()
    assert [c["name"] for c in seen["commands"]] == ["go"]
    assert (await raw.rest.delete(f"{place}/{made['id']}")).status_code == 204
    assert (await raw.rest.get(place)).json() == []


async def test_every_answer_says_its_limit_and_too_many_calls_wait(raw):
    for left in (4, 3, 2, 1, 0):
        answer = await raw.rest.post(f"{raw.art}/messages", json={"content": "x"})
        assert answer.headers["X-RateLimit-Remaining"] == str(left)
    refused = await raw.rest.post(f"{raw.art}/messages", json={"content": "x"})
    assert refused.status_code == 429
    assert refused.headers["Via"]
    assert 0 < refused.json()["retry_after"] <= 5
    elsewhere = f"/channels/{raw.channels['general']}/messages"
    assert (await raw.rest.post(elsewhere, json={"content": "x"})).status_code == 200
    await raw.call("PUT", "/limits", on=False)
    assert (await raw.rest.post(f"{raw.art}/messages", json={"content": "x"})).status_code == 200


async def test_only_those_are_pinged_whom_the_bot_allows(raw):
    member, friend = raw.people["member"], raw.people["friend"]
    words = f"@everyone <@{member}> <@{friend}>"
    for allowed in (None, {"parse": []}, {"parse": [], "users": [friend]}):
        body = {"content": words} if allowed is None else {"content": words, "allowed_mentions": allowed}
        await raw.rest.post(f"{raw.art}/messages", json=body)
    pings = await raw.running.rows("bot_ping")
    assert [(set(row["people"]), row["everyone"]) for row in pings] == [({member, friend}, False), ({friend}, False)]
    _, callback, _ = await raw.ask()
    await raw.rest.post(callback, json={"type": 4, "data": {"content": words, "flags": 64}})
    assert len(await raw.running.rows("bot_ping")) == 2


async def test_a_timeout_needs_the_permission_and_a_role_below_the_bots(raw):
    until = {"communication_disabled_until": "2030-01-01T00:00:00+00:00"}
    place = f"/guilds/{raw.guild}/members"
    assert faults(await raw.rest.patch(f"{place}/{raw.people['member']}", json=until)) == {
        "communication_disabled_until": "GUILD_MEMBER_TIMEOUT_TOO_LONG"
    }
    assert code_of(await raw.rest.patch(f"{place}/{raw.people['operator']}", json=until)) == (403, 50013)
    assert code_of(await raw.rest.patch(f"{place}/{raw.people['foreigner']}", json=until)) == (404, 10007)
    await raw.call("PUT", "/guilds/Studio/roles/Easel", permissions=["view_channel"])
    assert code_of(await raw.rest.patch(f"{place}/{raw.people['member']}", json=until)) == (403, 50013)
