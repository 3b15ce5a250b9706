"""The door of the engine: the names that the bot, the API and scripts may use.

`Engine` answers requests; the rest are its words. Parts are loaded when they are first named, so that a process which
only needs a corner of the package (the simulator) does not carry the whole engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.core.administration import AccountToLink
    from engine.core.community.desks import Community
    from engine.core.community.guilds import NewCode
    from engine.core.community.members import Usage
    from engine.core.community.permits import Asker, Choice, Permit, Presence
    from engine.core.community.requests import Preview
    from engine.core.engine import Engine
    from engine.core.feed import Feed
    from engine.core.options import EngineOptions
    from engine.core.outlook import Outlook
    from engine.core.status import Status
    from engine.line import HttpAnswer, Line, shared_context
    from engine.model.accounts import AccountState
    from engine.model.actions import Action, ActionKind
    from engine.model.catalogue import action_named, action_of_custom_id, entry_of
    from engine.model.choosing import Waiting
    from engine.model.community.cards import Card, CardState, LostCard
    from engine.model.community.guilds import (
        LANGUAGES,
        Guild,
        GuildSettings,
        Layout,
        NsfwRule,
        Operator,
        Presses,
        RoleTerms,
        Terms,
    )
    from engine.model.community.people import (
        DIALECT,
        InDiscord,
        Member,
        Notice,
        Person,
        Restrained,
        Restraint,
        Strike,
        requester_of,
        user_of,
    )
    from engine.model.community.permission import Deed, Denial, Denied, Where, is_moderator, is_spoiler
    from engine.model.community.reports import Alert, AlertKind, BotState, Removal, Report, Settled
    from engine.model.community.styles import Style, styled
    from engine.model.entries import Asks, Makes
    from engine.model.errors import (
        AccountStopped,
        BadSetting,
        Banned,
        Conflict,
        EaselError,
        Hindrance,
        InvalidInput,
        NotAllowed,
        NotConfigured,
        NotFound,
        NotOffered,
        OverQuota,
        Refused,
        TooMany,
        Unauthenticated,
        Unavailable,
        UnknownJob,
    )
    from engine.model.flux import FluxWishes, options_of
    from engine.model.hooks import WorkspaceHook
    from engine.model.inputs import Given, ImageInput
    from engine.model.jobs import (
        Component,
        Failure,
        FailureReason,
        Job,
        JobState,
        JobUpdate,
        Mode,
        Origin,
        Picture,
        Progress,
        Request,
        Result,
    )
    from engine.model.keys import Scope
    from engine.model.moderation import Kind, Rule, RuleDraft, Severity, WordList
    from engine.model.prompts import with_fields
    from engine.model.prompts.choices import aspects, stylize_range, version_flag, versions
    from engine.model.quotas import Period, Quota, read_quota
    from engine.model.reasons import Ruling, why_of
    from engine.ports.listing import JobPage, Place

__version__ = "0.1.0"

_HOMES = {
    "engine.core.administration": ("AccountToLink",),
    "engine.core.community.desks": ("Community",),
    "engine.core.community.guilds": ("NewCode",),
    "engine.core.community.members": ("Usage",),
    "engine.core.community.permits": ("Asker", "Choice", "Permit", "Presence"),
    "engine.core.community.requests": ("Preview",),
    "engine.core.engine": ("Engine",),
    "engine.core.feed": ("Feed",),
    "engine.core.options": ("EngineOptions",),
    "engine.core.outlook": ("Outlook",),
    "engine.core.status": ("Status",),
    "engine.line": ("HttpAnswer", "Line", "shared_context"),
    "engine.model.accounts": ("AccountState",),
    "engine.model.actions": ("Action", "ActionKind"),
    "engine.model.catalogue": ("action_named", "action_of_custom_id", "entry_of"),
    "engine.model.choosing": ("Waiting",),
    "engine.model.community.cards": ("Card", "CardState", "LostCard"),
    "engine.model.community.guilds": (
        "LANGUAGES",
        "Guild",
        "GuildSettings",
        "Layout",
        "NsfwRule",
        "Operator",
        "Presses",
        "RoleTerms",
        "Terms",
    ),
    "engine.model.community.people": (
        "DIALECT",
        "Member",
        "Notice",
        "Person",
        "InDiscord",
        "Restrained",
        "Restraint",
        "Strike",
        "requester_of",
        "user_of",
    ),
    "engine.model.community.permission": ("Deed", "Denial", "Denied", "Where", "is_moderator", "is_spoiler"),
    "engine.model.community.reports": ("Alert", "AlertKind", "BotState", "Removal", "Report", "Settled"),
    "engine.model.community.styles": ("Style", "styled"),
    "engine.model.entries": ("Asks", "Makes"),
    "engine.model.errors": (
        "AccountStopped",
        "BadSetting",
        "Banned",
        "Conflict",
        "EaselError",
        "Hindrance",
        "InvalidInput",
        "NotAllowed",
        "NotConfigured",
        "NotFound",
        "NotOffered",
        "OverQuota",
        "Refused",
        "TooMany",
        "Unauthenticated",
        "Unavailable",
        "UnknownJob",
    ),
    "engine.model.flux": ("FluxWishes", "options_of"),
    "engine.model.hooks": ("WorkspaceHook",),
    "engine.model.inputs": ("Given", "ImageInput"),
    "engine.model.jobs": (
        "Component",
        "Failure",
        "FailureReason",
        "Job",
        "JobState",
        "JobUpdate",
        "Mode",
        "Origin",
        "Picture",
        "Progress",
        "Request",
        "Result",
    ),
    "engine.model.keys": ("Scope",),
    "engine.model.moderation": ("Kind", "Rule", "RuleDraft", "Severity", "WordList"),
    "engine.model.prompts": ("with_fields",),
    "engine.model.prompts.choices": ("aspects", "stylize_range", "version_flag", "versions"),
    "engine.model.quotas": ("Period", "Quota", "read_quota"),
    "engine.model.reasons": ("Ruling", "why_of"),
    "engine.ports.listing": ("JobPage", "Place"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "DIALECT",
    "LANGUAGES",
    "AccountState",
    "AccountStopped",
    "AccountToLink",
    "Action",
    "ActionKind",
    "Alert",
    "AlertKind",
    "Asker",
    "Asks",
    "BadSetting",
    "Banned",
    "BotState",
    "Card",
    "CardState",
    "Choice",
    "Community",
    "Component",
    "Conflict",
    "Deed",
    "Denial",
    "Denied",
    "EaselError",
    "Engine",
    "EngineOptions",
    "Failure",
    "FailureReason",
    "Feed",
    "FluxWishes",
    "Given",
    "Guild",
    "GuildSettings",
    "Hindrance",
    "HttpAnswer",
    "ImageInput",
    "InDiscord",
    "InvalidInput",
    "Job",
    "JobPage",
    "JobState",
    "JobUpdate",
    "Kind",
    "Layout",
    "Line",
    "LostCard",
    "Makes",
    "Member",
    "Mode",
    "NewCode",
    "NotAllowed",
    "NotConfigured",
    "NotFound",
    "NotOffered",
    "Notice",
    "NsfwRule",
    "Operator",
    "Origin",
    "Outlook",
    "OverQuota",
    "Period",
    "Permit",
    "Person",
    "Picture",
    "Place",
    "Presence",
    "Presses",
    "Preview",
    "Progress",
    "Quota",
    "Refused",
    "Removal",
    "Report",
    "Request",
    "Restrained",
    "Restraint",
    "Result",
    "RoleTerms",
    "Rule",
    "RuleDraft",
    "Ruling",
    "Scope",
    "Settled",
    "Severity",
    "Status",
    "Strike",
    "Style",
    "Terms",
    "TooMany",
    "Unauthenticated",
    "Unavailable",
    "UnknownJob",
    "Usage",
    "Waiting",
    "Where",
    "WordList",
    "WorkspaceHook",
    "__version__",
    "action_named",
    "action_of_custom_id",
    "aspects",
    "entry_of",
    "is_moderator",
    "is_spoiler",
    "options_of",
    "read_quota",
    "requester_of",
    "shared_context",
    "styled",
    "stylize_range",
    "user_of",
    "version_flag",
    "versions",
    "why_of",
    "with_fields",
]


def __getattr__(name: str) -> Any:
    """Load a name of the door from its home."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)
