"""What each kind of trouble has to end in: one row for each, and for some kinds one for each of their forms."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.simulator.faults import CLOSE_CODES, OPENING, SOCKET


@dataclass(frozen=True)
class Case:
    """One trouble in a workspace of its own. `end`, `reason`, `says` and `submissions` are of the job that it struck.

    A trouble that `stops` the account finds a second one there; `resumed` says that its owner lets it go on afterwards.
    """

    kind: str
    params: dict = field(default_factory=dict)
    count: int = 1
    more: tuple[dict, ...] = ()
    end: str = "DONE"
    reason: str | None = None
    says: str = ""
    submissions: int = 1
    stops: str | None = None
    resumed: bool = False
    lost: bool = False
    second: bool = False
    press: bool = False

    @property
    def accounts(self) -> int:
        return 2 if self.stops or self.second else 1

    @property
    def orders(self) -> list[dict]:
        first = {"kind": self.kind, "count": self.count, **self.params}
        if self.kind in SOCKET:
            first["on"] = "MESSAGE_UPDATE"
        orders = [first, *self.more]
        if self.kind in OPENING and not self.more:
            orders.append(CUT)
        return orders


CUT = {"kind": "tcp_cut", "on": "MESSAGE_UPDATE"}
END_OF_SESSION = {"kind": "op9_false", "on": "MESSAGE_UPDATE"}
UNHEARD = {"kind": "missed_final"}
AGAIN = {"submissions": 2}  # the first one is proven absent, or was refused
FATAL = {4004: "token", **dict.fromkeys(range(4010, 4015), "gateway")}


def _closed_with(code: int) -> Case:
    if code in FATAL:
        return Case(f"close_{code}", stops=FATAL[code], resumed=True)
    return Case(f"close_{code}")


CASES: dict[str, Case] = {
    # refused, or never taken: evidence first, then once more
    "rate_limited": Case("rate_limited", {"retry_after": 0.7}, **AGAIN),
    "rate_limited_user": Case("rate_limited", {"retry_after": 0.7, "scope": "user"}, **AGAIN),
    "rate_limited_global": Case("rate_limited", {"retry_after": 0.7, "scope": "global"}, **AGAIN),
    "cloudflare": Case("cloudflare", {"retry_after": 1}, **AGAIN),
    "cloudflare_without_a_word": Case("cloudflare", stops="blocked", says="Cloudflare", **AGAIN),
    "server_error": Case("server_error", **AGAIN),
    "server_error_504": Case("server_error", {"status": 504}, **AGAIN),
    "reset": Case("reset", **AGAIN),
    "timeout": Case("timeout", **AGAIN),
    "unauthorized": Case("unauthorized", stops="token", says="revoked", **AGAIN),
    "blocked": Case("blocked", stops="blocked", says="anti-abuse", **AGAIN),
    "missing_access": Case("missing_access", stops="access", says="50001", **AGAIN),
    "captcha": Case("captcha", stops="captcha", says="a person", **AGAIN),
    "message_gone": Case("message_gone", {"match": "MJ::JOB"}, end="FAILED", reason="gone", press=True),
    "outdated": Case("outdated", second=True, **AGAIN),
    # accepted, but the answer is lost: never again
    "answer_dropped": Case("answer_dropped"),
    "answer_late": Case("answer_late", {"delay_ms": 3000}),
    "answer_5xx": Case("answer_5xx"),
    "answer_5xx_and_late_events": Case("answer_5xx", more=({"kind": "late_events", "delay_ms": 5000},)),
    # heard late, twice, out of order, in odd forms, or not at all
    "late_events": Case("late_events", {"delay_ms": 2500}, count=4),
    "integer_nonces": Case("integer_nonces", count=4),
    "partial_updates": Case("partial_updates", count=4),
    "missed_final": Case("missed_final", count=4),
    "duplicated": Case("duplicated", count=4),
    "reordered": Case("reordered", count=4),
    "delete_first": Case("delete_first", {"delay_ms": 2500}, count=4),
    "final_late": Case("final_late", {"delay_ms": 2500}, count=4),
    "read_error": Case("read_error", {"match": "/messages"}, count=2, more=(UNHEARD,)),
    # Midjourney says something else
    "queue_full": Case("queue_full", **AGAIN),
    "embed": Case("embed", {"title": "Banned prompt detected"}, end="FAILED", reason="content", says="Banned prompt"),
    "embed_as_update": Case(
        "embed", {"title": "Invalid parameter", "where": "update"}, end="FAILED", reason="prompt", says="Invalid"
    ),
    "embed_that_blocks": Case(
        "embed", {"title": "Blocked"}, end="FAILED", reason="account", says="Blocked", stops="blocked"
    ),
    "embed_whose_footer_declines": Case(
        "embed",
        {"title": "Sorry, something went wrong", "footer": "decline-abcdef"},
        end="FAILED",
        reason="content",
        says="moderation rejects",
    ),
    "embed_that_nobody_knows": Case("embed", {"title": "Moon phase"}, end="NEEDS_ATTENTION", says="Moon phase"),
    "content": Case("content", end="FAILED", reason="transient", says="Failed to process your command"),
    "content_that_nobody_knows": Case("content", {"text": "The moon is full"}, end="NEEDS_ATTENTION", says="moon"),
    "interaction_failure": Case("interaction_failure", end="NEEDS_ATTENTION", says="deadline"),
    "silence": Case("silence", end="NEEDS_ATTENTION", says="deadline"),
    "appeal": Case("appeal", end="FAILED", reason="content", says="Action needed to continue"),
    "captcha_frame": Case("captcha_frame", end="FAILED", reason="account", says="Action required", stops="captcha"),
    "unknown_button": Case("unknown_button"),
    # the socket
    "tcp_cut": Case("tcp_cut"),
    "op7": Case("op7"),
    "op9_false": Case("op9_false"),
    "op9_true": Case("op9_true"),
    "heartbeat_not_acked": Case("heartbeat_not_acked"),
    "half_open": Case("half_open"),
    "corrupt_zlib": Case("corrupt_zlib"),
    "server_heartbeat": Case("server_heartbeat"),
    "token_revoked": Case("token_revoked", end="NEEDS_ATTENTION", says="deadline", stops="token", lost=True),
    **{f"close_{code}": _closed_with(code) for code in CLOSE_CODES},
    # the way back
    "resume_refused": Case("resume_refused"),
    "no_hello": Case("no_hello"),
    "gateway_refused": Case("gateway_refused", count=3),
    "no_ready": Case("no_ready", more=(END_OF_SESSION,)),
    "big_ready": Case("big_ready", more=(END_OF_SESSION,)),
    "identify_refused": Case("identify_refused", more=(END_OF_SESSION,), stops="token", resumed=True),
}

# these need a click, a form or the page of a painted region; the last would strike every workspace of the house
_BOTS = "../simulator/test_bot_places.py"

ELSEWHERE = {
    "slow_down": "test_button_troubles.py",
    "unexpected_modal": "test_remix_buttons.py",
    "no_modal": "test_remix_buttons.py",
    "cancel_vanishes": "test_button_troubles.py",
    "page_error": "test_region_buttons.py",
    "version_bumped": "test_unknown_things.py",
    **dict.fromkeys(("bot_rate_limited", "bot_server_error", "bot_reset", "bot_answer_dropped"), _BOTS),
    **dict.fromkeys(("bot_answer_late", "bot_refused"), _BOTS),
}
"""Kind of trouble → the journeys in which it is met."""
