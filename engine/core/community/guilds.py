"""Which servers of Discord are bound to which workspace, by whom, with which settings; and who their operators are."""

from __future__ import annotations

import base64
import hashlib
import secrets as randomness
from dataclasses import dataclass, replace
from datetime import datetime

from engine.core.community.minutes import minute, worded
from engine.model.community.guilds import CODE_LIVES, ConnectCode, Guild, GuildSettings, Operator, checked
from engine.model.community.people import checked_id, requester_of
from engine.model.errors import InvalidInput, NotFound
from engine.ports import Clock, Store

_BYTES = 10
_GROUP = 4
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class NewCode:
    """A one-time code; known only now."""

    code: str
    expires_at: datetime


def _digest_of(code: str) -> str:
    plain = "".join(char for char in code.upper() if char.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


class Guilds:
    """The bound servers and the operators of all workspaces."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def code(self, workspace_id: str) -> NewCode:
        """A code that binds one server to the workspace, once, within an hour; whoever uses it becomes an operator."""
        drawn = base64.b32encode(randomness.token_bytes(_BYTES)).decode()
        code = "-".join(drawn[at : at + _GROUP] for at in range(0, len(drawn), _GROUP))
        now = self._clock.now()
        kept = ConnectCode(
            digest=_digest_of(code), workspace_id=workspace_id, created_at=now, expires_at=now + CODE_LIVES
        )
        await self._store.add_code(kept)
        return NewCode(code, kept.expires_at)

    async def connect(self, code: str, *, guild_id: str, name: str, user_id: str) -> Guild:
        """Bind a server by a code, and make whoever used it an operator. A server that was bound keeps its settings.

        Raises:
            NotFound: the code is unknown, used, or over.
            Conflict: the server is bound to another workspace.
        """
        now = self._clock.now()
        guild = Guild(
            guild_id=checked_id("guild_id", guild_id),
            workspace_id="",
            name=name[:LONGEST_NAME],
            connected_at=now,
            connected_by=checked_id("user_id", user_id),
        )
        said = minute("", requester_of(user_id), "server connected", now, after=f"{guild_id} {guild.name}")
        found = await self._store.connect_guild(_digest_of(code), guild, said)
        if found is None:
            raise NotFound("this code is not known, was used, or is over")
        return found

    async def connected(self) -> list[Guild]:
        """The bound servers of all workspaces."""
        return await self._store.guilds()

    async def of(self, workspace_id: str) -> list[Guild]:
        """The bound servers of one workspace."""
        return await self._store.guilds(workspace_id)

    async def guild(self, guild_id: str) -> Guild | None:
        """A server, if it is bound."""
        return await self._store.guild(guild_id)

    async def named(self, workspace_id: str, guild_id: str) -> Guild:
        """A bound server of the workspace.

        Raises:
            NotFound: there is no such server.
        """
        found = await self._store.guild(guild_id)
        if found is None or found.workspace_id != workspace_id:
            raise NotFound("no such server is connected")
        return found

    async def settle(self, workspace_id: str, guild_id: str, settings: GuildSettings, who: str) -> Guild:
        """Give a server other settings, all of them.

        Raises:
            NotFound: there is no such server.
            InvalidInput: a value is not allowed.
        """
        wanted = checked(settings)
        if wanted.default_style is not None:
            shared = {style.id for style in await self._store.styles(workspace_id, None) if style.shared}
            if wanted.default_style not in shared:
                raise InvalidInput(
                    "default_style", "is no shared style", value=wanted.default_style, allowed="a shared style's id"
                )
        before = await self.named(workspace_id, guild_id)
        after = replace(before, settings=wanted)
        await self._change(before, after, who, "server settings changed")
        return after

    async def renamed(self, guild_id: str, name: str) -> None:
        """Discord calls the server so now."""
        before = await self._store.guild(guild_id)
        if before is not None and before.name != name[:LONGEST_NAME]:
            await self._change(before, replace(before, name=name[:LONGEST_NAME]), "Discord", "server renamed")

    async def _change(self, before: Guild, after: Guild, who: str, what: str) -> None:
        said = minute(
            before.workspace_id, who, what, self._clock.now(), before=_told(before, after), after=_told(after, before)
        )
        if not await self._store.change_guild(after, said):
            raise NotFound("no such server is connected")

    async def disconnect(self, workspace_id: str, guild_id: str, who: str) -> Guild:
        """Unbind a server: from then on nothing can be asked for there. Its settings are gone, its jobs stay.

        Raises:
            NotFound: there is no such server.
        """
        found = await self.named(workspace_id, guild_id)
        said = minute(workspace_id, who, "server disconnected", self._clock.now(), before=f"{guild_id} {found.name}")
        if not await self._store.drop_guild(workspace_id, guild_id, said):
            raise NotFound("no such server is connected")
        return found

    # --- operators

    async def operators(self, workspace_id: str) -> list[Operator]:
        """A workspace's operators, the first one first."""
        return await self._store.operators(workspace_id)

    async def add_operator(self, workspace_id: str, user_id: str, who: str) -> Operator:
        """Make a Discord user an operator; one who is stays one.

        Raises:
            InvalidInput: that is no user id.
        """
        now = self._clock.now()
        new = Operator(workspace_id=workspace_id, user_id=checked_id("user", user_id), added_at=now, added_by=who)
        if await self._store.add_operator(new, minute(workspace_id, who, "operator added", now, after=user_id)):
            return new
        known = await self._store.operators(workspace_id)
        return next(each for each in known if each.user_id == user_id)

    async def remove_operator(self, workspace_id: str, user_id: str, who: str) -> None:
        """Take that back.

        Raises:
            NotFound: they are no operator.
        """
        said = minute(workspace_id, who, "operator removed", self._clock.now(), before=user_id)
        if not await self._store.remove_operator(workspace_id, user_id, said):
            raise NotFound("no such operator")


def _told(one: Guild, other: Guild) -> str | None:
    """What of a server is otherwise than in the other value, one setting a line."""
    lines = [] if one.name == other.name else [f"name: {one.name}"]
    for field in GuildSettings.__dataclass_fields__:
        mine = getattr(one.settings, field)
        if mine != getattr(other.settings, field):
            lines.append(f"{field.replace('_', ' ')}: {worded(mine)}")
    return "\n".join(lines) or None
