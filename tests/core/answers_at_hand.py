"""What Midjourney says to the tests of actions: answers in words, and finished jobs with chosen buttons."""

from __future__ import annotations

from dataclasses import replace

from engine.model.details import Details
from engine.model.jobs import Component, JobState
from engine.model.sightings import Channel, Stage
from engine.model.snowflakes import snowflake_at
from tests.core.house import House
from tests.fakes import scripted_session as says

UUID = "11111111-1111-4111-8111-111111111111"
CHILD = "22222222-2222-4222-8222-222222222222"


def told(nonce, details: Details, message_id=None, *, verb: str, **more):
    """An answer in words."""
    return says._seen(
        Channel.CREATED,
        Stage.FINAL,
        **{"nonce": nonce, "message_id": message_id, "flags": 64, "details": details, "verb": verb, **more},
    )


def message_id(house: House, turn: int) -> str:
    """A snowflake of now."""
    return str(int(snowflake_at(house.clock.now())) + turn)


def button(custom_id: str, label: str) -> Component:
    return Component(2, custom_id, label, None, 2, None, 0, 0)


async def with_buttons(house: House, *components: Component, **details):
    """A finished job whose result carries these buttons."""
    posted = sum(len(session.submissions) for session in house.driver.sessions)
    job = await house.imagine()
    _, nonce = await house.until_posted(posted + 1)
    final = says.a_final(message_id(house, 700 + posted), UUID, nonce=nonce, components=components)
    house.session.shows(replace(final, **details))
    return await house.until_state(job, JobState.DONE)
