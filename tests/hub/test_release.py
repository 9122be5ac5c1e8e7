"""The mirror in the bucket: whole publications, whatever breaks in the middle."""

from __future__ import annotations

import json
import shutil

import pytest

from edubox.errors import BadInput, NotFound, StoreAway
from edubox.hub import release
from edubox.hub.database import open_database
from edubox.hub.errors import OlderThanBucket
from edubox.hub.release import copy
from edubox.publishing.country import renew
from edubox.publishing.erase import erase
from edubox.publishing.workplace import Workplace
from edubox.store.layout import metadata_path
from edubox.trust.fetch import FolderFetch
from tests.hub.conftest import BEGIN, PASSPHRASE
from tests.hub.publications import publish
from tests.store.faulty import FaultyStore

ADDRESS = "ministry/starter"


@pytest.fixture
def bucket():
    return FaultyStore()


@pytest.fixture
def database(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path / 'notes.db'}")
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def settled(monkeypatch):
    """As if nothing had been written in the last two seconds."""
    monkeypatch.setattr(release, "_FRESH", 0)


def files(mirror):
    return {
        path.relative_to(mirror).as_posix(): path.read_bytes()
        for path in mirror.rglob("*")
        if path.is_file() and "/." not in f"/{path.relative_to(mirror)}"
    }


def is_consistent(bucket, folder):
    """Whether a reader finds everything that the timestamps in the bucket name."""
    shutil.rmtree(folder, ignore_errors=True)
    for key, data in bucket.held.items():
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).write_bytes(data)
    for path in folder.rglob("timestamp.json"):
        prefix = path.parent.parent.relative_to(folder).as_posix()
        fetch = FolderFetch(folder)
        snapshot = json.loads(path.read_bytes())["signed"]["meta"]["snapshot.json"]["version"]
        named = json.loads(fetch.read(metadata_path(prefix, "snapshot", snapshot), 10**7))["signed"]["meta"]
        for role, about in named.items():
            targets = json.loads(
                fetch.read(metadata_path(prefix, role.removesuffix(".json"), about["version"]), 10**7)
            )
            for name, target in targets["signed"]["targets"].items():
                at, _, last = name.rpartition("/")
                where = f"{prefix}/targets/{at}{'/' if at else ''}{target['hashes']['sha256']}.{last}"
                index = json.loads(fetch.read(where, 10**7))
                for bundle in index.get("bundles", []):
                    sha256 = bundle["sha256"]
                    assert f"bundles/{sha256[:2]}/{sha256}" in bucket.held, "a lesson without its file"


def test_everything_goes_up_once_with_the_directory_last(country, bucket, database):
    publish(country, "les-saisons", "Les saisons", BEGIN)
    done = copy(country / "mirror", bucket, database)
    assert bucket.held == files(country / "mirror")
    assert (done.repositories, done.deleted) == (3, [])
    put = [key for name, key in bucket.calls if name == "put"]
    assert put[-1] == "directory/metadata/timestamp.json"
    assert put.index(f"publishers/{ADDRESS}/metadata/timestamp.json") > max(
        number for number, key in enumerate(put) if key.startswith((f"publishers/{ADDRESS}/", "bundles/")) and "timestamp" not in key
    )  # fmt: skip


def test_a_run_without_news_asks_the_bucket_nothing(country, bucket, database):
    copy(country / "mirror", bucket, database)
    bucket.calls.clear()
    assert copy(country / "mirror", bucket, database).files == 0
    assert bucket.calls == []


def test_only_what_is_new_goes_up(country, bucket, database):
    publish(country, "les-saisons", "Les saisons", BEGIN)
    copy(country / "mirror", bucket, database)
    publish(country, "la-lune", "La lune", BEGIN)
    bucket.calls.clear()
    done = copy(country / "mirror", bucket, database)
    assert done.repositories == 1
    assert bucket.held == files(country / "mirror")
    assert not [key for name, key in bucket.calls if key.startswith(("directory/", "publishers/ac-test"))]


def test_teachers_material_and_unfinished_files_never_go_there(country, bucket, database):
    for name in (
        "staff/objects/ab/" + "ab" * 32,
        ".staging/x/y",
        "objects/ab/.half.new",
        "directory/metadata/.t.1.new",
    ):
        (country / "mirror" / name).parent.mkdir(parents=True, exist_ok=True)
        (country / "mirror" / name).write_bytes(b"secret")
    copy(country / "mirror", bucket, database)
    assert not [key for key in bucket.held if "staff" in key or "/." in f"/{key}"]


def test_whatever_breaks_in_the_middle_readers_find_whole_lessons_and_the_next_run_ends_it(
    country, bucket, database, tmp_path
):
    publish(country, "les-saisons", "Les saisons", BEGIN)
    copy(country / "mirror", bucket, database)
    publish(country, "les-saisons", "Les saisons, corrigées", BEGIN)
    publish(country, "la-lune", "La lune", BEGIN, publisher="ac-test/choix")
    before, notes = dict(bucket.held), (tmp_path / "notes.db").read_bytes()
    number = 0
    while True:
        bucket.held = dict(before)
        database.close()
        for path in tmp_path.glob("notes.db*"):
            path.unlink()
        (tmp_path / "notes.db").write_bytes(notes)
        database = open_database(f"sqlite:///{tmp_path / 'notes.db'}")
        left = [number]

        def refuse(name, _key, left=left):
            if name == "put":
                left[0] -= 1
                if left[0] < 0:
                    raise StoreAway(store="bucket", reason="503")

        bucket.fault = refuse
        try:
            copy(country / "mirror", bucket, database)
            break
        except StoreAway:
            is_consistent(bucket, tmp_path / "reader")
        bucket.fault = lambda *_: None
        copy(country / "mirror", bucket, database)
        assert bucket.held == files(country / "mirror")
        number += 1
    database.close()
    assert number > 8


def test_a_publication_that_happens_meanwhile_is_left_for_the_next_run(country, bucket, database, tmp_path):
    publish(country, "les-saisons", "Les saisons", BEGIN)
    stamp = (country / "mirror" / f"publishers/{ADDRESS}/metadata/timestamp.json").read_bytes()
    once = [True]

    def meanwhile(name, key):
        if name == "put" and once.pop() if once else False:
            publish(country, "la-lune", "La lune", BEGIN)

    bucket.fault = meanwhile
    copy(country / "mirror", bucket, database)
    assert bucket.held[f"publishers/{ADDRESS}/metadata/timestamp.json"] == stamp
    is_consistent(bucket, tmp_path / "reader")
    copy(country / "mirror", bucket, database)
    assert bucket.held == files(country / "mirror")


def test_what_was_erased_leaves_the_bucket_after_the_new_timestamp(country, bucket, database):
    publish(country, "les-saisons", "Les saisons", BEGIN)
    copy(country / "mirror", bucket, database)
    erased = erase(ADDRESS, "les-saisons", Workplace.beside(country / "mirror"), PASSPHRASE, BEGIN)
    assert erased.deleted
    bucket.calls.clear()
    assert set(copy(country / "mirror", bucket, database).deleted) >= {
        name for name in erased.deleted if name.startswith("bundles/")
    }
    assert bucket.held == files(country / "mirror")
    names = [name for name, _ in bucket.calls]
    assert names.index("delete") > max(n for n, (name, key) in enumerate(bucket.calls) if key.endswith("timestamp.json") and name == "put")  # fmt: skip


def test_an_old_folder_does_not_take_readers_back(country, bucket, database, tmp_path):
    old = shutil.copytree(country, tmp_path / "old")
    publish(country, "les-saisons", "Les saisons", BEGIN)
    copy(country / "mirror", bucket, database)
    held = dict(bucket.held)
    with pytest.raises(OlderThanBucket, match=ADDRESS):
        copy(old / "mirror", bucket, database, whole=True)
    assert bucket.held == held


def test_a_disk_that_is_not_there_empties_no_bucket(country, bucket, database, tmp_path, monkeypatch):
    publish(country, "les-saisons", "Les saisons", BEGIN)
    copy(country / "mirror", bucket, database)
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFound):
        copy(tmp_path / "empty", bucket, database, whole=True)
    monkeypatch.setattr(release, "MOST_GONE", 0)
    erase(ADDRESS, "les-saisons", Workplace.beside(country / "mirror"), PASSPHRASE, BEGIN)
    with pytest.raises(BadInput, match="--whole"):
        copy(country / "mirror", bucket, database)
    assert copy(country / "mirror", bucket, database, whole=True).deleted


def test_a_bucket_that_lost_files_gets_them_again_in_a_whole_run(country, bucket, database):
    publish(country, "les-saisons", "Les saisons", BEGIN)
    copy(country / "mirror", bucket, database)
    lost = [key for key in bucket.held if key.startswith("bundles/") or key.endswith("snapshot.json")]
    for key in lost:
        del bucket.held[key]
    assert copy(country / "mirror", bucket, database).files == 0
    assert copy(country / "mirror", bucket, database, whole=True).files >= len(lost) > 1
    assert bucket.held == files(country / "mirror")


def test_a_hub_releases_to_its_bucket_and_renews_there(hub, clock):
    if not hub.in_bucket:
        with pytest.raises(BadInput, match="no bucket"):
            release.release(hub)
        return
    publish(hub.data, "les-saisons", "Les saisons", clock())
    release.release(hub)
    clock.forward(days=20)
    assert renew(hub.data, clock())
    assert release.release(hub).repositories == 1
    assert {one.key: one.size for one in hub.public.blobs()} == {
        key: len(data) for key, data in files(hub.mirror).items()
    }
    with hub.public.read("directory/metadata/timestamp.json") as stream:
        assert stream.read() == (hub.mirror / "directory/metadata/timestamp.json").read_bytes()
