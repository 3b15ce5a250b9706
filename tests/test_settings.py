"""What the settings are by default, what is refused and in which words."""

from dataclasses import asdict
from ipaddress import ip_network
from pathlib import Path

import pytest

from engine import settings
from engine.model.errors import BadSetting
from engine.model.limits import Limits
from engine.setting_rows import SimulatorUse
from engine.settings import read

KEY = "c2VzYW1lLXNlc2FtZS1zZXNhbWUtc2VzYW1lLXNlc2E="
NOWHERE = Path("/nonexistent/.env")


def read_only(dotenv=NOWHERE, **values):
    return read({f"EASEL_{name}": value for name, value in values.items()}, dotenv)


def test_an_empty_environment_gives_the_defaults():
    reading = read_only()
    assert reading.problems == ()
    assert reading.warnings == ()
    found = reading.in_force()
    assert (found.host, found.port, found.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert found.data_dir == Path("data").absolute()
    assert found.database_url == f"sqlite:///{found.data_dir}/easel.db"
    assert found.secret_key_file == found.data_dir / "secret.key"
    assert found.simulator is SimulatorUse.AUTO
    assert found.discord_api_url == "https://discord.com/api/v9"
    assert found.discord_gateway_url is None
    assert found.activity_url == "https://{application_id}.discordsays.com"
    assert found.concurrency == 3


def test_every_time_limit_is_a_setting_and_the_models_own_by_default():
    assert {f"limit_{name}" for name in asdict(Limits())} <= {row.name.lower() for row in settings.TABLE}
    assert asdict(read_only().in_force().limits) == asdict(Limits())


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("HOST", "0.0.0.0", "0.0.0.0"),
        ("HOST", "Localhost", "localhost"),
        ("HOST", "[::1]", "::1"),
        ("PORT", "8080", 8080),
        ("PUBLIC_URL", "https://pictures.example.org/easel/", "https://pictures.example.org/easel"),
        ("DISCORD_API_URL", "http://127.0.0.1:8100/api/v9/", "http://127.0.0.1:8100/api/v9"),
        ("DISCORD_GATEWAY_URL", "ws://127.0.0.1:8100/gateway", "ws://127.0.0.1:8100/gateway"),
        ("ACTIVITY_URL", "http://127.0.0.1:8100/activity/", "http://127.0.0.1:8100/activity"),
        ("ACTIVITY_URL", "https://{application_id}.example.org/", "https://{application_id}.example.org"),
        ("DATABASE_URL", "sqlite:////srv/easel.db", "sqlite:////srv/easel.db"),
        ("DATABASE_URL", "postgresql://me:pw@db.example:5433/easel", "postgresql://me:pw@db.example:5433/easel"),
        ("DATABASE_URL", "postgres:///easel?host=/run/postgresql", "postgres:///easel?host=/run/postgresql"),
        ("SIMULATOR", "OFF", SimulatorUse.OFF),
        ("PACE_SECONDS", "0", 0.0),
        ("COPY_PICTURES", "no", False),
        ("COPY_PICTURES", "True", True),
        ("CLIENT_PROPERTIES", '{"browser_user_agent":"x","build":7}', {"browser_user_agent": "x", "build": 7}),
        ("UPSTREAM_HOSTS", "cdn.example.org, 127.0.0.1 ,", frozenset({"cdn.example.org", "127.0.0.1"})),
        (
            "UPSTREAM_HOSTS",
            "CDN.example.org:8443,[::1]:80,::1",
            frozenset({"cdn.example.org:8443", "[::1]:80", "[::1]"}),
        ),
        ("ALLOW_NETWORKS", "", ()),
        ("ALLOW_NETWORKS", "10.1.0.0/16, fd00::/8,", (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("SECRET_KEY", KEY, KEY),
        ("PORT", "", 8000),
        ("PORT", " 8001 ", 8001),
    ],
)
def test_a_value_is_read_as(name, text, value):
    assert getattr(read_only(**{name: text}).in_force(), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("HOST", "not a host", "host name"),
        ("PORT", "0", "1 to 65535"),
        ("PORT", "eight", "1 to 65535"),
        ("PORT", "70000", "1 to 65535"),
        ("PUBLIC_URL", "example.org", "http://"),
        ("PUBLIC_URL", "http://example.org:99999", "http://"),
        ("DISCORD_API_URL", "ftp://example.org", "http://"),
        ("DISCORD_API_URL", "https://me:pw@example.org", "without user"),
        ("DISCORD_GATEWAY_URL", "https://example.org", "ws://"),
        ("ACTIVITY_URL", "https://{token}.example.org", "may hold {application_id}"),
        ("ACTIVITY_URL", "discordsays.com", "may hold {application_id}"),
        ("SIMULATOR", "maybe", "auto, on, off"),
        ("SIMULATOR_PORT", "65535", "1 to 65534"),
        ("PACE_SECONDS", "-1", "0 to 3600"),
        ("PACE_SECONDS", "nan", "0 to 3600"),
        ("PACE_SECONDS", "inf", "0 to 3600"),
        ("CONCURRENCY", "2.5", "whole number"),
        ("CLIENT_PROPERTIES", "{", "JSON"),
        ("CLIENT_PROPERTIES", "[]", "JSON"),
        ("CLIENT_PROPERTIES", '{"os":"Linux"}', "browser_user_agent"),
        ("UPSTREAM_HOSTS", "https://cdn.example.org", "without https://"),
        ("UPSTREAM_HOSTS", "cdn.example.org:http", "without https://"),
        ("ALLOW_NETWORKS", "10.1.0.1/16", "192.168.7.0/24"),
        ("ALLOW_NETWORKS", "example.org", "192.168.7.0/24"),
        ("COPY_PICTURES", "perhaps", "yes or no"),
        ("LOG_LEVEL", "loud", "DEBUG"),
        ("LIMIT_FAST", "0", "a number from"),
        ("POST_TIMEOUT_SECONDS", "6", "fifth of EASEL_LEASE_SECONDS"),
        ("SIMULATOR_PORT", "7999", "EASEL_PORT"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(name, text, allowed):
    reading = read_only(**{name: text})
    (problem,) = reading.problems
    assert f"EASEL_{name}={text!r}" in str(problem)
    assert allowed in str(problem)
    with pytest.raises(BadSetting):
        reading.in_force()


def test_a_bad_secret_is_named_but_not_repeated():
    (problem,) = read_only(SECRET_KEY="sesame").problems
    assert "Fernet key" in str(problem)
    assert "sesame" not in str(problem)


@pytest.mark.parametrize(
    "text", ["mysql://me:geheim@localhost/easel", "postgresql://me:geheim@localhost", "postgres://me:geheim@h:x/easel"]
)
def test_a_bad_database_is_named_without_its_password(text):
    (problem,) = read_only(DATABASE_URL=text).problems
    assert "postgresql://USER:PASSWORD@HOST:PORT/NAME" in str(problem)
    assert "geheim" not in str(problem)


@pytest.mark.parametrize(("lease", "post", "fits"), [("3", "0.6", False), ("3", "0.59", True), ("30", "5", True)])
def test_a_submission_must_be_over_within_the_last_fifth_of_a_lease(lease, post, fits):
    reading = read_only(LEASE_SECONDS=lease, POST_TIMEOUT_SECONDS=post)
    assert [problem.name for problem in reading.problems] == ([] if fits else ["EASEL_POST_TIMEOUT_SECONDS"])


def test_every_bad_value_is_told_at_once():
    reading = read_only(PORT="x", LOG_LEVEL="y", SIMULATOR="z")
    assert [problem.name for problem in reading.problems] == ["EASEL_PORT", "EASEL_SIMULATOR", "EASEL_LOG_LEVEL"]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("EASEL_PROT", "EASEL_PORT"),
        ("EASEL_LOGLEVEL", "EASEL_LOG_LEVEL"),
        ("EASEL_SIMULATOR_PROT", "EASEL_SIMULATOR_PORT"),
    ],
)
def test_an_unknown_name_is_warned_about_with_the_nearest_known_one(name, nearest):
    (warning,) = read({name: "1"}, NOWHERE).warnings
    assert warning == f"{name} is not a setting of Easel; did you mean {nearest}?"


def test_the_environment_wins_over_the_file(tmp_path):
    dotenv = tmp_path / ".env"
    dotenv.write_text("EASEL_PORT=8001\nEASEL_HOST=127.0.0.2\nEASEL_PROT=1\nOTHER=2\n# EASEL_CONCURRENCY=9\n")
    reading = read_only(dotenv, PORT="8002")
    found = reading.in_force()
    assert (found.port, found.host, found.concurrency) == (8002, "127.0.0.2", 3)
    assert len(reading.warnings) == 1


def test_a_dollar_in_the_file_stays_a_dollar(tmp_path):
    dotenv = tmp_path / ".env"
    dotenv.write_text("EASEL_DISCORD_BOT_TOKEN='a${HOME}$b'\n")
    assert read_only(dotenv).in_force().discord_bot_token == "a${HOME}$b"


def test_secrets_are_not_in_the_repr():
    text = repr(read_only(SECRET_KEY=KEY, DISCORD_BOT_TOKEN="open-open").in_force())
    assert KEY not in text
    assert "open-open" not in text


@pytest.mark.parametrize(
    ("host", "url"), [("0.0.0.0", "http://127.0.0.1:9"), ("::1", "http://[::1]:9"), ("easel.lan", "http://easel.lan:9")]
)
def test_the_public_address_is_one_that_can_be_reached(host, url):
    assert settings.address(host, 9) == url


def test_the_example_file_lists_every_setting_with_its_default():
    stored = Path(__file__).parent.parent / ".env.example"
    assert stored.read_text() == settings.example(), "run: python -m engine.settings > .env.example"


def test_the_example_file_is_accepted_when_everything_is_uncommented(tmp_path):
    dotenv = tmp_path / ".env"
    dotenv.write_text(settings.example().replace("#EASEL_", "EASEL_"))
    assert read({}, dotenv) == read({}, NOWHERE)
