"""What the bot answers instead of a picture: embeds with their real words (wire/error-embeds.json)."""

from __future__ import annotations

from typing import Any

RED, YELLOW = 16711680, 16776960

JOB_QUEUED = (
    "Job queued",
    (
        "You have reached the maximum allowed number of concurrent jobs. "
        "Don't worry, this job will start as soon as another one finishes!"
    ),
    YELLOW,
)
QUEUE_FULL = (
    "Queue full",
    "Your job queue is full. Please wait for a job to finish first, then resubmit this one.",
    RED,
)
APPEAL = (
    "Action needed to continue",
    (
        "Sorry! Our AI moderators feel your prompt might be against our community standards.\n\n"
        'If you think this is a mistake, please press the "Appeal" button below and we will send it to a more '
        "sophisticated AI to double-check the result."
    ),
    RED,
)
SLOW_DOWN = "Slow Down!"
CAPTCHA_TITLE = "Action required to continue"

# not every refusal is red; Invalid link's colour is only known to be neither red nor amber
COLOURS = {"Invalid link": 15548997, "Credits exhausted": YELLOW}


def embed(title: str, description: str | None, color: int | None, prompt: str | None) -> dict[str, Any]:
    """A rich embed whose footer repeats the command, cut where Discord cuts it."""
    made: dict[str, Any] = {"type": "rich", "title": title}
    if description is not None:
        made["description"] = description
    if color is not None:
        made["color"] = color
    if prompt is not None:
        made["footer"] = {"text": f"/imagine {prompt}"[:2048]}
    return made
