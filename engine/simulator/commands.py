"""Which slash commands the bot has registered: ids, versions and options (wire/rest-application-command-index)."""

from __future__ import annotations

from typing import Any

from engine.simulator.ids import MIDJOURNEY

Command = dict[str, Any]


def _text(name: str, description: str, *, required: bool = True) -> Command:
    return {"type": 3, "name": name, "description": description, "required": required}


def _image(name: str, description: str, *, required: bool) -> Command:
    return {"type": 11, "name": name, "description": description, "required": required}


_PREFER = [
    {
        "type": 2,
        "name": "option",
        "description": "…",
        "options": [
            {
                "type": 1,
                "name": "set",
                "description": "Set a custom option.",
                "options": [{**_text("option", "…"), "autocomplete": True}, _text("value", "…", required=False)],
            },
            {"type": 1, "name": "list", "description": "View your current custom options."},
        ],
    },
    {"type": 1, "name": "auto_dm", "description": "Whether or not to automatically send job results to your DMs."},
    {
        "type": 1,
        "name": "suffix",
        "description": "Suffix to automatically add to the end of every prompt. Leave empty to remove.",
        "options": [_text("new_value", "…", required=False)],
    },
    {"type": 1, "name": "remix", "description": "Toggle remix mode."},
    {"type": 1, "name": "variability", "description": "Toggle variability mode."},
]
_BLEND = [
    _image("image1", "First image to add to the blend", required=True),
    _image("image2", "Second image to add to the blend", required=True),
    {
        **_text(
            "dimensions",
            "The dimensions of the image. If not specified, the image will be square.",
            required=False,
        ),
        "choices": [
            {"name": "Portrait", "value": "--ar 2:3"},
            {"name": "Square", "value": "--ar 1:1"},
            {"name": "Landscape", "value": "--ar 3:2"},
        ],
    },
    *(_image(f"image{n}", f"{word} image to add to the blend (optional)", required=False)
      for n, word in ((3, "Third"), (4, "Fourth"), (5, "Fifth"))),
]  # fmt: skip

# name, id, version, description, options, may be used outside servers, rank
_SLASH: list[tuple[str, str, str, str, list[Command] | None, bool, int]] = [
    ("imagine", "938956540159881230", "1237876415471554623", "Create images with Midjourney",
     [_text("prompt", "The prompt to imagine")], True, 1),
    ("help", "941673664900898876", "1237876415471554629", "Shows help for the bot.", None, True, 14),
    ("info", "972289487818334209", "1237876415735660565", "View information about your profile.", None, True, 2),
    ("private", "972289487818334210", "1237876415735660570", "Toggle stealth mode", None, False, 16),
    ("public", "972289487818334211", "1237876415735660571", "Switch to public mode", None, False, 22),
    ("fast", "972289487818334212", "1237876415735660572", "Switch to fast mode", None, False, 10),
    ("relax", "972289487818334213", "1237876415735660573", "Switch to relax mode", None, False, 8),
    ("prefer", "984273800587776053", "1237876415790055476", "…", _PREFER, False, 7),
    ("subscribe", "987795925764280351", "1237876415735660568", "Subscribe to Midjourney", None, True, 9),
    ("ask", "994261739745050684", "1237876415471554622", "Get an answer to a question.",
     [_text("question", "What is the question?")], True, 11),
    ("settings", "1000850743479255081", "1493662068581077053", "View and adjust your personal settings.",
     None, True, 5),
    ("blend", "1062880104792997970", "1237876415471554624", "Blend images together seamlessly!", _BLEND, True, 4),
    ("stealth", "1065569343456419860", "1237876415735660569", "Toggle stealth mode", None, False, 15),
    ("describe", "1092492867185950852", "1237876415471554625", "Writes a prompt based on your image.",
     [_image("image", "The image to describe", required=False), _text("link", "…", required=False)], True, 3),
    ("shorten", "1121575372539039774", "1237876415471554626", "Analyzes and shortens a prompt.",
     [_text("prompt", "The prompt to shorten")], False, 12),
    ("turbo", "1124132684143271996", "1237876415790055474", "Switch to turbo mode", None, False, 17),
    ("show", "1169435442328911902", "1237876415471554630", "Shows the job view based on job id.",
     [_text("job_id", "The job ID of the job you want to show. It should look similar to this:…")], False, 6),
]  # fmt: skip
_ON_MESSAGES = [
    ("Cancel Job", "987795925764280352", "1237876415790055477"),
    ("DM Results", "987795925764280353", "1237876415790055478"),
    ("Report Job", "991449849599885383", "1237876415790055479"),
]


class Commands:
    """The registered commands; redeploying gives all of them new versions, as Midjourney does (protocol §1.3)."""

    def __init__(self) -> None:
        self._all = [*(_slash(row) for row in _SLASH), *(_message(*row) for row in _ON_MESSAGES)]
        self.deployments = 0

    def named(self, identity: str) -> Command | None:
        """The command with this id."""
        return next((command for command in self._all if command["id"] == identity), None)

    def redeploy(self) -> None:
        """Raise every version, so that cached ones are outdated."""
        self.deployments += 1
        for command in self._all:
            command["version"] = str(int(command["version"]) + (1 << 30))

    def index(self) -> dict[str, Any]:
        """The answer of every application-command-index address."""
        application = {
            "id": MIDJOURNEY,
            "name": "Midjourney Bot",
            "icon": "f6ce562a6b4979c4b1cbc5b436d3be76",
            "description": "",
            "flags": 0,
            "bot_id": MIDJOURNEY,
        }
        # never the wanted one first: clients that take element 0 whatever its name are wrong (protocol §1.3)
        commands = [*self._all[1:], self._all[0]]
        version = str(1240021480897511445 + self.deployments)
        return {"applications": [application], "application_commands": commands, "version": version}


def _slash(row: tuple[str, str, str, str, list[Command] | None, bool, int]) -> Command:
    name, identity, version, description, options, anywhere, rank = row
    command: Command = {"id": identity, "type": 1, "application_id": MIDJOURNEY, "version": version, "name": name}
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


def _message(name: str, identity: str, version: str) -> Command:
    return {
        "id": identity,
        "type": 3,
        "application_id": MIDJOURNEY,
        "version": version,
        "name": name,
        "dm_permission": True,
        "contexts": [0, 1, 2],
        "integration_types": [0, 1],
    }
