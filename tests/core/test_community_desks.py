"""Codes and settings of servers, strikes, cards, styles, reports, removals, and a person's own data."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from engine.core.community.cards import Cards
from engine.model.actions import Action, ActionKind
from engine.model.community.cards import Card, CardState, LostCard
from engine.model.community.guilds import CODE_LIVES, GuildSettings, RoleTerms, Terms
from engine.model.community.people import ERASED, Notice, Restraint
from engine.model.community.permission import Deed, Denial
from engine.model.community.reports import Settled
from engine.model.errors import Banned, Conflict, InvalidInput, NotAllowed, NotFound
from engine.model.jobs import JobState, Mode
from engine.model.moderation import RuleDraft
from engine.model.quotas import Period, Quota
from tests.core.house import House
from tests.core.town import ANN, BEN, CHANNEL, GUARD, OWNER, SERVER, STRANGE, Town, asker, code_of, guard

U2 = Action(ActionKind.UPSCALE, 2)
WHO = f"discord:{GUARD}"


class BackwardSecrets:
    """Seals a text by writing it backwards."""

    def seal(self, plain: str) -> str:
        return plain[::-1]

    def unseal(self, sealed: str) -> str:
        return sealed[::-1]


@pytest.fixture
async def town(house: House):
    return await Town(house).open()


# --- codes and settings


async def test_a_code_works_once_and_for_an_hour(town):
    guilds = town.community.guilds
    made = await guilds.code(town.place)
    assert made.expires_at == town.house.clock.now() + CODE_LIVES
    assert made.code.replace("-", "").isalnum()
    spelled = made.code.lower().replace("-", " ")
    await guilds.connect(spelled, guild_id=STRANGE, name="s", user_id=BEN)
    with pytest.raises(NotFound):
        await guilds.connect(made.code, guild_id=STRANGE, name="s", user_id=ANN)
    late = await guilds.code(town.place)
    town.house.clock.set_wall(late.expires_at)
    with pytest.raises(NotFound):
        await guilds.connect(late.code, guild_id=STRANGE, name="s", user_id=ANN)
    assert {each.user_id for each in await guilds.operators(town.place)} == {OWNER, BEN}


async def test_a_code_is_stored_as_a_digest_alone(town):
    made = await town.community.guilds.code(town.place)
    assert made.code not in repr(town.house.store._codes)
    assert made.code.replace("-", "") not in repr(town.house.store._codes)


async def test_a_change_of_settings_says_in_the_audit_log_what_it_was(town):
    await town.settle(spoiler=True)
    entry = (await town.house.engine.audit(town.place))[0]
    assert (entry.who, entry.what) == ("discord:1", "server settings changed")
    assert (entry.before, entry.after) == ("spoiler: no", "spoiler: yes")


async def test_lists_ids_and_terms_stand_in_the_audit_log_in_words(town):
    usual = Terms(quota=Quota(500, Period.MONTH), speeds=frozenset({Mode.RELAX, Mode.FAST}), cooldown=60)
    role = RoleTerms("3" * 18, Terms(unlimited=True, most_queued=4))
    before = await town.settle()
    after = await town.settle(roles=("1" * 18, "2" * 18), usual=usual, by_role=(role,))
    assert before.settings != after.settings
    entry = (await town.house.engine.audit(town.place))[0]
    assert entry.before.splitlines() == ["roles: none", "usual: none", "by role: none"]
    assert entry.after.splitlines() == [
        f"roles: {'1' * 18}, {'2' * 18}",
        "usual: quota 500/month, fast relax, cooldown 60 s",
        f"by role: {'3' * 18} (unlimited, at most 4 wait)",
    ]


async def test_a_default_style_has_to_be_shared(town):
    own = await town.community.styles.save(town.place, ANN, "Noir", "film noir")
    with pytest.raises(InvalidInput, match="default_style"):
        await town.settle(default_style=own.id)
    await town.community.styles.share(town.place, own.id, ANN)
    assert (await town.settle(default_style=own.id)).settings.default_style == own.id


async def test_settings_of_a_server_that_is_not_connected_are_refused(town):
    with pytest.raises(NotFound):
        await town.community.guilds.settle(town.place, STRANGE, GuildSettings(), WHO)
    with pytest.raises(NotFound):
        await town.community.guilds.disconnect("elsewhere", SERVER, WHO)


# --- members


async def test_an_operator_is_not_restrained(town):
    with pytest.raises(Conflict):
        await town.community.members.restrain(town.place, OWNER, Restraint.BANNED, WHO)


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [(Restraint.TIMED_OUT, None), (Restraint.BANNED, 60), (Restraint.TIMED_OUT, 0), (Restraint.TIMED_OUT, 10**9)],
)
async def test_a_time_belongs_to_a_time_out(town, kind, seconds):
    with pytest.raises(InvalidInput, match="seconds"):
        await town.community.members.restrain(town.place, ANN, kind, WHO, seconds=seconds)


async def test_strikes_are_given_lifted_and_written_down(town):
    members = town.community.members
    strike = await members.strike(town.place, ANN, "gore", WHO)
    assert (await members.member(town.place, ANN)).strikes == 1
    with pytest.raises(NotFound):
        await members.lift(town.place, BEN, strike.id, WHO)
    await members.lift(town.place, ANN, strike.id, WHO)
    with pytest.raises(NotFound):
        await members.lift(town.place, ANN, strike.id, WHO)
    assert (await members.member(town.place, ANN)).strikes == 0
    said = [entry.what for entry in await town.house.engine.audit(town.place)]
    assert said[:2] == ["strike lifted", "strike given"]


async def test_what_somebody_chose_stays_until_they_choose_again(town):
    members = town.community.members
    assert (await members.person(ANN)).notice is Notice.MENTION
    await members.choose(ANN, language="de", notice=Notice.DM)
    chosen = await members.choose(ANN, language="")
    assert (chosen.language, chosen.notice) == (None, Notice.DM)


# --- cards


def a_card(town, job, **changes):
    values = {
        "workspace_id": town.place,
        "request_id": job.request_id,
        "job_id": job.id,
        "user_id": ANN,
        "application_id": "9" * 18,
        "guild_id": SERVER,
        "channel_id": CHANNEL,
        "message_id": None,
        "created_at": town.house.clock.now(),
        "updated_at": town.house.clock.now(),
    }
    return Card(**{**values, **changes})


async def test_a_card_survives_a_restart_with_its_token_sealed(town):
    job = await town.imagine()
    until = town.house.clock.now() + timedelta(minutes=15)
    card = await Cards(town.house.store, BackwardSecrets(), town.house.clock).add(a_card(town, job), "token", until)
    assert "nekot" in repr(town.house.store._cards)
    await town.house.restart()
    cards = Cards(town.house.store, BackwardSecrets(), town.house.clock)
    (found,) = await cards.open()
    assert found == card
    assert cards.token(found) == "token"
    town.house.clock.set_wall(until)
    assert cards.token(found) is None


async def test_a_lost_address_is_not_tried_again(town):
    job = await town.imagine()
    cards = town.community.cards
    card = await cards.placed(await cards.add(a_card(town, job)), CHANNEL, "8" * 18)
    assert await cards.of_message(town.place, "8" * 18) == card
    lost = await cards.lost(card, LostCard.MESSAGE_GONE)
    assert (lost.state, lost.lost) == (CardState.GIVEN_UP, LostCard.MESSAGE_GONE)
    assert await cards.open() == []
    with pytest.raises(NotFound):
        await cards.of_message("elsewhere", "8" * 18)


async def test_a_card_that_shows_the_end_is_closed_until_it_is_opened_again(town):
    job = await town.imagine()
    cards = town.community.cards
    card = await cards.shows(await cards.add(a_card(town, job)), 4)
    assert [each.delivered_version for each in await cards.open()] == [4]
    done = await cards.shows(card, 5, final=True)
    assert await cards.open() == []
    assert [each.id for each in await cards.of(town.place, job.request_id)] == [card.id]
    await cards.reopened(done)
    assert [each.id for each in await cards.open()] == [card.id]


# --- styles


async def test_a_style_is_its_owners_until_it_is_shared(town):
    styles = town.community.styles
    noir = await styles.save(town.place, ANN, "Noir", "film noir")
    with pytest.raises(NotFound):
        await styles.delete(town.place, noir.id, BEN)
    await styles.share(town.place, noir.id, ANN)
    with pytest.raises(NotAllowed):
        await styles.share(town.place, noir.id, BEN)
    assert [each.name for each in await styles.begins(town.place, BEN, "no")] == ["Noir"]
    assert (await styles.named(town.place, BEN, "NOIR")).id == noir.id
    theirs = await styles.save(town.place, BEN, "noir", "another")
    assert (await styles.named(town.place, BEN, "Noir")).id == theirs.id
    await styles.delete(town.place, noir.id, None)
    assert await styles.of(town.place, ANN) == []


async def test_a_style_that_the_rules_refuse_is_neither_kept_nor_shown_to_others(town):
    await town.house.engine.add_rule(town.place, RuleDraft(text="forbiddenfruit"), WHO)
    styles = town.community.styles
    for name, words in (("Noir", "a forbiddenfruit"), ("Forbiddenfruit", "film noir")):
        with pytest.raises(Banned, match=r"(?i)forbiddenfruit"):
            await styles.save(town.place, ANN, name, words)
    assert await styles.of(town.place) == []


# --- reports and removals


async def test_a_removed_picture_is_gone_everywhere_and_its_button_says_so(town):
    done = await town.drawn()
    (picture, *_) = done.result.pictures
    engine = town.house.engine
    await town.house.until(lambda: town.house.store._pictures[picture.key].filename is not None)
    card = await town.community.cards.add(a_card(town, done, message_id="8" * 18))
    report = await town.community.reports.report(town.place, done.id, BEN, "gore")
    after = await town.community.reports.remove(town.place, done.id, WHO, "gore", strike="gore")
    assert (after.result.pictures, after.result.components) == ((), ())
    assert (await engine.job(town.place, done.id)).result.pictures == ()
    with pytest.raises(NotFound):
        await engine.picture(picture.key)
    assert engine._images.discarded == [f"{picture.key}.webp"]
    assert (await town.community.gallery.search(guard)).jobs == ()
    assert (await code_of(town.community.requests.act(asker(), done.id, U2)))[0] == Denial.GONE
    assert (await code_of(town.community.permits.permit_for(asker(), Deed.VIEW, done.id)))[0] == Denial.GONE
    assert (await town.community.reports.found(town.place, report.id)).settled is Settled.REMOVED
    assert [(each.id, each.state) for each in await town.community.cards.open()] == [(card.id, CardState.ERASE)]
    (strike,) = await town.community.members.strikes(town.place, ANN)
    assert (strike.job_id, strike.by) == (done.id, WHO)
    assert (await town.community.reports.removal(town.place, done.id)).by == WHO
    said = [(each.who, each.what, each.after) for each in await engine.audit(town.place) if each.who == WHO]
    assert (WHO, "picture removed", None) in said
    assert (WHO, "strike given", f"{ANN} gore") in said
    with pytest.raises(NotFound):
        await town.community.reports.remove(town.place, done.id, WHO)


async def test_a_copy_that_is_made_while_its_picture_is_removed_is_thrown_away(town):
    engine = town.house.engine
    gate = asyncio.Event()
    copied = engine._images.copy

    async def slowly(copy, hosts):
        await gate.wait()
        return await copied(copy, hosts)

    engine._images.copy = slowly
    done = await town.drawn()
    await town.community.reports.remove(town.place, done.id, WHO)
    gate.set()
    await town.house.until(lambda: len(getattr(engine._images, "discarded", ())) == len(done.result.pictures))


async def test_a_job_that_has_not_ended_has_no_picture_to_remove(town):
    await town.holds_the_queue()
    job = await town.imagine()
    with pytest.raises(Conflict):
        await town.community.reports.remove(town.place, job.id, WHO)
    with pytest.raises(NotFound):
        await town.community.reports.remove("elsewhere", job.id, WHO)


async def test_a_report_is_settled_once(town):
    done = await town.drawn()
    reports = town.community.reports
    first = await reports.report(town.place, done.id, BEN, "  too   close ", message_id="8" * 18)
    assert first.reason == "too close"
    assert (await reports.report(town.place, done.id, BEN, "again")).id == first.id
    assert await reports.listed(town.place) == [first]
    kept = await reports.settle(town.place, first.id, Settled.KEPT, WHO)
    assert (kept.settled, kept.settled_by) == (Settled.KEPT, WHO)
    with pytest.raises(Conflict):
        await reports.settle(town.place, first.id, Settled.REMOVED, WHO)
    assert await reports.listed(town.place) == []
    assert [each.id for each in await reports.listed(town.place, unsettled=False)] == [first.id]
    second = await reports.report(town.place, done.id, BEN, "again")
    removed = await reports.settle(town.place, second.id, Settled.REMOVED, WHO, strike="gore")
    assert removed.settled is Settled.REMOVED
    assert len(await town.community.members.strikes(town.place, ANN)) == 1


async def test_a_report_about_nothing_is_refused(town):
    with pytest.raises(NotFound):
        await town.community.reports.report(town.place, "nothing", BEN, "gore")
    with pytest.raises(NotFound):
        await town.community.reports.settle(town.place, 4711, Settled.KEPT, WHO)


# --- a person's own data


async def test_everything_about_a_person_is_exported(town):
    done = await town.drawn(private=True)
    await town.community.styles.save(town.place, ANN, "Noir", "film noir")
    await town.community.styles.save(town.place, BEN, "Theirs", "sunlit", shared=True)
    await town.community.members.strike(town.place, ANN, "gore", WHO)
    await town.community.cards.add(a_card(town, done), "token", town.house.clock.now() + timedelta(minutes=15))
    theirs = await town.drawn(asker(BEN))
    await town.community.reports.report(town.place, theirs.id, ANN, "too close")
    await town.house.engine.add_rule(town.place, RuleDraft(text="nude"), WHO)
    with pytest.raises(Banned):
        await town.imagine(prompt="a nude fox")
    told = json.loads(json.dumps(await town.community.privacy.export(ANN)))
    assert told["person"]["user_id"] == ANN
    assert [job["id"] for job in told["jobs"]] == [done.id]
    assert told["jobs"][0]["prompt"] == "a red fox"
    assert [style["name"] for style in told["styles"]] == ["Noir"]
    assert [strike["reason"] for strike in told["strikes"]] == ["gore"]
    assert told["members"][0]["strikes"] == 1
    assert [report["reason"] for report in told["reports"]] == ["too close"]
    assert [refusal["prompt"] for refusal in told["refused"]] == ["a nude fox"]
    assert [(card["channel_id"], card["token_sealed"]) for card in told["cards"]] == [(CHANNEL, None)]


async def test_a_persons_words_and_pictures_are_erased_and_others_stay(town):
    theirs = await town.drawn(asker(BEN))
    done = await town.drawn(prompt="a secret fox")
    (picture, *_) = done.result.pictures
    await town.community.styles.save(town.place, ANN, "Noir", "film noir")
    await town.community.members.choose(ANN, notice=Notice.OFF)
    await town.community.members.restrain(town.place, ANN, Restraint.PAUSED, WHO, "spam")
    await town.community.members.free(town.place, ANN, WHO)
    await town.community.members.restrain(town.place, ANN, Restraint.BANNED, WHO, "spam")
    erased = await town.community.privacy.erase(ANN)
    assert (erased.jobs, erased.left) == (1, 0)
    engine = town.house.engine
    after = await engine.job(town.place, done.id)
    assert (after.state, after.prompt, after.result.pictures) == (JobState.DONE, "", ())
    assert (await engine.request(town.place, done.request_id)).origin.requester == ERASED
    with pytest.raises(NotFound):
        await engine.picture(picture.key)
    assert (await code_of(town.community.requests.act(asker(BEN), done.id, U2)))[0] == Denial.GONE
    told = await town.community.privacy.export(ANN)
    assert (told["jobs"], told["styles"]) == ([], [])
    assert told["person"]["notice"] == "mention"
    assert (await town.community.members.member(town.place, ANN)).restrained is not None
    assert (await engine.job(town.place, theirs.id)).prompt == "a red fox"


async def test_whoever_comes_back_after_an_erasure_can_have_another(town):
    await town.holds_the_queue()
    for _ in range(2):
        waiting = await town.imagine()
        assert (await town.community.members.member(town.place, ANN)).user_id == ANN
        erased = await town.community.privacy.erase(ANN)
        assert (erased.jobs, erased.left) == (1, 0)
        assert (await town.house.job(waiting)).state is JobState.CANCELLED
    for gone in (town.community.privacy.erase(ANN), town.community.members.left(town.place, ANN)):
        late = await town.imagine()
        await town.house.store.erase(ANN, 500)  # another process, whose members this one still remembers
        await gone
        assert (await town.house.job(late)).state is JobState.CANCELLED


async def test_what_still_runs_keeps_its_words_until_it_ended(town):
    running = await town.imagine()
    _, nonce = await town.house.until_posted(1)
    await town.holds_the_queue()
    waiting = await town.imagine()
    erased = await town.community.privacy.erase(ANN)
    assert (erased.jobs, erased.left) == (1, 1)
    assert (await town.house.job(waiting)).prompt == ""
    assert (await town.house.job(running)).prompt == "a red fox"
    town.house.shows_an_imagine(nonce, "11111111-1111-4111-8111-111111111111")
    await town.house.until_state(running, JobState.DONE)
    assert (await town.community.privacy.erase(ANN)).jobs == 1
    assert (await town.house.job(running)).prompt == ""
