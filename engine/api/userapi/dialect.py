"""UserAPI as a dialect: where its clients put their key, and how it says that something is refused."""

from __future__ import annotations

from starlette.responses import Response

from engine.api.problems import Json, Problem
from engine.api.ways import Credential, Dialect


def answer(problem: Problem) -> Response:
    """`{"status": false, "error": …}`: its official clients raise what stands in `error`."""
    body = {"status": False, "error": problem.cause}
    return Json(body, status_code=int(problem.status), headers=dict(problem.headers))


USERAPI = Dialect(
    name="userapi",
    title="UserAPI",
    credentials=(Credential.API_KEY,),
    prefixes=("/midjourney", "/discord", "/user"),
    answer=answer,
)
