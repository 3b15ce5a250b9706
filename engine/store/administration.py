"""What the operator changes: workspaces and linked accounts. Each function is one transaction's work."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import insert, select, text, update
from sqlalchemy.engine import Connection

from engine.model import errors
from engine.model.accounts import Account, AccountState, mask
from engine.model.actions import Service
from engine.model.hooks import WorkspaceHook
from engine.ports import NewAccount, Workspace
from engine.store import account_records, queries
from engine.store.tables import accounts, workspaces

DEMO_PAUSED = "a real account was linked"

_UNSHOWN = mask("")


def ensure_workspace(connection: Connection, name: str, now: datetime) -> Workspace:
    """The workspace of that name, made if there is none."""
    by_name = select(workspaces).where(workspaces.c.name == name)
    row = connection.execute(by_name).first()
    if row is None:
        connection.execute(insert(workspaces).values(id=str(uuid.uuid4()), name=name, created_at=now, contact=""))
        row = connection.execute(by_name).one()
    return account_records.workspace_of(row)


def set_webhook(connection: Connection, workspace_id: str, hook: WorkspaceHook | None) -> None:
    """A workspace's default webhook from now on."""
    values = account_records.webhook_values(hook)
    connection.execute(update(workspaces).where(workspaces.c.id == workspace_id).values(values))


def set_signing_secret(connection: Connection, workspace_id: str, sealed: str) -> None:
    """What signs a workspace's webhooks from now on."""
    connection.execute(update(workspaces).where(workspaces.c.id == workspace_id).values(signing_sealed=sealed))


def pause_workspace(connection: Connection, workspace_id: str, at: datetime | None) -> bool:
    """Pause a queue, or let it go on; one that is paused keeps the moment. False: there is no such workspace."""
    this = workspaces.c.id == workspace_id
    if at is not None:
        this_goes_on = this & workspaces.c.paused_at.is_(None)
        connection.execute(update(workspaces).where(this_goes_on).values(paused_at=at))
        return connection.execute(select(workspaces.c.id).where(this)).first() is not None
    return connection.execute(update(workspaces).where(this).values(paused_at=None)).rowcount == 1


def reboot_workspace(connection: Connection, workspace_id: str, at: datetime) -> bool:
    """Note when all open jobs are to be looked up. False: there is no such workspace."""
    this = workspaces.c.id == workspace_id
    return connection.execute(update(workspaces).where(this).values(rebooted_at=at)).rowcount == 1


def add_account(connection: Connection, new: NewAccount) -> Account:
    """Link an account; the first real one of a workspace pauses its demo accounts.

    Raises:
        NotFound: there is no such workspace.
        Conflict: the same person is linked with that server, channel and upstream already.
    """
    _check_workspace(connection, new.workspace_id)
    linked = [
        account
        for account in queries.linked_accounts(connection, new.workspace_id)
        if account.service is Service.MIDJOURNEY
    ]
    for account in linked:
        if _same(account, new):
            raise errors.Conflict(
                f"this account is already linked with that server and channel, as account {account.id} ({account.name})"
            )
    if not new.demo and all(account.demo for account in linked):
        connection.execute(
            update(accounts)
            .where(
                accounts.c.workspace_id == new.workspace_id,
                accounts.c.demo.is_(True),
                accounts.c.state == AccountState.ACTIVE.value,
            )
            .values(state=AccountState.PAUSED.value, reason=DEMO_PAUSED)
        )
    # no RETURNING: SQLite has it since 3.35, some systems with Python 3.11 have an older one
    key = connection.execute(insert(accounts).values(account_records.account_values(new))).inserted_primary_key
    assert key is not None
    return account_records.account_of(connection.execute(select(accounts).where(accounts.c.id == key[0])).one())


def set_service(connection: Connection, new: NewAccount) -> Account:
    """The workspace's account for another service than Midjourney, with this key and place.

    Raises:
        NotFound: there is no such workspace.
    """
    _check_workspace(connection, new.workspace_id)
    of_service = (
        (accounts.c.workspace_id == new.workspace_id)
        & (accounts.c.service == new.service.value)
        & (accounts.c.state != AccountState.UNLINKED.value)
    )
    row = connection.execute(select(accounts).where(of_service)).first()
    if row is None:
        connection.execute(insert(accounts).values(account_records.account_values(new)))
    elif (row.token_mask, row.api_url) != (new.token_mask, new.upstream.api_url):
        stopped = row.state == AccountState.STOPPED.value
        values = {
            "token_sealed": new.token_sealed,
            "token_mask": new.token_mask,
            "api_url": new.upstream.api_url,
            "state": AccountState.ACTIVE.value if stopped else row.state,
            "trouble": None if stopped else row.trouble,
            "reason": None if stopped else row.reason,
        }
        connection.execute(update(accounts).where(accounts.c.id == row.id).values(values))
    return account_records.account_of(connection.execute(select(accounts).where(of_service)).one())


def _same(linked: Account, new: NewAccount) -> bool:
    """One person in one channel of one upstream; while a user id is not yet known, the token's mask stands for it."""
    if (linked.guild_id, linked.channel_id, linked.upstream) != (new.guild_id, new.channel_id, new.upstream):
        return False
    if linked.user_id is not None and new.user_id is not None:
        return linked.user_id == new.user_id
    return linked.token_mask == new.token_mask != _UNSHOWN


def change_account(connection: Connection, account_id: int, name: str, concurrency: int) -> bool:
    """Give an account another name and number of jobs at a time; False when there is no such linked account."""
    this = (accounts.c.id == account_id) & (accounts.c.state != AccountState.UNLINKED.value)
    return connection.execute(update(accounts).where(this).values(name=name, concurrency=concurrency)).rowcount == 1


def restart_account(connection: Connection, account_id: int, at: datetime) -> bool:
    """Note that an account is to begin a new session; False when there is no such linked account."""
    this = (accounts.c.id == account_id) & (accounts.c.state != AccountState.UNLINKED.value)
    return connection.execute(update(accounts).where(this).values(restarted_at=at)).rowcount == 1


def unlink_account(connection: Connection, account_id: int) -> bool:
    """Erase the token and the session; False when there is no such linked account."""
    unlinked = connection.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.state != AccountState.UNLINKED.value)
        .values(
            state=AccountState.UNLINKED.value,
            token_sealed="",
            trouble=None,
            reason=None,
            session_id=None,
            resume_url=None,
            seq=None,
            session_since=None,
        )
    )
    return unlinked.rowcount == 1


def prove_writable(connection: Connection) -> None:
    """Write something that changes nothing; opening a transaction alone would also succeed on a read-only file."""
    connection.execute(text("UPDATE alembic_version SET version_num = version_num"))


def _check_workspace(connection: Connection, workspace_id: str) -> None:
    if connection.execute(select(workspaces.c.id).where(workspaces.c.id == workspace_id)).first() is None:
        raise errors.NotFound("there is no such workspace")
