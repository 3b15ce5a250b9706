"""The Discord bot beside the engine: how soon it answers, and what the life of a job's card costs."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench import machine
from bench.houses import Easel, Simulator
from bench.report import Section
from bench.runner import running
from tests.journeys.people import People, bot_settings

TITLE = "the Discord bot in Easel's process: first answers, and CPU of a card's life"
ART, WHO, AT_ONCE = "Studio/art", "member", 16
QUICK_JOB = {"job_ms": 400, "first_ms": 35, "progress_events": 2}
LONG_JOB = {"job_ms": 11_000, "first_ms": 100, "progress_events": 15}
RATE = 2.5
"""Cards a second, while the CPU is measured."""
LIFE = 18.0
"""Seconds from the last card's command until all of them surely show their picture."""
NOTE = """\
The bot's real `main()` runs in Easel's process; the simulator is Discord and Midjourney, over sockets. An answer's time
is taken by the simulator: from when it hands the interaction to its gateway until the callback reaches its request
handler, so that its own waiting is in it. Asked are in turn `/imagine`, `/queue`, the autocomplete of an aspect and a
button that opens a form; for the figures of 16 they are asked in the same moment, the next 16 a second later. The CPU
of a card is the difference of two runs of the same jobs at the same rate in the same time: asked with `/imagine`, and
over HTTP with nobody watching. What the engine looks up for the bot (rights, settings, expected time, cards) is in it,
and so is reading and sending the picture."""


@dataclass(frozen=True, slots=True)
class Used:
    """CPU seconds over one window."""

    easel: float
    simulator: float
    machine: float


def run(folder: Path, *, quick: bool) -> Section:
    section = Section("bot", TITLE)
    options: dict[str, Any] = {**QUICK_JOB, "picture_pool": 16, "picture_size": 1024, "community": True}
    house = running(folder, accounts=17, simulator=options, settings_of=bot_settings)
    with house as (simulator, easel):
        people = People(simulator)
        people.wait_connected(easel)
        people.connect(easel)
        asyncio.run(_answers(section, simulator, people, quick=quick))
        simulator.timing(**LONG_JOB)
        asyncio.run(_cards(section, simulator, easel, seconds=16 if quick else 48))
    section.notes.append(NOTE)
    return section


async def _answers(section: Section, simulator: Simulator, people: People, *, quick: bool) -> None:
    asked = people.slash(WHO, "imagine", prompt="the first fox")
    card = await asyncio.to_thread(people.result, WHO, asked)
    edit = next(
        button["custom_id"]
        for row in card["components"]
        for button in row["components"]
        if button.get("label") == "Edit and run again"
    )
    numbers = itertools.count()
    async with httpx.AsyncClient(base_url=simulator.control_url, timeout=30, limits=_many()) as control:

        async def ask(kind: int) -> tuple[str, float | None]:
            base = {"as": WHO, "channel": ART}
            path, name, body = (
                ("commands", "imagine", {"name": "imagine", "options": {"prompt": f"fox number {next(numbers)}"}}),
                ("commands", "queue", {"name": "queue", "options": {}}),
                ("completions", "autocomplete",
                 {"name": "imagine", "focused": "aspect", "options": {"prompt": "a fox", "aspect": "1"}}),
                ("presses", "form", {"message": card["id"], "component": edit}),
            )[kind]  # fmt: skip
            answer = await control.post(
                f"/discord/{path}", json=({} if path == "presses" else base) | {"as": WHO} | body
            )
            assert answer.status_code == 200, answer.text
            return name, answer.json()["ack_ms"]

        for kind in range(4):
            await ask(kind)
        alone = []
        for number in range(80 if quick else 400):
            alone.append(await ask(number % 4))
            await asyncio.sleep(0.05)
        _told(section, "one at a time", alone)
        together: list[tuple[str, float | None]] = []
        for _ in range(8 if quick else 40):
            began = time.monotonic()
            together += await asyncio.gather(*(ask(number % 4) for number in range(AT_ONCE)))
            await asyncio.sleep(max(0.0, 1 - (time.monotonic() - began)))
        _told(section, f"{AT_ONCE} in flight", together)


def _many() -> httpx.Limits:
    return httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)


def _told(section: Section, how: str, answers: list[tuple[str, float | None]]) -> None:
    times = [took for _, took in answers if took is not None]
    section.none(f"{how}: of {len(answers)} interactions unanswered", len(answers) - len(times))
    section.figure(f"{how}: interaction → first answer, p50", f"{machine.percentile(times, 0.5):.1f} ms")
    section.at_most(f"{how}: interaction → first answer, p99", machine.percentile(times, 0.99), 50, "ms")
    kinds = {
        name: machine.percentile([took for each, took in answers if each == name and took is not None], 0.5)
        for name in dict.fromkeys(name for name, _ in answers)
    }
    section.figure(f"{how}: p50 by kind", ", ".join(f"{name} {value:.1f}" for name, value in kinds.items()) + " ms")


async def _cards(section: Section, simulator: Simulator, easel: Easel, *, seconds: int) -> None:
    count = int(seconds * RATE)
    heads = {"Authorization": f"Bearer {easel.key}"}
    async with (
        httpx.AsyncClient(base_url=simulator.control_url, timeout=30) as control,
        httpx.AsyncClient(base_url=easel.url, timeout=30, headers=heads) as http,
    ):

        async def by_http(number: int) -> None:
            answer = await http.post("/api/v1/midjourney/imagine", json={"prompt": f"a quiet fox, number {number}"})
            assert answer.status_code == 200, answer.text

        async def by_command(number: int) -> None:
            body = {
                "as": WHO,
                "channel": ART,
                "name": "imagine",
                "options": {"prompt": f"a shown fox, number {number}"},
            }
            answer = await control.post("/discord/commands", json=body)
            assert answer.status_code == 200, answer.text

        before = _finished(easel)
        quiet = await _window(simulator, easel, by_http, count)
        section.none(f"over HTTP: of {count} jobs not done", count - (_finished(easel) - before))
        seen = simulator.tail("bot_request")
        seen.rows(wait=0.1)
        shown = await _window(simulator, easel, by_command, count)
        section.none(f"with cards: of {count} jobs not done", 2 * count - (_finished(easel) - before))
        section.none("cards that do not show their end", _open_cards(easel))
        calls = Counter(row["method"] for row in seen.rows(wait=0.2) if row["decision"] == "200")
        sent = await _last_picture(control)
    section.figure(
        "calls for a card",
        f"1 callback and {calls['PATCH'] / count:.1f} edits, the last with a picture of "
        f"{len(sent) / 1000:.0f} kB; {RATE:g} cards/s",
    )
    section.at_most("the bot: CPU of a card's life", (shown.easel - quiet.easel) / count * 1000, 5, "ms")
    section.figure("the engine beside it: CPU of the same job over HTTP", f"{quiet.easel / count * 1000:.2f} ms")
    simulators = (shown.simulator - quiet.simulator) / count * 1000
    section.figure(
        "the simulator beside it",
        f"{quiet.simulator / count * 1000:.2f} ms a job, {simulators:.2f} ms more with its card",
    )
    others = shown.machine - shown.easel - shown.simulator
    section.figure("everybody else on this machine meanwhile, this client too", f"{others:.1f} s of CPU")


async def _window(simulator: Simulator, easel: Easel, ask: Any, count: int) -> Used:
    """So many jobs at `RATE`, and `LIFE` seconds for the last of them."""
    first = _used(simulator, easel)
    began = time.monotonic()
    async with asyncio.TaskGroup() as asking:
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
            asking.create_task(ask(number))
    await asyncio.sleep(began + count / RATE + LIFE - time.monotonic())
    last = _used(simulator, easel)
    return Used(last.easel - first.easel, last.simulator - first.simulator, last.machine - first.machine)


def _used(simulator: Simulator, easel: Easel) -> Used:
    return Used(machine.cpu_seconds(easel.pid), machine.cpu_seconds(simulator.pid), machine.busy_seconds())


def _finished(easel: Easel) -> int:
    return int(easel.query("SELECT COUNT(*) FROM jobs WHERE state = 'DONE'")[0][0])


def _open_cards(easel: Easel) -> int:
    return int(easel.query("SELECT COUNT(*) FROM cards WHERE state <> 'delivered'")[0][0])


async def _last_picture(control: httpx.AsyncClient) -> bytes:
    """The file that the bot sent with the newest card."""
    answer = await control.get("/discord/messages", params={"as": WHO, "channel": ART})
    shown = next(
        each for each in reversed(answer.json()["messages"]) if each["embeds"] and each["embeds"][0].get("image")
    )
    return (await control.get(shown["embeds"][0]["image"]["url"])).content
