"""What a workspace decides of its webhooks, which of its posts did not arrive, and that they go out once more."""

from __future__ import annotations

import base64
import secrets as randomness
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from engine.core.community.minutes import OPERATOR, minute
from engine.model.addresses import Network, Reach
from engine.model.deliveries import Delivery, DeliveryState
from engine.model.errors import InvalidInput, NotFound
from engine.model.hooks import Hook, WorkspaceHook
from engine.ports import Clock, DeliveryCounts, KeepAudit, Secrets, Store

SECRET_BEGINS = "whsec_"  # noqa: S105 - the mark of Standard Webhooks, no secret
SECRET_BYTES = 32


async def _nobody_asks() -> None:
    """Where no engine runs, nobody has to hear of it."""


@dataclass(frozen=True, slots=True)
class WebhookSetting:
    """A workspace's default, and whether its posts are signed."""

    hook: WorkspaceHook | None
    is_signed: bool


class Webhooks:
    """The webhooks of all workspaces: `dialects` may speak in them, `changed` is called when something was decided.

    `who` decides, for the audit log, which is told no more of an address than its host: the rest may be a secret.
    """

    def __init__(
        self,
        store: Store,
        secrets: Secrets,
        clock: Clock,
        *,
        dialects: Collection[str],
        networks: tuple[Network, ...] = (),
        changed: Callable[[], Awaitable[None]] = _nobody_asks,
    ) -> None:
        self._store = store
        self._secrets = secrets
        self._clock = clock
        self._reach = Reach(networks=networks)
        self._dialects = dialects
        self._changed = changed

    def check(self, hook: Hook | None, field: str) -> Hook | None:
        """The same, if its address may be called, as far as can be told before its name is looked up.

        Raises:
            InvalidInput: it may not; names `field`.
        """
        if hook is not None and hook.url:
            self._reach.check_called(hook.url, field)
        return hook

    async def setting(self, workspace_id: str) -> WebhookSetting:
        """What the workspace has now.

        Raises:
            NotFound: there is no such workspace.
        """
        for each in await self._store.workspaces():
            if each.id == workspace_id:
                return WebhookSetting(each.webhook, each.signing_sealed is not None)
        raise NotFound("there is no such workspace")

    async def set(self, workspace_id: str, hook: WorkspaceHook, who: str = OPERATOR) -> WebhookSetting:
        """From now on new requests that name no address are posted there; those that run keep what they had.

        Raises:
            InvalidInput: the address may not be called, or the dialect is unknown.
        """
        if hook.url is not None:
            self._reach.check_called(hook.url, "url")
        if hook.dialect not in self._dialects:
            raise InvalidInput("dialect", "is unknown", value=hook.dialect, allowed=", ".join(sorted(self._dialects)))
        before = (await self.setting(workspace_id)).hook
        await self._store.set_webhook(workspace_id, hook)
        await self._decided(workspace_id, who, "webhook set", before, hook)
        return await self.setting(workspace_id)

    async def off(self, workspace_id: str, who: str = OPERATOR) -> WebhookSetting:
        """There is no default any more."""
        before = (await self.setting(workspace_id)).hook
        await self._store.set_webhook(workspace_id, None)
        await self._decided(workspace_id, who, "webhook taken away", before, None)
        return await self.setting(workspace_id)

    async def new_secret(self, workspace_id: str, who: str = OPERATOR) -> str:
        """A secret that signs every post from now on, in place of the one before; it is known only now."""
        await self.setting(workspace_id)
        secret = SECRET_BEGINS + base64.b64encode(randomness.token_bytes(SECRET_BYTES)).decode()
        await self._store.set_signing_secret(workspace_id, self._secrets.seal(secret))
        await self._decided(workspace_id, who, "webhook secret made anew", None, None)
        return secret

    async def _decided(
        self, workspace_id: str, who: str, what: str, before: WorkspaceHook | None, after: WorkspaceHook | None
    ) -> None:
        said = minute(workspace_id, who, what, self._clock.now(), before=_place(before), after=_place(after))
        await self._store.apply([KeepAudit(said)])
        await self._changed()

    # --- posts

    async def deliveries(
        self,
        workspace_id: str,
        *,
        job_id: str | None = None,
        state: DeliveryState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Delivery]:
        """The workspace's posts, newest first: of a job's request, in one state, before that id.

        Raises:
            NotFound: no such job in the workspace.
        """
        request_id = None
        if job_id is not None:
            job = await self._store.job(workspace_id, job_id)
            if job is None:
                raise NotFound(f"no job {job_id}")
            request_id = job.request_id
        return await self._store.deliveries(
            workspace_id, request_id=request_id, state=state, before=before, limit=limit
        )

    async def delivery(self, workspace_id: str, delivery_id: int) -> Delivery:
        """One post.

        Raises:
            NotFound: no such post in the workspace.
        """
        found = await self._store.delivery(workspace_id, delivery_id)
        if found is None:
            raise NotFound(f"no delivery {delivery_id}")
        return found

    async def counts(self, workspace_id: str) -> DeliveryCounts:
        """How many posts did not arrive."""
        return await self._store.delivery_counts(workspace_id)

    async def replay(self, workspace_id: str, delivery_id: int) -> Delivery:
        """Send one again now, whatever became of it, and try for three more days; it keeps its webhook id.

        Raises:
            NotFound: no such post in the workspace.
        """
        await self.delivery(workspace_id, delivery_id)
        await self._store.replay_deliveries(workspace_id, delivery_id, self._clock.now())
        await self._changed()
        return await self.delivery(workspace_id, delivery_id)

    async def replay_failed(self, workspace_id: str) -> int:
        """Send all again that failed; returns how many."""
        count = await self._store.replay_deliveries(workspace_id, None, self._clock.now())
        await self._changed()
        return count


def _place(hook: WorkspaceHook | None) -> str | None:
    """Where a webhook leads, without path and credentials."""
    if hook is None or hook.url is None:
        return None
    parts = urlsplit(hook.url)
    progress = ", with progress" if hook.progress else ""
    return f"{parts.scheme}://{parts.hostname}, {hook.dialect}{progress}"
