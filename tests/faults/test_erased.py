"""Erased bytes are nowhere: not in a tree, an object, a twin, a bundle, the search, nor in what SQLite freed."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import random
import shutil
from pathlib import Path

import pytest

from edubox.box.catalog import Catalogue
from edubox.errors import EduboxError, MissingFile, NoRoom
from edubox.pack.erasure import ERASE_LIST, Erasure
from edubox.store.layout import object_path
from edubox.sync import erase
from tests.sync.country import PUBLISHER, Box, Country, film, text

MARK = b"zqxwvmarque"
OTHER = "ministry/other"
MEDIA = frozenset({"film.mp4"})


class RealBox(Box):
    """A box with the real database."""

    @property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.data)


def traces(folder: Path) -> list[str]:
    """The files below *folder* in which the mark can be found, packed or not."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        data = path.read_bytes()
        if data.startswith(b"\x1f\x8b"):
            data += gzip.decompress(data)
        elif data.startswith(b"\xfd7zXZ"):
            data += lzma.decompress(data)
        if MARK[:-1] in data:  # the search keeps words as their stem and an ending
            found.append(path.relative_to(folder).as_posix())
    return found


def bundles(country, box) -> list[str]:
    """The bundles of the lesson that the box keeps."""
    listed = {one.sha256 for index in country.versions[f"{PUBLISHER}/secret"] for one in index.bundles}
    return [path.name for path in (box.data / "mirror" / "bundles").rglob("*") if path.name in listed]


def page(seed: int) -> bytes:
    return text(seed, 6000) + b" " + MARK + b" " + text(seed + 1, 3000)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def country(tmp_path):
    """A lesson in two versions that hold the mark in a page and a film, and another lesson without it."""
    country = Country(tmp_path / "country")
    country.publish("fine", {"index.html": text(1, 5000), "film.mp4": film(1, 300_000)}, MEDIA)
    country.publish("secret", {"index.html": page(2), "film.mp4": film(2, 300_000) + MARK}, MEDIA)
    return country


@pytest.fixture
def box(country, tmp_path):
    """A box that has had both versions; the old one's tree has not left yet."""
    box = RealBox(tmp_path / "box", country)
    box.sync()
    country.publish(
        "secret", {"index.html": page(4), "film.mp4": film(2, 300_000) + MARK}, MEDIA, base="secret"
    )
    box.sync()
    kinds = {path.split("/")[0] if "/" in path else path.partition(".")[0] for path in traces(box.data)}
    assert kinds == {"mirror", "site", "twins", "box"}, "the search for traces would find them"
    assert bundles(country, box), "the short update is kept for neighbours"
    return box


def everything(country, slug="secret") -> Erasure:
    versions = country.versions[f"{PUBLISHER}/{slug}"]
    manifest, _ = country.contents[slug]
    objects = {file.sha256 for file in manifest.files} | {sha(page(2))}
    return Erasure(frozenset(one.manifest for one in versions), frozenset(objects))


def erase_at(country) -> None:
    """What ``edubox erase`` signs, in one publication."""
    erasure = everything(country)
    country.sign(ERASE_LIST, erasure.to_bytes())
    country.withdraw("secret")


def test_what_a_publisher_erased_is_nowhere_on_a_box_after_its_next_sync(country, box):
    erase_at(country)
    box.sync()
    assert traces(box.data) == []
    assert bundles(country, box) == []
    assert box.lessons() == {f"{PUBLISHER}/fine": 1}
    assert box.read("fine")["film.mp4"] == film(1, 300_000)
    assert any("secret was erased" in sentence for sentence in box.progress.said)


def test_what_the_ministry_recalled_is_nowhere_and_republishing_does_not_bring_it_back(country, box):
    country.recall(Erasure(everything(country).manifests).to_bytes())
    box.sync()
    assert traces(box.data) == []
    country.add_publisher(OTHER)
    box.settings["follow"] = [PUBLISHER, OTHER]
    _, contents = country.contents["secret"]
    country.publish("secret", contents, MEDIA, author=OTHER)
    report = box.sync()
    assert traces(box.data) == []
    assert {one["pack"]: one["state"] for one in report.packs}[f"{OTHER}/secret"] == "erased"
    assert box.lessons() == {f"{PUBLISHER}/fine": 1}


def test_a_recalled_file_is_refused_in_a_lesson_that_nobody_has_listed(country, box):
    country.recall(Erasure(objects=frozenset({sha(page(9))})).to_bytes())
    country.publish("new", {"index.html": page(9), "other.html": text(7, 4000)})
    # The database's journal may be emptied into it meanwhile.
    before = {name.removesuffix("-wal") for name in traces(box.data)}
    report = box.sync()
    assert {one["pack"]: one["state"] for one in report.packs}[f"{PUBLISHER}/new"] == "erased"
    assert {name.removesuffix("-wal") for name in traces(box.data)} == before
    assert box.sync().bytes < 2_000, "it is not fetched again every night"
    country.publish("new", {"index.html": text(8, 4000)})
    box.sync()
    assert box.lessons()[f"{PUBLISHER}/new"] == 2


@pytest.mark.parametrize("stop", [0, 1, 2, 3, 5, 8, 11, 14, 17])
def test_a_cut_at_any_moment_of_erasing_is_made_good_by_the_next_sync(country, box, monkeypatch, stop):
    erase_at(country)
    with monkeypatch.context() as patch:
        left = [stop]

        def cut(real):
            def work(*args, **more):
                if not left[0]:
                    raise KeyboardInterrupt
                left[0] -= 1
                return real(*args, **more)

            return work

        patch.setattr(
            erase, "_unlink", lambda paths: [one.unlink(missing_ok=True) for one in map(cut(Path), paths)]
        )
        patch.setattr(Catalogue, "withdraw", cut(Catalogue.withdraw))
        patch.setattr(Catalogue, "forget_traces", cut(Catalogue.forget_traces))
        with pytest.raises(KeyboardInterrupt):
            box.sync()
    box.sync()
    assert traces(box.data) == []
    assert box.lessons() == {f"{PUBLISHER}/fine": 1}


def test_without_room_to_rewrite_the_search_it_is_done_when_there_is(country, box, monkeypatch):
    erase_at(country)

    def full(_self):
        raise NoRoom(path="box.db", reason="it is full")

    with monkeypatch.context() as patch:
        patch.setattr(Catalogue, "forget_traces", full)
        with pytest.raises(NoRoom):
            box.sync()
    assert f"{PUBLISHER}/secret" not in box.lessons()
    box.sync()
    assert traces(box.data) == []


def test_a_damaged_list_of_lessons_that_was_set_aside_goes_too(country, box):
    shutil.copy(box.data / "box.db", box.data / "box.db.damaged")
    erase_at(country)
    box.sync()
    assert traces(box.data) == []


def test_a_hostile_publisher_cannot_take_a_shared_library_from_others(country, box):
    country.add_publisher(OTHER)
    box.settings["follow"] = [PUBLISHER, OTHER]
    shared = text(1, 5000)
    country.publish("theirs", {"index.html": shared}, author=OTHER)
    box.sync()
    listed = Erasure(frozenset({country.versions[f"{PUBLISHER}/fine"][0].manifest}), frozenset({sha(shared)}))
    country.sign(ERASE_LIST, listed.to_bytes(), OTHER)
    box.sync()
    assert f"{OTHER}/theirs" not in box.lessons(), "its own lesson is its own affair"
    assert box.read("fine")["index.html"] == shared
    assert (box.data / "mirror" / object_path(sha(shared))).exists(), "neighbours are served from here"
    calls = []
    real = Catalogue.forget_traces
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Catalogue, "forget_traces", lambda self: calls.append(1) or real(self))
        box.sync()
    assert not calls, "a night without news costs nothing"


def test_a_lesson_whose_list_of_files_is_damaged_is_found_by_its_tree(country, box):
    manifest = country.versions[f"{PUBLISHER}/secret"][-1].manifest
    path = box.data / "mirror" / "objects" / manifest[:2] / manifest
    path.unlink()
    path.write_bytes(b"damaged")
    country.recall(Erasure(objects=frozenset({sha(page(4))})).to_bytes())
    box.sync()
    assert f"{PUBLISHER}/secret" not in box.lessons()


def test_a_list_that_cannot_be_read_is_told_and_stops_nothing_else(country, box):
    country.recall(b'{"format":2}')
    country.publish("more", {"index.html": text(5, 2000)})
    with pytest.raises(EduboxError, match="update this box"):
        box.sync()
    assert f"{PUBLISHER}/more" in box.lessons()


def test_a_source_that_keeps_the_recall_list_back_gives_nothing(country, box, tmp_path):
    country.recall(everything(country).to_bytes())
    hiding = tmp_path / "hiding"
    shutil.copytree(country.mirror, hiding)
    next((hiding / "directory" / "targets").glob("*.recall.json")).unlink()
    with pytest.raises(MissingFile):
        box.sync(hiding)
    box.sync(hiding, country.mirror)
    assert traces(box.data) == []


@pytest.mark.parametrize("seed", range(6))
def test_random_erasures_leave_exactly_the_lessons_that_nobody_erased(country, tmp_path, seed):
    chance = random.Random(seed)
    country.add_publisher(OTHER)
    box = RealBox(tmp_path / "random", country)
    box.settings["follow"] = [PUBLISHER, OTHER]
    pages = {number: page(100 + number) for number in range(4)}
    lessons = {}
    for number in range(8):
        author = chance.choice([PUBLISHER, OTHER])
        chosen = chance.sample(sorted(pages), chance.randint(1, 3))
        contents = {f"{one}.html": pages[one] for one in chosen} | {"own.html": text(200 + number, 3000)}
        country.publish(f"l{number}", contents, author=author)
        lessons[f"{author}/l{number}"] = set(chosen)
    if chance.random() < 0.5:
        box.sync()
    recalled = set(chance.sample(sorted(pages), chance.randint(0, 2)))
    erased = {
        author: set(chance.sample(sorted(pages), chance.randint(0, 2))) for author in (PUBLISHER, OTHER)
    }
    country.recall(Erasure(objects=frozenset(sha(pages[one]) for one in recalled)).to_bytes())
    for author, numbers in erased.items():
        country.sign(
            ERASE_LIST, Erasure(objects=frozenset(sha(pages[one]) for one in numbers)).to_bytes(), author
        )
    box.sync()
    box.sync()
    left = {
        address for address, chosen in lessons.items()
        if not chosen & (recalled | erased[address.rsplit("/", 1)[0]])
    }  # fmt: skip
    shown = {address for address in box.lessons() if address in lessons}
    assert shown == left
    needed = {one for address in left for one in lessons[address]}
    for number, data in pages.items():
        if number not in needed and number in recalled | erased[PUBLISHER] | erased[OTHER]:
            name = sha(data)
            assert not list(box.data.rglob(f"*{name}*"))
            assert not any(data in path.read_bytes() for path in box.data.rglob("*") if path.is_file())


def test_a_lesson_that_left_the_box_before_it_was_erased_leaves_no_trace_either(country, box):
    gone = everything(country).manifests
    country.withdraw("secret")
    box.sync()
    box.pass_time(hours=13)
    box.sync()
    country.recall(Erasure(gone).to_bytes())
    box.sync()
    assert traces(box.data) == []
