"""How the engine behaves: what its owner may set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.core.desks import Linking
from engine.core.services import ServicePlace
from engine.model.actions import Action, ActionKind, Service
from engine.model.addresses import Network
from engine.model.catalogue import entry_of
from engine.model.limits import Limits
from engine.model.moderation import RuleDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """How the engine behaves; every value is a setting."""

    version: str
    pace_seconds: float = 2.0
    limits: Limits = field(default_factory=Limits)
    lease_seconds: float = 30.0
    post_timeout_seconds: float = 5.0
    sole_owner: bool = True
    """A lock keeps every other process from this store, so a lease left behind counts as free."""
    picture_concurrency: int = 4
    copy_pictures: bool = True
    little_room: int = 1 << 30
    """Operators are told when fewer bytes are free where pictures are kept."""
    upstream_hosts: frozenset[str] = frozenset()
    allow_networks: tuple[Network, ...] = ()
    """Where addresses of users may lie although it is not public."""
    public_url: str = ""
    """Where we are reached; what lies there is uploaded, because Midjourney could not fetch it."""
    default_rules: tuple[RuleDraft, ...] = ()
    """What a workspace's rules begin with."""
    services: Mapping[Service, ServicePlace] = field(default_factory=dict)
    """Other services than Midjourney that the settings configure."""
    face_swap: bool = False
    """Whether faces may be swapped: the operator says that whoever is shown agreed."""
    linking: Linking | None = None
    """What accounts get that are linked through the API."""
    switches_remix: bool = False
    """Whether Remix may be turned over for an action that brings words for its form."""

    def offers(self, kind: ActionKind) -> bool:
        """Whether the settings let an action be asked for that is off or not configured at first."""
        if kind is ActionKind.FACE_SWAP:
            return self.face_swap
        service = entry_of(Action(kind)).service
        return service is Service.MIDJOURNEY or service in self.services
