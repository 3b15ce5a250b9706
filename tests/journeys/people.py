"""People of the simulator's Discord, and what they see of the bot that runs in Easel's process."""

from __future__ import annotations

from dataclasses import dataclass

from tests.journeys.processes import EaselProcess, SimulatorProcess

PATIENCE = 40.0
ART = "Studio/art"


def bot_settings(simulator: SimulatorProcess) -> dict[str, str]:
    """Where the real bot finds its Discord."""
    return {
        "DISCORD_BOT_TOKEN": simulator.bot["token"],
        "BOT_API_URL": simulator.bot["api_url"],
        "BOT_GATEWAY_URL": simulator.gateway_url,
        "BOT_CDN_URL": simulator.cdn_url,
    }


@dataclass(frozen=True)
class People:
    """They act in `channel` unless told otherwise."""

    simulator: SimulatorProcess
    channel: str = ART

    def wait_connected(self, easel: EaselProcess) -> None:
        with easel.client() as client:
            easel._wait(lambda: client.get("/status").json()["bot"] == "connected", "the bot is connected")

    def connect(self, easel: EaselProcess) -> None:
        """The operator binds the server by the code that the command prints."""
        code = easel.cli("guild", "code")["code"]
        asked = self.slash("operator", "connect", code=code)
        self.until(
            "operator", lambda message: "is connected" in message["content"] and message["id"] in asked["messages"]
        )

    def slash(self, who: str, name: str, /, channel: str | None = None, **options: object) -> dict:
        wanted = {"as": who, "channel": channel or self.channel, "name": name, "options": options}
        return self._acted("/commands", wanted)

    def press(self, who: str, message: dict, component: str) -> dict:
        return self._acted("/presses", {"as": who, "message": message["id"], "component": component})

    def submit(self, who: str, form: dict, **values: object) -> dict:
        return self._acted("/forms", {"as": who, "interaction": form["id"], "values": values})

    def _acted(self, path: str, wanted: dict) -> dict:
        told = self.simulator.discord("POST", path, **wanted)
        assert told["failed"] is None, told
        return told

    def sees(self, who: str, channel: str | None = None) -> list[dict]:
        return self.simulator.discord("GET", "/messages", **{"as": who, "channel": channel or self.channel})["messages"]

    def until(self, who: str, holds, channel: str | None = None) -> dict:
        """The newest message for which it holds, as soon as they see it."""
        place, after = channel or self.channel, 0
        while True:
            found = [message for message in self.sees(who, place) if holds(message)]
            if found:
                return found[-1]
            page = self.simulator.discord(
                "GET", "/feed", **{"as": who, "after": after, "wait": PATIENCE, "channel": place}
            )
            assert page["events"], f"nothing happened for {PATIENCE} s; {who} sees {self.sees(who, place)[-2:]}"
            after = page["next"]

    def result(self, who: str, asked: dict, channel: str | None = None) -> dict:
        """The finished card of what was asked: in the message that answered it."""
        own = set(asked["messages"])
        return self.until(who, lambda message: message["id"] in own and is_done(message), channel)


def words_of(message: dict) -> str:
    """Everything that stands on a card."""
    return " ".join(f"{each.get('title')} {each.get('description')} {each.get('fields')}" for each in message["embeds"])


def is_done(message: dict) -> bool:
    return "Done in" in words_of(message)


def labels(message: dict) -> list[str]:
    return [
        button.get("label") or button["emoji"]["name"] for row in message["components"] for button in row["components"]
    ]
