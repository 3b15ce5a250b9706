"""What workspaces, accounts and API keys look like as rows, and back. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.model.accounts import Account, AccountState, Checkpoint, Upstream
from engine.model.actions import Service
from engine.model.chance import new_uuid
from engine.model.details import UNKNOWN_FACTS, AccountFacts
from engine.model.hooks import WorkspaceHook
from engine.model.sightings import Trouble
from engine.ports import NewAccount, Workspace
from engine.store.keys import quota_of
from engine.store.records import Values, as_json, wire_text

_facts = msgspec.json.Decoder(AccountFacts)


def workspace_of(row: Any) -> Workspace:
    """The workspace in a row."""
    hook = None
    if row.webhook_dialect is not None:
        hook = WorkspaceHook(row.webhook_url, row.webhook_dialect, row.webhook_progress)
    return Workspace(
        id=row.id,
        name=row.name,
        created_at=row.created_at,
        webhook=hook,
        signing_sealed=row.signing_sealed,
        paused_at=row.paused_at,
        rebooted_at=row.rebooted_at,
        contact=row.contact,
        quota=quota_of(row.quota),
    )


def webhook_values(hook: WorkspaceHook | None) -> Values:
    """A workspace's default, for its row."""
    return {
        "webhook_url": None if hook is None else hook.url,
        "webhook_dialect": None if hook is None else hook.dialect,
        "webhook_progress": hook is not None and hook.progress,
    }


def account_values(new: NewAccount) -> Values:
    """The row of an account that is being linked."""
    return {
        "hash": new_uuid(),
        "workspace_id": new.workspace_id,
        "name": new.name,
        "guild_id": new.guild_id,
        "channel_id": new.channel_id,
        "user_id": new.user_id,
        "token_sealed": new.token_sealed,
        "token_mask": new.token_mask,
        "api_url": new.upstream.api_url,
        "gateway_url": new.upstream.gateway_url,
        "activity_url": new.upstream.activity_url,
        "service": new.service.value,
        "demo": new.demo,
        "concurrency": new.concurrency,
        "state": AccountState.ACTIVE.value,
        "linked_at": new.linked_at,
        "epoch": 0,
    }


def account_of(row: Any) -> Account:
    """The account in a row."""
    return Account(
        id=row.id,
        hash=row.hash,
        workspace_id=row.workspace_id,
        name=row.name,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        token_sealed=row.token_sealed,
        token_mask=row.token_mask,
        upstream=Upstream(row.api_url, row.gateway_url, row.activity_url),
        service=Service(row.service),
        user_id=row.user_id,
        demo=row.demo,
        concurrency=row.concurrency,
        state=AccountState(row.state),
        trouble=None if row.trouble is None else Trouble(row.trouble),
        reason=row.reason,
        facts=UNKNOWN_FACTS if row.facts is None else _facts.decode(row.facts),
        linked_at=row.linked_at,
        restarted_at=row.restarted_at,
    )


def facts_values(facts: AccountFacts) -> Values:
    """What is known of an account's switches, for its row."""
    return {"facts": None if facts == UNKNOWN_FACTS else wire_text(as_json(facts))}


def checkpoint_of(row: Any) -> Checkpoint:
    """Where the session of an account's row can be resumed."""
    return Checkpoint(row.id, row.session_id, row.resume_url, row.seq, row.user_id, row.session_since)
