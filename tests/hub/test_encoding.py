"""A database that was made without a language (in a container, say) holds the hub's text all the same."""

from __future__ import annotations

from sqlalchemy import select

from edubox.hub import audit
from edubox.hub.database import open_database
from edubox.hub.tables import audit as table


def test_a_postgresql_that_was_made_without_a_language_holds_accents(postgresql):
    address = postgresql.empty("", "template0", "-E", "SQL_ASCII", "--locale", "C")
    database = open_database(address.replace("postgresql:", "postgresql+psycopg:"))
    database.change(lambda connection: audit.write(connection, 1, "Zoé", "test", "Collège Ïlot", "日本"))
    with database.read() as connection:
        row = connection.execute(select(table)).one()
    assert (row.actor, row.subject, row.detail) == ("Zoé", "Collège Ïlot", "日本")
    database.close()
