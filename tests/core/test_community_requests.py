"""What members ask for: who may, in which workspace, at whose cost, how often."""

from __future__ import annotations

import asyncio

import pytest

from engine.model.actions import Action, ActionKind
from engine.model.community.guilds import Presses, RoleTerms, Terms
from engine.model.community.people import Restraint
from engine.model.community.permission import Deed, Denial
from engine.model.errors import InvalidInput, NotFound, OverQuota
from engine.model.jobs import JobState, Mode
from engine.model.quotas import Period, Quota
from tests.core.house import House
from tests.core.town import (
    ANN,
    BEN,
    CHANNEL,
    GUARDS,
    OWNER,
    SERVER,
    STRANGE,
    Town,
    asker,
    code_of,
    guard,
    in_dm,
)

U2 = Action(ActionKind.UPSCALE, 2)


@pytest.fixture
async def town(house: House):
    return await Town(house).open()


async def test_a_request_is_its_members_own(town):
    job = await town.imagine()
    request = await town.house.engine.request(town.place, job.request_id)
    assert (request.origin.requester, request.origin.dialect) == (f"discord:{ANN}", "discord")
    assert (await town.community.members.member(town.place, ANN)).name == f"user {ANN[0]}"


async def test_a_strangers_server_finds_nothing_that_costs(town):
    there = asker(guild_id=STRANGE)
    requests = town.community.requests
    done = await town.drawn()
    before, sent = town.stored(), town.sent()
    for refused in (
        requests.imagine(there, "a fox"),
        requests.command(there, Action(ActionKind.SHOW)),
        requests.service(there, Action(ActionKind.FLUX_IMAGINE), prompt="a fox"),
        requests.press(there, done.id, "U2"),
        requests.act(there, done.id, U2),
        requests.cancel(there, done.id),
        requests.imagine_one(there, "a fox"),
        town.community.gallery.search(there),
        town.community.gallery.mine(there),
    ):
        assert (await code_of(refused))[0] == Denial.NOT_CONNECTED
    assert (town.stored(), town.sent()) == (before, sent)


async def test_a_server_of_another_workspace_does_not_reach_the_job(town):
    other = await town.house.store.ensure_workspace("other", town.house.clock.now())
    await town.bind(other.id, STRANGE)
    done = await town.drawn()
    for deed in (Deed.VIEW, Deed.PRESS, Deed.OWN, Deed.MODERATE):
        with pytest.raises(NotFound):
            await town.community.permits.permit_for(asker(OWNER, STRANGE), deed, done.id)


async def test_owning_a_server_makes_nobody_an_operator(town):
    assert (await code_of(town.community.permits.permit(asker(BEN), Deed.OPERATE)))[0] == Denial.NOT_OPERATOR
    await town.community.permits.permit(asker(OWNER), Deed.OPERATE)
    await town.community.guilds.add_operator(town.place, BEN, "the operator")
    await town.community.permits.permit(asker(BEN), Deed.OPERATE)


async def test_a_right_is_looked_up_at_the_press(town):
    done = await town.drawn()
    await town.settle(roles=(GUARDS,))
    assert await code_of(town.community.requests.act(asker(), done.id, U2)) == (Denial.NO_ROLE, None, (GUARDS,))
    await town.community.requests.act(guard, done.id, U2)


async def test_a_disconnected_server_can_do_nothing(town):
    await town.community.guilds.disconnect(town.place, SERVER, "discord:1")
    assert (await code_of(town.imagine()))[0] == Denial.NOT_CONNECTED


# --- in a DM


async def test_in_a_dm_somebody_acts_where_a_connected_server_lets_them(town):
    assert (await town.imagine(in_dm())).workspace_id == town.place
    assert (await code_of(town.imagine(in_dm(ANN, STRANGE))))[0] == Denial.NO_WORKSPACE
    await town.settle(roles=(GUARDS,))
    assert (await code_of(town.imagine(in_dm())))[0] == Denial.NO_WORKSPACE


async def test_of_several_workspaces_one_is_chosen_once(town):
    other = await town.house.store.ensure_workspace("other", town.house.clock.now())
    await town.bind(other.id, STRANGE)
    both = in_dm(ANN, SERVER, STRANGE)
    assert (await code_of(town.imagine(both)))[0] == Denial.CHOOSE_WORKSPACE
    choices = await town.community.permits.choices(both)
    assert {choice.workspace_id for choice in choices} == {town.place, other.id}
    await town.community.members.choose(ANN, home_workspace_id=other.id)
    assert (await town.imagine(both)).workspace_id == other.id


async def test_a_button_in_a_dm_belongs_to_its_jobs_workspace(town):
    done = await town.drawn()
    other = await town.house.store.ensure_workspace("other", town.house.clock.now())
    await town.bind(other.id, STRANGE)
    await town.community.members.choose(ANN, home_workspace_id=other.id)
    pressed = await town.community.requests.act(in_dm(ANN, SERVER, STRANGE), done.id, U2)
    assert (pressed.workspace_id, pressed.parent_id) == (town.place, done.id)
    with pytest.raises(NotFound):
        await town.community.requests.act(in_dm(BEN, STRANGE), done.id, U2)


# --- private


async def test_what_is_private_stays_its_requesters_with_all_that_is_made_of_it(town):
    done = await town.drawn(private=True)
    assert done.private
    for refused in (
        town.community.requests.act(asker(BEN), done.id, U2),
        town.community.requests.act(guard, done.id, U2),
        town.community.permits.permit_for(asker(BEN), Deed.VIEW, done.id),
    ):
        assert (await code_of(refused))[0] == Denial.PRIVATE
    assert (await town.community.permits.permit_for(guard, Deed.VIEW, done.id)).requester == f"discord:{ANN}"
    child = await town.community.requests.act(asker(), done.id, U2)
    assert child.private
    assert (await town.house.engine.request(town.place, child.request_id)).origin.private


async def test_a_gallery_shows_private_pictures_to_their_requester_and_moderators_only(town):
    secret, shown = await town.drawn(prompt="a secret fox", private=True), await town.drawn(prompt="a plain FOX 50%")
    gallery = town.community.gallery

    async def found(who, text="fox", **wishes):
        return [job.id for job in (await gallery.search(who, text, **wishes)).jobs]

    assert await found(asker()) == [shown.id, secret.id]
    assert await found(guard) == [shown.id, secret.id]
    assert await found(asker(BEN)) == [shown.id]
    assert await found(asker(), "0%") == [shown.id]
    assert await found(asker(BEN), "_") == []
    assert await found(asker(BEN), mine=True) == []
    page = await gallery.search(asker(), limit=1)
    assert [job.id for job in (await gallery.search(asker(), limit=1, behind=page.rest)).jobs] == [secret.id]
    mine = await gallery.mine(asker())
    assert [job.id for job in mine.jobs] == [shown.id, secret.id]
    assert (await gallery.mine(asker(BEN))).jobs == ()


# --- presses


async def test_anyone_presses_a_public_card_and_pays_with_their_own(town):
    await town.settle(usual=Terms(quota=Quota(15, Period.DAY)))
    done = await town.drawn()
    pressed = await town.community.requests.act(asker(BEN), done.id, U2)
    assert pressed.charge.payer == f"member:{town.place}:{BEN}"
    members = town.community.members
    terms = (await town.community.permits.permit(asker(BEN), Deed.VIEW)).terms
    usage = await members.usage(town.place, BEN, terms)
    assert (usage.spent, usage.left) == (5, 10)
    assert (await members.usage(town.place, ANN, terms)).left == 5


async def test_a_second_press_shows_what_is_there_whatever_is_left(town):
    done = await town.drawn()
    first = await town.community.requests.act(asker(BEN), done.id, U2)
    await town.settle(usual=Terms(quota=Quota(1, Period.DAY), cooldown=3600))
    assert (await town.community.requests.act(asker(BEN), done.id, U2)).id == first.id
    assert (await town.community.requests.press(asker(), done.id, "U2")).id == first.id


async def test_several_presses_are_one_request(town):
    done = await town.drawn()
    await town.settle(usual=Terms(cooldown=60, most_queued=4, quota=Quota(30, Period.DAY)))
    await town.house.clock.advance(61)
    first = await town.community.requests.act(asker(), done.id, U2)
    await town.house.clock.advance(61)
    ups = [Action(ActionKind.UPSCALE, number) for number in (1, 2, 3, 4)]
    made = await town.community.requests.act_all(asker(), done.id, *ups)
    assert [job.action for job in made] == ups
    assert made[1].id == first.id
    assert [job.id for job in await town.community.requests.act_all(asker(), done.id, *ups)] == [job.id for job in made]


async def test_of_several_presses_those_that_the_quota_pays_for_stand(town):
    done = await town.drawn()
    await town.settle(usual=Terms(quota=Quota(10, Period.DAY)))
    ups = [Action(ActionKind.UPSCALE, number) for number in (1, 2, 3, 4)]
    assert len(await town.community.requests.act_all(asker(BEN), done.id, *ups)) == 2
    with pytest.raises(OverQuota):
        await town.community.requests.act_all(asker(BEN), done.id, *ups[2:])


async def test_a_server_may_narrow_presses_to_the_requester(town):
    done = await town.drawn()
    await town.settle(presses=Presses.REQUESTER)
    assert (await code_of(town.community.requests.act(asker(BEN), done.id, U2)))[0] == Denial.REQUESTER_ONLY
    await town.community.requests.act(asker(), done.id, U2)


async def test_only_a_requester_or_a_moderator_cancels(town):
    await town.holds_the_queue()
    job, another = await town.imagine(), await town.imagine()
    assert (await code_of(town.community.requests.cancel(asker(BEN), job.id)))[0] == Denial.NOT_YOURS
    assert (await town.community.requests.cancel(asker(), job.id)).state is JobState.CANCELLED
    assert (await town.community.requests.cancel(guard, another.id)).state is JobState.CANCELLED


# --- how much


async def test_a_quota_that_is_used_up_says_when_it_frees(town):
    await town.settle(usual=Terms(quota=Quota(10, Period.DAY)))
    await town.imagine()
    with pytest.raises(OverQuota) as caught:
        await town.imagine()
    assert caught.value.frees_at == Quota(10, Period.DAY).ends(town.house.clock.now())
    await town.imagine(asker(BEN))


async def test_a_role_gives_more(town):
    await town.settle(usual=Terms(quota=Quota(10, Period.DAY)), by_role=(RoleTerms(GUARDS, Terms(unlimited=True)),))
    for _ in range(3):
        assert (await town.imagine(guard)).charge is None


async def test_without_a_quota_of_their_own_the_workspaces_counts(town):
    await town.house.store.set_quota(town.place, Quota(10, Period.DAY))
    assert (await town.imagine()).charge.payer == f"workspace:{town.place}"
    with pytest.raises(OverQuota):
        await town.imagine(asker(BEN))


async def test_a_pause_between_two_requests_is_kept(town):
    await town.settle(usual=Terms(cooldown=60))
    job = await town.imagine()
    code, until, _ = await code_of(town.imagine())
    assert code == Denial.COOLDOWN
    assert (until - job.created_at).total_seconds() == 60
    await town.imagine(asker(BEN))
    await town.house.clock.advance(61)
    await town.imagine()


async def test_only_so_many_jobs_of_a_member_wait(town):
    await town.holds_the_queue()
    await town.settle(usual=Terms(most_queued=2))
    assert (await code_of(town.imagine(prompt="a {red, blue, green} fox")))[0] == Denial.TOO_MANY_QUEUED
    asked = await asyncio.gather(*(town.imagine() for _ in range(4)), return_exceptions=True)
    assert sum(not isinstance(each, Exception) for each in asked) == 2
    await town.imagine(asker(BEN))


@pytest.mark.parametrize(
    ("prompt", "mode", "sent"),
    [
        ("a fox", None, "a fox --relax"),
        ("a fox --relax", None, "a fox --relax"),
        ("a fox", Mode.RELAX, "a fox --relax"),
    ],
)
async def test_a_speed_that_a_role_does_not_give_is_not_used(town, prompt, mode, sent):
    await town.settle(usual=Terms(speeds=frozenset({Mode.RELAX})))
    assert (await town.imagine(prompt=prompt, mode=mode)).prompt == sent


@pytest.mark.parametrize("prompt", ["a fox --turbo", "a fox {--turbo, --relax}", "a {red, blue} fox --fast"])
async def test_a_speed_that_a_role_does_not_give_is_refused_wherever_it_is_named(town, prompt):
    await town.settle(usual=Terms(speeds=frozenset({Mode.RELAX})))
    assert await code_of(town.imagine(prompt=prompt)) == (Denial.SPEED, None, ("relax",))
    assert await code_of(town.imagine(prompt=prompt, mode=Mode.RELAX)) == (Denial.SPEED, None, ("relax",))
    assert (await code_of(town.imagine(mode=Mode.TURBO)))[0] == Denial.SPEED
    assert town.stored() == 0


async def test_a_button_runs_as_its_parents_words_say_and_so_only_for_who_has_that_speed(town):
    done = await town.drawn(prompt="a fox --fast")
    await town.community.requests.act(asker(), done.id, U2)
    await town.settle(usual=Terms(speeds=frozenset({Mode.RELAX})))
    stored = town.stored()
    for asked in (
        town.community.requests.act(asker(BEN), done.id, Action(ActionKind.REROLL)),
        town.community.requests.press(asker(BEN), done.id, "V1"),
        town.community.requests.act_all(asker(BEN), done.id, Action(ActionKind.UPSCALE, 1), U2),
    ):
        assert await code_of(asked) == (Denial.SPEED, None, ("relax",))
    assert (await town.community.requests.act(asker(BEN), done.id, U2)).parent_id == done.id  # that is there
    assert town.stored() == stored


async def test_words_for_several_jobs_are_told_first_with_what_they_would_cost(town):
    await town.settle(usual=Terms(quota=Quota(100, Period.DAY)))
    found = await town.community.requests.imagine_one(asker(), "a {red, blue} fox --repeat 2")
    assert (found.jobs, found.credits, found.usage.left) == (4, 40, 100)
    assert town.stored() == 0


async def test_words_for_one_job_are_taken_at_once(town):
    job = await town.community.requests.imagine_one(asker(), "a fox", mode=Mode.RELAX)
    assert (job.prompt, town.stored()) == ("a fox --relax", 1)


# --- styles


async def test_a_style_is_put_behind_the_words_and_the_servers_own_where_none_is_named(town):
    styles = town.community.styles
    noir = await styles.save(town.place, ANN, "Noir", "film noir --s 50", shared=True)
    own = await styles.save(town.place, BEN, "Bright", "sunlit")
    await town.settle(default_style=noir.id)
    assert (await town.imagine()).prompt == "a red fox, film noir --s 50"
    assert (await town.imagine(plain=True)).prompt == "a red fox"
    assert (await town.imagine(asker(BEN), style=own.id)).prompt == "a red fox, sunlit"
    with pytest.raises(InvalidInput, match="style"):
        await town.imagine(style=own.id)
    await styles.delete(town.place, noir.id, ANN)
    assert (await town.imagine()).prompt == "a red fox"


# --- restrained


async def test_a_banned_member_asks_for_nothing_and_what_waits_of_theirs_is_withdrawn(town):
    running = await town.imagine()
    await town.house.until_posted(1)
    await town.holds_the_queue()
    waiting, theirs = await town.imagine(), await town.imagine(asker(BEN))
    ended = await town.community.members.restrain(town.place, ANN, Restraint.BANNED, "discord:4", "spam")
    assert [job.id for job in ended] == [waiting.id]
    assert (await town.house.job(waiting)).state is JobState.CANCELLED
    assert (await town.house.job(theirs)).state is JobState.QUEUED
    assert (await town.house.job(running)).state is JobState.SENT
    assert (await code_of(town.imagine()))[0] == Denial.BANNED
    assert (await town.community.members.member(town.place, ANN)).is_away(town.house.clock.now())
    await town.community.members.free(town.place, ANN, "discord:4")
    await town.imagine()


async def test_a_leavers_waiting_jobs_are_withdrawn_and_running_ones_finish(town):
    done = await town.drawn()
    await town.holds_the_queue()
    waiting = await town.imagine()
    assert [job.id for job in await town.community.members.left(town.place, ANN)] == [waiting.id]
    assert (await town.house.job(done)).state is JobState.DONE
    assert (await town.community.members.member(town.place, ANN)).left_at is not None
    await town.imagine()  # whoever asks is there
    assert (await town.community.members.member(town.place, ANN)).left_at is None
    await town.community.members.left(town.place, ANN)
    await town.community.members.returned(town.place, ANN)
    assert (await town.community.members.member(town.place, ANN)).left_at is None
    assert await town.community.members.left(town.place, BEN) == []


async def test_a_time_out_says_when_it_ends(town):
    now = town.house.clock.now()
    await town.community.members.restrain(town.place, ANN, Restraint.TIMED_OUT, "discord:4", seconds=60)
    code, until, _ = await code_of(town.imagine())
    assert (code, (until - now).total_seconds()) == (Denial.TIMED_OUT, 60)
    await town.house.clock.advance(61)
    await town.imagine()


async def test_a_channel_outside_is_refused_with_those_that_would_do(town):
    await town.settle(channels=(STRANGE,))
    assert await code_of(town.imagine()) == (Denial.WRONG_CHANNEL, None, (STRANGE,))
    await town.settle(channels=(CHANNEL,))
    await town.imagine()
