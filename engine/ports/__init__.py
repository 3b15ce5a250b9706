"""What the core needs from the outside, as protocols; `drivers`, `store` and `outbound` fulfil them.

Each port has one conformance suite in tests/contracts; a new implementation joins it before it gets tests of its own.
"""

from __future__ import annotations

from engine.ports.changes import (
    AccountChange,
    Change,
    Evidence,
    FactsLearned,
    JobChange,
    KeepEvidence,
    LiveNoted,
    NewRequest,
    Outcome,
    PictureCopied,
    ProgressNote,
    SaveCheckpoint,
)
from engine.ports.community import CommunityStore, Erased, Footing, GalleryWanted, MemberLoad, Traces
from engine.ports.driver import Answer, AnswerKind, Driver, Ended, Live, Lost, Refusal, Seen, Session, SessionNews
from engine.ports.extending import Extender
from engine.ports.journal import JournalEntry, JournalStore
from engine.ports.keys import ApiKey, NewKey
from engine.ports.listing import JobPage, JobsWanted, Place
from engine.ports.moderation import KeepAudit, KeepRefusal, ModerationStore, Objection, Prefilter, RuleEdit
from engine.ports.pictures import Images, Inputs
from engine.ports.store import (
    EvidenceCount,
    Load,
    NewAccount,
    PictureCopy,
    Store,
    Switches,
    Tally,
    Workspace,
)
from engine.ports.surroundings import Clock, Secrets
from engine.ports.webhooks import Attempt, Bodies, Courier, DeliveryCounts, Fate, Letter, Receipt, Said

__all__ = [
    "AccountChange",
    "Answer",
    "AnswerKind",
    "ApiKey",
    "Attempt",
    "Bodies",
    "Change",
    "Clock",
    "CommunityStore",
    "Courier",
    "DeliveryCounts",
    "Driver",
    "Ended",
    "Erased",
    "Evidence",
    "EvidenceCount",
    "Extender",
    "FactsLearned",
    "Fate",
    "Footing",
    "GalleryWanted",
    "Images",
    "Inputs",
    "JobChange",
    "JobPage",
    "JobsWanted",
    "JournalEntry",
    "JournalStore",
    "KeepAudit",
    "KeepEvidence",
    "KeepRefusal",
    "Letter",
    "Live",
    "LiveNoted",
    "Load",
    "Lost",
    "MemberLoad",
    "ModerationStore",
    "NewAccount",
    "NewKey",
    "NewRequest",
    "Objection",
    "Outcome",
    "PictureCopied",
    "PictureCopy",
    "Place",
    "Prefilter",
    "ProgressNote",
    "Receipt",
    "Refusal",
    "RuleEdit",
    "Said",
    "SaveCheckpoint",
    "Secrets",
    "Seen",
    "Session",
    "SessionNews",
    "Store",
    "Switches",
    "Tally",
    "Traces",
    "Workspace",
]
