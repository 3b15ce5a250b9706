"""What the capture of June 2026 holds, written by hand from the file: eleven actions and where each is seen.

Positions count the file's 86 records from 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.actions import MIDJOURNEY_APPLICATION, Action, ActionKind, Click
from engine.model.jobs import Job, JobState
from engine.model.limits import Limits
from tests.drivers.captures import CHANNEL

CLASSIC = "a classic 2000s mobile game scene come alive as 3D sprites"
BIRD = (
    "a small bird pixel-art sprite, single centered character, clean transparent background --ar 1:1 --v 7 "
    "--no background scenery, drop shadow, frame, zqtagf6e474 --style raw"
)
CLASSIC_GRID, BIRD_GRID = "1496409686311937475", "1496409725082868895"
CLASSIC_SINGLE, BIRD_SINGLE = "1496409981508124493", "1496409731661448689"

CLASSIC_GRID_JOB, BIRD_GRID_JOB = "3baac4ee-dadd-5929-a9e9-613fb47b039d", "77a5ea27-79b0-5e58-a9c5-e2a4f76856ab"
CLASSIC_SINGLE_JOB, BIRD_SINGLE_JOB = "edf25ff5-e2ca-59c9-b226-9c65adcb10c7", "31279917-a442-57f8-965f-ea60fdd8bc34"


@dataclass(frozen=True)
class Done:
    """The final message: its id, job uuid, the picture's type and size, and how many components it carries."""

    message_id: str
    uuid: str
    content_type: str
    side: tuple[int, int]
    size: int
    components: int


@dataclass(frozen=True)
class Deed:
    """One of the eleven actions: when it was sent, on what it was pressed, and which records are its own."""

    name: str
    action: Action
    sent: str
    records: tuple[int, ...]
    click: tuple[str, str] | None = None
    prompt: str = ""
    done: Done | None = None


def _span(*parts: int | tuple[int, int]) -> tuple[int, ...]:
    return tuple(n for part in parts for n in ([part] if isinstance(part, int) else range(part[0], part[1] + 1)))


K = ActionKind
WEBP, PNG = "image/webp", "image/png"
DEEDS = (
    Deed(
        name="imagine classic",
        action=Action(K.IMAGINE),
        sent="07:17:25",
        records=(0, 1, 3, 4, 6, 8, 11, 12),
        prompt=CLASSIC,
        done=Done(CLASSIC_GRID, CLASSIC_GRID_JOB, WEBP, (2048, 2048), 2194552, 10),
    ),
    Deed(
        name="imagine bird",
        action=Action(K.IMAGINE),
        sent="07:17:32",
        records=(2, 5, 7, 9, 10, 13, 14, 15),
        prompt=BIRD,
        done=Done(BIRD_GRID, BIRD_GRID_JOB, WEBP, (2048, 2048), 317892, 10),
    ),
    Deed(
        name="U1 of the bird",
        action=Action(K.UPSCALE, 1),
        sent="07:18:01",
        records=(16, 18),
        click=(BIRD_GRID, f"MJ::JOB::upsample::1::{BIRD_GRID_JOB}"),
        done=Done(BIRD_SINGLE, BIRD_SINGLE_JOB, PNG, (1024, 1024), 389450, 16),
    ),
    Deed(
        name="U1 of the classic",
        action=Action(K.UPSCALE, 1),
        sent="07:19:00",
        records=(19, 21),
        click=(CLASSIC_GRID, f"MJ::JOB::upsample::1::{CLASSIC_GRID_JOB}"),
        done=Done(CLASSIC_SINGLE, CLASSIC_SINGLE_JOB, PNG, (1024, 1024), 2006156, 16),
    ),
    Deed(
        name="animate the classic",
        action=Action(K.ANIMATE, None, "high"),
        sent="07:19:09",
        records=_span(22, 25, 30, 31, 33, (37, 44)),
        click=(CLASSIC_SINGLE, f"MJ::JOB::animate_high::1::{CLASSIC_SINGLE_JOB}::SOLO"),
        done=Done("1496410323104803144", "8e648025-96a7-55ef-83ac-6181515fd75e", WEBP, (624, 624), 12483848, 6),
    ),
    Deed(
        name="vary the bird",
        action=Action(K.VARY_STRONG),
        sent="07:19:16",
        records=_span(23, (27, 29), 32, (34, 36)),
        click=(BIRD_SINGLE, f"MJ::JOB::high_variation::1::{BIRD_SINGLE_JOB}::SOLO"),
        done=Done("1496410145133600896", "28fc8728-c2a7-5357-97e8-717a6c5536c5", WEBP, (2048, 2048), 295714, 10),
    ),
    Deed(
        name="zoom out of the bird",
        action=Action(K.ZOOM_OUT, None, "2x"),
        sent="07:21:06",
        records=_span(45, (47, 52)),
        click=(BIRD_SINGLE, f"MJ::Outpaint::50::1::{BIRD_SINGLE_JOB}::SOLO"),
        done=Done("1496410619408790579", "a5b591fc-5bd6-5325-beb7-d78c22839b65", WEBP, (2048, 2048), 143868, 10),
    ),
    Deed(
        name="pan the bird",
        action=Action(K.PAN, None, "right"),
        sent="07:22:44",
        records=_span(53, (55, 60)),
        click=(BIRD_SINGLE, f"MJ::JOB::pan_right::1::{BIRD_SINGLE_JOB}::SOLO"),
        done=Done("1496411045413702253", "10d3dada-f850-5ad2-b1fb-3656e77a4a0b", WEBP, (2688, 1792), 383346, 10),
    ),
    Deed(
        name="creative upscale of the bird",
        action=Action(K.UPSAMPLE, None, "v7_2x_creative"),
        sent="07:24:23",
        records=_span(61, (63, 70)),
        click=(BIRD_SINGLE, f"MJ::JOB::upsample_v7_2x_creative::1::{BIRD_SINGLE_JOB}::SOLO"),
        done=Done("1496411531936215721", "0f385e98-102b-515f-8ea5-56635357483c", PNG, (2048, 2048), 633555, 8),
    ),
    Deed(
        name="animate the bird",
        action=Action(K.ANIMATE, None, "high"),
        sent="07:26:06",
        records=_span(71, 72, (74, 84)),
        click=(BIRD_SINGLE, f"MJ::JOB::animate_high::1::{BIRD_SINGLE_JOB}::SOLO"),
        done=Done("1496411972116572464", "dbf4ab08-a6c5-5807-809f-6777204dbdf2", WEBP, (624, 624), 2496346, 6),
    ),
    Deed(
        name="bookmark the bird",
        action=Action(K.FAVOURITE),
        sent="07:28:14",
        records=(85,),
        click=(BIRD_SINGLE, f"MJ::BOOKMARK::{BIRD_SINGLE_JOB}"),
    ),
)
EDITS_OF_FINISHED = (17, 20, 24, 26, 46, 54, 62, 73)
"""A pressed button turns blue: the clicked message is edited, and that means nothing."""
CHILDREN_OF_THE_BIRD = (
    "vary the bird",
    "zoom out of the bird",
    "pan the bird",
    "creative upscale of the bird",
    "animate the bird",
)


def seeded(deed: Deed) -> Job:
    """The action as a job whose intent was stored and of which nothing is known since: SENT, without a nonce."""
    sent_at = datetime.fromisoformat(f"2026-04-22T{deed.sent}+00:00")
    click = Click(MIDJOURNEY_APPLICATION, CHANNEL, deed.click[0], 0, deed.click[1]) if deed.click else None
    return Job(
        id=deed.name,
        request_id=deed.name,
        workspace_id="w",
        application_id=MIDJOURNEY_APPLICATION,
        action=deed.action,
        prompt=deed.prompt,
        click=click,
        state=JobState.SENT,
        created_at=sent_at,
        updated_at=sent_at,
        account_id=1,
        sent_at=sent_at,
        deadline_at=Limits().until_started(deed.prompt, sent_at),
    )
