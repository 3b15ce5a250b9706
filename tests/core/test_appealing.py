"""What the operator may do against Midjourney's refusal, and what is refused to them."""

import pytest

from engine.core.appealing import Appealing
from engine.model.accounts import AccountState
from engine.model.actions import MIDJOURNEY_APPLICATION, Action, ActionKind, Click
from engine.model.errors import Conflict, NotFound, NotOffered
from engine.model.inputs import NOTHING, Given
from engine.model.jobs import Failure, FailureReason, JobState
from engine.ports import AccountChange
from tests.core.workshop import stored_job

OPERATOR = "the operator"
BUTTON = Click(MIDJOURNEY_APPLICATION, "3", "1097768190658982127", 64, "MJ::Prompts::Appeal::AbC3dEf6GhI")
REFUSAL = Failure(FailureReason.CONTENT, "Action needed to continue")


@pytest.fixture
def appealing(workshop):
    return Appealing(workshop.store, workshop.clock)


async def refused(workshop, **changes):
    values = {"account_id": workshop.account.id, "failure": REFUSAL, "note": None, "appeal": BUTTON, **changes}
    return await stored_job(workshop.store, workshop.clock.now(), workshop.workspace_id, JobState.FAILED, **values)


async def test_an_appeal_is_a_new_job_that_presses_the_button_on_the_account_that_was_refused(workshop, appealing):
    job = await refused(workshop, ref="order 7", prompt="a nude statue --ar 2:3")
    made = await appealing.press(workshop.workspace_id, job.id, OPERATOR)
    assert made == await workshop.stored(made)
    assert (made.state, made.click, made.bound_account_id) == (JobState.QUEUED, BUTTON, workshop.account.id)
    assert (made.action, made.prompt, made.ref) == (job.action, job.prompt, "order 7")
    assert (made.parent_id, made.root_id) == (job.id, job.id)
    assert made.id != job.id
    assert await workshop.stored(job) == job


async def test_who_appealed_is_kept_with_the_request(workshop, appealing):
    job = await refused(workshop)
    made = await appealing.press(workshop.workspace_id, job.id, OPERATOR)
    request = await workshop.store.request(workshop.workspace_id, made.request_id)
    assert (request.origin.requester, request.origin.dialect) == (OPERATOR, "operator")


async def test_a_job_of_a_picture_keeps_its_root(workshop, appealing):
    parent = await stored_job(workshop.store, workshop.clock.now(), workshop.workspace_id, JobState.FAILED)
    vary = Action(ActionKind.VARIATION, 2)
    job = await refused(workshop, action=vary, parent_id=parent.id, root_id=parent.id)
    made = await appealing.press(workshop.workspace_id, job.id, OPERATOR)
    assert (made.action, made.parent_id, made.root_id) == (vary, job.id, parent.id)


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.NEEDS_ATTENTION, JobState.DONE])
async def test_the_button_is_pressed_once(workshop, appealing, state):
    job = await refused(workshop)
    now = workshop.clock.now()
    values = {"parent_id": job.id, "click": BUTTON, "account_id": workshop.account.id}
    first = await stored_job(workshop.store, now, workshop.workspace_id, state, **values)
    with pytest.raises(Conflict, match=f"appealed already, by job {first.id}, which is {state}"):
        await appealing.press(workshop.workspace_id, job.id, OPERATOR)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
async def test_an_appeal_that_came_to_nothing_may_be_made_again(workshop, appealing, state):
    job = await refused(workshop)
    now = workshop.clock.now()
    await stored_job(workshop.store, now, workshop.workspace_id, state, parent_id=job.id, click=BUTTON)
    assert (await appealing.press(workshop.workspace_id, job.id, OPERATOR)).click == BUTTON


async def test_a_job_without_the_button_cannot_be_appealed(workshop, appealing):
    job = await refused(workshop, appeal=None)
    with pytest.raises(NotOffered, match="Midjourney offered no appeal"):
        await appealing.press(workshop.workspace_id, job.id, OPERATOR)


async def test_another_workspaces_job_is_no_job(workshop, appealing):
    job = await refused(workshop)
    for workspace, job_id in [("another", job.id), (workshop.workspace_id, "nothing")]:
        with pytest.raises(NotFound, match=f"there is no job {job_id}"):
            await appealing.press(workspace, job_id, OPERATOR)


@pytest.mark.parametrize(
    ("state", "words"), [(AccountState.UNLINKED, "no longer linked"), (AccountState.STOPPED, "is stopped: blocked")]
)
async def test_an_account_that_cannot_press_is_named(workshop, appealing, state, words):
    job = await refused(workshop)
    await workshop.store.apply([AccountChange(workshop.account.id, state, reason="blocked")])
    with pytest.raises(Conflict, match=words):
        await appealing.press(workshop.workspace_id, job.id, OPERATOR)
    assert await workshop.store.children(workshop.workspace_id, job.id, job.action) == []


async def test_words_given_for_a_form_are_not_given_to_the_appeal(workshop, appealing):
    job = await refused(workshop, given=Given(words="a clothed statue"), prompt="a clothed statue")
    made = await appealing.press(workshop.workspace_id, job.id, OPERATOR)
    assert (made.given, made.prompt) == (NOTHING, "a clothed statue")
