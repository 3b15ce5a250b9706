"""Whether faces may be swapped here, and under which name a job saves its face."""

from __future__ import annotations

from dataclasses import replace

from engine.model.errors import NotConfigured
from engine.model.faceswap import NamesInTurn
from engine.model.inputs import Given

CONSENT = "subjects-consented"
"""The operator's word that whoever is shown agreed."""


class FaceSwap:
    """Off unless the operator said the word."""

    def __init__(self, *, on: bool) -> None:
        self._on = on
        self._names = NamesInTurn()

    def given(self, given: Given) -> Given:
        """The same pictures with a name for the face.

        Raises:
            NotConfigured: it is off.
        """
        if not self._on:
            raise NotConfigured("swapping faces", f"EASEL_FACE_SWAP={CONSENT}")
        return replace(given, value=self._names.next())
