"""Signing from a page: somebody types the passphrase of a key, a child signs, and the page says how it went.

The passphrase goes from the form to the child (``hub.child``) and nowhere else. Wrong ones are counted by person, as second factors are:
five are free, then each doubles the wait, and the audit has a line. A long publication goes on behind the page; the lists say
when it is done. Two keys are opened at once at most: each takes 128 MiB for a second.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import NamedTuple

from sqlalchemy import Connection

from edubox.errors import EduboxError, WrongPassphrase
from edubox.hub import audit
from edubox.hub.accounts import guesses
from edubox.hub.desk import guard
from edubox.hub.desk.door import WAIT
from edubox.hub.hub import Hub

#: Children at once, and seconds that a page waits for one.
AT_ONCE, PATIENCE = 2, 25.0
log = logging.getLogger(__name__)
_pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="signing")
_free = threading.BoundedSemaphore(AT_ONCE)


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


NO_PASSPHRASE = _("Type the passphrase of the key.")
WRONG = _("This passphrase does not open the key. Look at large and small letters. Nothing was signed.")
BUSY = _("Others are signing just now. Try again in a moment; nothing was signed.")
NOT_DONE = _("It could not be signed. The reason stands with it below; nothing is half done.")


class Signed(NamedTuple):
    """How it went: *wrong* says what is wrong, empty if nothing is; *later*: it goes on, and the lists will say. *status* is HTTP's."""

    status: int = 200
    wrong: str = ""
    later: bool = False
    wait: int = 0


def sign(hub: Hub, work: Callable[[str], None], failed: Callable[[str], None] = lambda _: None) -> Signed:
    """Do *work* with the passphrase of the form under way; *failed* gets the reason when it ended without a signature.

    Raises DatabaseAway.
    """
    me, address, passphrase = guard.me(), guard.address(), guard.field("passphrase", 800)
    login = f"key {me.login}"[:64]
    if not passphrase:
        return _refused(failed, Signed(400, NO_PASSPHRASE))
    with hub.database.read() as connection:
        left = guesses.wait(connection, login, address, hub.now(), second=True)
    if left > 0:
        return _refused(failed, Signed(429, WAIT, wait=left))
    if not _free.acquire(blocking=False):
        return _refused(failed, Signed(503, BUSY, wait=5))

    def whole() -> Signed:
        try:
            work(passphrase)
        except WrongPassphrase:
            _count(hub, login, me.login, address)
            failed("")
            return Signed(403, WRONG)
        except EduboxError as error:
            failed(str(error))
            return Signed(409, NOT_DONE)
        except Exception:
            log.exception("signing failed")
            failed("something failed inside the hub")
            return Signed(500, NOT_DONE)
        finally:
            _free.release()
        hub.database.change(lambda connection: guesses.forget(connection, login))
        return Signed()

    try:
        return _pool.submit(whole).result(PATIENCE)
    except NotYet:
        return Signed(202, later=True)


def _refused(failed: Callable[[str], None], answer: Signed) -> Signed:
    failed("")
    return answer


def _count(hub: Hub, key: str, login: str, address: str) -> None:
    def work(connection: Connection) -> None:
        count = guesses.wrong(connection, key, address, hub.now(), second=True)
        if count == guesses.FREE:
            audit.write(
                connection, hub.now(), login, "sign.guessed", f"person:{login}", f"{count} passphrases"
            )

    hub.database.change(work)
