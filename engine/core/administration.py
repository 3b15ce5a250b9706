"""What an operator may do to workspaces, accounts and stuck jobs, and what is refused to them."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from engine.core.community.minutes import OPERATOR, minute
from engine.model.accounts import Account, AccountState, Upstream, mask
from engine.model.actions import Service
from engine.model.choosing import Waiting, known_obstacle
from engine.model.errors import BadSetting, Conflict, InvalidInput, NotFound, Refused
from engine.model.events import DeadlinePassed
from engine.model.jobs import Job, JobState, JobUpdate
from engine.model.quotas import Quota
from engine.model.transitions import advance, update_of
from engine.ports import (
    AccountChange,
    Clock,
    JobChange,
    JobPage,
    JobsWanted,
    KeepAudit,
    NewAccount,
    Secrets,
    Store,
    Workspace,
)

_TOKEN = re.compile(r"[A-Za-z0-9_-]{18,40}\.[A-Za-z0-9_-]{5,10}\.[A-Za-z0-9_-]{25,}")
_SNOWFLAKE = re.compile(r"[0-9]{15,21}")
SIMULATOR_OFF = "the simulator is off"
REAL_LINKED = "a real account is linked"
MOST_AT_A_TIME = 50
"""Midjourney's largest plan runs far fewer."""
LONGEST_NAME = 100
EASEL = "Easel"
"""Who links the simulator's accounts."""

TERMS = (
    "Automating a user account is against Discord's terms, and using Midjourney by a program is against Midjourney's. "
    "Either may close the account without notice. Whoever links an account carries that risk."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountToLink:
    """What the operator says of an account. Ids are Discord's, as text; the token is a user's own."""

    token: str
    guild_id: str
    channel_id: str
    upstream: Upstream
    concurrency: int
    name: str | None = None
    accepts_terms: bool = False
    demo: bool = False


@dataclass(frozen=True, slots=True)
class JobFile:
    """A job with everything that was stored about it, oldest update first."""

    job: Job
    updates: tuple[JobUpdate, ...]
    waits_because: Waiting | None = None
    """Why it is queued still, as far as the store tells."""


def user_id_of(token: str) -> str | None:
    """The user id inside a Discord token's first part, when it is one."""
    first = token.partition(".")[0]
    try:
        text = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return text if _SNOWFLAKE.fullmatch(text) else None


def checked(asked: AccountToLink) -> AccountToLink:
    """The same, if an account can be linked so.

    Raises:
        InvalidInput: with the field and what it has to be; the token is never repeated.
        Refused: the terms were not accepted.
    """
    if _TOKEN.fullmatch(asked.token) is None:
        allowed = "a Discord user token: three parts with dots between them, without quotes and without 'Bot'"
        raise InvalidInput("token", "does not look like one", allowed=allowed)
    for field, what in (("guild_id", "server"), ("channel_id", "channel")):
        if _SNOWFLAKE.fullmatch(given := getattr(asked, field)) is None:
            allowed = "the id as Discord copies it, 15 to 21 digits"
            raise InvalidInput(what, f"{given!r} is not an id", value=given, allowed=allowed)
    _check_concurrency(asked.concurrency)
    if not asked.demo and not asked.accepts_terms:
        raise Refused("the account was not linked: the risk was not acknowledged. " + TERMS)
    return asked


def _check_concurrency(concurrency: int) -> None:
    if not 1 <= concurrency <= MOST_AT_A_TIME:
        raise InvalidInput("concurrency", "is out of range", value=concurrency, allowed=f"1 to {MOST_AT_A_TIME}")


class Administration:
    """The operator's acts on one store; a running engine sees what they changed within two seconds.

    `who` acts on an account, for the audit log; tokens are never written there.
    """

    def __init__(self, store: Store, secrets: Secrets, clock: Clock) -> None:
        self._store = store
        self._secrets = secrets
        self._clock = clock

    # --- workspaces

    async def workspace(self, name: str) -> Workspace:
        """The workspace of that name.

        Raises:
            NotFound: there is none; the message lists those there are.
        """
        known = await self._store.workspaces()
        for each in known:
            if each.name == name:
                return each
        names = ", ".join(sorted(each.name for each in known))
        raise NotFound(f"there is no workspace {name!r}; " + (f"there are: {names}" if names else "there is none yet"))

    async def of(self, workspace_id: str) -> Workspace:
        """The workspace of that id.

        Raises:
            NotFound: there is none.
        """
        found = await self._store.workspace(workspace_id)
        if found is None:
            raise NotFound("there is no such workspace")
        return found

    async def ensure_workspace(self, name: str) -> Workspace:
        """The workspace of that name, made if there is none."""
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", name):
            allowed = "small letters, digits, - and _, at most 40, beginning with a letter or digit"
            raise InvalidInput("workspace", f"{name!r} is not a name", value=name, allowed=allowed)
        return await self._store.ensure_workspace(name, self._clock.now())

    async def set_contact(self, workspace: Workspace, contact: str) -> None:
        """Note whom to ask about a workspace.

        Raises:
            InvalidInput: it is no e-mail address (empty is none at all).
        """
        if contact and not re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,190}", contact):
            raise InvalidInput("contact", "is no address", value=contact, allowed="an e-mail address, or nothing")
        await self._store.set_contact(workspace.id, contact)

    async def set_quota(self, workspace: Workspace, quota: Quota | None) -> None:
        """Give a workspace a quota of credits, for all its keys together that have none of their own; or none."""
        await self._store.set_quota(workspace.id, quota)

    # --- accounts

    async def link(self, workspace: Workspace, asked: AccountToLink, who: str = OPERATOR) -> Account:
        """Store an account with its token sealed and its upstream fixed for good.

        Raises:
            InvalidInput, Refused: see `checked`.
            Conflict: the same person is linked there already.
        """
        checked(asked)
        user_id = user_id_of(asked.token)
        if user_id is not None:
            for other in await self._store.accounts():
                if (other.user_id, other.upstream.api_url) == (user_id, asked.upstream.api_url):
                    again = f"this Discord user is linked already, as account {other.id} ({other.name})"
                    raise Conflict(f"{again}; unlink that one first")
        linked = await self._store.add_account(
            NewAccount(
                workspace_id=workspace.id,
                name=asked.name or f"account {user_id or mask(asked.token)}",
                guild_id=asked.guild_id,
                channel_id=asked.channel_id,
                token_sealed=self._secrets.seal(asked.token),
                token_mask=mask(asked.token),
                upstream=asked.upstream,
                user_id=user_id,
                demo=asked.demo,
                concurrency=asked.concurrency,
                linked_at=self._clock.now(),
            )
        )
        await self._note(linked, who, "account linked")
        return linked

    async def _note(self, account: Account, who: str, what: str) -> None:
        await self._store.apply([self._minute(account, who, what)])

    def _minute(self, account: Account, who: str, what: str) -> KeepAudit:
        now = self._clock.now()
        said = f"{account.id} {account.name}"
        return KeepAudit(minute(account.workspace_id, who, what, now, after=said))

    async def accounts(self, workspace: Workspace, *, services: bool = False) -> list[Account]:
        """The workspace's linked accounts; with `services` those at other services than Midjourney too."""
        return await self._store.accounts(workspace.id, services=services)

    async def account(self, workspace: Workspace, account_id: int) -> Account:
        """One linked account of the workspace.

        Raises:
            NotFound: unknown, unlinked, or another workspace's.
        """
        found = await self._store.account(account_id)
        if found is None or found.workspace_id != workspace.id or found.state is AccountState.UNLINKED:
            raise NotFound(f"there is no linked account {account_id}")
        return found

    async def unlink(self, workspace: Workspace, account_id: int, who: str = OPERATOR) -> Account:
        """Erase the token; the row stays for the jobs it ran. What still runs there cannot be followed any more.

        Raises:
            NotFound: unknown, unlinked, or another workspace's.
            Conflict: it is another service's, of which the settings decide.
        """
        found = await self.account(workspace, account_id)
        if found.service is not Service.MIDJOURNEY:
            raise Conflict(
                f"account {account_id} is the service {found.service}: take it out of the settings, or pause it"
            )
        await self._store.unlink_account(account_id)
        await self._note(found, who, "account unlinked")
        for job in await self._store.open_jobs(account_id):
            event = DeadlinePassed(at=self._clock.now(), detail="its account was unlinked while it ran")
            after = advance(job, event)
            if after is not job:
                await self._store.apply([JobChange(job, after, update_of(after, event))])
        return found

    async def pause(self, workspace: Workspace, account_id: int, who: str = OPERATOR) -> Account:
        """The account takes nothing new; what runs there is followed to its end.

        Raises:
            NotFound: unknown, unlinked, or another workspace's.
            Conflict: it is stopped.
        """
        found = await self.account(workspace, account_id)
        if found.state is AccountState.STOPPED:
            raise Conflict(f"account {account_id} is stopped ({found.reason}); it takes nothing new as it is")
        paused = AccountChange(account_id, AccountState.PAUSED, reason="paused by the operator")
        await self._store.apply([paused, self._minute(found, who, "account paused")])
        return await self.account(workspace, account_id)

    async def resume(self, workspace: Workspace, account_id: int, who: str = OPERATOR) -> Account:
        """The account takes jobs again: its owner has seen to what stopped it.

        Raises:
            NotFound: unknown, unlinked, or another workspace's.
            Conflict: it is a demo account, and a real one is linked.
        """
        found = await self.account(workspace, account_id)
        if found.demo and await self.has_real_account():
            raise Conflict(f"account {account_id} is a demo account; it stays paused while a real one is linked")
        resumed = AccountChange(account_id, AccountState.ACTIVE)
        await self._store.apply([resumed, self._minute(found, who, "account resumed")])
        return await self.account(workspace, account_id)

    async def change(
        self,
        workspace: Workspace,
        account_id: int,
        *,
        name: str | None = None,
        concurrency: int | None = None,
        who: str = OPERATOR,
    ) -> Account:
        """Give an account another name or number of jobs at a time; None: as it is.

        Raises:
            NotFound: unknown, unlinked, or another workspace's.
            InvalidInput: the name or the number is out of range.
        """
        found = await self.account(workspace, account_id)
        name = found.name if name is None else name.strip()
        concurrency = found.concurrency if concurrency is None else concurrency
        if not 1 <= len(name) <= LONGEST_NAME:
            raise InvalidInput("name", f"has {len(name)} characters", allowed=f"1 to {LONGEST_NAME}")
        _check_concurrency(concurrency)
        await self._store.change_account(account_id, name, concurrency)
        changed = await self.account(workspace, account_id)
        before, after = (f"{one.id} {one.name}, {one.concurrency} at a time" for one in (found, changed))
        said = minute(workspace.id, who, "account changed", self._clock.now(), before=before, after=after)
        await self._store.apply([KeepAudit(said)])
        return changed

    async def restart(self, workspace: Workspace, account_id: int, who: str = OPERATOR) -> Account:
        """Begin a new session with Discord; an account that had stopped takes jobs again, a paused one stays paused.

        Raises:
            NotFound: unknown, unlinked, or another workspace's.
            Conflict: it is a demo account, and a real one is linked.
        """
        found = await self.account(workspace, account_id)
        if found.state is AccountState.STOPPED:
            await self.resume(workspace, account_id, who)
        await self._store.restart_account(account_id, self._clock.now())
        await self._note(found, who, "account restarted")
        return await self.account(workspace, account_id)

    async def check_tokens(self) -> None:
        """See that every stored token can be read with the present key; the simulator's are simply linked anew.

        Raises:
            BadSetting: the key is not the one a real account was linked with.
        """
        for account in await self._store.accounts():
            try:
                self._secrets.unseal(account.token_sealed)
            except BadSetting:
                if not account.demo:
                    raise
                await self._store.unlink_account(account.id)

    async def has_real_account(self) -> bool:
        """Whether any account is linked that is not the simulator's."""
        return any(not account.demo for account in await self._store.accounts())

    async def link_demo(self, workspace: Workspace, demo: tuple[AccountToLink, ...]) -> list[Account]:
        """Link the simulator's accounts; those that are linked already stay, or wake when the simulator was off.

        One whose address has changed is linked anew, because an account's upstream never changes.
        """
        linked = []
        real = await self.has_real_account()
        for asked in demo:
            found = await self._demo(user_id_of(asked.token), asked.upstream)
            if found is None:
                found = await self.link(workspace, asked, EASEL)
            if not real and found.state is AccountState.PAUSED:
                await self._store.apply([AccountChange(found.id, AccountState.ACTIVE)])
            if real and found.state is AccountState.ACTIVE:
                await self._store.apply([AccountChange(found.id, AccountState.PAUSED, reason=REAL_LINKED)])
            linked.append(found)
        return linked

    async def _demo(self, user_id: str | None, upstream: Upstream) -> Account | None:
        for account in await self._store.accounts():
            if not account.demo or account.user_id != user_id:
                continue
            if account.upstream == upstream:
                return account
            await self._store.unlink_account(account.id)
        return None

    async def pause_demo(self) -> None:
        """While the simulator is off its accounts reach nobody: pause them."""
        for account in await self._store.accounts():
            if account.demo and account.state is AccountState.ACTIVE:
                await self._store.apply([AccountChange(account.id, AccountState.PAUSED, reason=SIMULATOR_OFF)])

    # --- jobs

    async def job_page(self, workspace: Workspace, wanted: JobsWanted, limit: int) -> JobPage:
        """Those of the workspace's jobs that are wanted, newest first, and where to go on."""
        return await self._store.job_page(workspace.id, wanted, limit)

    async def job(self, workspace: Workspace, job_id: str) -> JobFile:
        """One job and its history.

        Raises:
            NotFound: unknown, or another workspace's.
        """
        found = await self._store.job(workspace.id, job_id)
        if found is None:
            raise NotFound(f"there is no job {job_id}")
        why = None
        if found.state is JobState.QUEUED:
            switches = (await self._store.switches()).workspaces
            paused = any(each.id == workspace.id and each.paused_at is not None for each in switches)
            accounts = await self._store.accounts(workspace.id, services=True)
            why = Waiting.PAUSED if paused else known_obstacle(found, accounts)
        return JobFile(found, tuple(await self._store.updates(job_id)), why)
