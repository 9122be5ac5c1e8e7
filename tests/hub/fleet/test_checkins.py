"""A box says how it is, and an officer sees it."""

from __future__ import annotations

import json

import pytest

from edubox.hub.fleet import checkins, overview
from edubox.sync.checking import Spread
from tests.hub.fleet.world import PATH, SAID

HOUR = 3600


def told(fleet, local):
    with fleet.hub.database.read() as connection:
        return overview.figures(connection, [local]).get(local)


def test_an_officer_sees_what_a_box_said_last(fleet, clock):
    local = fleet.add("moulin")
    assert told(fleet, local) is None
    answer = fleet.check_in("moulin")
    assert answer.get_json() == {"next": 6 * HOUR, "hold": []}
    clock.forward(hours=6)
    fleet.check_in(
        "moulin", disk_free=6000, health={"clock": "note", "free_space": "broken"}, clock=fleet.hub.now() - 90
    )
    seen = told(fleet, local)
    assert (seen.seen, seen.free, seen.level, seen.clock_off) == (fleet.hub.now(), 10, "broken", -90)
    assert (seen.version, seen.board, seen.system, seen.lessons) == ("0.1.0", "rpi-arm64", 3, 40)
    assert seen.health == {"clock": "note", "free_space": "broken"}


def test_a_day_of_check_ins_is_one_line_and_a_year_is_kept(fleet, clock, monkeypatch):
    fleet.add("moulin")
    for _ in range(4):
        fleet.check_in("moulin")
        clock.forward(hours=5)
    clock.forward(days=1)
    fleet.check_in("moulin", failure="unreachable", failures=2)
    with fleet.hub.database.read() as connection:
        newest, oldest = overview.history(connection, fleet.rows["moulin"])
    assert (oldest.times, newest.times, newest.failure) == (4, 1, "unreachable")
    checkins.forget(fleet.hub, None)
    with fleet.hub.database.read() as connection:
        assert overview.history(connection, fleet.rows["moulin"]) == [newest, oldest]
    # The newest days on which anybody came stay, not those of the clock: one that is wrong empties nothing.
    monkeypatch.setattr(checkins, "DAYS", 3)
    clock.forward(days=4000)
    checkins.forget(fleet.hub, None)
    fleet.add("lac")
    for _ in range(2):
        fleet.check_in("lac")
        clock.forward(days=1)
    checkins.forget(fleet.hub, None)
    with fleet.hub.database.read() as connection:
        assert overview.history(connection, fleet.rows["moulin"]) == [newest]


def test_a_box_that_falls_silent_is_counted_and_listed_and_comes_back(fleet, clock):
    fleet.add("moulin")
    fleet.add("jamais")
    fleet.add("sud", "ac-sud")
    fleet.add("volee", state="suspended")
    for name in ("moulin", "sud"):
        fleet.check_in(name)

    def academies():
        with fleet.hub.database.read() as connection:
            silent = [one.publisher for one in overview.silent(connection, fleet.hub.now())]
            return {
                one.authority: (one.boxes, one.today, one.silent)
                for one in overview.by_academy(connection, fleet.hub.now())
            }, silent

    assert academies() == ({"ac-sud": (1, 1, 0), "ac-test": (2, 1, 1)}, ["ac-test/jamais"])
    clock.forward(days=4)
    fleet.check_in("sud")
    assert academies() == ({"ac-sud": (1, 1, 0), "ac-test": (2, 0, 2)}, ["ac-test/jamais", "ac-test/moulin"])
    fleet.check_in("moulin")
    assert academies()[0]["ac-test"] == (2, 1, 1)


def test_the_same_request_twice_is_one_and_an_older_one_is_refused(fleet):
    fleet.add("moulin")
    fleet.check_in("moulin")
    first = fleet.last
    assert fleet.check_in("moulin", *first).status_code == 200
    with fleet.hub.database.read() as connection:
        (day,) = overview.history(connection, fleet.rows["moulin"])
    assert day.times == 1
    fleet.check_in("moulin", lessons=41)
    replayed = fleet.check_in("moulin", *first)
    assert (replayed.status_code, replayed.get_json()["error"], replayed.get_json()["counter"]) == (
        409,
        "replayed",
        2,
    )


def test_a_stolen_box_and_a_stranger_are_not_heard(fleet):
    fleet.add("moulin")
    fleet.add("volee", state="suspended")
    assert fleet.check_in("volee").status_code == 403
    fleet.signers["moulin"], fleet.rows["moulin"] = fleet.signers["volee"], 0
    body = SAID.to_bytes()
    assert fleet.client.post(PATH, data=body).status_code == 401
    assert fleet.client.post(PATH, data=b"x" * 20_000, headers={}).status_code in {400, 401, 413}


def changed(**values):
    return json.dumps(json.loads(SAID.to_bytes()) | values).encode()


@pytest.mark.parametrize("body", [
    b"", b"[]", b"{}", b"[" * 10_000, changed(extra=1), changed(format=2), changed(version="<b>"), changed(version="x" * 41),
    changed(disk_free=1.5), changed(disk_free=True), changed(disk_free=2**60), changed(lessons=2**31), changed(lessons=-2),
    changed(health={"clock": "fine"}), changed(health=[]), changed(health={f"c{n}": "note" for n in range(65)}),
    changed(health={"<script>": "note"}), changed(spreading=[{"pack": "x"}]), changed(spreading=[{"pack": "../../x", "version": 1, "state": "ready"}]),
    changed(spreading=[{"pack": "a/b/c", "version": 1, "state": "odd"}]), changed(spreading=[{"pack": "a/b/c", "version": 1, "state": "ready"}] * 101),
    changed(failure="x y"), changed(board=None),
])  # fmt: skip
def test_what_no_box_says_is_refused_and_changes_nothing(fleet, body):
    local = fleet.add("moulin")
    assert fleet.check_in("moulin", body).status_code == 400
    assert told(fleet, local) is None
    assert fleet.check_in("moulin").status_code == 200


def test_a_busy_hub_asks_for_patience(fleet, monkeypatch):
    from edubox.hub.fleet import api

    monkeypatch.setattr(api, "BUSY", 0)
    fleet.add("moulin")
    assert fleet.check_in("moulin").get_json()["next"] == 12 * HOUR


def test_the_form_of_a_box_and_that_of_the_hub_are_the_same():
    from edubox.hub.fleet import report

    read = report.read(
        changed(spreading=[{"pack": "ministry/starter/lune", "version": 2, "state": "failed"}])
    )
    assert read.spreading == (("ministry/starter/lune", 2, "failed"),)
    assert report.read(SAID.to_bytes()).level == "good"
    assert Spread("ministry/starter/lune", 2, "failed").state in report.STATES
