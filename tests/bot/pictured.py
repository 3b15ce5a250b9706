"""`python -m tests.bot.pictured`: the docs' pictures of cards, drawn by the page /simulator from recorded payloads.

Beside them `drawn.json` says from which payloads they were drawn; `test_pictured.py` holds it against those of now.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
from PIL import Image

from engine.simulator import Simulator, SimulatorOptions
from engine.simulator.art import draw, soften
from engine.simulator.botside.places import Person
from engine.simulator.jobs import Recipe
from tests.bot.wire import bodies, form
from tests.journeys.recorded import PERSON
from tests.simulator.browser import browser

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
DIGESTS = PICTURES / "drawn.json"
MOST_BYTES = 150_000
_GAP, _BACK = 16, (49, 51, 56)
_CELLS = (("palette 4", "shapes 1"), ("palette 2", "shapes 6"), ("palette 7", "shapes 8"), ("palette 9", "shapes 3"))


@dataclass(frozen=True)
class Shown:
    """A recorded card: its file, in which manner ("embed" or "card"), and which art stands in its picture."""

    path: str
    manner: str = "embed"
    art: str = "grid"

    def digest(self) -> str:
        return hashlib.sha256((ROOT / self.path).read_bytes()).hexdigest()

    def body(self) -> dict:
        if self.path.startswith("tests/journeys/"):
            return json.loads((ROOT / self.path).read_text())
        return dict(bodies(ROOT / self.path))[self.manner]


JOURNEY, GOLDENS = "tests/journeys/cards", "tests/bot/goldens"
DRAWN: dict[str, tuple[tuple[Shown, ...], ...]] = {
    "journey": (
        (Shown(f"{JOURNEY}/running.json", art="preview"),),
        (Shown(f"{JOURNEY}/grid.json"),),
        (Shown(f"{JOURNEY}/single.json", art="single"),),
    ),
    "states": (
        (Shown(f"{GOLDENS}/queued.json"), Shown(f"{GOLDENS}/private.json")),
        (Shown(f"{GOLDENS}/unknown.json"), Shown(f"{GOLDENS}/cancelled.json")),
    ),
    "layouts": (
        (Shown(f"{GOLDENS}/grid.json", "card"),),
        (Shown(f"{GOLDENS}/spoiler.json", "card"),),
    ),
}
"""Each picture's columns, from left to right, each from top to bottom."""


def digests() -> dict[str, dict[str, str]]:
    """What each picture is drawn from, by now."""
    return {
        name: {each.path: each.digest() for column in columns for each in column} for name, columns in DRAWN.items()
    }


def painted(art: str, extension: str) -> bytes:
    """A picture as Midjourney's stand-in paints it: four, the second of them, or four half done."""
    cells = _CELLS[1:2] if art == "single" else _CELLS
    picture = draw(Recipe("mountains", cells, (16, 9), "a red fox"), (1024, 576))
    if art == "preview":
        picture = soften(picture, (512, 288), 50).resize((1024, 576))
    data = io.BytesIO()
    picture.save(data, "WEBP" if extension == "webp" else "PNG")
    return data.getvalue()


async def main() -> None:
    """Draw them all anew."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        async with Simulator(SimulatorOptions(state_dir=Path(work) / "state", community=True)) as simulator:
            side = simulator.bot_side
            side.limits.on = False
            side.town.save_person(Person(id=PERSON, name="mira"))
            headers = {"Authorization": f"Bot {side.described()['token']}"}
            art = next(c for c in side.town.channels.values() if c.name == "art")
            async with (
                httpx.AsyncClient(base_url=simulator.bot_api_url, headers=headers) as rest,
                browser(Path(work), size=(840, 1600)) as page,
            ):
                dark = [{"name": "prefers-color-scheme", "value": "dark"}]
                await page.send("Emulation.setEmulatedMedia", features=dark)
                await page.open(f"{simulator.control_url}/simulator")
                for name, columns in DRAWN.items():
                    parts = [[await _card(page, rest, art.id, each) for each in column] for column in columns]
                    _laid_out(parts).save(PICTURES / f"{name}.webp", "WEBP", quality=82, method=6)
    DIGESTS.write_text(json.dumps(digests(), indent=1) + "\n")


async def _card(page, rest, channel_id, shown: Shown) -> Image.Image:
    text = re.sub(r"<t:\d+:R>", f"<t:{int(time.time()) - 21}:R>", json.dumps(shown.body(), ensure_ascii=False))
    given = form(json.loads(text), lambda extension: painted(shown.art, extension))
    sent = await rest.post(f"/channels/{channel_id}/messages", **given)
    assert sent.status_code == 200, sent.text
    number = sent.json()["id"]
    card = f"document.getElementById('m{number}')"
    await page.until(f"{card} && [...{card}.querySelectorAll('img')].every((i) => i.naturalWidth)")
    await page.run(f"{card}.scrollIntoView({{block: 'start'}})")
    picture = Image.open(io.BytesIO(await page.picture(card))).convert("RGB")
    await rest.delete(f"/channels/{channel_id}/messages/{number}")
    return picture


def _laid_out(columns: list[list[Image.Image]]) -> Image.Image:
    """Beside and below each other, on the page's own background."""
    width = sum(column[0].width for column in columns) + _GAP * (len(columns) + 1)
    height = max(sum(each.height + _GAP for each in column) for column in columns) + _GAP
    whole = Image.new("RGB", (width, height), _BACK)
    left = _GAP
    for column in columns:
        top = _GAP
        for each in column:
            whole.paste(each, (left, top))
            top += each.height + _GAP
        left += column[0].width + _GAP
    return whole


if __name__ == "__main__":
    asyncio.run(main())
