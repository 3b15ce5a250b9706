"""Short ways to act as the people of the simulator's Discord, for any test that has its control port."""

from __future__ import annotations

import base64

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def picture(name="in.png", data=PNG):
    """A file as the control port takes it."""
    return {"filename": name, "content_type": "image/png", "data": base64.b64encode(data).decode()}


class People:
    """What people do and see; `control` is an httpx.AsyncClient on the control port."""

    def __init__(self, control, channel="Studio/art"):
        self.control = control
        self.channel = channel

    async def call(self, method, path, **body):
        answer = await self.control.request(method, f"/discord{path}", json=body or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, method, path, **body):
        """Why Discord's client would not send this."""
        answer = await self.control.request(method, f"/discord{path}", json=body)
        assert answer.status_code == 400, answer.text
        return answer.json()["error"]

    async def slash(self, person, name, /, channel=None, **options):
        """A command; what became of it once the bot has answered."""
        place = channel or self.channel
        return await self.call(
            "POST", "/commands", **{"as": person, "channel": place, "name": name, "options": options}
        )

    async def press(self, person, message, component, **more):
        return await self.call("POST", "/presses", **{"as": person, "message": message, "component": component, **more})

    async def submit(self, person, opened, **values):
        """Hand in the form that an interaction showed; fields by custom id or label."""
        return await self.call("POST", "/forms", **{"as": person, "interaction": opened["id"], "values": values})

    async def complete(self, person, name, focused, typed, channel=None, **options):
        """The choices for what is typed into an option."""
        asked = {"as": person, "channel": channel or self.channel, "name": name, "focused": focused}
        return (await self.call("POST", "/completions", **asked, options={**options, focused: typed}))["choices"]

    async def menu(self, person, message, name):
        return await self.call("POST", "/menus", **{"as": person, "message": message, "name": name})

    async def write(self, person, content, channel=None, **more):
        place = channel or self.channel
        return await self.call("POST", "/messages", **{"as": person, "channel": place, "content": content, **more})

    async def sees(self, person, channel=None):
        """The messages of a channel, oldest first."""
        params = {"as": person, "channel": channel or self.channel}
        answer = await self.control.get("/discord/messages", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()["messages"]

    async def until(self, person, condition, channel=None, seconds=10):
        """The first message for which the condition holds, as soon as the person sees it."""
        after = 0
        while True:
            for message in await self.sees(person, channel):
                if condition(message):
                    return message
            params = {"as": person, "after": after, "wait": seconds}
            page = (await self.control.get("/discord/feed", params=params, timeout=seconds + 10)).json()
            assert page["events"], f"nothing happened for {seconds} seconds"
            after = page["next"]
