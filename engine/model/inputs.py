"""What a job is given beside its prompt: pictures, a mask, words for a form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageInput:
    """A picture for a job: the address it was given by, or (`kept`) the name of a file that Easel keeps.

    One that Midjourney cannot fetch is uploaded to the account's channel before the job is sent.
    """

    address: str | None = None
    kept: str | None = None
    filename: str = "image.png"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The arguments of an action; each is empty where the action takes none."""

    images: tuple[ImageInput, ...] = ()
    """For imagine and its kin in front of the prompt, for blend and describe in their options."""
    mask: str | None = None
    """Vary (Region): the kept file; white is redrawn, black is kept, its size is the picture's."""
    words: str | None = None
    """What to write into the form that Midjourney asks back with."""
    dimensions: str | None = None
    """Blend: `--ar 2:3`, `--ar 1:1` or `--ar 3:2`."""
    value: str | None = None
    """The one plain option of a command: a job's uuid for show and seed, the new suffix."""
    message: tuple[str, str] | None = None
    """Seed: channel and message id of the picture that the reaction is put on."""
    options: tuple[tuple[str, str], ...] = ()
    """What another service than Midjourney is told beside the prompt: name and value, by name."""

    awaits_parent: bool = False
    """Its parent was not finished when it was asked for: the button is taken from it when it is."""

    @property
    def kept(self) -> frozenset[str]:
        """The names of the kept files that the job needs."""
        names = {image.kept for image in self.images} | {self.mask}
        return frozenset(name for name in names if name is not None)


NOTHING = Given()
