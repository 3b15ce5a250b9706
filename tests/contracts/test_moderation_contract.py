"""What every ports.Store promises to moderation: rules with a version, refused requests, the audit log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model import errors
from engine.model.deliveries import DeliveryKind
from engine.model.hooks import Hook, HookKind
from engine.model.jobs import Failure, FailureReason, JobState
from engine.model.labels import Label
from engine.model.moderation import Kind, Rule, RuleBook, RuleDraft, Severity, WordList
from engine.model.moderation.kept import AuditEntry, KeptHit, Refusal
from engine.ports import KeepAudit, KeepRefusal, NewRequest, Outcome, RuleEdit
from tests.contracts.store_examples import T0, after, new_request
from tests.contracts.store_kinds import STORES, opened

NUDE = RuleDraft(text="nude")
BLOOD = RuleDraft(text="blood “ü” 🩸", kind=Kind.PREFIX, severity=Severity.HIGH, allow=("blood orange", 'a "b"'))
DAMN = RuleDraft(text="damn", word_list=WordList.PREFILTER, label=Label.PROFANITY, severity=Severity.LOW)


@pytest.fixture(params=STORES)
async def store(request, tmp_path):
    async with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as made:
        yield made


@pytest.fixture
async def place(store):
    return (await store.ensure_workspace("default", T0)).id


def edit(workspace_id, version=0, **changes):
    entry = AuditEntry(
        workspace_id=workspace_id, who="key:1", what="rules changed", before=None, after="nude\n", at=after(version)
    )
    return RuleEdit(workspace_id=workspace_id, version=version, audit=entry, **changes)


def refusal(workspace_id, prompt="a nude", at=T0, **changes):
    values = {
        "workspace_id": workspace_id,
        "requester": "key:1",
        "key_id": 1,
        "dialect": "imaginepro",
        "ref": "my ref",
        "action": "imagine",
        "prompt": prompt,
        "word_list": WordList.BLOCK,
        "hits": (KeptHit("nüde", "nude", 7, Severity.HIGH), KeptHit("x", "model", label=Label.INSULT)),
        "at": at,
    }
    return Refusal(**{**values, **changes})


async def test_a_new_workspace_has_no_rules(store, place):
    assert await store.rule_book(place) == RuleBook(0, ())
    assert await store.rule_versions() == {place: 0}
    assert await store.audit(place, 10) == []


async def test_rules_are_read_back_as_they_were_added(store, place):
    book = await store.edit_rules(edit(place, add=(NUDE, BLOOD, DAMN)))
    assert book.version == 1
    assert [rule.says for rule in book.rules] == [NUDE, BLOOD, DAMN]
    assert await store.rule_book(place) == book
    assert await store.rule_versions() == {place: 1}


async def test_an_edit_adds_changes_and_removes_at_once(store, place):
    book = await store.edit_rules(edit(place, add=(NUDE, BLOOD)))
    first, second = book.rules
    changed = Rule(second.id, DAMN)
    book = await store.edit_rules(edit(place, 1, add=(BLOOD,), change=(changed,), remove=(first.id,)))
    assert [rule.says for rule in book.rules] == [DAMN, BLOOD]
    assert book.rules[0].id == second.id
    assert book.version == 2


async def test_an_edit_for_another_version_changes_nothing(store, place):
    book = await store.edit_rules(edit(place, add=(NUDE,)))
    assert await store.edit_rules(edit(place, 0, add=(BLOOD,))) is None
    assert await store.edit_rules(edit(place, 2, add=(BLOOD,))) is None
    assert await store.rule_book(place) == book
    assert len(await store.audit(place, 10)) == 1


async def test_a_rules_number_is_never_used_again(store, place):
    (old,) = (await store.edit_rules(edit(place, add=(NUDE,)))).rules
    await store.edit_rules(edit(place, 1, remove=(old.id,)))
    (new,) = (await store.edit_rules(edit(place, 2, add=(NUDE,)))).rules
    assert new.id > old.id


async def test_an_edit_of_one_workspace_leaves_the_others_alone(store, place):
    other = (await store.ensure_workspace("other", after(1))).id
    theirs = await store.edit_rules(edit(other, add=(NUDE,)))
    ours = await store.edit_rules(edit(place, add=(BLOOD,)))
    stolen = Rule(theirs.rules[0].id, DAMN)
    after_all = await store.edit_rules(edit(place, 1, change=(stolen,), remove=(theirs.rules[0].id,)))
    assert after_all.rules == ours.rules
    assert await store.rule_book(other) == theirs
    assert await store.rule_versions() == {place: 2, other: 1}


async def test_rules_of_no_workspace_are_refused(store, place):
    with pytest.raises(errors.NotFound):
        await store.edit_rules(edit("nowhere", add=(NUDE,)))


async def test_each_edit_stands_in_the_audit_log_newest_first(store, place):
    for version in range(3):
        await store.edit_rules(edit(place, version, add=(NUDE,)))
    log = await store.audit(place, 10)
    assert [entry.at for entry in log] == [after(2), after(1), T0]
    assert replace(log[-1], id=0) == edit(place).audit
    assert await store.audit(place, 1, before=log[0].id) == [log[1]]


async def test_a_deed_stands_in_the_audit_log_beside_what_it_changed(store, place):
    said = AuditEntry(workspace_id=place, who="key:1", what="account paused", before=None, after="7 \ud800x", at=T0)
    assert await store.apply([KeepAudit(said)]) == [Outcome.APPLIED]
    (entry,) = await store.audit(place, 10)
    assert (entry.who, entry.what, entry.before, entry.at) == ("key:1", "account paused", None, T0)


async def test_refused_requests_are_kept_newest_first(store, place):
    other = (await store.ensure_workspace("other", T0)).id
    mine = [refusal(place, f"prompt {n}", after(n)) for n in range(3)]
    changes = [KeepRefusal(each) for each in (*mine, refusal(other))]
    assert await store.apply(changes) == [Outcome.APPLIED] * 4
    kept = await store.refusals(place, 10)
    assert [replace(each, id=0) for each in kept] == mine[::-1]
    assert await store.refusals(place, 2, before=kept[0].id) == kept[1:]
    assert len(await store.refusals(other, 10)) == 1


async def test_a_prefiltered_request_is_kept_with_its_job_and_labels(store, place):
    new = new_request(place)
    failure = Failure(FailureReason.PREFILTERED, 'holds "damn"')
    job = replace(
        new.jobs[0], state=JobState.FAILED, failure=failure, labels=(Label.PROFANITY, Label.INSULT), finished_at=T0
    )
    request = replace(new.request, origin=replace(new.request.origin, prefilter=True))
    objected = refusal(place, word_list=WordList.PREFILTER, job_id=job.id)
    stored = await store.apply([NewRequest(request, (job,), new.updates), KeepRefusal(objected)])
    assert stored == [Outcome.APPLIED] * 2
    assert await store.job(place, job.id) == job
    assert await store.request(place, request.id) == request
    assert await store.queued(10) == []
    assert [each.job_id for each in await store.refusals(place, 10)] == [job.id]


async def test_a_prefiltered_request_makes_its_final_webhook_due(store, place):
    new = new_request(place, hook=Hook("https://a.example/hook", HookKind.RESULT, "userapi"))
    failure = Failure(FailureReason.PREFILTERED, 'holds "damn"')
    job = replace(new.jobs[0], state=JobState.FAILED, failure=failure, labels=(Label.PROFANITY,), finished_at=T0)
    await store.apply([NewRequest(new.request, (job,), new.updates), KeepRefusal(refusal(place, job_id=job.id))])
    assert [(due.job_id, due.kind) for due in await store.due_deliveries(T0, 10)] == [(job.id, DeliveryKind.FINAL)]
