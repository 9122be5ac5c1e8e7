"""Tokens for programs: shown once, kept by their hash, for some actions of whoever made them, until a day.

A token may never do more than its maker may at that moment: whoever leaves or changes takes their programs along.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from edubox.errors import BadInput, NameTaken
from edubox.hub import audit
from edubox.hub.accounts import people as everybody
from edubox.hub.accounts import roles
from edubox.hub.accounts.roles import Person
from edubox.hub.tables import tokens

#: What a token begins with, so that a scanner of leaked secrets knows it.
MARK = "edubox_"
#: Longest life in days, tokens of one person, seconds between two notes that one was used.
DAYS, OF_ONE, NOTED = 366, 20, 600


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks with a token: *person* made it, *scope* says what it is for, *authority* where (empty: wherever its maker may)."""

    label: str
    person: Person
    scope: frozenset[str]
    authority: str

    @property
    def actor(self) -> str:
        """What the audit calls it."""
        return f"token:{self.label}"

    def may(self, action: str, authority: str) -> bool:
        """Whether it may do *action* for *authority*."""
        return (
            action in self.scope
            and roles.may(self.person, action, authority)
            and (not self.authority or self.authority == authority)
        )

    @property
    def reach(self) -> str:
        """The one authority that it is for; empty for the whole country."""
        return self.authority or self.person.authority


def make(
    connection: Connection, person: Person, label: str, scope: list[str], authority: str, days: int, now: int
) -> str:
    """A token of *person* called *label*, until *days* after *now*. Raises BadInput, NameTaken."""
    label = label.strip()
    if not label or len(label) > 60 or not label.isprintable():
        raise BadInput(reason="the name of the token: write one line of at most 60 characters")
    if not scope or not all(roles.may(person, one, authority or person.authority) for one in scope):
        raise BadInput(reason="the token: choose what it is for, among what you may do yourself")
    if not 1 <= days <= DAYS:
        raise BadInput(reason=f"the token: it holds at least one day and at most {DAYS}")
    if len(of(connection, person.id)) >= OF_ONE:
        raise BadInput(reason=f"the token: you have {OF_ONE} already, take one back first")
    if connection.scalar(select(tokens.c.label).where(tokens.c.label == label)) is not None:
        raise NameTaken(name=label)
    token = MARK + secrets.token_urlsafe(32)
    connection.execute(
        insert(tokens).values(
            hash=_key(token), label=label, person=person.id, scope=" ".join(sorted(set(scope))), authority=authority,
            made=now, until=now + days * 86_400, used=0,
        )
    )  # fmt: skip
    audit.write(
        connection,
        now,
        person.login,
        "token.make",
        f"token:{label}",
        f"{' '.join(sorted(set(scope)))}, {days} days",
    )
    return token


def holder(connection: Connection, token: str, now: int) -> Holder | None:
    """Who asks with *token*; None if it is none, or is over, or its maker has gone."""
    if not token.startswith(MARK) or len(token) > 200:
        return None
    row = connection.execute(select(tokens).where(tokens.c.hash == _key(token), tokens.c.until > now)).first()
    maker = None if row is None else everybody.numbered(connection, row.person)
    if row is None or maker is None:
        return None
    return Holder(row.label, everybody.person(maker), frozenset(row.scope.split()), row.authority)


def note_use(connection: Connection, token: str, now: int) -> None:
    """Write down that *token* was used at *now*; rarely, so that reading does not write."""
    connection.execute(
        update(tokens).where(tokens.c.hash == _key(token), tokens.c.used < now - NOTED).values(used=now)
    )


def of(connection: Connection, person: int) -> list[Row[Any]]:
    """The tokens of *person*, the newest first."""
    return list(
        connection.execute(select(tokens).where(tokens.c.person == person).order_by(tokens.c.made.desc()))
    )


def end(connection: Connection, person: Person, label: str, now: int) -> bool:
    """Take the token *label* of *person* back; whether there was one."""
    done = connection.execute(delete(tokens).where(tokens.c.label == label, tokens.c.person == person.id))
    if done.rowcount:
        audit.write(connection, now, person.login, "token.end", f"token:{label}", "")
    return done.rowcount > 0


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
