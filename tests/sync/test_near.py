"""A lesson from near sources: another box's mirror, which holds files but often no bundle, and this box's own."""

from __future__ import annotations

import pytest

from edubox.errors import MissingFile, Postponed, Unreachable
from edubox.store.layout import bundle_path, object_path
from edubox.sync.fetching.sources import HUB, NEIGHBOUR, FolderSource
from edubox.sync.status import read_status
from edubox.sync.urgent import ask
from tests.sync.country import PUBLISHER, Box, film, text

LUNE = f"{PUBLISHER}/lune"
V1 = {"index.html": text(1, 9000), "a/page.html": text(2, 5000), "film.mp4": film(3, 300_000)}
V2 = V1 | {"index.html": text(4, 9000)}
MEDIA = frozenset({"film.mp4"})


class Counted(FolderSource):
    """A folder that remembers which files it was asked for, and how much of each it gave."""

    def __init__(self, root, kind):
        super().__init__(root, kind)
        self.given = {}

    def read(self, path, limit):
        data = super().read(path, limit)
        self.given[path] = self.given.get(path, 0) + len(data)
        return data

    def stream(self, path, begin, end, size):
        for block in super().stream(path, begin, end, size):
            self.given[path] = self.given.get(path, 0) + len(block)
            yield block

    def content(self):
        return {path for path in self.given if path.startswith(("bundles/", "objects/"))}


@pytest.fixture
def neighbour(tmp_path, country):
    return Box(tmp_path / "neighbour", country)


def hub_of(country):
    return Counted(country.mirror, HUB)


def next_door(box):
    return Counted(box.data / "mirror", NEIGHBOUR)


def plan(report):
    return {one["pack"]: one["plan"] for one in report.packs}


def test_a_neighbour_gives_all_but_the_signatures(country, box, neighbour):
    country.publish("lune", V1, MEDIA)
    neighbour.sync()
    hub, near = hub_of(country), next_door(neighbour)
    report = box.sync(hub, near)
    assert hub.content() == set()
    assert box.read("lune") == V1
    assert report.received["neighbour"] > 10 * report.received["hub"]


def test_a_neighbour_that_got_an_update_gives_its_files_though_it_has_no_whole_bundle(
    country, box, neighbour
):
    country.publish("lune", V1, MEDIA)
    neighbour.sync()
    country.publish("lune", V2, MEDIA, base="lune")
    neighbour.sync()
    hub, near = hub_of(country), next_door(neighbour)
    assert plan(box.sync(hub, near)) == {LUNE: "objects"}
    assert hub.content() == set()
    assert box.read("lune") == V2


def test_the_short_update_that_a_neighbour_applied_is_taken_from_it(country, box, neighbour):
    country.publish("lune", V1, MEDIA)
    for one in (box, neighbour):
        one.sync()
    country.publish("lune", V2, MEDIA, base="lune")
    neighbour.sync()
    hub = hub_of(country)
    assert plan(box.sync(hub, next_door(neighbour))) == {LUNE: "delta"}
    assert hub.content() == set()


def test_a_neighbour_that_lacks_a_file_costs_nothing_but_the_question(country, box, neighbour):
    country.publish("lune", V2, MEDIA)
    neighbour.sync()
    for path in (neighbour.data / "mirror" / "bundles").rglob("*/*"):
        path.unlink()
    manifest, _ = country.contents["lune"]
    lost = next(file for file in manifest.files if file.path == "index.html")
    (neighbour.data / "mirror" / object_path(lost.sha256)).unlink()
    hub, near = hub_of(country), next_door(neighbour)
    assert plan(box.sync(hub, near)) == {LUNE: "full"}
    assert box.read("lune") == V2
    assert object_path(manifest.files[-1].sha256) not in hub.given, "the film came from next door"


def test_files_that_came_one_by_one_before_a_cut_are_not_asked_for_again(country, box, neighbour):
    country.publish("lune", V1, MEDIA)
    neighbour.sync()
    for path in (neighbour.data / "mirror" / "bundles").rglob("*/*"):
        path.unlink()
    manifest, _ = country.contents["lune"]
    texts = [file for file in manifest.files if not file.media]
    hidden = neighbour.data / "mirror" / object_path(texts[-1].sha256)
    away = hidden.rename(hidden.with_name("away"))
    with pytest.raises(MissingFile):
        box.sync(next_door(neighbour))
    assert box.lessons() == {}
    away.rename(hidden)
    near = next_door(neighbour)
    box.sync(near)
    asked = {path for path in near.content() if path.startswith("objects/")}
    assert object_path(texts[0].sha256) not in asked
    assert object_path(texts[-1].sha256) in asked
    assert box.read("lune") == V1
    assert not list((box.data / "staging" / "fetch").iterdir())


def test_a_lying_neighbour_is_found_out_file_by_file(country, box, neighbour):
    country.publish("lune", V1, MEDIA)
    neighbour.sync()
    for path in (neighbour.data / "mirror").glob("[bo]*/*/*"):
        path.chmod(0o644)
        path.write_bytes(bytes(len(path.read_bytes())))
    box.sync(hub_of(country), next_door(neighbour))
    assert box.read("lune") == V1


def test_a_dead_hub_is_not_asked_for_the_whole_lesson_after_the_update_was_cut(country, box):
    country.publish("lune", V1)
    box.sync()
    country.publish("lune", V2, base="lune")

    class Cut(Counted):
        def stream(self, path, begin, end, size):
            yield from super().stream(path, begin, min(begin + 1, end), size)
            raise Unreachable(source=self.name, reason="cut")

    hub = Cut(country.mirror, HUB)
    with pytest.raises(Unreachable):
        box.sync(hub)
    assert len(hub.content()) == 1


def test_a_damaged_file_is_made_again_from_the_bundle_that_the_box_kept(country, box):
    index = country.publish("lune", V1, MEDIA)
    box.sync()
    assert (box.data / "mirror" / bundle_path(index.full.sha256)).exists()
    manifest, _ = country.contents["lune"]
    lost = next(file for file in manifest.files if file.path == "index.html")
    (box.data / "mirror" / object_path(lost.sha256)).unlink()
    (box.tree("lune") / "index.html").unlink()
    hub = hub_of(country)
    box.sync(hub)
    assert hub.content() == set()
    assert box.read("lune") == V1


def test_a_damaged_kept_bundle_is_fetched_again(country, box):
    index = country.publish("lune", V1, MEDIA)
    box.sync()
    kept = box.data / "mirror" / bundle_path(index.full.sha256)
    kept.chmod(0o644)
    kept.write_bytes(kept.read_bytes()[:-1] + b"?")
    manifest, _ = country.contents["lune"]
    (box.data / "mirror" / object_path(manifest.files[0].sha256)).unlink()
    (box.tree("lune") / manifest.files[0].path).unlink()
    box.sync()
    assert box.read("lune") == V1
    assert (box.data / "mirror" / bundle_path(index.full.sha256)).read_bytes() != b""


def test_bundles_that_no_index_lists_any_more_leave(country, box):
    old = country.publish("lune", V1, MEDIA)
    box.sync()
    country.publish("lune", V2, MEDIA, base="lune")
    box.sync()
    assert not (box.data / "mirror" / bundle_path(old.full.sha256)).exists()


def test_what_was_verified_before_is_finished_from_next_door_while_the_hub_is_down(
    country, box, neighbour, tmp_path
):
    country.publish("lune", V1, MEDIA)
    neighbour.sync()
    (country.mirror / "objects").rename(tmp_path / "away")
    with pytest.raises(MissingFile):
        box.sync(hub_of(country))
    assert box.state("lune") == "waiting"
    down = Counted(tmp_path / "nothing", HUB)
    (neighbour.data / "mirror" / "directory").rename(tmp_path / "directory")
    with pytest.raises(Unreachable):
        box.sync(down, next_door(neighbour))
    assert box.read("lune") == V1
    assert box.state("lune") == "ready"


def test_without_a_hub_the_newest_of_several_neighbours_is_believed(country, box, neighbour, tmp_path):
    country.publish("lune", V1, MEDIA)
    neighbour.sync()
    country.publish("lune", V2, MEDIA, base="lune")
    other = Box(tmp_path / "other", country)
    other.sync()
    for order in ([neighbour, other], [other, neighbour]):
        fresh = Box(tmp_path / f"fresh{order[0] is other}", country)
        fresh.sync(*[next_door(one) for one in order])
        assert fresh.read("lune") == V2


def test_what_is_needed_tomorrow_comes_first(country, box):
    for number, slug in enumerate(("petit", "moyen", "grand")):
        country.publish(slug, {"index.html": text(number, 3000 * (number + 1))})
    ask(box.data, f"{PUBLISHER}/grand")
    order = [one["pack"].rpartition("/")[2] for one in box.sync().packs]
    assert order == ["grand", "petit", "moyen"]


def test_a_postponed_run_is_no_error_and_the_next_one_goes_on(country, box):
    country.publish("lune", V1)
    country.publish("soleil", {"index.html": text(9, 30_000)})

    class Closing(Counted):
        def stream(self, path, begin, end, size):
            if self.content() - {path}:
                raise Postponed(reason="the window closes")
            yield from super().stream(path, begin, end, size)

    report = box.sync(Closing(country.mirror, HUB))
    assert [one["state"] for one in report.packs] == ["ready", "waits"]
    assert "window" in report.postponed
    assert read_status(box.data).code == "postponed"
    report = box.sync()
    assert report.postponed == ""
    assert len(box.lessons()) == 2


def test_the_status_says_what_came_and_how_it_ended(country, box):
    country.publish("lune", V1, MEDIA)
    box.sync()
    status = read_status(box.data)
    assert (status.phase, status.code, status.done) == ("ended", "", status.total)
    assert [(one.pack, one.state) for one in status.coming] == [(LUNE, "ready")]
    assert status.total > 300_000
