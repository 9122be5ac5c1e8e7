"""The tables as streams of rows: how a database leaves for another engine or for a backup, and how its loss would be seen.

Rows come in pages, so a table of any length passes through little memory. The digest of a table does not depend on the order of
its rows, which engines sort differently: it is the sum of the rows' SHA-256, with their number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Integer, Table, delete, func, insert, select, text

from edubox.hub.tables import about, metadata

#: Rows in memory at once.
PAGE = 500
_MODULUS = 2**256
Row = list[Any]


def tables() -> list[Table]:
    """Every table but ``about``, which each database has of its own; those that others need first."""
    return [table for table in metadata.sorted_tables if table is not about]


def rows(connection: Connection, table: Table) -> Iterator[Row]:
    """Every row of *table*, its values in the order of the columns."""
    found = connection.execution_options(yield_per=PAGE).execute(
        select(table).order_by(*table.primary_key.columns)
    )
    for row in found:
        yield list(row)


def add(connection: Connection, table: Table, values: Iterable[Row]) -> None:
    """Insert rows as ``rows`` gives them."""
    names = [column.name for column in table.columns]
    page: list[dict[str, Any]] = []
    for one in values:
        page.append(dict(zip(names, one, strict=True)))
        if len(page) == PAGE:
            connection.execute(insert(table), page)
            page = []
    if page:
        connection.execute(insert(table), page)


def empty(connection: Connection, table: Table) -> None:
    """Remove every row."""
    connection.execute(delete(table))


def number(connection: Connection, table: Table) -> int:
    """How many rows there are."""
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


class Digest:
    """Number and sum of rows."""

    def __init__(self) -> None:
        self._number = self._sum = 0

    def add(self, row: Row) -> None:
        """Count one row."""
        content = json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode()
        self._number += 1
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(content).digest())) % _MODULUS

    def through(self, found: Iterable[Row], seen: Callable[[int], None] = lambda _: None) -> Iterator[Row]:
        """*found* as it is, counted; *seen* gets the number so far."""
        for row in found:
            self.add(row)
            seen(self._number)
            yield row

    def __str__(self) -> str:
        return f"{self._number}:{self._sum:064x}"


def digest(connection: Connection, table: Table) -> str:
    """Of all rows of *table*."""
    made = Digest()
    for row in rows(connection, table):
        made.add(row)
    return str(made)


def go_on_counting(connection: Connection) -> None:
    """Let PostgreSQL give new rows numbers above those that were inserted with theirs; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables():
        column = table.autoincrement_column
        if column is not None and isinstance(column.type, Integer):
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', '{column.name}'), "  # noqa: S608 - names of ours
                    f'coalesce((SELECT max({column.name}) FROM "{table.name}"), 0) + 1, false)'
                )
            )
