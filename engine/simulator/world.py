"""What exists and survives a restart: accounts, channels, messages, pictures' recipes and unfinished jobs."""

from __future__ import annotations

import secrets
from bisect import bisect_left, bisect_right, insort
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

from engine.simulator.append import AppendFile
from engine.simulator.ids import MIDJOURNEY, NIJI, Snowflakes, token
from engine.simulator.jobs import Job, Origin, Picture
from engine.simulator.people import HOURS, PLANS, Account, Channel
from engine.simulator.standing import SETTABLE, check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine.simulator.clock import Clock

_encode = msgspec.json.Encoder().encode
_PREVIEWS = 20_000  # progress pictures that stay reachable


class Message(msgspec.Struct):
    """A stored message: the body as REST gives it, and who alone may see it when it is ephemeral."""

    channel_id: str
    body: bytes
    only: str | None = None  # account id

    def read(self) -> dict[str, Any]:
        """The body as values."""
        return msgspec.json.decode(self.body)  # type: ignore[no-any-return]


class World:
    """All state, in memory, with a journal of what must survive. Progress edits are volatile."""

    def __init__(self, directory: Path, clock: Clock, *, history_limit: int) -> None:
        self.clock = clock
        self.snowflakes = Snowflakes()
        self.accounts: dict[str, Account] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, Message] = {}
        self.pictures: dict[str, Picture] = {}  # by attachment id
        self.unfinished: dict[str, Job] = {}  # by job uuid
        self._kept: dict[str, dict[str, bytes]] = {}  # kind → key → JSON
        self.origins: dict[str, bytes] = {}  # of finished jobs, by uuid; an encoded Origin each
        self.starts = 0
        self.secret = secrets.token_hex(32)
        self._by_token: dict[str, Account] = {}
        self._previews: deque[str] = deque(maxlen=_PREVIEWS)  # attachment ids, oldest first
        self._history_limit = history_limit
        self._path = directory / "state.jsonl"
        self._load()
        self._compact()
        self._journal = AppendFile(self._path)

    # accounts

    def account_of(self, presented: str | None) -> Account | None:
        """The account a token belongs to, unless it was revoked."""
        account = self._by_token.get(presented or "")
        return None if account is None or account.revoked else account

    def token_of(self, account: Account) -> str:
        """The account's token: the one it was given, or the derived one."""
        return account.given_token or token(account.user_id, self.secret)

    def create_account(self, wanted: dict[str, Any]) -> Account:
        """Make an account from the control call's values. Raises ValueError with what is wrong."""
        number = len(self.accounts) + 1
        account = Account(
            id=f"a{number}",
            name=wanted.get("name") or f"painter{number}",
            user_id=str(wanted.get("user_id") or self.new_id()),
            guild_id=str(wanted.get("guild_id") or self.new_id()),
            channel_id=str(wanted.get("channel_id") or self.new_id()),
            dm_channel_id=self.new_id(),
            given_token=wanted.get("token"),
        )
        known = self.channels.get(account.channel_id)
        if known is not None and known.guild_id != account.guild_id:
            raise ValueError("that channel belongs to another server: give its guild_id too")
        if any(other.user_id == account.user_id for other in self.accounts.values()):
            raise ValueError("that user_id is taken")
        given = {name: value for name, value in wanted.items() if name in SETTABLE and value is not None}
        extra = set(wanted) - set(SETTABLE) - {"user_id", "guild_id", "channel_id", "token"}
        if extra:
            raise ValueError(f"unknown values: {', '.join(sorted(extra))}")
        self.change_account(account, given)
        return account

    def change_account(self, account: Account, wanted: dict[str, Any]) -> None:
        """Set named values; a plan brings its concurrency and queue unless they are named too."""
        check(wanted)
        if "plan" in wanted:
            account.concurrency, account.queue = PLANS[wanted["plan"]]
            account.fast_hours = HOURS[wanted["plan"]]
        for name, value in wanted.items():
            setattr(account, name, value)
        self._register(account)
        self._note("account", account, now=True)

    def _register(self, account: Account) -> None:
        self.accounts[account.id] = account
        self._by_token[self.token_of(account)] = account
        account.niji_dm_channel_id = account.niji_dm_channel_id or self.new_id()
        for identity, guild, bot in (
            (account.channel_id, account.guild_id, MIDJOURNEY),
            (account.dm_channel_id, None, MIDJOURNEY),
            (account.niji_dm_channel_id, None, NIJI),
        ):
            channel = self.channels.setdefault(identity, Channel(identity, guild, bot))
            if account.id not in channel.members:
                channel.members.append(account.id)

    def note_account(self, account: Account) -> None:
        """Remember an account's values, without haste."""
        self._note("account", account)

    def dm(self, account: Account, bot: str) -> Channel:
        """The account's DM with one of the bots, open or not."""
        return self.channels[account.niji_dm_channel_id if bot == NIJI else account.dm_channel_id]

    def private(self, account: Account) -> list[Channel]:
        """The DMs that the account's clients list."""
        found = {account.dm_channel_id: account.dm_open, account.niji_dm_channel_id: account.niji_dm_open}
        return [self.channels[identity] for identity, is_open in found.items() if is_open]

    def set_clock(self, skew_ms: int) -> None:
        """Set how far Discord's clock is ahead of ours. Raises ValueError beyond a day."""
        before = self.clock.skew_ms
        self.clock.skew(skew_ms)
        if skew_ms < before:
            self.snowflakes.set_back()

    def new_id(self) -> str:
        """A fresh snowflake for now."""
        return self.snowflakes.next(self.clock.unix_ms())

    # messages

    def put(self, identity: str, message: Message, *, lasting: bool) -> None:
        """Store a new or changed message; `lasting` ones are journalled, ephemeral ones never."""
        new = identity not in self.messages
        self.messages[identity] = message
        if message.only is not None:
            return
        if new:
            ids = self.channels[message.channel_id].messages
            if ids and int(ids[-1]) > int(identity):
                insort(ids, identity, key=int)
            else:
                ids.append(identity)
            if len(ids) > self._history_limit:
                self.messages.pop(ids.pop(0), None)
        if lasting:
            self._note("message", {"id": identity, "channel": message.channel_id, "body": msgspec.Raw(message.body)})

    def remove(self, identity: str) -> None:
        """Delete a message for good."""
        message = self.messages.pop(identity, None)
        if message is None or message.only is not None:
            return
        ids = self.channels[message.channel_id].messages
        at = bisect_left(ids, int(identity), key=int)
        if at < len(ids) and ids[at] == identity:
            del ids[at]
        self._note("gone", identity)

    def history(
        self, channel: Channel, limit: int, *, before: int | None = None, after: int | None = None
    ) -> list[Message]:
        """Messages of a channel, newest first; with `after` the ones that follow it directly."""
        ids = channel.messages
        start = 0 if after is None else bisect_right(ids, after, key=int)
        end = len(ids) if before is None else bisect_left(ids, before, key=int)
        if after is not None:
            end = min(end, start + limit)
        chosen = ids[max(start, end - limit) : end]
        return [self.messages[identity] for identity in reversed(chosen)]

    # pictures and jobs

    def hang(self, attachment: str, picture: Picture, *, lasting: bool) -> None:
        """Make a picture reachable under an attachment id; previews do not outlive the process."""
        self.pictures[attachment] = picture
        if lasting:
            self._note("picture", {"attachment": attachment, "picture": picture})
            return
        if len(self._previews) == _PREVIEWS:
            self.pictures.pop(self._previews[0], None)
        self._previews.append(attachment)

    def open_job(self, job: Job) -> None:
        """Remember a job that must go on after a restart; in the file when this returns."""
        self.unfinished[job.uuid] = job
        self._note("job", job, now=True)

    def note_job(self, job: Job) -> None:
        """Remember how far a job is."""
        self._note("job", job)

    def close_job(self, job: Job) -> None:
        """The job needs nothing more."""
        if self.unfinished.pop(job.uuid, None) is not None:
            self._note("ended", job.uuid)

    def remember(self, job: Job) -> None:
        """Keep what the buttons of a finished job need."""
        self.origins[job.uuid] = _encode(
            Origin(
                job.prompt,
                job.recipe,
                verb=job.verb,
                model=job.model,
                words=job.words,
                account=job.account,
                message=job.final_id,
                seed=job.seed,
                mode=job.mode,
                form=job.form if job.verb.startswith("reroll") else None,
            )
        )
        self._note("origin", {"uuid": job.uuid, "origin": msgspec.Raw(self.origins[job.uuid])})

    def origin(self, uuid: str) -> Origin | None:
        """Prompt and recipe of a finished job."""
        kept = self.origins.get(uuid)
        return None if kept is None else msgspec.json.decode(kept, type=Origin)

    # whatever else must survive

    def keep(self, kind: str, key: str, value: bytes) -> None:
        """Keep a value (JSON) under a key of its kind."""
        self._kept.setdefault(kind, {})[key] = value
        self._note("kept", {"kind": kind, "key": key, "value": msgspec.Raw(value)})

    def unkeep(self, kind: str, key: str) -> None:
        """Forget a kept value."""
        if self._kept.get(kind, {}).pop(key, None) is not None:
            self._note("kept", {"kind": kind, "key": key})

    def kept(self, kind: str) -> Mapping[str, bytes]:
        """All that is kept of a kind, oldest first."""
        return self._kept.get(kind, {})

    # journal

    def _note(self, kind: str, value: Any, *, now: bool = False) -> None:
        self._journal.append(b'{"k":"%s","v":%s}' % (kind.encode(), _encode(value)), now=now)

    def _load(self) -> None:
        if not self._path.exists():
            return
        AppendFile(self._path).close()  # cuts a half-written end
        with self._path.open("rb") as file:
            for line in file:
                self._replay(msgspec.json.decode(line, type=_Note))
        for channel in self.channels.values():
            channel.messages.sort(key=int)

    def _replay(self, note: _Note) -> None:
        match note.k:
            case "world":
                facts = msgspec.json.decode(note.v)
                self.secret, self.starts = facts["secret"], facts["starts"]
            case "account":
                self._register(msgspec.json.decode(note.v, type=Account))
            case "message":
                row = msgspec.json.decode(note.v, type=_MessageNote)
                if row.id not in self.messages:
                    self.channels[row.channel].messages.append(row.id)
                self.messages[row.id] = Message(row.channel, bytes(row.body))
                self.snowflakes.never_below(row.id)
            case "gone":
                identity = msgspec.json.decode(note.v)
                message = self.messages.pop(identity, None)
                if message is not None:
                    self.channels[message.channel_id].messages.remove(identity)
            case "picture" | "origin" | "kept":
                self._replay_thing(note)
            case "job":
                job = msgspec.json.decode(note.v, type=Job)
                self.unfinished[job.uuid] = job
            case _:
                self.unfinished.pop(msgspec.json.decode(note.v), None)

    def _replay_thing(self, note: _Note) -> None:
        match note.k:
            case "picture":
                hung = msgspec.json.decode(note.v, type=_PictureNote)
                self.pictures[hung.attachment] = hung.picture
                self.snowflakes.never_below(hung.attachment)
            case "origin":
                kept = msgspec.json.decode(note.v, type=_OriginNote)
                self.origins[kept.uuid] = bytes(kept.origin)
            case _:
                row_kept = msgspec.json.decode(note.v, type=_KeptNote)
                values = self._kept.setdefault(row_kept.kind, {})
                if bytes(row_kept.value) == b"null":
                    values.pop(row_kept.key, None)
                else:
                    values[row_kept.key] = bytes(row_kept.value)

    def _compact(self) -> None:
        """Write the state as it is into a fresh journal and put it in the old one's place."""
        self.starts += 1
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        self._journal = AppendFile(fresh)
        self._journal.append(
            b'{"k":"world","v":%s}' % _encode({"secret": self.secret, "starts": self.starts}), now=True
        )
        for account in self.accounts.values():
            self._note("account", account, now=True)
        for channel in self.channels.values():
            for identity in channel.messages:
                body = msgspec.Raw(self.messages[identity].body)
                self._note("message", {"id": identity, "channel": channel.id, "body": body}, now=True)
        for attachment, picture in self.pictures.items():
            self._note("picture", {"attachment": attachment, "picture": picture}, now=True)
        for uuid, origin in self.origins.items():
            self._note("origin", {"uuid": uuid, "origin": msgspec.Raw(origin)}, now=True)
        for kind, values in self._kept.items():
            for key, value in values.items():
                self._note("kept", {"kind": kind, "key": key, "value": msgspec.Raw(value)}, now=True)
        for job in self.unfinished.values():
            self._note("job", job, now=True)
        self._journal.close()
        fresh.replace(self._path)

    def close(self) -> None:
        """Write what waits and close the journal."""
        self._journal.close()


class _Note(msgspec.Struct):
    k: str
    v: msgspec.Raw


class _MessageNote(msgspec.Struct):
    id: str
    channel: str
    body: msgspec.Raw


class _PictureNote(msgspec.Struct):
    attachment: str
    picture: Picture


class _KeptNote(msgspec.Struct):
    kind: str
    key: str
    value: msgspec.Raw = msgspec.Raw(b"null")


class _OriginNote(msgspec.Struct):
    uuid: str
    origin: msgspec.Raw
