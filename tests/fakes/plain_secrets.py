"""A vault that seals nothing."""

from __future__ import annotations


class PlainSecrets:
    """Seals nothing: the core only has to carry what it is given."""

    def seal(self, plain: str) -> str:
        return plain

    def unseal(self, sealed: str) -> str:
        return sealed
