"""Everything of webhooks that one engine has: what workspaces decided, who posts, and the desk where it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.core.delivering import Delivering
from engine.core.insisting import Work
from engine.core.options import EngineOptions
from engine.core.webhooks import Webhooks
from engine.core.workspaces import Workspaces
from engine.model.hooks import Hook, in_force
from engine.model.jobs import Job, Origin
from engine.ports import Bodies, Clock, Courier, Secrets, Store


class Mailroom:
    """See the parts. `open_jobs` are those that this process follows; `learn` hears of what was read anew."""

    def __init__(
        self,
        *,
        store: Store,
        secrets: Secrets,
        clock: Clock,
        courier: Courier,
        bodies: Bodies,
        options: EngineOptions,
        open_jobs: Callable[[], Iterable[Job]],
        learn: Callable[[Job], None],
    ) -> None:
        self._workspaces = Workspaces(store, secrets, clock)
        self._delivering = Delivering(
            store=store,
            clock=clock,
            courier=courier,
            bodies=bodies,
            workspaces=self._workspaces,
            sole_owner=options.sole_owner,
            open_jobs=open_jobs,
            learn=learn,
        )
        self.desk = Webhooks(
            store,
            secrets,
            clock,
            dialects=bodies.dialects,
            networks=options.allow_networks,
            changed=self._decided,
        )

    async def open(self) -> None:
        """Know what the workspaces decided before the first request comes.

        Raises:
            Unavailable: the store cannot be read.
        """
        await self._workspaces.refresh()

    def works(self) -> dict[str, Work]:
        """What runs as long as the engine does, by name."""
        return {"workspaces": self._workspaces.run, "deliveries": self._delivering.run}

    def hook_of(self, origin: Origin) -> Hook | None:
        """What the jobs of a request carry."""
        return in_force(origin.callback, self._workspaces.webhook(origin.workspace_id), origin.dialect)

    def moved(self, job: Job) -> None:
        """A step of a job was stored."""
        if job.hook is not None:
            self._delivering.moved(job)

    async def _decided(self) -> None:
        await self._workspaces.refresh()
        self._delivering.wake()
