"""A version goes to a few schools first, and stops by itself where it fails."""

from __future__ import annotations

import pytest

from edubox.hub import audit, work
from edubox.hub.errors import Malformed
from edubox.hub.fleet import rollouts
from edubox.publishing.job import Publication, publish
from edubox.sync.checking import Spread
from tests.cli.country import build, write_lesson
from tests.hub.conftest import PASSPHRASE

LUNE = "ministry/starter/lune"
STAGES = (("2026-09-01T08:00Z", 10), ("2026-09-03T08:00Z", 1000))


@pytest.fixture
def release(fleet):
    return fleet.hub.database.change(
        lambda connection: rollouts.begin(connection, LUNE, 2, "La lune", STAGES, "marie", fleet.hub.now())
    )


def went(fleet, name, state, version=2):
    return fleet.check_in(name, spreading=(Spread(LUNE, version, state),)).get_json()


def now(fleet):
    with fleet.hub.database.read() as connection:
        (one,) = rollouts.listed(connection)
        return one


def test_three_schools_where_it_fails_stop_it_for_all_others(fleet, release):
    for number in range(6):
        fleet.add(f"ecole{number}")
    assert went(fleet, "ecole0", "ready")["hold"] == []
    for number in (1, 2):
        assert went(fleet, f"ecole{number}", "failed")["hold"] == []
    assert went(fleet, "ecole3", "failed")["hold"] == [[LUNE, 2]]
    assert fleet.check_in("ecole5").get_json()["hold"] == [[LUNE, 2]]
    assert (now(fleet).state, now(fleet).took, now(fleet).failed) == ("held", 1, 3)
    assert now(fleet).held == "3 of 4 boxes say that it failed"
    with fleet.hub.database.read() as connection:
        assert next(line.action for line in audit.lines(connection)) == "rollout.hold"


def test_one_school_that_says_it_ten_times_stops_nothing_and_may_change_its_mind(fleet, release):
    fleet.add("ecole")
    for _ in range(10):
        assert went(fleet, "ecole", "failed")["hold"] == []
    went(fleet, "ecole", "ready")
    assert (now(fleet).took, now(fleet).failed) == (1, 0)


def test_few_failures_among_many_schools_stop_nothing(fleet, release, monkeypatch):
    monkeypatch.setattr(rollouts, "ENOUGH", 6)
    monkeypatch.setattr(rollouts, "ALARM", 1)
    for number in range(8):
        fleet.add(f"ecole{number}")
    fleet.hub.database.change(
        lambda connection: connection.execute(rollouts.rollouts.update().values(limit=200))
    )
    for number in range(6):
        went(fleet, f"ecole{number}", "ready")
    assert went(fleet, "ecole6", "failed")["hold"] == []
    assert went(fleet, "ecole7", "failed")["hold"] == [[LUNE, 2]]


def test_a_person_goes_on_or_stops_and_the_journal_says_who(fleet, release):
    fleet.add("ecole")
    rollouts.stop(fleet.hub, release, "marie", "une faute au tableau 3")
    assert fleet.check_in("ecole").get_json()["hold"] == [[LUNE, 2]]
    rollouts.resume(fleet.hub, release, "marie")
    assert fleet.check_in("ecole").get_json()["hold"] == []
    with pytest.raises(Malformed):
        rollouts.resume(fleet.hub, release, "marie")
    with fleet.hub.database.read() as connection:
        told = [(line.actor, line.action, line.detail) for line in audit.lines(connection)][:2]
    assert told == [("marie", "rollout.resume", ""), ("marie", "rollout.hold", "une faute au tableau 3")]


def test_a_newer_version_takes_the_place_of_one_that_was_stopped(fleet, release):
    fleet.add("ecole")
    rollouts.stop(fleet.hub, release, "marie", "faute")
    fleet.hub.database.change(
        lambda connection: rollouts.begin(connection, LUNE, 3, "La lune", STAGES, "marie", fleet.hub.now())
    )
    assert fleet.check_in("ecole").get_json()["hold"] == []
    assert went(fleet, "ecole", "failed", version=2)["hold"] == []


def test_versions_that_nobody_watches_are_not_kept(fleet):
    fleet.add("ecole")
    assert went(fleet, "ecole", "failed")["hold"] == []
    with fleet.hub.database.read() as connection:
        assert rollouts.listed(connection) == []


def test_a_lesson_that_is_published_in_stages_is_watched_without_anybody_saying_so(fleet, clock, tmp_path):
    lesson = tmp_path / "lune.edpack"
    build(write_lesson(tmp_path / "lune", index="<p>La lune tourne.</p>"), lesson, "--title", "La lune")
    publish(
        Publication("ministry/starter", "lune", lesson, stages=STAGES),
        fleet.hub.workplace,
        PASSPHRASE,
        clock(),
    )
    work.plan(fleet.hub)
    clock.forward(hours=1)
    work.work(fleet.hub)
    assert (now(fleet).pack, now(fleet).version, now(fleet).state) == (LUNE, 1, "running")
    for number in range(3):
        fleet.add(f"ecole{number}")
        answer = went(fleet, f"ecole{number}", "failed", version=1)
    assert answer["hold"] == [[LUNE, 1]]
