"""Presets of words and parameters: saved, used, shared and deleted by members."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.model.community.permission import Denial
from engine.model.community.styles import MOST_STYLES, Style, checked_name, checked_words, sense_of
from engine.model.errors import Conflict, Hindrance, NotAllowed, NotFound
from engine.ports import Clock, Store

Judge = Callable[[str, Sequence[str]], None]
"""Raises Banned when a workspace's rules refuse the words."""


def let_pass(_: str, __: Sequence[str]) -> None:
    """Judge nothing: where no rules are loaded."""


class Styles:
    """The styles of all workspaces."""

    def __init__(self, store: Store, clock: Clock, judge: Judge = let_pass) -> None:
        self._store = store
        self._clock = clock
        self._judge = judge

    async def of(self, workspace_id: str, user_id: str | None = None) -> list[Style]:
        """A member's own and those that others share (None: every one), by name."""
        return await self._store.styles(workspace_id, user_id)

    async def begins(self, workspace_id: str, user_id: str, text: str, limit: int = 25) -> list[Style]:
        """For autocompletes: those that a member may use, whose name begins so first, then those that hold it."""
        sense = sense_of(text)
        known = await self._store.styles(workspace_id, user_id)
        fitting = [style for style in known if sense in sense_of(style.name)]
        return sorted(fitting, key=lambda style: not sense_of(style.name).startswith(sense))[:limit]

    async def named(self, workspace_id: str, user_id: str, name: str) -> Style:
        """The style of that name that a member may use: their own before one that is shared.

        Raises:
            NotFound: there is none.
        """
        sense = sense_of(name)
        fitting = [each for each in await self._store.styles(workspace_id, user_id) if sense_of(each.name) == sense]
        if not fitting:
            raise NotFound("no such style")
        return min(fitting, key=lambda style: style.user_id != user_id)

    async def save(self, workspace_id: str, user_id: str, name: str, words: str, *, shared: bool = False) -> Style:
        """Save a style, in the place of the member's own of that name.

        Raises:
            InvalidInput: it cannot be one: name, or words that would spoil a prompt.
            Banned: the block list refuses its name or words, which others would read.
            Conflict: the member has too many.
        """
        said, kept = checked_name(name), checked_words(words)
        self._judge(workspace_id, (said, kept))
        own = [each for each in await self._store.styles(workspace_id, user_id) if each.user_id == user_id]
        known = {sense_of(each.name) for each in own}
        if sense_of(said) not in known and len(own) >= MOST_STYLES:
            raise Conflict(f"these are {MOST_STYLES} styles already; delete one first", Hindrance.TOO_MANY_STYLES)
        now = self._clock.now()
        new = Style(
            workspace_id=workspace_id,
            user_id=user_id,
            name=said,
            words=kept,
            shared=shared,
            created_at=now,
            updated_at=now,
        )
        return await self._store.save_style(new)

    async def style(self, workspace_id: str, style_id: int) -> Style:
        """A style of the workspace. Raises NotFound."""
        for each in await self._store.styles(workspace_id, None):
            if each.id == style_id:
                return each
        raise NotFound("no such style")

    async def share(self, workspace_id: str, style_id: int, user_id: str, *, shared: bool = True) -> Style:
        """Let every member of the workspace use it, or its owner alone again.

        Raises:
            NotFound: there is no such style.
            NotAllowed: it is somebody else's.
        """
        found = await self._own(workspace_id, style_id, user_id)
        return await self.save(workspace_id, found.user_id, found.name, found.words, shared=shared)

    async def delete(self, workspace_id: str, style_id: int, user_id: str | None) -> Style:
        """Delete a style; None: whoever saved it, for moderators and the operator.

        Raises:
            NotFound: there is no such style.
            NotAllowed: it is somebody else's.
        """
        found = await self._own(workspace_id, style_id, user_id)
        if not await self._store.drop_style(workspace_id, style_id):
            raise NotFound("no such style")
        return found

    async def _own(self, workspace_id: str, style_id: int, user_id: str | None) -> Style:
        found = await self.style(workspace_id, style_id)
        if user_id is not None and found.user_id != user_id:
            # a style that is not shared is not known to others
            raise NotAllowed(Denial.NOT_YOURS) if found.shared else NotFound("no such style")
        return found
