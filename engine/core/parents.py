"""What a finished job offers, and whether the account that made it can still act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.core.remix import remix_is_off
from engine.model.accounts import Account, AccountState
from engine.model.actions import Action, ActionKind, Click
from engine.model.catalogue import action_of_custom_id, entry_of, same_label, stands_for
from engine.model.entries import Asks, Makes
from engine.model.errors import AccountStopped, Conflict, Hindrance, NotFound, NotOffered
from engine.model.jobs import Component, Job, JobState, Result
from engine.model.prompts import Plan
from engine.ports import Store

_MENU = 3
"""Discord's component type of a select, which needs a value and not a press."""


class Parents:
    """Finished jobs as the parents of new ones. `switches_remix`: whether Easel may turn Remix over for an action."""

    def __init__(self, store: Store, *, switches_remix: bool) -> None:
        self._store = store
        self._switches_remix = switches_remix

    def by_label(self, parent: Job, label: str) -> tuple[Action, Component]:
        """What the button of that label does.

        Raises:
            Conflict: the job is not finished.
            NotOffered: its result carries no such button.
        """
        result = _result_of(parent)
        component = result.button(label) or self._by_other_label(parent, label)
        if component is None or component.custom_id is None:
            menus = any(each.type == _MENU for each in result.components)
            more = "; its menu cannot be pressed: a version is chosen in the prompt, by --v or --niji" if menus else ""
            raise NotOffered(f"the job offers no button {label!r} (it offers: {self._names(parent)}){more}")
        return action_of_custom_id(component.custom_id) or Action(ActionKind.PRESS), component

    def _by_other_label(self, parent: Job, label: str) -> Component | None:
        """The button that the catalogue knows by this label too, though the message spells another."""
        for action, component in self.offered(parent):
            if any(same_label(known, label) for known in entry_of(action).labels):
                return component
        return None

    def by_action(self, parent: Job, *actions: Action, early: bool = False) -> tuple[Action, Component | None]:
        """The button that does one of these; `subtle` and `creative` are whatever upscaler of that name the job offers.

        `early`: a parent that is not finished has no button yet, and the first action is taken at its word.

        Raises:
            Conflict: the job is not finished.
            NotOffered: its result carries no button that does this.
        """
        if early and not parent.is_final:
            return actions[0], None
        result = _result_of(parent)
        for offered, component in self.offered(parent):
            if any(_means(action, offered) for action in actions):
                return offered, component
        films = entry_of(parent.action).makes is Makes.VIDEOS
        for action in sorted(actions, key=lambda each: _makes_film(each) is not films):
            if action.kind is ActionKind.SEED and result.pictures:
                return action, None
            template = _template_of(action)
            if template is not None and not result.components and result.uuid is not None:
                # the message was learnt without its buttons: this is the only case in which an id is built
                built = Component(2, template.replace("{uuid}", result.uuid), None, None, None, None, 0, 0)
                return action, built
        raise NotOffered(f"the job offers no {actions[0].name} (it offers: {self._names(parent)})")

    def offered(self, parent: Job) -> Iterator[tuple[Action, Component]]:
        """What each button of the result does, as far as the catalogue knows."""
        for component in parent.result.components if parent.result is not None else ():
            action = action_of_custom_id(component.custom_id) if component.custom_id else None
            if action is not None:
                yield action, component

    async def account_of(self, parent: Job) -> Account:
        """The account that made it; buttons work nowhere else.

        Raises:
            Conflict: it is unlinked or stopped.
        """
        made_by = parent.bound_account_id if parent.account_id is None else parent.account_id
        account = None if made_by is None else await self._store.account(made_by)
        if account is None or account.state is AccountState.UNLINKED:
            raise Conflict(
                "the account that made this picture is no longer linked; its buttons cannot be pressed",
                Hindrance.UNLINKED,
            )
        if account.state is AccountState.STOPPED:
            why = str(account.reason or account.trouble or "")
            raise Conflict(f"the account that made this picture is stopped: {why}", Hindrance.STOPPED, detail=why)
        return account

    async def account(self, workspace_id: str, account_id: int) -> Account:
        """An account of the workspace that can work.

        Raises:
            NotFound: there is no such linked account.
            AccountStopped: it takes no jobs; with the reason.
        """
        account = await self._store.account(account_id)
        if account is None or account.workspace_id != workspace_id or account.state is AccountState.UNLINKED:
            raise NotFound(f"no account {account_id}")
        if account.state is AccountState.STOPPED:
            why = str(account.reason or account.trouble or "")
            raise AccountStopped(f"account {account.name} is stopped: {why}", Hindrance.STOPPED, detail=why)
        return account

    def check_remix(self, account: Account, action: Action) -> None:
        """Whether words can be given with a press.

        Raises:
            Conflict: Remix is known to be off, and Easel may not turn it on.
        """
        if entry_of(action).asks is not Asks.WITH_REMIX:
            return
        if account.facts.remix is False and not self._switches_remix:
            raise Conflict(remix_is_off(account.name), Hindrance.REMIX_OFF)

    def _names(self, parent: Job) -> str:
        components = parent.result.components if parent.result is not None else ()
        return ", ".join(component.name for component in components if component.name) or "none"


def click_on(parent: Job, component: Component) -> Click:
    """The press on a button of a finished job."""
    result = _result_of(parent)
    assert component.custom_id is not None
    return Click(parent.application_id, result.channel_id, result.message_id, result.flags, component.custom_id)


def _makes_film(action: Action) -> bool:
    return action.kind is ActionKind.VIDEO_UPSCALE


def _means(asked: Action, offered: Action) -> bool:
    same = (asked.kind, asked.index) == (offered.kind, offered.index)
    return same and stands_for(asked.choice, offered.choice)


def largest_plan(names: Iterable[str | None]) -> Plan | None:
    """The largest of these plans, when all are known."""
    plans = [_plan_named(name) for name in names]
    known = [plan for plan in plans if plan is not None]
    return max(known, key=list(Plan).index) if known and len(known) == len(plans) else None


def _plan_named(name: str | None) -> Plan | None:
    return next((plan for plan in Plan if name is not None and plan.lower() == name.lower()), None)


def _result_of(parent: Job) -> Result:
    if parent.state is not JobState.DONE or parent.result is None:
        raise Conflict(f"job {parent.id} is {parent.state}: only a finished job has buttons", Hindrance.NOT_FINISHED)
    return parent.result


def _template_of(action: Action) -> str | None:
    try:
        return entry_of(action).custom_id
    except KeyError:
        return None
