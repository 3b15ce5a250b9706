"""What a person does with the bot: commands, autocompletes, presses, forms, menus, as Discord's client sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator.botside import rights
from engine.simulator.botside.arguments import Resolving, typed
from engine.simulator.botside.asks import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Ask
from engine.simulator.botside.command_rules import MESSAGE_MENU, SLASH, USER_MENU
from engine.simulator.botside.component_rules import each
from engine.simulator.botside.forms import filled, values_of
from engine.simulator.botside.offers import BOT_DM, SERVER, Offered, Offers, path_of
from engine.simulator.botside.part_rules import BUTTON, LINK, SELECTS

if TYPE_CHECKING:
    from engine.simulator.botside.asks import Asks
    from engine.simulator.botside.drafts import Drafts
    from engine.simulator.botside.herald import Herald
    from engine.simulator.botside.places import Channel, Person
    from engine.simulator.botside.post import Post
    from engine.simulator.botside.town import Posted, Town


class Acting:
    """Builds interactions and sends them to the bot. What the client would not send is a ValueError."""

    def __init__(self, *, town: Town, offers: Offers, asks: Asks, post: Post, herald: Herald, drafts: Drafts) -> None:
        self._town = town
        self._offers = offers
        self._asks = asks
        self._post = post
        self._herald = herald
        self._drafts = drafts

    # commands

    def command(self, person: Person, channel: Channel, name: str, given: dict[str, Any]) -> Ask:
        """A slash command; `given` are its options by name, files as the control port takes them."""
        offered = self._offers.find(person, channel, SLASH, name)
        steps, options = path_of(offered.command, name)
        resolving = self._resolving(channel)
        data = self._slash(offered.command, steps, typed(options, given, resolving), resolving)
        return self._sent(COMMAND, person, channel, data, offered, said=name)

    def complete(self, person: Person, channel: Channel, name: str, given: dict[str, Any], focused: str) -> Ask:
        """Ask for the choices of the option in which the person types."""
        offered = self._offers.find(person, channel, SLASH, name)
        steps, options = path_of(offered.command, name)
        known = {option["name"]: option for option in options}
        if not known.get(focused, {}).get("autocomplete"):
            raise ValueError(f"{focused!r} is no option with autocomplete")
        values = []
        for key, value in {focused: "", **given}.items():
            if key not in known:
                raise ValueError(f"no option {key!r}")
            one = {"name": key, "type": known[key]["type"], "value": value}
            values.append({**one, "focused": True} if key == focused else one)
        data = self._slash(offered.command, steps, values, self._resolving(channel))
        return self._sent(AUTOCOMPLETE, person, channel, data, offered, said=name)

    @staticmethod
    def _slash(
        command: dict[str, Any], steps: list[dict[str, Any]], options: list[dict[str, Any]], resolving: Resolving
    ) -> dict[str, Any]:
        for step in reversed(steps):
            options = [{"name": step["name"], "type": step["type"], "options": options}]
        data: dict[str, Any] = {"id": command["id"], "name": command["name"], "type": SLASH, "options": options}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return {**data, "resolved": resolving.found} if resolving.found else data

    def message_menu(self, person: Person, channel: Channel, name: str, message_id: str) -> Ask:
        """A message's context menu."""
        posted = self._seen(person, channel, message_id)
        offered = self._offers.find(person, channel, MESSAGE_MENU, name)
        data = {
            "id": offered.command["id"], "name": name, "type": MESSAGE_MENU, "target_id": posted.id,
            "resolved": {"messages": {posted.id: self._post.show(posted)}},
        }  # fmt: skip
        return self._sent(COMMAND, person, channel, data, offered, said=name, from_menu=True)

    def user_menu(self, person: Person, channel: Channel, name: str, target: str) -> Ask:
        """A person's context menu."""
        offered = self._offers.find(person, channel, USER_MENU, name)
        resolving = self._resolving(channel)
        identity = resolving.person(target)
        data = {"id": offered.command["id"], "name": name, "type": USER_MENU, "target_id": identity,
                "resolved": resolving.found}  # fmt: skip
        return self._sent(COMMAND, person, channel, data, offered, said=name, from_menu=True)

    # components and forms

    def press(self, person: Person, channel: Channel, message_id: str, wanted: str, values: Any = None) -> Ask:
        """A button or select of a message, by custom id or label (of a select: its placeholder)."""
        posted = self._seen(person, channel, message_id)
        component = _component(posted, wanted)
        if component.get("disabled"):
            raise ValueError(f"{wanted!r} is disabled")
        data: dict[str, Any] = {
            "component_type": component["type"], "custom_id": component["custom_id"], "id": component["id"],
        }  # fmt: skip
        if component["type"] in SELECTS:
            resolving = self._resolving(channel)
            data["values"] = values_of(component, values, resolving)
            if resolving.found:
                data["resolved"] = resolving.found
        return self._pressed(person, channel, posted, data, self._post.show(posted))

    def forge(self, person: Person, channel: Channel, message_id: str, custom_id: str, kind: int) -> Ask:
        """A press that no client offers: any custom id, as if this message of the channel had such a component."""
        posted = self._town.messages.get(message_id)
        if posted is None or posted.channel_id != channel.id:
            raise ValueError(f"no message {message_id!r} in {channel.id}")
        part: dict[str, Any] = {"type": kind, "custom_id": custom_id, "id": 9001}
        part |= {"options": [], "disabled": False} if kind in SELECTS else {"style": 2, "label": "forged"}
        shown = self._post.show(posted)
        shown["components"] = [*shown["components"], {"type": 1, "id": 9000, "components": [part]}]
        data: dict[str, Any] = {"component_type": kind, "custom_id": custom_id, "id": 9001}
        if kind in SELECTS:
            data["values"] = []
        return self._pressed(person, channel, posted, data, shown)

    def _pressed(
        self, person: Person, channel: Channel, posted: Posted, data: dict[str, Any], shown: dict[str, Any]
    ) -> Ask:
        ask = self._asks.open(
            COMPONENT,
            person.id,
            channel.id,
            said=data["custom_id"],
            guild_id=channel.guild_id,
            message_id=posted.id,
            owners=self._offers.owners(person, channel),
        )
        self._dispatch(ask, person, channel, {"data": data, "message": shown})
        return ask

    def submit(self, person: Person, opener: Ask, given: dict[str, Any]) -> Ask:
        """Hand a form in."""
        if opener.modal is None or opener.person != person.id:
            raise ValueError(f"interaction {opener.id} shows {person.name} no form")
        channel = self._town.channels.get(opener.channel_id)
        if channel is None:
            raise ValueError("the channel is gone")
        resolving = self._resolving(channel)
        data: dict[str, Any] = {
            "custom_id": opener.modal["custom_id"],
            "components": filled(opener.modal, given, resolving),
        }
        if resolving.found:
            data["resolved"] = resolving.found
        ask = self._asks.open(
            MODAL, person.id, channel.id, said=opener.modal["custom_id"], guild_id=channel.guild_id,
            message_id=opener.message_id, owners=opener.owners,
        )  # fmt: skip
        body: dict[str, Any] = {"data": data}
        posted = self._town.messages.get(str(opener.message_id))
        if posted is not None:
            body["message"] = self._post.show(posted)
        self._dispatch(ask, person, channel, body)
        return ask

    # what all have in common

    def _seen(self, person: Person, channel: Channel, message_id: str) -> Posted:
        if not rights.in_channel(self._town, channel, person.id) & rights.bits("view_channel"):
            raise ValueError(f"{person.name} does not see the channel {channel.name or channel.id}")
        posted = self._town.messages.get(message_id)
        if posted is None or posted.channel_id != channel.id or posted.only not in (None, person.id):
            raise ValueError(f"{person.name} sees no message {message_id!r} there")
        return posted

    def _resolving(self, channel: Channel) -> Resolving:
        return Resolving(
            town=self._town, herald=self._herald, drafts=self._drafts, channel=channel, limit=self._post.limit(channel)
        )

    def _sent(
        self, kind: int, person: Person, channel: Channel, data: dict[str, Any], offered: Offered, *, said: str,
        from_menu: bool = False,
    ) -> Ask:  # fmt: skip
        ask = self._asks.open(
            kind, person.id, channel.id, said=said, guild_id=channel.guild_id, owners=offered.owners,
            from_menu=from_menu,
        )  # fmt: skip
        self._dispatch(ask, person, channel, {"data": data})
        return ask

    def _dispatch(self, ask: Ask, person: Person, channel: Channel, more: dict[str, Any]) -> None:
        """INTERACTION_CREATE, whatever the intents; also where the bot is no member."""
        town, may = self._town, rights.in_channel(self._town, channel, person.id)
        app = rights.in_channel(town, channel, town.application.id) or rights.PRIVATE
        body: dict[str, Any] = {
            "id": ask.id,
            "application_id": town.application.id,
            "type": ask.type,
            "token": ask.token,
            "version": 1,
            "channel_id": channel.id,
            "channel": {**self._herald.channel(channel), "permissions": str(may)},
            "locale": person.locale,
            "context": BOT_DM if channel.guild_id is None else SERVER,
            "app_permissions": str(app),
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": ask.owners,
            "attachment_size_limit": self._post.limit(channel),
            **more,
        }
        guild = town.guilds.get(channel.guild_id or "")
        member = town.member(guild.id, person.id) if guild is not None else None
        if guild is None or member is None:
            body["user"] = person.user()
        else:
            body |= {
                "guild_id": guild.id,
                "guild": {"id": guild.id, "locale": guild.locale, "features": []},
                "guild_locale": guild.locale,
                "member": {**self._herald.member(member), "permissions": str(may)},
            }
        self._herald.tell("INTERACTION_CREATE", body, 0, interaction=ask.id)


def _component(posted: Posted, wanted: str) -> dict[str, Any]:
    """A component of a message by custom id, label or placeholder. Raises ValueError."""
    components = [c for c in each(posted.body["components"]) if c["type"] in (BUTTON, *SELECTS)]
    for name in ("custom_id", "label", "placeholder"):
        found = [c for c in components if c.get(name) == wanted]
        if found:
            if found[0].get("style") == LINK:
                raise ValueError(f"{wanted!r} is a link to {found[0].get('url')}")
            return found[0]
    names = ", ".join(str(c.get("label") or c.get("custom_id")) for c in components) or "none"
    raise ValueError(f"the message has no {wanted!r}; there are {names}")
