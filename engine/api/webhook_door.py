"""What the HTTP side asks of the engine about webhooks: defaults, secrets, posts and their replay."""

from __future__ import annotations

from typing import Protocol

from engine.core.webhooks import WebhookSetting
from engine.model.deliveries import Delivery, DeliveryState
from engine.model.hooks import Hook, WorkspaceHook


class WebhookDesk(Protocol):
    """What a workspace decides of its webhooks, and its posts (documented in core.webhooks); `who` decides."""

    def check(self, hook: Hook | None, field: str) -> Hook | None:
        """The same, if it may be called. Raises InvalidInput, which names the field."""
        ...

    async def setting(self, workspace_id: str) -> WebhookSetting:
        """What the workspace has. Raises NotFound."""
        ...

    async def set(self, workspace_id: str, hook: WorkspaceHook, who: str) -> WebhookSetting:
        """Its default from now on. Raises InvalidInput."""
        ...

    async def off(self, workspace_id: str, who: str) -> WebhookSetting:
        """No default any more."""
        ...

    async def new_secret(self, workspace_id: str, who: str) -> str:
        """A new secret for signatures, shown once."""
        ...

    async def deliveries(
        self,
        workspace_id: str,
        *,
        job_id: str | None = None,
        state: DeliveryState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Delivery]:
        """Its posts, newest first. Raises NotFound (no such job)."""
        ...

    async def delivery(self, workspace_id: str, delivery_id: int) -> Delivery:
        """One post. Raises NotFound."""
        ...

    async def replay(self, workspace_id: str, delivery_id: int) -> Delivery:
        """Send it again. Raises NotFound."""
        ...

    async def replay_failed(self, workspace_id: str) -> int:
        """Send all again that failed; returns how many."""
        ...
