"""How often a bot may call each route: Discord's buckets, their headers, and the limit over all of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from engine.simulator.clock import Clock

# reported, not documented: Discord tells them in headers only (discord-api-docs #2701, #3763, #7243)
_USUAL = {
    "POST /channels/{channel}/messages": (5, 5.0),
    "PATCH /channels/{channel}/messages/{message}": (5, 5.0),
    "DELETE /channels/{channel}/messages/{message}": (5, 1.0),
    "POST /webhooks/{application}/{token}": (5, 2.0),
    "PATCH /webhooks/{application}/{token}/messages/{message}": (5, 2.0),
}
_OTHER = (50, 1.0)
_GLOBAL = (50, 1.0)  # calls in seconds, interactions not counted (Discord's documentation)


@dataclass(slots=True)
class Bucket:
    """What is left of one limit until it is filled again."""

    limit: int
    seconds: float
    left: int
    reset: float  # monotonic

    def take(self, now: float) -> bool:
        """Use one call up."""
        if now >= self.reset:
            self.left, self.reset = self.limit, now + self.seconds
        if self.left <= 0:
            return False
        self.left -= 1
        return True


class Limits:
    """All buckets; the numbers may be changed while it runs."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.on = True
        self.rules: dict[str, tuple[int, float]] = dict(_USUAL)
        self._buckets: dict[str, Bucket] = {}
        self._all = Bucket(*_GLOBAL, 0, 0.0)

    def change(self, wanted: dict[str, Any]) -> None:
        """Take over `on` and rules by route, each `[calls, seconds]`. Raises ValueError with what is wrong."""
        rules = dict(self.rules)
        for route, rule in wanted.items():
            if route == "on":
                continue
            fits = isinstance(rule, list) and len(rule) == 2 and type(rule[0]) is int and rule[0] > 0
            if not fits or not isinstance(rule[1], int | float) or rule[1] <= 0:
                raise ValueError(f"the limit of {route!r} must be [calls, seconds], both above 0")
            rules[route] = (rule[0], float(rule[1]))
        if not isinstance(wanted.get("on", True), bool):
            raise ValueError("on must be true or false")  # noqa: TRY004 - it becomes a 400
        self.on = wanted.get("on", self.on)
        self.rules = rules
        self._buckets.clear()

    def told(self) -> dict[str, Any]:
        """The numbers as the control port shows them."""
        return {"on": self.on, **{route: [*rule] for route, rule in self.rules.items()}}

    def take(self, route: str, major: str, *, counted: bool) -> tuple[dict[str, str], float, str]:
        """Headers of the answer; seconds to wait when the limit is hit (else 0), and its scope.

        `major` is the channel, server or webhook that has a bucket of its own; `counted`: against the global limit.
        """
        now = Clock.monotonic_us() / 1e6
        rule = self.rules.get(route, _OTHER)
        bucket = self._buckets.get(f"{route}|{major}")
        if bucket is None:
            if len(self._buckets) > 10_000:
                self._buckets = {key: kept for key, kept in self._buckets.items() if kept.reset > now}
            bucket = self._buckets[f"{route}|{major}"] = Bucket(*rule, 0, 0.0)
        if not self.on:
            bucket.reset = 0.0
        elif counted and not self._all.take(now):
            return {}, self._all.reset - now, "global"
        free = bucket.take(now)
        after = bucket.reset - now
        headers = {
            "X-RateLimit-Limit": str(bucket.limit),
            "X-RateLimit-Remaining": str(bucket.left),
            "X-RateLimit-Reset": f"{self._clock.unix_ms() / 1000 + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": hashlib.md5(route.encode(), usedforsecurity=False).hexdigest(),
        }
        return headers, 0.0 if free else after, "user"
