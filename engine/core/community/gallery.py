"""Which jobs somebody finds again: their own, page by page, and the pictures that they may see."""

from __future__ import annotations

from engine.core.community.permits import Asker, Permits
from engine.model.community.permission import Deed, is_moderator
from engine.model.errors import InvalidInput
from engine.model.jobs import JobState
from engine.ports import GalleryWanted, JobPage, JobsWanted, Place, Store

LONGEST_SEARCH = 200


class Gallery:
    """What was made."""

    def __init__(self, store: Store, permits: Permits) -> None:
        self._store = store
        self._permits = permits

    async def mine(
        self, asker: Asker, *, states: tuple[JobState, ...] = (), limit: int = 10, behind: Place | None = None
    ) -> JobPage:
        """Somebody's own jobs where they are, newest first; go on with `rest` of the page before.

        Raises:
            NotAllowed: there is no workspace here.
        """
        permit = await self._permits.permit(asker, Deed.VIEW)
        wanted = JobsWanted(requester=asker.requester, states=states, behind=behind)
        return await self._store.job_page(permit.workspace_id, wanted, limit)

    async def search(
        self, asker: Asker, text: str = "", *, mine: bool = False, limit: int = 10, behind: Place | None = None
    ) -> JobPage:
        """Finished pictures whose prompt holds the text; private ones for their requester and moderators only.

        A page may be short, or empty, and still have a `rest`: it looks at some thousand jobs at a time.

        Raises:
            NotAllowed: there is no workspace here.
            InvalidInput: the text is too long.
        """
        if len(text) > LONGEST_SEARCH:
            raise InvalidInput("search", f"has {len(text)} characters", allowed=f"at most {LONGEST_SEARCH}")
        permit = await self._permits.permit(asker, Deed.VIEW)
        wanted = GalleryWanted(
            viewer=asker.requester,
            sees_private=is_moderator(permit.actor, permit.guild.settings),
            requester=asker.requester if mine else None,
            text=text.strip(),
            behind=behind,
        )
        return await self._store.gallery(permit.workspace_id, wanted, limit)
