"""Coming in, step by step: the password, then the second factor, each with a new session and a line in the audit.

The costly part, Argon2id, happens between two transactions; whoever waits for it holds no lock of the database. Wrong names
and wrong passwords cost the same work and get the same answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from edubox.hub import audit
from edubox.hub.accounts import codes, guesses, passkeys, people, sessions, totp
from edubox.hub.accounts.roles import writes
from edubox.hub.database import Database
from edubox.trust import passwords

#: Wrong second factors after which the password is asked for again.
TRIES = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a try: a *token* for the browser if it was right, else seconds to *wait*, or neither: it was wrong."""

    token: str = ""
    stage: str = ""
    wait: int = 0
    #: The half session has ended: the password again.
    over: bool = False


def with_password(
    database: Database, login: str, password: str, address: str, agent: str, now: int
) -> Answer:
    """Somebody at *address* says that they are *login*. Raises Crowded, DatabaseAway."""
    login = login.strip().lower()[:60]
    with database.read() as connection:
        left = guesses.wait(connection, login, address, now)
        row = people.named(connection, login)
    if left > 0:
        return Answer(wait=left)
    right = passwords.is_right(row.secret if row else "", password)
    fresh = passwords.hashed(password) if right and row and passwords.is_outdated(row.secret) else ""

    def work(connection: Connection) -> Answer:
        account = people.named(connection, login)
        if not right or row is None or account is None or account.secret != row.secret:
            count = guesses.wrong(connection, login, address, now)
            if row is not None and count == guesses.FREE:
                audit.write(connection, now, login, "door.guessed", f"person:{login}", f"{count} passwords")
            return Answer()
        if fresh:
            people.set_secret(connection, account.id, fresh)
        return _let_in(connection, account, stage_of(connection, account), address, agent, now)

    return database.change(work)


def with_code(database: Database, mark: str, typed: str, address: str, agent: str, now: int) -> Answer:
    """The owner of the half session *mark* typed the code of their authenticator, or a recovery code."""

    def work(connection: Connection, account: Row[Any]) -> str:
        step = totp.step_of(account.totp, typed, now, account.totp_step) if account.totp else None
        if step is not None and people.use_step(connection, account.id, step):
            return "totp"
        if len(typed.strip()) > totp.DIGITS and codes.use(connection, typed, codes.RECOVER, account.id, now):
            return "recovery-code"
        return ""

    return _second(database, mark, address, agent, now, work)


def with_passkey(
    database: Database, mark: str, answer: str, site: str, origin: str, address: str, agent: str, now: int
) -> Answer:
    """The browser of the half session *mark* gave *answer* to what it was asked to sign."""

    def work(connection: Connection, account: Row[Any]) -> str:
        session = sessions.marked(connection, mark)
        challenge = session.challenge if session else ""
        sessions.ask(connection, mark, "")  # one answer to each question
        right = passkeys.is_right(connection, account.id, site, origin, challenge, answer, now)
        return "passkey" if right else ""

    return _second(database, mark, address, agent, now, work)


def with_invitation(
    database: Database, typed: str, password: str, address: str, agent: str, now: int
) -> Answer:
    """Somebody chose *password* with the one-time code that was *typed*. Raises Crowded.

    The caller has looked at both; a code that was used meanwhile gives no token.
    """
    secret = passwords.hashed(password)

    def work(connection: Connection) -> Answer:
        number = codes.invited(connection, typed, now)
        account = None if number is None else people.numbered(connection, number)
        if account is None or not codes.use(connection, typed, codes.ENTER, account.id, now):
            return Answer()
        people.set_secret(connection, account.id, secret)
        sessions.end_others(connection, account.id)
        audit.write(connection, now, account.login, "person.password", f"person:{account.login}", "")
        return _let_in(connection, account, stage_of(connection, account), address, agent, now)

    return database.change(work)


def has_second(connection: Connection, account: Row[Any]) -> bool:
    """Whether *account* has an authenticator or a passkey."""
    return bool(account.totp) or bool(passkeys.of(connection, account.id))


def stage_of(connection: Connection, account: Row[Any]) -> str:
    """How far a right password lets *account* in."""
    if has_second(connection, account):
        return sessions.HALF
    return sessions.SETUP if writes(account.role) else sessions.WHOLE


def whole(connection: Connection, person: int, mark: str, agent: str, now: int) -> str:
    """A whole session of *person* in place of *mark*, whose owner has just shown or got a second factor; its token."""
    sessions.end(connection, mark)
    return sessions.begin(connection, person, sessions.WHOLE, agent, now)


def _let_in(
    connection: Connection, account: Row[Any], stage: str, address: str, agent: str, now: int
) -> Answer:
    guesses.right(connection, account.login, address, now, whole=stage == sessions.WHOLE)
    if stage == sessions.WHOLE:
        audit.write(connection, now, account.login, "door.in", f"person:{account.login}", "password")
    return Answer(sessions.begin(connection, account.id, stage, agent, now), stage)


def _second(
    database: Database,
    mark: str,
    address: str,
    agent: str,
    now: int,
    work: Callable[[Connection, Row[Any]], str],
) -> Answer:
    """As far as *work*, which says by what the second factor was shown, goes for the half session *mark*."""

    def step(connection: Connection) -> Answer:
        session = sessions.marked(connection, mark)
        account = None if session is None else people.numbered(connection, session.person)
        if session is None or account is None or session.stage != sessions.HALF:
            return Answer(over=True)
        if left := max(0, guesses.wait(connection, account.login, address, now, second=True)):
            return Answer(wait=left)
        if by := work(connection, account):
            guesses.right(connection, account.login, address, now, whole=True)
            audit.write(connection, now, account.login, "door.in", f"person:{account.login}", by)
            return Answer(whole(connection, account.id, mark, agent, now), sessions.WHOLE)
        count = guesses.wrong(connection, account.login, address, now, second=True)
        if count % TRIES == 0:
            # Who gets here knows the password: its owner must read of it.
            audit.write(
                connection,
                now,
                account.login,
                "door.guessed",
                f"person:{account.login}",
                f"{count} second factors",
            )
            sessions.end(connection, mark)
            return Answer(over=True)
        return Answer()

    return database.change(step)
