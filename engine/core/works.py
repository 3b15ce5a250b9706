"""What works for one account while a lease lasts, built anew with each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.core.attention import Attention
from engine.core.bookmark import Bookmark
from engine.core.casebook import Casebook
from engine.core.composing import Composer
from engine.core.errands import Errands, Work
from engine.core.facts import Facts
from engine.core.foreign import ForeignJobs
from engine.core.historian import Historian
from engine.core.lane import Lane
from engine.core.listening import Listener
from engine.core.parts import Parts
from engine.core.remix import RemixSwitch
from engine.core.replies import Replies
from engine.core.saving import Saving
from engine.core.sender import Sender
from engine.core.strange import Strange
from engine.model.accounts import Account
from engine.model.details import AccountFacts
from engine.model.jobs import Job
from engine.model.sightings import Trouble


@dataclass(frozen=True, slots=True)
class Desk:
    """What of one account outlives its leases."""

    account_id: int
    parts: Parts
    casebook: Casebook
    lane: Lane
    attention: Attention
    foreign: ForeignJobs
    strange: Strange
    account: Account
    """As it was when the lease began."""
    facts_changed: Callable[[AccountFacts], None]


@dataclass(frozen=True, slots=True)
class Works:
    """What works for one account while a lease lasts."""

    sender: Sender
    bookmark: Bookmark
    listener: Listener
    historian: Historian
    errands: Errands
    saving: Saving
    facts: Facts


async def assemble(
    desk: Desk,
    *,
    in_trouble: Callable[[Trouble, str], None],
    asked: Callable[[Job], None],
    spawn: Callable[[Work], None],
    slot_freed: Callable[[], None],
    turned_away: Callable[[], None],
) -> Works:
    """Build the works from what the store knows of the account now.

    Raises:
        Unavailable: the store cannot be read.
    """
    parts, account_id = desk.parts, desk.account_id
    parts.nonces.above(await parts.store.highest_nonce(account_id))
    facts = Facts(
        account_id,
        desk.account.facts,
        casebook=desk.casebook,
        clock=parts.clock,
        changed=desk.facts_changed,
    )
    replies = Replies()
    remix = RemixSwitch(
        facts,
        replies,
        parts.nonces,
        parts.clock,
        desk.lane,
        account_name=desk.account.name,
        allowed=parts.switches_remix,
    )
    sender = Sender(
        account_id,
        casebook=desk.casebook,
        lane=desk.lane,
        clock=parts.clock,
        limits=parts.limits,
        nonces=parts.nonces,
        composer=Composer(parts.inputs, parts.pictures, parts.clock, lambda: parts.nonces.next(parts.clock.now())),
        remix=remix,
        stop_account=in_trouble,
    )
    errands = Errands(
        desk.account.channel_id,
        casebook=desk.casebook,
        sender=sender,
        remix=remix,
        clock=parts.clock,
        limits=parts.limits,
        spawn=spawn,
        in_trouble=in_trouble,
    )
    bookmark = Bookmark(account_id, await parts.store.checkpoint(account_id), desk.casebook.acknowledgments)
    listener = Listener(
        account_id,
        casebook=desk.casebook,
        bookmark=bookmark,
        attention=desk.attention,
        foreign=desk.foreign,
        strange=desk.strange,
        clock=parts.clock,
        limits=parts.limits,
        facts=facts,
        replies=replies,
        errands=errands,
        in_trouble=in_trouble,
        asked=asked,
        look_up=lambda job_ids: historian.want(job_ids),  # noqa: PLW0108 - the historian is made below
        slot_freed=slot_freed,
        turned_away=turned_away,
    )
    historian = Historian(
        account_id,
        casebook=desk.casebook,
        listener=listener,
        attention=desk.attention,
        clock=parts.clock,
        limits=parts.limits,
        post_timeout=parts.post_timeout,
    )
    saving = Saving(parts.store, parts.clock, desk.casebook, bookmark)
    return Works(sender, bookmark, listener, historian, errands, saving, facts)
