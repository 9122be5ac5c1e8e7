"""A card that loses bits: every flipped byte is found, taken away at once, and reading goes on where it ended."""

from __future__ import annotations

import errno
import gzip
import hashlib
import itertools
import json
import os
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edubox.errors import Busy, FailingCard
from edubox.store import scrub as scrubbing
from edubox.store.layout import bundle_path, object_path
from edubox.store.lock import lock
from edubox.store.scrub import scrub, walk
from edubox.store.scrub_record import Record, read_record, write_record
from edubox.store.site import Site


class Listed(NamedTuple):
    path: str
    sha256: str
    size: int
    type: str


PAGE = b"<!doctype html><title>Lune</title>" + b"<p>La lune tourne autour de la terre." * 200
STYLE = b"body { margin: 0 }\n" * 200
FILM = bytes(range(256)) * 400
BUNDLE = b"a bundle"
MANIFEST, OTHER = "1" * 64, "2" * 64


def name(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def of(path: str, data: bytes, kind: str = "text/html") -> Listed:
    return Listed(path, name(data), len(data), kind)


LESSONS = {
    MANIFEST: [
        of("index.html", PAGE),
        of("style/a.css", STYLE, "text/css"),
        of("film.mp4", FILM, "video/mp4"),
    ],
    OTHER: [of("page.html", PAGE)],
}


class Card:
    """A data folder with two lessons that share a page; its clocks go on by a second whenever they are asked."""

    def __init__(self, data):
        self.data = data
        for contents in (PAGE, STYLE, FILM):
            self.store(object_path(name(contents)), contents)
        self.store(bundle_path(name(BUNDLE)), BUNDLE)
        site = Site(data)
        for manifest, files in LESSONS.items():
            site.build(manifest, files)
        self.time = itertools.count(1_000_000)

    def store(self, path, contents):
        place = self.data / "mirror" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(contents)

    def contents(self, manifest):
        return {file.path: file.sha256 for file in LESSONS[manifest]} if manifest in LESSONS else None

    def scrub(self, **more):
        return scrub(self.data, self.contents, lambda: next(self.time), lambda: next(self.time), **more)

    def served(self):
        return {
            path.relative_to(self.data / "site").as_posix(): path.read_bytes()
            for path in (self.data / "site").rglob("*") if path.is_file()
        }  # fmt: skip


@pytest.fixture
def card(tmp_path):
    return Card(tmp_path)


def flip(path, at=-1):
    """Change one bit of the file's bytes, under all its names."""
    path.chmod(0o644)
    with path.open("r+b") as file:
        at %= path.stat().st_size
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 4]))


def test_a_good_card_is_read_whole_and_nothing_changes(card):
    before = card.served()
    outcome = card.scrub()
    assert (outcome.complete, outcome.damaged) == (True, [])
    assert outcome.files == 4 + 2, (
        "the bundle, three objects, two twins; linked trees have no bytes of their own"
    )
    assert card.served() == before
    record = read_record(card.data)
    assert (record.completed_files, record.cursor) == (6, "")
    assert record.completed > 0


@pytest.mark.parametrize("position", range(7))
def test_a_byte_flipped_anywhere_is_found_and_never_served_again(tmp_path, position):
    """The position numbers the files on the card, a copied file of a tree among them."""
    card = Card(tmp_path)
    copied = card.data / "site" / OTHER / "page.html"
    copied.unlink()
    copied.write_bytes(PAGE)
    good = card.served()
    stored = list(walk(card.data, "", card.contents))
    assert len(stored) == 7
    flip(card.data / stored[position].path)
    outcome = card.scrub()
    assert [one.path for one in outcome.damaged] == [stored[position].path]
    assert outcome.damaged[0].why == "changed"
    for path, data in card.served().items():
        plain = gzip.decompress(data) if path.endswith(".gz") else data
        assert plain in (PAGE, STYLE, FILM)
        assert path in good
    again = card.scrub()
    assert (again.complete, again.damaged) == (True, [])


def test_every_bit_of_a_file_and_a_twin_counts(card):
    twin = card.data / "twins" / name(STYLE)[:2] / name(STYLE)
    good = twin.read_bytes()
    for at in range(0, len(good), 7):
        flip(twin, at)
        damaged = [one.path for one in card.scrub().damaged]
        # Some bits of gzip's header (time, system) change nothing of what is unpacked.
        assert (
            damaged == [f"twins/{name(STYLE)[:2]}/{name(STYLE)}"]
            or gzip.decompress(twin.read_bytes()) == STYLE
        )
        assert not damaged or twin.read_bytes() == good, "it is made again from its object"
        twin.write_bytes(good)


def test_an_object_goes_with_its_names_in_every_lesson_and_what_was_made_from_it(card):
    flip(card.data / "mirror" / object_path(name(PAGE)))
    card.scrub()
    assert card.served().keys() == {
        f"{MANIFEST}/style/a.css",
        f"{MANIFEST}/style/a.css.gz",
        f"{MANIFEST}/film.mp4",
    }
    assert not (card.data / "twins" / name(PAGE)[:2] / name(PAGE)).exists()


def test_a_twin_is_made_again_on_the_spot_for_every_lesson_that_has_it(card):
    before = card.served()
    flip(card.data / "twins" / name(PAGE)[:2] / name(PAGE), 30)
    assert len(card.scrub().damaged) == 1
    assert card.served() == before
    assert read_record(card.data).missing(card.data) == []


def test_a_plug_pulled_between_the_object_and_its_names_leaves_work_for_the_next_scrub(card, monkeypatch):
    flip(card.data / "mirror" / object_path(name(PAGE)))

    class Pulled(BaseException):
        pass

    def pull(_):
        raise Pulled

    with monkeypatch.context() as patch:
        patch.setattr(scrubbing, "_all_files", pull)
        with pytest.raises(Pulled):
            card.scrub()
    card.scrub()
    assert all(b"lune" in data or b"Lune" not in data for data in card.served().values())
    assert f"{OTHER}/page.html" not in card.served()


def test_reading_goes_on_where_it_ended_and_every_file_is_read_once(card):
    seen = []
    while not card.scrub(stop=lambda: True, show=seen.append).complete:
        assert len(seen) < 20
    assert seen == [one.path for one in walk(card.data, "", card.contents)]
    assert read_record(card.data).completed_files == len(seen)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_cuts_at_any_moment_only_cost_reading_again(tmp_path_factory, data):
    card = Card(tmp_path_factory.mktemp("card"))
    stored = list(walk(card.data, "", card.contents))
    victim = data.draw(st.sampled_from(stored))
    flip(card.data / victim.path, data.draw(st.integers(40, 60)) if victim.packed else -1)

    class Cut(BaseException):
        pass

    for after in data.draw(st.lists(st.integers(0, 6), max_size=5)):
        left = [after]

        def show(_, left=left):
            left[0] -= 1
            if left[0] < 0:
                raise Cut

        try:
            card.scrub(show=show)
        except Cut:
            pass
    assert card.scrub().complete
    record = read_record(card.data)
    assert [one.path for one in record.damaged] == [victim.path] or victim.packed
    for path, found in card.served().items():
        assert (gzip.decompress(found) if path.endswith(".gz") else found) in (PAGE, STYLE, FILM)


@pytest.mark.parametrize(
    "damage",
    [
        b"", b"{", b"[" * 100_000, b"[]", b"7", b"null", b'{"cursor": 7}', b'{"cursor": null}', b'{"files": "x"}', b'{"damaged": 3}',
        b'{"damaged": [{}]}', b'{"damaged": [{"path": "../x", "why": "rumour", "found": 1}]}', b'{"damaged": [7]}',
        b'{"completed": 1e999}', b'{"began": true}', b"\xff\xfe", b"{}", b'{"cursor": "zzz"}', b'{"cursor": "site"}',
    ],
)  # fmt: skip
def test_a_damaged_record_means_reading_anew_and_nothing_else(card, damage):
    (card.data / "staging").mkdir()
    (card.data / "staging" / "scrub.json").write_bytes(damage)
    before = card.served()
    outcome = card.scrub()
    assert (outcome.complete, outcome.files) == (True, 6)
    assert card.served() == before


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(
    st.sampled_from(["cursor", "began", "files", "size", "completed", "damaged", "x"]),
    st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                 lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                     st.sampled_from(["path", "why", "found"]), inner | st.just("changed"), max_size=3), max_leaves=6),
))  # fmt: skip
def test_no_record_can_hurt(tmp_path_factory, value):
    data = tmp_path_factory.mktemp("card")
    (data / "staging").mkdir()
    (data / "staging" / "scrub.json").write_text(json.dumps(value))
    record = read_record(data)
    record.missing(data)
    assert list(walk(data, record.cursor, lambda _: None)) == []
    write_record(data, record)
    assert read_record(data) == record


def test_a_record_remembers_the_newest_hundred(card):
    record = Record(damaged=[scrubbing.Damage(f"site/{number}", "changed", number) for number in range(300)])
    write_record(card.data, record)
    assert [one.found for one in read_record(card.data).damaged] == list(range(200, 300))


def fail_to_read(monkeypatch, hopeless):
    usual = scrubbing._hash

    def worn(file, *, packed):
        if hopeless(os.readlink(f"/proc/self/fd/{file.fileno()}")):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return usual(file, packed=packed)

    monkeypatch.setattr(scrubbing, "_hash", worn)


def test_a_file_that_cannot_be_read_counts_as_damaged(card, monkeypatch):
    fail_to_read(monkeypatch, lambda path: path.endswith(name(FILM)))
    (damage,) = card.scrub().damaged
    assert (damage.why, f"{MANIFEST}/film.mp4" in card.served()) == ("unreadable", False)


def test_a_card_half_out_of_its_slot_is_not_emptied(card, monkeypatch):
    for number in range(40):
        card.store(object_path(name(b"%d" % number)), b"%d" % number)
    fail_to_read(monkeypatch, lambda _: True)
    with pytest.raises(FailingCard):
        card.scrub()
    left = sum(path.is_file() for path in (card.data / "mirror").rglob("*"))
    assert left > 30


def test_a_file_replaced_by_a_whole_one_in_the_meantime_stays(card, monkeypatch):
    """As by a synchronisation, between reading and having the lock."""
    path = card.data / "mirror" / object_path(name(FILM))
    flip(path)
    usual = scrubbing._take_away_if_bad

    def repaired_first(data, stored):
        path.unlink()
        path.write_bytes(FILM)
        return usual(data, stored)

    monkeypatch.setattr(scrubbing, "_take_away_if_bad", repaired_first)
    outcome = card.scrub()
    assert path.read_bytes() == FILM
    # The tree's old name is a copy now, and has its own turn.
    assert [one.path for one in outcome.damaged] == [f"site/{MANIFEST}/film.mp4"]


def test_while_somebody_else_works_reading_goes_on_and_taking_away_waits(card):
    with lock(card.data / ".lock"):
        assert card.scrub(patience=0).complete
        flip(card.data / "mirror" / object_path(name(FILM)))
        with pytest.raises(Busy):
            card.scrub(patience=0)
    assert [one.path for one in card.scrub().damaged] == [f"mirror/{object_path(name(FILM))}"]


def test_two_scrubs_do_not_tread_on_each_other(card):
    with lock(card.data / "staging" / "scrub.lock"), pytest.raises(Busy):
        card.scrub()


def test_strange_files_are_left_alone(card):
    shelf = card.data / "mirror" / "objects" / "aa"
    shelf.mkdir(exist_ok=True)
    (shelf / "notes.txt").write_text("x")
    (shelf / f".{name(b'x')}.new").write_text("half")
    (shelf / ("a" * 64)).mkdir()
    (card.data / "site" / ".leaving.json").write_text("{}")
    os.mkfifo(shelf / ("ab" * 32))
    assert card.scrub().damaged == []
    (shelf / ("ac" * 32)).symlink_to("/etc/passwd")
    assert len(card.scrub().damaged) == 1


@pytest.mark.parametrize("kind", ["bundles", "objects"])
def test_what_only_teachers_get_is_read_too(card, kind):
    card.store(f"staff/{kind}/{name(b'answers')[:2]}/{name(b'answers')}", b"answers")
    assert card.scrub().damaged == []
    path = f"mirror/staff/{kind}/{name(b'answers')[:2]}/{name(b'answers')}"
    flip(card.data / path)
    assert [one.path for one in card.scrub().damaged] == [path]
    assert not (card.data / path).exists()
