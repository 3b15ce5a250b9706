"""What Midjourney's answers in words mean: every entry of error-embeds.json and of the protocol page's §8.2."""

from __future__ import annotations

import pytest

from engine.model.actions import MIDJOURNEY_APPLICATION, Action, ActionKind, Click
from engine.model.correlation import Bound, JobBook, match
from engine.model.events import FailedUpstream, QueuedUpstream, TurnedAway
from engine.model.jobs import FailureReason, Job, JobState, Links
from engine.model.limits import Limits
from engine.model.reading import event_of
from engine.model.sightings import Sighting, Stage, Trouble
from engine.model.transitions import advance
from tests.drivers.captures import CHANNEL, NOW, USER, embed_of, message, sighted, wire

MINE = "**p** - <@300000000000000001>"
UUID = "3baac4ee-dadd-5929-a9e9-613fb47b039d"
GRID = {"type": 1, "components": [{"type": 2, "style": 2, "label": "U1", "custom_id": f"MJ::JOB::upsample::1::{UUID}"}]}
PICTURE = {"id": "9", "filename": f"someone_p_{UUID}.webp", "url": "https://cdn.example/x.webp"}

PROMPT, CONTENT, MODE = FailureReason.PROMPT, FailureReason.CONTENT, FailureReason.MODE
TRANSIENT, ACCOUNT = FailureReason.TRANSIENT, FailureReason.ACCOUNT
CLASSES = {
    "Invalid parameter": (PROMPT, None),
    "Invalid link": (PROMPT, None),
    "Invalid link!": (PROMPT, None),
    "Invalid request": (PROMPT, None),
    "Invalid prompt": (PROMPT, None),
    "Empty prompt": (PROMPT, None),
    "Duplicate images detected": (PROMPT, None),
    "Job action restricted": (MODE, None),
    "Banned prompt detected": (CONTENT, None),
    "Action needed to continue": (CONTENT, None),
    "Request cancelled due to image filters": (CONTENT, None),
    "Request cancelled due to output filters": (CONTENT, None),
    "Image denied": (CONTENT, None),
    "Queue full": (TRANSIENT, None),
    "Slow Down!": (TRANSIENT, None),
    "Internal error": (TRANSIENT, None),
    "Internal server error": (TRANSIENT, None),
    "Sorry! Could not complete the job!": (TRANSIENT, None),
    "Sorry, something went wrong": (CONTENT, None),  # its footer is decline-...: moderation
    "Credits exhausted": (ACCOUNT, Trouble.CREDITS),
    "Subscription required": (ACCOUNT, Trouble.BILLING),
    "Subscription paused": (ACCOUNT, Trouble.BILLING),
    "Plan Cancelled": (ACCOUNT, Trouble.BILLING),
    "Tos not accepted": (ACCOUNT, Trouble.TERMS),
    "Pending mod message": (ACCOUNT, Trouble.MODERATION),
    "Blocked": (ACCOUNT, Trouble.BLOCKED),
    "Action required to continue": (ACCOUNT, Trouble.CAPTCHA),
    "Please complete the task": (ACCOUNT, Trouble.CAPTCHA),
}
ONLY_IN_THE_PROTOCOL = {
    "Banned prompt": (CONTENT, None),
    "Banned image prompt": (CONTENT, None),
    "You are blocked.": (ACCOUNT, Trouble.BLOCKED),
    "Let's verify you're human": (ACCOUNT, Trouble.CAPTCHA),
    "There was an error processing your request": (TRANSIENT, None),
    "Failed to process your command": (TRANSIENT, None),
    "Bad response": (TRANSIENT, None),
}
ITEMS = wire("error-embeds.json")["items"]
WAIT, FULL = "Job queued", "Queue full"
NONCE, START = "1496400000000000000", "1496409600000000010"


def an_open_job(state: JobState) -> Job:
    """An imagine whose nonce and, once it runs, progress message are those of the answers here."""
    return Job(
        id="job",
        request_id="job",
        workspace_id="w",
        application_id=MIDJOURNEY_APPLICATION,
        action=Action(ActionKind.IMAGINE),
        prompt="p",
        state=state,
        created_at=NOW,
        updated_at=NOW,
        account_id=1,
        nonces=(NONCE,),
        sent_at=NOW,
        links=Links(progress_message_id=START) if state is JobState.RUNNING else Links(),
    )


def follow(job: Job, seen: Sighting):
    """Decoder's word -> whose it is -> what it means -> the job after it."""
    book = JobBook(user_id=USER)
    book.put(job)
    matched = match(book, seen)
    assert isinstance(matched, Bound)
    assert matched.job_id == job.id
    event = event_of(job, seen, account_id=1, limits=Limits(), now=NOW, new_key=lambda: "k")
    return event, advance(job, event)


def answered(state: JobState, **parts) -> Sighting:
    """The answer as the reply to the command (SENT) or as an edit of the progress message (RUNNING)."""
    if state is JobState.RUNNING:
        return sighted(message(id=START, **parts), "MESSAGE_UPDATE")
    return sighted(message(flags=64, nonce=NONCE, **parts))


@pytest.mark.parametrize("item", ITEMS, ids=[item["title"] for item in ITEMS])
@pytest.mark.parametrize("colour", ["its own", None, 65280, 16711680])
@pytest.mark.parametrize("state", [JobState.SENT, JobState.RUNNING])
def test_every_known_title_ends_the_job_with_its_class_whatever_its_colour(item, colour, state):
    embed = embed_of(item) if colour == "its own" else {**embed_of(item), "color": colour}
    seen = answered(state, content="", embeds=[embed])
    if item["title"] == WAIT:
        assert (seen.stage, seen.failure, seen.trouble, seen.prompt) == (Stage.QUEUED, None, None, "<prompt>")
        return
    event, after = follow(an_open_job(state), seen)
    if item["title"] == FULL and state is JobState.SENT:
        assert isinstance(event, TurnedAway)
        assert (seen.stage, event.failure.reason, after.state) == (Stage.FULL, TRANSIENT, JobState.QUEUED)
        assert not after.holds_slot(NOW)
        return
    assert isinstance(event, FailedUpstream)
    assert (after.state, after.failure.reason, seen.trouble) == (JobState.FAILED, *CLASSES[item["title"]])
    assert not after.holds_slot(NOW)
    assert item["title"] in after.failure.detail
    assert len(after.failure.detail) > len(item["title"]) + 30, "a title alone does not tell a person what to do"
    assert seen.user_id == (USER if state is JobState.SENT else None)  # nobody else sees an ephemeral message


def test_the_catalogue_of_titles_is_complete():
    assert {item["title"] for item in ITEMS} - {WAIT} == set(CLASSES)


@pytest.mark.parametrize("title", ONLY_IN_THE_PROTOCOL)
def test_titles_that_only_the_protocol_page_names_have_their_class_too(title):
    seen = answered(JobState.SENT, content="", embeds=[{"title": title}])
    assert (seen.stage, seen.failure.reason, seen.trouble) == (Stage.FAILED, *ONLY_IN_THE_PROTOCOL[title])


def test_a_job_that_midjourney_queued_waits_and_holds_its_slot():
    item = next(item for item in ITEMS if item["title"] == WAIT)
    event, after = follow(an_open_job(JobState.SENT), answered(JobState.SENT, content="", embeds=[embed_of(item)]))
    assert isinstance(event, QueuedUpstream)
    assert (after.state, after.upstream_queued, after.failure) == (JobState.SENT, True, None)
    assert after.holds_slot(NOW)


def test_a_restricted_job_is_not_laid_to_speed_alone():
    words = "Stealth mode is only available on the Pro and Mega plans."
    failure = sighted(message(content="", embeds=[{"title": "Job action restricted", "description": words}])).failure
    assert (failure.reason, failure.detail) == (
        MODE,
        f"Midjourney answered “Job action restricted”: {words} (the account's plan or speed does not allow this)",
    )


def test_without_its_declining_footer_something_went_wrong_is_worth_another_try():
    seen = sighted(message(content="", embeds=[{"title": "Sorry, something went wrong"}]))
    assert seen.failure.reason is TRANSIENT


@pytest.mark.parametrize("item", wire("error-embeds.json")["plain_content"], ids=["failed", "trace"])
def test_known_plain_text_fails_the_job(item):
    seen = answered(JobState.SENT, content=item["content"])
    event, after = follow(an_open_job(JobState.SENT), seen)
    assert isinstance(event, FailedUpstream)
    assert (after.state, after.failure.reason) == (JobState.FAILED, TRANSIENT)
    assert item["content"] in after.failure.detail


def test_an_abuse_alert_stops_the_account():
    seen = sighted(message(content="You have triggered an abuse alert. Please wait."))
    assert seen.trouble is Trouble.BLOCKED


@pytest.mark.parametrize(
    "parts",
    [
        {"content": "Before you go on, verify you’re human."},
        {"content": "Please verify that you are a human"},
        {"content": "", "embeds": [{"title": "One more thing", "description": "Let's verify you're human first."}]},
        {"content": "", "embeds": [{"description": "Verify you are human"}]},
        {"content": "Verify you're human", "interaction_metadata": {"id": "1", "name": "fast"}},
        {"content": "Verify you're human", "embeds": [{"title": "One more thing"}]},
    ],
)
def test_a_check_for_humans_stops_the_account_wherever_its_words_stand(parts):
    seen = answered(JobState.SENT, **parts)
    _, after = follow(an_open_job(JobState.SENT), seen)
    assert (seen.stage, seen.trouble) == (Stage.FAILED, Trouble.CAPTCHA)
    assert (after.state, after.failure.reason) == (JobState.FAILED, ACCOUNT)
    assert "complete the check" in after.failure.detail


@pytest.mark.parametrize(
    "parts",
    [
        {
            "content": "",
            "embeds": [{"description": "1️⃣ a sign: verify you're human\n\n2️⃣ b\n\n3️⃣ c\n\n4️⃣ d"}],
            "components": [{"type": 1, "components": [{"type": 2, "custom_id": "MJ::Job::PicReader::1"}]}],
        },
        {"content": "Done! Your new suffix is `verify you're human`"},
        {"content": "**verify you're human** - <@300000000000000001> (31%) (fast)"},
        {"content": f"{MINE} (31%) (fast)", "embeds": [{"title": "A page", "description": "verify you're human"}]},
    ],
    ids=["a description", "a suffix", "a prompt", "a preview of a link"],
)
def test_the_same_words_in_what_a_user_chose_are_no_check(parts):
    assert sighted(message(**parts), "MESSAGE_UPDATE").trouble is None


# --- moderation -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["message", "other_real_description"])
def test_a_pending_moderation_message_is_quoted_with_how_long_it_blocks(which):
    captured = wire("pending-mod.json")
    parts = captured["message"]
    if which != "message":
        parts = {**parts, "embeds": [{**parts["embeds"][0], "description": captured[which]}]}
    seen = sighted(message(nonce=NONCE, **parts))
    _, after = follow(an_open_job(JobState.SENT), seen)
    assert (seen.trouble, after.failure.reason) == (Trouble.MODERATION, ACCOUNT)
    words = "blocked from accessing Midjourney for 1 hour" if which == "message" else "temporarily blocked"
    assert words in after.failure.detail
    assert [part.label for part in seen.components] == ["Acknowledge", "Resubmit"]


def test_the_captured_refusal_offers_an_appeal_and_is_a_failure_of_its_job():
    captured = wire("capture-2023-05-appeal.json")
    seen = sighted({**captured["message"], "nonce": NONCE})
    _, after = follow(an_open_job(JobState.SENT), seen)
    assert (after.state, after.failure.reason, seen.trouble) == (JobState.FAILED, CONTENT, None)
    assert seen.prompt == "<#11e9cf60b8#>gril"
    click = captured["click_request_body"]
    pressed = Click(
        click["application_id"], CHANNEL, click["message_id"], click["message_flags"], click["data"]["custom_id"]
    )
    assert seen.appeal == pressed
    assert after.appeal == pressed


def test_only_a_refusal_offers_an_appeal():
    assert sighted(message(content=f"{MINE} (fast)", attachments=[PICTURE], components=[GRID])).appeal is None


# --- where they stand -----------------------------------------------------------------------------------------------


def test_a_failure_may_come_as_an_edit_of_the_progress_message():
    edit = message(content=f"{MINE} (31%) (fast)", embeds=[{"title": "Request cancelled due to image filters"}])
    seen = sighted(edit, "MESSAGE_UPDATE")
    assert (seen.stage, seen.prompt, seen.percent) == (Stage.FAILED, "p", 31)


def test_a_preview_of_a_link_in_the_prompt_is_no_answer():
    parts = {"content": f"{MINE} (fast)", "attachments": [PICTURE], "components": [GRID]}
    assert sighted(message(**parts, embeds=[{"title": "A web page"}])).stage is Stage.FINAL


@pytest.mark.parametrize(
    ("mark", "told"),
    [("<t:1774990054:R>", "2026-03-31 20:47 UTC"), ("<t:999999999999:R>", "<t:999999999999:R>")],
)
def test_a_moment_is_told_as_a_date(mark, told):
    embed = {"title": "Slow Down!", "description": f"You can request another upscale for this image {mark}"}
    assert told in sighted(message(content="", embeds=[embed])).failure.detail


# --- what is not known ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parts",
    [
        {"content": "An error? Something new and invalid was denied."},
        {"content": "", "embeds": [{"title": "A title of tomorrow", "description": "text", "color": 16711680}]},
        {"content": "", "embeds": [{"title": "Error", "description": "invalid and denied", "color": 15548997}]},
        {"content": "", "embeds": [{"description": "words without a title"}]},
    ],
    ids=["text", "red embed", "the word error", "no title"],
)
def test_what_is_not_known_is_quoted_and_never_called_a_failure(parts):
    seen = answered(JobState.SENT, **parts)
    assert (seen.stage, seen.failure, seen.trouble) == (Stage.UNKNOWN, None, None)
    for said in [parts["content"], *(text for embed in parts.get("embeds", ()) for text in embed.values())]:
        assert str(said) in seen.words or not isinstance(said, str)
    _, after = follow(an_open_job(JobState.SENT), seen)
    assert after.state is not JobState.FAILED
