"""A database of an older edubox goes up step by step to the tables of this one; a newer one is left alone."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import threading
import types
from pathlib import Path

import pytest
from sqlalchemy import MetaData, String, inspect, select, text, update
from sqlalchemy.schema import CreateIndex, CreateTable

from edubox.hub import migrations
from edubox.hub.database import _prepare_sqlite, open_database
from edubox.hub.errors import NewerSchema
from edubox.hub.tables import about, metadata
from tests.hub import engines

FIRST = Path(__file__).parent / "first_schema"


@pytest.fixture(params=engines.NAMES)
def address(request, tmp_path):
    """An empty database."""
    if request.param == engines.SMALL:
        return f"sqlite:///{tmp_path / 'hub.db'}"
    empty = request.getfixturevalue("postgresql").empty()
    return empty.replace("postgresql:", "postgresql+psycopg:")


def statements(dialect) -> str:
    """What makes the tables of today."""
    made = []
    for table in sorted(metadata.tables.values(), key=lambda table: table.name):
        made.append(str(CreateTable(table).compile(dialect=dialect)).strip() + ";")
        made += sorted(
            str(CreateIndex(index).compile(dialect=dialect)).strip() + ";" for index in table.indexes
        )
    return "\n".join(line.rstrip() for line in "\n".join(made).splitlines()) + "\n"


def described(engine):
    """Columns and indexes of every table."""
    found = inspect(engine)
    return {
        name: (
            [
                (
                    c["name"],
                    str(c["type"]) if not isinstance(c["type"], String) else c["type"].length,
                    c["nullable"],
                )
                for c in found.get_columns(name)
            ],
            sorted((i["name"], tuple(i["column_names"]), bool(i["unique"])) for i in found.get_indexes(name)),
        )
        for name in sorted(found.get_table_names())
    }


def test_a_database_of_the_first_hub_becomes_one_of_this_edubox(address, tmp_path):
    database = open_database(address)
    wanted = described(database.engine)
    name = database.engine.dialect.name

    def first(connection):
        old = MetaData()
        old.reflect(connection)
        old.drop_all(connection)
        for statement in (FIRST / f"{name}.sql").read_text("utf-8").split(";\n"):
            if statement.strip():
                connection.execute(text(statement))
        connection.execute(text("INSERT INTO about (key, value) VALUES ('schema', '1'), ('hub', 'x')"))

    database.change(first)
    database.close()
    database = open_database(address)
    assert described(database.engine) == wanted, (
        "tables.py was changed without a step in edubox/hub/migrations (before the first release: python -m tests.hub.first_schema)"
    )
    with database.read() as connection:
        assert migrations.schema(connection) == migrations.latest()
    database.close()


def test_a_newer_database_is_refused_and_left_as_it_is(address):
    database = open_database(address)
    database.change(lambda c: c.execute(update(about).where(about.c.key == "schema").values(value="999")))
    database.close()
    with pytest.raises(NewerSchema, match="update this hub"):
        open_database(address)


def step(name, *lines):
    module = types.ModuleType(f"{migrations.__name__}.{name}")
    module.up = lambda connection: [connection.execute(text(line)) for line in lines]
    return module


def test_steps_are_taken_in_order_each_whole_or_not_at_all(address, monkeypatch):
    open_database(address).close()
    monkeypatch.setattr(migrations, "STEPS", {2: "second", 3: "third"})
    made = {
        "second": step("second", "CREATE TABLE news (id INTEGER)", "INSERT INTO news VALUES (1)"),
        "third": step("third", "INSERT INTO news VALUES (2)", "INSERT INTO absent VALUES (1)"),
    }
    for name, module in made.items():
        monkeypatch.setitem(sys.modules, f"{migrations.__name__}.{name}", module)
    with pytest.raises(Exception, match="absent"):
        open_database(address)
    monkeypatch.setitem(
        sys.modules, f"{migrations.__name__}.third", step("third", "INSERT INTO news VALUES (3)")
    )
    database = open_database(address)
    with database.read() as connection:
        assert migrations.schema(connection) == 3
        assert [row.id for row in connection.execute(text("SELECT id FROM news ORDER BY id"))] == [1, 3]
    database.close()


def test_who_begins_while_another_one_writes_the_first_page_waits_though_sqlite_refuses(tmp_path):
    refused = threading.Event()

    class Impatient(sqlite3.Connection):
        def execute(self, *words):
            try:
                return super().execute(*words)
            except sqlite3.OperationalError:
                refused.set()
                raise

    path = tmp_path / "hub.db"
    first = sqlite3.connect(path, isolation_level=None)
    first.execute("BEGIN EXCLUSIVE")
    modes = []

    def begin():
        with contextlib.closing(sqlite3.connect(path, timeout=0, factory=Impatient)) as second:
            _prepare_sqlite(second, None)
            modes.append(second.execute("PRAGMA journal_mode").fetchone())

    thread = threading.Thread(target=begin)
    thread.start()
    assert refused.wait(30)
    first.execute("COMMIT")
    thread.join()
    first.close()
    assert modes == [("wal",)]


def test_several_processes_may_begin_with_an_empty_database(address):
    opened, failed = [], []

    def begin():
        try:
            opened.append(open_database(address))
        except Exception as error:  # noqa: BLE001 - of a thread
            failed.append(error)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not failed
    assert len(opened) == 4
    with opened[0].read() as connection:
        assert len(connection.execute(select(about).where(about.c.key == migrations.HUB)).all()) == 1
    for one in opened:
        one.close()
