"""A small Discord client of raw websockets and httpx; it knows the wire and nothing of Easel."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
import zlib
from urllib.parse import quote

import httpx
import websockets

MIDJOURNEY = "936929561302675456"
_counter = itertools.count()


def nonce():
    return str((int(time.time() * 1000) - 1420070400000 << 22) + next(_counter) % (1 << 22))


class RawClient:
    """One account: a REST client, a gateway socket and every frame it heard."""

    def __init__(self, api_url, account, *, compress=True, capabilities=16125):
        self.account = account
        self.api_url = api_url
        self.compress = compress
        self.capabilities = capabilities
        self.frames = []
        self.raw_messages = []
        self.heard = asyncio.Condition()
        self.socket = None
        self.http = httpx.AsyncClient(base_url=api_url, headers={"Authorization": account["token"]}, timeout=10)
        self._reader = None
        self._index = None
        self.close_code = None

    async def __aenter__(self):
        await self.connect()
        await self.identify()
        return self

    async def __aexit__(self, *_):
        await self.leave()
        await self.http.aclose()

    # gateway

    async def connect(self, url=None):
        if url is None:
            url = (await self.http.get("/gateway")).json()["url"]
        query = "?v=9&encoding=json" + ("&compress=zlib-stream" if self.compress else "")
        self.close_code = None
        self.socket = await websockets.connect(
            url + query, max_size=None, compression=None, ping_interval=None, close_timeout=1
        )
        self._reader = asyncio.create_task(self._read(self.socket))

    async def _read(self, socket):
        inflate, buffer = zlib.decompressobj(), b""
        try:
            async for message in socket:
                self.raw_messages.append(message)
                if isinstance(message, str):
                    await self._note(json.loads(message))
                    continue
                buffer += message
                if buffer.endswith(b"\x00\x00\xff\xff"):
                    await self._note(json.loads(inflate.decompress(buffer)))
                    buffer = b""
        except websockets.ConnectionClosed:
            pass
        except zlib.error:
            await self._note({"op": "zlib error", "t": None, "d": None, "s": None})
        self.close_code = socket.close_code
        await self._note({"op": "closed", "t": None, "d": socket.close_code, "s": None})

    async def _note(self, frame):
        async with self.heard:
            self.frames.append(frame)
            self.heard.notify_all()

    async def leave(self, code=4000):
        if self.socket is not None:
            with contextlib.suppress(Exception):
                await self.socket.close(code)
        if self._reader is not None:
            await self._reader

    async def send(self, op, d):
        await self.socket.send(json.dumps({"op": op, "d": d}))

    async def identify(self):
        await self.frame(op=10)
        since = len(self.frames)
        await self.send(
            2,
            {
                "token": self.account["token"],
                "capabilities": self.capabilities,
                "properties": {"os": "Linux"},
                "compress": False,
            },
        )
        return await self.frame("READY_SUPPLEMENTAL", since=since)

    async def resume(self, *, seq=None, session=None, url=None):
        """Open a new socket and RESUME; returns where the new frames begin."""
        since = len(self.frames)
        session, seq = session or self.session_id, self.seq if seq is None else seq
        await self.connect(url or self.ready["resume_gateway_url"])
        await self.frame(op=10, since=since)
        await self.send(6, {"token": self.account["token"], "session_id": session, "seq": seq})
        return since

    @property
    def ready(self):
        return next(f["d"] for f in reversed(self.frames) if f["t"] == "READY")

    @property
    def session_id(self):
        return self.ready["session_id"]

    @property
    def seq(self):
        return max((f["s"] for f in self.frames if f["s"] is not None), default=0)

    async def frame(self, t=None, match=lambda d: True, *, op=None, since=0, timeout=10):  # noqa: ASYNC109 - each wait says how long
        """The first frame of this name or opcode that matches, waiting for it."""

        def found():
            for frame in self.frames[since:]:
                if (op is not None and frame["op"] == op) or (t is not None and frame["t"] == t and match(frame["d"])):
                    return frame
            return None

        async with asyncio.timeout(timeout), self.heard:
            await self.heard.wait_for(lambda: found() is not None)
            return found()

    def of(self, t, match=lambda d: True):
        return [f["d"] for f in self.frames if f["t"] == t and match(f["d"])]

    # REST

    async def command(self, name="imagine", application=MIDJOURNEY):
        if self._index is None:
            answer = await self.http.get(f"/guilds/{self.account['guild_id']}/application-command-index")
            self._index = answer.json()["application_commands"]
        return next(c for c in self._index if (c["name"], c["application_id"]) == (name, application))

    async def body(self, kind, data, **more):
        return {
            "type": kind,
            "application_id": MIDJOURNEY,
            "guild_id": self.account["guild_id"],
            "channel_id": self.account["channel_id"],
            "session_id": self.session_id,
            "nonce": nonce(),
            "data": data,
            **more,
        }

    async def imagine_body(self, prompt, **more):
        return await self.slash_body("imagine", [{"type": 3, "name": "prompt", "value": prompt}], **more)

    async def slash_body(self, name, options=(), **more):
        command = await self.command(name, more.get("application_id", MIDJOURNEY))
        data = {key: command[key] for key in ("version", "id", "name", "type")}
        return await self.body(2, {**data, "options": list(options), "attachments": []}, **more)

    async def post(self, body):
        return await self.http.post("/interactions", json=body)

    async def imagine(self, prompt, **more):
        """POST it; returns the nonce."""
        body = await self.imagine_body(prompt, **more)
        answer = await self.post(body)
        assert answer.status_code == 204, answer.text
        assert answer.content == b""
        return body["nonce"]

    async def click_body(self, message, custom_id, **more):
        return await self.body(
            3,
            {"component_type": 2, "custom_id": custom_id},
            message_id=message["id"],
            message_flags=message["flags"],
            **more,
        )

    async def click(self, message, label):
        """Press the button of this label or custom id; returns the nonce."""
        body = await self.click_body(message, button(message, label)["custom_id"])
        answer = await self.post(body)
        assert answer.status_code == 204, answer.text
        return body["nonce"]

    async def submit(self, modal, value):
        text = modal["components"][0]["components"][0]
        data = {
            "id": modal["id"],
            "custom_id": modal["custom_id"],
            "components": [{"type": 1, "components": [{"type": 4, "custom_id": text["custom_id"], "value": value}]}],
        }
        body = await self.body(5, data)
        answer = await self.post(body)
        assert answer.status_code == 204, answer.text
        return body["nonce"]

    async def final_of(self, nonce, timeout=10):  # noqa: ASYNC109 - passed on
        """The finished message of the job that was asked for with this nonce, found by links alone."""
        start = (await self.frame("MESSAGE_CREATE", lambda d: d.get("nonce") == nonce, timeout=timeout))["d"]
        interaction = start["interaction_metadata"]["id"]

        def is_final(d):
            mine = d.get("interaction_metadata", {}).get("id") == interaction
            return mine and d["attachments"] and not d["flags"] & 64

        return (await self.frame("MESSAGE_CREATE", is_final, timeout=timeout))["d"]

    async def finished(self, prompt, **more):
        return await self.final_of(await self.imagine(prompt, **more))

    async def upload(self, filename, data, content_type="image/png"):
        """Reserve a place and fill it; returns the upload_filename."""
        wanted = {"files": [{"filename": filename, "file_size": len(data), "id": "0"}]}
        answer = await self.http.post(f"/channels/{self.account['channel_id']}/attachments", json=wanted)
        assert answer.status_code == 200, answer.text
        [place] = answer.json()["attachments"]
        async with httpx.AsyncClient(timeout=10) as storage:
            put = await storage.put(place["upload_url"], content=data, headers={"Content-Type": content_type})
        assert put.status_code == 200, put.text
        return place["upload_filename"]

    async def write(self, content="", *, channel=None, **more):
        """Post a message; returns the whole answer."""
        channel = channel or self.account["channel_id"]
        return await self.http.post(f"/channels/{channel}/messages", json={"content": content, **more})

    async def react(self, message, emoji, method="PUT"):
        path = f"/channels/{message['channel_id']}/messages/{message['id']}/reactions/{quote(emoji)}/%40me"
        return await self.http.request(method, path, params={"location": "Message", "type": 0})

    async def history(self, **query):
        answer = await self.http.get(f"/channels/{self.account['channel_id']}/messages", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


def buttons(message):
    return [child for row in message["components"] for child in row["components"]]


def button(message, label):
    return next(
        b for b in buttons(message) if label in (b.get("label"), b.get("custom_id"), b.get("emoji", {}).get("name"))
    )
