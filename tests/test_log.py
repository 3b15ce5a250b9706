"""No secret stands in a log line, whoever logs it and however it is cut."""

import base64
import io
import logging
import subprocess
import sys

import pytest

from engine import log
from engine.log import RedactingFilter, Redaction, WatchedSecrets

# made up, in the shape of a Discord token
TOKEN = "MTAxMjM0NTY3ODkwMTIzNDU2Nw" + ".GxQwEr." + "abcDEFghiJKLmnoPQRstuVWXyz0123456789-_"
ODD = "sesame open now, but only with these words"


@pytest.fixture
def lines():
    """A logger as `configure` sets one up, whose lines can be read; with and without the filter."""
    out = io.StringIO()
    line = logging.StreamHandler(out)
    redaction = Redaction()
    line.addFilter(RedactingFilter(redaction))
    logger = logging.Logger("canary", logging.DEBUG)  # noqa: LOG001 - a private one, so that tests do not meet
    logger.addHandler(line)
    return logger, out, redaction, line


def leaks(text, secret):
    """The canary: any twelve characters of the secret or of its base64."""
    forms = [secret, base64.b64encode(secret.encode()).decode()]
    return any(form[i : i + 12] in text for form in forms for i in range(len(form) - 11))


def speak(logger, secret):
    """Everything by which a secret may come into a log."""
    logger.info("token %s", secret)
    logger.info(f"token {secret}")  # noqa: G004 - careless code is what the filter is for
    logger.info("cut %s", secret[:20])
    logger.info("cut %s", secret[7:21])
    logger.info("header %s", base64.b64encode(b"xy" + secret.encode()).decode())
    logger.info("header %(h)s", {"h": {"Authorization": secret}})
    logger.info("glued %s", f"x{secret}y{secret}")
    try:
        raise ValueError(secret)  # noqa: TRY301
    except ValueError:
        logger.exception("failed")
    logger.info("stack", stack_info=True)
    logger.info("wrong %s %s", secret)  # noqa: PLE1206


@pytest.mark.parametrize("secret", [TOKEN, ODD])
def test_a_registered_secret_never_shows(lines, secret):
    logger, out, redaction, _ = lines
    redaction.register(secret)
    speak(logger, secret)
    assert out.getvalue().count(log.STRUCK) >= 8
    assert not leaks(out.getvalue().replace("secret", ""), secret.replace("secret", ""))


@pytest.mark.parametrize("secret", [TOKEN, ODD])
def test_the_canary_finds_the_leak_when_the_filter_is_away(lines, secret):
    logger, out, _, line = lines
    line.filters.clear()
    logger.info("token %s", secret)
    assert leaks(out.getvalue(), secret)


def test_shapes_of_secrets_are_struck_even_when_nobody_registered_them(lines):
    logger, out, _, _ = lines
    key = "easel_" + "Ab-_" * 10 + "xyz"
    logger.info("%s and %s", key, TOKEN)
    assert out.getvalue().strip() == f"easel_{log.STRUCK} and {log.STRUCK}"


def test_ordinary_lines_stay_as_they_are(lines):
    logger, out, redaction, _ = lines
    redaction.register(TOKEN)
    told = "job 8f14e45f-ceea-467f-a0e6-1f3a0c1b2d3e DONE at http://127.0.0.1:8000/api/v1, mask MTA...c312"
    logger.info(told)
    assert out.getvalue().strip() == told


def test_what_the_vault_opens_is_registered(lines):
    class Reversed:
        def seal(self, plain):
            return plain[::-1]

        def unseal(self, sealed):
            return sealed[::-1]

    logger, out, redaction, _ = lines
    secrets = WatchedSecrets(Reversed(), redaction)
    assert secrets.unseal(ODD[::-1]) == ODD
    logger.info(ODD)
    assert out.getvalue().strip() == log.STRUCK
    assert secrets.seal("another secret text") == "txet terces rehtona"
    assert redaction.redact("another secret text") == log.STRUCK


PROGRAM = """
import asyncio, logging, sys, threading
from engine import log
log.configure("DEBUG")
token = sys.argv[1]
log.REDACTION.register(token)
logging.getLogger("some.library").debug("sent %r", {"token": token[:20]})
logging.getLogger("websockets.client").debug("> TEXT %s", "frame")
logging.getLogger("httpcore.http11").debug("header %s", "frame")
logging.getLogger("uvicorn.error").info("uvicorn speaks")
thread = threading.Thread(target=lambda: 1 / 0 if not token else {}[token])
thread.start(); thread.join()
raise RuntimeError("uncaught " + token)
"""


def test_a_process_set_up_for_debug_leaks_nothing_not_even_when_it_dies():
    done = subprocess.run([sys.executable, "-c", PROGRAM, TOKEN], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "uvicorn speaks" in done.stderr
    assert "frame" not in done.stderr
    assert "RuntimeError: uncaught [secret]" in done.stderr
    assert "KeyError" in done.stderr
    assert not leaks(done.stderr, TOKEN)


def test_an_interactions_token_is_struck_out_by_its_beginning_and_not_remembered(lines):
    logger, out, redaction, _ = lines
    tail = "x9Yz-abcDEFghiJKLmnoPQRstuVWXyz0123456789_"
    token = "aW50ZXJhY3Rpb246" + tail
    redaction.register(token)
    logger.info("PATCH /webhooks/1/%s/messages/2, cut: %s", token, token[:30])
    assert out.getvalue().strip() == "PATCH /webhooks/1/[secret]/messages/2, cut: [secret]"
    assert redaction.redact(tail) == tail
