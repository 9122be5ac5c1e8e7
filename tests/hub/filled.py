"""A hub with something in every table and in its intake, and what is compared after it was moved or restored."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, insert

from edubox.hub import audit, queue, rows
from edubox.hub.tables import released


def fill(hub, number: int = 3) -> None:
    """Rows of every table, with letters of every kind and numbers beyond 32 bits, and files."""

    def work(connection):
        for table in rows.tables():
            if table.name in {"audit", "jobs", released.name}:
                continue
            for count in range(1, number + 1):
                connection.execute(insert(table).values(**{c.name: _value(c, count) for c in table.columns}))
        for count in range(number):
            audit.write(connection, count, "marie", "test", f"é😀{count}", 'a"b\n')
            queue.put(connection, "test", str(count), {"n": count}, hub.now() + 10**6)

    hub.database.change(work)
    for count in range(number):
        hub.blobs.put_bytes(f"pieces/{count}/f{count}", bytes([count]) * 70_000)


def _value(column, count: int):
    if isinstance(column.type, BigInteger):
        return 10**12 + count
    if isinstance(column.type, Integer):
        return count
    return f"é😀 {count}"[: getattr(column.type, "length", None) or 100]


def contents(hub) -> dict:
    """All that must survive."""
    with hub.database.read() as connection:
        found = {
            table.name: sorted(map(repr, rows.rows(connection, table)))
            for table in rows.tables()
            if table is not released
        }
        head = audit.head(connection)
    files = {}
    for one in hub.blobs.blobs():
        with hub.blobs.read(one.key) as stream:
            files[one.key] = stream.read()
    return {"rows": found, "head": head, "files": files}
