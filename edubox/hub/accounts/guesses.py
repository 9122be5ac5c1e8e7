"""How soon the next password or code may be tried, after wrong ones: one count for all processes of a hub.

Five are free, for fingers that slip; then each doubles the wait, for the address that they come from and for the name that
they are for. The second factor counts by itself and waits longer: who gets so far knows the password. A try that is refused
costs no work and is not counted. An address from which somebody has come in by a name waits there for nobody else's mistakes,
so that nobody keeps an officer out by trying all day. What a clock that was far ahead wrote down counts for nothing once it is right.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from edubox.hub.tables import guesses

FREE = 5
#: The longest wait for a password and for a second factor, seconds.
LONGEST, LONGEST_CODE = 60, 900
#: After so many seconds without a wrong one, earlier ones are forgotten; how long an address is known.
FORGOTTEN, KNOWN = 3600, 90 * 86_400
#: Seconds by which clocks of one hub's computers may differ: beyond that a time that is to come was a mistake.
SLACK = 300


def wait(connection: Connection, login: str, address: str, now: int, *, second: bool = False) -> int:
    """Seconds until *address* may try to be *login*; 0: now. *second*: with the second factor."""
    asked = [_second(login)] if second else [_from(address)]
    if not second and login and _row(connection, _known(login, address), now, KNOWN) is None:
        asked.append(_name(login))
    longest, left = LONGEST_CODE if second else LONGEST, 0
    for key in asked:
        row = _row(connection, key, now, FORGOTTEN)
        if row is not None and row.wrong >= FREE:
            left = max(left, min(row.last, now) + min(longest, 2 ** min(row.wrong - FREE, 20)) - now)
    return left


def wrong(connection: Connection, login: str, address: str, now: int, *, second: bool = False) -> int:
    """*address* tried to be *login*, and it was wrong; how many wrong ones there are by that name now."""
    if second:
        return _count(connection, _second(login), now)
    _count(connection, _from(address), now)
    return _count(connection, _name(login), now) if login else 0


def forget(connection: Connection, login: str) -> None:
    """*login* gave the right passphrase of a key: what was wrong before counts no more."""
    connection.execute(delete(guesses).where(guesses.c.key == _second(login)))


def right(connection: Connection, login: str, address: str, now: int, *, whole: bool) -> None:
    """*address* knew the password of *login*; *whole*: and is in. Also forgets what nobody asks for any more.

    The password alone takes back nothing of the second factor's count: else it would be a way to guess on.
    """
    forgiven = [_from(address), _name(login), *([_second(login)] if whole else [])]
    connection.execute(delete(guesses).where(guesses.c.key.in_(forgiven)))
    old = guesses.c.last < now - FORGOTTEN
    connection.execute(delete(guesses).where(old, ~guesses.c.key.startswith("known ")))
    connection.execute(delete(guesses).where(guesses.c.last < now - KNOWN))
    if whole:
        _count(connection, _known(login, address), now)


def _count(connection: Connection, key: str, now: int) -> int:
    row = connection.execute(select(guesses).where(guesses.c.key == key)).first()
    if row is None:
        connection.execute(insert(guesses).values(key=key, wrong=1, last=now))
        return 1
    count = row.wrong + 1 if -SLACK <= now - row.last < FORGOTTEN else 1
    connection.execute(update(guesses).where(guesses.c.key == key).values(wrong=count, last=now))
    return count


def _row(connection: Connection, key: str, now: int, kept: int) -> Row[Any] | None:
    row = connection.execute(select(guesses).where(guesses.c.key == key)).first()
    return row if row is not None and -SLACK <= now - row.last < kept else None


def _from(address: str) -> str:
    return f"from {address[:64]}"


def _name(login: str) -> str:
    return f"name {login[:64]}"


def _second(login: str) -> str:
    return f"second {login[:64]}"


def _known(login: str, address: str) -> str:
    return f"known {login[:64]} {address[:64]}"
