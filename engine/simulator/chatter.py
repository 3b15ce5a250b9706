"""What else an owner's Discord is full of: other servers, other people, other bots, private messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from engine.simulator.ids import MIDJOURNEY, stamp
from engine.simulator.people import BOT_USER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from engine.simulator.people import Account
    from engine.simulator.world import World

_PERSON = {"discriminator": "0", "avatar": None, "public_flags": 0, "global_name": None}


def chatter(
    world: World, account: Account, guild_id: str | None, count: int, rng: Random
) -> Iterator[tuple[str, bytes]]:
    """Dispatches that are none of the account's business, `count` of them.

    In turn: a person elsewhere, a person in the account's own channel, the Midjourney bot working for somebody else in
    that channel, the bot in another server, a private message, and typing.
    """
    for number in range(count):
        secret = f"private words {rng.getrandbits(32):08x}"
        person = {"id": str(rng.getrandbits(59)), "username": f"stranger{rng.randint(1, 999)}", **_PERSON}
        elsewhere = {"channel_id": str(rng.getrandbits(59)), "guild_id": guild_id or str(rng.getrandbits(59))}
        here = {"channel_id": account.channel_id, "guild_id": account.guild_id}
        progress = f"**{secret}** - <@{person['id']}> ({rng.randint(0, 90)}%) (fast)"
        bot: dict[str, Any] = {"application_id": MIDJOURNEY}
        kind = number % 6
        if kind == 5:
            typing = {"user_id": person["id"], "timestamp": world.clock.unix_ms() // 1000, **elsewhere}
            yield "TYPING_START", msgspec.json.encode(typing)
            continue
        place, author, content, more = [
            (elsewhere, person, secret, {}),
            (here, person, secret, {}),
            (here, BOT_USER, progress, bot),
            (elsewhere, BOT_USER, progress, bot),
            ({"channel_id": str(rng.getrandbits(59))}, person, secret, {}),
        ][kind]
        if author is BOT_USER:
            interaction = {"id": world.new_id(), "type": 2, "name": "imagine", "user": person}
            more = {**more, "interaction_metadata": interaction, "interaction": interaction}
        identity = world.new_id()
        yield (
            "MESSAGE_CREATE",
            msgspec.json.encode(
                {
                    "id": identity,
                    "type": 20 if author is BOT_USER else 0,
                    "content": content,
                    "author": author,
                    "timestamp": stamp(identity),
                    "edited_timestamp": None,
                    "attachments": [],
                    "embeds": [],
                    "mentions": [],
                    "components": [],
                    "flags": 0,
                    "nonce": world.new_id(),
                    "channel_type": 0 if "guild_id" in place else 1,
                    **place,
                    **more,
                }
            ),
        )
