"""The grammar of Midjourney's lines (midjourney-protocol §4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.midjourney import content
from engine.drivers.midjourney.content import Line
from engine.model.actions import ActionKind
from engine.model.jobs import Mode

UUID = "3baac4ee-dadd-5929-a9e9-613fb47b039d"
OPEN = f" [(Open on website for full quality)](<https://midjourney.com/jobs/{UUID}>)"
UPSCALE, VARIATION = ActionKind.UPSCALE, ActionKind.VARIATION


def line(**values) -> Line:
    return Line(**{"prompt": "p", "user_id": "1", **values})


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
    "Upscaling image #1 with **p** - <@1> (Waiting to start)": line(verb=UPSCALE, index=1, waiting=True, held=True),
    "**p** - Image #4 <@1>": line(verb=UPSCALE, index=4),
    "Making variations for image #2 with prompt **p** - <@1> (Waiting to start)": line(
        verb=VARIATION, index=2, waiting=True, held=True
    ),
    "**p** - Variations (Strong) by <@1> (17%) (fast)": line(verb=VARIATION, percent=17, mode=Mode.FAST, held=True),
    "**p** - Variations by <@1> (fast)": line(verb=VARIATION, mode=Mode.FAST),
    "**p** - Variations (Region) by <@1> (fast)": line(verb=VARIATION, mode=Mode.FAST),
    "**p** - Remix by <@1> (fast)": line(verb=VARIATION, mode=Mode.FAST),
    "**p** - Remix (Subtle) by <@1> (fast)": line(verb=VARIATION, mode=Mode.FAST),
    "**p** - Zoom Out by <@1> (10%) (fast)": line(other_verb="Zoom Out", percent=10, mode=Mode.FAST, held=True),
    "**p --ar 3:2** - Pan Left by <@1> (fast)": line(prompt="p --ar 3:2", other_verb="Pan Left", mode=Mode.FAST),
    "**p** - Upscaling by <@1> (0%) (fast)": line(other_verb="Upscaling", percent=0, mode=Mode.FAST, held=True),
    "**p** - Upscaled by <@1> (fast)": line(other_verb="Upscaled", mode=Mode.FAST),
    "**p** - Upscaled (Subtle) by <@1> (fast)": line(other_verb="Upscaled (Subtle)", mode=Mode.FAST),
    "**p** - Remaster by <@1> (fast)": line(other_verb="Remaster", mode=Mode.FAST),
    "**p** - Something new by <@1> (fast)": line(other_verb="Something new", mode=Mode.FAST),
    "Creating video with prompt **p --video 1** - <@1> (Waiting to start)": line(
        prompt="p --video 1", other_verb="Animate", waiting=True, held=True
    ),
    "**p --video 1 --aspect 1:1** - <@1> (12%) (fast)": line(
        prompt="p --video 1 --aspect 1:1", other_verb="Animate", percent=12, mode=Mode.FAST, held=True
    ),
    "Animating...": Line(waiting=True, other_verb="Animate"),
    "Displaying...": Line(waiting=True, other_verb="Show"),
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


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
    st.sampled_from(["", "Image #3 ", "Variations (Strong) by ", "Zoom Out by "]),
    st.sampled_from([" (Waiting to start)", " (45%) (fast)", f"{OPEN} (relaxed, stealth)", ""]),
)
def test_no_prompt_can_pass_for_what_stands_around_it(prompt, verb, rest):
    read = content.read(f"**{prompt}** - {verb}<@1>{rest}")
    assert read is not None
    assert (read.prompt, read.user_id) == (prompt, "1")
    assert (read.verb is UPSCALE) == (verb == "Image #3 ")
    assert (read.percent == 45) == ("45%" in rest)
    assert read.waiting == ("Waiting" in rest)
    assert read.uuid == (UUID if "jobs" in rest else None)
