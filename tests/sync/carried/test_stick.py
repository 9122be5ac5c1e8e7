"""Knowing, reading and making a stick."""

from __future__ import annotations

import os
import shutil

import pytest

from edubox.errors import AlreadyExists, EduboxError, NotFound, NotOurStick
from edubox.pack import canonical
from edubox.sync.carried.exchange import prepare
from edubox.sync.carried.stick import (
    StickSource,
    carries_our_folder,
    first_root,
    make,
    put_want,
    recognise,
    wants_on,
)
from edubox.sync.carried.wants import Want
from edubox.sync.fetching.sources import FOLDER, STICK
from edubox.sync.opening import open_sources
from tests.sync.country import PUBLISHER, Country, Progress, snapshot, text

TIMESTAMP = "directory/metadata/timestamp.json"


@pytest.fixture
def mount(tmp_path, country):
    """A stick of the country with one lesson."""
    country.publish("lune", {"index.html": text(1, 5000)})
    (tmp_path / "stick").mkdir()
    prepare(tmp_path / "stick", country.root, country.mirror, Progress())
    return tmp_path / "stick"


def want(box="edubox-a", **given):
    return Want(box, "École", "2026-11-24", **({"follow": (PUBLISHER,)} | given))


def test_a_prepared_stick_brings_lessons_to_a_box_without_a_line(mount, box, country):
    shutil.rmtree(country.mirror)  # there is no line
    report = box.sync(mount)
    assert box.lessons() == {f"{PUBLISHER}/lune": 1}
    assert report.received.keys() == {STICK}


def test_what_else_is_on_the_stick_stays(tmp_path, country):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    prepare(tmp_path, country.root, country.mirror, Progress())
    assert (tmp_path / "photos" / "cat.jpg").read_bytes() == b"cat"


def test_a_stick_is_two_sources_the_second_with_the_previous_timestamps(mount):
    assert [(type(one), one.kind) for one in open_sources(str(mount))] == [(StickSource, STICK)] * 2
    now, before = open_sources(str(mount))
    path = mount / "edubox" / TIMESTAMP
    path.with_name("timestamp.json.prev").write_bytes(b"before")
    assert (now.read(TIMESTAMP, 10_000), before.read(TIMESTAMP, 100)) == (path.read_bytes(), b"before")
    assert now.read("directory/metadata/1.root.json", 10_000) == before.read(
        "directory/metadata/1.root.json", 10_000
    )


def test_another_folder_is_a_folder(tmp_path, country):
    assert [one.kind for one in open_sources(str(country.mirror))] == [FOLDER]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "edubox").symlink_to(country.mirror)
    assert not carries_our_folder(tmp_path / "other")


def test_a_torn_timestamp_costs_nothing_but_the_last_publication(mount, box, country):
    country.publish("lune", {"index.html": text(2, 5000)}, base="lune")
    prepare(mount, country.root, country.mirror, Progress())
    path = mount / "edubox" / "publishers" / PUBLISHER / "metadata" / "timestamp.json"
    path.write_bytes(path.read_bytes()[:200])
    box.sync(mount)
    assert box.lessons() == {f"{PUBLISHER}/lune": 1}


def test_only_a_stick_of_this_country_is_ours(mount, country, tmp_path):
    assert recognise(mount, country.root) == mount / "edubox"
    other = Country(tmp_path / "other")
    before = snapshot(mount)
    for attempt in (
        lambda: recognise(mount, other.root),
        lambda: make(mount, other.root),
        lambda: prepare(mount, other.root, other.mirror, Progress()),
    ):
        with pytest.raises(NotOurStick, match="another country"):
            attempt()
    assert snapshot(mount) == before


def test_a_stick_without_our_folder_is_never_written_unless_somebody_prepares_it(tmp_path, country):
    with pytest.raises(NotOurStick, match="prepare"):
        recognise(tmp_path / "country", country.root)
    assert not (tmp_path / "country" / "edubox").exists()


@pytest.mark.parametrize("what", ["a file", "a link", "somebody's folder"])
def test_a_name_that_is_taken_is_left(tmp_path, country, what):
    (tmp_path / "stick").mkdir()
    taken = tmp_path / "stick" / "edubox"
    if what == "a file":
        taken.write_text("mine")
    elif what == "a link":
        taken.symlink_to(tmp_path)
    else:
        taken.mkdir()
        (taken / "letters.txt").write_text("mine")
    before = snapshot(tmp_path / "stick")
    with pytest.raises(AlreadyExists):
        make(tmp_path / "stick", country.root)
    assert snapshot(tmp_path / "stick") == before


def test_a_preparation_that_was_cut_is_begun_again(tmp_path, country):
    (tmp_path / "stick" / "edubox" / "directory" / "metadata").mkdir(parents=True)
    (tmp_path / "stick" / "edubox" / "directory" / "metadata" / "1.root.json.part").write_bytes(b"{")
    make(tmp_path / "stick", country.root)
    assert recognise(tmp_path / "stick", country.root)
    assert not list(tmp_path.rglob("*.part"))


def test_the_root_of_a_mirror_is_its_first(country, tmp_path):
    assert first_root(country.mirror) == country.root
    with pytest.raises(NotFound):
        first_root(tmp_path)


def test_a_root_that_is_a_link_or_a_pipe_makes_no_stick_ours(mount, country, tmp_path):
    path = mount / "edubox" / "directory" / "metadata" / "1.root.json"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotOurStick):
        recognise(mount, country.root)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(NotOurStick):
        recognise(mount, country.root)


def test_a_root_without_end_or_none_makes_no_stick_ours(mount, country):
    path = mount / "edubox" / "directory" / "metadata" / "1.root.json"
    path.write_bytes(bytes(600_000))
    with pytest.raises(NotOurStick):
        recognise(mount, country.root)
    with pytest.raises(EduboxError, match="damaged"):
        recognise(mount, b"{}")


def test_want_lists_are_left_and_found_again(mount):
    folder = mount / "edubox"
    put_want(folder, want())
    put_want(folder, want("edubox-b"))
    put_want(folder, want("edubox-b", have=frozenset(["a" * 64])))
    assert wants_on(folder) == [want(), want("edubox-b", have=frozenset(["a" * 64]))]


def test_hostile_want_lists_take_nothing_from_the_honest_ones(mount):
    folder = mount / "edubox" / "wants"
    put_want(mount / "edubox", want())
    (folder / "bomb.json").write_bytes(b"[" * 1_000_000)
    (folder / "huge.json").write_bytes(b" " * 2_000_000)
    (folder / f"{'n' * 250}.json").write_bytes(b"{}")
    (folder / "edubox-other.json").write_bytes(want("edubox-b").to_bytes())  # another's name
    (folder / "edubox-c.json").symlink_to(folder / "edubox-a.json")
    os.mkfifo(folder / "edubox-d.json")
    (folder / "edubox-e.json").mkdir()
    (folder / "edubox-f.json").write_bytes(canonical.write({"format": 1, "box": "edubox-f"}))
    assert wants_on(mount / "edubox") == [want()]


def test_a_million_want_lists_end(mount, monkeypatch):
    from edubox.sync.carried import stick

    monkeypatch.setattr(stick, "_MOST_NAMES", 50)
    monkeypatch.setattr(stick, "_MOST_BYTES", 1000)
    for number in range(300):
        put = mount / "edubox" / "wants" / f"edubox-{number}.json"
        put.write_bytes(want(f"edubox-{number}").to_bytes())
    assert 0 < len(wants_on(mount / "edubox")) < 20


def test_a_stick_whose_names_lost_their_case_is_read(mount, box, monkeypatch):
    """Names of eight letters and three may come back in capitals; FAT finds them by either."""
    put_want(mount / "edubox", want())
    for path in sorted((mount / "edubox").rglob("*"), reverse=True):
        if len(path.name) <= 8 or (path.suffix == ".json" and len(path.stem) <= 8):
            path.rename(path.with_name(path.name.upper()))
    (mount / "edubox").rename(mount / "EDUBOX")
    usual = {name: getattr(os, name) for name in ("open", "stat", "scandir", "listdir")}

    def spelled(path, folder=None):
        """*path* in the case in which the stick has it."""
        whole = os.path.join(os.getcwd() if folder is None else os.readlink(f"/proc/self/fd/{folder}"), path)
        real = str(mount)
        for part in os.path.relpath(whole, mount).split("/"):
            names = {one.lower(): one for one in usual["listdir"](real)} if os.path.isdir(real) else {}
            real = os.path.join(real, names.get(part.lower(), part))
        return real

    def caseless(name):
        def call(path=".", *rest, dir_fd=None, **more):
            try:
                return usual[name](path, *rest, **(more if dir_fd is None else more | {"dir_fd": dir_fd}))
            except FileNotFoundError:
                return usual[name](spelled(os.fspath(path), dir_fd), *rest, **more)

        return call

    for name in usual:
        monkeypatch.setattr(os, name, caseless(name))
    box.sync(mount)
    assert box.lessons() == {f"{PUBLISHER}/lune": 1}
    assert wants_on(mount / "edubox") == [want()]


def test_a_stick_that_is_gone_is_a_clear_error(tmp_path, country):
    with pytest.raises(EduboxError):
        recognise(tmp_path / "nowhere", country.root)
