"""What the prefilter can object to: UserAPI's eight labels (seed: prefilter_result)."""

from __future__ import annotations

from enum import StrEnum


class Label(StrEnum):
    """Why a request would not be sent to the generator."""

    TOXICITY = "TOXICITY"
    SEVERE_TOXICITY = "SEVERE_TOXICITY"
    IDENTITY_ATTACK = "IDENTITY_ATTACK"
    INSULT = "INSULT"
    PROFANITY = "PROFANITY"
    THREAT = "THREAT"
    SEXUALLY_EXPLICIT = "SEXUALLY_EXPLICIT"
    FLIRTATION = "FLIRTATION"
