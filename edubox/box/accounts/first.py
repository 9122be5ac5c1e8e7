"""The one-time code by which a box gets its first administrator, and another one when all are lost.

``keys/first`` holds it in plain, since the school sheet prints it: twelve characters that nobody confuses, 59 random bits,
with as many tries as a password has. It is made with the box, and by ``edubox box admin`` for whoever has the card in
hand. Using it makes the administrator and marks it as used in one transaction of ``school.db``; that the file goes after
it is tidiness, and a cut in between changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
from pathlib import Path

from edubox.box.accounts import people
from edubox.box.school.database import SchoolFile
from edubox.errors import BadCode, DamagedSchool
from edubox.store.platform import sync_folder, write_atomic

_FILE, _SECRET = "first", 0o600
#: Without 0 and O, 1, I and L, 2 and Z, 5 and S, 8 and B, U and V.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
GROUPS, SIZE = 3, 4
#: What is kept in ``invitation`` of a code that was used.
_USED = "used"


def make(data: Path) -> str:
    """Another one-time code for the box in *data*, instead of one that was not used. Raises NoRoom."""
    said = ["".join(secrets.choice(ALPHABET) for _ in range(SIZE)) for _ in range(GROUPS)]
    code = "-".join(said)
    write_atomic(data / "keys" / _FILE, code.encode("ascii"), _SECRET)
    return code


def read(data: Path) -> str:
    """The code that waits to be used; empty if none does."""
    try:
        code = (data / "keys" / _FILE).read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
    return code if len(_bare(code)) == GROUPS * SIZE else ""


def make_if_needed(data: Path, school: SchoolFile, *, another: bool = False) -> None:
    """Give a box that no administrator can come in to a code; *another* one if it has one already. Raises NoRoom."""
    try:
        needed = not people.has_administrator(school)
    except DamagedSchool:
        needed = True
    if needed and (another or not read(data)):
        make(data)


def fits(data: Path, typed: str) -> bool:
    """Whether *typed* is the code that waits, however its letters and groups are written."""
    code = _bare(read(data))
    return bool(code) and hmac.compare_digest(code.encode(), _bare(typed).encode("utf-8", "replace"))


def use(data: Path, school: SchoolFile, typed: str, name: str, secret: str, now: int) -> int:
    """Make an administrator called *name*, whom *secret* opens, by the code *typed*; the number of the account.

    Raises BadCode, NameTaken, TooMany, NoRoom, Busy.
    """
    if not fits(data, typed):
        raise BadCode

    def work(db: sqlite3.Connection) -> int:
        try:
            db.execute(
                "INSERT INTO invitation (hash, kind, made_by, until) VALUES (?, ?, 0, ?)",
                (hashlib.sha256(_bare(typed).encode()).hexdigest(), _USED, 1 << 40),
            )
        except sqlite3.IntegrityError:
            raise BadCode from None
        return people.admit_administrator(db, name, secret, now)

    number = school.write(work)
    (data / "keys" / _FILE).unlink(missing_ok=True)
    sync_folder(data / "keys")
    return number


def _bare(code: str) -> str:
    return "".join(one for one in code[:100].upper() if one.isascii() and one.isalnum())
