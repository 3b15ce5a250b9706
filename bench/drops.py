"""Whether a completion is ever lost when everything that can go wrong at Discord does, all of it in one run."""

from __future__ import annotations

import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.flow import Flow
from bench.houses import Easel, Operator, Simulator, Tail
from bench.report import Section
from bench.runner import running
from bench.verdict import Verdict, evidence_of, judge, wait_settled

TITLE = "50 drops and troubles of every kind in one run, 300 jobs in flight"

# what is ordered for one drop: a fault of the opening strikes when the socket comes back from the one behind it
SOCKET = [
    *("tcp_cut", "op7", "op9_false", "op9_true", "heartbeat_not_acked", "half_open", "corrupt_zlib"),
    *(f"close_{code}" for code in (1000, 1001, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009, 4015)),
]
OPENING = {
    "resume_refused": "tcp_cut",
    "no_hello": "tcp_cut",
    "gateway_refused": "tcp_cut",
    "no_ready": "op9_false",
    "big_ready": "op9_false",
}
ANYBODY = ("no_hello", "gateway_refused")
"""They strike before the simulator knows who comes, so whichever socket opens next."""

# troubles of single jobs: before a submission is taken, and after
TROUBLES: dict[str, tuple[str, dict]] = {
    "429 of the user": ("rate_limited", {"retry_after": 0.5, "scope": "user"}),
    "429, global": ("rate_limited", {"retry_after": 0.5, "scope": "global"}),
    "429, shared": ("rate_limited", {"retry_after": 0.5, "scope": "shared"}),
    "429 of Cloudflare": ("cloudflare", {"retry_after": 0.5}),
    **{
        kind: (kind, {})
        for kind in (
            *("server_error", "reset", "timeout", "answer_dropped", "answer_late", "answer_5xx", "late_events"),
            *("missed_final", "delete_first", "final_late", "duplicated", "reordered", "queue_full", "silence"),
        )
    },
}
# what stops an account, until its owner has seen to it
FATAL = [
    *("unauthorized", "blocked", "captcha", "token_revoked", "identify_refused"),
    *(f"close_{code}" for code in (4004, 4010, 4011, 4012, 4013, 4014)),
]
ACCOUNTS = 220
DOOMED = 5
"""Accounts for each fatal kind; each is stopped and resumed again and again."""
MOST_SECONDS = 1200.0
JOB = {"job_ms": 6000, "first_ms": 300, "progress_events": 6, "picture_pool": 32, "picture_size": 64}
NOTE = """\
{accounts} accounts, each dropped several times in random ways, heartbeats every 2 s, while each meets one trouble of a
single job after the other, at the same time; a kind of the opening (no HELLO, no READY, RESUME refused, 503 to the
handshake, a READY of 2 MB) is ordered together with the drop before it. What is fatal strikes {doomed} further accounts
for each kind, which take jobs like all others; the operator resumes each once it stopped (after `token_revoked` when
the token is good again). *Back* is from the strike to the next READY or RESUMED by the ledger: Easel waits 0.5-1 s
before it connects again, twice as long after each drop that follows soon (each account is dropped again and again
here), 20 s for a HELLO and 60 s for a READY. A completion is lost when the ledger made a picture and Easel shows
another or none. Of a submission that was met by `silence`, or whose POST and session broke at once, nobody can tell
what became of it: it is left to the operator. The limit of a fast job is 120 s here (600 by default), so that this
shows itself sooner."""


def run(folder: Path, *, quick: bool) -> Section:
    section = Section("drops", TITLE)
    times = 4 if quick else 50
    accounts = 60 if quick else ACCOUNTS
    doomed = 1 if quick else DOOMED
    there = accounts + doomed * len(FATAL)
    options = {**JOB, "heartbeat_ms": 2000}
    with running(folder, accounts=there, simulator=options, COPY_PICTURES="no", LIMIT_FAST=120) as (outside, easel):
        storm = Storm(outside, easel, accounts, times)
        began = time.monotonic()
        with Flow(easel, 80 if quick else 300, words="a drop in the sea") as flow, Operator(easel) as operator:
            flow.wait_full()
            storm.blow(operator, began + MOST_SECONDS)
            flow.end()
            took = time.monotonic() - began
            outside.clear_faults()
            settling = wait_settled(easel, MOST_SECONDS)
            storm.calm(operator, there)
        verdict = judge(outside, easel, flow.answered)
        _tell(section, storm, verdict, times, f"in {took:.0f} s, settled {settling:.0f} s after")
        section.none("refused at the door", flow.problems)
        left = verdict.attention
        lines = evidence_of(easel, left)
    unmade = [job for job in left if not any(mark in verdict.finished for mark in job.marks)]
    section.figure(
        "left to the operator; of them with a picture in the ledger",
        f"{len(left)}, {len(left) / max(1, len(verdict.jobs)):.2%}; {len(left) - len(unmade)}",
        "0 with a picture",
        holds=len(left) == len(unmade),
    )
    why = Counter(job.note or "no word" for job in left)
    told = "\n".join(f"{count:5} {note}" for note, count in why.most_common())
    if left:
        section.blocks += [("What was left to the operator, by its note", told), ("Each with its evidence", lines)]
        print(told, flush=True)
    section.notes.append(NOTE.format(accounts=accounts, doomed=doomed))
    return section


@dataclass(slots=True)
class _Way:
    """One account's way through its drops."""

    kinds: list[str]
    now: str | None = None
    struck_us: int = 0
    refused: bool = False
    again: bool = False
    """The kind strikes a RESUME, and the socket came back by IDENTIFY: one more drop is due."""


@dataclass(slots=True)
class _Lot:
    """What one account meets, one after the other: troubles of single jobs, or its own end."""

    kinds: list[str]
    now: str | None = None
    order: str = ""
    stopped: bool = False


@dataclass(slots=True)
class _Seen:
    """How the engine says that its accounts are."""

    stopped: set[str] = field(default_factory=set)
    well: set[str] = field(default_factory=set)


class Storm:
    """All kinds, so many times each, over the accounts of one house; the first `sound` ones must never stop."""

    def __init__(self, outside: Simulator, easel: Easel, sound: int, times: int) -> None:
        self._outside = outside
        self._easel = easel
        names = [account["id"] for account in outside.accounts]
        sound_ones, doomed = names[:sound], names[sound:]
        self.drops = {name: _Way(kinds) for name, kinds in _dealt(sound_ones, [*SOCKET, *OPENING], times)}
        self.troubles = {name: _Lot(kinds) for name, kinds in _dealt(sound_ones, list(TROUBLES), times)}
        each = len(doomed) // len(FATAL)
        self.fates = {
            name: _Lot([FATAL[number // each]] * (times // each)) for number, name in enumerate(doomed)
        }  # one kind for each account, so that what it says can be held against it
        channels = {account["channel_id"]: account["id"] for account in outside.accounts}
        self._numbers = {channels[channel]: number for number, channel in easel.query(_CHANNELS)}
        self._names = {number: name for name, number in self._numbers.items()}
        self.back: dict[str, list[float]] = defaultdict(list)
        self.met: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self.innocent: set[str] = set()
        """Accounts that stopped though nothing fatal had struck them."""
        self.away: set[str] = set()
        """Accounts that are not connected after all."""

    @property
    def left(self) -> list[str]:
        """What has not struck yet, or was not overcome."""
        lots: Iterable[tuple[str, _Way | _Lot]] = [
            *self.drops.items(),
            *self.troubles.items(),
            *self.fates.items(),
        ]
        return [f"{name}: {lot.now}, {len(lot.kinds)} more" for name, lot in lots if lot.now or lot.kinds]

    def blow(self, operator: Operator, until: float) -> None:
        """Order everything, one of each sort at a time for each account, until all is through."""
        tail = self._outside.tail("fault", "gateway")
        looked_at = 0.0
        while self.left and time.monotonic() < until:
            self._at_sockets(tail)
            if time.monotonic() - looked_at >= 1.0:
                looked_at = time.monotonic()
                self._at_jobs_and_accounts(operator)

    def _at_sockets(self, tail: Tail) -> None:
        for name, way in self.drops.items():
            if way.now is None and way.kinds:
                self._drop(name, way)
        for row in tail.rows(wait=0.25):
            drop = self.drops.get(row.get("account") or "")
            if drop is not None:
                _follow(row, drop, self.back)
        for name, way in self.drops.items():
            if way.again:
                way.again = False
                self._outside.order("tcp_cut", account=name)

    def _at_jobs_and_accounts(self, operator: Operator) -> None:
        open_orders = {order["id"] for order in self._outside.open_faults()}
        for name, lot in self.troubles.items():
            self._trouble(name, lot, open_orders)
        seen = self._look()
        self.innocent |= seen.stopped - {name for name, lot in self.fates.items() if lot.now}
        for name, lot in self.fates.items():
            self._end(name, lot, seen, operator)

    def calm(self, operator: Operator, accounts: int) -> None:
        """Resume what is stopped still, and see whether everybody comes back."""
        end = time.monotonic() + 90
        while True:
            seen = self._look()
            for name in seen.stopped:
                self._outside.change_account(name, revoked=False)
                operator.resume(self._numbers[name])
            if len(seen.well) == accounts or time.monotonic() > end:
                self.away = set(self._numbers) - seen.well
                return
            time.sleep(2.0)

    def _look(self) -> _Seen:
        with self._easel.client() as client:
            listed = client.get("/status").raise_for_status().json()["workspace"]["accounts"]
        seen = _Seen()
        for each in listed:
            if each["state"] == "stopped":
                seen.stopped.add(self._names[each["id"]])
            elif each["live"]:
                seen.well.add(self._names[each["id"]])
        return seen

    def _drop(self, name: str, way: _Way) -> None:
        kind = way.now = way.kinds.pop()
        way.struck_us, way.refused = 0, False
        first = OPENING.get(kind)
        self._outside.order(kind, **({} if kind in ANYBODY else {"account": name}))
        if first:
            self._outside.order(first, account=name)

    def _trouble(self, name: str, lot: _Lot, open_orders: set[str]) -> None:
        if lot.now is not None and lot.order not in open_orders:
            self.met[lot.now] += 1
            lot.now = None
        if lot.now is None and lot.kinds:
            lot.now = lot.kinds.pop()
            kind, params = TROUBLES[lot.now]
            lot.order = self._outside.order(kind, account=name, params=params)

    def _end(self, name: str, lot: _Lot, seen: _Seen, operator: Operator) -> None:
        """An account of its own: struck, seen to stop, resumed, seen to come back."""
        if lot.now is None:
            if lot.kinds and name in seen.well:
                lot.now, lot.stopped = lot.kinds.pop(), False
                self._outside.order(lot.now, account=name)
                if lot.now == "identify_refused":
                    self._outside.order("op9_false", account=name)
        elif name in seen.stopped:
            if not lot.stopped:
                lot.stopped = True
                self.ended[lot.now] += 1
            self._outside.change_account(name, revoked=False)
            operator.resume(self._numbers[name])
        elif lot.stopped and name in seen.well:
            lot.now = None


_CHANNELS = "SELECT id, channel_id FROM accounts"


def _dealt(names: Sequence[str], kinds: Sequence[str], times: int) -> Iterator[tuple[str, list[str]]]:
    """Each kind for so many different accounts, in an order of each account's own.

    None twice for one: two silences in a row are a silent block, and would rightly stop it.
    """
    dice = random.Random(11)
    hands: dict[str, list[str]] = {name: [] for name in names}
    for kind in kinds:
        for name in dice.sample(list(names), times):
            hands[name].append(kind)
    for name, hand in hands.items():
        dice.shuffle(hand)
        yield name, hand


def _follow(row: dict, way: _Way, back: dict[str, list[float]]) -> None:
    """The ledger says that a socket was struck, or that a session was taken or resumed."""
    if way.now is None:
        return
    if row["kind"] == "fault":
        way.struck_us = way.struck_us or row["mono_us"]
    elif row["decision"] == "refused op9":
        way.refused = True
    elif row.get("op") in (2, 6) and row["decision"] == "accepted" and way.struck_us:
        if way.now == "resume_refused" and not way.refused:
            way.struck_us, way.again = 0, True
            return
        back[way.now].append((row["mono_us"] - way.struck_us) / 1e6)
        way.now = None


def _tell(section: Section, storm: Storm, verdict: Verdict, times: int, took: str) -> None:
    counts = [len(storm.back[kind]) for kind in (*SOCKET, *OPENING)]
    for name, found in (
        (f"drops, {took}", counts),
        ("troubles of single jobs", [storm.met[kind] for kind in TROUBLES]),
        ("fatal codes, each of which stopped its account", [storm.ended[kind] for kind in FATAL]),
    ):
        section.figure(
            name,
            f"{sum(found)}: {len(found)} kinds, {min(found)} to {max(found)} of each",
            f"{times} of each",
            holds=min(found) >= times,
        )
    section.none("that did not strike, or after which the account did not come back", storm.left)
    section.none("other accounts that stopped", storm.innocent)
    section.none("accounts that are not connected after all", storm.away)
    section.figure("jobs meanwhile", f"{verdict.done} done of {len(verdict.jobs)}")
    verdict.tell(section)
    table = [f"{'kind':22} {'drops':>5} {'back p50':>9} {'worst':>9}"]
    for kind in (*SOCKET, *OPENING):
        seconds = storm.back[kind] or [float("nan")]
        table.append(f"{kind:22} {len(storm.back[kind]):5} {statistics.median(seconds):7.1f} s {max(seconds):7.1f} s")
    section.blocks.append(("From the drop to READY or RESUMED", "\n".join(table)))
    print("\n".join(table), flush=True)
