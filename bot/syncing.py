"""When the commands are told to Discord: only when their set is another one than last time."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.client import EaselBot

_LOG = logging.getLogger("bot")


async def sync_if_changed(bot: EaselBot) -> bool:
    """Sync the commands if they changed; returns whether they did. Creations are counted: 200 a day and server."""
    translator = bot.tree.translator
    payload = [
        await command.get_translated_payload(bot.tree, translator) if translator else command.to_dict(bot.tree)
        for command in bot.tree._get_all_commands()  # noqa: SLF001 - as `sync` itself lists them
    ]
    said = json.dumps([bot.application_id, bot.options.api_url, payload], sort_keys=True, default=str)
    digest = hashlib.sha256(said.encode()).hexdigest()
    memory = bot.options.memory
    if memory is not None and memory.is_file() and memory.read_text() == digest:
        return False
    known = await bot.tree.sync()
    _LOG.info("%s commands were told to Discord", len(known))
    if memory is not None:
        memory.write_text(digest)
    return True
