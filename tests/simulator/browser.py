"""Headless Chromium by its DevTools socket: real keys, real clicks, what the page says, and its picture."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import shutil

import httpx
import pytest
import websockets

KEYS = {
    "Enter": ("Enter", 13, "\r"),
    "Tab": ("Tab", 9, ""),
    "Escape": ("Escape", 27, ""),
    "ArrowDown": ("ArrowDown", 40, ""),
    "ArrowUp": ("ArrowUp", 38, ""),
    " ": ("Space", 32, " "),
}


class Page:
    """One page. `errors` are exceptions and console errors."""

    def __init__(self, socket):
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers = {}
        self.errors = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self):
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in self._socket:
                told = json.loads(text)
                if "id" in told:
                    self._answers.pop(told["id"]).set_result(told)
                elif told["method"] == "Runtime.exceptionThrown":
                    self.errors.append(told["params"]["exceptionDetails"])
                elif told["method"] == "Log.entryAdded" and told["params"]["entry"]["level"] == "error":
                    self.errors.append(told["params"]["entry"]["text"])

    async def send(self, method, **params):
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        told = await asyncio.wait_for(answer, 60)
        assert "error" not in told, told
        return told["result"]

    async def run(self, script):
        """The value of an expression; a promise is awaited."""
        told = await self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    async def until(self, condition):
        """Wait until an expression holds, looked at whenever the page is drawn anew; its value."""
        script = f"""new Promise((done, lost) => {{
            const late = setTimeout(() => lost(new Error("never: " + document.body.innerText.slice(-800))), 40000);
            const look = () => {{ const found = (() => {{ try {{ return {condition} }} catch {{ return null }} }})();
                if (found) {{ clearTimeout(late); done(found) }} else requestAnimationFrame(look) }};
            look();
        }})"""
        return await self.run(script)

    async def open(self, address):
        await self.send("Page.navigate", url=address)
        await self.until("document.readyState === 'complete'")

    async def key(self, name):
        code, number, text = KEYS[name]
        about = {"key": name, "code": code, "windowsVirtualKeyCode": number}
        await self.send("Input.dispatchKeyEvent", type="keyDown", **about, **({"text": text} if text else {}))
        await self.send("Input.dispatchKeyEvent", type="keyUp", **about)

    async def type(self, text):
        await self.send("Input.insertText", text=text)

    async def click(self, selector):
        """A mouse click in the middle of the element that an expression gives."""
        box = await self.until(
            f"(() => {{ const e = {selector}; e.scrollIntoView({{block: 'center'}});"
            " const b = e.getBoundingClientRect(); return b.width && {x: b.x + b.width / 2, y: b.y + b.height / 2} })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.send("Input.dispatchMouseEvent", type=kind, **box, button="left", clickCount=1)

    async def picture(self, selector=None):
        """The page as PNG, or the element that an expression gives, even beyond the window."""
        about = {"format": "png"}
        if selector is not None:
            box = (
                f"(() => {{ const b = {selector}.getBoundingClientRect();"
                " return [b.x + scrollX, b.y + scrollY, b.width, b.height] })()"
            )
            names = ("x", "y", "width", "height")
            about |= {"clip": {**dict(zip(names, await self.run(box), strict=True)), "scale": 1}}
        return base64.b64decode((await self.send("Page.captureScreenshot", **about))["data"])


@contextlib.asynccontextmanager
async def browser(folder, size=(1200, 900)):
    """A fresh Chromium with one empty page."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on this machine")
    process = await asyncio.create_subprocess_exec(
        program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--remote-debugging-port=0", f"--user-data-dir={folder / 'chromium'}", f"--window-size={size[0]},{size[1]}",
        "--hide-scrollbars", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(30):
            while b"DevTools listening on" not in (line := await process.stderr.readline()):
                assert line, "Chromium ended"
        port = line.decode().split("127.0.0.1:")[1].split("/")[0]
        drain = asyncio.create_task(process.stderr.read())
        async with httpx.AsyncClient() as http:
            pages = (await http.get(f"http://127.0.0.1:{port}/json")).json()
        address = next(page for page in pages if page["type"] == "page")["webSocketDebuggerUrl"]
        async with websockets.connect(address, max_size=None) as socket:
            page = Page(socket)
            for part in ("Page", "Runtime", "Log"):
                await page.send(f"{part}.enable")
            metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
            await page.send("Emulation.setDeviceMetricsOverride", **metrics)
            yield page
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
    await drain
