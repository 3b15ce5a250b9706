"""The community that a demo starts with: a studio server with its people and places, and a stranger's server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.simulator.botside.changes import Changes
from engine.simulator.botside.places import FORUM, TEXT, Person

if TYPE_CHECKING:
    from engine.simulator.botside.town import Town

SERVER, FOREIGN = "Studio", "Elsewhere"
_PEOPLE = ("operator", "moderator", "member", "friend", "stranger", "foreigner")


def seed(town: Town, changes: Changes) -> None:
    """Make what is not there yet.

    Studio belongs to `operator`; `moderator`, `member` and `friend` are in it, `stranger` has the application
    installed for themself only; Elsewhere belongs to `foreigner`, who invited the bot too.
    """
    if any(guild.name == SERVER for guild in town.guilds.values()):
        return
    people = {name: town.save_person(Person(id=town.new_id(), name=name)) for name in _PEOPLE}
    studio = changes.found(SERVER, people["operator"])
    moderators = changes.role(studio, "Moderator", ["manage_messages", "moderate_members", "kick_members"], 0xE67E22)
    artists = changes.role(studio, "Artist", [], 0x2ECC71)
    changes.invite(studio)
    changes.join(studio, people["moderator"], [moderators.id, artists.id])
    changes.join(studio, people["member"], [artists.id])
    changes.join(studio, people["friend"], [])
    for name, kind in (("general", TEXT), ("art", TEXT), ("results", TEXT), ("gallery", FORUM)):
        changes.place(studio, name, kind)
    changes.place(studio, "after-dark", TEXT, nsfw=True)
    staff = changes.place(studio, "staff", TEXT)
    changes.overwrite(staff, studio.id, deny=["view_channel"])
    changes.overwrite(staff, moderators.id, allow=["view_channel"])
    changes.overwrite(staff, town.application.id, allow=["view_channel"])
    elsewhere = changes.found(FOREIGN, people["foreigner"])
    changes.place(elsewhere, "general", TEXT)
    changes.invite(elsewhere)
    changes.join(elsewhere, people["stranger"], [])
    people["stranger"].installed = True
    town.save_person(people["stranger"])
