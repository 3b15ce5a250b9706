"""What every ports.Store promises about members' jobs and pictures: loads, galleries, reports, removals, erasure."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from engine.model.community.cards import Card, CardState
from engine.model.community.guilds import ConnectCode, Guild
from engine.model.community.people import ERASED, Person, Strike
from engine.model.community.reports import Removal, Report, Settled
from engine.model.community.styles import Style
from engine.model.events import CancelAsked
from engine.model.jobs import JobState, Picture
from engine.model.moderation import WordList
from engine.model.moderation.kept import AuditEntry, Refusal
from engine.ports import Footing, GalleryWanted, KeepRefusal, MemberLoad, PictureCopied, Traces
from engine.store.community import pictures as sql_pictures
from tests.contracts.store_examples import T0, after, assigned, finished, furnish, new_request, result, seen
from tests.contracts.store_kinds import STORES, opened

ANN, BEN = "111111111111111111", "222222222222222222"
A, B = f"discord:{ANN}", f"discord:{BEN}"


@pytest.fixture(params=STORES)
async def store(request, tmp_path):
    async with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as made:
        yield made


@pytest.fixture
async def house(store):
    return await furnish(store)


def audit(workspace_id, what="picture removed"):
    return AuditEntry(workspace_id=workspace_id, who="discord:9", what=what, before=None, after=None, at=T0)


async def put(house, at=0, requester=A, workspace_id=None, **changes):
    """A queued job of that requester."""
    new = new_request(workspace_id or house.workspace_id, at=after(at))
    private = changes.get("private", False)
    origin = replace(new.request.origin, requester=requester, private=private)
    job = replace(new.jobs[0], **changes)
    request = replace(new.request, origin=origin, prompt=job.prompt)
    await house.store.apply([replace(new, request=request, jobs=(job,))])
    return job


async def drawn(house, at=0, requester=A, outcome=None, **changes):
    """A job of that requester that made two pictures."""
    job = await put(house, at, requester, **changes)
    end = finished(house.account.id, after(at), outcome or result())
    return await house.move(job, assigned(house.account.id), seen(house.account.id), end)


async def bound(house, guild_id, user_id):
    """The server is the workspace's from now on."""
    code = ConnectCode(digest="d", workspace_id=house.workspace_id, created_at=T0, expires_at=after(60))
    await house.store.add_code(code)
    guild = Guild(guild_id=guild_id, workspace_id="", name="Studio", connected_at=T0, connected_by=user_id)
    assert await house.store.connect_guild("d", guild, audit("", "server connected")) is not None


async def found(house, viewer=A, limit=50, **wanted):
    page = await house.store.gallery(house.workspace_id, GalleryWanted(viewer=viewer, **wanted), limit)
    return [job.id for job in page.jobs]


# --- loads


async def test_a_requesters_open_jobs_are_counted_and_listed(house):
    waiting, sent = await put(house, 1), await house.move(await put(house, 2), assigned(house.account.id))
    await drawn(house, 3)
    await put(house, 4, B)
    other = await house.store.ensure_workspace("other", T0)
    await put(house, 5, workspace_id=other.id)
    assert await house.store.member_load(house.workspace_id, A) == MemberLoad(1, 1, after(3))
    assert await house.store.member_load(other.id, A) == MemberLoad(1, 0, after(5))
    assert [job.id for job in await house.store.unfinished_of(house.workspace_id, A)] == [waiting.id, sent.id]
    assert [len(await house.store.requested(A, None, 10)), len(await house.store.requested(B, None, 10))] == [4, 1]


async def test_a_job_that_has_ended_can_be_hidden_with_all_else_as_it_was(house):
    done, waiting = await house.done(), await put(house)
    for job in (done, waiting):
        await house.store.hide("elsewhere", job.id)
        assert await house.store.job(house.workspace_id, job.id) == job
        await house.store.hide(house.workspace_id, job.id)
    hidden = await house.store.job(house.workspace_id, done.id)
    assert hidden == replace(done, private=True)
    assert await house.store.job(house.workspace_id, waiting.id) == waiting
    assert (await house.store.gallery(house.workspace_id, GalleryWanted(viewer="discord:1"), 10)).jobs == ()


async def test_a_job_tells_its_workspace_and_its_version(house):
    job, sent = await put(house), await house.move(await put(house), assigned(house.account.id))
    assert await house.store.workspace_of_job(job.id) == house.workspace_id
    assert await house.store.workspace_of_job(str(uuid.uuid4())) is None
    assert await house.store.versions([job.id, sent.id, "nothing"]) == {job.id: 1, sent.id: 2}
    assert await house.store.versions([]) == {}


async def test_a_job_comes_with_how_somebody_stands_where_it_is(house):
    store, guild_id, user_id = house.store, "3" * 18, "1" * 18
    job = await put(house)
    nowhere = await store.footing_at(user_id, guild_id, job.id)
    assert nowhere == (Footing(Person(user_id=user_id), None, operator=False, member=None), None)
    await bound(house, guild_id, user_id)
    assert await store.footing_at(user_id, guild_id, job.id) == (await store.footing(user_id, guild_id), job)
    other = await put(house, workspace_id=(await store.ensure_workspace("other", T0)).id)
    assert (await store.footing_at(user_id, guild_id, other.id))[1] is None


# --- galleries


async def test_a_gallery_holds_what_can_be_seen_newest_first(house):
    await put(house, 1)
    texts = await drawn(house, 2, outcome=replace(result(), pictures=()))
    first, second = await drawn(house, 3), await drawn(house, 4, B)
    assert texts.state is JobState.DONE
    assert await found(house) == [second.id, first.id]
    assert await found(house, requester=A) == [first.id]
    other = await house.store.ensure_workspace("other", T0)
    assert (await house.store.gallery(other.id, GalleryWanted(viewer=A), 5)).jobs == ()


async def test_a_private_picture_is_its_requesters_and_moderators(house):
    secret = await drawn(house, 1, private=True)
    spoken = await drawn(house, 2, B, prompt='a sign that says "private":true')
    assert await found(house) == [spoken.id, secret.id]
    assert await found(house, viewer=B) == [spoken.id]
    assert await found(house, viewer=B, sees_private=True) == [spoken.id, secret.id]
    assert (await house.store.job(house.workspace_id, secret.id)).private


async def test_what_was_made_leaves_private_pictures_out(house):
    await drawn(house, 1, private=True)
    shown = await drawn(house, 2)
    assert [job.id for job in await house.store.made(house.workspace_id, T0, limit=5)] == [shown.id]


async def test_words_are_searched_as_they_stand_whatever_their_case(house):
    red = await drawn(house, 1, prompt="a RED fox, 50% grey_blue")
    await drawn(house, 2, prompt="a cat")
    assert await found(house, text="red FOX") == [red.id]
    assert await found(house, text="0% grey_") == [red.id]
    assert await found(house, text="grey%blue") == []


async def test_pages_of_a_gallery_follow_each_other(house, monkeypatch):
    made = [(await drawn(house, at, requester=A if at % 2 else B)).id for at in range(7)]
    monkeypatch.setattr(sql_pictures, "SEARCHED", 3)
    seen_ids, place = [], None
    for _ in range(10):
        page = await house.store.gallery(house.workspace_id, GalleryWanted(viewer=A, behind=place), 2)
        seen_ids += [job.id for job in page.jobs]
        place = page.rest
        if place is None:
            break
    assert seen_ids == made[::-1]


# --- reports and removals


def report(job, reporter=BEN, at=T0, **changes):
    return Report(workspace_id=job.workspace_id, job_id=job.id, reporter=reporter, reason="gore", at=at, **changes)


async def test_a_members_report_about_a_job_is_one_until_it_is_settled(house):
    store, job = house.store, await drawn(house)
    first = await store.add_report(report(job, guild_id="1", channel_id="2", message_id="3"))
    assert replace(first, id=0) == report(job, guild_id="1", channel_id="2", message_id="3")
    assert await store.add_report(report(job, at=after(1))) == first
    second = await store.add_report(report(job, ANN))
    assert await store.reports(house.workspace_id, 10) == [second, first]
    assert await store.reports(house.workspace_id, 10, before=second.id) == [first]
    assert await store.reports("elsewhere", 10) == []
    done = replace(first, settled=Settled.KEPT, settled_at=after(2), settled_by="discord:9")
    assert await store.settle_report(done, audit(house.workspace_id))
    assert not await store.settle_report(done, audit(house.workspace_id))
    assert not await store.settle_report(replace(done, workspace_id="elsewhere", id=second.id), audit("elsewhere"))
    assert await store.reports(house.workspace_id, 10, unsettled=True) == [second]
    assert await store.reports(house.workspace_id, 10) == [second, done]
    assert (await store.add_report(report(job))).id not in {first.id, second.id}


def removal(job):
    return Removal(job_id=job.id, workspace_id=job.workspace_id, by="discord:9", reason="gore", at=after(9))


def card(job):
    return Card(
        workspace_id=job.workspace_id,
        request_id=job.request_id,
        job_id=job.id,
        user_id=ANN,
        application_id="9",
        guild_id=None,
        channel_id="7",
        message_id="8",
        state=CardState.DELIVERED,
        created_at=T0,
        updated_at=T0,
    )


async def test_removed_pictures_leave_the_job_its_report_and_its_card(house):
    store, job = house.store, await drawn(house)
    first, second = (picture.key for picture in job.result.pictures)
    await store.apply([PictureCopied(first, f"{first}.webp", T0)])
    await store.see_member(house.workspace_id, ANN, "Ann", T0)
    kept, reported = await store.add_card(card(job)), await store.add_report(report(job))
    strike = Strike(workspace_id=house.workspace_id, user_id=ANN, job_id=job.id, reason="gore", by="discord:9", at=T0)
    struck = (strike, replace(audit(house.workspace_id), what="strike given"))
    assert await store.remove_pictures(removal(job), audit(house.workspace_id), struck) == (f"{first}.webp",)
    bare = await store.job(house.workspace_id, job.id)
    assert (bare.state, bare.result.pictures, bare.result.components) == (JobState.DONE, (), ())
    assert (bare.result.content, bare.result.message_id, bare.preview_url) == ("", "777", None)
    assert bare.result.details is None
    assert [await store.picture(key) for key in (first, second)] == [None, None]
    assert await store.removal(house.workspace_id, job.id) == removal(job)
    assert await store.removal("elsewhere", job.id) is None
    assert await found(house) == []
    assert await store.made(house.workspace_id, T0, limit=5) == []
    assert [(each.id, each.state) for each in await store.open_cards(5)] == [(kept.id, CardState.ERASE)]
    settled = replace(reported, settled=Settled.REMOVED, settled_at=after(9), settled_by="discord:9")
    assert await store.reports(house.workspace_id, 5) == [settled]
    assert [each.job_id for each in await store.strikes(house.workspace_id, ANN)] == [job.id]
    assert [entry.what for entry in await store.audit(house.workspace_id, 5)] == ["picture removed", "strike given"]
    assert await store.remove_pictures(removal(job), audit(house.workspace_id)) is None
    assert len(await store.audit(house.workspace_id, 5)) == 2


async def test_a_job_that_repeats_removed_pictures_loses_them_too(house):
    store, parent = house.store, await drawn(house)
    outcome = result()
    first = await drawn(house, parent_id=parent.id, outcome=outcome)
    again = replace(outcome, pictures=tuple(Picture(uuid.uuid4().hex, each.attachment) for each in outcome.pictures))
    second = await drawn(house, parent_id=parent.id, outcome=again)
    sibling = await drawn(house, parent_id=parent.id, outcome=replace(result(), message_id="778"))
    await store.remove_pictures(removal(first), audit(house.workspace_id))
    assert (await store.job(house.workspace_id, second.id)).result.pictures == ()
    assert len((await store.job(house.workspace_id, sibling.id)).result.pictures) == 2


# --- a person's own


async def test_a_person_is_erased_and_what_counts_against_them_stays(house):
    store, place = house.store, house.workspace_id
    job, theirs, running = await drawn(house), await drawn(house, 1, B), await put(house, 2, prompt="still running")
    cancelled = await house.move(await put(house, 3, private=True), CancelAsked(at=T0, by=A))
    key = job.result.pictures[0].key
    await store.apply([PictureCopied(key, f"{key}.webp", T0)])
    words = {"requester": A, "dialect": "discord", "ref": None, "action": "imagine", "prompt": "a nude"}
    refused = Refusal(workspace_id=place, word_list=WordList.BLOCK, hits=(), at=T0, **words)
    await store.apply([KeepRefusal(refused), KeepRefusal(replace(refused, requester=B))])
    await store.put_person(Person(user_id=ANN, language="de"))
    style = Style(workspace_id=place, user_id=ANN, name="Noir", words="noir", created_at=T0, updated_at=T0)
    await store.save_style(style)
    for user_id in (ANN, BEN):
        await store.see_member(place, user_id, "somebody", T0)
    strike = Strike(workspace_id=place, user_id=ANN, job_id=None, reason="gore", by="discord:9", at=T0)
    await store.add_strike(strike, audit(place))
    reported = await store.add_report(report(theirs, ANN))
    shown = await store.add_card(card(job))
    known = await store.traces(ANN)
    assert [each.prompt for each in known.refusals] == ["a nude"]
    assert (known.reports, known.cards) == ((reported,), (shown,))

    erased = await store.erase(ANN, 10)

    assert set(erased.job_ids) == {job.id, cancelled.id}
    assert (erased.files, erased.left, erased.more) == ((f"{key}.webp",), 1, False)
    bare = await store.job(place, job.id)
    assert (bare.prompt, bare.given.words, bare.result.pictures, bare.ref) == ("", None, (), None)
    assert (await store.request(place, job.request_id)).prompt == ""
    assert (await store.request(place, job.request_id)).origin.requester == ERASED
    assert (await store.job(place, cancelled.id)).private
    assert (await store.job(place, cancelled.id)).note is None
    assert [each.note for each in await store.updates(cancelled.id)] == [None, None]
    assert (await store.job(place, running.id)).prompt == "still running"
    assert [each.id for each in await store.requested(A, None, 10)] == [running.id]
    assert (await store.job(place, theirs.id)).prompt == theirs.prompt
    assert await store.picture(key) is None
    assert await store.cards_of(place, job.id) == [replace(shown, state=CardState.ERASE, user_id=ERASED)]
    assert [each.requester for each in await store.refusals(place, 5)] == [B]
    assert await store.styles(place, ANN) == []
    assert (await store.footing(ANN, None)).person == Person(user_id=ANN)
    assert await store.traces(ANN) == Traces((), (), ())
    assert [(each.id, each.reporter, each.reason) for each in await store.reports(place, 5)] == [
        (reported.id, ERASED, "")
    ]
    assert [(each.user_id, each.name) for each in await store.members(place, 5)] == [(ANN, ""), (BEN, "somebody")]
    assert len(await store.strikes(place, ANN)) == 1
    assert len((await store.erase(BEN, 10)).job_ids) == 1
    assert [each.user_id for each in await store.members(place, 5)] == [ANN]


async def test_much_is_erased_in_several_calls_and_the_person_with_the_last(house):
    store = house.store
    made = {(await drawn(house, at)).id for at in range(5)}
    await store.put_person(Person(user_id=ANN, language="de"))
    gone: set[str] = set()
    for more in (True, True, False):
        assert (await store.footing(ANN, None)).person.language == "de"
        erased = await store.erase(ANN, 2)
        assert erased.more is more
        gone |= set(erased.job_ids)
    assert gone == made
    assert (await store.footing(ANN, None)).person.language is None
