"""Linking an account by hand: what is asked, and that the token is not seen while it is typed."""

import subprocess
import sys
from contextlib import contextmanager

import pytest

# made up, in the shape of a Discord token
TOKEN = "MTAxMjM0NTY3ODkwMTIzNDU2Nw" + ".GxQwEr." + "abcDEFghiJKLmnoPQRstuVWXyz0123456789-_"
TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


@pytest.fixture
def terminal(tmp_path, environment):
    """A program in a terminal of its own: `ask(words, answer)` waits for the words on its screen and types."""

    @contextmanager
    def run(*arguments):
        program = [sys.executable, "-c", TERMINAL, sys.executable, "-m", "engine.cli", *arguments]
        with subprocess.Popen(
            program, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            screen = Screen(process)
            try:
                yield screen
                process.stdin.close()
                screen.rest()
                screen.code = process.wait(20)
            finally:
                process.kill()

    return run


class Screen:
    def __init__(self, process):
        self._process = process
        self.text = ""
        self.code = None

    def ask(self, words, answer):
        seen = ""
        while words not in seen:
            piece = self._process.stdout.read1(1000).decode()
            assert piece, f"{words!r} was not asked: {self.text}"
            seen += piece
            self.text += piece
        self._process.stdin.write(answer.encode() + b"\n")
        self._process.stdin.flush()

    def rest(self):
        self.text += self._process.stdout.read().decode()


@pytest.mark.parametrize(("typed", "code"), [("I accept the risk", 0), ("yes", 1)])
def test_the_token_is_hidden_and_the_risk_is_acknowledged_in_words(terminal, typed, code):
    with terminal("account", "link") as screen:
        screen.ask("Token: ", TOKEN)  # with the space: what is typed before it is thrown away
        screen.ask("Server id:", "1012345678901234567")
        screen.ask("Channel id:", "1012345678901234568")
        screen.ask("to go on:", typed)
    assert screen.code == code, screen.text
    assert TOKEN[:12] not in screen.text
    assert "against Discord's terms" in screen.text
    assert ("Linked as account 1 (MTA..." in screen.text) is (code == 0)
    assert ("was not linked: the risk was not acknowledged" in screen.text) is (code == 1)
