"""Write the tables of today as the first schema. After the first release this is never run again."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.dialects import postgresql, sqlite

from tests.hub.test_migrations import statements

for dialect in (sqlite.dialect(), postgresql.dialect()):
    (Path(__file__).parent / f"{dialect.name}.sql").write_text(statements(dialect), "utf-8")
