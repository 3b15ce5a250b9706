"""How answers are kept for calls that come again, and how credits are spent and given back; all in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, text, update
from sqlalchemy.engine import Connection

from engine.model.answers import CLAIMED_FOR, KEPT_FOR, Claim, Found, KeptAnswer, Turn
from engine.model.quotas import Charge, Spending
from engine.store.prepared import Prepared
from engine.store.tables import kept_answers, requests, spendings

# a row that is there already is no error: two processes may come at the same moment
_CLAIM = text(
    "INSERT INTO kept_answers (key_id, token, print, owner, claimed_until, created_at) "
    "VALUES (:key_id, :token, :print, :owner, :until, :now) ON CONFLICT DO NOTHING"
).bindparams(
    bindparam("until", type_=kept_answers.c.claimed_until.type), bindparam("now", type_=kept_answers.c.created_at.type)
)
_FIRST_SPENDING = text(
    "INSERT INTO spendings (payer, began, credits) VALUES (:payer, :began, :credits) ON CONFLICT DO NOTHING"
).bindparams(bindparam("began", type_=spendings.c.began.type))
_OF = (kept_answers.c.key_id == bindparam("of_key")) & (kept_answers.c.token == bindparam("of_token"))
_ONE = select(kept_answers).where(_OF)
_PERIOD = (spendings.c.payer == bindparam("is_payer")) & (spendings.c.began == bindparam("is_began"))
_SPEND = Prepared(
    update(spendings)
    .where(_PERIOD, spendings.c.credits + bindparam("spent") <= bindparam("most"))
    .values(credits=spendings.c.credits + bindparam("spent"))
)
_GIVE_BACK = Prepared(update(spendings).where(_PERIOD).values(credits=spendings.c.credits - bindparam("spent")))


def claim(connection: Connection, asked: Claim, *, sole_owner: bool) -> Found:
    """Take the turn for a token, or say why not."""
    if _take(connection, asked):
        return Found(Turn.OURS)
    row = connection.execute(_ONE, {"of_key": asked.key_id, "of_token": asked.token}).one()
    if row.created_at <= asked.now - KEPT_FOR:
        forget(connection, asked.now - KEPT_FOR)
        return Found(Turn.OURS if _take(connection, asked) else Turn.IN_FLIGHT)
    if row.print != asked.print:
        return Found(Turn.OTHER_BODY)
    if row.status is not None:
        return Found(Turn.ANSWERED, KeptAnswer(row.status, row.content_type, row.body))
    if row.claimed_until > asked.now and (row.owner == asked.owner or not sole_owner):
        return Found(Turn.IN_FLIGHT)
    over = update(kept_answers).where(_OF, kept_answers.c.owner == row.owner, kept_answers.c.status.is_(None))
    taken = connection.execute(
        over.values(owner=asked.owner, claimed_until=asked.now + CLAIMED_FOR),
        {"of_key": asked.key_id, "of_token": asked.token},
    )
    return Found(Turn.AGAIN if taken.rowcount == 1 else Turn.IN_FLIGHT)


def _take(connection: Connection, asked: Claim) -> bool:
    values = {
        "key_id": asked.key_id,
        "token": asked.token,
        "print": asked.print,
        "owner": asked.owner,
        "until": asked.now + CLAIMED_FOR,
        "now": asked.now,
    }
    return connection.execute(_CLAIM, values).rowcount == 1


def _held(asked: Claim) -> Any:
    own = (kept_answers.c.key_id == asked.key_id) & (kept_answers.c.token == asked.token)
    return own & (kept_answers.c.owner == asked.owner) & kept_answers.c.status.is_(None)


def keep(connection: Connection, asked: Claim, answer: KeptAnswer) -> None:
    """Keep the answer of the call that has the turn."""
    told = {"status": answer.status, "content_type": answer.content_type, "body": answer.body}
    connection.execute(update(kept_answers).where(_held(asked)).values(told))


def drop(connection: Connection, asked: Claim) -> None:
    """Let the next call try."""
    connection.execute(delete(kept_answers).where(_held(asked)))


def forget(connection: Connection, before: datetime) -> None:
    """Let go of old answers, and of the tokens of their requests, which may be used anew."""
    old = select(kept_answers.c.key_id, kept_answers.c.token).where(kept_answers.c.created_at <= before)
    for row in connection.execute(old).fetchall():
        used = (requests.c.key_id == row.key_id) & (requests.c.token == row.token)
        connection.execute(update(requests).where(used).values(token=None))
    connection.execute(delete(kept_answers).where(kept_answers.c.created_at <= before))


def request_by_token(connection: Connection, key_id: int, token: str) -> str | None:
    """The id of the request that was stored with a token."""
    found = select(requests.c.id).where(requests.c.key_id == key_id, requests.c.token == token)
    return connection.execute(found).scalar()


def spend(connection: Connection, spending: Spending) -> bool:
    """Spend credits of a period; False when there are not so many left."""
    period = {"is_payer": spending.payer, "is_began": spending.began}
    values = {**period, "spent": spending.credits, "most": spending.limit}
    if _SPEND.run(connection, values).rowcount == 1:
        return True
    if spending.credits > spending.limit:
        return False
    first = {"payer": spending.payer, "began": spending.began, "credits": spending.credits}
    if connection.execute(_FIRST_SPENDING, first).rowcount == 1:
        return True
    counted: int = _SPEND.run(connection, values).rowcount
    return counted == 1


def give_back(connection: Connection, charge: Charge) -> None:
    """Give the credits of a job back to the period in which they were spent."""
    _GIVE_BACK.run(connection, {"is_payer": charge.payer, "is_began": charge.began, "spent": charge.credits})


def spent(connection: Connection, payer: str, began: datetime) -> int:
    """The credits spent in a period."""
    found = select(spendings.c.credits).where(spendings.c.payer == payer, spendings.c.began == began)
    return int(connection.execute(found).scalar() or 0)
