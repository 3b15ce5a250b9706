"""How values are declared: a type checker sees frozen dataclasses, the interpreter makes them at a third of the cost.

`@dataclass(frozen=True)` writes each field through `object.__setattr__`: 3 µs for a sighting, half a millisecond for
all values of one job. `make check` runs mypy in strict mode over everything that ships, so the check at run time was
paid for a mistake that cannot be committed. `@value` is checked as that very decorator, but what runs writes plain
slots. The rest stays: equal by content, hashable, replaced and matched as dataclasses are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:
    import dataclasses

    def value(*, frozen: bool, slots: bool = False, kw_only: bool = False) -> Callable[[type], type]:
        """`dataclasses.dataclass`, frozen by the type checker alone."""
        assert frozen  # a reader must see at the class what the type checker holds it to
        return dataclasses.dataclass(unsafe_hash=True, slots=slots, kw_only=kw_only)


__all__ = ["value"]
