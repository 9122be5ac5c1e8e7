"""A hub to test with, over both engines: SQLite and a folder always, PostgreSQL and S3 where Debian's packages are.

``hub`` is an opened hub of a small country (passphrase ``secret``) with the ministry's collection ``ministry/starter`` and the
academy ``ac-test``, whose collection is ``ac-test/choix``. Its clock stands still until ``clock.forward``.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edubox.hub.hub import Hub, open_hub
from edubox.publishing.country import add_publisher, create
from edubox.trust import keys
from tests.hub import engines, servers
from tests.hub.postgresql import PostgreSQL
from tests.hub.swift import Swift

PASSPHRASE = "secret"
COUNTRY_FILE = {
    "format": 1, "id": "tl", "languages": ["en"],
    "tier": [{"id": "ministry", "name": {"en": "Ministry"}}, {"id": "academy", "name": {"en": "Academy"}},
             {"id": "school", "name": {"en": "School"}}],
    "level": [{"id": "l", "name": {"en": "L"}}],
    "subject": [{"id": "s", "name": {"en": "S"}, "colour": "#123456", "icon": "atom"}],
    "school_id": {"name": {"en": "Id"}, "pattern": "[0-9]+"}, "school_year": {"begins": "09-01", "ends": "07-05"},
}  # fmt: skip
BEGIN = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that a test turns forward."""

    time: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture(scope="session")
def postgresql():
    server = PostgreSQL(servers.shared("postgresql"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def swift():
    server = Swift(servers.shared("swift"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def own_postgresql():
    """One that a test may restart and kill."""
    server = PostgreSQL()
    yield server
    server.close()


@pytest.fixture(scope="module")
def own_swift():
    """One that a test may stop."""
    server = Swift()
    yield server
    server.close()


@pytest.fixture(scope="session")
def country_template(tmp_path_factory) -> Path:
    """A country made once; tests get copies. Its keys open quickly: what scrypt costs is tested elsewhere."""
    return make_country(tmp_path_factory.mktemp("template") / "country", BEGIN)


@pytest.fixture(scope="session")
def country_of_now(tmp_path_factory) -> Path:
    """As ``country_template``, made by this computer's clock, for processes that have no other one."""
    return make_country(tmp_path_factory.mktemp("now") / "country", datetime.now(UTC))


def make_country(folder: Path, now: datetime) -> Path:
    """The country of these tests in the new *folder*, made at *now*."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "SCRYPT_N", 2**14)
        create(folder, "Testland", COUNTRY_FILE, PASSPHRASE, now)
        add_publisher(folder, "ministry/starter", "Ministry", PASSPHRASE, now, "ministry")
        add_publisher(folder, "ac-test/choix", "Academy", PASSPHRASE, now, "academy")
    return folder


@pytest.fixture(params=engines.NAMES)
def engine(request) -> engines.Engine:
    """Where a hub of this test has its database and its files: an own, empty place."""
    return engines.of(request.param, request)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def country(tmp_path, country_template) -> Path:
    """A country's folder of this test."""
    return Path(shutil.copytree(country_template, tmp_path / "country", symlinks=True))


@pytest.fixture
def hub(country, engine, clock):
    engine.configure(country)
    opened: Hub = open_hub(country, clock)
    yield opened
    opened.close()


@pytest.fixture
def hub_of_now(tmp_path, country_of_now, engine):
    """A hub with this computer's clock, whose queued work nobody does: a test starts the processes that do."""
    folder = Path(shutil.copytree(country_of_now, tmp_path / "country", symlinks=True))
    engine.configure(folder, workers=0)
    opened = open_hub(folder)
    yield opened
    opened.close()
