"""One-time codes: for somebody's first password, or another one, and instead of a second factor that was lost.

All are written in the alphabet of ``shown``, which has no two signs that look alike, and kept by their SHA-256. A code for a
password has 100 bits, so that trying some needs no wait; one that recovers has 50 and counts with wrong guesses, since its
owner has shown a password before. Using one takes it away in the transaction that does what it opens.
"""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import Connection, delete, func, insert, select

from edubox.hub.tables import person_codes as codes

#: Thirty-two signs, none of which is taken for another: no i, l, o, u.
_SIGNS = "0123456789abcdefghjkmnpqrstvwxyz"
_READ_AS = str.maketrans("ilou", "110v")
#: Signs of a code that lets in, of one that recovers; days that the first holds; how many of the second.
LETS_IN, RECOVERS, DAYS, RECOVERY = 20, 10, 7, 8
ENTER, RECOVER = "enter", "recover"
_FOR_EVER = 2**40


def invite(connection: Connection, person: int, now: int) -> str:
    """A code with which *person* chooses a password until a week after *now*; an earlier one opens nothing any more."""
    connection.execute(delete(codes).where(codes.c.person == person, codes.c.kind == ENTER))
    return _make(connection, person, ENTER, LETS_IN, now + DAYS * 86_400)


def recovery(connection: Connection, person: int) -> list[str]:
    """Codes, each of which stands once for the second factor of *person*; earlier ones open nothing any more."""
    connection.execute(delete(codes).where(codes.c.person == person, codes.c.kind == RECOVER))
    return [_make(connection, person, RECOVER, RECOVERS, _FOR_EVER) for _ in range(RECOVERY)]


def left(connection: Connection, person: int) -> int:
    """How many recovery codes *person* still has."""
    wanted = select(func.count()).where(codes.c.person == person, codes.c.kind == RECOVER)
    return connection.scalar(wanted) or 0


def invited(connection: Connection, typed: str, now: int) -> int | None:
    """The person whose code for a password was *typed*; it is not used up."""
    return connection.scalar(
        select(codes.c.person).where(codes.c.hash == _hash(typed), codes.c.kind == ENTER, codes.c.until > now)
    )


def use(connection: Connection, typed: str, kind: str, person: int, now: int) -> bool:
    """Whether *typed* is a code of this *kind* of *person*; it opens nothing any more."""
    done = connection.execute(
        delete(codes).where(
            codes.c.hash == _hash(typed), codes.c.kind == kind, codes.c.person == person, codes.c.until > now
        )
    )
    return done.rowcount == 1


def shown(code: str) -> str:
    """*code* in groups of five, to be read and typed."""
    return "-".join(code[at : at + 5] for at in range(0, len(code), 5))


def _make(connection: Connection, person: int, kind: str, length: int, until: int) -> str:
    code = "".join(secrets.choice(_SIGNS) for _ in range(length))
    connection.execute(insert(codes).values(hash=_hash(code), person=person, kind=kind, until=until))
    return shown(code)


def _hash(typed: str) -> str:
    said = "".join(one for one in typed[:200].lower() if one.isalnum()).translate(_READ_AS)
    return hashlib.sha256(said.encode()).hexdigest()
