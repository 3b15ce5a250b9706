"""The grammar of Midjourney's lines (midjourney-protocol §4)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.midjourney import content
from engine.drivers.midjourney.content import Line
from engine.model.catalogue import CATALOGUE
from engine.model.jobs import Mode

UUID = "3baac4ee-dadd-5929-a9e9-613fb47b039d"
OPEN = f" [(Open on website for full quality)](<https://midjourney.com/jobs/{UUID}>)"


def line(**values) -> Line:
    return Line(**{"prompt": "p", "user_id": "1", "verb": "", **values})


LINES = {
    "**p** - <@1> (Waiting to start)": line(waiting=True, held=True),
    "**p** - <@1> (31%) (fast)": line(percent=31, mode=Mode.FAST, held=True),
    "**p** - <@1> (0%) (relaxed)": line(percent=0, mode=Mode.RELAX, held=True),
    "**p** - <@1> (93%) (fast, stealth)": line(percent=93, mode=Mode.FAST, held=True),
    "**p** - <@1> (paused) (fast)": line(mode=Mode.FAST, held=True),
    "**p** - <@1> (Stopped)": line(stopped=True, held=True),
    "**p** - <@1> (fast)": line(mode=Mode.FAST),
    "**p** - <@!1> (relaxed, stealth)": line(mode=Mode.RELAX),
    "**p** - <@1> (turbo)": line(mode=Mode.TURBO),
    f"**p** - <@1>{OPEN} (fast)": line(mode=Mode.FAST, uuid=UUID),
    "**p** - <@1> (Open on website for full quality) (relaxed)": line(mode=Mode.RELAX),
    f"**p** - <@1>{OPEN} (fast)\n-# Create, explore, and organize": line(mode=Mode.FAST, uuid=UUID),
    "Upscaling image #1 with **p** - <@1> (Waiting to start)": line(
        verb="upscaling image", index=1, waiting=True, held=True
    ),
    "**p** - Image #4 <@1>": line(verb="image", index=4),
    "Making variations for image #2 with prompt **p** - <@1> (Waiting to start)": line(
        verb="making variations for image", index=2, waiting=True, held=True
    ),
    "**p** - Variations (Strong) by <@1> (17%) (fast)": line(
        verb="variations (strong)", percent=17, mode=Mode.FAST, held=True
    ),
    "**p** - Variations by <@1> (fast)": line(verb="variations", mode=Mode.FAST),
    "**p** - Variations (Region) by <@1> (fast)": line(verb="variations (region)", mode=Mode.FAST),
    "**p** - Remix by <@1> (fast)": line(verb="remix", mode=Mode.FAST),
    "**p** - Remix (Subtle) by <@1> (fast)": line(verb="remix (subtle)", mode=Mode.FAST),
    "**p** - Zoom Out by <@1> (10%) (fast)": line(verb="zoom out", percent=10, mode=Mode.FAST, held=True),
    "**p --ar 3:2** - Pan Left by <@1> (fast)": line(prompt="p --ar 3:2", verb="pan left", mode=Mode.FAST),
    "**p** - Upscaling by <@1> (0%) (fast)": line(verb="upscaling", percent=0, mode=Mode.FAST, held=True),
    "**p** - Upscaled by <@1> (fast)": line(verb="upscaled", mode=Mode.FAST),
    "**p** - Upscaled (Subtle) by <@1> (fast)": line(verb="upscaled (subtle)", mode=Mode.FAST),
    "**p** - Remaster by <@1> (fast)": line(verb="remaster", mode=Mode.FAST),
    "**p** - Something new by <@1> (fast)": line(verb="something new", mode=Mode.FAST),
    "Creating video with prompt **p --video 1** - <@1> (Waiting to start)": line(
        prompt="p --video 1", verb="animate", waiting=True, held=True
    ),
    "**p --video 1 --aspect 1:1** - <@1> (12%) (fast)": line(
        prompt="p --video 1 --aspect 1:1", verb="animate", percent=12, mode=Mode.FAST, held=True
    ),
    "Animating...": Line(waiting=True, verb="animate"),
    "Displaying...": Line(waiting=True, verb="show"),
    "**<https://s.mj.run/a> <https://s.mj.run/b> --ar 2:3** - <@1> (relaxed)": line(
        prompt="<https://s.mj.run/a> <https://s.mj.run/b> --ar 2:3", mode=Mode.RELAX
    ),
    "**** - <@1> (relaxed)": line(prompt="", mode=Mode.RELAX),
    "**a **bold** - word - <@2> (99%) x** - <@1> (5%) (fast)": line(
        prompt="a **bold** - word - <@2> (99%) x", percent=5, mode=Mode.FAST, held=True
    ),
    f"**see ](<https://midjourney.com/jobs/{UUID}>)** - <@1> (fast)": line(
        prompt=f"see ](<https://midjourney.com/jobs/{UUID}>)", mode=Mode.FAST
    ),
    "**one\ntwo** - <@1> (fast)": line(prompt="one\ntwo", mode=Mode.FAST),
    "**p** - <@1> (fast)\n**Job ID**: x\n**seed** 123456": line(mode=Mode.FAST),
}


@pytest.mark.parametrize("said", LINES)
def test_every_known_line_is_read(said):
    assert content.read(said) == LINES[said]


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Failed to process your command :c",
        "Remix mode turned on! Clicking the variation buttons will now give you a chance to edit your prompt!",
        "You have successfully rated [this job](https://discord.com/channels/1/2/3) with 😍",
        "**bold** and nothing else",
    ],
)
def test_other_text_is_no_line_of_a_job(said):
    assert content.read(said) is None


VERBS = {
    ("", ""): ("", None),
    ("", "Image #3 "): ("image", 3),
    ("", "Variations (Strong) by "): ("variations (strong)", None),
    ("", "Zoom Out by "): ("zoom out", None),
    ("", "Upscaled by "): ("upscaled", None),
    ("", "Something of Tomorrow (Odd) by "): ("something of tomorrow (odd)", None),
    ("Upscaling image #4 with ", ""): ("upscaling image", 4),
    ("Making variations for image #1 with prompt ", ""): ("making variations for image", 1),
    ("Creating video with prompt ", ""): ("animate", None),
}
"""(what stands before the prompt, what stands before the owner) -> verb and number."""
ENDS = {
    "": (None, False, None, None),
    " (Waiting to start)": (None, True, None, None),
    " (45%) (fast)": (45, False, Mode.FAST, None),
    " (100%) (turbo, stealth)": (100, False, Mode.TURBO, None),
    f"{OPEN} (relaxed, stealth)": (None, False, Mode.RELAX, UUID),
    f"{OPEN} (fast)\n-# Create, explore, and organize": (None, False, Mode.FAST, UUID),
}
PIECES = [
    "**",
    " - ",
    "** - ",
    "<@2>",
    "(45%)",
    "(fast)",
    "Image #2 ",
    "Zoom Out by ",
    "--ar 1:1",
    " --video",
    "\n",
    OPEN,
    "{",
    "}",
]
prompts = st.lists(st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)).map(
    "".join
)


@given(prompts, st.sampled_from(sorted(VERBS)), st.sampled_from(sorted(ENDS)))
def test_no_prompt_can_pass_for_what_stands_around_it(prompt, verb, end):
    lead, said = verb
    read = content.read(f"{lead}**{prompt}** - {said}<@1>{end}")
    assert read is not None
    assert (read.prompt, read.user_id) == (prompt, "1")
    films = verb == ("", "") and re.search(r"(^|\s)--video\b", prompt) is not None  # an imagine that makes videos
    assert (read.verb, read.index) == (("animate", None) if films else VERBS[verb])
    assert (read.percent, read.waiting, read.mode, read.uuid) == ENDS[end]


def test_every_verb_of_the_grammar_is_some_actions_and_the_other_way_round():
    said = {line.verb for line in LINES.values() if line.verb is not None}
    known = {verb for entry in CATALOGUE for verb in entry.verbs}
    assert said - known == {"something new"}
    assert {"image", "zoom out", "pan left", "animate", "show", "remaster", "variations (region)"} <= said & known


@given(prompts)
def test_any_text_is_a_line_or_none_and_reading_never_fails(text):
    assert content.read(text) is None or isinstance(content.read(text), Line)
