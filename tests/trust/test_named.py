from __future__ import annotations

import json
import tracemalloc

import pytest

from edubox.errors import MissingFile, NotTrusted
from edubox.trust import named
from edubox.trust.fetch import FolderFetch
from edubox.trust.named import read_named, timestamp_path, version_of, vouches
from tests.sync.country import PUBLISHER, Country, text

PREFIX = f"publishers/{PUBLISHER}"


@pytest.fixture
def country(tmp_path):
    country = Country(tmp_path)
    country.publish("lune", {"index.html": text(1, 1000)})
    return country


def test_every_file_that_the_timestamp_names_is_listed_with_its_size(country):
    for prefix in (PREFIX, "directory"):
        found = read_named(country.mirror, prefix)
        assert all((country.mirror / path).stat().st_size == size for path, size in found.files().items())
        assert found.version == version_of((country.mirror / timestamp_path(prefix)).read_bytes())
        assert next(iter(found.files())) == f"{prefix}/metadata/1.root.json"
        assert list(found.files())[-1] == found.snapshot[0]


def test_bins_of_others_can_be_left_out(country):
    country.add_publisher("ministry/zoo")
    found = read_named(country.mirror, "directory")
    chosen = found.files(lambda name: name.endswith("zoo.json"))
    assert [path for path in chosen if path.endswith("zoo.json")]
    assert not [path for path in chosen if path.endswith("test.json")]
    assert found.target(f"pub/{PUBLISHER}.json")
    assert found.target("pub/ministry/none.json") is None


def test_what_is_not_there_or_damaged_is_not_listed_and_may_lie_in_another_mirror(country, tmp_path):
    index = next((country.mirror / PREFIX / "targets").glob("*.lune.json"))
    other = FolderFetch(tmp_path / "other")
    place = tmp_path / "other" / index.relative_to(country.mirror)
    place.parent.mkdir(parents=True)
    place.write_bytes(index.read_bytes())
    index.write_bytes(index.read_bytes()[:-1] + b" ")
    assert read_named(country.mirror, PREFIX).target("lune.json") is None
    index.unlink()
    assert read_named(country.mirror, PREFIX, below=other).target("lune.json") is not None


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"signed":7}', b'{"signed":{"_type":"timestamp"}}', b"[" * 99_999]
)
def test_a_torn_timestamp_has_no_version_and_names_nothing(country, data):
    assert version_of(data) == 0
    (country.mirror / timestamp_path(PREFIX)).write_bytes(data)
    with pytest.raises(NotTrusted):
        read_named(country.mirror, PREFIX)


@pytest.mark.parametrize("meta", [
    [], None, {"snapshot.json": {}}, {"snapshot.json": {"version": "../../x"}}, {"snapshot.json": {"version": 999}},
    {"snapshot.json": 3},
])  # fmt: skip
def test_hostile_metadata_leads_nowhere(country, meta):
    value = json.loads((country.mirror / timestamp_path(PREFIX)).read_bytes())
    value["signed"]["meta"] = meta
    (country.mirror / timestamp_path(PREFIX)).write_text(json.dumps(value))
    with pytest.raises(NotTrusted):
        read_named(country.mirror, PREFIX)


def test_names_that_leave_the_folder_are_left_out(country):
    newest = max(
        (country.mirror / PREFIX / "metadata").glob("*.targets.json"),
        key=lambda path: int(path.name.split(".")[0]),
    )
    value = json.loads(newest.read_bytes())
    told = value["signed"]["targets"]["lune.json"]
    value["signed"]["targets"] |= {
        "../x.json": told,
        "a//b.json": told,
        "y.json": {"hashes": {"sha256": "../z"}, "length": 1},
    }
    newest.write_text(json.dumps(value))
    found = read_named(country.mirror, PREFIX)
    assert set(found.roles["targets"][2]) == {"lune.json"}


def test_no_repository_is_missing(tmp_path):
    with pytest.raises(MissingFile):
        read_named(tmp_path, PREFIX)


def test_metadata_without_end_is_refused(country, monkeypatch):
    monkeypatch.setattr(named, "MAX_METADATA", 1500)
    with pytest.raises(NotTrusted):
        read_named(country.mirror, "directory")


@pytest.mark.parametrize("role", ["timestamp.json", "*.snapshot.json", "*.targets.json"])
def test_brackets_without_end_on_a_stick_do_not_fill_the_memory(country, role):
    bomb = b"[" + b"[]," * 600_000 + b"[]]"
    for path in (country.mirror / PREFIX / "metadata").glob(role):
        path.write_bytes(bomb)
    root = (country.mirror / PREFIX / "metadata" / "1.root.json").read_bytes()
    assert not vouches(root, b"{}")  # what it imports is no part of the measure
    tracemalloc.start()
    with pytest.raises(NotTrusted):
        read_named(country.mirror, PREFIX)
    assert version_of(bomb) == 0
    assert not vouches(root, bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000_000


def test_a_timestamp_counts_when_the_root_s_keys_signed_it(country):
    root = (country.mirror / PREFIX / "metadata" / "1.root.json").read_bytes()
    stamp = (country.mirror / timestamp_path(PREFIX)).read_bytes()
    assert vouches(root, stamp)
    assert not vouches(root, stamp.replace(b"0", b"1", 1))
    assert not vouches(root, stamp[:100])
    assert not vouches(root, b"")
    assert not vouches(country.root, stamp)
