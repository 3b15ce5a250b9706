"""The part of the store in memory for the people of Discord."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from engine.model import errors
from engine.model.community.cards import CardState
from engine.model.community.guilds import ConnectCode, Guild, Operator
from engine.model.community.people import ERASED, Member, Person, Restrained, Strike, requester_of
from engine.model.community.reports import Removal, Report, Settled
from engine.model.jobs import FINAL_STATES, UPSTREAM_STATES, Job, JobState
from engine.model.moderation.kept import AuditEntry
from engine.ports import Erased, Footing, GalleryWanted, JobPage, MemberLoad, Place, Traces
from tests.fakes.memory_shelves import MemoryShelves


class MemoryCommunity(MemoryShelves):
    """Mixed into MemoryStore, whose workspaces, jobs and audit log it knows."""

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[str, ConnectCode] = {}
        self._guilds: dict[str, Guild] = {}
        self._operators: dict[tuple[str, str], Operator] = {}
        self._people: dict[str, Person] = {}
        self._members: dict[tuple[str, str], Member] = {}
        self._strikes: dict[int, Strike] = {}
        self._reports: dict[int, Report] = {}
        self._removals: dict[str, Removal] = {}

    def _minute(self, entry: AuditEntry) -> None:
        self._audit.append(replace(entry, id=len(self._audit) + 1))

    # --- servers and operators

    async def add_code(self, code: ConnectCode) -> None:
        await self._writing()
        if code.workspace_id not in self._workspaces:
            raise errors.NotFound("there is no such workspace")
        self._codes = {digest: each for digest, each in self._codes.items() if each.expires_at > code.created_at}
        self._codes[code.digest] = code

    async def connect_guild(self, digest: str, guild: Guild, audit: AuditEntry) -> Guild | None:
        await self._writing()
        code = self._codes.get(digest)
        if code is None or code.expires_at <= audit.at:
            return None
        known = self._guilds.get(guild.guild_id)
        if known is not None and known.workspace_id != code.workspace_id:
            raise errors.Conflict("this server is connected to another workspace")
        del self._codes[digest]
        self._guilds[guild.guild_id] = known or replace(guild, workspace_id=code.workspace_id)
        key = (code.workspace_id, guild.connected_by)
        operator = Operator(workspace_id=key[0], user_id=key[1], added_at=audit.at, added_by="a code")
        self._operators.setdefault(key, operator)
        self._minute(replace(audit, workspace_id=code.workspace_id))
        return self._guilds[guild.guild_id]

    async def guild(self, guild_id: str) -> Guild | None:
        return self._guilds.get(guild_id)

    async def guilds(self, workspace_id: str | None = None) -> list[Guild]:
        found = [guild for guild in self._guilds.values() if workspace_id in (None, guild.workspace_id)]
        return sorted(found, key=lambda guild: (guild.connected_at, guild.guild_id))

    def _own_guild(self, workspace_id: str, guild_id: str) -> bool:
        known = self._guilds.get(guild_id)
        return known is not None and known.workspace_id == workspace_id

    async def change_guild(self, guild: Guild, audit: AuditEntry) -> bool:
        await self._writing()
        if not self._own_guild(guild.workspace_id, guild.guild_id):
            return False
        before = self._guilds[guild.guild_id]
        self._guilds[guild.guild_id] = replace(before, name=guild.name, settings=guild.settings)
        self._minute(audit)
        return True

    async def drop_guild(self, workspace_id: str, guild_id: str, audit: AuditEntry) -> bool:
        await self._writing()
        if not self._own_guild(workspace_id, guild_id):
            return False
        del self._guilds[guild_id]
        self._minute(audit)
        return True

    async def operators(self, workspace_id: str) -> list[Operator]:
        found = [each for each in self._operators.values() if each.workspace_id == workspace_id]
        return sorted(found, key=lambda each: (each.added_at, each.user_id))

    async def add_operator(self, operator: Operator, audit: AuditEntry) -> bool:
        await self._writing()
        key = (operator.workspace_id, operator.user_id)
        if key in self._operators:
            return False
        self._operators[key] = operator
        self._minute(audit)
        return True

    async def remove_operator(self, workspace_id: str, user_id: str, audit: AuditEntry) -> bool:
        await self._writing()
        if self._operators.pop((workspace_id, user_id), None) is None:
            return False
        self._minute(audit)
        return True

    # --- members

    async def footing(self, user_id: str, guild_id: str | None, workspace_id: str | None = None) -> Footing:
        guild = None if guild_id is None else self._guilds.get(guild_id)
        home = guild.workspace_id if guild is not None else workspace_id
        person = self._people.get(user_id, Person(user_id=user_id))
        if home is None:
            return Footing(person, guild, operator=False, member=None)
        place = self._workspaces.get(home)
        if place is None:
            return Footing(person, None, operator=False, member=None)
        operator = (home, user_id) in self._operators
        return Footing(person, guild, operator, self._member(home, user_id), place.quota)

    async def footing_at(self, user_id: str, guild_id: str, job_id: str) -> tuple[Footing, Job | None]:
        found = await self.footing(user_id, guild_id)
        job = self._jobs.get(job_id)
        ours = found.guild is not None and job is not None and job.workspace_id == found.guild.workspace_id
        return found, job if ours else None

    async def put_person(self, person: Person) -> None:
        await self._writing()
        self._people[person.user_id] = person

    async def see_member(self, workspace_id: str, user_id: str, name: str, at: datetime) -> Member:
        await self._writing()
        key = (workspace_id, user_id)
        known = self._members.get(key) or Member(workspace_id=workspace_id, user_id=user_id, since=at)
        self._members[key] = replace(known, name=name or known.name)
        return self._member(*key)

    def _member(self, workspace_id: str, user_id: str) -> Member | None:
        known = self._members.get((workspace_id, user_id))
        own = [each for each in self._strikes.values() if (each.workspace_id, each.user_id) == (workspace_id, user_id)]
        return None if known is None else replace(known, strikes=sum(each.lifted_at is None for each in own))

    async def members(self, workspace_id: str, limit: int, after: str | None = None) -> list[Member]:
        ids = sorted(user for place, user in self._members if place == workspace_id and user > (after or ""))
        return [self._member(workspace_id, user) for user in ids[:limit]]

    async def member(self, workspace_id: str, user_id: str) -> Member | None:
        return self._member(workspace_id, user_id)

    async def restrain(self, workspace_id: str, user_id: str, held: Restrained | None, audit: AuditEntry) -> bool:
        await self._writing()
        if (workspace_id, user_id) not in self._members:
            return False
        self._members[workspace_id, user_id] = replace(self._members[workspace_id, user_id], restrained=held)
        self._minute(audit)
        return True

    async def mark_left(self, workspace_id: str, user_id: str, at: datetime | None) -> bool:
        await self._writing()
        if (workspace_id, user_id) not in self._members:
            return False
        self._members[workspace_id, user_id] = replace(self._members[workspace_id, user_id], left_at=at)
        return True

    async def strikes(self, workspace_id: str, user_id: str) -> list[Strike]:
        own = [each for each in self._strikes.values() if (each.workspace_id, each.user_id) == (workspace_id, user_id)]
        return own[::-1]

    async def add_strike(self, strike: Strike, audit: AuditEntry) -> Strike | None:
        await self._writing()
        if (strike.workspace_id, strike.user_id) not in self._members:
            return None
        self._minute(audit)
        return self._keep_strike(strike)

    def _keep_strike(self, strike: Strike) -> Strike:
        made = replace(strike, id=next(self._numbers))
        self._strikes[made.id] = made
        return made

    async def lift_strike(self, workspace_id: str, strike_id: int, by: str, at: datetime, audit: AuditEntry) -> bool:
        await self._writing()
        known = self._strikes.get(strike_id)
        if known is None or known.workspace_id != workspace_id or known.lifted_at is not None:
            return False
        self._strikes[strike_id] = replace(known, lifted_at=at, lifted_by=by)
        self._minute(audit)
        return True

    def _asked_by(self, requester: str, workspace_id: str | None = None) -> list[Job]:
        own = [
            job
            for job in self._jobs.values()
            if workspace_id in (None, job.workspace_id) and self._requests[job.request_id].origin.requester == requester
        ]
        return sorted(own, key=lambda job: (job.created_at, job.id))

    async def member_load(self, workspace_id: str, requester: str) -> MemberLoad:
        own = self._asked_by(requester, workspace_id)
        queued = sum(job.state is JobState.QUEUED for job in own)
        running = sum(job.state in UPSTREAM_STATES for job in own)
        return MemberLoad(queued, running, own[-1].created_at if own else None)

    async def unfinished_of(self, workspace_id: str, requester: str) -> list[Job]:
        return [job for job in self._asked_by(requester, workspace_id) if job.state not in FINAL_STATES]

    # --- reports and removals

    async def add_report(self, report: Report) -> Report:
        await self._writing()
        same = (report.workspace_id, report.job_id, report.reporter)
        for known in self._reports.values():
            if known.settled is None and (known.workspace_id, known.job_id, known.reporter) == same:
                return known
        made = replace(report, id=next(self._numbers))
        self._reports[made.id] = made
        return made

    async def reports(
        self, workspace_id: str, limit: int, before: int | None = None, *, unsettled: bool = False
    ) -> list[Report]:
        own = [
            report
            for report in self._reports.values()
            if report.workspace_id == workspace_id
            and (before is None or report.id < before)
            and not (unsettled and report.settled is not None)
        ]
        return own[::-1][:limit]

    async def settle_report(self, report: Report, audit: AuditEntry) -> bool:
        await self._writing()
        known = self._reports.get(report.id)
        if known is None or known.workspace_id != report.workspace_id or known.settled is not None:
            return False
        settled = {name: getattr(report, name) for name in ("settled", "settled_at", "settled_by")}
        self._reports[report.id] = replace(known, **settled)
        self._minute(audit)
        return True

    async def remove_pictures(
        self, removal: Removal, audit: AuditEntry, strike: tuple[Strike, AuditEntry] | None = None
    ) -> tuple[str, ...] | None:
        await self._writing()
        if removal.job_id in self._removals:
            return None
        self._removals[removal.job_id] = removal
        this = self._jobs[removal.job_id]
        files = self._bare(this)
        alike = [
            job
            for job in self._jobs.values()
            if this.parent_id is not None
            and (job.parent_id, job.action) == (this.parent_id, this.action)
            and job.result is not None
            and job.result.message_id == this.result.message_id
        ]
        for job in alike:
            files += self._bare(job)
        for card in self._cards.values():
            if card.job_id == removal.job_id:
                self._cards[card.id] = replace(card, state=CardState.ERASE, updated_at=removal.at)
        for report in self._reports.values():
            if report.job_id == removal.job_id and report.settled is None:
                settled = {"settled": Settled.REMOVED, "settled_at": removal.at, "settled_by": removal.by}
                self._reports[report.id] = replace(report, **settled)
        if strike is not None:
            self._keep_strike(strike[0])
            self._minute(strike[1])
        self._minute(audit)
        return files

    def _bare(self, job: Job) -> tuple[str, ...]:
        own = [copy for copy in self._pictures.values() if copy.job_id == job.id]
        for copy in own:
            del self._pictures[copy.picture.key]
        if job.result is not None:
            bare = replace(job.result, pictures=(), components=(), content="", details=None)
            self._jobs[job.id] = replace(job, result=bare, preview_url=None)
        return tuple(copy.filename for copy in own if copy.filename is not None)

    async def hide(self, workspace_id: str, job_id: str) -> None:
        await self._writing()
        job = self._jobs.get(job_id)
        if job is not None and job.workspace_id == workspace_id and job.state in FINAL_STATES:
            self._jobs[job_id] = replace(job, private=True)

    async def removal(self, workspace_id: str, job_id: str) -> Removal | None:
        found = self._removals.get(job_id)
        return found if found is not None and found.workspace_id == workspace_id else None

    async def workspace_of_job(self, job_id: str) -> str | None:
        found = self._jobs.get(job_id)
        return None if found is None else found.workspace_id

    async def versions(self, job_ids) -> dict[str, int]:
        return {job_id: self._jobs[job_id].version for job_id in job_ids if job_id in self._jobs}

    async def gallery(self, workspace_id: str, wanted: GalleryWanted, limit: int) -> JobPage:
        place = wanted.behind
        fitting = [
            job
            for job in self._jobs.values()
            if (job.workspace_id, job.state) == (workspace_id, JobState.DONE)
            and job.result is not None
            and job.result.pictures
            and wanted.text.lower() in job.prompt.lower()
            and wanted.requester in (None, self._requests[job.request_id].origin.requester)
            and (
                not job.private
                or wanted.sees_private
                or self._requests[job.request_id].origin.requester == wanted.viewer
            )
            and (place is None or (job.created_at, job.id) < (place.created_at, place.job_id))
        ]
        newest = sorted(fitting, key=lambda job: (job.created_at, job.id), reverse=True)
        last = newest[limit - 1] if len(newest) > limit else None
        return JobPage(tuple(newest[:limit]), None if last is None else Place(last.created_at, last.id))

    # --- everything about a person

    async def requested(self, requester: str, behind: Place | None, limit: int) -> list[Job]:
        own = self._asked_by(requester)[::-1]
        return [job for job in own if behind is None or (job.created_at, job.id) < (behind.created_at, behind.job_id)][
            :limit
        ]

    async def memberships(self, user_id: str) -> list[Member]:
        places = sorted(place for place, user in self._members if user == user_id)
        return [self._member(place, user_id) for place in places]

    async def traces(self, user_id: str) -> Traces:
        ids = {job.id for job in self._asked_by(requester_of(user_id))}
        return Traces(
            tuple(each for each in self._kept_refusals if each.requester == requester_of(user_id)),
            tuple(each for each in self._reports.values() if each.reporter == user_id),
            tuple(card for card in self._cards.values() if card.job_id in ids),
        )

    async def erase(self, user_id: str, most: int) -> Erased:
        await self._writing()
        own = self._asked_by(requester_of(user_id))
        ended = [job for job in own if job.state in FINAL_STATES][:most]
        still = [job for job in own if job.state not in FINAL_STATES]
        files = self._erase_jobs(ended, {job.request_id for job in still})
        gone = tuple(job.id for job in ended)
        if len(ended) == most:
            return Erased(gone, files, len(still), more=True)
        self._erase_person(user_id)
        return Erased(gone, files, len(still))

    def _erase_jobs(self, ended: list[Job], asked_still: set[str]) -> tuple[str, ...]:
        files: tuple[str, ...] = ()
        for job in ended:
            files += self._bare(job)
            self._erase_job(self._jobs[job.id])
        for request_id in {job.request_id for job in ended} - asked_still:
            request = self._requests[request_id]
            origin = replace(request.origin, requester=ERASED, ref=None, echo=None)
            self._requests[request_id] = replace(request, prompt="", origin=origin)
        ids = {job.id for job in ended}
        for card in self._cards.values():
            if card.job_id in ids:
                self._cards[card.id] = replace(card, state=CardState.ERASE, user_id=ERASED)
        return files

    def _erase_person(self, user_id: str) -> None:
        self._kept_refusals = [each for each in self._kept_refusals if each.requester != requester_of(user_id)]
        self._styles = {style.id: style for style in self._styles.values() if style.user_id != user_id}
        for report in self._reports.values():
            if report.reporter == user_id:
                self._reports[report.id] = replace(report, reporter=ERASED, reason="")
        self._people.pop(user_id, None)
        marked = {(each.workspace_id, each.user_id) for each in self._strikes.values()}
        for key, member in list(self._members.items()):
            if key[1] == user_id:
                self._members[key] = replace(member, name="")
                if member.restrained is None and key not in marked:
                    del self._members[key]

    def _erase_job(self, job: Job) -> None:
        failure = None if job.failure is None else replace(job.failure, detail="")
        bare = {"prompt": "", "given": type(job.given)(), "ref": None, "note": None, "sent_prompt": None}
        gone = {"charge": None, "boosted_by": None, "labels": (), "hook": None, "preview_url": None}
        self._jobs[job.id] = replace(job, failure=failure, **bare, **gone)
        told = [replace(each, note=None, failure=failure and each.failure) for each in self._updates.get(job.id, ())]
        self._updates[job.id] = [each if each.failure is None else replace(each, failure=failure) for each in told]
