"""One installation of Easel as its operator runs it: a folder, ports, and the process of `easel up`."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

import httpx

from tests.journeys import warm


def free_ports():
    """Three free ports, the last two beside each other; each test process looks in a place of its own."""
    for _ in range(200):
        first = random.SystemRandom().randrange(20_000, 32_000)  # below the ports that clients are given
        with suppress(OSError):
            for port in (first, first + 1, first + 2):
                socket.create_server(("127.0.0.1", port)).close()
            return first, first + 1
    raise AssertionError("no free ports")


class Easel:
    """One installation: its folder, its ports, and the process when it runs."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.port, simulator = free_ports()
        self.environment = {
            **environment,
            "EASEL_PORT": str(self.port),
            "EASEL_SIMULATOR_PORT": str(simulator),
            "EASEL_SIMULATOR_SPEED": "20",
            "EASEL_PACE_SECONDS": "0",
            "EASEL_IDENTIFY_PACE_SECONDS": "0",
            "EASEL_LOG_LEVEL": "DEBUG",
        }
        self.process = None
        self.ready = None
        self.log = folder / "log.txt"
        self._files = []

    def command(self, *arguments, **changes):
        return [sys.executable, "-m", "engine.cli", *map(str, arguments)], {**self.environment, **changes}

    def run(self, *arguments, given=None, **changes):
        """A command to its end; its process is started warm, that of `up` never."""
        _, environment = self.command(**changes)
        return warm.run("engine.cli", *arguments, given=given, env=environment, cwd=self.folder, timeout=60)

    def up(self, **changes):
        program, environment = self.command("up", "--json", **changes)
        log = self.log.open("a")
        self._files.append(log)
        self.process = subprocess.Popen(
            program, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
        self._files.append(self.process.stdout)
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        self.ready = json.loads(line)
        return self.ready

    def stop(self, how=signal.SIGTERM):
        if self.process is not None:
            self.process.send_signal(how)
            try:
                self.code = self.process.wait(35)
            finally:
                self.process.kill()
                self.process = None
        return self.code

    def close(self):
        if self.process is not None:
            self.stop(signal.SIGTERM)
        for each in self._files:
            each.close()

    def http(self):
        return httpx.Client(base_url=self.ready["url"], headers={"Authorization": f"Bearer {self.ready['key']}"})

    def imagine(self, prompt):
        with self.http() as client:
            answer = client.post("/api/v1/midjourney/imagine", json={"prompt": prompt})
        assert answer.status_code == 200, answer.text
        return answer.json()["messageId"]

    def until(self, job, *states, seconds=60):
        return asyncio.run(self._until(job, states, seconds))

    def until_seen(self, job):
        """Until Midjourney shows it. One killed between intent and call may need the operator, and says so late."""
        with self.http() as client:
            for _ in range(600):
                if client.get(f"/api/v1/midjourney/message/{job}").json()["progress"] > 0:
                    return
                time.sleep(0.05)
        raise AssertionError("the job was not seen")

    async def _until(self, job, states, seconds):
        with self.http() as client:
            async with asyncio.timeout(seconds):
                while True:
                    told = client.get(f"/api/v1/midjourney/message/{job}").json()
                    if told["status"] in states:
                        return told
                    await asyncio.sleep(0.1)
