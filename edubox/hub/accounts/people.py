"""The people of a hub: made with a one-time code and no password, taken away, and let in again when everything was lost.

There is no default password: whoever has the hub's folder in hand makes the first one with ``edubox hub person add``, and gets
a code for one password. Every function works in its caller's transaction and writes what it did into the audit.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from edubox.errors import BadInput, LastAdministrator, NameTaken, NotFound
from edubox.hub import audit
from edubox.hub.accounts import codes
from edubox.hub.accounts.roles import MINISTRY, ROLES, Person, fits
from edubox.hub.tables import passkeys, people, person_codes, sessions, tokens

#: Characters of a name that is shown.
NAME = 120
LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,59}\Z")
_AUTHORITY = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")


def add(connection: Connection, actor: str, person: Person, now: int) -> str:
    """Enter *person* (whose id does not count) at *now*; the one-time code for their first password.

    Raises BadInput, NameTaken.
    """
    check(person)
    if named(connection, person.login) is not None:
        raise NameTaken(name=person.login)
    number = (connection.scalar(select(func.max(people.c.id))) or 0) + 1
    connection.execute(
        insert(people).values(
            id=number, login=person.login, name=person.name.strip(), role=person.role, authority=person.authority,
            secret="", totp="", totp_step=0, made=now,
        )
    )  # fmt: skip
    detail = f"{person.role} {person.authority}".strip()
    audit.write(connection, now, actor, "person.add", f"person:{person.login}", detail)
    return codes.invite(connection, number, now)


def check(person: Person) -> None:
    """Raise BadInput unless *person* can be one of the hub's people."""
    if not LOGIN.match(person.login):
        raise BadInput(
            reason=f"the login {person.login!r}: take 2 to 60 small letters, digits, dots and hyphens, beginning with a letter"
        )
    if not person.name.strip() or len(person.name) > NAME or not person.name.isprintable():
        raise BadInput(reason=f"the name of {person.login}: write one line of at most {NAME} characters")
    if person.role not in ROLES:
        raise BadInput(reason=f"the role {person.role!r}; there are {', '.join(ROLES)}")
    if person.authority and not _AUTHORITY.match(person.authority):
        raise BadInput(reason=f"the academy {person.authority!r} is not the id of one")
    if not fits(person.role, person.authority):
        raise BadInput(
            reason="somebody of the ministry works for the whole country, without an academy"
            if person.role == MINISTRY
            else f"somebody who is {person.role} works for one academy: say which"
        )


def reset(connection: Connection, actor: str, login: str, now: int) -> str:
    """Take password, second factors and sessions from *login*, who lost them; a one-time code for others. Raises NotFound."""
    row = named(connection, login)
    if row is None:
        raise NotFound(what=f"The person {login}")
    connection.execute(update(people).where(people.c.id == row.id).values(secret="", totp="", totp_step=0))
    _take_away(connection, row.id)
    audit.write(connection, now, actor, "person.reset", f"person:{login}", "")
    return codes.invite(connection, row.id, now)


def remove(connection: Connection, actor: str, login: str, now: int) -> None:
    """Close the account of *login* and everything that it opens. Raises NotFound, LastAdministrator."""
    row = named(connection, login)
    if row is None:
        raise NotFound(what=f"The person {login}")
    if row.role == MINISTRY:
        others = select(func.count()).where(people.c.role == MINISTRY, people.c.id != row.id)
        if not connection.scalar(others):
            raise LastAdministrator
    _take_away(connection, row.id)
    connection.execute(delete(people).where(people.c.id == row.id))
    audit.write(connection, now, actor, "person.remove", f"person:{login}", "")


def set_secret(connection: Connection, number: int, secret: str) -> None:
    """Keep *secret* (Argon2id, PHC form) as the password of person *number*."""
    connection.execute(update(people).where(people.c.id == number).values(secret=secret))


def set_totp(connection: Connection, number: int, secret: str, step: int) -> None:
    """Keep the authenticator's *secret* of person *number*, whose time *step* was used; empty for none."""
    connection.execute(update(people).where(people.c.id == number).values(totp=secret, totp_step=step))


def use_step(connection: Connection, number: int, step: int) -> bool:
    """Mark time *step* of the authenticator of *number* as used; False when somebody else was faster with its code."""
    done = connection.execute(
        update(people).where(people.c.id == number, people.c.totp_step < step).values(totp_step=step)
    )
    return done.rowcount == 1


def named(connection: Connection, login: str) -> Row[Any] | None:
    """The row of *login*, or None."""
    return connection.execute(select(people).where(people.c.login == login)).first()


def numbered(connection: Connection, number: int) -> Row[Any] | None:
    """The row of person *number*, or None."""
    return connection.execute(select(people).where(people.c.id == number)).first()


def every(connection: Connection, authority: str = "") -> list[Row[Any]]:
    """Everybody, by name; of one *authority* if it is not empty."""
    wanted = select(people).order_by(people.c.name, people.c.login)
    return list(connection.execute(wanted.where(people.c.authority == authority) if authority else wanted))


def person(row: Row[Any]) -> Person:
    """The person of a *row*."""
    return Person(row.id, row.login, row.name, row.role, row.authority)


def _take_away(connection: Connection, number: int) -> None:
    for table in (passkeys, person_codes, sessions, tokens):
        connection.execute(delete(table).where(table.c.person == number))
