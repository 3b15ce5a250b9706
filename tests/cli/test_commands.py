"""What the commands print, store and refuse."""

import asyncio
import json
import re
import stat
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.cli.folder import DataFolder
from engine.model.accounts import AccountState, Checkpoint
from engine.model.actions import Action, ActionKind, Click
from engine.model.jobs import Failure, FailureReason, Job, JobState, Origin, Request
from engine.model.transitions import update_of
from engine.ports import AccountChange, NewRequest, SaveCheckpoint
from engine.store.sql_store import open_store

# made up, in the shape of a Discord token
TOKEN = "MTAxMjM0NTY3ODkwMTIzNDU2Nw" + ".GxQwEr." + "abcDEFghiJKLmnoPQRstuVWXyz0123456789-_"
OTHER = "MjAxMjM0NTY3ODkwMTIzNDU2Nw" + ".GxQwEr." + "abcDEFghiJKLmnoPQRstuVWXyz0123456789-_"
WHERE = ("--server", "1012345678901234567", "--channel", "1012345678901234568")
SCRIPT = ("account", "link", "--token-stdin", *WHERE, "--accept-terms", "--json")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def in_store(folder):
    """Do something in the database behind the commands' back."""

    def run(work):
        async def opened():
            store = open_store(f"sqlite:///{folder}/easel.db")
            try:
                return await work(store)
            finally:
                await store.close()

        return asyncio.run(opened())

    return run


# --- keys


def test_a_key_for_a_script_is_one_line_of_json(easel, folder):
    made = easel("key", "create", "--json")
    assert made.code == 0
    assert re.fullmatch(r"easel_[A-Za-z0-9_-]{43}", made.json["key"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert made.json["key"].encode() not in (folder / "easel.db").read_bytes()


def test_keys_are_listed_without_the_key_and_revoked_by_number(easel):
    key = easel("key", "create", "--name", "alice").out.split()[0]
    listed = easel("key", "list", "--json")
    assert key not in listed.out
    assert [(each["name"], each["prefix"], each["revokedAt"]) for each in listed.json] == [("alice", key[:12], None)]
    assert easel("key", "revoke", listed.json[0]["id"]).code == 0
    assert easel("key", "list", "--json").json[0]["revokedAt"] is not None
    again = easel("key", "revoke", listed.json[0]["id"])
    assert (again.code, again.out) == (1, "")
    assert again.err == "easel: no key in force is '1'\n"


def test_lists_for_people_are_tables(easel):
    easel("key", "create", "--name", "alice")
    lines = easel("key", "list").out.splitlines()
    assert lines[0].split()[:3] == ["id", "begins", "name"]
    assert "alice" in lines[1]


def test_a_workspace_keeps_its_keys_to_itself(easel):
    easel("key", "create", "--workspace", "studio")
    easel("key", "create", "--name", "mine")
    assert [key["name"] for key in easel("key", "list", "--json").json] == ["mine"]
    wrong = easel("key", "list", "--workspace", "stuido")
    assert (wrong.code, wrong.err) == (1, "easel: there is no workspace 'stuido'; there are: default, studio\n")


# --- accounts


def test_a_script_links_an_account_and_hears_that_no_engine_runs(easel, folder):
    linked = easel(*SCRIPT, "--concurrency", 7, "--name", "ours", given=TOKEN + "\n")
    assert linked.code == 0
    assert linked.json["session"] == "no engine"
    account = linked.json["account"]
    assert (account["name"], account["concurrency"], account["state"]) == ("ours", 7, "active")
    assert account["token"] == f"{TOKEN[:3]}...{TOKEN[-4:]}"
    assert account["api"] == "https://discord.com/api/v9"
    assert TOKEN[:20] not in linked.out + linked.err
    for file in folder.iterdir():
        assert TOKEN[:12].encode() not in file.read_bytes()
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600


def test_an_account_is_sent_where_the_settings_pointed_when_it_was_linked(easel):
    address = {"DISCORD_API_URL": "http://127.0.0.1:9/api/v9/", "DISCORD_GATEWAY_URL": "ws://127.0.0.1:9/"}
    easel(*SCRIPT, given=TOKEN, **address)
    assert easel("account", "list", "--json").json[0]["api"] == "http://127.0.0.1:9/api/v9"


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (("account", "link", "--token-stdin", *WHERE), TOKEN, "--accept-terms"),
        (("account", "link", *WHERE, "--accept-terms"), "", "--token-stdin"),
        (("account", "link", "--token-stdin", "--accept-terms", *WHERE[:2]), TOKEN, "--channel"),
        (SCRIPT, "sesame", "token does not look like one"),
        (SCRIPT, f"Bot {TOKEN}", "without 'Bot'"),
        ((*SCRIPT, "--server", "my-server"), TOKEN, "15 to 21 digits"),
        ((*SCRIPT, "--concurrency", "0"), TOKEN, "1 to 50"),
    ],
)
def test_what_is_missing_or_wrong_is_one_line_and_nothing_is_linked(easel, arguments, given, said):
    easel("key", "create")
    refused = easel(*arguments, given=given)
    assert refused.code == 1
    assert refused.out == ""
    assert said in refused.err
    assert refused.err.count("\n") == 1
    assert TOKEN[:12] not in refused.err
    assert easel("account", "list", "--json").json == []


def test_the_same_account_twice_is_refused_and_after_unlinking_allowed(easel):
    number = easel(*SCRIPT, given=TOKEN).json["account"]["id"]
    assert "unlink that one first" in easel(*SCRIPT, given=TOKEN).err
    assert easel("account", "unlink", number).code == 0
    assert easel("account", "list").out == "No account is linked.\n"
    assert easel("account", "unlink", number).err == f"easel: there is no linked account {number}\n"
    assert easel(*SCRIPT, given=TOKEN).code == 0


def test_while_an_engine_runs_linking_waits_for_what_it_sees(easel, folder, in_store):
    easel("key", "create")
    running = DataFolder(folder)
    running.hold()
    waiting = easel(*SCRIPT, "--no-wait", given=TOKEN)
    assert (waiting.code, waiting.json["session"]) == (0, "waiting")

    async def live(store):
        (account,) = await store.accounts()
        now = datetime.now(UTC)
        lease = await store.take(account.id, "the engine", now, now.replace(year=now.year + 1))
        point = Checkpoint(account.id, "session", "wss://resume.example", 1, user_id="1012345678901234567")
        await store.apply([SaveCheckpoint(point, lease)])

    in_store(live)
    again = easel("account", "list", "--json").json[0]
    assert again["userId"] == "1012345678901234567"
    assert easel("account", "unlink", again["id"]).code == 0
    running.let_go()


def test_a_stopped_account_is_told_with_its_reason(easel, folder, in_store):
    number = easel(*SCRIPT, given=TOKEN).json["account"]["id"]

    async def stop(store):
        await store.apply([AccountChange(number, AccountState.STOPPED, reason="Discord refused the token")])

    in_store(stop)
    assert easel("account", "list", "--json").json[0]["reason"] == "Discord refused the token"
    assert "Discord refused the token" in easel("account", "list").out


# --- jobs


@pytest.fixture
def job(easel, in_store):
    """A job of unknown outcome in the workspace `default`."""
    easel("key", "create")

    async def put(store):
        (place,) = await store.workspaces()
        now = datetime.now(UTC)
        made = Job(
            id="8f14e45f-ceea-467f-a0e6-1f3a0c1b2d3e",
            request_id="8f14e45f-ceea-467f-a0e6-1f3a0c1b2d3e",
            workspace_id=place.id,
            application_id="936929561302675456",
            action=Action(ActionKind.IMAGINE),
            prompt="a red fox --ar 16:9",
            state=JobState.NEEDS_ATTENTION,
            note="no answer",
            created_at=now,
            updated_at=now,
        )
        origin = Origin(workspace_id=place.id, requester="key:1", dialect="native")
        request = Request(id=made.id, origin=origin, action=made.action, prompt=made.prompt, created_at=now)
        await store.apply([NewRequest(request, (made,), (update_of(made, None),))])
        return made

    return in_store(put)


def test_a_job_is_listed_shown_and_settled(easel, job):
    assert [each["id"] for each in easel("job", "list", "--state", "NEEDS_ATTENTION", "--json").json] == [job.id]
    assert easel("job", "list", "--state", "DONE").out == "No such jobs.\n"
    assert "a red fox" in easel("job", "list").out
    assert "Submitted -> NEEDS_ATTENTION" in easel("job", "show", job.id).out
    settled = easel("job", "settle", job.id, "--failed")
    assert settled.code == 0
    assert "FAILED: settled as failed by the operator; it was: no answer" in settled.out
    told = easel("job", "show", job.id, "--json").json
    assert told["state"] == "FAILED"
    assert [each["event"] for each in told["updates"]] == ["Submitted", "SettledFailed"]
    assert [each["note"] for each in told["updates"]] == [
        "no answer",
        "settled as failed by the operator; it was: no answer",
    ]
    shown = easel("job", "show", job.id).out.splitlines()
    assert [line.strip() for line in shown[-4:] if not line.strip()[0].isdigit()] == [
        each["note"] for each in told["updates"]
    ]
    assert "only NEEDS_ATTENTION can be settled" in easel("job", "settle", job.id, "--failed").err


def test_settling_says_what_it_takes(easel, job):
    assert easel("job", "settle", job.id).err.endswith(
        "(allowed: one of --failed, --done-as MESSAGE_ID, --send-again)\n"
    )
    both = easel("job", "settle", job.id, "--failed", "--send-again")
    assert "does not say what became of the job" in both.err


def test_a_job_is_sent_again_only_after_a_typed_confirmation(easel, job):
    refused = easel("job", "settle", job.id, "--send-again")
    assert refused.code == 1
    assert "allowed: send it again" in refused.err
    sent = easel("job", "settle", job.id, "--send-again", "--confirm", "send it again", "--json")
    assert json.loads(sent.out)["state"] == "QUEUED"
    assert "waitsFor    no account is linked" in easel("job", "show", job.id).out
    number = easel(*SCRIPT, given=TOKEN).json["account"]["id"]
    assert easel("job", "show", job.id, "--json").json["waitsFor"] is None
    easel("account", "pause", str(number))
    assert easel("job", "show", job.id, "--json").json["waitsFor"] == "no linked account is active"
    assert easel("job", "settle", "nothing", "--failed").err == "easel: there is no job nothing\n"
    assert easel("job", "show", job.id, "--workspace", "other").code == 1


@pytest.fixture
def refusal(easel, in_store, job):
    """A job that Midjourney refused with its Appeal button below."""
    number = easel(*SCRIPT, given=TOKEN).json["account"]["id"]
    button = Click("936929561302675456", "3", "1097768190658982127", 64, "MJ::Prompts::Appeal::AbC3dEf6GhI")
    failure = Failure(FailureReason.CONTENT, "Action needed to continue")

    async def put(store):
        made = replace(
            job,
            id="9a2b0d5e-6f0e-4d8c-9d2a-1f3a0c1b2d3e",
            request_id="9a2b0d5e-6f0e-4d8c-9d2a-1f3a0c1b2d3e",
            state=JobState.FAILED,
            note=None,
            failure=failure,
            appeal=button,
            account_id=number,
        )
        origin = Origin(workspace_id=made.workspace_id, requester="key:1", dialect="native")
        request = Request(id=made.id, origin=origin, action=made.action, prompt=made.prompt, created_at=made.created_at)
        await store.apply([NewRequest(request, (made,), (update_of(made, None),))])
        return made

    return in_store(put)


def test_an_appeal_is_offered_and_pressed_only_after_a_typed_confirmation(easel, refusal):
    shown = easel("job", "show", refusal.id).out
    assert f"To press it: easel job appeal {refusal.id}" in shown
    assert "failure     content: Action needed to continue\n" in shown
    unsure = easel("job", "appeal", refusal.id)
    assert unsure.code == 1
    assert "allowed: appeal this refusal" in unsure.err
    assert len(easel("job", "list", "--json").json) == 2
    made = easel("job", "appeal", refusal.id, "--confirm", "appeal this refusal", "--json").json
    assert (made["state"], made["prompt"]) == ("QUEUED", refusal.prompt)
    assert easel("job", "show", made["id"], "--json").json["parentId"] == refusal.id
    again = easel("job", "appeal", refusal.id, "--confirm", "appeal this refusal")
    assert (again.code, again.out) == (1, "")
    assert f"is appealed already, by job {made['id']}, which is QUEUED" in again.err


def test_a_job_that_was_not_refused_offers_no_appeal(easel, job):
    assert easel("job", "show", job.id, "--json").json["appeal"] is False
    assert "appeal" not in easel("job", "show", job.id).out
    refused = easel("job", "appeal", job.id, "--confirm", "appeal this refusal")
    assert refused.err == f"easel: job {job.id} is NEEDS_ATTENTION, and Midjourney offered no appeal\n"


# --- settings and database


def test_every_bad_setting_is_told_and_the_program_ends_with_2(easel):
    refused = easel("key", "list", PORT="many", LOG_LEVEL="loud")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.splitlines() == [
        "easel: EASEL_PORT='many' is not allowed: a whole number from 1 to 65535",
        "easel: EASEL_LOG_LEVEL='loud' is not allowed: one of DEBUG, INFO, WARNING, ERROR",
    ]


def test_an_unknown_setting_is_a_warning(easel):
    warned = easel("key", "create", PROT="1")
    assert warned.code == 0
    assert warned.err == "easel: warning: EASEL_PROT is not a setting of Easel; did you mean EASEL_PORT?\n"


def test_a_changed_secret_key_is_told_when_it_is_none(easel):
    refused = easel(*SCRIPT, given=TOKEN, SECRET_KEY="abc")
    assert refused.code == 2
    assert "a Fernet key" in refused.err
    assert "abc" not in refused.err


def test_the_database_is_upgraded_by_hand_and_not_under_a_running_easel(easel, folder):
    assert easel("db", "upgrade").code == 0
    assert easel("db", "upgrade", "--json").code == 0
    running = DataFolder(folder)
    running.hold()
    assert f"Easel runs already on {folder}, as process" in easel("db", "upgrade").err
    running.let_go()


def test_a_data_folder_that_cannot_be_made_is_told(easel, tmp_path):
    (tmp_path / "file").write_text("")
    refused = easel("key", "list", DATA_DIR=str(tmp_path / "file" / "data"))
    assert refused.code == 1
    assert refused.err.startswith("easel: EASEL_DATA_DIR")


@pytest.mark.parametrize("arguments", [(), ("account",), ("key",), ("job",), ("db",)])
def test_every_family_explains_itself(easel, arguments):
    assert "Usage:" in easel(*arguments, "--help").out


def test_one_database_file_has_one_easel_whatever_its_folder(easel, folder, tmp_path):
    elsewhere = tmp_path / "database"
    elsewhere.mkdir()
    first = DataFolder(elsewhere)
    first.hold()
    refused = easel("up", DATABASE_URL=f"sqlite:///{elsewhere / 'easel.db'}")
    assert refused.code != 0
    assert f"Easel runs already on {elsewhere}, as process" in refused.err
    first.let_go()
