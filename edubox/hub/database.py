"""The hub's database: opened here, whichever engine it is, and changed in transactions.

``open_database`` brings it to the schema of this edubox (``migrations``). ``Database.change`` is one transaction that writes: on SQLite it takes the write
lock at its beginning, so that what it read stays true; on PostgreSQL it runs serialisable and is tried again when another
one was faster. So the function that it gets must do nothing but read and write the database. ``Database.read`` sees one
moment. A network that goes and a disk that fills are DatabaseAway: the caller's work is not done, and nothing is half done; only
when PostgreSQL goes in the very moment of a commit it may be done whole, so what is asked again must not mind that.
"""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolEmpty

from edubox.errors import BadInput
from edubox.hub import migrations
from edubox.hub.errors import DatabaseAway

#: Times that a transaction is tried when others were faster, and the longest wait in between (seconds).
TRIES, WAIT = 12, 1.0
#: Seconds that a writer waits for another one.
PATIENCE = 30
#: Seconds to connect to PostgreSQL, connections of a process, and seconds that a thread waits for one of them.
CONNECT, POOL, QUEUE = 5, 20, 10
_SERIALIZATION, _DEADLOCK, _UNIQUE = "40001", "40P01", "23505"
#: Times that a transaction is tried that met the row of a faster one; a row that stays is the caller's mistake.
_UNIQUE_TRIES = 3
#: Number of PostgreSQL's lock that is held while the schema goes up, as any number: "edub".
_MIGRATING = 0x65647562
_AWAY = (OperationalError, InterfaceError)
T = TypeVar("T")


class Database:
    """One hub's database, shared by all threads of a process."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(writes=True)
        #: A lock of the country's folder that is held as long as this is open (``hub.use``).
        self.held: int | None = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment. Raises DatabaseAway."""
        try:
            with self.engine.connect() as connection:
                yield connection
        except _AWAY as error:
            raise DatabaseAway(reason=_short(error)) from None
        except PoolEmpty:
            raise DatabaseAway(reason="every connection is in use") from None

    def change(self, work: Callable[[Connection], T]) -> T:
        """What *work* returns, all of what it wrote being there or nothing. It may run several times. Raises DatabaseAway."""
        for tried in range(1, TRIES + 1):
            try:
                with self._writing.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                state = getattr(error.orig, "sqlstate", None)
                if state in {_SERIALIZATION, _DEADLOCK} or (state == _UNIQUE and tried < _UNIQUE_TRIES):
                    time.sleep(random.uniform(0, WAIT * tried / TRIES))  # noqa: S311
                    continue
                if isinstance(error, _AWAY):
                    raise DatabaseAway(reason=_short(error)) from None
                if isinstance(error, DataError):
                    # PostgreSQL keeps neither NUL characters nor text that is longer than its column.
                    raise BadInput(reason=f"this text cannot be kept ({_short(error)})") from None
                raise
            except PoolEmpty:
                raise DatabaseAway(reason="every connection is in use") from None
        raise DatabaseAway(reason="too many change it at once")

    def close(self) -> None:
        """Let every connection go."""
        self.engine.dispose()
        if self.held is not None:
            os.close(self.held)
            self.held = None


def open_database(address: str) -> Database:
    """The database at *address* (``sqlite:///file`` or ``postgresql+psycopg://…``), with this edubox's schema.

    Raises BadInput, DatabaseAway, NewerSchema.
    """
    database = Database(engine_of(address))
    try:
        _bring_up(database)
    except BaseException:
        database.close()
        raise
    return database


def engine_of(address: str) -> Engine:
    """How *address* is spoken to. Raises BadInput."""
    if address.startswith("sqlite:"):
        engine = create_engine(address, connect_args={"timeout": PATIENCE})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if address.startswith("postgresql"):
        return create_engine(
            address, pool_pre_ping=True, pool_size=POOL // 2, max_overflow=POOL // 2, pool_timeout=QUEUE,
            isolation_level="SERIALIZABLE",
            # A database that was made without a language (SQL_ASCII) would give bytes for text.
            connect_args={"connect_timeout": CONNECT, "client_encoding": "utf8", "options": f"-c lock_timeout={PATIENCE}s"},
        )  # fmt: skip
    raise BadInput(reason="the hub's database is sqlite:///FILE or postgresql://USER@HOST/NAME")


def _bring_up(database: Database) -> None:
    latest = migrations.latest()
    with database.read() as connection:
        has = migrations.schema(connection)
    if has == latest:
        return
    with _alone(database):
        # On SQLite the write lock of each step, on PostgreSQL one lock: several processes may begin at once.
        while has != latest:
            database.change(migrations.migrate)
            with database.read() as connection:
                has = migrations.schema(connection)


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    if database.engine.dialect.name != "postgresql":
        yield
        return
    try:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
            guard.exec_driver_sql("SET lock_timeout = 0")
            guard.exec_driver_sql(f"SELECT pg_advisory_lock({_MIGRATING})")
            yield
            guard.exec_driver_sql(f"SELECT pg_advisory_unlock({_MIGRATING})")
    except _AWAY as error:
        raise DatabaseAway(reason=_short(error)) from None


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # The driver would begin transactions when it likes; we begin them.
    connection.isolation_level = None
    _to_wal(connection)
    for line in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {line}")


def _to_wal(connection: sqlite3.Connection) -> None:
    """Have a write-ahead log. Of several processes that begin with one file SQLite refuses some at once, without its usual wait."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            # The lowest byte says what it is, the others why (SQLite, "Result and Error Codes").
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                raise
            time.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - no secret
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _short(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0][:200] if error.orig else str(error)[:200]
