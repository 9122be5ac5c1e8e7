"""Queued work is done once and for all, whoever dies meanwhile, or is shown to people."""

from __future__ import annotations

import threading

import pytest

from edubox.errors import BadInput
from edubox.hub import queue, work


def put(hub, key="a", due=0, kind="test", **payload):
    return hub.database.change(lambda connection: queue.put(connection, kind, key, payload, due))


def take(hub, worker="w"):
    return queue.take(hub.database, worker, hub.now())


def listed(hub):
    with hub.database.read() as connection:
        return [(job.key, job.state) for job in queue.listed(connection)]


def test_work_is_taken_when_it_is_due_the_oldest_first(hub, clock):
    put(hub, "later", hub.now() + 60)
    put(hub, "b", 2)
    put(hub, "a", 1, n=[1, "é"])
    first = take(hub)
    assert (first.key, first.payload, first.tries) == ("a", {"n": [1, "é"]}, 1)
    assert take(hub).key == "b"
    assert take(hub) is None
    clock.forward(seconds=61)
    assert take(hub).key == "later"


def test_the_same_work_asked_twice_is_done_once_with_the_newest_wish(hub):
    assert put(hub, due=50, n=1) == put(hub, due=20, n=2) == put(hub, due=90, n=3)
    job = take(hub)
    assert (job.payload, job.due) == ({"n": 3}, 20)
    assert take(hub) is None


def test_work_asked_while_it_is_done_is_done_again_and_never_beside_itself(hub):
    put(hub, n=1)
    first = take(hub)
    put(hub, n=2)
    assert take(hub) is None
    assert queue.done(hub.database, first)
    assert take(hub).payload == {"n": 2}


def test_a_worker_that_died_does_not_keep_its_job_and_one_that_lives_does(hub, clock):
    put(hub)
    dead = take(hub, "dead")
    clock.forward(seconds=queue.LEASE - 1)
    assert queue.keep(hub.database, dead, hub.now())
    clock.forward(seconds=queue.LEASE - 1)
    assert take(hub, "next") is None
    clock.forward(seconds=2)
    mine = take(hub, "next")
    assert (mine.id, mine.tries) == (dead.id, 2)
    # The dead one comes back: it has nothing to say any more.
    assert not queue.keep(hub.database, dead, hub.now())
    assert not queue.done(hub.database, dead)
    assert not queue.failed(hub.database, dead, "late", hub.now())
    assert queue.done(hub.database, mine)
    assert listed(hub) == []


def test_what_fails_is_tried_later_and_later_and_ends_where_people_see_it(hub, clock):
    put(hub)
    waits = []
    for _ in range(queue.TRIES):
        job = take(hub)
        assert queue.failed(hub.database, job, "the store is away", hub.now())
        with hub.database.read() as connection:
            [job] = queue.listed(connection)
        waits.append(job.due - hub.now())
        clock.forward(seconds=queue.LONGEST_WAIT + 1)
    assert take(hub) is None
    assert (job.state, job.said, job.tries) == ("failed", "the store is away", queue.TRIES)
    assert all(
        queue.FIRST_WAIT * 2**n // 2 <= one <= queue.FIRST_WAIT * 2**n for n, one in enumerate(waits[:-1])
    )
    assert hub.database.change(lambda connection: queue.again(connection, job.id, hub.now()))
    assert take(hub).tries == 1


def test_a_job_that_kills_its_workers_ends_too(hub, clock):
    put(hub)
    for _ in range(queue.TRIES):
        assert take(hub)
        clock.forward(seconds=queue.LEASE + 1)
    assert take(hub) is None
    with hub.database.read() as connection:
        assert queue.counts(connection) == {"waiting": 0, "running": 0, "failed": 1}
        assert "ended without a word" in queue.listed(connection)[0].said


def test_many_workers_share_the_work_and_none_is_done_twice(hub):
    for number in range(30):
        put(hub, f"k{number}")
    done, lock = [], threading.Lock()

    def run(worker):
        while job := take(hub, worker):
            with lock:
                done.append(job.key)
            assert queue.done(hub.database, job)

    threads = [threading.Thread(target=run, args=(f"w{n}",)) for n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(done) == sorted(f"k{number}" for number in range(30))
    assert listed(hub) == []


@pytest.fixture
def handlers(monkeypatch):
    """Kinds of work of this test."""
    made = {}
    monkeypatch.setattr(work, "_handler", made.__getitem__)
    return made


def test_a_worker_does_what_is_due_and_goes_on_after_a_failure(hub, clock, handlers):
    seen = []

    def handle(_, job):
        seen.append(job.key)
        if job.key == "bad":
            raise BadInput(reason="not today")
        if job.key == "never":
            raise work.Never(reason="there is no such lesson")
        if job.key == "bug":
            raise ZeroDivisionError("oops")

    handlers["test"] = handle
    for number, key in enumerate(["bad", "never", "bug", "good"]):
        put(hub, key, number)
    assert work.work(hub) == 1
    assert seen == ["bad", "never", "bug", "good"]
    with hub.database.read() as connection:
        said = {job.key: (job.state, job.said) for job in queue.listed(connection)}
    assert said["never"] == ("failed", "This work cannot be done: there is no such lesson.")
    assert said["bad"][0] == said["bug"][0] == "waiting"
    assert "ZeroDivisionError" in said["bug"][1]


def test_a_job_that_lasts_is_kept_by_its_worker(hub, clock, handlers, monkeypatch):
    monkeypatch.setattr(work, "HEARTBEAT", 0.01)
    put(hub)

    def handle(_, job):
        # The clock passes the end of the loan while the job works; its worker has said meanwhile that it lives.
        for _ in range(3):
            clock.forward(seconds=queue.LEASE - 5)
            wanted = hub.now() + queue.LEASE
            for _ in range(2000):
                with hub.database.read() as connection:
                    if queue.listed(connection)[0].until >= wanted:
                        break
                threading.Event().wait(0.01)
            assert take(hub, "thief") is None

    handlers["test"] = handle
    assert work.work(hub) == 1


def test_work_that_this_edubox_does_not_know_is_shown(hub):
    put(hub, kind="future")
    assert work.work(hub) == 0
    with hub.database.read() as connection:
        assert "update this hub" in queue.listed(connection)[0].said


def test_what_comes_again_by_itself_is_planned_once(hub, clock, handlers):
    for _ in range(2):
        work.plan(hub)
    kinds = sorted(work.kinds(hub))
    assert sorted(key for key, _ in listed(hub)) == kinds
    ran = []
    for kind in kinds:
        handlers[kind] = lambda _, job: ran.append(job.kind)
    assert work.work(hub) == int(hub.in_bucket)
    clock.forward(seconds=max(work.PERIODIC.values()))
    assert work.work(hub) == len(kinds)
    assert work.work(hub) == 0
    assert sorted(key for key, _ in listed(hub)) == kinds


def test_what_comes_again_by_itself_comes_again_though_it_failed_to_the_end(hub, clock, handlers):
    """The bucket is away for a day: nobody starts the hub anew, and people see one failure, not a list of them."""
    work.plan(hub)
    away = [True]

    def handle(_, job):
        if away[0]:
            raise BadInput(reason="the store is away")

    for kind in work.PERIODIC:
        handlers[kind] = handle
    for _ in range(100):
        clock.forward(minutes=30)
        work.work(hub)
        work.plan(hub)
    with hub.database.read() as connection:
        failed = [job.key for job in queue.listed(connection, queue.FAILED)]
    assert len(failed) == len(set(failed)) > 0
    away[0] = False
    clock.forward(days=2)
    work.plan(hub)
    work.work(hub)
    with hub.database.read() as connection:
        assert queue.counts(connection)["failed"] == 0, "it works again: nothing is left to look at"
        assert queue.under_way(connection, work.PERIODIC) == set(failed)


def test_a_worker_that_dies_when_all_is_done_loses_nothing_that_comes_again(
    hub, clock, handlers, monkeypatch
):
    """It is killed at any moment after the work: then it is done anew, or planned, but never forgotten."""
    put(hub, "alert-sweep", kind="alert-sweep")
    handlers["alert-sweep"] = lambda *_: None

    def dies(*_):
        raise SystemExit

    monkeypatch.setattr(queue, "put", dies)
    with pytest.raises(SystemExit):
        work.work(hub)
    monkeypatch.undo()
    with hub.database.read() as connection:
        assert queue.under_way(connection, work.PERIODIC) == {"alert-sweep"}


def test_nobody_is_started_for_work_that_another_one_is_at(hub):
    put(hub, n=1)
    first = take(hub)
    put(hub, n=2)
    assert not queue.due(hub.database, hub.now())
    queue.done(hub.database, first)
    assert queue.due(hub.database, hub.now())
