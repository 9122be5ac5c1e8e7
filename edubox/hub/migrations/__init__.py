"""How a database of an older edubox becomes one of this edubox: one module a step, numbered, each in one transaction.

``about`` says which schema the database has. A new database is made whole from ``tables``; an older one goes up step by step, a
newer one is refused. A step is written against the tables as they were then, in words that SQLite and PostgreSQL both know, and
never changed again. To change a table: change ``tables.py``, add ``m0002_….py`` with ``up(connection)``, name it in ``STEPS``;
``tests/hub/test_migrations.py`` makes the first schema, goes up, and compares.
"""

from __future__ import annotations

import importlib
import secrets
from collections.abc import Mapping

from sqlalchemy import Connection, insert, inspect, select, update

from edubox.hub.errors import NewerSchema
from edubox.hub.tables import about, metadata

#: The schema of the first edubox that had a hub.
FIRST = 1
#: Schema → the module of this room whose ``up`` makes it of the one before.
STEPS: Mapping[int, str] = {}
SCHEMA, HUB = "schema", "hub"


def latest(steps: Mapping[int, str] | None = None) -> int:
    """The schema that this edubox knows."""
    return max(STEPS if steps is None else steps, default=FIRST)


def schema(connection: Connection) -> int | None:
    """The schema that the database has; None for an empty database."""
    if not inspect(connection).has_table(about.name):
        return None
    found = connection.execute(select(about.c.value).where(about.c.key == SCHEMA)).scalar()
    return None if found is None else int(found)


def migrate(connection: Connection, steps: Mapping[int, str] | None = None) -> None:
    """One step up, or all tables of an empty database; call it until ``schema`` is ``latest``. Raises NewerSchema."""
    steps = STEPS if steps is None else steps
    has, wanted = schema(connection), latest(steps)
    if has is None:
        metadata.create_all(connection)
        connection.execute(insert(about).values(key=SCHEMA, value=str(wanted)))
        # Who this hub is, wherever its tables go.
        connection.execute(insert(about).values(key=HUB, value=secrets.token_hex(16)))
    elif has > wanted:
        raise NewerSchema(found=has, known=wanted)
    elif has < wanted:
        importlib.import_module(f"{__name__}.{steps[has + 1]}").up(connection)
        connection.execute(update(about).where(about.c.key == SCHEMA).values(value=str(has + 1)))
