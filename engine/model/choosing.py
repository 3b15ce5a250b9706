"""Which account runs a job, and why a job waits: late binding, decided when a place is free."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from enum import StrEnum

from engine.model.accounts import Account, AccountState
from engine.model.actions import Service
from engine.model.catalogue import entry_of
from engine.model.jobs import Job
from engine.model.values import value


@value(frozen=True, slots=True)
class Standing:
    """An account as the dispatcher sees it now."""

    account: Account
    live: bool
    """Its session is ready and its lease holds."""
    taken: int
    """Slots in use, foreign jobs included."""
    lane_free: bool
    """Nothing is being sent and the pause between two submissions is over."""
    idle_since: float = 0.0
    """When it last sent something (any clock, for the order among equals)."""
    slots: int | None = None
    """Slots it may use now; None: as many as its owner allows."""
    full: bool = False
    """Midjourney's queue is full, and nothing of the account has ended since."""
    swapping: bool = False
    """A face swap runs there."""
    unreachable: bool = False
    """The last call did not reach the place to which it sends."""


class Waiting(StrEnum):
    """Why a job stays queued, from what is furthest from a submission to what is nearest."""

    PARENT = "what it is made of is not finished"
    PICTURE = "a picture that it needs is being fetched"
    PAUSED = "the workspace's queue is paused"
    NO_ACCOUNT = "no account is linked"
    BOUND_ACCOUNT = "the account that has to run it is paused, stopped or unlinked"
    SERVICE = "the service that makes it is paused or stopped"
    NOT_ACTIVE = "no linked account is active"
    NOT_LIVE = "no linked account is connected"
    QUEUE_FULL = "Midjourney's queue is full"
    NO_SLOT = "all slots are taken"
    FACE_SWAP = "another face swap runs there"
    UNREACHABLE = "the place to which it is sent cannot be reached now"
    PACE = "the pause between two submissions"


@value(frozen=True, slots=True)
class Assignment:
    """The job goes to this account now."""

    job_id: str
    account_id: int


def obstacle(standing: Standing, *, takes_slot: bool, alone: bool = False) -> Waiting | None:
    """Why an account can take no job now that takes a slot, or none; None: it can. `alone`: a face swap."""
    account = standing.account
    if account.state is not AccountState.ACTIVE:
        return Waiting.NOT_ACTIVE
    if not standing.live:
        return Waiting.NOT_LIVE
    if standing.full:
        return Waiting.QUEUE_FULL
    if takes_slot and standing.taken >= (account.concurrency if standing.slots is None else standing.slots):
        return Waiting.NO_SLOT
    if alone and standing.swapping:
        return Waiting.FACE_SWAP
    if standing.lane_free:
        return None
    return Waiting.UNREACHABLE if standing.unreachable else Waiting.PACE


_Turn = tuple[float, float, int]
_NEAREST_FIRST = tuple(reversed(Waiting))


def _turn(standing: Standing) -> _Turn:
    """The least loaded first, the longest idle among equals."""
    return standing.taken / standing.account.concurrency, standing.idle_since, standing.account.id


class _Order:
    """The accounts of one workspace, for jobs that take a slot or for those that take none."""

    __slots__ = ("_able", "_kept_by", "_takes_slot")

    def __init__(self, *, takes_slot: bool) -> None:
        self._takes_slot = takes_slot
        self._able: list[_Turn] = []
        self._kept_by = dict.fromkeys(Waiting, 0)
        """How many accounts each obstacle keeps from taking a job."""

    def add(self, standing: Standing) -> None:
        kept = obstacle(standing, takes_slot=self._takes_slot)
        if kept is None:
            insort(self._able, _turn(standing))
        else:
            self._kept_by[kept] += 1

    def remove(self, standing: Standing) -> None:
        kept = obstacle(standing, takes_slot=self._takes_slot)
        if kept is None:
            del self._able[bisect_left(self._able, _turn(standing))]
        else:
            self._kept_by[kept] -= 1

    @property
    def next(self) -> int | Waiting:
        """The account whose turn it is, or the obstacle of whoever is nearest to a submission."""
        if self._able:
            return self._able[0][2]
        return next((kept for kept in _NEAREST_FIRST if self._kept_by[kept]), Waiting.NO_ACCOUNT)


class _Workspace:
    """How the accounts of one workspace stand."""

    __slots__ = ("orders", "standings")

    def __init__(self) -> None:
        self.standings: dict[int, Standing] = {}
        self.orders = {takes_slot: _Order(takes_slot=takes_slot) for takes_slot in (True, False)}


class Standings:
    """How all accounts stand, in the order in which jobs choose them; a change costs the same however many there are.

    Demo accounts serve only while no real account is linked: they are paused when one is.
    """

    def __init__(self, standings: Iterable[Standing] = ()) -> None:
        self._workspaces: dict[str, _Workspace] = {}
        self._place: dict[int, str] = {}
        """The workspace of each account."""
        for standing in standings:
            self.put(standing)

    def put(self, standing: Standing) -> bool:
        """This is how an account stands now; whether that is news."""
        account = standing.account
        before = self.get(account.id)
        if before == standing:
            return False
        if before is not None:
            self.drop(account.id)
        own = self._workspaces.get(account.workspace_id)
        if own is None:
            own = self._workspaces[account.workspace_id] = _Workspace()
        self._place[account.id] = account.workspace_id
        own.standings[account.id] = standing
        if account.service is Service.MIDJOURNEY:  # what is asked of another service is bound to its account
            for order in own.orders.values():
                order.add(standing)
        return True

    def drop(self, account_id: int) -> None:
        """The account is not there any more, if it ever was."""
        workspace_id = self._place.pop(account_id, None)
        if workspace_id is None:
            return
        own = self._workspaces[workspace_id]
        standing = own.standings.pop(account_id)
        if standing.account.service is Service.MIDJOURNEY:
            for order in own.orders.values():
                order.remove(standing)

    def get(self, account_id: int) -> Standing | None:
        """How an account stands."""
        workspace_id = self._place.get(account_id)
        return None if workspace_id is None else self._workspaces[workspace_id].standings[account_id]

    def of(self, workspace_id: str) -> Iterator[Standing]:
        """How the accounts of a workspace stand."""
        own = self._workspaces.get(workspace_id)
        return iter(own.standings.values() if own is not None else ())

    def next(self, workspace_id: str, *, takes_slot: bool) -> int | Waiting:
        """The account of a workspace whose turn it is, or why none can take a job now."""
        own = self._workspaces.get(workspace_id)
        return Waiting.NO_ACCOUNT if own is None else own.orders[takes_slot].next


def may_run(job: Job, account_id: int) -> bool:
    """Whether an account is one of those that a job is for."""
    if job.only_accounts and account_id not in job.only_accounts:
        return False
    return job.bound_account_id in (None, account_id)


def slots_wanted(job: Job, standings: Standings) -> list[int]:
    """The accounts that would take this job, had they a slot."""
    return [
        s.account.id
        for s in standings.of(job.workspace_id)
        if may_run(job, s.account.id) and s.account.state is AccountState.ACTIVE and s.live
    ]


def candidates(job: Job, standings: Standings) -> list[int]:
    """The active accounts that a job is for, whether they are connected or not."""
    return [
        s.account.id
        for s in standings.of(job.workspace_id)
        if may_run(job, s.account.id)
        and s.account.state is AccountState.ACTIVE
        and (s.account.id == job.bound_account_id or s.account.service is Service.MIDJOURNEY)
    ]


def known_obstacle(job: Job, accounts: Iterable[Account]) -> Waiting | None:
    """Why a queued job cannot be sent, as far as the stored accounts alone tell; None: they do not stand in its way."""
    standings = Standings(Standing(account, live=True, taken=0, lane_free=True) for account in accounts)
    chosen = choose(job, standings)
    return chosen if isinstance(chosen, Waiting) else None


def choose(job: Job, standings: Standings) -> Assignment | Waiting:
    """The account for a job: the least loaded that can take it now, the longest idle among equals."""
    takes_slot, alone = entry_of(job.action).takes_slot, entry_of(job.action).alone
    chosen = standings.next(job.workspace_id, takes_slot=takes_slot)
    if job.bound_account_id is None and (job.only_accounts or alone):
        chosen = _of_some(job, standings, takes_slot=takes_slot, alone=alone)
    if job.bound_account_id is not None:
        own = standings.get(job.bound_account_id)
        if own is None or own.account.workspace_id != job.workspace_id:
            return Waiting.NO_ACCOUNT if chosen is Waiting.NO_ACCOUNT else Waiting.BOUND_ACCOUNT
        if own.account.state is not AccountState.ACTIVE or not may_run(job, own.account.id):
            return Waiting.BOUND_ACCOUNT if own.account.service is Service.MIDJOURNEY else Waiting.SERVICE
        chosen = obstacle(own, takes_slot=takes_slot, alone=alone) or own.account.id
    return chosen if isinstance(chosen, Waiting) else Assignment(job.id, chosen)


def _of_some(job: Job, standings: Standings, *, takes_slot: bool, alone: bool) -> int | Waiting:
    """As `Standings.next`, among the accounts that the job is for."""
    midjourney = [s for s in standings.of(job.workspace_id) if s.account.service is Service.MIDJOURNEY]
    own = [s for s in midjourney if may_run(job, s.account.id)]
    obstacles = {s.account.id: obstacle(s, takes_slot=takes_slot, alone=alone) for s in own}
    able = [s for s in own if obstacles[s.account.id] is None]
    if able:
        return min(able, key=_turn).account.id
    return next((kept for kept in _NEAREST_FIRST if kept in obstacles.values()), Waiting.NO_ACCOUNT)
