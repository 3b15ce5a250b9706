"""What a message will be, from the body of a request: every rule that Discord checks before it takes a message."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.simulator import refusals
from engine.simulator.botside.component_rules import check_message, each, numbered
from engine.simulator.botside.embed_rules import check_embeds, stored_embeds
from engine.simulator.botside.mentions import check_allowed
from engine.simulator.botside.part_rules import FILE, GALLERY, TEXT, THUMBNAIL
from engine.simulator.botside.problems import Problems
from engine.simulator.refusals import Refused

if TYPE_CHECKING:
    from engine.simulator.botside.town import Posted
    from engine.simulator.shelf import Shelf

SUPPRESS_EMBEDS, EPHEMERAL, LOADING, SILENT, SECOND = 1 << 2, 1 << 6, 1 << 7, 1 << 12, 1 << 15
_SETTABLE = SUPPRESS_EMBEDS | EPHEMERAL | SILENT | SECOND
_MOST_FILES = 10
_REQUEST = 25 * 1024 * 1024  # bytes of all files of a request
_ODD = re.compile(r"[^\w.\-]")
Files = dict[str, tuple[str, bytes, str]]  # by the number in files[n]: name, bytes, content type


@dataclass(slots=True)
class Draft:
    """The checked parts of a message, ready to be stored. `fresh` are the new ones of `files`."""

    content: str
    embeds: list[dict[str, Any]]
    components: list[dict[str, Any]]
    files: list[dict[str, Any]]
    flags: int
    fresh: list[dict[str, Any]] = field(default_factory=list)

    def text(self) -> str:
        """All words in which mentions count."""
        return "\n".join([self.content, *(c["content"] for c in each(self.components) if c.get("type") == TEXT)])

    def parts(self) -> dict[str, Any]:
        """The fields of the message object. What an embed shows is not listed as an attachment again."""
        used = _shown_in_embeds(self.embeds)
        return {
            "content": self.content,
            "embeds": self.embeds,
            "components": self.components,
            "attachments": [file for file in self.files if file["url"] not in used],
            "flags": self.flags,
        }


def _shown_in_embeds(embeds: list[dict[str, Any]]) -> set[str]:
    used: set[Any] = set()
    for embed in embeds:
        used |= {(embed.get(name) or {}).get("url") for name in ("image", "thumbnail")}
        used |= {(embed.get(name) or {}).get("icon_url") for name in ("footer", "author")}
    return used - {None}


class Drafts:
    """Makes drafts; new files go to the shelf under a fresh attachment id."""

    def __init__(self, shelf: Shelf, new_id: Any) -> None:
        self._shelf = shelf
        self._new_id = new_id

    def compose(
        self, values: dict[str, Any], files: Files, *, where: str, limit: int, old: Posted | None = None, at: str = ""
    ) -> Draft:
        """The message that a body asks for. Raises Refused with everything that is wrong.

        `where` begins the path of new attachments, `limit` is the largest file in bytes, `old` is the message that
        is edited, `at` is the field of the body that holds the message (`data` in a callback).
        """
        problems = Problems().at(at) if at else Problems()
        before: dict[str, Any] = {} if old is None else old.body
        flags = self._flags(values, before, problems)
        second = bool(flags & SECOND)
        self._sizes(files, limit)
        content = _given(values, before, "content", "")
        if content:
            problems.at("content").text(content, 0, 2000)
        self._check_parts(values, problems, second=second)
        hung, fresh = self._attachments(values, files, old, where, problems.at("attachments"))
        problems.refuse()

        def linked(name: str) -> dict[str, Any] | None:
            return next((file for file in hung if name == file["filename"]), None)

        if values.get("embeds") is not None:
            embeds = stored_embeds(values["embeds"], linked, problems.at("embeds"))
        else:
            embeds = [] if "embeds" in values else before.get("embeds", [])
        if values.get("components") is not None:
            components = numbered(values["components"])
            _link_media(components, linked, problems.at("components"))
        else:
            components = [] if "components" in values else before.get("components", [])
        if second:
            _no_legacy(content, embeds, problems)
        problems.refuse()
        if not (content or embeds or components or hung):
            raise Refused(refusals.EMPTY_MESSAGE)
        return Draft(content, embeds, components, hung, flags, fresh)

    @staticmethod
    def _check_parts(values: dict[str, Any], problems: Problems, *, second: bool) -> None:
        if values.get("embeds") is not None:
            check_embeds(values["embeds"], problems.at("embeds"))
        if values.get("components") is not None:
            check_message(values["components"], problems.at("components"), second=second)
        check_allowed(values.get("allowed_mentions"), problems.at("allowed_mentions"))

    @staticmethod
    def _flags(values: dict[str, Any], before: dict[str, Any], problems: Problems) -> int:
        """The flags afterwards; Components V2 is never taken off, and completing a deferral ends LOADING."""
        given = values.get("flags")
        kept = int(before.get("flags", 0)) & ~LOADING
        if given is None:
            return kept
        if not problems.at("flags").whole(given, 0, 1 << 30):
            return kept
        if not before:
            return int(given) & _SETTABLE
        return kept & ~SUPPRESS_EMBEDS | int(given) & (SUPPRESS_EMBEDS | SECOND)

    @staticmethod
    def _sizes(files: Files, limit: int) -> None:
        sizes = [len(data) for _, data, _ in files.values()]
        if any(size > limit for size in sizes) or sum(sizes) > max(_REQUEST, limit):
            raise Refused(refusals.TOO_LARGE)

    def _attachments(
        self, values: dict[str, Any], files: Files, old: Posted | None, where: str, problems: Problems
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """All attachments afterwards and the new ones; on an edit those that `attachments` does not name go."""
        kept = [] if old is None else list(old.files)
        listed = values.get("attachments")
        entries: dict[str, dict[str, Any]] = {}
        if listed is not None and problems.listed(listed, 0, _MOST_FILES):
            for number, entry in enumerate(listed):
                identity = str(entry.get("id"))
                entries[identity] = entry
                if identity not in files and not any(file["id"] == identity for file in kept):
                    problems.at(number, "id").add("ATTACHMENT_NOT_FOUND", f"Attachment {identity} was not found")
                if entry.get("description") is not None:
                    problems.at(number, "description").text(entry["description"], 0, 1024)
            kept = [{**file, **_described(entries[file["id"]])} for file in kept if file["id"] in entries]
        fresh = [self.hang(files[number], where, entries.get(number)) for number in files]
        if len(kept) + len(fresh) > _MOST_FILES:
            problems.add("BASE_TYPE_BAD_LENGTH", f"Must be between 0 and {_MOST_FILES} in length.")
        return kept + fresh, fresh

    def hang(self, file: tuple[str, bytes, str], where: str, entry: dict[str, Any] | None = None) -> dict[str, Any]:
        """Put a file on the CDN under a path that begins with `where`; the attachment object with stored addresses."""
        entry = entry or {}
        name, data, kind = file
        name = _ODD.sub("_", str(entry.get("filename") or name)) or "file"
        stored = self._shelf.put(name, data, "" if kind == "application/octet-stream" else kind)
        identity = self._new_id()
        self._shelf.hang(identity, stored)
        path = f"{where}/{identity}/{name}"
        made: dict[str, Any] = {
            "id": identity,
            "filename": name,
            "size": stored.length,
            "url": f"cdn:{path}",
            "proxy_url": f"cdn-media:{path}",
            "content_type": stored.content_type,
            **_described(entry),
        }
        if stored.width:
            made |= {"width": stored.width, "height": stored.height}
        return {**made, "ephemeral": True} if where.startswith("ephemeral") else made

    def unhang(self, files: list[dict[str, Any]]) -> None:
        """Take files off the CDN."""
        for file in files:
            self._shelf.unhang(file["id"])


def _described(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in ("description", "title") if entry.get(name) is not None}


def _given(values: dict[str, Any], before: dict[str, Any], name: str, empty: Any) -> Any:
    """A field afterwards: null empties it, leaving it out leaves it."""
    if name not in values:
        return before.get(name, empty)
    return empty if values[name] is None else values[name]


def _no_legacy(content: str, embeds: list[dict[str, Any]], problems: Problems) -> None:
    for name, value in (("content", content), ("embeds", embeds)):
        if value:
            words = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            problems.at(name).add("MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", words)


def _link_media(components: list[dict[str, Any]], linked: Any, problems: Problems) -> None:
    """Replace `attachment://` names by what hangs there."""
    for component in each(components):
        kind = component.get("type")
        media = [item["media"] for item in component.get("items", ())] if kind == GALLERY else []
        if kind == THUMBNAIL:
            media = [component["media"]]
        elif kind == FILE:
            media = [component["file"]]
        for one in media:
            name = one["url"].removeprefix("attachment://")
            if name == one["url"]:
                continue
            found = linked(name)
            if found is None:
                words = f"The referenced attachment is not found: {one['url']}"
                problems.add("UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", words)
                continue
            keys = ("url", "proxy_url", "width", "height", "content_type")
            one |= {key: found[key] for key in keys if key in found}
            one |= {"attachment_id": found["id"], "loading_state": 2, "flags": 0}
            if kind == FILE:
                component |= {"name": found["filename"], "size": found["size"]}
