"""/imagine from the first answer to the last edit of its card."""

from __future__ import annotations

from bot.views import custom_id
from engine import JobState, Period, Quota, Terms


async def test_it_is_answered_at_once_and_its_card_lives_until_the_picture_is_there(stage):
    posted = stage.posted()
    answer = await stage.slash("ann", "imagine", prompt="a red fox", aspect="16:9")
    assert answer.ack == 5
    assert not answer.is_private
    card = await answer.shows("Imagine")
    job = stage.newest()
    assert card.custom_ids == [custom_id(job.id, "cancel")]
    done = await stage.drawn(posted, answer)
    assert done.prompt == "a red fox --ar 16:9"
    last = await stage.card(lambda call: "Done" in call.embed.get("description", ""))
    assert custom_id(job.id, "upscale_2") in last.custom_ids
    assert custom_id(job.id, "edit") in last.custom_ids


async def test_every_option_reaches_the_prompt(stage):
    await stage.slash("ann", "imagine", prompt="a fox", version="V7", stylize=250, speed="fast", aspect="3:2")
    await stage.until(lambda: stage.stored() == 1)
    assert stage.newest().prompt == "a fox --v 7 --stylize 250 --ar 3:2 --fast"


async def test_a_private_one_is_shown_to_its_requester_alone(stage):
    answer = await stage.slash("ann", "imagine", prompt="a fox", private=True)
    assert answer.is_private
    card = await answer.shows("Imagine")
    assert stage.newest().private
    assert "may be public" in card.embed["description"]


async def test_permutations_are_asked_about_first(stage):
    answer = await stage.slash("ann", "imagine", prompt="a {red, blue} fox")
    await answer.says("2 jobs")
    assert stage.stored() == 0
    question = answer.calls[-1]
    yes, no = question.custom_ids
    refused = await stage.press("ben", yes)
    await refused.says("Only whoever asked")
    assert stage.stored() == 0
    agreed = await stage.press("ann", yes)
    await stage.until(lambda: stage.stored() == 2)
    assert agreed.ack == 6
    late = await stage.press("ann", no)
    await late.says("This question is over")


async def test_a_prompt_of_which_one_piece_cannot_be_sent_is_refused_before_it_is_asked_about(stage):
    answer = await stage.slash("ann", "imagine", prompt="a {red, blue} fox --ar 0:1")
    await answer.says("cannot be sent")
    assert not any("2 jobs" in text for text in answer.texts)


async def test_what_is_refused_after_a_yes_leaves_no_question_behind(stage):
    answer = await stage.slash("ann", "imagine", prompt="a {red, blue} fox")
    await answer.says("2 jobs")
    await stage.settle(usual=Terms(quota=Quota(1, Period.DAY)))
    agreed = await stage.press("ann", answer.calls[-1].custom_ids[0])
    await agreed.says("you never have more than 1")
    assert any(call.method == "DELETE" and call.path.endswith("/messages/@original") for call in agreed.calls)
    assert stage.stored() == 0


async def test_a_style_may_make_several_jobs_too_after_a_yes(stage):
    await (await stage.slash("ann", "styles save", name="Ink", words="ink")).says("Saved: Ink")
    answer = await stage.slash("ann", "styles use", name="Ink", prompt="a {red, blue} fox")
    await answer.says("2 jobs")
    await stage.press("ann", answer.calls[-1].custom_ids[0])
    await stage.until(lambda: stage.stored() == 2)
    assert stage.newest().prompt.endswith(", ink")


async def test_a_no_starts_nothing(stage):
    answer = await stage.slash("ann", "imagine", prompt="a fox --repeat 3")
    await answer.says("3 jobs")
    no = answer.calls[-1].custom_ids[1]
    said = await stage.press("ann", no)
    await said.says("Nothing was started")
    assert stage.stored() == 0


async def test_a_prompt_that_cannot_be_sent_says_why_with_a_code(stage):
    answer = await stage.slash("ann", "imagine", prompt="a fox --ar banana")
    said = await answer.says("--ar banana")
    assert "Code: INVALID-" in said
    assert answer.calls[-1].body["flags"] & 64
    assert stage.stored() == 0


async def test_suggestions_come_from_the_parameter_table_and_the_styles(stage):
    aspects = await stage.complete("ann", "imagine", "aspect", prompt="x", aspect="16")
    assert "16:9" in aspects.choices
    versions = await stage.complete("ann", "imagine", "version", prompt="x", version="niji 6")
    assert versions.choices == ["niji 6"]
    await stage.slash("ann", "styles save", name="Ink", words="ink --s 50")
    await stage.until(lambda: bool(stage.house.store._styles))
    assert (await stage.complete("ann", "imagine", "style", prompt="x", style="in")).choices == ["Ink"]
    assert (await stage.complete("ben", "imagine", "style", prompt="x", style="in")).choices == []


async def test_a_suggestion_that_fails_shows_nothing_and_breaks_nothing(stage):
    foreign = await stage.slash("ann", "help")
    assert foreign.ack == 4
    answer = await stage.complete("ann", "imagine", "style", prompt="x", style="x" * 50)
    assert answer.choices == []


async def test_a_style_is_joined_to_the_prompt(stage):
    await stage.slash("ann", "styles save", name="Ink", words="ink --s 50")
    await stage.until(lambda: bool(stage.house.store._styles))
    await stage.slash("ann", "imagine", prompt="a fox", style="ink")
    await stage.until(lambda: stage.stored() == 1)
    assert stage.newest().prompt == "a fox, ink --s 50"


async def test_in_a_server_that_nobody_connected_nothing_is_stored(stage):
    for name, options in (("imagine", {"prompt": "x"}), ("shorten", {"prompt": "x"}), ("jobs", {}), ("queue", {})):
        answer = await stage.slash("ann", name, **options, where={"guild": stage.elsewhere})
        said = await answer.says("not connected")
        assert "easel guild code" in said
    assert stage.stored() == 0


async def test_a_job_that_is_cancelled_says_so_on_its_card(stage):
    await stage.house.engine.queues.pause(stage.house.origin.workspace_id)
    answer = await stage.slash("ann", "imagine", prompt="a fox")
    card = await answer.shows("Imagine")
    said = await stage.press("ann", card.custom_ids[0])
    await said.says("Cancelled")
    assert stage.newest().state is JobState.CANCELLED
    await stage.card(lambda call: "Cancelled" in call.embed.get("description", ""))
