"""Engines that go in the middle: nothing that was said to be done is lost, and nothing is half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import func, select

from edubox.errors import NoRoom, StoreAway
from edubox.hub import audit, queue, release
from edubox.hub.database import open_database
from edubox.hub.errors import DatabaseAway
from edubox.hub.hub import open_hub
from edubox.hub.tables import audit as table
from edubox.store import s3
from tests.hub.publications import publish


@pytest.fixture
def database(own_postgresql):
    opened = open_database(own_postgresql.empty().replace("postgresql:", "postgresql+psycopg:"))
    yield opened
    opened.close()


def write(database, subject):
    database.change(lambda connection: audit.write(connection, 1, "marie", "test", subject))


def subjects(database):
    with database.read() as connection:
        return [line.subject for line in audit.every(connection)]


def test_a_database_that_restarts_loses_nothing_and_the_hub_takes_up_by_itself(own_postgresql, database):
    write(database, "before")
    own_postgresql.restart()
    write(database, "after")
    own_postgresql.kill()
    with pytest.raises(DatabaseAway):
        write(database, "never")
    with pytest.raises(DatabaseAway), database.read() as connection:
        audit.head(connection)
    own_postgresql.start()
    write(database, "at last")
    assert subjects(database) == ["before", "after", "at last"]
    audit.verify(database)


def test_what_was_said_to_be_done_is_there_after_restarts_in_the_middle(own_postgresql, database):
    """Writers go on through two crashes; each remembers what the hub said was done."""
    done, ended = [], threading.Event()

    def run(name):
        number = 0
        while not ended.is_set():
            number += 1
            try:
                write(database, f"{name}-{number}")
            except DatabaseAway:
                ended.wait(0.05)
            else:
                done.append(f"{name}-{number}")

    threads = [threading.Thread(target=run, args=(name,)) for name in "ab"]
    for one in threads:
        one.start()
    for stop in (own_postgresql.kill, own_postgresql.stop):
        before = len(done)
        while len(done) < before + 5:
            time.sleep(0.02)
        stop()
        own_postgresql.start()
    before = len(done)
    while len(done) < before + 5:
        time.sleep(0.02)
    ended.set()
    for one in threads:
        one.join()
    found = subjects(database)
    assert set(done) <= set(found), "said to be done, and lost"
    assert len(found) == len(set(found)), "done twice"
    audit.verify(database)


def test_a_transaction_that_is_cut_leaves_nothing(own_postgresql, database):
    def work(connection):
        audit.write(connection, 1, "marie", "test", "half")
        queue.put(connection, "test", "half", {}, 0)
        own_postgresql.restart()
        audit.write(connection, 1, "marie", "test", "rest")

    with pytest.raises(DatabaseAway):
        database.change(work)
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar() == 0
        assert queue.listed(connection) == []


def test_a_disk_that_is_full_keeps_what_there_was(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'hub.db'}")
    write(database, "before")
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()

    def narrow(raw, _):
        raw.execute(f"PRAGMA max_page_count={pages + 2}")

    from sqlalchemy import event

    event.listen(database.engine, "connect", narrow)
    database.engine.dispose()
    with pytest.raises(DatabaseAway, match="full"):  # noqa: PT012 - which of them, nobody knows
        for number in range(1000):
            database.change(lambda c, n=number: audit.write(c, 1, "marie", "test", f"{n}", "x" * 4000))
    assert audit.verify(database)
    assert subjects(database)[0] == "before"
    database.close()


def test_a_bucket_that_refuses_or_is_away_keeps_readers_where_they_were(
    own_swift, country, clock, monkeypatch
):
    monkeypatch.setattr(s3, "TRIES", 1)
    (country / "hub.toml").write_text(
        f'blobs = "s3://{own_swift.bucket}/f"\ns3_endpoint = "{own_swift.endpoint}"\ns3_credentials = "{own_swift.credentials}"\n'
    )
    hub = open_hub(country, clock)
    release.release(hub)
    seen = {one.key: one.size for one in hub.public.blobs()}
    publish(country, "les-saisons", "Les saisons", clock())
    for trouble in (own_swift.refuse, own_swift.away):
        with trouble(), pytest.raises(StoreAway):
            release.release(hub)
    assert {one.key: one.size for one in hub.public.blobs()} == seen
    assert release.release(hub).repositories == 1
    assert {one.key for one in hub.public.blobs()} > seen.keys()
    hub.close()


def test_a_bucket_that_is_full_is_no_room_and_nothing_is_half_shown(country, clock, tmp_path):
    from tests.store.faulty import FaultyStore

    bucket, database = FaultyStore(), open_database(f"sqlite:///{tmp_path / 'n.db'}")

    def full(name, key):
        if name == "put" and "snapshot" in key:
            raise NoRoom(path="bucket", reason="QuotaExceeded")

    bucket.fault = full
    with pytest.raises(NoRoom):
        release.copy(country / "mirror", bucket, database)
    assert not [key for key in bucket.held if key.endswith("timestamp.json")]
    database.close()


def test_a_worker_that_is_killed_loses_its_job_to_another(hub, clock):
    """A real process takes the job and is killed in the middle of it."""
    hub.database.change(lambda c: queue.put(c, "test", "a", {}, 0))
    program = (
        "import sys, time; from datetime import datetime; from pathlib import Path\n"
        "from edubox.hub import work, hub\n"
        f"opened = hub.open_hub(Path({str(hub.data)!r}), lambda: datetime.fromisoformat({clock().isoformat()!r}))\n"
        "work._handler = lambda kind: lambda *_: (print('begun', flush=True), time.sleep(600))\n"
        "work.work(opened)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=os.environ)
    try:
        assert child.stdout.readline() == b"begun\n"
        assert queue.take(hub.database, "other", hub.now()) is None
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
    clock.forward(seconds=queue.LEASE + 1)
    job = queue.take(hub.database, "other", hub.now())
    assert job.tries == 2
    assert queue.done(hub.database, job)
