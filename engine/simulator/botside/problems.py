"""How Discord tells all faults of a body at once: Invalid Form Body, each fault under the place of its field."""

from __future__ import annotations

from typing import Any

from engine.simulator.refusals import Refusal, Refused


class Problems:
    """The faults found so far; `at` looks at a part of the body and writes into the same tree."""

    def __init__(self, tree: dict[str, Any] | None = None, path: tuple[str, ...] = ()) -> None:
        self._tree: dict[str, Any] = {} if tree is None else tree
        self._path = path

    def at(self, *steps: str | int) -> Problems:
        """The same collection, at a place further down."""
        return Problems(self._tree, (*self._path, *(str(step) for step in steps)))

    def add(self, code: str, message: str) -> None:
        """Write a fault down at this place."""
        place = self._tree
        for step in self._path:
            place = place.setdefault(step, {})
        place.setdefault("_errors", []).append({"code": code, "message": message})

    def refuse(self) -> None:
        """Raises Refused (400, code 50035) when anything was found."""
        if self._tree:
            raise Refused(Refusal(400, {"message": "Invalid Form Body", "code": 50035, "errors": self._tree}))

    # the usual faults

    def required(self) -> None:
        """A field that must be there is not."""
        self.add("BASE_TYPE_REQUIRED", "This field is required")

    def choices(self, allowed: str) -> None:
        """A value is none of the allowed ones."""
        self.add("BASE_TYPE_CHOICES", f"Value must be one of {allowed}.")

    def text(self, value: Any, low: int, high: int) -> bool:
        """Whether this is a text of such a length."""
        if not isinstance(value, str):
            self.add("STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
        elif len(value) < low:
            if value:
                self.add("BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
            else:
                self.required()
        elif len(value) > high:
            if low > 1:
                self.add("BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
            else:
                self.add("BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
        else:
            return True
        return False

    def listed(self, value: Any, low: int, high: int) -> bool:
        """Whether this is a list of so many."""
        if not isinstance(value, list):
            self.add("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        elif not low <= len(value) <= high:
            self.add("BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        else:
            return True
        return False

    def whole(self, value: Any, low: int, high: int) -> bool:
        """Whether this is a whole number in a range."""
        if type(value) is not int:
            self.add("NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif value < low:
            self.add("NUMBER_TYPE_MIN", f"int value should be greater than or equal to {low}.")
        elif value > high:
            self.add("NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")
        else:
            return True
        return False

    def table(self, value: Any) -> bool:
        """Whether this is an object."""
        if isinstance(value, dict):
            return True
        self.add("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return False

    def address(self, value: Any, schemes: tuple[str, ...], most: int = 2048) -> bool:
        """Whether this is an address with one of these schemes."""
        if not self.text(value, 1, most):
            return False
        scheme = value.partition("://")[0] if "://" in value else ""
        if scheme not in schemes:
            words = ", ".join(f"'{each}'" for each in schemes)
            self.add("URL_TYPE_INVALID_SCHEME", f'Scheme "{scheme}" must be one of ({words}).')
            return False
        return True
