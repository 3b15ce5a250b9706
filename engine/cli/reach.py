"""What `easel doctor` finds over the network: Discord and its clock, the running Easel, the public address."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from engine.cli.findings import Finding, fail, ok, warn
from engine.drivers.midjourney.rest import is_here

_PATIENCE = 5.0
CLOCK_WARN, CLOCK_FAIL = 5.0, 25.0
"""Seconds. A message's time may differ from ours by 30 (model.correlation); before that, jobs are lost from sight."""
_UPTIME_TOLERANCE = 3.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered GET: `value` is its JSON, None when it is none; `skew` how far the other clock is ahead of ours."""

    status: int
    value: Any
    skew: float | None


async def ask(url: str, now: Callable[[], float] = time.time) -> Answer | str:
    """GET without any key or token; why it failed, in words."""
    try:
        async with httpx.AsyncClient(timeout=_PATIENCE, trust_env=not is_here(url)) as http:
            before = now()
            answer = await http.get(url)
            middle = (before + now()) / 2
    except (httpx.HTTPError, httpx.InvalidURL) as wrong:
        return type(wrong).__name__ + (f": {wrong}" if str(wrong) else "")
    try:
        value = answer.json()
    except ValueError:
        value = None
    return Answer(answer.status_code, value, _skew(answer.headers.get("Date"), middle))


def _skew(date: str | None, now: float) -> float | None:
    """Seconds that a Date header is ahead; it is cut to whole seconds, so half of one is added."""
    try:
        return None if date is None else parsedate_to_datetime(date).timestamp() + 0.5 - now
    except ValueError:
        return None


async def of_discord(api_urls: Iterable[str], *, needed: bool) -> list[Finding]:
    """Whether each address answers GET /gateway, and whether its clock agrees with ours.

    Args:
        api_urls: the distinct upstreams of the linked accounts, or the one of the settings.
        needed: whether accounts depend on it; else no answer is only a warning.
    """
    found = []
    for url in sorted(set(api_urls)):
        said = await ask(f"{url}/gateway")
        if isinstance(said, Answer) and said.status == httpx.codes.OK and "url" in (said.value or {}):
            found.append(ok("discord", f"{url} answers"))
            found.append(_of_clock(url, said.skew))
            continue
        words = f"{url} cannot be reached: {said}" if isinstance(said, str) else f"{url} answered {said.status}"
        mend = "see this machine's network, DNS and proxy, and EASEL_DISCORD_API_URL"
        found.append(fail("discord", words, mend) if needed else warn("discord", words, mend))
    return found


def _of_clock(url: str, skew: float | None) -> Finding:
    if skew is None:
        return warn("clock", f"{url} does not say what time it is", "compare this machine's clock by hand")
    apart = abs(skew)
    words = f"ours is {apart:.0f} s {'behind' if skew > 0 else 'ahead of'} that of {url}"
    if apart >= CLOCK_FAIL:
        return fail("clock", words, "set this machine's clock (NTP): jobs cannot be told apart by time")
    if apart >= CLOCK_WARN:
        return warn("clock", words, "set this machine's clock (NTP)")
    return ok("clock", f"agrees with {url}")


async def of_engine(pid: int | None, local_url: str) -> tuple[list[Finding], float | None]:
    """Whether the Easel that holds the folder answers; and its uptime."""
    if pid is None:
        return [warn("engine", "no Easel runs on this data folder", "start it: easel up")], None
    said = await ask(f"{local_url}/status")
    uptime = _uptime(said)
    if uptime is None:
        why = said if isinstance(said, str) else f"HTTP {said.status}"
        mend = "read its log; if it hangs, stop it (SIGTERM) and start it again"
        words = f"process {pid} holds the data folder but does not answer at {local_url}: {why}"
        return [fail("engine", words, mend)], None
    assert isinstance(said, Answer)
    state, version = said.value.get("state"), said.value.get("version")
    words = f"process {pid}, version {version}, {state}, answers at {local_url}"
    if state == "degraded":
        return [warn("engine", words, "see the other lines, and /status with a key")], uptime
    return [ok("engine", words)], uptime


async def of_public_address(public_url: str, uptime: float | None) -> list[Finding]:
    """Whether the address in every picture's link leads to this very Easel, by its `uptime` (None when it is down)."""
    if uptime is None:
        return [warn("public address", f"{public_url} is not tried while Easel is down", "start it: easel up")]
    alive = await ask(f"{public_url}/healthz")
    if not isinstance(alive, Answer) or alive.status != httpx.codes.OK:
        why = alive if isinstance(alive, str) else f"HTTP {alive.status}"
        mend = (
            "see EASEL_PUBLIC_URL and the proxy in front; a router may also refuse its own public address from inside"
        )
        return [fail("public address", f"{public_url}/healthz does not answer from here: {why}", mend)]
    theirs = _uptime(await ask(f"{public_url}/status"))
    if theirs is None or alive.value != {"alive": True}:
        return [fail("public address", f"something else than Easel answers at {public_url}", "see EASEL_PUBLIC_URL")]
    if abs(theirs - uptime) > _UPTIME_TOLERANCE:
        words = f"another Easel answers at {public_url}: it started at another time than this one"
        return [fail("public address", words, "see EASEL_PUBLIC_URL and the proxy in front")]
    return [ok("public address", f"{public_url} leads here")]


def _uptime(said: Answer | str) -> float | None:
    if not isinstance(said, Answer) or not isinstance(said.value, dict):
        return None
    uptime = said.value.get("uptime_seconds")
    return float(uptime) if isinstance(uptime, int | float) else None
