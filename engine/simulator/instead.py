"""What was ordered to be the answer in place of what was asked for: a refusal, silence, a captcha, an appeal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator import embeds
from engine.simulator.components import button, rows

if TYPE_CHECKING:
    from random import Random

    from engine.simulator.clock import Clock
    from engine.simulator.interaction import Interaction, Voice
    from engine.simulator.ledger import Ledger

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_ORDERED = (
    "silence", "interaction_failure", "content", "queue_full", "captcha_frame", "appeal", "slow_down", "embed"
)  # fmt: skip
_AGAIN_SECONDS = 30


class Instead:
    """Answers of that sort, and what an appeal would start."""

    def __init__(self, *, ledger: Ledger, rng: Random, voice: Voice, clock: Clock) -> None:
        self._ledger = ledger
        self._rng = rng
        self._voice = voice
        self._clock = clock
        self._appeals: dict[str, Interaction] = {}  # by the token in the button

    async def answered(self, asked: Interaction, about: dict[str, Any]) -> bool:
        """Whether such an answer was ordered and given."""
        ordered = next((kind for kind in _ORDERED if kind in asked.faults), None)
        if ordered is None or asked.faults[ordered].get("where", "create") != "create":
            return False
        params = asked.faults[ordered]
        match ordered:
            case "silence":
                await self._voice.silence(asked)
            case "interaction_failure":
                await self._voice.failure(asked)
            case "content":
                await self._voice.plain(asked, params.get("text", "Failed to process your command :c"), about)
            case "queue_full":
                await self._voice.refuse(asked, embeds.embed(*embeds.QUEUE_FULL, asked.prompt), about)
            case "captcha_frame":
                token = self.token(80)
                await self._voice.frame(asked, embeds.CAPTCHA_TITLE, f"/captcha/embedded/{token[:32]}", token)
            case "appeal":
                await self._appeal(asked, about)
            case "slow_down":
                await self._voice.refuse(asked, self._slow_down(), about)
            case _:
                await self._voice.refuse(asked, self._voice.made_to_order(params, asked.prompt), about)
        self.refused(asked, ordered)
        return True

    async def slow_down(self, asked: Interaction, about: dict[str, Any]) -> None:
        """The same upscale was asked for again too soon."""
        await self._voice.refuse(asked, self._slow_down(), about)
        self.refused(asked, embeds.SLOW_DOWN)

    def _slow_down(self) -> dict[str, Any]:
        until = self._clock.unix_ms() // 1000 + _AGAIN_SECONDS
        words = f"You can request another upscale for this image <t:{until}:R>"
        return embeds.embed(embeds.SLOW_DOWN, words, embeds.RED, None)

    async def _appeal(self, asked: Interaction, about: dict[str, Any]) -> None:
        """The moderator's embed with its one button (wire/capture-2023-05-appeal.json)."""
        token = self.token(11)
        self._appeals[token] = asked
        embed = embeds.embed(*embeds.APPEAL, asked.prompt)
        await self._voice.refuse(asked, embed, about, rows([[button(f"MJ::Prompts::Appeal::{token}", "Appeal")]]))

    def appealed(self, token: str) -> Interaction | None:
        """What was refused with this appeal button; it can be pressed once."""
        return self._appeals.pop(token, None)

    def token(self, length: int) -> str:
        """A url-safe token from the seeded stream."""
        return "".join(self._rng.choices(_LETTERS, k=length))

    def refused(self, asked: Interaction, decision: str) -> None:
        """Write down that no job came of it."""
        self._ledger.write(
            "job", state="refused", account=asked.account.id, nonce=asked.nonce, interaction=asked.id,
            prompt=asked.prompt, clicked=asked.message_id, custom_id=asked.custom_id or None, decision=decision,
        )  # fmt: skip
