"""A country's folder."""

from __future__ import annotations

import os
import stat

import pytest

from edubox.errors import (
    AlreadyExists,
    BadIdentifier,
    BadInput,
    Busy,
    NoRoom,
    NotFound,
    NotTrusted,
    UnreadableSource,
    WrongPassphrase,
)
from edubox.pack import canonical
from edubox.publishing import country, workplace
from edubox.store import lock
from edubox.trust import keys
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from tests.publishing.country import (
    COUNTRY_FILE,
    DAY,
    ID,
    NOW,
    PASSPHRASE,
    files_of,
    look,
    make_country,
)


def test_every_key_is_closed_and_only_the_online_ones_open_without_the_passphrase(tmp_path):
    old = os.umask(0)
    try:
        place = make_country(tmp_path / "country")
    finally:
        os.umask(old)
    found = {str(path.relative_to(place.keys)): path for path in place.keys.rglob("*") if path.is_file()}
    assert found.keys() == {
        "root", "targets", "authorities/ministry", "publishers/ministry/x/root", "publishers/ministry/x/writer",
        "online/snapshot", "online/timestamp",
    }  # fmt: skip
    for name, path in found.items():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        if name.startswith("online/"):
            keys.load(path)
        else:
            keys.load(path, PASSPHRASE)
            with pytest.raises(WrongPassphrase):
                keys.load(path)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o700 for path in [place.keys, *place.keys.rglob("*/")])


def test_the_country_file_is_published_under_the_countrys_name(place):
    published = canonical.read(Directory(FolderFetch(place.mirror)).country_file(), what="it")
    assert published == COUNTRY_FILE | {"name": {"fr": "Testland", "en": "Testland"}}


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path):
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(AlreadyExists):
        country.create(tmp_path, "X", COUNTRY_FILE, PASSPHRASE, NOW)
    with pytest.raises(AlreadyExists):
        country.create(tmp_path / "note.txt", "X", COUNTRY_FILE, PASSPHRASE, NOW)
    assert files_of(tmp_path) == {"note.txt": b"mine"}
    (tmp_path / "empty").mkdir()
    country.create(tmp_path / "empty", "X", COUNTRY_FILE, PASSPHRASE, NOW)


def test_a_country_that_could_not_be_finished_is_not_there(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workplace, "write_atomic", full)
    with pytest.raises(NoRoom):
        country.create(tmp_path / "country", "X", COUNTRY_FILE, PASSPHRASE, NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("change", [
    {"format": 2}, {"format": None}, {"more": 1}, {"languages": []}, {"languages": "fr"}, {"languages": ["FR"]}, {"id": "X"},
    {"id": None}, {"tier": []}, {"tier": {}}, {"tier": [7]}, {"level": None}, {"subject": [{"name": {}}]},
    {"level": [{"id": "a", "name": {"fr": "a"}}]}, {"level": [{"id": "a", "name": {"fr": "a", "en": "a"}}] * 2},
    {"level": [{"id": "a", "name": {"fr": "a", "en": "a"}, "weight": 1.5}]},
    {"subject": [{"id": "a", "name": {"fr": "a", "en": "a"}, "colour": "red"}]},
    *({kind: [{"id": name, "name": {"fr": "a", "en": "a"}}]} for kind in ("tier", "level", "subject")
      for name in ("", "6e/a", "6E", "é", "a b", "-a", "a.b", "con", "a" * 64, 6)),
    {"school_id": {"name": {"fr": "a", "en": "a"}, "pattern": "["}}, {"school_id": 7}, {"school_id": {}},
    {"school_year": {"begins": "09-01"}}, {"school_year": 7},
    {"year": 7}, {"year": [{"begins": "2026-09-01"}]}, {"year": [{"begins": "2026-09-01", "ends": "2026-07-01"}]},
    {"year": [{"begins": "2026-09-01", "ends": "2027-07-01"}, {"begins": "2026-10-01", "ends": "2027-07-02"}]},
])  # fmt: skip
def test_a_country_file_that_a_box_could_not_show_is_not_published(tmp_path, change):
    with pytest.raises(BadInput):
        country.create(tmp_path / "country", "X", COUNTRY_FILE | change, PASSPHRASE, NOW)
    assert not (tmp_path / "country").exists()


def test_a_new_publisher_is_found_by_a_box(place, tmp_path):
    assert look(place, tmp_path / "box") is None
    record = Directory(FolderFetch(place.mirror)).record(ID)
    assert (record.label, record.kind, record.status) == ("Ministère d'essai", "ministry", "active")


def test_a_second_publisher_of_an_authority_and_one_of_another(place, tmp_path):
    country.add_publisher(place.mirror.parent, "ministry/y", "Y", PASSPHRASE, NOW)
    country.add_publisher(place.mirror.parent, "ac-lille/z", "Z", PASSPHRASE, NOW, "academy")
    listed = Directory(FolderFetch(place.mirror))
    assert listed.authorities() == ["ministry", "ac-lille"]
    assert [listed.record(name).kind for name in (ID, "ministry/y", "ac-lille/z")] == [
        "ministry",
        "ministry",
        "academy",
    ]
    look(place, tmp_path / "box")


@pytest.mark.parametrize(("publisher", "label", "kind", "passphrase", "error"), [
    (ID, "again", "ministry", PASSPHRASE, AlreadyExists), ("x", "X", "ministry", PASSPHRASE, BadIdentifier),
    ("root/x", "X", "ministry", PASSPHRASE, BadIdentifier), ("a/con", "X", "ministry", PASSPHRASE, BadIdentifier),
    ("a/b", "\n", "ministry", PASSPHRASE, BadIdentifier), ("a/b", "X", "bank", PASSPHRASE, BadInput),
    ("a/b", "X", "ministry", "wrong", WrongPassphrase),
])  # fmt: skip
def test_a_mistake_leaves_the_country_as_it_was(place, publisher, label, kind, passphrase, error):
    before = files_of(place.mirror.parent)
    with pytest.raises(error):
        country.add_publisher(place.mirror.parent, publisher, label, passphrase, NOW, kind)
    assert files_of(place.mirror.parent) == before


def test_a_publisher_whose_making_was_cut_is_made_by_the_next_try_with_the_same_keys(
    place, monkeypatch, tmp_path
):
    folder, real = place.mirror.parent, workplace.write_atomic
    # Its own repository has four files; then come those of the directory, some forty.
    for cut in (*range(5), *range(9, 200, 12)):
        done = 0

        def write(path, data, cut=cut):
            nonlocal done
            done += 1
            if done > cut:
                raise KeyboardInterrupt
            real(path, data)

        monkeypatch.setattr(workplace, "write_atomic", write)
        name = f"authority-{cut}/x"
        try:
            country.add_publisher(folder, name, "X", PASSPHRASE, NOW)
        except KeyboardInterrupt:
            assert Directory(FolderFetch(place.mirror)).record(name) is None
            wrapped = files_of(folder / "keys" / "publishers" / name)
            monkeypatch.setattr(workplace, "write_atomic", real)
            # The clock has gone back, as on a computer without one: what was begun is not in the way.
            country.add_publisher(folder, name, "X", PASSPHRASE, NOW - DAY)
            assert files_of(folder / "keys" / "publishers" / name) == wrapped
        assert Directory(FolderFetch(place.mirror)).record(name)
        look(place, tmp_path / "box")
        if done <= cut:
            break
    else:
        pytest.fail("it never came to the end")


def test_no_country_is_not_found(tmp_path):
    with pytest.raises(NotFound):
        country.add_publisher(tmp_path, ID, "X", PASSPHRASE, NOW)
    with pytest.raises(NotFound):
        country.renew(tmp_path, NOW)


def test_the_online_signatures_are_renewed_in_time_and_not_before(place, tmp_path):
    folder = place.mirror.parent
    before = files_of(place.mirror)
    assert not country.renew(folder, NOW + 14 * DAY)
    assert files_of(place.mirror) == before
    assert country.renew(folder, NOW + 16 * DAY)
    assert not country.renew(folder, NOW + 16 * DAY)
    assert look(place, tmp_path / "box", NOW + 45 * DAY) is None


def test_the_hub_renews_with_nothing_but_the_online_keys(place):
    for path in place.keys.rglob("*"):
        if path.is_file() and path.parent.name != "online":
            path.unlink()
    assert country.renew(place.mirror.parent, NOW + 20 * DAY)


def test_the_hub_does_not_renew_what_somebody_changed(place):
    timestamp = place.mirror / "directory" / "metadata" / "timestamp.json"
    timestamp.write_bytes(timestamp.read_bytes().replace(b"x-edubox-issued", b"x-edubox-forged"))
    with pytest.raises(NotTrusted):
        country.renew(place.mirror.parent, NOW + 20 * DAY)


def test_one_at_a_time(place, monkeypatch):
    with lock.lock(place.locks / "directory.lock"):
        monkeypatch.setattr(workplace, "lock", lambda path: lock.lock(path, timeout=0))
        with pytest.raises(Busy):
            country.renew(place.mirror.parent, NOW)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to become somebody else")
def test_somebody_without_rights_is_told_so(place):
    child = os.fork()
    if child == 0:
        os.seteuid(65534)
        try:
            country.renew(place.mirror.parent, NOW + 20 * DAY)
        except UnreadableSource:
            os._exit(0)
        except BaseException:  # noqa: BLE001
            os._exit(1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


BRETON = {"br": {"name": "Brezhoneg", "messages": {"Begin": "Kregiñ"}}}


def test_a_country_is_described_anew_under_the_same_name(tmp_path):
    place = make_country(tmp_path / "country")
    described = COUNTRY_FILE | {"words": BRETON}
    assert country.describe(tmp_path / "country", described, PASSPHRASE, NOW + DAY)
    published = canonical.read(Directory(FolderFetch(place.mirror)).country_file(), what="it")
    assert published == described | {"name": {"fr": "Testland", "en": "Testland"}}
    before = files_of(place.mirror)
    assert not country.describe(tmp_path / "country", described, PASSPHRASE, NOW + DAY)
    assert files_of(place.mirror) == before
    look(place, tmp_path / "box", NOW + DAY)


@pytest.mark.parametrize(("change", "said"), [
    ({"id": "other"}, "its id is xx"), ({"words": {"br": {"name": "x"}}}, "words.br.messages"),
    ({"words": {"br": {"name": "x", "messages": {"Begin": "<b>"}}}}, "'Begin' of words.br needs a sentence"),
    ({"words": {"br": {"name": "x", "messages": {"Begin": "%(x)s"}}}}, "may have a % only where"),
    ({"words": {"br": {"name": "x", "messages": {"a" * 900 + str(n): "x" * 1900 for n in range(500)}}}}, "boxes take 1048576"),
    ({"words": 5}, "words must be tables"),
])  # fmt: skip
def test_a_description_that_boxes_could_not_use_is_refused_and_nothing_changes(tmp_path, change, said):
    place = make_country(tmp_path / "country")
    before = files_of(place.mirror)
    with pytest.raises(BadInput, match=said):
        country.describe(tmp_path / "country", COUNTRY_FILE | change, PASSPHRASE, NOW + DAY)
    assert files_of(place.mirror) == before
    with pytest.raises(WrongPassphrase):
        country.describe(tmp_path / "country", COUNTRY_FILE | {"words": BRETON}, "faux", NOW + DAY)
    assert files_of(place.mirror) == before
