"""History is no kinder than Discord's: newest first, no nonce, nothing ephemeral, nothing deleted."""

from __future__ import annotations

from tests.simulator.raw_client import RawClient


async def test_history_shows_public_lasting_messages_newest_first_and_nothing_else(simulate):
    async with simulate(nonce_on_finals=True) as it, it.client() as client:
        finals = [await client.finished(f"harbor {n}") for n in range(3)]
        assert finals[0]["nonce"]
        await client.final_of(await client.click(finals[0], "V1"))
        for start in client.of("MESSAGE_CREATE", lambda d: "Waiting" in d["content"] and not d["flags"]):
            await client.frame("MESSAGE_DELETE", lambda d, s=start: d["id"] == s["id"])
        history = await client.history()
        assert len(history) == 4
        assert [m["id"] for m in history] == sorted((m["id"] for m in history), key=int, reverse=True)
        for message in history:
            assert not {"nonce", "guild_id", "member", "channel_type"} & set(message)
            assert message["flags"] & 64 == 0
            assert "Waiting" not in message["content"]


async def test_ephemeral_messages_cannot_be_fetched(simulate):
    async with simulate(timing={"upscale_ms": 300}) as it, it.client() as client:
        final = await client.finished("harbor")
        nonce = await client.click(final, "U1")
        progress = (await client.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == nonce))["d"]
        path = f"/channels/{client.account['channel_id']}/messages"
        assert (await client.http.get(f"{path}/{progress['id']}")).status_code == 404
        assert (await client.http.get(f"{path}/{final['id']}")).json()["id"] == final["id"]
        assert progress["id"] not in [m["id"] for m in await client.history()]


async def test_pages_are_cut_as_asked(simulate):
    async with simulate() as it, it.client() as client:
        ids = [(await client.finished(f"harbor {n}"))["id"] for n in range(5)]
        await client.frame("MESSAGE_DELETE", lambda _: len(client.of("MESSAGE_DELETE")) == 5)

        async def page(**query):
            return [ids.index(m["id"]) for m in await client.history(**query)]

        assert await page(limit=2) == [4, 3]
        assert await page(limit=2, before=ids[3]) == [2, 1]
        assert await page(limit=2, after=ids[1]) == [3, 2]
        assert await page(limit=10, after=ids[3]) == [4]
        assert await page(limit=3, around=ids[2]) == [3, 2, 1]
        for bad in ("0", "101", "many"):
            answer = await client.http.get(f"/channels/{client.account['channel_id']}/messages", params={"limit": bad})
            assert (answer.status_code, answer.json()["code"]) == (400, 50035)


async def test_a_channel_of_somebody_else_stays_shut(simulate):
    async with simulate(accounts=2) as it, it.client() as client:
        answer = await client.http.get(f"/channels/{it.accounts[1]['channel_id']}/messages")
        assert (answer.status_code, answer.json()["code"]) == (403, 50001)
        assert (await client.http.get("/channels/1/messages")).status_code == 404


async def test_two_accounts_of_one_channel_see_each_other_but_not_the_ephemeral(simulate):
    async with simulate() as it, it.client() as one:
        place = {"guild_id": one.account["guild_id"], "channel_id": one.account["channel_id"]}
        made = (await it.control.post("/accounts", json={**place, "name": "second"})).json()
        async with RawClient(it.simulator.api_url, made) as two:
            final = await one.finished("harbor")
            nonce = await one.click(final, "V1")
            varied = await one.final_of(nonce)
            await two.frame("MESSAGE_CREATE", lambda d: d["id"] == varied["id"])
            assert not two.of("MESSAGE_CREATE", lambda d: d["flags"] & 64)
            assert not two.of("INTERACTION_CREATE")
            assert [m["id"] for m in await two.history(limit=1)] == [varied["id"]]
