"""Several web processes and several workers on one database: what one of them knows, all know; who is killed loses nothing."""

from __future__ import annotations

import signal
import threading
from collections import Counter

import pytest
from sqlalchemy import select

from edubox.hub import audit, queue
from edubox.hub.accounts import people, sessions, totp
from edubox.hub.accounts.roles import Person
from edubox.hub.enrol import limits
from edubox.hub.review import accept, arrivals
from edubox.hub.tables import boxes, check_in_days, republications
from edubox.hub.tables import people as people_table
from edubox.publishing.workplace import Workplace
from edubox.trust.codes import new_code
from edubox.trust.fetch import FolderFetch
from edubox.trust.publisher import current
from tests.hub.enrol.world import Asker
from tests.hub.fleet.world import PATH, SAID
from tests.hub.intake.world import School, enrol
from tests.hub.processes import COLLECTION, ask, at_once, programs, served, until
from tests.hub.review.world import arrive

#: Seconds of a loan where a worker is killed.
LEASE = 3
#: A worker that does what is due until it is told to end.
WORKER = "print('ready', flush=True)\nwhile True:\n    work.work(hub)\n    time.sleep(0.1)\n"


@pytest.fixture
def hub(hub_of_now):
    return hub_of_now


@pytest.fixture
def school(hub, tmp_path):
    made = School(tmp_path / "box", now=hub.clock())
    enrol(hub, made)
    return made


def counted(hub):
    with hub.database.read() as connection:
        return sum(row.times for row in connection.execute(select(check_in_days)))


def test_a_request_counts_once_whichever_process_hears_it_and_an_older_one_never(hub, school, engine):
    body = SAID.to_bytes()
    with served(hub.data, 2, engine.environment) as ((_, a), (_, b)):
        for address in (a, b, a):
            assert ask(address, "POST", PATH, body, school.signer, 7)[0] == 200
        assert counted(hub) == 1
        status, said, _ = ask(b, "POST", PATH, body, school.signer, 6)
        assert (status, said["error"], said["counter"]) == (409, "replayed", 7)
        assert ask(b, "POST", PATH, body, school.signer, 8)[0] == 200
        assert ask(a, "POST", PATH, body, school.signer, 7)[0] == 409
    assert counted(hub) == 2


def test_of_different_requests_with_one_counter_one_is_heard_wherever_they_arrive_at_the_same_moment(
    hub, school, engine
):
    """A stolen key, or a card that was copied: twelve requests at two processes at once for each counter."""
    with served(hub.data, 2, engine.environment) as ((_, a), (_, b)):
        for counter in (1, 2, 3):
            answers, begin = [], threading.Barrier(12)

            def run(number, counter=counter, answers=answers, begin=begin):
                from dataclasses import replace

                body = replace(SAID, lessons=number).to_bytes()
                begin.wait()
                answers.append(ask((a, b)[number % 2], "POST", PATH, body, school.signer, counter)[0])

            threads = [threading.Thread(target=run, args=(number,)) for number in range(12)]
            for one in threads:
                one.start()
            for one in threads:
                one.join()
            assert Counter(answers) == {200: 1, 409: 11}
    assert counted(hub) == 3


def test_who_comes_in_at_one_process_is_in_at_the_other_and_leaves_both(hub, engine):
    def work(connection):
        people.add(connection, "system", Person(0, "marie", "Marie", "ministry", ""), hub.now())
        row = people.named(connection, "marie")
        connection.execute(people_table.update().where(people_table.c.id == row.id).values(totp=totp.new()))
        return sessions.begin(connection, row.id, sessions.WHOLE, "test", hub.now())

    token = hub.database.change(work)
    cookie = {"Cookie": f"edubox-hub={token}"}
    with served(hub.data, 2, engine.environment) as started:
        desks = [desk_of(child) for child, _ in started]
        for desk in desks:
            assert ask(desk, "GET", "/bureau/aide/", headers=cookie)[0] == 200
        form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": desks[0].rstrip("/")} | cookie
        body = f"csrf={sessions.csrf_of(token)}".encode()
        status, page, _ = ask(desks[0], "POST", "/bureau/sortir/", body, headers=form)
        assert status in {200, 303}, page
        for desk in desks:
            status, page, _ = ask(desk, "GET", "/bureau/aide/", headers=cookie)
            assert status != 200 or "password" in page


def desk_of(child):
    """Where a process that was told to take a free port has its desk: the second one that it listens on."""
    from pathlib import Path

    inodes = {
        link.readlink().name.partition("[")[2].rstrip("]")
        for link in Path(f"/proc/{child.pid}/fd").iterdir()
        if str(link.readlink()).startswith("socket:")
    }
    ports = []
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        parts = line.split()
        if parts[3] == "0A" and parts[9] in inodes:
            ports.append(int(parts[1].rpartition(":")[2], 16))
    for port in ports:
        if ask(f"http://localhost:{port}", "GET", "/bureau/aide/")[0] in {200, 302, 303}:
            return f"http://localhost:{port}/"
    raise AssertionError("no desk")


def test_wrong_passwords_and_codes_are_counted_for_all_processes_together(hub, engine):
    def work(connection):
        people.add(connection, "system", Person(0, "marie", "Marie", "reader", ""), hub.now())

    hub.database.change(work)
    asker = Asker()
    with served(hub.data, 2, engine.environment) as started:
        addresses = [address for _, address in started]
        desks = [desk_of(child) for child, _ in started]
        said = []
        for number in range(limits.MOST + 2):
            body = asker.body(new_code())
            headers = asker.headers(body)
            said.append(ask(addresses[number % 2], "POST", "/api/1/enrolments", body, headers=headers)[0])
        assert said[: limits.MOST] == [403] * limits.MOST
        status, _, headers = ask(
            addresses[0],
            "POST",
            "/api/1/enrolments",
            body := asker.body(new_code()),
            headers=asker.headers(body),
        )
        assert set(said[limits.MOST :]) == {status} == {429}
        assert 0 < int(headers["Retry-After"]) <= limits.WHILE
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        pages = [
            ask(desks[n % 2], "POST", "/bureau/entrer/", b"login=marie&password=wrong+words+here&csrf=",
                headers=form | {"Origin": desks[n % 2].rstrip("/")})
            for n in range(9)
        ]  # fmt: skip
    with hub.database.read() as connection:
        from edubox.hub.tables import guesses

        wrong = {row.key: row.wrong for row in connection.execute(select(guesses))}
    # Five are free; whoever tries on waits, and what is refused meanwhile is not counted.
    assert 5 <= wrong["name marie"] < 9, (wrong, [page[0] for page in pages])


def test_work_is_shared_by_workers_of_two_computers_and_done_once(hub, engine):
    for number in range(40):
        hub.database.change(lambda c, n=number: queue.put(c, "test", f"k{n}", {"n": n}, 0))
    code = (
        "work._handler = lambda kind: lambda hub, job: print(job.key, flush=True)\n"
        "print('ready', flush=True); sys.stdin.readline()\nwork.work(hub)\n"
    )
    with programs(hub.data, code, code, code, environment=engine.environment) as started:
        said = at_once(started)
    done = [key for one in said for key in one.split()]
    assert sorted(done) == sorted(f"k{number}" for number in range(40))


def test_a_worker_that_is_killed_in_the_middle_is_followed_by_another_one(hub, engine):
    """Nobody turns a clock here: the loan ends by itself, and who lives keeps theirs beyond it."""
    code = (
        "def handle(hub, job):\n"
        "    print('begun', job.key, job.tries, flush=True)\n"
        "    time.sleep(600 if job.key == 'a' and job.tries == 1 else 2 * queue.LEASE if job.key == 'b' else 0)\n"
        "    print('done', job.key, job.tries, flush=True)\n"
        "work._handler = lambda kind: handle\n" + WORKER
    )
    hub.database.change(lambda c: queue.put(c, "test", "a", {}, 0))
    with programs(hub.data, code, lease=LEASE, environment=engine.environment) as (first,):
        assert first.stdout.readline() == "ready\n"
        assert first.stdout.readline() == "begun a 1\n"
        first.send_signal(signal.SIGKILL)
        first.wait()
    hub.database.change(lambda c: queue.put(c, "test", "b", {}, 0))
    with programs(hub.data, code, code, lease=LEASE, environment=engine.environment) as started:
        said = []

        def listen(one):
            said.extend(line.strip() for line in iter(one.stdout.readline, ""))

        threads = [threading.Thread(target=listen, args=(one,), daemon=True) for one in started]
        for one in threads:
            one.start()
        until(lambda: {"done a 2", "done b 1"} <= set(said), f"not both were done: {said}")
        for one in started:
            one.kill()
        for one in threads:
            one.join()
    assert sorted(line for line in said if line != "ready") == [
        "begun a 2",
        "begun b 1",
        "done a 2",
        "done b 1",
    ]
    with hub.database.read() as connection:
        assert queue.listed(connection) == []


def test_a_publisher_that_is_killed_is_followed_by_another_and_the_lesson_is_published_once(
    hub, school, engine
):
    """The first worker is killed while it waits for the collection; the second one publishes what the reviewer accepted."""
    unwrap(hub)
    one = arrive(hub, school)
    hub.database.change(lambda c: arrivals.assign(c, one.id, "marie", "marie", hub.now()))
    workplace = Workplace.beside(hub.mirror)
    with workplace.publisher(COLLECTION):
        accept.accept(hub, one.id, "marie", COLLECTION)
        with programs(hub.data, WORKER, lease=LEASE, environment=engine.environment) as (first,):
            first.stdout.readline()
            until(lambda: states(hub, "publish") == ["running"], "nobody took it")
            first.send_signal(signal.SIGKILL)
            first.wait()
    assert current(FolderFetch(hub.mirror), COLLECTION, "la-lune.json") is None
    with programs(hub.data, WORKER, WORKER, lease=LEASE, environment=engine.environment):
        until(lambda: published(hub) == [("published", 1)], "it was not published")
        until(lambda: states(hub, "publish") == [], "the job stays")
    with hub.database.read() as connection:
        told = [line.what for line in arrivals.history(connection, one.id)]
    assert told.count("published") == 1


def unwrap(hub):
    """Leave the collection's key at hand, as an academy does that lets its hub publish by itself."""
    from edubox.store.platform import write_atomic
    from edubox.trust import keys
    from edubox.trust.publisher import prefix

    place = hub.workplace.keys / prefix(COLLECTION) / "writer"
    write_atomic(place, keys.dump(keys.load(place, "secret"), None))


def states(hub, kind):
    with hub.database.read() as connection:
        return [job.state for job in queue.listed(connection) if job.kind == kind]


def published(hub):
    with hub.database.read() as connection:
        return [(row.state, row.version) for row in connection.execute(select(republications))]


def test_a_server_that_is_killed_leaves_all_that_it_said_was_done(hub, school, engine):
    """Boxes check in at two servers, one is killed and started again, twice: every 200 is in the table, and the audit holds."""
    others = [school] + [School(school.data.parent / f"b{n}", now=hub.clock()) for n in range(3)]
    for number, one in enumerate(others[1:]):
        enrol(hub, one, f"ecole-{number}")
    heard = Counter()
    for _ in range(2):
        with served(hub.data, 2, engine.environment) as ((victim, a), (_, b)):
            ended = threading.Event()

            def run(one, addresses, ended=ended):
                number = heard[one.id] + 1000 * (1 + max(heard.values(), default=0))
                while not ended.is_set():
                    for address in addresses:
                        number += 1
                        try:
                            status = ask(address, "POST", PATH, SAID.to_bytes(), one.signer, number)[0]
                        except OSError:
                            continue
                        heard[one.id] += status == 200

            threads = [threading.Thread(target=run, args=(one, (a, b))) for one in others]
            for one in threads:
                one.start()
            until(lambda: min((heard[one.id] for one in others), default=0) > 3, "no box was heard")
            victim.send_signal(signal.SIGKILL)
            before = sum(heard.values())
            until(lambda before=before: sum(heard.values()) > before + 10, "the other one does not answer")
            ended.set()
            for one in threads:
                one.join()
    with hub.database.read() as connection:
        times = Counter()
        for row in connection.execute(
            select(check_in_days.c.times, boxes.c.local).join(boxes, boxes.c.id == check_in_days.c.box)
        ):
            times[row.local] += row.times
    # What was heard and whose answer was cut may be there too.
    assert all(heard[one.id] <= times[one.id] <= heard[one.id] + 4 for one in others), (heard, times)
    audit.verify(hub.database)
