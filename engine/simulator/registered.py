"""The commands of both bots as data: ids, versions, options (wire/rest-application-command-index, protocol §1.3)."""

from __future__ import annotations

from typing import Any

Option = dict[str, Any]


def _text(name: str, description: str, *, required: bool = True) -> Option:
    return {"type": 3, "name": name, "description": description, "required": required}


def _image(name: str, description: str, *, required: bool) -> Option:
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
_IMAGINE = [_text("prompt", "The prompt to imagine")]
_DESCRIBE = [_image("image", "The image to describe", required=False), _text("link", "…", required=False)]
_SHORTEN = [_text("prompt", "The prompt to shorten")]
_SHOW = [_text("job_id", "The job ID of the job you want to show. It should look similar to this:…")]

# name, id, version, description, options, may be used outside servers, rank
Slash = tuple[str, str, str, str, "list[Option] | None", bool, int]
MIDJOURNEY_SLASH: list[Slash] = [
    ("imagine", "938956540159881230", "1237876415471554623", "Create images with Midjourney", _IMAGINE, True, 1),
    ("help", "941673664900898876", "1237876415471554629", "Shows help for the bot.", None, True, 14),
    ("info", "972289487818334209", "1237876415735660565", "View information about your profile.", None, True, 2),
    ("private", "972289487818334210", "1237876415735660570", "Toggle stealth mode", None, False, 16),
    ("public", "972289487818334211", "1237876415735660571", "Switch to public mode", None, False, 22),
    ("fast", "972289487818334212", "1237876415735660572", "Switch to fast mode", None, False, 10),
    ("relax", "972289487818334213", "1237876415735660573", "Switch to relax mode", None, False, 8),
    ("prefer", "984273800587776053", "1237876415790055476", "…", _PREFER, False, 7),
    ("invite", "986816068012081172", "1237876415735660567", "Get an invite link to the Midjourney Discord server",
     None, False, 20),
    ("subscribe", "987795925764280351", "1237876415735660568", "Subscribe to Midjourney", None, True, 9),
    ("ask", "994261739745050684", "1237876415471554622", "Get an answer to a question.",
     [_text("question", "What is the question?")], True, 11),
    ("settings", "1000850743479255081", "1493662068581077053", "View and adjust your personal settings.",
     None, True, 5),
    ("blend", "1062880104792997970", "1237876415471554624", "Blend images together seamlessly!", _BLEND, True, 4),
    ("stealth", "1065569343456419860", "1237876415735660569", "Toggle stealth mode", None, False, 15),
    ("describe", "1092492867185950852", "1237876415471554625", "Writes a prompt based on your image.", _DESCRIBE,
     True, 3),
    ("shorten", "1121575372539039774", "1237876415471554626", "Analyzes and shortens a prompt.", _SHORTEN, False, 12),
    ("turbo", "1124132684143271996", "1237876415790055474", "Switch to turbo mode", None, False, 17),
    ("userid", "1136041075614683196", "1237876415735660566", "Get your user ID", None, True, 19),
    ("show", "1169435442328911902", "1237876415471554630", "Shows the job view based on job id.", _SHOW, False, 6),
    ("tune", "1169440360339091476", "1237876415471554627", "Create a shareable style tuner based on a prompt.",
     [_text("prompt", "The base prompt to use for the tuner")], False, 13),
    ("list_tuners", "1181338718158721086", "1237876415471554628", "List your tuners!", None, False, 18),
    ("feedback", "1199869998538162256", "1237876415735660564", "Submit your feedback!", None, False, 21),
]  # fmt: skip
# name, id, version, contexts
MIDJOURNEY_ON_MESSAGES: list[tuple[str, str, str, list[int]]] = [
    ("Cancel Job", "987795925764280352", "1237876415790055477", [0, 1, 2]),
    ("DM Results", "987795925764280353", "1237876415790055478", [0, 1, 2]),
    ("Report Job", "991449849599885383", "1237876415790055479", [0, 2]),
]
# ids are known; of the versions only imagine's is (wire/requests-slash-commands), the others stand beside it
NIJI_SLASH: list[Slash] = [
    ("imagine", "1023054140580057099", "1248805223892254774", "Create images with niji・journey", _IMAGINE, True, 1),
    ("show", "1023054140580057101", "1248805223892254775", "Shows the job view based on job id.", _SHOW, False, 6),
    ("info", "1023054140580057102", "1248805223892254776", "View information about your profile.", None, True, 2),
    ("fast", "1023054140580057107", "1248805223892254777", "Switch to fast mode", None, False, 10),
    ("relax", "1023054140634579024", "1248805223892254778", "Switch to relax mode", None, False, 8),
    ("settings", "1023054140634579025", "1248805223892254779", "View and adjust your personal settings.",
     None, True, 5),
    ("blend", "1061216934374424697", "1248805223892254780", "Blend images together seamlessly!", _BLEND, True, 4),
    ("describe", "1092683500743831652", "1248805223892254781", "Writes a prompt based on your image.", _DESCRIBE,
     True, 3),
    ("shorten", "1121575453916942376", "1248805223892254782", "Analyzes and shortens a prompt.", _SHORTEN, False, 12),
]  # fmt: skip
_FACE = [_text("idname", "The id name."), _image("image", "The image.", required=True)]
# the two that requests are known of (wire/requests-slash-commands); what the bot calls the rest is not known
INSIGHTFACE_SLASH: list[Slash] = [
    ("saveid", "1097018209481261127", "1097018209481261130", "Save an id name.", _FACE, False, 1),
    ("swapid", "1097030226204184646", "1097030226204184647", "Swap the face of an image.", _FACE, False, 2),
]
