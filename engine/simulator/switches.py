"""The commands that only change the account: modes, visibility and preferences (protocol §9.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator.standing import lacks

if TYPE_CHECKING:
    from engine.simulator.commanding import Work
    from engine.simulator.interaction import Interaction, Voice
    from engine.simulator.world import World

_REMIX_ON = (
    "Remix mode turned on! Clicking the variation buttons will now give you a chance to edit your prompt! "
    "You can always turn this off by running `/prefer remix` again."
)
_REMIX_OFF = "Remix mode turned off! You can always turn this on by running `/prefer remix` again."
_MODES = {
    "fast": "Done! Note that once you exhaust your fast hours, you can purchase more on the website: "
    "<https://midjourney.com/account>. To conserve your fast hours, use `/relax`...",
    "relax": "Done! Your jobs now do not consume fast-hours, but might take a little longer. "
    "You can always switch back with /fast",
    "turbo": "Done! Your jobs will now use turbo mode.",
}
# commands that this bot only has words for
_WORDS = {
    "help": "Hello! Type `/imagine` and a few words, and I will draw four pictures of them.",
    "invite": "Here is an invite to the Midjourney server: <https://discord.gg/midjourney>",
    "subscribe": "Open your personal subscription page: <https://midjourney.com/account>",
    "ask": "You can find answers in the documentation: <https://docs.midjourney.com>",
    "feedback": "Thank you for your feedback!",
    "list_tuners": "You have no tuners yet.",
    "tune": "Style tuners are not available on this model.",
    "Report Job": "Thank you for your report. A moderator will look at this job.",
}


class Switches:
    """Replies of plain ephemeral words."""

    def __init__(self, world: World, voice: Voice) -> None:
        self._world = world
        self._voice = voice

    def table(self) -> dict[str, Work]:
        """Command name → answer."""
        return {
            **dict.fromkeys(_MODES, self._mode),
            **dict.fromkeys(("stealth", "private", "public"), self._visibility),
            **dict.fromkeys(_WORDS, self._words),
            "prefer remix": self._remix,
            "prefer variability": self._variability,
            "prefer auto_dm": self._auto_dm,
            "prefer suffix": self._suffix,
            "prefer option set": self._set_option,
            "prefer option list": self._list_options,
            "userid": self._user_id,
        }

    async def _say(self, asked: Interaction, about: dict[str, Any], words: str, **change: Any) -> None:
        if change:
            self._world.change_account(asked.account, change)
        await self._voice.plain(asked, words, about)

    async def _mode(self, asked: Interaction, about: dict[str, Any]) -> None:
        mode = "relaxed" if asked.name == "relax" else asked.name
        refused = lacks(asked.account, mode)
        if refused is not None:
            await self._say(asked, about, f"Sorry! {refused}")
        else:
            await self._say(asked, about, _MODES[asked.name], mode=mode)

    async def _visibility(self, asked: Interaction, about: dict[str, Any]) -> None:
        refused = lacks(asked.account, "fast", stealth=True)
        stealth = asked.name != "public"
        if refused is not None:
            await self._say(asked, about, f"Sorry! {refused}")
        elif stealth:
            await self._say(asked, about, "Done! Your jobs will now be in stealth mode.", stealth=True)
        else:
            await self._say(asked, about, "Done! Your jobs will now be public.", stealth=False)

    async def _words(self, asked: Interaction, about: dict[str, Any]) -> None:
        await self._say(asked, about, _WORDS[asked.name])

    async def _remix(self, asked: Interaction, about: dict[str, Any]) -> None:
        on = not asked.account.remix
        await self._say(asked, about, _REMIX_ON if on else _REMIX_OFF, remix=on)

    async def _variability(self, asked: Interaction, about: dict[str, Any]) -> None:
        await self._say(asked, about, "Done!", high_variation=not asked.account.high_variation)

    async def _auto_dm(self, asked: Interaction, about: dict[str, Any]) -> None:
        on = not asked.account.auto_dm
        words = "Done! Job results will be sent to your DMs." if on else "Done! Job results stay out of your DMs."
        await self._say(asked, about, words, auto_dm=on)

    async def _suffix(self, asked: Interaction, about: dict[str, Any]) -> None:
        suffix = " ".join(str(asked.options.get("new_value", "")).split())
        words = f"Done! Your new suffix is `{suffix}`" if suffix else "Done! Your suffix was removed."
        await self._say(asked, about, words, suffix=suffix)

    async def _set_option(self, asked: Interaction, about: dict[str, Any]) -> None:
        name, value = str(asked.options["option"]).removeprefix("--"), str(asked.options.get("value", ""))
        options = {key: kept for key, kept in asked.account.options.items() if key != name}
        if value:
            options[name] = value
        asked.account.options = options
        self._world.note_account(asked.account)
        words = f"Done! `--{name}` now means `{value}`" if value else f"Done! `--{name}` was removed."
        await self._say(asked, about, words)

    async def _list_options(self, asked: Interaction, about: dict[str, Any]) -> None:
        lines = [f"`--{name}`: `{value}`" for name, value in asked.account.options.items()]
        await self._say(asked, about, "\n".join(["Your custom options:", *(lines or ["none"])]))

    async def _user_id(self, asked: Interaction, about: dict[str, Any]) -> None:
        await self._say(asked, about, f"Your user ID is {asked.account.midjourney_id()}")
