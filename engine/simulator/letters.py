"""What the bot sends into a DM: a job's words, id, seed and single pictures (protocol §1.5, §4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from engine.simulator.messages import bot_message

if TYPE_CHECKING:
    from random import Random

    from engine.simulator.clock import Clock
    from engine.simulator.gateway import Gateway
    from engine.simulator.interaction import Interaction, Voice
    from engine.simulator.jobs import Job, Origin
    from engine.simulator.ledger import Ledger
    from engine.simulator.messages import Post
    from engine.simulator.people import Account
    from engine.simulator.pictures import Pictures
    from engine.simulator.world import World

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


class Letters:
    """Sends results into DMs: for an ✉️, for the message command, and of themselves."""

    def __init__(
        self,
        *,
        world: World,
        gateway: Gateway,
        post: Post,
        pictures: Pictures,
        ledger: Ledger,
        clock: Clock,
        rng: Random,
        voice: Voice,
    ) -> None:
        self._world = world
        self._gateway = gateway
        self._post = post
        self._pictures = pictures
        self._ledger = ledger
        self._clock = clock
        self._rng = rng
        self._voice = voice

    def job_of(self, message: dict[str, Any]) -> tuple[str, Origin] | None:
        """The finished job that a message of the bot shows, a copy by /show included."""
        for attachment in message.get("attachments", ()):
            found = _UUID.findall(attachment["filename"])
            origin = self._world.origin(found[-1]) if found else None
            if origin is not None:
                return found[-1], origin
        return None

    async def results(self, asked: Interaction, about: dict[str, Any]) -> None:
        """The message command DM Results."""
        message = self._world.messages.get(asked.message_id or "")
        job = self.job_of(message.read()) if message is not None else None
        if job is None or job[1].account != asked.account.id:
            await self._voice.plain(asked, "Sorry, there is no finished job of yours on this message.", about)
            return
        await self._voice.plain(asked, "Done! Check your DMs.", about)
        await self.send(asked.account, *job, asked.application)

    async def of_itself(self, job: Job) -> None:
        """What `/prefer auto_dm` asks for: every finished job, without a reaction."""
        account, origin = self._world.accounts[job.account], self._world.origin(job.uuid)
        if account.auto_dm and job.final_id is not None and origin is not None:
            await self.send(account, job.uuid, origin, job.application)

    async def send(self, account: Account, uuid: str, origin: Origin, bot: str) -> None:
        """One DM, unless the person takes none."""
        await self._clock.pause(self._rng.uniform(0.8, 2.0))
        if not account.dms:
            self._ledger.write("letter", account=account.id, job=uuid, decision="refused 403/50007")
            return
        channel = self._gateway.opened(self._world.dm(account, bot), account)
        pictures = await self._pictures.singles(uuid, origin.recipe)
        hung = [
            self._post.attachment(picture, f"{uuid}_0_{number}.png", channel.id, ephemeral=False, lasting=True)
            for number, picture in enumerate(pictures)
        ]
        words = f"**{origin.prompt}** - <@{account.user_id}> ({origin.mode})"
        body = bot_message(
            self._world.new_id(),
            channel.id,
            f"{words}\n**Job ID**: {uuid}\n**seed** {origin.seed}",
            mention=account,
            attachments=hung,
            application=bot,
        )
        self._ledger.write("letter", account=account.id, job=uuid, message=body["id"], decision="sent")
        self._post.create(body, job=uuid)
