"""What exactly is posted for a job: its command, button or form, with pictures uploaded where Midjourney needs that.

A picture goes up under an address of Discord's when Midjourney could not fetch it: one handed in as a file, one under
our own public address, one of a message that only the bot can see. Everything else is sent as the user wrote it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from engine.core.ownpictures import OwnPictures
from engine.model.actions import (
    ENVELOPE,
    ActionKind,
    ModalAnswer,
    Reaction,
    RegionAnswer,
    Service,
    ServiceCall,
    Slash,
    Submission,
    Uploaded,
)
from engine.model.catalogue import entry_of
from engine.model.errors import InvalidInput, Refused
from engine.model.faceswap import SAVE, SWAP
from engine.model.inputs import ImageInput
from engine.model.jobs import Job
from engine.model.prompts import MAX_PROMPT, read_prompt, with_uploads
from engine.ports import Inputs, Session

_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif"}
_BOTS_OWN = "/ephemeral-attachments/"


@dataclass(frozen=True, slots=True)
class Composed:
    """What leaves for a job, and the prompt where it is not the job's own."""

    submission: Submission
    sent_prompt: str | None = None


class Composer:
    """Composes for one account. `nonce` makes one for each message that an upload needs."""

    def __init__(self, inputs: Inputs, own: OwnPictures, nonce: Callable[[], str]) -> None:
        self._inputs = inputs
        self._own = own
        self._nonce = nonce

    async def compose(self, job: Job, session: Session) -> Composed:
        """The submission of a queued job.

        Raises:
            Refused: it can never be sent: a picture is none, or Discord does not take it.
            Unavailable: a picture could not be fetched or uploaded now.
        """
        if job.click is not None:
            return Composed(job.click)
        given = job.given
        match job.action.kind:
            case ActionKind.IMAGINE:
                return await self._imagine(job, session)
            case ActionKind.BLEND:
                return Composed(await self._blend(job, session))
            case ActionKind.DESCRIBE:
                return Composed(await self._describe(job, session))
            case ActionKind.FACE_SWAP:
                source, target = given.images
                await self._content(target)  # what cannot be changed is told before a command is spent
                return Composed(await self._for_swap(job, SAVE, source, session))
            case ActionKind.SEED if given.message is not None:
                return Composed(Reaction(*given.message, ENVELOPE))
            case _ if entry_of(job.action).service is not Service.MIDJOURNEY:
                image = (await self._content(given.images[0]))[0] if given.images else None
                return Composed(ServiceCall(job.action, job.prompt, given.options, image))
            case _:
                return Composed(_slash(job, *_words(job)))

    async def answer(self, job: Job, session: Session) -> Submission:
        """What is posted when Midjourney asked back: the job's own words, or the form as it came.

        Raises:
            NotFound: the mask is not kept any more.
            Refused, Unavailable: as `compose`, for the second command of a face swap.
        """
        modal = job.modal
        assert modal is not None
        if job.action.kind is ActionKind.FACE_SWAP:
            return await self._for_swap(job, SWAP, job.given.images[1], session)
        if modal.frame_path is not None:
            if job.given.mask is None:
                raise Refused("Midjourney opened its region editor, and the job has no mask")
            mask = await self._inputs.read(job.given.mask)
            return RegionAnswer(job.application_id, modal.custom_id, mask, job.given.words or job.prompt)
        return ModalAnswer(
            job.application_id, modal.interaction_id, modal.custom_id, _filled(job.given.words, modal.fields)
        )

    async def _imagine(self, job: Job, session: Session) -> Composed:
        words = job.prompt
        if "://" in words:
            prompt = read_prompt(words)
            links = {link.url for link in prompt.links if self._needs_upload(link.url)}
            uploads = {link: await self._post(ImageInput(link), session) for link in sorted(links)}
            words = with_uploads(prompt, uploads)
        in_front = [
            image.address
            if image.address is not None and not self._needs_upload(image.address)
            else await self._post(image, session)
            for image in job.given.images
        ]
        sent = " ".join([*in_front, words])
        if len(sent) > MAX_PROMPT:
            raise InvalidInput(
                "prompt", f"is {len(sent)} characters long with its pictures", allowed=f"at most {MAX_PROMPT}"
            )
        submission = Slash(job.application_id, "imagine", (("prompt", sent),))
        return Composed(submission, None if sent == job.prompt else sent)

    async def _blend(self, job: Job, session: Session) -> Slash:
        files = [await self._upload(image, session) for image in job.given.images]
        options: list[tuple[str, str | Uploaded]] = [(f"image{n}", file) for n, file in enumerate(files, start=1)]
        if job.given.dimensions is not None:
            options.append(("dimensions", job.given.dimensions))
        return _slash(job, *options)

    async def _describe(self, job: Job, session: Session) -> Slash:
        (image,) = job.given.images
        if image.address is not None and not self._needs_upload(image.address):
            return _slash(job, ("link", image.address))
        return _slash(job, ("image", await self._upload(image, session)))

    async def _for_swap(self, job: Job, command: str, image: ImageInput, session: Session) -> Slash:
        file = await self._upload(image, session)
        return Slash(job.application_id, command, (("idname", job.given.value or ""), ("image", file)))

    def _needs_upload(self, address: str) -> bool:
        """Whether Midjourney could not fetch it."""
        if address.startswith("data:") or self._own.has(address):
            return True
        return _BOTS_OWN in urlsplit(address).path

    async def _post(self, image: ImageInput, session: Session) -> str:
        file = await self._upload(image, session)
        (attachment, *_) = await session.post([file], self._nonce())
        return attachment.url

    async def _upload(self, image: ImageInput, session: Session) -> Uploaded:
        content, name = await self._content(image)
        ending = name[name.rfind(".") :]
        return await session.upload(name, content, _TYPES.get(ending, "image/png"))

    async def _content(self, image: ImageInput) -> tuple[bytes, str]:
        """The bytes, and a file name whose ending tells what they are (a wrong one gives "Invalid link", §1.4)."""
        if image.kept is not None:
            kept = image.kept
            return await self._inputs.read(kept), kept
        assert image.address is not None
        own = await self._own.read(image.address)
        content = own if own is not None else await self._inputs.fetch(image.address, self._own.hosts())
        kept = await self._inputs.keep(content)
        return content, kept


def _slash(job: Job, *options: tuple[str, str | Uploaded]) -> Slash:
    command = entry_of(job.action).command
    assert command is not None, job.action.name
    return Slash(job.application_id, command, options)


def _words(job: Job) -> tuple[tuple[str, str], ...]:
    """The options of a command that takes words alone."""
    match job.action.kind:
        case ActionKind.SHORTEN:
            return (("prompt", job.prompt),)
        case ActionKind.SHOW:
            return (("job_id", job.given.value or ""),)
        case ActionKind.SUFFIX if job.given.value:
            return (("new_value", job.given.value),)
        case _:
            return ()


def _filled(words: str | None, fields: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    if words is None or not fields:
        return fields
    (first, _), *others = fields
    return ((first, words), *others)
