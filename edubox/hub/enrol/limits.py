"""How many wrong codes one side of the network may show in a while, for all processes of a hub together, and then forgotten.

A code cannot be guessed: 55 bits. The limit is there for whoever tries all the same, so that it costs the hub little and is seen.
It counts wrong codes only, and a right one is let in whatever the side behind it did, since a whole town may share one
address. No address is kept: a side is its HMAC under a key that is thrown away every day.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets

from sqlalchemy import Connection, delete, insert, select, update

from edubox.hub.errors import TooOften
from edubox.hub.hub import Hub
from edubox.hub.tables import about, guesses

#: Wrong codes of one side, and seconds in which they are forgotten.
MOST, WHILE = 30, 600
#: The line of ``about`` with the key of the day, and what lines of ``guesses`` begin with.
KEY, _SIDE = "side-key", "side "
_DAY = 86_400


class Limit:
    """The count of *hub*, in its database."""

    def __init__(self, hub: Hub, most: int = MOST) -> None:
        self._hub, self._most = hub, most

    def count(self, side: str) -> None:
        """One more wrong code of *side*. Raises TooOften when there were too many, DatabaseAway."""
        now = self._hub.now()
        wait = self._hub.database.change(lambda connection: self._count(connection, side, now))
        if wait:
            raise TooOften(retry=wait)

    def _count(self, connection: Connection, side: str, now: int) -> int:
        """Seconds that *side* waits, 0 if none; *last* of a line is when its while began."""
        key = (
            _SIDE + hmac.digest(_key(connection, now), side.encode("utf-8", "replace"), hashlib.sha256).hex()
        )
        row = connection.execute(select(guesses).where(guesses.c.key == key)).first()
        # A while that began in the future began by a wrong clock.
        if row is None or not now - WHILE <= row.last <= now:
            old = guesses.c.key.startswith(_SIDE) & (
                (guesses.c.last < now - WHILE) | (guesses.c.last > now) | (guesses.c.key == key)
            )
            connection.execute(delete(guesses).where(old))
            connection.execute(insert(guesses).values(key=key, wrong=1, last=now))
            return 0
        if row.wrong >= self._most:
            return max(1, int(row.last) + WHILE - now)
        connection.execute(update(guesses).where(guesses.c.key == key).values(wrong=row.wrong + 1))
        return 0


def _key(connection: Connection, now: int) -> bytes:
    """The key of the day."""
    today = now // _DAY
    known = connection.execute(select(about.c.value).where(about.c.key == KEY)).scalar()
    day, _, key = (known or "").partition(":")
    if day != str(today):
        key = secrets.token_hex(32)
        connection.execute(delete(about).where(about.c.key == KEY))
        connection.execute(insert(about).values(key=KEY, value=f"{today}:{key}"))
    return bytes.fromhex(key)


def side_of(address: str) -> str:
    """What of an *address* counts as one side: a /24, or a /56 of IPv6; all that is no address is one side."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "elsewhere"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network(f"{found}/{24 if found.version == 4 else 56}", strict=False))


def class_of(address: str) -> str:
    """What is kept of an *address* for the officer: whether it is this computer, the hub's own network, or the internet."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return (
        "this computer"
        if found.is_loopback
        else "own network"
        if found.is_private
        else f"internet, IPv{found.version}"
    )
