"""Which commands are registered now, at which versions, and what the four index addresses answer (protocol §1.3)."""

from __future__ import annotations

from typing import Any

from engine.simulator.ids import INSIGHTFACE, MIDJOURNEY, NIJI
from engine.simulator.people import ALL_BOTS
from engine.simulator.registered import INSIGHTFACE_SLASH, MIDJOURNEY_ON_MESSAGES, MIDJOURNEY_SLASH, NIJI_SLASH, Slash

Command = dict[str, Any]


class Commands:
    """The registered commands; redeploying gives them new versions, as Midjourney does."""

    def __init__(self) -> None:
        self._all = [
            *(_slash(MIDJOURNEY, row) for row in MIDJOURNEY_SLASH),
            *(_message(*row) for row in MIDJOURNEY_ON_MESSAGES),
            *(_slash(NIJI, row) for row in NIJI_SLASH),
            *(_slash(INSIGHTFACE, row) for row in INSIGHTFACE_SLASH),
        ]
        self.deployments = 0

    def named(self, identity: str) -> Command | None:
        """The command with this id."""
        return next((command for command in self._all if command["id"] == identity), None)

    def redeploy(self, *, application: str | None = None, name: str | None = None) -> int:
        """Raise the versions of all commands, or of those of one bot or name; cached ones are outdated then.

        The answer is how many were raised. Raises ValueError when no command is meant.
        """
        meant = [
            command
            for command in self._all
            if application in (None, command["application_id"]) and name in (None, command["name"])
        ]
        if not meant:
            raise ValueError(f"no command of application {application!r} with name {name!r}")
        self.deployments += 1
        for command in meant:
            command["version"] = str(int(command["version"]) + (1 << 30))
        return len(meant)

    def index(self, application: str | None = None) -> dict[str, Any]:
        """The answer of an application-command-index address: of one bot, or of all that are there."""
        bots = [bot for bot in ALL_BOTS if application in (None, bot)]
        # never the wanted one first: clients that take element 0 whatever its name are wrong (protocol §1.3)
        commands = [command for command in (*self._all[1:], self._all[0]) if command["application_id"] in bots]
        version = str(1240021480897511445 + self.deployments)
        return {
            "applications": [_application(bot) for bot in bots],
            "application_commands": commands,
            "version": version,
        }


def _application(bot: str) -> dict[str, Any]:
    user = ALL_BOTS[bot]
    return {
        "id": bot, "name": user["username"], "icon": user["avatar"], "description": "", "flags": 0, "bot_id": bot,
    }  # fmt: skip


def _slash(application: str, row: Slash) -> Command:
    name, identity, version, description, options, anywhere, rank = row
    command: Command = {"id": identity, "type": 1, "application_id": application, "version": version, "name": name}
    command["description"] = description
    if options is not None:
        command["options"] = options
    return {
        **command,
        "dm_permission": True,
        "contexts": [0, 1, 2] if anywhere else [0, 1],
        "integration_types": [0, 1] if anywhere else [0],
        "global_popularity_rank": rank,
    }


def _message(name: str, identity: str, version: str, contexts: list[int]) -> Command:
    return {
        "id": identity,
        "type": 3,
        "application_id": MIDJOURNEY,
        "version": version,
        "name": name,
        "dm_permission": 1 in contexts,
        "contexts": contexts,
        "integration_types": [0, 1],
    }
