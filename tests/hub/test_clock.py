"""A clock that is years wrong, at the hub or at a box: nothing ends wrongly, nothing is counted twice or never, and it heals."""

from __future__ import annotations

import hashlib
import random
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from edubox.errors import NotTrusted
from edubox.hub import queue, work
from edubox.hub.accounts import guesses, people, sessions
from edubox.hub.accounts.roles import Person
from edubox.hub.enrol import signing
from edubox.hub.errors import ExpiredCode
from edubox.hub.fleet import alerts, checkins, overview
from edubox.hub.intake import pushes, shelf
from edubox.hub.intake.checking import box_of
from edubox.hub.intake.collect import collect
from edubox.hub.review import accept, arrivals
from edubox.hub.tables import boxes, check_in_days, check_ins
from edubox.pack.index import parse
from edubox.publishing.country import renew
from edubox.sync import letter
from edubox.trust.clock import Floor
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from edubox.trust.publisher import prefix
from edubox.trust.verify import refresh
from tests.hub.conftest import BEGIN, PASSPHRASE
from tests.hub.enrol.test_signing import accepted
from tests.hub.enrol.world import NORTH, Asker, give_codes
from tests.hub.fleet.world import Fleet
from tests.hub.intake.test_collect import begin
from tests.hub.intake.world import School, enrol, reachable
from tests.hub.intake.world import work as work_off
from tests.hub.publications import publish
from tests.hub.review.world import arrive

ADDRESS, COLLECTION = "ministry/starter", "ac-test/choix"
#: A battery that forgot the year; a hand that mistyped it, within what the country's signatures last and beyond.
LONG_AGO, AHEAD, FAR_AHEAD = (
    datetime(1970, 1, 2, tzinfo=UTC),
    BEGIN + timedelta(days=300),
    BEGIN + timedelta(days=9000),
)
WRONG = [LONG_AGO, FAR_AHEAD]


@pytest.fixture
def fleet(hub):
    return Fleet(hub)


@pytest.fixture
def school(hub, tmp_path):
    made = School(tmp_path / "box")
    enrol(hub, made)
    return made


def seen(mirror, where, name, state, now):
    """The target *name* as a client finds it at *now* that holds *state* (an empty folder: nothing). Strict: nothing has ended."""
    source = FolderFetch(mirror)
    root = source.read(f"{where}/metadata/1.root.json", 10**6)
    with refresh(source, where, state, root, now=now, strict=True) as found:
        return found.target_bytes(name, 10**6)


def sign_north(hub):
    signers = {NORTH: hub.workplace.signer(f"authorities/{NORTH}", PASSPHRASE)}
    return signing.sign(hub, signers, signing.waiting(hub), "paul")


def test_work_that_a_clock_far_ahead_put_off_or_lent_is_done_when_the_clock_is_right(hub, clock):
    clock.time = FAR_AHEAD
    hub.database.change(lambda c: queue.put(c, "test", "waits", {}, hub.now() + 86_400))
    hub.database.change(lambda c: queue.put(c, "test", "lent", {}, 0))
    hub.database.change(lambda c: queue.put(c, "test", "beside", {}, hub.now() + 60))
    lent = queue.take(hub.database, "dead", hub.now())
    assert lent.key == "lent"
    clock.time = BEGIN
    assert queue.due(hub.database, hub.now())
    taken = [queue.take(hub.database, "w", hub.now()).key for _ in range(3)]
    assert sorted(taken) == ["beside", "lent", "waits"]
    assert queue.take(hub.database, "w", hub.now()) is None


@pytest.mark.parametrize("wrong", WRONG)
def test_what_comes_again_by_itself_goes_on_after_a_clock_was_wrong(hub, clock, wrong, monkeypatch):
    ran = []
    monkeypatch.setattr(work, "_handler", lambda _: lambda _, job: ran.append(job.kind))
    clock.time = wrong
    work.plan(hub)
    clock.forward(days=2)
    work.work(hub)
    clock.time = BEGIN
    ran.clear()
    work.plan(hub)
    clock.forward(days=2)
    work.work(hub)
    assert set(ran) == work.kinds(hub)


def test_a_worker_keeps_its_job_over_an_hour_back_and_loses_it_at_worst_to_one_that_does_it_again(hub, clock):
    hub.database.change(lambda c: queue.put(c, "test", "a", {}, 0))
    job = queue.take(hub.database, "first", hub.now())
    clock.forward(minutes=-50)
    assert queue.take(hub.database, "thief", hub.now()) is None
    assert queue.keep(hub.database, job, hub.now())
    clock.forward(days=4000)
    again = queue.take(hub.database, "second", hub.now())
    assert again.id == job.id
    assert not queue.done(hub.database, job)
    assert queue.done(hub.database, again)


def test_a_session_that_began_in_the_future_is_over_and_one_of_before_a_jump_back_too(hub, clock):
    def begin(connection):
        return sessions.begin(connection, 1, sessions.WHOLE, "test", hub.now())

    token = hub.database.change(begin)
    clock.forward(minutes=-2)
    with hub.database.read() as connection:
        assert sessions.find(connection, token, hub.now()) is not None, (
            "clocks of two computers differ by minutes"
        )
    clock.time = FAR_AHEAD
    token = hub.database.change(begin)
    clock.time = BEGIN
    with hub.database.read() as connection:
        assert sessions.find(connection, token, hub.now()) is None
        assert sessions.of(connection, 1, hub.now()) == []
    assert hub.database.change(begin)


def test_wrong_passwords_of_a_clock_far_ahead_keep_nobody_out_for_years(hub, clock):
    hub.database.change(
        lambda c: people.add(c, "system", Person(0, "marie", "Marie", "reader", ""), hub.now())
    )
    clock.time = FAR_AHEAD
    for _ in range(12):
        hub.database.change(lambda c: guesses.wrong(c, "marie", "192.0.2.1", hub.now()))
        hub.database.change(lambda c: guesses.wrong(c, "marie", "192.0.2.1", hub.now(), second=True))
    with hub.database.read() as connection:
        assert guesses.wait(connection, "marie", "192.0.2.1", hub.now()) > 0
    clock.time = BEGIN
    with hub.database.read() as connection:
        assert guesses.wait(connection, "marie", "192.0.2.1", hub.now()) == 0
        assert guesses.wait(connection, "marie", "192.0.2.1", hub.now(), second=True) == 0
    # And they count from then on as always.
    for _ in range(guesses.FREE + 1):
        hub.database.change(lambda c: guesses.wrong(c, "marie", "192.0.2.1", hub.now()))
    with hub.database.read() as connection:
        assert 0 < guesses.wait(connection, "marie", "192.0.2.1", hub.now()) <= guesses.LONGEST


@pytest.mark.parametrize("wrong", WRONG)
def test_boxes_are_counted_while_the_hubs_clock_is_wrong_and_silent_ones_show_when_it_is_right(
    fleet, hub, clock, wrong
):
    for name in ("lives", "leaves"):
        fleet.add(name)
        assert fleet.check_in(name).status_code == 200
    clock.time = wrong
    for name in ("lives", "leaves"):
        assert fleet.check_in(name, clock=int(BEGIN.timestamp())).status_code == 200
    checkins.forget(hub, None)
    alerts.sweep(hub, None)
    clock.time = BEGIN + timedelta(hours=8)
    assert fleet.check_in("lives").json["next"] == 360 * 60
    alerts.sweep(hub, None)
    with hub.database.read() as connection:
        rows = {row.box: row for row in connection.execute(select(check_ins))}
        assert rows[fleet.rows["lives"]].at == hub.now()
        assert (
            rows[fleet.rows["lives"]].clock_off == BEGIN.timestamp() - hub.now()
            or rows[fleet.rows["lives"]].clock_off == 0
        )
        days = list(
            connection.execute(
                select(check_in_days.c.times).where(check_in_days.c.box == fleet.rows["lives"])
            ).scalars()
        )
    assert sum(days) == 3, "no check-in is lost"
    clock.forward(days=5)
    fleet.check_in("lives")
    with hub.database.read() as connection:
        assert [row.publisher for row in overview.silent(connection, hub.now())] == ["ac-test/leaves"]


@pytest.mark.parametrize("says", [0, int(LONG_AGO.timestamp()), 2**40, -1])
def test_a_box_with_a_clock_that_is_wrong_is_counted_and_shown_as_such(fleet, hub, says):
    fleet.add("moulin")
    assert fleet.check_in("moulin", clock=says, clock_believed=False).status_code == 200
    with hub.database.read() as connection:
        row = checkins.last(connection, fleet.rows["moulin"])
    assert (row.at, row.clock_off, row.clock_believed) == (hub.now(), says - hub.now(), 0)


@pytest.mark.parametrize("wrong", [LONG_AGO, AHEAD])
def test_a_lesson_published_by_a_wrong_clock_is_read_and_the_next_ones_too(hub, clock, tmp_path, wrong):
    """Versions go on by one each, and at the right time nothing that was signed has ended: for who held it and who begins."""
    where = prefix(ADDRESS)
    publish(hub.data, "lune", "Avant", clock())
    old = tmp_path / "old"
    shutil.copytree(hub.mirror, old)
    publish(hub.data, "lune", "Pendant", wrong)
    publish(hub.data, "mer", "Pendant", wrong)
    during = tmp_path / "during"
    shutil.copytree(hub.mirror, during)
    clock.forward(days=1)
    for state in (old, tmp_path / "empty"):
        assert parse(seen(hub.mirror, where, "lune.json", state, clock())).version == 2
    publish(hub.data, "lune", "Après", clock())
    for state in (old, during, tmp_path / "empty"):
        assert parse(seen(hub.mirror, where, "lune.json", state, clock())).version == 3
        # A publisher's signatures hold for 400 days: the wrong clock took none of them.
        assert seen(hub.mirror, where, "mer.json", state, clock() + timedelta(days=398))


def test_a_clock_beyond_what_the_countrys_signatures_last_publishes_nothing(hub, clock, tmp_path):
    """Nobody could believe such a publication; what is there stays as it is, to the byte."""
    before = {path: path.read_bytes() for path in hub.mirror.rglob("*") if path.is_file()}
    with pytest.raises(NotTrusted, match="would refuse"):
        renew(hub.data, FAR_AHEAD)
    with pytest.raises(NotTrusted, match="would refuse"):
        publish(hub.data, "lune", "La Lune", FAR_AHEAD)
    after = {path: path.read_bytes() for path in hub.mirror.rglob("*") if path.is_file()}
    assert {path: data for path, data in after.items() if "bundles" not in str(path)} == before
    assert publish(hub.data, "lune", "La Lune", clock()).index.version == 1


@pytest.mark.parametrize("wrong", [LONG_AGO, AHEAD])
def test_schools_that_are_entered_by_a_wrong_clock_are_believed_and_boxes_that_believed_it_hear_what_comes_later(
    hub, clock, tmp_path, wrong
):
    root = FolderFetch(hub.mirror).read("directory/metadata/1.root.json", 10**6)

    def issued(state):
        with refresh(
            FolderFetch(hub.mirror), "directory", state, root, now=clock(), last_fresh=clock()
        ) as found:
            return found.issued, found.vouched_until, found.timestamp_keys

    clock.forward(days=1)
    right = clock.time
    _, first = accepted(hub, prefix="avant")
    clock.time = wrong
    sign_north(hub)
    clock.time = right
    said, until, keys = issued(tmp_path / "empty")
    floor = Floor(BEGIN).raised(said, until, keys)
    held = shutil.copytree(hub.mirror, tmp_path / "held")
    clock.forward(hours=6)
    _, second = accepted(hub, prefix="apres")
    sign_north(hub)
    # Nothing ends earlier: for a box that believed the wrong clock too.
    for now in (clock(), floor.now(clock())):
        for state in (held, tmp_path / "empty"):
            for name in (*first, *second):
                authority, _, last = name.partition("/")
                assert seen(hub.mirror, "directory", f"pub/{authority}/{last}.json", state, now)
    # Who believed it keeps that moment until the key is replaced; who never heard it hears the right one.
    now, until, keys = issued(tmp_path / "empty")
    assert floor.raised(now, until, keys).moment == max(floor.moment, clock())
    assert now == clock()
    # Renewing goes on by itself when the right time has come so far.
    clock.time = max(wrong, clock.time) + timedelta(days=16)
    assert renew(hub.data, clock())
    assert Directory(FolderFetch(hub.mirror)).expires() == clock() + timedelta(days=30)


def test_a_clock_that_jumps_at_every_look_during_a_publication_makes_one_publication(
    hub, clock, school, tmp_path
):
    """The hub's clock says something else each time that it is asked, years apart: a reviewer's lesson and a signature go through."""
    one = arrive(hub, school)
    _, ids = accepted(hub)
    looks = []

    def mad():
        looks.append(None)
        return (LONG_AGO, BEGIN + timedelta(days=1), AHEAD)[len(looks) % 3]

    from dataclasses import replace

    restless = replace(hub, clock=mad)
    hub.database.change(lambda c: arrivals.assign(c, one.id, "marie", "marie", hub.now()))
    number = accept.accept(restless, one.id, "marie", COLLECTION)
    number = number if isinstance(number, int) else number.id
    assert accept.publish_one(restless, number, PASSPHRASE).state == "published"
    for _ in range(3):
        sign_north(restless)
    assert len(looks) > 5
    clock.forward(days=1)
    assert (
        parse(seen(hub.mirror, prefix(COLLECTION), "la-lune.json", tmp_path / "empty", clock())).version == 1
    )
    for name in ids:
        assert seen(hub.mirror, "directory", f"pub/{name}.json", tmp_path / "empty", clock())


@pytest.mark.parametrize("wrong", [LONG_AGO, BEGIN + timedelta(days=800), FAR_AHEAD])
def test_what_schools_offer_is_neither_refused_nor_lost_while_the_hubs_clock_is_wrong(
    hub, clock, school, wrong
):
    collect(hub)
    school.offer(words="Avant")
    school.give("vent", words="Plus tard", film=random.Random(8).randbytes(300_000))
    half, film = begin_half(hub, school, "vent")
    with reachable(hub) as address:
        school.push(address)
        clock.time = wrong
        assert work_off(hub) == ["intake-check"]
        school.offer("la-mer", words="Pendant", name="La mer")
        school.push(address)
        assert work_off(hub) == ["intake-check"]
        with hub.database.read() as connection:
            assert len(arrivals.listed(connection)) == 2
        # Half of a third one is here, and whoever tidies up looks every day, on that clock and on the right one.
        for begin in (wrong, BEGIN + timedelta(days=1)):
            clock.time = begin
            for _ in range(3):
                collect(hub)
                clock.forward(days=1)
        box, push = begin_again(hub, school, "vent")
        assert pushes.reached(hub, box, push, film) == 5000, "what had come is sent again"
    assert half in set(shelf.of(hub).names())
    with hub.database.read() as connection:
        assert {one.slug for one in arrivals.listed(connection)} == {"la-lune", "la-mer"}


def begin_half(hub, school, slug):
    """Of an offer that stops after its first piece: the names of its letter and of its film."""
    begin(hub, school, slug)
    written = letter.write(school.mirror, school.id, slug)
    film = next(file.sha256 for file in written.manifest.files if file.media)
    return hashlib.sha256(written.to_bytes()).hexdigest(), film


def begin_again(hub, school, slug):
    """The box asks what is missing, as after a cut."""
    with hub.database.read() as connection:
        box = box_of(connection, school.id)
    return box, pushes.begin(hub, box, letter.write(school.mirror, school.id, slug).to_bytes()).id


def test_a_code_that_had_ended_by_a_wrong_clock_lets_in_when_it_is_right(hub, clock):
    code = give_codes(hub, expires=int((BEGIN + timedelta(days=90)).timestamp()))
    asker = Asker()
    clock.time = FAR_AHEAD
    with pytest.raises(ExpiredCode):
        asker.ask(hub, code)
    clock.time = BEGIN
    assert asker.ask(hub, code).state == "asked"


def test_a_box_whose_clock_was_far_ahead_once_is_heard_afterwards(hub, school):
    with reachable(hub) as address:
        school.now = FAR_AHEAD
        assert school.api(address).call("GET", "offers").status == 200
        school.now = BEGIN
        assert school.api(address).call("GET", "offers").status == 200
        # Its note of the counter is lost, too.
        (school.data / "hub-counter.json").unlink()
        assert school.api(address).call("GET", "offers").status == 200
    with hub.database.read() as connection:
        assert connection.execute(select(boxes.c.counter)).scalar() > 10**7
