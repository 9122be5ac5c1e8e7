"""Who has come in, for all processes of a hub: a random token in the browser's cookie, kept here by its hash.

A session goes through stages, and each stage has a new token: ``half`` after the password, ``setup`` for somebody who must
first get a second factor, ``whole``. So a token that somebody planted or saw before is never one that opens anything. The
token of the forms follows from that of the cookie, and does not give it away. A session that began in the future, by a clock that
was wrong, has ended: else it would last for years.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from edubox.hub.tables import sessions

HALF, SETUP, WHOLE = "half", "setup", "whole"
#: Seconds without a click, in all, and between the password and the second factor.
IDLE, LONGEST, HALFWAY = 30 * 60, 12 * 3600, 10 * 60
#: Sessions of one person; the one that has been idle longest makes room.
OF_ONE = 8
#: Seconds between two notes that somebody is there: one write for many clicks.
NOTED = 60
#: Seconds by which clocks of one hub's computers may differ.
SLACK = 300


def begin(connection: Connection, person: int, stage: str, agent: str, now: int) -> str:
    """Let *person* in as far as *stage*: the token for the browser. *agent* says what browser, for people to read."""
    connection.execute(
        delete(sessions).where(
            (sessions.c.seen < now - IDLE)
            | (sessions.c.began < now - LONGEST)
            | (sessions.c.seen > now + SLACK)
        )
    )
    own = connection.execute(
        select(sessions.c.hash).where(sessions.c.person == person).order_by(sessions.c.seen.desc())
    )
    surplus = [row.hash for row in own][OF_ONE - 1 :]
    connection.execute(delete(sessions).where(sessions.c.hash.in_(surplus)))
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(sessions).values(
            hash=key(token),
            person=person,
            stage=stage,
            began=now,
            seen=now,
            agent=agent[:80],
            challenge="",
            pending="",
        )
    )
    return token


def find(connection: Connection, token: str, now: int) -> Row[Any] | None:
    """The session of *token*, if it is still open."""
    row = connection.execute(select(sessions).where(sessions.c.hash == key(token))).first()
    if row is None or not -SLACK <= now - row.seen < IDLE or not -SLACK <= now - row.began < LONGEST:
        return None
    return None if row.stage != WHOLE and now - row.began >= HALFWAY else row


def marked(connection: Connection, mark: str) -> Row[Any] | None:
    """The session *mark* (its hash), or None."""
    return connection.execute(select(sessions).where(sessions.c.hash == mark)).first()


def seen(connection: Connection, mark: str, now: int) -> None:
    """The owner of the session *mark* (its hash) has just done something."""
    connection.execute(update(sessions).where(sessions.c.hash == mark).values(seen=now))


def ask(connection: Connection, mark: str, challenge: str) -> None:
    """The next passkey of session *mark* must answer *challenge*."""
    connection.execute(update(sessions).where(sessions.c.hash == mark).values(challenge=challenge))


def pend(connection: Connection, mark: str, secret: str) -> None:
    """Keep the *secret* of an authenticator that session *mark* sets up."""
    connection.execute(update(sessions).where(sessions.c.hash == mark).values(pending=secret))


def end(connection: Connection, mark: str, person: int | None = None) -> bool:
    """End the session *mark*, if it is *person*'s; whether there was one."""
    wanted = delete(sessions).where(sessions.c.hash == mark)
    return connection.execute(
        wanted if person is None else wanted.where(sessions.c.person == person)
    ).rowcount > 0  # fmt: skip


def end_others(connection: Connection, person: int, mark: str = "") -> None:
    """End every session of *person* but *mark*."""
    connection.execute(delete(sessions).where(sessions.c.person == person, sessions.c.hash != mark))


def of(connection: Connection, person: int, now: int) -> list[Row[Any]]:
    """The open sessions of *person*, the one used last first."""
    wanted = select(sessions).where(
        sessions.c.person == person, sessions.c.stage == WHOLE, sessions.c.seen > now - IDLE, sessions.c.began > now - LONGEST,
        sessions.c.seen <= now + SLACK,
    )  # fmt: skip
    return list(connection.execute(wanted.order_by(sessions.c.seen.desc())))


def key(token: str) -> str:
    """What a *token* is kept by."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """What the forms of the session with *token* carry."""
    return hashlib.sha256(b"form " + token.encode()).hexdigest()[:32]
