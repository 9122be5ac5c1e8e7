"""What was never finished leaves, slowly; what somebody needs stays."""

from __future__ import annotations

from edubox.hub.intake import jobs, pushes, shelf
from edubox.hub.intake.checking import box_of
from edubox.hub.intake.collect import collect
from edubox.hub.review import arrivals, trees
from edubox.sync import letter
from tests.hub.review.world import arrive, now


def begin(hub, school, slug="la-lune"):
    """An offer that stops after its first piece."""
    written = letter.write(school.mirror, school.id, slug)
    with hub.database.read() as connection:
        box = box_of(connection, school.id)
    begun = pushes.begin(hub, box, written.to_bytes())
    film = next(file for file in written.manifest.files if file.media)
    pushes.take(
        hub,
        box,
        begun.id,
        film.sha256,
        0,
        (school.mirror / f"objects/{film.sha256[:2]}/{film.sha256}").read_bytes()[:5000],
    )
    return box, begun.id


def names(hub):
    return set(shelf.of(hub).names())


def test_an_offer_that_nobody_continued_leaves_after_two_looks_thirty_days_apart(hub, enrolled, clock):
    enrolled.give()
    begin(hub, enrolled)
    assert len(names(hub)) == 2
    for days, left in ((1, 2), (28, 2), (3, 2), (1, 2), (31, 0)):
        clock.forward(days=days)
        collect(hub)
        assert len(names(hub)) == left, days
    with hub.database.read() as connection:
        assert pushes._reached(connection, enrolled.id, "x") == (0, False)


def test_a_slow_school_that_comes_back_in_between_loses_nothing(hub, enrolled, clock):
    enrolled.give()
    box, push = begin(hub, enrolled)
    for _ in range(6):
        clock.forward(days=20)
        collect(hub)
        pushes.begin(hub, box, letter.write(enrolled.mirror, enrolled.id, "la-lune").to_bytes())
    film = next(
        file for file in letter.write(enrolled.mirror, enrolled.id, "la-lune").manifest.files if file.media
    )
    assert pushes.reached(hub, box, push, film.sha256) == 5000


def test_what_is_under_review_or_accepted_stays_for_ever(hub, enrolled, clock):
    one = arrive(hub, enrolled)
    for _ in range(8):
        clock.forward(days=40)
        assert collect(hub) == []
    assert trees.tree(hub, one).is_dir()


def test_a_refused_lesson_leaves_in_the_end_and_its_history_stays(hub, enrolled, clock):
    one = arrive(hub, enrolled)
    hub.database.change(lambda connection: arrivals.refuse(connection, one.id, "ali", "Non.", hub.now()))
    for _ in range(4):
        clock.forward(days=31)
        collect(hub)
    assert names(hub) == set()
    assert now(hub, one).state == "refused"


def test_what_two_versions_share_stays_while_one_needs_it(hub, enrolled, clock):
    one = arrive(hub, enrolled)
    two = arrive(hub, enrolled, words="Mieux.")
    assert now(hub, one).state == "replaced"
    for _ in range(4):
        clock.forward(days=31)
        collect(hub)
    trees.forget(hub, two.manifest)
    assert (trees.tree(hub, two) / "film.mp4").is_file()
    assert shelf.of(hub).store.size(shelf.key(one.manifest)) is None


def test_the_daily_look_also_removes_what_killed_processes_left_half_stored(hub, enrolled, monkeypatch):
    tidied = []
    for store in (hub.blobs, hub.public):
        monkeypatch.setattr(store, "tidy", lambda store=store: tidied.append(store))
    jobs.collect(hub, None)
    assert tidied == [hub.blobs, hub.public]
