"""How a client gives Discord a file: a reserved place, a PUT of raw bytes, then one use (protocol §1.4)."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from engine.simulator import refusals
from engine.simulator.bodies import values_of
from engine.simulator.places import place
from engine.simulator.refusals import Refusal, Refused
from engine.simulator.shelf import File

if TYPE_CHECKING:
    from random import Random

    from engine.simulator.cdn import Cdn
    from engine.simulator.ledger import Ledger
    from engine.simulator.people import Account, Channel
    from engine.simulator.places import Route
    from engine.simulator.shelf import Shelf
    from engine.simulator.world import World

_MOST_FILES = 10
_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_OPEN_MS = 15 * 60 * 1000  # how long a reserved place takes bytes


class Upload(msgspec.Struct):
    """One reserved place; `file` is set once its bytes are there."""

    key: str  # the upload_filename, `<uuid>/<filename>`
    account: str
    channel: str
    filename: str
    upload_id: str
    until_ms: int
    file: File | None = None
    used: list[str] = []  # "blend 123", "message 456": name and interaction or message id


class Uploads:
    """The reserved places, and the routes that fill and empty them."""

    def __init__(self, *, world: World, cdn: Cdn, shelf: Shelf, ledger: Ledger, rng: Random, limit: int) -> None:
        self._world = world
        self._cdn = cdn
        self._shelf = shelf
        self._ledger = ledger
        self._rng = rng
        self._limit = limit

    def routes(self) -> list[Route]:
        """What asks for a token."""
        return [
            ("POST", "/channels/{channel}/attachments", self._reserve),
            ("DELETE", "/attachments/{key:.+}", self._drop),
        ]

    def mount(self, app: web.Application) -> None:
        """The storage side, which knows no tokens: its address alone opens it."""
        app.router.add_put("/uploads/{key:.+}", self._put)

    # what a body names

    def attached(self, account: Account, listed: Any, parts: dict[str, File], where: str) -> list[tuple[str, File]]:
        """The files that `attachments[]` of a body means, each with its id. Raises Refused with the place."""
        if listed is None:
            listed = []
        if not isinstance(listed, list) or len(listed) > _MOST_FILES:
            raise Refused(refusals.form(where, "BASE_TYPE_BAD_LENGTH", "Must be between 0 and 10 in length."))
        found: list[tuple[str, File]] = []
        for number, one in enumerate(listed):
            at = f"{where}.{number}"
            if not isinstance(one, dict) or one.get("id") is None:
                raise Refused(refusals.required(f"{at}.id"))
            identity, key = str(one["id"]), one.get("uploaded_filename")
            upload = self._find(account, str(key)) if key is not None else None
            file = upload.file if upload is not None else parts.get(identity)
            if file is None:
                raise Refused(
                    refusals.form(f"{at}.uploaded_filename", "ATTACHMENT_NOT_FOUND", "Uploaded attachment not found")
                )
            name = _ODD.sub("_", str(one.get("filename") or file.filename))
            found.append((identity, msgspec.structs.replace(file, filename=name)))
        return found

    def use(self, account: Account, listed: Any, purpose: str) -> None:
        """Write down what became of the places that a body named."""
        for one in listed or ():
            upload = self._find(account, str(one.get("uploaded_filename")))
            if upload is not None:
                upload.used.append(purpose)
                self._keep(upload)
                self._note("used", upload, used=purpose)

    def check(self, filename: str, size: int) -> None:
        """Raises Refused when a file is too large for this account."""
        if size > self._limit:
            raise Refused(refusals.TOO_LARGE)
        if not filename:
            raise Refused(refusals.required("files.0.filename"))

    def keep_part(self, filename: str, data: bytes, content_type: str) -> File:
        """A file that came inside a form. Raises Refused when it is too large."""
        self.check(filename, len(data))
        return self._shelf.put(filename, data, content_type)

    def all(self) -> list[dict[str, Any]]:
        """Every place with what became of it, oldest first."""
        return [msgspec.to_builtins(msgspec.json.decode(kept)) for kept in self._world.kept("uploads").values()]

    def _find(self, account: Account, key: str) -> Upload | None:
        kept = self._world.kept("uploads").get(key)
        upload = None if kept is None else msgspec.json.decode(kept, type=Upload)
        return upload if upload is not None and upload.account == account.id else None

    def _keep(self, upload: Upload) -> None:
        self._world.keep("uploads", upload.key, msgspec.json.encode(upload))

    def _note(self, state: str, upload: Upload, **more: Any) -> None:
        file = upload.file.told() if upload.file is not None else {"filename": upload.filename}
        self._ledger.write(
            "upload", state=state, account=upload.account, channel=upload.channel, key=upload.key, **file, **more
        )

    # routes

    async def _reserve(self, request: web.Request, account: Account) -> dict[str, Any] | Refusal:
        channel = place(self._world, request, account)
        body = await values_of(request)
        files = body.get("files")
        if not isinstance(files, list) or not 1 <= len(files) <= _MOST_FILES:
            return refusals.form("files", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 10 in length.")
        for number, one in enumerate(files):
            if not isinstance(one, dict) or not isinstance(one.get("filename"), str) or not one["filename"]:
                return refusals.required(f"files.{number}.filename")
            if type(one.get("file_size")) is not int or one["file_size"] < 1:
                return refusals.form(f"files.{number}.file_size", "NUMBER_TYPE_MIN", "int value should be 1 or more.")
            self.check(one["filename"], one["file_size"])
        return {"attachments": [self._open(account, channel, one) for one in files]}

    def _open(self, account: Account, channel: Channel, wanted: dict[str, Any]) -> dict[str, Any]:
        place_id = uuid.UUID(int=self._rng.getrandbits(128), version=4)
        name = _ODD.sub("_", wanted["filename"])
        upload = Upload(
            f"{place_id}/{name}",
            account.id,
            channel.id,
            name,
            f"{self._rng.getrandbits(160):040x}",
            self._world.clock.unix_ms() + _OPEN_MS,
        )
        self._keep(upload)
        self._note("reserved", upload)
        made = {
            "upload_url": f"{self._cdn.url}/uploads/{upload.key}?upload_id={upload.upload_id}",
            "upload_filename": upload.key,
        }
        return made if wanted.get("id") is None else {"id": str(wanted["id"]), **made}

    async def _put(self, request: web.Request) -> web.StreamResponse:
        """200 with an empty body; 403 for an address that is unknown or past its time."""
        kept = self._world.kept("uploads").get(request.match_info["key"])
        upload = None if kept is None else msgspec.json.decode(kept, type=Upload)
        status = 200
        if "Authorization" in request.headers:
            status = 401  # a token has no business at the storage
        elif (
            upload is None
            or request.query.get("upload_id") != upload.upload_id
            or self._world.clock.unix_ms() > upload.until_ms
        ):
            status = 403
        elif (request.content_length or 0) > self._limit:
            status = 413
        data = await request.read() if status == 200 else b""
        if len(data) > self._limit:
            status = 413
        self._ledger.write("request", method="PUT", path=request.path, decision=str(status))
        if upload is None or status != 200:
            return web.Response(status=status, text=_STORAGE.get(status, ""), content_type="application/xml")
        upload.file = self._shelf.put(upload.filename, data, request.headers.get("Content-Type", ""))
        self._keep(upload)
        self._note("stored", upload)
        return web.Response()

    async def _drop(self, request: web.Request, account: Account) -> web.Response | Refusal:
        upload = self._find(account, request.match_info["key"])
        if upload is None or upload.used:
            return refusals.NOT_FOUND
        self._world.unkeep("uploads", upload.key)
        self._note("deleted", upload)
        return web.Response(status=204)


_STORAGE = {
    401: "<?xml version='1.0' encoding='UTF-8'?><Error><Code>AuthenticationRequired</Code></Error>",
    403: "<?xml version='1.0' encoding='UTF-8'?><Error><Code>AccessDenied</Code></Error>",
    413: "<?xml version='1.0' encoding='UTF-8'?><Error><Code>EntityTooLarge</Code></Error>",
}
