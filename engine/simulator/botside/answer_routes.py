"""How a bot answers an interaction: the callback within its seconds, then the token's webhook for its minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.simulator import refusals
from engine.simulator.botside import refused
from engine.simulator.botside.asks import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Ask
from engine.simulator.botside.component_rules import check_modal, numbered
from engine.simulator.botside.drafts import EPHEMERAL, LOADING, Draft
from engine.simulator.botside.problems import Problems
from engine.simulator.refusals import Refused

if TYPE_CHECKING:
    from engine.simulator.botside.asks import Asks
    from engine.simulator.botside.calls import Call, Route
    from engine.simulator.botside.feed import Feed
    from engine.simulator.botside.herald import Herald
    from engine.simulator.botside.places import Channel
    from engine.simulator.botside.post import Post
    from engine.simulator.botside.town import Posted, Town

MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, FORM = 4, 5, 6, 7, 8, 9
_WEBHOOK = "/webhooks/{application}/{token}"
_GUEST_FOLLOWUPS = 5


class AnswerRoutes:
    """Routes that an interaction's token opens; none asks for the bot's own."""

    def __init__(self, *, town: Town, asks: Asks, post: Post, herald: Herald, feed: Feed) -> None:
        self._town = town
        self._asks = asks
        self._post = post
        self._herald = herald
        self._feed = feed

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            ("POST", "/interactions/{interaction}/{token}/callback", self._callback),
            ("POST", _WEBHOOK, self._follow),
            ("GET", _WEBHOOK + "/messages/{message}", self._get),
            ("PATCH", _WEBHOOK + "/messages/{message}", self._edit),
            ("DELETE", _WEBHOOK + "/messages/{message}", self._delete),
        ]

    def _channel(self, ask: Ask) -> Channel:
        channel = self._town.channels.get(ask.channel_id)
        if channel is None:
            raise Refused(refusals.NO_SUCH_CHANNEL)
        return channel

    # the first answer

    async def _callback(self, call: Call) -> dict[str, Any] | None:
        values, files = await call.values(), await call.files()
        ask = self._asks.for_callback(call.path["interaction"], call.path["token"])
        kind = values.get("type")
        data = values.get("data") or {}
        allowed = self._allowed(ask)
        if kind not in allowed:
            raise Refused(refusals.form("type", "BASE_TYPE_CHOICES", f"Value must be one of {{{_words(allowed)}}}."))
        posted: Posted | None = None
        match kind:
            case 4:
                posted = self._first(ask, data, self._post.compose(
                    self._channel(ask), data, files, at="data", ephemeral=bool(int(data.get("flags") or 0) & EPHEMERAL)
                ))  # fmt: skip
            case 5:
                posted = self._deferred(ask, data)
            case 7:
                posted = self._updated(ask, data, files)
            case 8:
                self._choices(ask, data)
            case 9:
                self._form(ask, data)
            case _:
                ask.original = ask.message_id
        self._asks.answered(ask, kind)
        return self._told(ask, kind, posted) if call.flag("with_response") else None

    @staticmethod
    def _allowed(ask: Ask) -> tuple[int, ...]:
        """Which answers this kind of interaction takes."""
        if ask.type == AUTOCOMPLETE:
            return (CHOICES,)
        kinds: tuple[int, ...] = (MESSAGE, DEFER)
        if ask.message_id is not None and ask.type in (COMPONENT, MODAL):
            kinds += (DEFER_UPDATE, UPDATE)
        return kinds if ask.type == MODAL else (*kinds, FORM)

    def _first(self, ask: Ask, data: dict[str, Any], draft: Draft) -> Posted:
        only = ask.person if int(data.get("flags") or 0) & EPHEMERAL else None
        posted = self._post.send(
            self._channel(ask), draft, author=self._town.application.id, allowed=data.get("allowed_mentions"),
            only=only, more=self._origin(ask, first=True),
        )  # fmt: skip
        ask.original = posted.id
        ask.messages.append(posted.id)
        return posted

    def _origin(self, ask: Ask, *, first: bool) -> dict[str, Any]:
        """The fields by which a message says which interaction it answers."""
        user = self._herald.user(ask.person)
        about: dict[str, Any] = {
            "id": ask.id, "type": ask.type, "user": user, "authorizing_integration_owners": ask.owners,
        }  # fmt: skip
        more: dict[str, Any] = {
            "webhook_id": self._town.application.id,
            "application_id": self._town.application.id,
            "interaction_metadata": about,
        }
        if ask.type == COMMAND:
            about |= {"name": ask.said, "command_type": 3 if ask.from_menu else 1}
            if first:
                more["interaction"] = {"id": ask.id, "type": ask.type, "name": ask.said, "user": user}
                more["type"] = 23 if ask.from_menu else 20
        elif ask.message_id is not None:
            about["interacted_message_id"] = ask.message_id
            more["message_reference"] = {"type": 0, "message_id": ask.message_id, "channel_id": ask.channel_id}
            more["type"] = 19
        if not first and ask.original is not None:
            about["original_response_message_id"] = ask.original
            more["message_reference"] = {"type": 0, "message_id": ask.original, "channel_id": ask.channel_id}
            more["type"] = 19
        return more

    def _deferred(self, ask: Ask, data: dict[str, Any]) -> Posted:
        flags = data.get("flags") or 0
        if type(flags) is not int or flags & ~EPHEMERAL:
            raise Refused(refusals.form("data.flags", "MESSAGE_FLAGS_INVALID", "Only EPHEMERAL can be set here"))
        return self._first(ask, data, Draft("", [], [], [], flags | LOADING))

    def _updated(self, ask: Ask, data: dict[str, Any], files: Any) -> Posted:
        posted = self._town.messages.get(str(ask.message_id))
        if posted is None:
            raise Refused(refusals.UNKNOWN_MESSAGE)
        draft = self._post.compose(
            self._channel(ask), data, files, old=posted, at="data", ephemeral=posted.only is not None
        )
        ask.original = posted.id
        return self._post.edit(posted, draft)

    def _choices(self, ask: Ask, data: dict[str, Any]) -> None:
        problems = Problems().at("data", "choices")
        if problems.listed(data.get("choices"), 0, 25):
            for number, choice in enumerate(data["choices"]):
                problems.at(number, "name").text(choice.get("name"), 1, 100)
                if isinstance(choice.get("value"), str):
                    problems.at(number, "value").text(choice["value"], 0, 100)
        problems.refuse()
        ask.choices = data["choices"]

    def _form(self, ask: Ask, data: dict[str, Any]) -> None:
        problems = Problems()
        check_modal(data, problems.at("data"))
        problems.refuse()
        ask.modal = {**data, "components": numbered(data["components"])}
        self._feed.add("form", channel=ask.channel_id, only=ask.person, interaction=ask.id)

    def _told(self, ask: Ask, kind: int, posted: Posted | None) -> dict[str, Any]:
        about: dict[str, Any] = {"id": ask.id, "type": ask.type, "activity_instance_id": None}
        resource: dict[str, Any] = {"type": kind}
        if posted is not None:
            flags = posted.body["flags"]
            about |= {
                "response_message_id": posted.id,
                "response_message_loading": bool(flags & LOADING),
                "response_message_ephemeral": bool(flags & EPHEMERAL),
            }
            if kind in (MESSAGE, UPDATE):
                resource["message"] = self._post.show(posted)
        return {"interaction": about, "resource": resource}

    # what follows

    def _opened(self, call: Call) -> Ask:
        if call.path["application"] != self._town.application.id:
            raise Refused(refused.UNKNOWN_WEBHOOK)
        return self._asks.for_webhook(call.path["token"])

    def _found(self, call: Call, ask: Ask) -> Posted:
        """`@original`, a follow-up by its id, or nothing. Raises Refused."""
        wanted = call.path["message"]
        identity = ask.original if wanted == "@original" else wanted
        posted = self._town.messages.get(str(identity))
        if posted is None or identity not in (ask.original, *ask.messages):
            raise Refused(refusals.UNKNOWN_MESSAGE)
        return posted

    async def _follow(self, call: Call) -> dict[str, Any]:
        values, files = await call.values(), await call.files()
        ask = self._opened(call)
        channel = self._channel(ask)
        waiting = self._town.messages.get(str(ask.original))
        if waiting is not None and waiting.body["flags"] & LOADING:
            draft = self._post.compose(channel, values, files, old=waiting, ephemeral=waiting.only is not None)
            return self._post.show(self._post.edit(waiting, draft))
        if ask.is_guest and ask.followups >= _GUEST_FOLLOWUPS:
            raise Refused(refused.FOLLOWED_UP)
        hidden = bool(int(values.get("flags") or 0) & EPHEMERAL)
        posted = self._post.send(
            channel, self._post.compose(channel, values, files, ephemeral=hidden), author=self._town.application.id,
            allowed=values.get("allowed_mentions"), only=ask.person if hidden else None,
            more=self._origin(ask, first=False),
        )  # fmt: skip
        ask.followups += 1
        ask.messages.append(posted.id)
        self._asks.keep(ask)
        return self._post.show(posted)

    async def _get(self, call: Call) -> dict[str, Any]:
        return self._post.show(self._found(call, self._opened(call)))

    async def _edit(self, call: Call) -> dict[str, Any]:
        values, files = await call.values(), await call.files()
        ask = self._opened(call)
        channel, posted = self._channel(ask), self._found(call, ask)
        draft = self._post.compose(channel, values, files, old=posted, ephemeral=posted.only is not None)
        return self._post.show(self._post.edit(posted, draft))

    async def _delete(self, call: Call) -> None:
        ask = self._opened(call)
        self._post.delete(self._found(call, ask), by=self._town.application.id)


def _words(kinds: tuple[int, ...]) -> str:
    return ", ".join(map(str, kinds))
