"""The Discord bot beside the engine: how soon it answers, and what the life of a job's card costs."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec

from bench import machine
from bench.houses import Easel, Simulator
from bench.report import Section
from bench.runner import running
from tests.journeys.people import People, bot_settings

TITLE = "the Discord bot in Easel's process: first answers, and CPU of a card's life"
ART, WHO, AT_ONCE = "Studio/art", "member", 16
QUICK_JOB = {"job_ms": 400, "first_ms": 35, "progress_events": 2}
LONG_JOB = {"job_ms": 9_500, "first_ms": 100, "progress_events": 15}
ACCOUNTS = 40
RATES = (10.0, 2.5)
"""Cards a second, while the CPU is measured: a busy server, which the target is for, and a quiet one."""
LIFE = 16.0
"""Seconds from the last card's command until all of them surely show their picture."""
NOTE = """\
The bot's real `main()` runs in Easel's process; the simulator is Discord and Midjourney, over sockets. An answer's time
is taken by the simulator: from when it hands the interaction to its gateway until the callback reaches its request
handler, so that its own waiting is in it. Asked are in turn `/imagine`, `/queue`, the autocomplete of an aspect and a
button that opens a form; for the figures of 16 they are asked in the same moment, the next 16 a second later. The CPU
of a card is the difference of two runs of the same jobs at the same rate in the same time: asked with `/imagine`, and
over HTTP with nobody watching. What the engine looks up for the bot (rights, settings, expected time, cards) is in it,
and so is reading and sending the picture. The fewer cards a second, the colder are the processor's caches when the
next edit is due, and the dearer is each. discord.py alone (`bench/bare_bot.py`) defers and edits as often, with the
same card and a picture of the same size, by its public calls; it knows no jobs and looks nothing up."""


@dataclass(frozen=True, slots=True)
class Used:
    """CPU seconds over one window."""

    easel: float
    simulator: float
    machine: float


@dataclass(frozen=True, slots=True)
class Sent:
    """A finished card, and how many bytes its picture has."""

    message: dict[str, Any]
    size: int


def run(folder: Path, *, quick: bool) -> Section:
    section = Section("bot", TITLE)
    options: dict[str, Any] = {**QUICK_JOB, "picture_pool": 16, "picture_size": 1024, "community": True}
    house = running(folder, accounts=ACCOUNTS, simulator=options, settings_of=bot_settings)
    with house as (simulator, easel):
        people = People(simulator)
        people.wait_connected(easel)
        people.connect(easel)
        asyncio.run(_answers(section, simulator, people, quick=quick))
        simulator.timing(**LONG_JOB)
        for rate in RATES:
            card = asyncio.run(_cards(section, simulator, easel, rate, seconds=16 if quick else 48))
    _bare(section, folder / "bare", card, RATES[0], seconds=16 if quick else 48)
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


async def _cards(section: Section, simulator: Simulator, easel: Easel, rate: float, *, seconds: int) -> Sent:
    count = int(seconds * rate)
    at = f"{rate:g} cards/s"
    heads = {"Authorization": f"Bearer {easel.key}"}
    async with (
        httpx.AsyncClient(base_url=simulator.control_url, timeout=30) as control,
        httpx.AsyncClient(base_url=easel.url, timeout=30, headers=heads) as http,
    ):

        async def by_http(number: int) -> None:
            answer = await http.post("/api/v1/midjourney/imagine", json={"prompt": f"a quiet fox, number {number}"})
            assert answer.status_code == 200, answer.text

        async def by_command(number: int) -> None:
            await _ask(control, number)

        before = _finished(easel)
        quiet = await _window(simulator, easel, by_http, count, rate)
        section.none(f"{at}: over HTTP, of {count} jobs not done", count - (_finished(easel) - before))
        seen = simulator.tail("bot_request")
        seen.rows(wait=0.1)
        shown = await _window(simulator, easel, by_command, count, rate)
        section.none(f"{at}: of {count} jobs not done", 2 * count - (_finished(easel) - before))
        section.none(f"{at}: cards that do not show their end", _open_cards(easel))
        calls = Counter(row["method"] for row in seen.rows(wait=0.2) if row["decision"] == "200")
        sent = await _last_card(control)
    section.figure(
        f"{at}: calls for a card",
        f"1 callback and {calls['PATCH'] / count:.1f} edits, the last with a picture of {sent.size / 1000:.0f} kB",
    )
    cost = (shown.easel - quiet.easel) / count * 1000
    if rate == RATES[0]:
        section.at_most(f"{at}: CPU of a card's life", cost, 5, "ms")
    else:
        section.figure(f"{at}: CPU of a card's life", f"{cost:.2f} ms")
    section.figure(f"{at}: the engine's CPU of the same job over HTTP", f"{quiet.easel / count * 1000:.2f} ms")
    simulators = (shown.simulator - quiet.simulator) / count * 1000
    section.figure(
        f"{at}: the simulator beside it",
        f"{quiet.simulator / count * 1000:.2f} ms a job, {simulators:.2f} ms more with its card",
    )
    others = shown.machine - shown.easel - shown.simulator
    section.figure(f"{at}: everybody else on this machine meanwhile, this client too", f"{others:.1f} s of CPU")
    return sent


def _bare(section: Section, folder: Path, card: Sent, rate: float, *, seconds: int) -> None:
    """The same calls from discord.py alone."""
    count = int(seconds * rate)
    simulator = Simulator(folder, accounts=1, community=True)
    orders = folder / "orders.json"
    wanted = {"gateway_url": simulator.gateway_url, "card": card.message, "bytes": card.size}
    orders.write_bytes(msgspec.json.encode({**simulator.bot, **wanted}))
    bare = subprocess.Popen([sys.executable, "-m", "bench.bare_bot", str(orders)])
    try:
        used, edits = asyncio.run(_lives(simulator, bare.pid, count, rate))
    finally:
        bare.terminate()
        bare.wait()
        simulator.stop()
    section.figure(
        f"{rate:g} cards/s: the same calls by discord.py alone",
        f"{used / count * 1000:.2f} ms, with {edits / count:.1f} edits",
    )


async def _lives(simulator: Simulator, pid: int, count: int, rate: float) -> tuple[float, int]:
    """CPU seconds of the bare bot for so many cards, and its edits."""
    async with httpx.AsyncClient(base_url=simulator.control_url, timeout=30) as control:
        await _until_answered(control)
        await asyncio.sleep(LIFE)
        seen = simulator.tail("bot_request")
        seen.rows(wait=0.1)
        first = machine.cpu_seconds(pid)
        began = time.monotonic()
        async with asyncio.TaskGroup() as asking:
            for number in range(count):
                await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
                asking.create_task(_ask(control, number))
        await asyncio.sleep(began + count / rate + LIFE - time.monotonic())
        used = machine.cpu_seconds(pid) - first
        return used, sum(row["method"] == "PATCH" and row["decision"] == "200" for row in seen.rows(wait=0.2))


async def _until_answered(control: httpx.AsyncClient) -> None:
    """The bare bot is connected, and its command known."""
    async with asyncio.timeout(30):
        while True:
            answer = await control.post("/discord/commands", json=_command(0))
            if answer.status_code == 200 and answer.json()["ack_ms"] is not None:
                return
            await asyncio.sleep(0.5)


def _command(number: int) -> dict[str, Any]:
    return {"as": WHO, "channel": ART, "name": "imagine", "options": {"prompt": f"a shown fox, number {number}"}}


async def _ask(control: httpx.AsyncClient, number: int) -> None:
    answer = await control.post("/discord/commands", json=_command(number))
    assert answer.status_code == 200, answer.text


async def _window(simulator: Simulator, easel: Easel, ask: Any, count: int, rate: float) -> Used:
    """So many jobs at that rate, and `LIFE` seconds for the last of them."""
    first = _used(simulator, easel)
    began = time.monotonic()
    async with asyncio.TaskGroup() as asking:
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            asking.create_task(ask(number))
    await asyncio.sleep(began + count / rate + LIFE - time.monotonic())
    last = _used(simulator, easel)
    return Used(last.easel - first.easel, last.simulator - first.simulator, last.machine - first.machine)


def _used(simulator: Simulator, easel: Easel) -> Used:
    return Used(machine.cpu_seconds(easel.pid), machine.cpu_seconds(simulator.pid), machine.busy_seconds())


def _finished(easel: Easel) -> int:
    return int(easel.query("SELECT COUNT(*) FROM jobs WHERE state = 'DONE'")[0][0])


def _open_cards(easel: Easel) -> int:
    return int(easel.query("SELECT COUNT(*) FROM cards WHERE state <> 'delivered'")[0][0])


async def _last_card(control: httpx.AsyncClient) -> Sent:
    """The newest finished card, and the size of the file that the bot sent with it."""
    answer = await control.get("/discord/messages", params={"as": WHO, "channel": ART})
    shown = next(
        each for each in reversed(answer.json()["messages"]) if each["embeds"] and each["embeds"][0].get("image")
    )
    return Sent(shown, len((await control.get(shown["embeds"][0]["image"]["url"])).content))
