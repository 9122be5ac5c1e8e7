"""What an academy's mirror keeps: within its bound, over a restart, and ready before anybody asks."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from edubox.errors import BadInput
from edubox.store.mirror_app import mirror_app
from edubox.sync.relaying.serve import open_relay
from tests.serving import serving
from tests.sync.country import Box, Country, film, text
from tests.sync.hub import Wire, files
from tests.sync.relaying.world import counting, kept_files, object_of, relaying, serves, until

MB = 1_000_000


@pytest.fixture
def country(tmp_path):
    return Country(tmp_path / "country")


def old_objects(country, number, size=MB):
    """Films that no lesson names any more: path → bytes."""
    found = {object_of(data): data for data in (film(100 + one, size) for one in range(number))}
    country.write(found)
    return found


def kept_objects(academy: Path) -> set[str]:
    return {name.removeprefix("mirror/") for name in kept_files(academy) if name.startswith("mirror/objects")}


def use(academy: Path) -> int:
    return sum((academy / name).stat().st_size for name in kept_files(academy))


def test_what_was_asked_for_longest_ago_leaves_first_and_the_bound_holds(country, academy):
    films = list(old_objects(country, 8))
    with (
        serving(mirror_app(country.mirror)) as hub,
        relaying(hub, academy, root=country.root, most=5 * MB) as mirror,
    ):
        for hour, path in enumerate(films[:4]):
            assert mirror.get(path)[0] == 200
            os.utime(academy / "mirror" / path, (1e9 + hour, 1e9 + hour))
        mirror.relay.room._asked.clear()  # an hour later
        mirror.get(films[0])
        for path in films[4:6]:
            assert mirror.get(path)[0] == 200
            assert use(academy) <= 5 * MB
    assert films[0] in kept_objects(academy), "it was asked for again"
    assert films[1] not in kept_objects(academy)
    assert set(films[4:6]) <= kept_objects(academy)


def test_what_the_newest_lessons_name_stays_and_an_old_film_is_passed_on_and_not_kept(
    country, academy, tmp_path
):
    current = film(1, 3 * MB)
    country.publish("lune", {"index.html": text(1, 20_000), "film.mp4": current}, frozenset({"film.mp4"}))
    old = old_objects(country, 3, 2 * MB)
    with (
        serving(mirror_app(country.mirror)) as hub,
        relaying(hub, academy, root=country.root, most=4 * MB) as mirror,
    ):
        Box(tmp_path / "box", country).sync(mirror.url)
        mirror.settle()
        for path, data in old.items():
            assert mirror.get(path)[2] == data
        until(lambda: not list((academy / "staging").iterdir()))
        assert kept_objects(academy) == {object_of(current)}
        assert use(academy) <= 4 * MB


def test_a_film_larger_than_the_bound_reaches_its_reader(country, academy):
    ((path, data),) = old_objects(country, 1, 3 * MB).items()
    with (
        serving(mirror_app(country.mirror)) as hub,
        relaying(hub, academy, root=country.root, most=2 * MB) as mirror,
    ):
        assert mirror.get(path)[2] == data
        until(lambda: not list((academy / "staging").iterdir()))
        assert use(academy) < MB


def test_where_the_newest_lessons_do_not_fit_the_ones_asked_for_longest_ago_leave(country, academy, tmp_path):
    films = {slug: film(number, 2 * MB) for number, slug in enumerate(("a", "b", "c"))}
    for slug, data in films.items():
        country.publish(slug, {"index.html": text(9, 2000), "film.mp4": data}, frozenset({"film.mp4"}))
    with (
        serving(mirror_app(country.mirror)) as hub,
        relaying(hub, academy, root=country.root, most=5 * MB) as mirror,
    ):
        box = Box(tmp_path / "box", country)
        box.sync(mirror.url)
        assert {slug: box.read(slug)["film.mp4"] for slug in films} == films
        assert use(academy) <= 5 * MB
        assert kept_objects(academy)


def test_the_bound_that_was_decided_survives_a_restart(country, academy):
    films = list(old_objects(country, 5))
    with serving(mirror_app(country.mirror)) as hub:
        with relaying(hub, academy, root=country.root, most=3 * MB) as mirror:
            mirror.get(films[0])
        with relaying(hub, academy) as mirror:
            assert mirror.relay.room.most == 3 * MB
            for path in films:
                mirror.get(path)
            assert use(academy) <= 3 * MB
        with pytest.raises(BadInput, match="--most"):
            open_relay(hub, academy, most=1000)


def test_a_full_disk_keeps_nothing_half_and_what_is_kept_is_served(country, academy, monkeypatch):
    first, second = old_objects(country, 2)
    with (
        serving(mirror_app(country.mirror)) as hub,
        relaying(hub, academy, root=country.root, most=9 * MB) as mirror,
    ):
        assert mirror.get(first)[0] == 200
        monkeypatch.setattr(
            "edubox.sync.relaying.large.settle", lambda *_: (_ for _ in ()).throw(OSError(28, "full"))
        )
        mirror.get(second)
        until(lambda: mirror.get(second)[0] in {502, 503})
        assert kept_objects(academy) == {first}
        assert mirror.get(first)[0] == 200


def test_a_mirror_that_was_killed_serves_nothing_half_and_goes_on_where_it_was(country, academy):
    data = film(5, 3 * MB)
    path, gate = object_of(data), threading.Event()
    country.write({path: data})

    def blocks():
        yield data[: 2 * MB]
        gate.wait(30)

    with (
        Wire(files(country.mirror, objects=serves(data, blocks=blocks))) as hub,
        relaying(hub.url, academy, root=country.root) as mirror,
    ):
        threading.Thread(target=lambda: mirror.get(path)).start()
        until(
            lambda: (
                (academy / "staging" / path[-64:]).exists()
                and (academy / "staging" / path[-64:]).stat().st_size == 2 * MB
            )
        )
        # What lies there now is what a kill would leave.
        left = (academy / "staging" / path[-64:]).read_bytes()
        gate.set()
    killed = academy.with_name("killed")
    (killed / "staging").mkdir(parents=True)
    (killed / "staging" / path[-64:]).write_bytes(left)
    shelf = killed / "mirror" / path
    shelf.parent.mkdir(parents=True)
    shelf.with_name(".0123456789abcdef.new").write_bytes(left)
    hub = Wire(mirror_app(country.mirror))
    passed: list[int] = []
    hub.send = lambda connection, block: (connection.sendall(block), passed.append(len(block)))
    with hub, relaying(hub.url, killed, root=country.root) as mirror:
        assert [one.name for one in shelf.parent.iterdir()] == []
        assert mirror.get(path)[2] == data
    assert sum(passed) < 1.1 * MB
    # And where what it had was damaged, it begins anew.
    again = academy.with_name("again")
    (again / "staging").mkdir(parents=True)
    (again / "staging" / path[-64:]).write_bytes(b"x" * len(data))
    with serving(mirror_app(country.mirror)) as good, relaying(good, again, root=country.root) as mirror:
        assert mirror.get(path)[2] == data


def test_what_is_fetched_ahead_costs_the_hub_nothing_on_monday(country, academy, tmp_path, monkeypatch):
    monkeypatch.setattr("edubox.sync.relaying.small.MINUTE", 0.2)
    one, two = film(1, 2 * MB), film(2, 2 * MB)
    country.publish("lune", {"index.html": text(1, 20_000), "film.mp4": one}, frozenset({"film.mp4"}))
    application, asked = counting(mirror_app(country.mirror))
    with (
        serving(application) as hub,
        relaying(hub, academy, root=country.root, follow=("ministry/test",)) as mirror,
    ):
        came, lacking = mirror.relay.ahead.once()
        assert (came, lacking) == (2, 0)
        country.publish("soleil", {"index.html": text(2, 20_000), "film.mp4": two}, frozenset({"film.mp4"}))
        until(lambda: (mirror.relay.ahead.once(), (academy / "mirror" / object_of(two)).exists())[1])
        asked.clear()
        box = Box(tmp_path / "box", country)
        box.sync(mirror.url)
        assert box.read("soleil")["film.mp4"] == two
        assert {path for path in asked if path.startswith(("bundles", "objects"))} == set()


def test_fetching_ahead_stops_at_the_bound(country, academy):
    for number in range(4):
        country.publish(
            f"lecon-{number}",
            {"index.html": text(number, 2000), "film.mp4": film(number, MB)},
            frozenset({"film.mp4"}),
        )
    with (
        serving(mirror_app(country.mirror)) as hub,
        relaying(hub, academy, root=country.root, most=3 * MB, follow=("ministry/test",)) as mirror,
    ):
        _, lacking = mirror.relay.ahead.once()
        before = kept_objects(academy)
        mirror.relay.ahead.once()
        assert kept_objects(academy) == before, "nothing leaves for what nobody asked for"
    assert 1 <= lacking <= 2
    assert use(academy) <= 3 * MB
