"""Who did what is kept: nobody changes, removes or adds a line without being found."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import delete, func, insert, select, update

from edubox.errors import BadInput
from edubox.hub import audit
from edubox.hub.errors import BrokenAudit
from edubox.hub.tables import about
from edubox.hub.tables import audit as table


def write(hub, number=5):
    for one in range(number):
        hub.database.change(
            lambda connection, one=one: audit.write(connection, 100 + one, "marie", "enrol.accept", f"ac-x/{one}", "é😀")
        )  # fmt: skip


def head(hub):
    with hub.database.read() as connection:
        return audit.head(connection)


def test_the_audit_of_a_new_hub_is_whole_and_empty(hub):
    assert audit.verify(hub.database) == "0:" + "0" * 64 == head(hub)


def test_lines_are_sealed_in_order_and_read_newest_first(hub):
    write(hub)
    assert audit.verify(hub.database) == head(hub)
    with hub.database.read() as connection:
        newest = audit.lines(connection, limit=2)
        assert [line.number for line in newest] == [5, 4]
        assert [line.number for line in audit.lines(connection, before=4)] == [3, 2, 1]
        assert [line.number for line in audit.lines(connection, subject="ac-x/1")] == [2]
        assert newest[0].detail == "é😀"
        assert newest[0].previous == newest[1].hash


@pytest.mark.parametrize(
    "attack",
    [
        lambda c: c.execute(update(table).where(table.c.number == 3).values(actor="paul")),
        lambda c: c.execute(update(table).where(table.c.number == 3).values(at=1)),
        lambda c: c.execute(delete(table).where(table.c.number == 3)),
        lambda c: c.execute(delete(table).where(table.c.number == 5)),
        lambda c: c.execute(delete(table)),
        lambda c: c.execute(
            insert(table).values(number=6, at=1, actor="a", action="b", subject="c", detail="", previous="0", hash="1")
        ),
    ],
    ids=["actor", "time", "middle", "end", "all", "added"],
)  # fmt: skip
def test_a_line_that_was_changed_removed_or_added_is_found(hub, attack):
    write(hub)
    hub.database.change(attack)
    with pytest.raises(BrokenAudit):
        audit.verify(hub.database)


def test_whoever_wrote_a_head_down_finds_an_audit_that_was_written_anew(hub):
    write(hub)
    known = head(hub)
    write(hub, 2)
    audit.verify(hub.database, known)

    def anew(connection):
        connection.execute(delete(table))
        connection.execute(delete(about).where(about.c.key == audit.HEAD))
        for one in range(9):
            audit.write(connection, one, "nobody", "none", "none")

    hub.database.change(anew)
    audit.verify(hub.database)
    with pytest.raises(BrokenAudit, match="written down"):
        audit.verify(hub.database, known)
    hub.database.change(
        lambda c: (c.execute(delete(table)), c.execute(delete(about).where(about.c.key == audit.HEAD)))
    )
    with pytest.raises(BrokenAudit, match="up to 5"):
        audit.verify(hub.database, known)


def test_what_failed_is_not_in_the_audit(hub):
    def work(connection):
        audit.write(connection, 1, "marie", "enrol.accept", "ac-x/1")
        raise BadInput(reason="no")

    with pytest.raises(BadInput):
        hub.database.change(work)
    assert head(hub).startswith("0:")


def test_two_who_act_at_once_are_both_in_it(hub):
    threads = [threading.Thread(target=write, args=(hub, 10)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert audit.verify(hub.database).startswith("40:")
    with hub.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar() == 40


@pytest.mark.parametrize("known", ["x", "5", "5:abc", ":" + "0" * 64])
def test_a_head_that_is_none_is_said_to_be_none(hub, known):
    with pytest.raises(BadInput, match="no head"):
        audit.verify(hub.database, known)


def test_a_very_long_detail_is_cut(hub):
    hub.database.change(
        lambda connection: audit.write(connection, 1, "a" * 999, "b" * 999, "c" * 999, "d" * 99_999)
    )
    assert audit.verify(hub.database).startswith("1:")
