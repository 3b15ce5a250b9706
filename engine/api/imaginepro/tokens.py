"""What a linked account looks like to an ImaginePro client, which calls it a token. Pure."""

from __future__ import annotations

from engine.api.account_words import account_words
from engine.core.queues import AccountQueue, Trace
from engine.model.accounts import Account
from engine.model.details import AccountInfo

_LINES = {
    "jobMode": "job mode",
    "runningJobs": "running jobs",
    "relaxedUsage": "relaxed usage",
    "subscription": "subscription",
    "lifetimeUsage": "lifetime usage",
    "queuedJobsFast": "queued jobs (fast)",
    "visibilityMode": "visibility mode",
    "queuedJobsRelax": "queued jobs (relax)",
    "fastTimeRemaining": "fast time remaining",
}
"""Each key, and the line of /info that it repeats."""


def info_body(info: AccountInfo | None) -> dict[str, str]:
    """What /info said last, line by line; empty before it was asked."""
    said = {name.strip().lower(): words for name, words in (info.lines if info is not None else ())}
    body = {key: said.get(line, "") for key, line in _LINES.items()}
    return {**body, "relaxedUsuage": body["relaxedUsage"]}  # the schema's own spelling beside the samples'


def token_body(account: Account, *, live: bool) -> dict[str, object]:
    """The token object. The token itself is never shown: what stands there is its mask."""
    words = account_words(account, live=live)
    return {
        "id": account.id,
        "token": account.token_mask,
        "channelId": account.channel_id,
        "serverId": account.guild_id,
        "isActive": words.is_active,
        "status": words.imaginepro,
        "info": info_body(account.facts.info),
        "concurrency": account.concurrency,
    }


def queue_body(queue: AccountQueue) -> dict[str, object]:
    """An account's place in the queue status."""
    return {
        "id": queue.account.id,
        "queued": queue.queued,
        "running": queue.running,
        "concurrency": queue.account.concurrency,
        "paused": queue.paused,
    }


def trace_body(trace: Trace, *, live: bool) -> dict[str, object]:
    """Which account ran a job; before one was chosen its id is null and the rest is absent."""
    account = trace.account
    if account is None:
        return {"messageId": trace.job.id, "tokenId": None}
    words = account_words(account, live=live)
    return {
        "messageId": trace.job.id,
        "tokenId": account.id,
        "discordChannelId": account.channel_id,
        "tokenStatus": words.imaginepro,
        "tokenInfo": {**info_body(account.facts.info), "message": words.reason or ""},
    }
