"""Which troubles can be ordered, when an ordered one strikes, and whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# strike a POST /interactions before it is accepted: nothing runs
DOOR = {
    "rate_limited": "429 with retry_after (params: retry_after, scope user|global|shared)",
    "cloudflare": "429 in HTML without Via (params: retry_after)",
    "server_error": "5xx, not accepted (params: status)",
    "reset": "TCP reset before acceptance",
    "timeout": "never answered, not accepted",
    "unauthorized": "401",
    "blocked": "403/10008, anti-abuse",
    "missing_access": "403/50001",
    "message_gone": "404/10008",
    "captcha": "400 with captcha_key",
    "outdated": "400/50035 stale command version",
    "version_bumped": "every command gets a new version: 400/50035 from now on until the index is read again",
}
# change what follows an accepted interaction
JOB = {
    "answer_dropped": "accepted, events flow, TCP reset instead of the 204",
    "answer_late": "accepted, events flow, the 204 comes after params.delay_ms (default 6000)",
    "answer_5xx": "accepted, events flow, 502 instead of the 204",
    "late_events": "every event of the job comes params.delay_ms (default 2000) after the history has it",
    "integer_nonces": "the job's frames carry the nonce as a number",
    "partial_updates": "MESSAGE_UPDATE holds the id and what changed, and no author",
    "missed_final": "the final is only in the history",
    "duplicated": "each message event twice, the second with a new s",
    "reordered": "another order (params.order: final_before_progress, delete_before_final, "
    "success_before_create, final_before_204; without it one after the other)",
    "delete_first": "progress deleted first, the final params.delay_ms later (default 2000)",
    "final_late": "the final comes params.delay_ms (default 2000) later than it would",
    "queue_full": "answered by Queue full",
    "embed": "answered by an embed (params: title, description, color, footer, where create|update|reply)",
    "appeal": "answered by Action needed to continue with its Appeal button",
    "slow_down": "answered by Slow Down!, a reply to the clicked message",
    "captcha_frame": "answered by a captcha page: INTERACTION_IFRAME_MODAL_CREATE, Action required to continue",
    "unexpected_modal": "the click asks back although Remix is off",
    "no_modal": "the result comes at once although a form was due",
    "unknown_button": "the final has one more button (params: custom_id, where {uuid} is the job, and label)",
    "cancel_vanishes": "a cancelled job's progress message is deleted instead of saying (Stopped)",
    "content": "answered by plain words (params.text)",
    "interaction_failure": "INTERACTION_FAILURE instead of a message",
    "silence": "INTERACTION_CREATE and SUCCESS, then nothing",
}
# strike a GET that needs the token
READ = {"read_error": "5xx (params: status, default 503); match is looked for in the path"}
# strike the page's own server when a painted region is handed in
PAGE = {"page_error": "5xx from the page (params: status, default 502; accepted: the job runs all the same)"}
# strike a gateway connection
SOCKET = {
    "tcp_cut": "TCP reset",
    "op7": "RECONNECT",
    "op9_false": "INVALID_SESSION, not resumable",
    "op9_true": "INVALID_SESSION, resumable",
    "heartbeat_not_acked": "no ACK on this socket any more",
    "half_open": "socket stays, nothing is sent or answered",
    "corrupt_zlib": "the next frame is broken deflate (plain sockets are reset)",
    "server_heartbeat": "op 1 from the server",
    "token_revoked": "the token is dead from now on: 401, and close code 4004",
}
# strike the next connection, IDENTIFY or RESUME (before those Discord cannot know the account, except by the address
# that READY gave it for RESUME)
OPENING = {
    "resume_refused": "RESUME gets op 9 false",
    "no_hello": "connected, no HELLO",
    "no_ready": "IDENTIFY is never answered",
    "identify_refused": "IDENTIFY gets close 4004",
    "big_ready": "READY of params.bytes (default 2000000)",
    "gateway_refused": "the WebSocket handshake gets 503",
}
# strike a call of the bot; match is looked for in "METHOD /path" below the API's base
BOT = {
    "bot_rate_limited": "429, nothing done (params: retry_after, scope user|global|shared)",
    "bot_server_error": "5xx, nothing done (params: status, default 502)",
    "bot_refused": "refused (params: status, default 403, code, message)",
    "bot_reset": "TCP reset, nothing done",
    "bot_answer_dropped": "done, TCP reset instead of the answer",
    "bot_answer_late": "done, the answer comes after params.delay_ms (default 6000)",
}
CLOSE_CODES = [1000, 1001, *(4000 + n for n in (0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15))]
SOCKET.update({f"close_{code}": f"close code {code}" for code in CLOSE_CODES})
KINDS: dict[str, str] = {**DOOR, **JOB, **READ, **PAGE, **BOT, **SOCKET, **OPENING}
ORDERS = ("final_before_progress", "delete_before_final", "success_before_create", "final_before_204")


@dataclass(slots=True)
class Fault:
    """One order: `count` strikes on `account` (None = any) where `match` is found in prompt or custom id.

    `after_ms` (real time) is how long it sleeps before it can strike; for a socket fault it is also the pause
    between two strikes. A socket fault with `match` or params.on strikes when such a frame is about to leave.
    """

    id: str
    kind: str
    account: str | None = None
    match: str | None = None
    count: int = 1
    after_ms: float = 0
    params: dict[str, Any] = field(default_factory=dict)
    active_from_us: int = 0
    struck: int = 0

    @property
    def left(self) -> int:
        """Strikes that are still to come."""
        return self.count - self.struck

    def told(self) -> dict[str, Any]:
        """The order as the control port shows it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "account": self.account,
            "match": self.match,
            "count": self.count,
            "left": self.left,
            "after_ms": self.after_ms,
            **self.params,
        }


class Faults:
    """The orders that are in force."""

    def __init__(self) -> None:
        self._orders: dict[str, Fault] = {}
        self._given = 0

    def order(self, wanted: dict[str, Any], now_us: int) -> Fault:
        """Take an order. Raises ValueError with what is wrong."""
        kind = wanted.get("kind")
        if kind not in KINDS:
            raise ValueError(f"unknown kind {kind!r}; allowed are {', '.join(sorted(KINDS))}")
        count, after = wanted.get("count", 1), wanted.get("after_ms", 0)
        if type(count) is not int or count < 1:
            raise ValueError("count must be a whole number from 1")
        if isinstance(after, bool) or not isinstance(after, int | float) or after < 0:
            raise ValueError("after_ms must be a number ≥ 0")
        named = {"kind", "account", "match", "count", "after_ms", "params"}
        params = {**(wanted.get("params") or {}), **{k: v for k, v in wanted.items() if k not in named}}
        if kind == "reordered" and params.get("order") not in (None, *ORDERS):
            raise ValueError(f"order must be one of {', '.join(ORDERS)}")
        self._given += 1
        fault = Fault(
            id=f"f{self._given}",
            kind=kind,
            account=wanted.get("account"),
            match=wanted.get("match"),
            count=count,
            after_ms=float(after),
            params=params,
            active_from_us=now_us + int(after * 1000),
        )
        self._orders[fault.id] = fault
        return fault

    def strike(self, kinds: dict[str, str], account: str, text: str, now_us: int) -> Iterator[Fault]:
        """Use up and yield the orders of these kinds that hit, at most one of each kind."""
        if not self._orders:
            return
        hit: set[str] = set()
        for fault in list(self._orders.values()):
            if fault.kind in kinds and fault.kind not in hit and self._hits(fault, account, text, now_us):
                hit.add(fault.kind)
                self.use(fault)
                yield fault

    @staticmethod
    def _hits(fault: Fault, account: str, text: str, now_us: int) -> bool:
        return (
            fault.left > 0
            and fault.account in (None, account)
            and (fault.match is None or fault.match in text)
            and now_us >= fault.active_from_us
        )

    def use(self, fault: Fault) -> None:
        """Count one strike; an order that is used up is gone."""
        fault.struck += 1
        if fault.left <= 0:
            self._orders.pop(fault.id, None)

    def on_frames(self) -> list[Fault]:
        """Socket orders that wait for a certain frame."""
        return [f for f in self._orders.values() if f.kind in SOCKET and (f.match is not None or "on" in f.params)]

    def holds(self, fault: Fault) -> bool:
        """Whether the order is still in force."""
        return fault.id in self._orders

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._orders.values()))

    def __bool__(self) -> bool:
        return bool(self._orders)

    def cancel(self, identity: str | None = None) -> int:
        """Drop one order or all; how many there were."""
        if identity is None:
            count = len(self._orders)
            self._orders.clear()
            return count
        return 0 if self._orders.pop(identity, None) is None else 1
