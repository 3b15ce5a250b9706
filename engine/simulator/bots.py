"""What the gateway asks of the side on which bots live: whose token it is, and what a session is greeted with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from engine.simulator.connection import Session


class Bots(Protocol):
    """What the gateway asks of the bot's side."""

    def holder_of(self, presented: Any) -> Any:
        """The application of a token, or None."""

    def is_bot(self, session: Session) -> bool:
        """Whether a session is the bot's."""

    def refusal(self, body: dict[str, Any]) -> tuple[int, str] | None:
        """The close code and words for an IDENTIFY that is not taken."""

    def greet(self, session: Session, address: str) -> None:
        """READY and what follows it; `address` is where it resumes."""

    def members(self, session: Session, body: dict[str, Any]) -> None:
        """Answer an op 8."""

    def revoke(self) -> None:
        """The bot's token dies."""
