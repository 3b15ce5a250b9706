"""Words that a workspace does not want: refused before anything is stored or sent, wherever they are brought."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.core.rulebook import POLL_SECONDS
from engine.core.rulemaking import Rulemaking
from engine.model.actions import Action, ActionKind
from engine.model.errors import Banned, Conflict, InvalidInput, NotFound, Unavailable
from engine.model.inputs import Given
from engine.model.jobs import FailureReason, JobState
from engine.model.labels import Label
from engine.model.moderation import Kind, RuleDraft, Severity, WordList
from engine.model.moderation.defaults import default_rules
from engine.model.moderation.kept import KeptHit
from engine.ports import Objection

NUDE = RuleDraft(text="nude", severity=Severity.HIGH)
DAMN = RuleDraft(text="damn", word_list=WordList.PREFILTER, label=Label.PROFANITY)


@pytest.fixture
async def opened(house):
    await house.open()
    return house


def place(house) -> str:
    return house.origin.workspace_id


async def bans(house, *drafts) -> None:
    for draft in drafts:
        await house.engine.add_rule(place(house), draft, "key:1")


def stored(house) -> int:
    return len(house.store._requests) + len(house.store._jobs)


def sent(house) -> int:
    return sum(len(session.submissions) for session in house.driver.sessions)


# --- the block list


async def test_a_banned_word_is_named_kept_and_goes_nowhere(opened):
    await bans(opened, NUDE)
    with pytest.raises(Banned) as caught:
        await opened.imagine("a Nüde fox")
    assert caught.value.words == ("Nüde",)
    assert str(caught.value) == 'prompt holds words that are not allowed here: "Nüde"'
    await opened.clock.advance(5)
    assert (stored(opened), sent(opened)) == (0, 0)
    (kept,) = await opened.engine.refusals(place(opened))
    assert (kept.prompt, kept.requester, kept.dialect, kept.action) == ("a Nüde fox", "key:1", "test", "imagine")
    assert (kept.word_list, kept.job_id) == (WordList.BLOCK, None)
    assert [(hit.words, hit.rule, hit.severity) for hit in kept.hits] == [("Nüde", "nude", Severity.HIGH)]


async def test_a_rule_counts_for_the_next_request_and_no_longer_when_it_is_gone(opened):
    await opened.imagine("a nude")
    await bans(opened, NUDE)
    with pytest.raises(Banned):
        await opened.imagine("a nude")
    (rule,) = await opened.engine.rules(place(opened))
    await opened.engine.remove_rule(place(opened), rule.id, "key:1")
    await opened.imagine("a nude")


async def test_a_rule_of_another_process_counts_within_a_second(opened):
    elsewhere = Rulemaking(opened.store, opened.clock)
    await elsewhere.add(place(opened), NUDE, "the operator")
    await opened.clock.advance(POLL_SECONDS)
    with pytest.raises(Banned):
        await opened.imagine("a nude")
    await elsewhere.replace_block_words(place(opened), ["blood"], "the operator")
    await opened.clock.advance(POLL_SECONDS)
    with pytest.raises(Banned):
        await opened.imagine("blood")


async def test_the_known_rules_count_while_the_store_cannot_be_read(opened):
    await bans(opened, NUDE)

    async def unreadable():
        raise Unavailable("no disk")

    opened.store.rule_versions = unreadable
    await opened.clock.advance(5 * POLL_SECONDS)
    with pytest.raises(Banned):
        await opened.imagine("a nude")


async def test_rules_survive_a_restart_and_leave_other_workspaces_alone(opened):
    await bans(opened, NUDE)
    await opened.restart()
    with pytest.raises(Banned):
        await opened.imagine("a nude")
    other = await opened.store.ensure_workspace("other", opened.clock.now())
    origin = replace(opened.origin, workspace_id=other.id)
    assert await opened.engine.imagine(origin, "a nude")
    assert await opened.engine.rules(other.id) == await opened.engine.refusals(other.id) == []


async def test_a_word_that_only_the_pieces_of_a_prompt_have_is_found(opened):
    await bans(opened, NUDE)
    with pytest.raises(Banned) as caught:
        await opened.imagine("a nu{de, t} fox")
    assert caught.value.words == ("nude",)
    assert stored(opened) == 0
    assert len(await opened.engine.refusals(place(opened))) == 1


async def test_words_for_a_form_and_for_shorten_and_suffix_are_judged(opened):
    parent = await opened.finished()
    await bans(opened, NUDE)
    before = stored(opened), sent(opened)
    with pytest.raises(Banned):
        await opened.engine.press(opened.origin, parent.id, "V1", words="a nude fox")
    with pytest.raises(Banned):
        await opened.engine.command(opened.origin, Action(ActionKind.SHORTEN), prompt="a nude fox")
    with pytest.raises(InvalidInput):
        await opened.engine.command(opened.origin, Action(ActionKind.SUFFIX), given=Given(value="--p nude"))
    await opened.clock.advance(5)
    assert (stored(opened), sent(opened)) == before
    actions = [kept.action for kept in await opened.engine.refusals(place(opened))]
    assert actions[-2:] == ["shorten", "variation_1"]


async def test_a_press_without_words_is_its_parents_and_not_judged_anew(opened):
    parent = await opened.finished("a nude fox")
    await bans(opened, NUDE)
    assert await opened.engine.press(opened.origin, parent.id, "U1")


async def test_a_refusal_that_cannot_be_kept_is_not_given(opened):
    await bans(opened, NUDE)
    opened.store.trouble = "the disk is full"
    with pytest.raises(Unavailable):
        await opened.imagine("a nude")
    opened.store.trouble = None


# --- the prefilter


async def test_what_the_prefilter_objects_to_fails_at_once_and_goes_nowhere(opened):
    await bans(opened, DAMN)
    opened.origin = replace(opened.origin, prefilter=True, key_id=7)
    job = await opened.imagine("a damn fox")
    assert (job.state, job.version, job.labels) == (JobState.FAILED, 1, (Label.PROFANITY,))
    assert job.failure.reason is FailureReason.PREFILTERED
    assert job.failure.detail == 'the prefilter objects to "damn": PROFANITY'
    assert job.finished_at is not None
    await opened.clock.advance(5)
    assert await opened.store.job(place(opened), job.id) == job
    (update,) = await opened.store.updates(job.id)
    assert (update.state, update.event, update.failure) == (JobState.FAILED, "Prefiltered", job.failure)
    assert sent(opened) == 0
    (kept,) = await opened.engine.refusals(place(opened))
    assert (kept.word_list, kept.job_id, kept.key_id) == (WordList.PREFILTER, job.id, 7)


async def test_every_job_of_an_objectionable_request_fails(opened):
    await bans(opened, DAMN)
    opened.origin = replace(opened.origin, prefilter=True)
    first = await opened.imagine("a {damn, fine} fox")
    jobs = await opened.engine.jobs_of(place(opened), first.id)
    assert [job.state for job in jobs] == [JobState.FAILED] * 2


async def test_without_the_prefilter_its_list_does_not_count(opened):
    await bans(opened, DAMN)
    assert (await opened.imagine("a damn fox")).state is JobState.QUEUED


async def test_the_block_list_counts_before_the_prefilter(opened):
    await bans(opened, DAMN, NUDE)
    opened.origin = replace(opened.origin, prefilter=True)
    with pytest.raises(Banned):
        await opened.imagine("a damn nude")


class FlirtationModel:
    """A scoring model that finds everything flirtatious but foxes."""

    async def objection(self, workspace_id, texts):
        if all("fox" in text for text in texts):
            return None
        return Objection((Label.FLIRTATION,), (KeptHit(texts[0], "model at 0.93", label=Label.FLIRTATION),))


async def test_a_scoring_model_may_take_the_lists_place(house):
    house.prefilter = FlirtationModel()
    house.engine = house._engine()
    await house.open()
    house.origin = replace(house.origin, prefilter=True)
    assert (await house.imagine("a fox")).state is JobState.QUEUED
    assert (await house.imagine("a wink")).labels == (Label.FLIRTATION,)
    (kept,) = await house.engine.refusals(place(house))
    assert [(hit.rule, hit.rule_id) for hit in kept.hits] == [("model at 0.93", None)]


async def test_a_workspace_begins_with_the_default_words(house):
    house.default_rules = default_rules()
    house.engine = house._engine()
    await house.open()
    assert [rule.says for rule in await house.engine.rules(place(house), limit=100)] == list(default_rules())
    (entry,) = await house.engine.audit(place(house))
    assert (entry.who, entry.what, entry.before) == ("Easel", "default words", None)
    later = await house.store.ensure_workspace("later", house.clock.now())
    await house.clock.advance(POLL_SECONDS)
    assert len((await house.store.rule_book(later.id)).rules) == len(default_rules())
    await house.engine.import_rules(later.id, "", "key:1", replace_all=True)
    await house.restart()
    assert await house.engine.rules(later.id) == []


# --- what is checked without being sent


async def test_a_prompt_check_tells_of_words_and_parameters_and_keeps_nothing(opened):
    await bans(opened, NUDE)
    check = opened.engine.check_prompt
    assert await check(place(opened), "a fox --ar 1:1") == []
    assert [str(problem) for problem in await check(place(opened), "a nu{de,t}")] == [
        'prompt holds words that are not allowed here: "nude"'
    ]
    both = await check(place(opened), "a nude --ar x")
    assert [type(problem) for problem in both] == [Banned, InvalidInput]
    assert (stored(opened), await opened.engine.refusals(place(opened))) == (0, [])


# --- changing rules


async def test_each_change_is_in_the_audit_log(opened):
    rule = await opened.engine.add_rule(place(opened), NUDE, "key:1")
    await opened.engine.change_rule(place(opened), rule.id, RuleDraft(text="nudes"), "key:2")
    await opened.engine.change_rule(place(opened), rule.id, RuleDraft(text="nudes"), "key:2")
    await opened.engine.remove_rule(place(opened), rule.id, "key:3")
    log = [(entry.who, entry.what, entry.before, entry.after) for entry in await opened.engine.audit(place(opened))]
    assert log == [
        ("key:3", "rule removed", "word: nudes\n", None),
        ("key:2", "rule changed", "word high: nude\n", "word: nudes\n"),
        ("key:1", "rule added", None, "word high: nude\n"),
    ]


async def test_two_rules_of_one_sense_are_refused(opened):
    await bans(opened, NUDE, RuleDraft(text="blood"))
    with pytest.raises(Conflict, match="rule 1"):
        await opened.engine.add_rule(place(opened), RuleDraft(text="ＮＵＤＥ", kind=Kind.PHRASE), "key:1")
    with pytest.raises(Conflict, match="rule 1"):
        await opened.engine.change_rule(place(opened), 2, RuleDraft(text="nude"), "key:1")
    with pytest.raises(NotFound):
        await opened.engine.change_rule(place(opened), 9, RuleDraft(text="x"), "key:1")
    with pytest.raises(NotFound):
        await opened.engine.remove_rule(place(opened), 9, "key:1")


async def test_the_plain_words_are_replaced_and_every_other_rule_stays(opened):
    prefix, exact = RuleDraft(text="porn", kind=Kind.PREFIX), RuleDraft(text="blood", allow=("blood moon",))
    await bans(opened, RuleDraft(text="old"), RuleDraft(text="kept"), prefix, exact, DAMN)
    now = await opened.engine.replace_block_words(place(opened), ["kept", "two words", "blood", "KEPT"], "key:1")
    assert now == ["kept", "two words"]
    says = [rule.says for rule in await opened.engine.rules(place(opened))]
    assert says == [
        RuleDraft(text="kept"), prefix, exact, DAMN, RuleDraft(text="two words", kind=Kind.PHRASE)
    ]  # fmt: skip
    (entry, *_) = await opened.engine.audit(place(opened))
    assert (entry.what, entry.before, entry.after) == (
        "block words replaced",
        "word: old\n",
        "phrase: two words\n",
    )
    with pytest.raises(InvalidInput, match=r"banWords\[1\] holds no word"):
        await opened.engine.replace_block_words(place(opened), ["fine", "--"], "key:1")
    assert await opened.engine.block_words(place(opened)) == ["kept", "two words"]


async def test_a_sheet_is_imported_whole_or_not_at_all(opened):
    await bans(opened, NUDE, RuleDraft(text="blood"))
    with pytest.raises(InvalidInput, match="line 2"):
        await opened.engine.import_rules(place(opened), "one\nword: a b\n", "key:1")
    done = await opened.engine.import_rules(place(opened), "nude\nblood\nnew\n", "key:1")
    assert (done.added, done.changed, done.removed, done.unchanged) == (1, 1, 0, 1)
    done = await opened.engine.import_rules(place(opened), "new\n", "key:1", replace_all=True)
    assert (done.added, done.changed, done.removed, done.unchanged) == (0, 0, 2, 1)
    assert await opened.engine.export_rules(place(opened)) == "word: new\n"


async def test_changes_at_one_moment_all_come_to_pass(opened):
    adding = (opened.engine.add_rule(place(opened), RuleDraft(text=f"word{n}"), "key:1") for n in range(8))
    await asyncio.gather(*adding)
    texts = {rule.says.text for rule in await opened.engine.rules(place(opened))}
    assert texts == {f"word{n}" for n in range(8)}


async def test_findings_name_what_both_lists_find(opened):
    await bans(opened, NUDE, DAMN)
    found = await opened.engine.test_rules(place(opened), "a damn nude")
    assert (found.block.words, found.prefilter.words) == (("nude",), ("damn",))
    assert await opened.engine.refusals(place(opened)) == []
