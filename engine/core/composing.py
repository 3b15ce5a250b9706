"""What exactly is posted for a job: its command, button or form, with pictures uploaded where Midjourney needs that.

A picture goes up under an address of Discord's when Midjourney could not fetch it: one handed in as a file, one under
our own public address, one of a message that only the bot can see, one in the operator's own network. A link of
Discord's that has expired is sent as the one that Discord signs anew. Everything else is sent as the user wrote it. The
words of a form go through this before the press that opens it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.core.gathering import Pictures, words_of
from engine.model.actions import (
    ENVELOPE,
    ActionKind,
    Click,
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
from engine.model.prompts import MAX_PROMPT, fetched_links, read_prompt, with_uploads
from engine.ports import Clock, Inputs, Session

_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif"}


@dataclass(frozen=True, slots=True)
class Composed:
    """What leaves for a job, and the prompt where it is not the job's own."""

    submission: Submission
    sent_prompt: str | None = None


class Composer:
    """Composes for one account. `nonce` makes one for each message that an upload needs."""

    def __init__(self, inputs: Inputs, pictures: Pictures, clock: Clock, nonce: Callable[[], str]) -> None:
        self._inputs = inputs
        self._clock = clock
        self._pictures = pictures
        self._nonce = nonce

    async def compose(self, job: Job, session: Session) -> Composed:
        """The submission of a queued job.

        Raises:
            Refused: it can never be sent: a picture is none, or Discord does not take it, or the words get too long.
            Unavailable: a picture could not be fetched or uploaded now.
        """
        if job.click is not None:
            return await self._press(job, job.click, session)
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
                await self._content(job, target, session)  # what cannot be changed is told before a command is spent
                return Composed(await self._for_swap(job, SAVE, source, session))
            case ActionKind.SEED if given.message is not None:
                return Composed(Reaction(*given.message, ENVELOPE))
            case _ if entry_of(job.action).service is not Service.MIDJOURNEY:
                image = (await self._pictures.content(job.id, given.images[0]))[0] if given.images else None
                return Composed(ServiceCall(job.action, job.prompt, given.options, image))
            case _:
                return await self._command(job, session)

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
            told = job.sent_prompt or job.given.words or job.prompt
            return RegionAnswer(job.application_id, modal.custom_id, mask, told)
        words = None if job.given.words is None else job.sent_prompt or job.given.words
        return ModalAnswer(job.application_id, modal.interaction_id, modal.custom_id, _filled(words, modal.fields))

    async def _command(self, job: Job, session: Session) -> Composed:
        """A command that takes words alone, or nothing."""
        match job.action.kind:
            case ActionKind.SHORTEN:
                name, asked, field = "prompt", job.prompt, "prompt"
            case ActionKind.SUFFIX if job.given.value:
                name, asked, field = "new_value", job.given.value, "suffix"
            case ActionKind.SHOW:
                return Composed(_slash(job, ("job_id", job.given.value or "")))
            case _:
                return Composed(_slash(job))
        sent = await self._with_uploads(job, asked, session, field=field)
        return Composed(_slash(job, (name, sent)), _other(sent, asked))

    async def _press(self, job: Job, click: Click, session: Session) -> Composed:
        """A press, with the words that its form will get: its own or, in the region editor, the parent's."""
        words = words_of(job)
        if words is None:
            return Composed(click)
        return Composed(click, _other(await self._with_uploads(job, words, session), words))

    async def _imagine(self, job: Job, session: Session) -> Composed:
        words = await self._with_uploads(job, job.prompt, session)
        in_front = [
            await self._link(image.address, session)
            if image.address is not None and not self._pictures.needs_upload(job.id, image.address)
            else await self._post(job, image, session)
            for image in job.given.images
        ]
        sent = " ".join([*in_front, words])
        _check_length(sent, "prompt")
        submission = Slash(job.application_id, "imagine", (("prompt", sent),))
        return Composed(submission, _other(sent, job.prompt))

    async def _with_uploads(self, job: Job, words: str, session: Session, *, field: str = "prompt") -> str:
        """The words with links that Midjourney can fetch in the place of those that it could not."""
        if "://" not in words:
            return words
        prompt = read_prompt(words)
        taken_place: dict[str, str] = {}
        for link in sorted({link.url for link in fetched_links(prompt)}):
            if self._pictures.needs_upload(job.id, link):
                taken_place[link] = await self._post(job, ImageInput(link), session)
            elif (opens := await self._link(link, session, field)) != link:
                taken_place[link] = opens
        if not taken_place:
            return words
        sent = with_uploads(prompt, taken_place)
        _check_length(sent, field)
        return sent

    async def _blend(self, job: Job, session: Session) -> Slash:
        files = [await self._upload(job, image, session) for image in job.given.images]
        options: list[tuple[str, str | Uploaded]] = [(f"image{n}", file) for n, file in enumerate(files, start=1)]
        if job.given.dimensions is not None:
            options.append(("dimensions", job.given.dimensions))
        return _slash(job, *options)

    async def _describe(self, job: Job, session: Session) -> Slash:
        (image,) = job.given.images
        if image.address is not None and not self._pictures.needs_upload(job.id, image.address):
            return _slash(job, ("link", await self._link(image.address, session)))
        return _slash(job, ("image", await self._upload(job, image, session)))

    async def _for_swap(self, job: Job, command: str, image: ImageInput, session: Session) -> Slash:
        file = await self._upload(job, image, session)
        return Slash(job.application_id, command, (("idname", job.given.value or ""), ("image", file)))

    async def _post(self, job: Job, image: ImageInput, session: Session) -> str:
        file = await self._upload(job, image, session)
        (attachment, *_) = await session.post([file], self._nonce())
        return attachment.url

    async def _link(self, address: str, session: Session, field: str = "image") -> str:
        """The address, or what Discord signs anew for one of its own that has expired.

        Raises:
            InvalidInput: Discord does not open it any more.
            Unavailable: it cannot be asked now.
        """
        if not self._pictures.is_expired(address, self._clock.now()):
            return address
        fresh = (await session.refresh([address])).get(address)
        if fresh is None:
            said = (
                f"holds a link of Discord's that has expired, and Discord gives no new one: {address.partition('?')[0]}"
            )
            raise InvalidInput(field, said, allowed="a link that opens, or the picture itself")
        return fresh

    async def _content(self, job: Job, image: ImageInput, session: Session) -> tuple[bytes, str]:
        address = image.address
        opens = None if address is None or self._pictures.keeps(job.id, address) else await self._link(address, session)
        return await self._pictures.content(job.id, image, opens)

    async def _upload(self, job: Job, image: ImageInput, session: Session) -> Uploaded:
        content, name = await self._content(job, image, session)
        ending = name[name.rfind(".") :]
        return await session.upload(name, content, _TYPES.get(ending, "image/png"))


def _slash(job: Job, *options: tuple[str, str | Uploaded]) -> Slash:
    command = entry_of(job.action).command
    assert command is not None, job.action.name
    return Slash(job.application_id, command, options)


def _other(sent: str, asked: str) -> str | None:
    """What is sent, where that is not what was asked for."""
    return None if sent == asked else sent


def _check_length(sent: str, field: str) -> None:
    if len(sent) > MAX_PROMPT:
        raise InvalidInput(field, f"is {len(sent)} characters long with its pictures", allowed=f"at most {MAX_PROMPT}")


def _filled(words: str | None, fields: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    if words is None or not fields:
        return fields
    (first, _), *others = fields
    return ((first, words), *others)
