"""How a workspace's rules are changed: checked, whole or not at all, with an entry in the audit log."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from engine.model.errors import Conflict, InvalidInput, NotFound, Unavailable
from engine.model.moderation import Rule, RuleBook, RuleDraft, Verdict, WordList, checked, compiled, plain_rule
from engine.model.moderation.kept import AuditEntry, Refusal
from engine.model.moderation.rules import MOST_RULES
from engine.model.moderation.sheet import read, written
from engine.model.prompts.text import check_text
from engine.ports import Clock, RuleEdit, Store

TRIES = 10
"""How often an edit is made anew because somebody else's came first."""
EASEL = "Easel"

Changed = Callable[[str, RuleBook], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is to become of a book of rules."""

    add: tuple[RuleDraft, ...] = ()
    change: tuple[Rule, ...] = ()
    remove: tuple[Rule, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.add or self.change or self.remove)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, in rules."""

    added: int
    changed: int
    removed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What both lists say about a text."""

    block: Verdict
    prefilter: Verdict


class Rulemaking:
    """The desk for rules, refusals and the audit log.

    `defaults` are what a workspace begins with; `changed` is told of every edit of this process, once it is stored.
    """

    def __init__(
        self, store: Store, clock: Clock, defaults: Sequence[RuleDraft] = (), changed: Changed | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._defaults = tuple(defaults)
        self._changed = changed

    async def book(self, workspace_id: str) -> RuleBook:
        """The rules as they are stored; a workspace that never had any gets the defaults now."""
        book = await self._store.rule_book(workspace_id)
        if book.version or not self._defaults:
            return book
        try:
            return await self._store_edit(workspace_id, book, _Wish(self._defaults), EASEL, "default words") or book
        except Conflict:  # another process was first
            return await self._store.rule_book(workspace_id)

    async def rules(
        self, workspace_id: str, *, word_list: WordList | None = None, after: int = 0, limit: int = MOST_RULES
    ) -> list[Rule]:
        """The rules with a higher id than `after`, oldest first."""
        book = await self.book(workspace_id)
        found = [rule for rule in book.rules if rule.id > after and word_list in {None, rule.says.word_list}]
        return found[:limit]

    async def add(self, workspace_id: str, draft: RuleDraft, who: str) -> Rule:
        """Add a rule.

        Raises:
            InvalidInput: it cannot be one, or there are too many.
            Conflict: there is one of the same sense.
        """
        wanted = checked(draft)

        def wish(book: RuleBook) -> _Wish:
            _check_alone(book.rules, wanted)
            return _Wish(add=(wanted,))

        return (await self._edit(workspace_id, who, "rule added", wish)).rules[-1]

    async def change(self, workspace_id: str, rule_id: int, draft: RuleDraft, who: str) -> Rule:
        """Put another rule in the place of one, under its id.

        Raises:
            NotFound: the workspace has no such rule.
            InvalidInput: it cannot be one.
            Conflict: there is another one of the same sense.
        """
        wanted = checked(draft)

        def wish(book: RuleBook) -> _Wish:
            old = _found(book, rule_id)
            _check_alone([rule for rule in book.rules if rule.id != rule_id], wanted)
            return _Wish(change=(Rule(rule_id, wanted),)) if old.says != wanted else _Wish()

        return _found(await self._edit(workspace_id, who, "rule changed", wish), rule_id)

    async def remove(self, workspace_id: str, rule_id: int, who: str) -> Rule:
        """Remove a rule; returns it as it was. Raises NotFound."""
        gone: list[Rule] = []

        def wish(book: RuleBook) -> _Wish:
            gone[:] = [_found(book, rule_id)]
            return _Wish(remove=tuple(gone))

        await self._edit(workspace_id, who, "rule removed", wish)
        return gone[0]

    async def block_words(self, workspace_id: str) -> list[str]:
        """The plain block words: what a bare list of words can say."""
        return [rule.says.text for rule in (await self.book(workspace_id)).rules if rule.says.is_plain]

    async def replace_block_words(self, workspace_id: str, words: Sequence[str], who: str) -> list[str]:
        """Put these in the place of the plain block words; every other rule stays. Returns them as they are then.

        Raises:
            InvalidInput: an entry cannot be a rule; `banWords[3]` names it.
        """
        drafts: dict[object, RuleDraft] = {}
        for number, word in enumerate(words):
            try:
                draft = plain_rule(word)
            except InvalidInput as error:
                raise InvalidInput(
                    f"banWords[{number}]", error.problem, value=error.value, allowed=error.allowed
                ) from error
            drafts.setdefault(draft.sense, draft)

        def wish(book: RuleBook) -> _Wish:
            others = {rule.says.sense for rule in book.rules if not rule.says.is_plain}
            wanted = {sense: draft for sense, draft in drafts.items() if sense not in others}
            return _exchange([rule for rule in book.rules if rule.says.is_plain], wanted)

        await self._edit(workspace_id, who, "block words replaced", wish)
        return await self.block_words(workspace_id)

    async def import_rules(self, workspace_id: str, text: str, who: str, *, replace_all: bool = False) -> Imported:
        """Take the rules of a sheet: new ones are added, those of the same sense changed. All or nothing.

        Args:
            workspace_id: whose.
            text: see `model.moderation.sheet`.
            who: for the audit log.
            replace_all: remove what the sheet does not have.

        Raises:
            InvalidInput: a line is no rule, or there would be too many.
        """
        drafts: dict[object, RuleDraft] = {draft.sense: draft for draft in read(text)}
        counted: list[Imported] = []

        def wish(book: RuleBook) -> _Wish:
            made = _exchange(book.rules, drafts)
            if not replace_all:
                made = _Wish(made.add, made.change)
            same = len(drafts) - len(made.add) - len(made.change)
            counted[:] = [Imported(len(made.add), len(made.change), len(made.remove), same)]
            return made

        await self._edit(workspace_id, who, "rules imported", wish)
        return counted[0]

    async def export_rules(self, workspace_id: str) -> str:
        """All rules as a sheet."""
        return written(rule.says for rule in (await self.book(workspace_id)).rules)

    async def findings(self, workspace_id: str, text: str) -> Findings:
        """What the rules, as they are stored now, say about a text; nothing is kept.

        Raises:
            InvalidInput: it is no text, or too long.
        """
        words = check_text(text)
        both = await asyncio.to_thread(compiled, await self.book(workspace_id))
        return Findings(both.judged(WordList.BLOCK, [words]), both.judged(WordList.PREFILTER, [words]))

    async def refusals(self, workspace_id: str, limit: int, before: int | None = None) -> list[Refusal]:
        """Refused requests, newest first."""
        return await self._store.refusals(workspace_id, limit, before)

    async def audit(self, workspace_id: str, limit: int, before: int | None = None) -> list[AuditEntry]:
        """The audit log, newest first."""
        return await self._store.audit(workspace_id, limit, before)

    async def _edit(self, workspace_id: str, who: str, what: str, wish: Callable[[RuleBook], _Wish]) -> RuleBook:
        """Make the edit for the rules as they are, anew when they were changed meanwhile."""
        for _ in range(TRIES):
            book = await self.book(workspace_id)
            wanted = wish(book)
            if not wanted:
                return book
            if len(book.rules) + len(wanted.add) - len(wanted.remove) > MOST_RULES:
                raise InvalidInput("rules", "would be too many", allowed=f"at most {MOST_RULES} in a workspace")
            try:
                edited = await self._store_edit(workspace_id, book, wanted, who, what)
            except Conflict:
                edited = None
            if edited is not None:
                return edited
        raise Unavailable("the rules are being changed by others all the time")

    async def _store_edit(self, workspace_id: str, book: RuleBook, wish: _Wish, who: str, what: str) -> RuleBook | None:
        before = {rule.id: rule.says for rule in book.rules}
        old = [before[rule.id] for rule in wish.change] + [rule.says for rule in wish.remove]
        new = [rule.says for rule in wish.change] + list(wish.add)
        entry = AuditEntry(
            workspace_id=workspace_id,
            who=who,
            what=what,
            before=written(old) or None,
            after=written(new) or None,
            at=self._clock.now(),
        )
        gone = tuple(rule.id for rule in wish.remove)
        edited = await self._store.edit_rules(
            RuleEdit(
                workspace_id=workspace_id,
                version=book.version,
                add=wish.add,
                change=wish.change,
                remove=gone,
                audit=entry,
            )
        )
        if edited is not None and self._changed is not None:
            await self._changed(workspace_id, edited)
        return edited


def _exchange(rules: Sequence[Rule], wanted: dict[object, RuleDraft]) -> _Wish:
    """What makes the wanted rules of these: those of the same sense keep their ids."""
    known = {rule.says.sense: rule for rule in rules}
    changed = [Rule(rule.id, wanted[sense]) for sense, rule in known.items() if sense in wanted]
    return _Wish(
        add=tuple(draft for sense, draft in wanted.items() if sense not in known),
        change=tuple(rule for rule in changed if rule.says != known[rule.says.sense].says),
        remove=tuple(rule for sense, rule in known.items() if sense not in wanted),
    )


def _found(book: RuleBook, rule_id: int) -> Rule:
    for rule in book.rules:
        if rule.id == rule_id:
            return rule
    raise NotFound(f"no rule {rule_id}")


def _check_alone(rules: Sequence[Rule], draft: RuleDraft) -> None:
    for rule in rules:
        if rule.says.sense == draft.sense:
            raise Conflict(f"rule {rule.id} already says that: {rule.says.kind} {rule.says.text!r}")
