"""A card in Discord's own JSON, as an embed with rows of buttons or as Components V2.

Written directly: a card is drawn again for each edit, and discord.py's own objects (`Embed`, `View`, `Button`) cost
more to make than the rest of the edit. Shapes: https://discord.com/developers/docs/components/reference and
`/resources/message#embed-object`, both read 2026-11-21.
"""

from __future__ import annotations

from typing import Any

from bot.values import Button, Drawn, Rows
from bot.views import custom_id

_ROW, _BUTTON, _TEXT, _GALLERY, _CONTAINER = 1, 2, 10, 12, 17
COMPONENTS_V2 = 1 << 15
"""The message's flag."""
_NOBODY: dict[str, Any] = {"parse": []}
_LONGEST_TEXT, _LONGEST_FIELDS = 3000, 900


def message_of(card: Drawn, job_id: str, *, layout: bool) -> dict[str, Any]:
    """The fields of a message that shows a card; it mentions nobody."""
    if layout:
        return {"components": layout_of(card, job_id), "flags": COMPONENTS_V2, "allowed_mentions": _NOBODY}
    return {"embeds": [embed_of(card)], "components": rows_of(card.rows, job_id), "allowed_mentions": _NOBODY}


def change_of(card: Drawn, job_id: str, *, layout: bool) -> dict[str, Any]:
    """The same for an edit: words, or an embed of the other layout, that stood in the card's place go."""
    return {"content": None, "embeds": [], **message_of(card, job_id, layout=layout)}


def embed_of(card: Drawn) -> dict[str, Any]:
    """The card as an embed; a spoiler's picture stays a file beside it, since embeds hide nothing."""
    embed: dict[str, Any] = {
        "type": "rich",
        "flags": 0,
        "title": card.title,
        "description": card.words,
        "color": card.colour,
    }
    if card.fields:
        embed["fields"] = [{"name": name, "value": value, "inline": True} for name, value in card.fields]
    if card.picture is not None and not card.spoiler:
        embed["image"] = {"url": card.picture}
    if card.foot:
        embed["footer"] = {"text": card.foot}
    return embed


def layout_of(card: Drawn, job_id: str) -> list[dict[str, Any]]:
    """The card as Components V2: the same words, picture and buttons."""
    fields = "\n".join(f"**{name}** {value}" for name, value in card.fields)
    items = [_text(f"### {card.title}\n{card.words}"[:_LONGEST_TEXT])]
    if fields:
        items.append(_text(fields[:_LONGEST_FIELDS]))
    if card.picture is not None:
        items.append({"type": _GALLERY, "items": [{"media": {"url": card.picture}, "spoiler": card.spoiler}]})
    items += rows_of(card.rows, job_id)
    if card.foot:
        items.append(_text(f"-# {card.foot}"))
    return [{"type": _CONTAINER, "accent_color": card.colour, "spoiler": False, "components": items}]


def rows_of(rows: Rows, job_id: str) -> list[dict[str, Any]]:
    """The rows of a card's buttons."""
    return [{"type": _ROW, "components": [_button(each, job_id) for each in row]} for row in rows]


def _text(content: str) -> dict[str, Any]:
    return {"type": _TEXT, "content": content}


def _button(button: Button, job_id: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": _BUTTON,
        "style": button.look.value,
        "disabled": False,
        "custom_id": custom_id(job_id, button.deed),
    }
    if button.label is not None:
        made["label"] = button.label
    if button.emoji is not None:
        made["emoji"] = {"id": None, "name": button.emoji}
    return made
