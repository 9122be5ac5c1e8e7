"""A full card: what leaves so that followed lessons can come, in which order, and what never does."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edubox.errors import NoRoom
from edubox.store.platform import Reserve
from edubox.store.space import use_of
from edubox.sync.catalogue import Installed
from edubox.sync.eviction import (
    ARRIVAL,
    BUNDLE,
    LESSON,
    MEDIA,
    ORDER,
    REPLACED,
    Candidate,
    choose,
    find,
    make_room,
)
from edubox.sync.local import Local
from tests.sync.country import PUBLISHER, film, text

OTHER, OWN = "ministry/other", "ministry/own"

CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.sampled_from(ORDER),
        st.text("ab", min_size=1, max_size=3),
        st.dictionaries(st.sampled_from("uvwxyz"), st.just(0), max_size=4),
        st.lists(st.builds(Installed, st.just("p"), st.sampled_from("st"), st.just(1), st.just("m"), st.just("ready")),
                 max_size=2).map(tuple),
    ),
    max_size=12,
)  # fmt: skip
SIZES = dict(zip("uvwxyz", (0, 1, 10, 100, 1000, 5), strict=True))


@settings(max_examples=200, deadline=None)
@given(CANDIDATES, st.integers(0, 1200), st.integers(0, 7))
def test_enough_leaves_whenever_it_can_in_the_order_promised_and_no_more_than_needed(drawn, size, files):
    candidates = [
        Candidate(one.kind, one.name, {path: SIZES[path] for path in one.holds}, one.lessons) for one in drawn
    ]
    chosen = choose(candidates, Reserve(size, files))
    everything = {path for one in candidates for path in one.holds}
    possible = sum(SIZES[path] for path in everything) >= size and len(everything) >= files
    if not possible or not (size or files):
        assert chosen == []
        return
    left = list(candidates)
    for one in chosen:
        left.remove(one.candidate)
    freed = everything - {path for one in left for path in one.holds}
    told = [path for one in chosen for path in one.frees]
    assert (sorted(told), sum(one.size for one in chosen)) == (
        sorted(freed),
        sum(SIZES[path] for path in freed),
    )
    assert sum(SIZES[path] for path in freed) >= size
    assert len(freed) >= files
    turns = [ORDER.index(one.candidate.kind) for one in chosen]
    assert turns == sorted(turns)
    assert all(ORDER.index(one.kind) >= turns[-1] for one in left), (
        "nobody leaves before somebody who should go first"
    )
    without_last = sum(one.size for one in chosen[:-1]), sum(len(one.frees) for one in chosen[:-1])
    assert without_last[0] < size or without_last[1] < files


@pytest.fixture
def school(country, box):
    """A box with its own, followed and other lessons, all installed; then the others are followed no longer."""
    country.add_publisher(OTHER)
    country.add_publisher(OWN)
    country.publish("suivie", {"a.html": text(1, 20_000), "f.mp4": film(1, 300_000)}, frozenset(["f.mp4"]))
    for number in range(3):
        contents = {"b.html": text(10 + number, 30_000), "f.mp4": film(10 + number, 300_000 + number)}
        country.publish(f"autre{number}", contents, frozenset(["f.mp4"]), author=OTHER)
    shared = {"a.html": text(1, 20_000), "c.html": text(20, 9_000), "f.mp4": film(1, 300_000)}
    country.publish("partage", shared, frozenset(["f.mp4"]), author=OTHER)
    country.publish(
        "notre", {"n.html": text(30, 20_000), "f.mp4": film(30, 300_000)}, frozenset(["f.mp4"]), author=OWN
    )
    box.settings["follow"] = [PUBLISHER, OTHER, OWN]
    box.sync()
    (box.data / "keys" / "own.json").write_text(json.dumps({"format": 1, "id": OWN, "epoch": 1}))
    box.settings["follow"] = [PUBLISHER]
    return box


def ask(box, size, files=0, wanted=frozenset()):
    local = Local(box.data, [], Reserve())
    error = NoRoom(path="x", reason="test", lacking=Reserve(size, files))
    return make_room(local, box.catalogue, box.settings["follow"], wanted, error, box.progress.say)


def kinds(box, wanted=frozenset()):
    local = Local(box.data, [], Reserve())
    return {one.kind for one in find(local, box.catalogue.installed(), box.settings["follow"], wanted)}


def stays(box):
    """What must be whole whatever leaves."""
    assert box.read("suivie") == {"a.html": text(1, 20_000), "f.mp4": film(1, 300_000)}
    assert box.read("notre", OWN) == {"n.html": text(30, 20_000), "f.mp4": film(30, 300_000)}


def bundles(box):
    return {path.name for path in (box.data / "mirror" / "bundles").rglob("*") if path.is_file()}


def test_lessons_of_a_publisher_followed_no_longer_stay_while_there_is_room(school):
    before = school.lessons()
    school.sync()
    school.pass_time(days=30)
    school.sync()
    assert school.lessons() == before
    assert len(school.read("autre0", OTHER)) == 2


def test_kept_bundles_leave_first_and_never_the_boxs_own(country, school):
    own = {bundle.sha256 for index in country.versions[f"{OWN}/notre"] for bundle in index.bundles}
    assert own < bundles(school)
    assert ask(school, 1, files=3)
    assert own <= bundles(school)
    while any(
        one.kind == BUNDLE
        for one in find(Local(school.data, [], Reserve()), school.catalogue.installed(), [], ())
    ):
        assert ask(school, 1)
    assert bundles(school) == own
    assert len(school.lessons()) == 6
    stays(school)


def test_a_half_fetched_file_that_nobody_wants_leaves_and_one_that_is_wanted_stays(school):
    arriving = school.data / "staging" / "fetch"
    (arriving / ("1" * 64)).write_bytes(bytes(500_000))
    (arriving / ("2" * 64)).write_bytes(bytes(500_000))
    for name in bundles(school):
        (school.data / "mirror" / "bundles" / name[:2] / name).unlink()
    assert ask(school, 400_000, wanted={"2" * 64})
    assert [path.name for path in arriving.iterdir()] == ["2" * 64]


def test_media_leave_before_texts_and_the_largest_first(school):
    for name in bundles(school):
        (school.data / "mirror" / "bundles" / name[:2] / name).unlink()
    assert ask(school, 350_000)
    assert school.read("autre1", OTHER).keys() == school.read("autre2", OTHER).keys() == {"b.html"}
    assert school.read("autre0", OTHER).keys() == {"b.html", "f.mp4"}
    assert (school.state("autre2"), school.state("autre0")) == ("waiting", "ready")
    assert any("2 media" in line and f"{OTHER}/autre1" in line for line in school.progress.said)
    stays(school)


def test_when_all_that_may_leave_has_left_the_followed_and_own_lessons_are_whole(school):
    everything = sum(
        size
        for path, size in {
            path: size
            for one in find(Local(school.data, [], Reserve()), school.catalogue.installed(), [PUBLISHER], ())
            for path, size in one.holds.items()
        }.items()
    )
    disk = use_of(school.data)
    assert not ask(school, everything + 1), "when it cannot be enough, nothing leaves"
    assert len(school.lessons()) == 6
    assert ask(school, everything)
    assert school.lessons().keys() == {f"{PUBLISHER}/suivie", f"{OWN}/notre"}
    assert kinds(school) == set()
    assert use_of(school.data).size <= disk.size - everything
    stays(school)
    school.sync()
    stays(school)
    readable = {
        file
        for one in (*school.read("suivie").values(), *school.read("notre", OWN).values())
        for file in [one]
    }
    assert len(readable) == 4


def test_a_replaced_version_leaves_before_its_night_is_over_if_it_must(country, school):
    country.publish("suivie", {"a.html": text(2, 20_000), "g.mp4": film(2, 300_000)}, frozenset(["g.mp4"]))
    old = school.tree("suivie")
    school.sync()
    assert old.is_dir()
    assert REPLACED in kinds(school)
    for name in bundles(school):
        (school.data / "mirror" / "bundles" / name[:2] / name).unlink()
    school.settings["follow"] = [PUBLISHER, OTHER]
    assert ask(school, 100)
    assert not old.exists()
    assert school.read("suivie") == {"a.html": text(2, 20_000), "g.mp4": film(2, 300_000)}
    assert len(school.read("partage", OTHER)) == 3, "what it shared is still needed"


def test_when_nobody_can_say_what_an_own_or_followed_lesson_needs_no_object_leaves(school):
    targets = next((school.data / "mirror" / "publishers" / OWN / "targets").glob("*.json"))
    targets.write_bytes(b"{")
    assert kinds(school) == set()
    targets.unlink()
    going = find(Local(school.data, [], Reserve()), school.catalogue.installed(), [PUBLISHER], ())
    assert {one.publisher for candidate in going for one in candidate.lessons} == {OTHER}, (
        "what is shown still says it"
    )
    manifest = school.tree("suivie").name
    (school.data / "mirror" / "objects" / manifest[:2] / manifest).unlink()
    assert kinds(school) <= {BUNDLE, ARRIVAL}


@settings(max_examples=int(os.environ.get("EDUBOX_EVICTIONS", "5")), deadline=None)
@given(st.randoms(use_true_random=False))
def test_whatever_is_asked_of_any_box_its_own_and_followed_lessons_stay(tmp_path_factory, source):
    """Lessons share files at random between publishers; need is random; then everything followed still reads whole."""
    from tests.sync.country import Box, Country

    folder = tmp_path_factory.mktemp("school")
    country = Country(folder / "country")
    country.add_publisher(OTHER)
    country.add_publisher(OWN)
    pool = {f"{n}.html": text(n, 3000 + 100 * n) for n in range(6)} | {
        f"{n}.mp4": film(n, 4000 * n) for n in range(1, 4)
    }
    box = Box(folder / "box", country)
    published = {}
    for number in range(source.randint(2, 6)):
        author = source.choice([PUBLISHER, OTHER, OWN])
        names = ["0.html", *source.sample(sorted(pool), source.randint(1, 5))]
        contents = {name: pool[name] for name in names}
        films = frozenset(name for name in contents if name.endswith("mp4"))
        country.publish(f"l{number}", contents, films, author=author)
        published[f"l{number}", author] = contents
    box.settings["follow"] = [PUBLISHER, OTHER, OWN]
    box.sync()
    (box.data / "keys" / "own.json").write_text(json.dumps({"id": OWN}))
    box.settings["follow"] = [PUBLISHER]
    for _ in range(source.randint(1, 4)):
        before = use_of(box.data)
        size = source.randint(0, 40_000)
        if ask(box, size, source.randint(0, 6)):
            assert use_of(box.data).size <= before.size - size
    for (slug, author), contents in published.items():
        if author != OTHER:
            assert box.read(slug, author) == contents
            assert box.state(slug) == "ready"
    box.sync()
    for (slug, author), contents in published.items():
        if author != OTHER:
            assert box.read(slug, author) == contents
    assert bundles(box) >= {
        bundle.sha256 for name, known in country.versions.items() if name.startswith(OWN)
        for index in known for bundle in index.bundles
    }  # fmt: skip


def test_order_names_every_kind():
    assert set(ORDER) == {BUNDLE, ARRIVAL, REPLACED, MEDIA, LESSON}
