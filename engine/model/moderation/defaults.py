"""The prefilter's words that a new workspace begins with: few, plain, and the operator's to change.

They were put together for Easel, one or more for each of the eight labels, and are no copy of any service's list.
Words that would refuse ordinary pictures (nude, blood, shot) are left out, or bring the phrases in which they are meant
well.
"""

from __future__ import annotations

from engine.model.moderation.rules import RuleDraft
from engine.model.moderation.sheet import read

TEXT = """\
SEXUALLY_EXPLICIT prefix: porn
SEXUALLY_EXPLICIT word: xxx
SEXUALLY_EXPLICIT word: nsfw
SEXUALLY_EXPLICIT prefix: hentai
SEXUALLY_EXPLICIT word: genitals
SEXUALLY_EXPLICIT phrase: sex scene
SEXUALLY_EXPLICIT prefix: masturbat
SEXUALLY_EXPLICIT word: orgasm
SEXUALLY_EXPLICIT word: topless
SEXUALLY_EXPLICIT word: naked | naked eye | naked mole rat | naked mole rats | naked singularity
PROFANITY prefix: fuck
PROFANITY word: motherfucker
PROFANITY word: shit | shit happens
PROFANITY word: asshole
PROFANITY prefix: bullshit
INSULT word: bastard
INSULT word: moron
INSULT word: imbecile
INSULT phrase: piece of trash
INSULT word: scumbag
TOXICITY phrase: go to hell
TOXICITY phrase: i hate you
SEVERE_TOXICITY phrase high: kill yourself
SEVERE_TOXICITY word high: kys
SEVERE_TOXICITY prefix high: behead
SEVERE_TOXICITY prefix high: dismember
THREAT phrase high: i will kill you
THREAT phrase high: bomb threat
THREAT phrase high: school shooting
IDENTITY_ATTACK phrase high: white power
IDENTITY_ATTACK phrase high: ethnic cleansing
IDENTITY_ATTACK phrase high: racial slur
FLIRTATION word low: seductive
FLIRTATION phrase low: come hither
FLIRTATION phrase low: bedroom eyes
"""


def default_rules() -> tuple[RuleDraft, ...]:
    """The rules of `TEXT`."""
    return tuple(read(TEXT))
