"""How a face is swapped by InsightFaceSwap's bot: two commands, one after the other (midjourney-protocol §11).

`/saveid` gives the bot a face under a name of ours; its reply is to the job what a form is to a press: with it stored,
the job goes on, also after a crash, with `/swapid`, which takes that name and the picture to change.
"""

from __future__ import annotations

import re
from itertools import cycle
from random import randrange

from engine.model.jobs import Job
from engine.model.sightings import Sighting

SAVE, SWAP = "saveid", "swapid"
NAMES = tuple(f"easel{n}" for n in range(10))
"""Under which faces are saved, in turn: the bot keeps at most 20; one that is given again takes the old one's place.

Ten, so that a command that is carried out late cannot give the next job its face.
"""
NAME = re.compile(r"\beasel[0-9]\b")


class NamesInTurn:
    """A name for each new job, none twice within ten jobs; where the turn begins is left to chance."""

    def __init__(self) -> None:
        first = randrange(len(NAMES))  # noqa: S311 - no secret
        self._turn = cycle((*NAMES[first:], *NAMES[:first]))

    def next(self) -> str:
        """The next name."""
        return next(self._turn)


def of_this_step(job: Job, sighting: Sighting) -> bool:
    """Whether a sighting of a face swap is about its present command; what still comes of the first says nothing."""
    if not job.form_answered:
        return True
    if sighting.nonce is not None:
        return sighting.nonce == job.nonce
    if sighting.verb is not None:
        return sighting.verb == SWAP
    if sighting.interaction_id is not None:
        return job.modal is None or sighting.interaction_id != job.modal.interaction_id
    return sighting.message_id == job.links.progress_message_id
