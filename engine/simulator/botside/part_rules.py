"""The limits of single components: buttons, selects, text, pictures and the fields of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.simulator.botside.problems import Problems

ACTION_ROW, BUTTON, SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = (3, 5, 6, 7, 8)  # of strings, users, roles, mentionables, channels
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
LABEL, UPLOAD, RADIO, CHECKS, CHECK = 18, 19, 21, 22, 23
IN_LABEL = (TEXT_INPUT, *SELECTS, UPLOAD, RADIO, CHECKS, CHECK)
LINK, PREMIUM = 5, 6  # button styles
_WEB = ("http", "https", "discord")
_MEDIA = ("http", "https", "attachment")


def check(component: dict[str, Any], at: Problems) -> None:
    """Write down what is wrong with a component that holds no others."""
    kind = component["type"]
    if kind in _RULES:
        _RULES[kind](component, at)


def _text(text: dict[str, Any], at: Problems) -> None:
    at.at("content").text(text.get("content"), 1, 4000)


def _gallery(gallery: dict[str, Any], at: Problems) -> None:
    if at.at("items").listed(gallery.get("items"), 1, 10):
        for number, item in enumerate(gallery["items"]):
            _picture(item, at.at("items", number))


def _file(file: dict[str, Any], at: Problems) -> None:
    at.at("file", "url").address((file.get("file") or {}).get("url"), ("attachment",))


def _picture(item: dict[str, Any], at: Problems) -> None:
    at.at("media", "url").address((item.get("media") or {}).get("url"), _MEDIA)
    if item.get("description") is not None:
        at.at("description").text(item["description"], 1, 1024)


def _button(button: dict[str, Any], at: Problems) -> None:
    style = button.get("style")
    if not at.at("style").whole(style, 1, PREMIUM):
        return
    if button.get("label") is not None:
        at.at("label").text(button["label"], 0, 80)
    if not button.get("label") and not button.get("emoji") and style != PREMIUM:
        at.add("BUTTON_COMPONENT_INVALID_LABEL_OR_EMOJI", "A button must have a label or an emoji")
    _emoji(button.get("emoji"), at.at("emoji", "name"))
    if style == LINK:
        at.at("url").address(button.get("url"), _WEB, 512)
        if button.get("custom_id") is not None:
            at.add("BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A custom id and url cannot both be specified")
    elif style != PREMIUM:
        at.at("custom_id").text(button.get("custom_id"), 1, 100)


def _emoji(emoji: Any, at: Problems) -> None:
    """Unicode's, or a server's own by its id; this application can use none of those."""
    if not emoji:
        return
    name = str(emoji.get("name") or "")
    if emoji.get("id") or not name or any(each.isascii() and each.isalpha() for each in name):
        at.add("COMPONENT_INVALID_EMOJI", "Invalid emoji")


def _select(select: dict[str, Any], at: Problems) -> None:
    at.at("custom_id").text(select.get("custom_id"), 1, 100)
    if select.get("placeholder") is not None:
        at.at("placeholder").text(select["placeholder"], 0, 150)
    _range(select, at, 25)
    if select["type"] == SELECT:
        options(select.get("options"), at.at("options"), 1, 25)


def bounds(component: dict[str, Any]) -> tuple[Any, Any]:
    """How few and how many values may be chosen; null is the default."""
    low, high = component.get("min_values"), component.get("max_values")
    most = len(component["options"]) if component["type"] == CHECKS else 1
    return 1 if low is None else low, most if high is None else high


def _range(component: dict[str, Any], at: Problems, most: int) -> None:
    """How many values may be chosen."""
    low, high = bounds(component)
    fits = at.at("min_values").whole(low, 0, most)
    if at.at("max_values").whole(high, 1, most) and fits and low > high:
        at.at("min_values").add("NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")


def options(listed: Any, at: Problems, low: int, high: int) -> None:
    """Write down what is wrong with the options of a select or a group."""
    if not at.listed(listed, low, high):
        return
    seen = set()
    for number, option in enumerate(listed):
        here = at.at(number)
        here.at("label").text(option.get("label"), 1, 100)
        here.at("value").text(option.get("value"), 1, 100)
        _emoji(option.get("emoji"), here.at("emoji", "name"))
        if option.get("description") is not None:
            here.at("description").text(option["description"], 0, 100)
        if option.get("value") in seen:
            here.at("value").add(
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used"
            )
        seen.add(option.get("value"))


def _text_input(field: dict[str, Any], at: Problems) -> None:
    at.at("custom_id").text(field.get("custom_id"), 1, 100)
    at.at("style").whole(field.get("style"), 1, 2)
    if field.get("min_length") is not None:
        at.at("min_length").whole(field["min_length"], 0, 4000)
    if field.get("max_length") is not None:
        at.at("max_length").whole(field["max_length"], 1, 4000)
    if field.get("value") is not None:
        at.at("value").text(field["value"], 0, min(field.get("max_length") or 4000, 4000))
    if field.get("placeholder") is not None:
        at.at("placeholder").text(field["placeholder"], 0, 100)


def _field(field: dict[str, Any], at: Problems) -> None:
    at.at("custom_id").text(field.get("custom_id"), 1, 100)
    if field["type"] == UPLOAD:
        _range(field, at, 10)
    elif field["type"] == RADIO:
        options(field.get("options"), at.at("options"), 2, 10)
    elif field["type"] == CHECKS:
        options(field.get("options"), at.at("options"), 1, 10)


_RULES = {
    BUTTON: _button,
    **dict.fromkeys(SELECTS, _select),
    TEXT_INPUT: _text_input,
    TEXT: _text,
    THUMBNAIL: _picture,
    GALLERY: _gallery,
    FILE: _file,
    **dict.fromkeys((UPLOAD, RADIO, CHECKS, CHECK), _field),
}
