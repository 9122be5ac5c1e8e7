"""A hub grows out of one file into PostgreSQL and a bucket, and back, and loses nothing on the way."""

from __future__ import annotations

import pytest

from edubox.errors import AlreadyExists, BadInput, Busy, EduboxError, StoreAway
from edubox.hub import audit, move, queue
from edubox.hub.errors import LostOnTheWay, Moved
from edubox.hub.hub import open_hub
from tests.hub import engines
from tests.hub.filled import contents, fill
from tests.hub.publications import publish


@pytest.fixture
def small(country, clock):
    """A filled hub on SQLite and a folder, closed; what is in it."""
    publish(country, "les-saisons", "Les saisons", clock(), film=b"film" * 1000)
    hub = open_hub(country, clock)
    fill(hub)
    before = contents(hub)
    hub.close()
    return before


@pytest.fixture
def large(request, tmp_path):
    """Settings of an empty PostgreSQL and bucket."""
    engine = engines.of(engines.LARGE, request)
    return engine.write(tmp_path / "large.toml", port=9999)


def opened(country, clock):
    hub = open_hub(country, clock)
    try:
        return contents(hub)
    finally:
        hub.close()


def test_a_hub_moves_to_postgresql_and_a_bucket_and_back_without_loss(country, clock, small, large, tmp_path):
    seen = []
    done = move.move(country, large, lambda *line: seen.append(line))
    assert sum(done.rows.values()) > 20
    assert done.files == 3
    assert done.head == small["head"]
    assert seen[-1][1] == seen[-1][2]
    assert opened(country, clock) == small
    hub = open_hub(country, clock)
    assert (hub.settings["port"], hub.in_bucket) == (9999, True)
    assert hub.public.size("directory/metadata/timestamp.json")
    # It goes on: new rows get new numbers, the chain goes on.
    hub.database.change(lambda c: queue.put(c, "new", "new", {}, 0))
    hub.database.change(lambda c: audit.write(c, 1, "marie", "test", "after"))
    audit.verify(hub.database)
    after = contents(hub)
    hub.close()
    (tmp_path / "small.toml").write_text("port = 8090\n")
    move.move(country, tmp_path / "small.toml")
    assert opened(country, clock) == after
    # And once more: the place that was left earlier is taken again.
    move.move(country, large)
    assert opened(country, clock) == after


def test_nobody_goes_on_with_the_old_place(country, clock, small, large):
    settings = country / "hub.toml"
    move.move(country, large)
    settings.unlink()
    with pytest.raises(Moved, match="elsewhere"):
        open_hub(country, clock)


def test_a_hub_that_runs_is_not_moved(country, clock, small, large):
    hub = open_hub(country, clock)
    with pytest.raises(Busy):
        move.move(country, large)
    hub.close()
    move.move(country, large)
    # From another computer nobody sees our lock: PostgreSQL tells.
    hub = open_hub(country, clock)
    import os

    os.close(hub.database.held)
    hub.database.held = None
    (country.parent / "small.toml").write_text("")
    with hub.database.read() as connection:
        queue.counts(connection)
        with pytest.raises(Busy):
            move.move(country, country.parent / "small.toml")
    hub.close()


def test_a_database_that_holds_something_else_is_left_alone(
    country, clock, small, large, tmp_path, country_template
):
    import shutil

    other = shutil.copytree(country_template, tmp_path / "other")
    (other / "hub.toml").write_bytes(large.read_bytes())
    hub = open_hub(other, clock)
    fill(hub, 1)
    before = contents(hub)
    hub.close()
    with pytest.raises(AlreadyExists):
        move.move(country, large)
    assert opened(other, clock) == before
    assert opened(country, clock) == small


@pytest.mark.parametrize("after", [0, 3, 9, 30])
def test_a_move_that_was_cut_is_taken_up(country, clock, small, large, monkeypatch, after):
    """Cut in rows or in files; the hub goes on where it was, and a second run ends it."""
    left = [after]

    def cut(function):
        def call(*arguments):
            left[0] -= 1
            if left[0] < 0:
                raise StoreAway(store="bucket", reason="cut")
            return function(*arguments)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(move.rows, "add", cut(move.rows.add))
        patch.setattr(move, "_fetch", cut(move._fetch))
        try:
            move.move(country, large)
            whole = True
        except StoreAway:
            whole = False
    if not whole:
        assert opened(country, clock) == small
        move.move(country, large)
    assert opened(country, clock) == small


def test_a_half_moved_database_is_no_hub(country, clock, small, large, monkeypatch):
    monkeypatch.setattr(
        move, "_files", lambda *_: (_ for _ in ()).throw(StoreAway(store="bucket", reason="cut"))
    )
    with pytest.raises(StoreAway):
        move.move(country, large)
    (country / "hub.toml").write_bytes(large.read_bytes())
    with pytest.raises(Moved, match="not finished"):
        open_hub(country, clock)


def test_what_arrives_otherwise_than_it_was_sent_is_noticed(country, clock, small, large, monkeypatch):
    real = move.rows.rows

    def lossy(connection, table):
        return (row for number, row in enumerate(real(connection, table)) if table.name != "audit" or number)

    with monkeypatch.context() as patch:
        add = move.rows.add
        patch.setattr(
            move.rows, "add", lambda c, t, _: add(c, t, lossy(c, t)) if t.name == "audit" else add(c, t, _)
        )
        with pytest.raises(LostOnTheWay, match="audit"):
            move.move(country, large)
    with monkeypatch.context() as patch:
        patch.setattr(move, "_fetch", lambda _store, _key, p: (p.write_bytes(b"other"), "0")[1])
        with pytest.raises(LostOnTheWay, match="pieces"):
            move.move(country, large)
    assert opened(country, clock) == small


def test_a_move_to_where_the_hub_is_is_a_mistake(country, clock, small, tmp_path):
    (tmp_path / "same.toml").write_text("port = 1\n")
    with pytest.raises(BadInput, match="nothing would move"):
        move.move(country, tmp_path / "same.toml")
    with pytest.raises(EduboxError):
        move.move(country, tmp_path / "absent.toml")
