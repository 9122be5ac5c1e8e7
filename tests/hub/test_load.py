"""More than a hub can do: it says so and when to come again, gives out lessons all the while, and loses nothing that it took."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from edubox.hub import audit
from edubox.hub.tables import boxes, check_in_days, check_ins
from edubox.hub.unhurried import LATER, unhurried
from edubox.store.server import THREADS, WAITED
from tests.hub.enrol.world import Asker, give_codes
from tests.hub.load import Crowd, http, memory, storm
from tests.hub.processes import ask, served

TIMESTAMP = "/directory/metadata/timestamp.json"
#: Ten times as many as a hub thinks about at once, and more; MiB that all of them together may cost it.
AT_ONCE, ROOM = 10 * THREADS, 64


@pytest.fixture
def hub(hub_of_now):
    return hub_of_now


@contextmanager
def held(hub):
    """Nobody may write what check-ins write, as while an operator's own transaction takes long."""
    with hub.database.engine.connect() as connection:
        if hub.database.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE boxes IN EXCLUSIVE MODE")
        else:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield
        connection.exec_driver_sql("ROLLBACK")


def counted(hub):
    with hub.database.read() as connection:
        return connection.execute(select(func.coalesce(func.sum(check_in_days.c.times), 0))).scalar()


def until_all_are_heard(address, crowd, sent):
    """Boxes whose request was not heard send the very same one again, as often as it takes; how many waves that were."""
    heard = storm(address, sent, AT_ONCE)
    waves = 1
    while left := [one for one, status in zip(sent, heard.status, strict=True) if status != 200]:
        assert waves < 100
        heard, sent, waves = storm(address, left, AT_ONCE // 8), left, waves + 1
    del crowd
    return waves


def test_ten_times_the_check_ins_are_all_counted_once_and_the_hub_stays_small(hub, engine):
    crowd = Crowd(hub, 400)
    with served(hub.data, 1, engine.environment) as ((child, address),):
        assert storm(address, [crowd.check_in(0)], 1).status == [200]
        before = memory(child.pid)
        sent = [crowd.check_in(number) for number in range(crowd.count)] + [
            http("GET", TIMESTAMP) for _ in range(50)
        ]
        heard = storm(address, sent, AT_ONCE)
        # Whoever was not heard was told when to come again; nobody was cut or told nonsense. Lessons were given to all.
        assert set(heard.counts) <= {200, 503}
        assert heard.status[crowd.count :] == [200] * 50
        assert all(LATER[0] <= seconds <= LATER[1] or seconds == 30 for seconds in heard.retry)
        until_all_are_heard(address, crowd, sent[: crowd.count])
        assert memory(child.pid) - before < ROOM
    assert counted(hub) == crowd.count + 1
    with hub.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(check_ins)).scalar() == crowd.count


def test_while_the_database_is_held_up_lessons_are_given_out_and_boxes_are_told_to_come_later(hub, engine):
    """No clock is asked: the mirror answers while the database still is held."""
    crowd = Crowd(hub, AT_ONCE)
    with served(hub.data, 1, engine.environment) as ((child, address),):
        storm(address, [crowd.check_in(0)], 1)
        before = memory(child.pid)
        sent = [crowd.check_in(number) for number in range(AT_ONCE)]
        heard = []
        with held(hub):
            storming = threading.Thread(target=lambda: heard.append(storm(address, sent, AT_ONCE)))
            storming.start()
            for _ in range(20):
                assert ask(address, "GET", TIMESTAMP)[0] == 200
            assert not heard, "the database was not held up"
        storming.join()
        (heard,) = heard
        assert set(heard.counts) <= {200, 503}
        # All but those that had a thread were told at once.
        assert heard.counts[503] >= AT_ONCE - 2 * THREADS
        assert all(LATER[0] <= seconds <= LATER[1] or seconds == 30 for seconds in heard.retry)
        until_all_are_heard(address, crowd, sent)
        assert memory(child.pid) - before < ROOM
    assert counted(hub) == AT_ONCE + 1


def test_a_crowd_that_asks_to_be_enrolled_is_taken_in_once_each_and_wrong_codes_cost_nothing(hub, engine):
    codes = give_codes(hub, AT_ONCE)
    askers = [Asker(name=f"ecole-{number}") for number in range(AT_ONCE)]
    sent = []
    for asker, code in zip(askers, codes, strict=True):
        body = asker.body(code)
        sent.append(http("POST", "/api/1/enrolments", body, asker.headers(body)))
    stranger = Asker()
    for _ in range(AT_ONCE):
        body = stranger.body("0000-0000-0000")
        sent.append(http("POST", "/api/1/enrolments", body, stranger.headers(body)))
    with served(hub.data, 1, engine.environment) as ((_, address),):
        heard = storm(address, sent, AT_ONCE)
        assert set(heard.counts) <= {200, 403, 429, 503}
        assert all(status != 200 for status in heard.status[AT_ONCE:])
        until_all_are_heard(address, askers, sent[:AT_ONCE])
    with hub.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(boxes)).scalar() == AT_ONCE
        asked = [line for line in audit.every(connection) if line.action == "enrol.ask"]
    assert len(asked) == AT_ONCE
    audit.verify(hub.database)


def test_a_request_that_waited_long_is_answered_without_work_and_people_are_not_put_off():
    done = []

    def app(environ, start_response):
        done.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return [b""]

    said = []
    served_ = unhurried(app)
    for path in ("/api/1/check-ins", "/bureau/"):
        served_(
            {"PATH_INFO": path, WAITED: 60.0}, lambda status, headers: said.append((status, dict(headers)))
        )
    assert done == ["/bureau/"]
    assert said[0][0].startswith("503")
    assert LATER[0] <= int(said[0][1]["Retry-After"]) <= LATER[1]
    served_({"PATH_INFO": "/api/1/check-ins", WAITED: 0.1}, lambda *_: None)
    assert done[-1] == "/api/1/check-ins"
