"""The recorded cards as a bot sends them to Discord, in both manners, with a picture for each file they name."""

from __future__ import annotations

import io
import json
import re
from functools import cache
from pathlib import Path

from engine.simulator.art import draw
from engine.simulator.jobs import Recipe

GOLDENS = sorted((Path(__file__).parent / "goldens").glob("*.json"))
SECOND = 1 << 15
_FILE = re.compile(r'"attachment://([^"]+)"')


@cache
def painted(extension):
    """A grid as the simulator draws it."""
    data = io.BytesIO()
    kind = {"jpg": "JPEG"}.get(extension, extension.upper())
    cells = tuple((f"palette {n % 2}", f"shapes {n}") for n in range(4))
    draw(Recipe("mountains", cells, (3, 2), "a red fox"), (960, 640)).save(data, kind)
    return data.getvalue()


def bodies(path):
    """What is sent for a recorded card: with an embed, and as Components V2. A preview elsewhere becomes a file."""
    card = json.loads(path.read_text().replace("https://cdn.example/", "attachment://"))
    embeds = [card["embed"]] if card["embed"] else []
    yield "embed", {"content": card.get("content") or "", "embeds": embeds, "components": card["components"]}
    if card["layout"]:
        yield "card", {"flags": SECOND, "components": card["layout"]}


def form(body, paint=painted):
    """What httpx is given for a body: multipart when it names files, which `paint` makes for their extension."""
    names = sorted(set(_FILE.findall(json.dumps(body))))
    if not names:
        return {"json": body}
    files = {f"files[{n}]": (name, paint(name.rpartition(".")[2])) for n, name in enumerate(names)}
    listed = [{"id": n, "filename": name} for n, name in enumerate(names)]
    return {"data": {"payload_json": json.dumps({**body, "attachments": listed})}, "files": files}
