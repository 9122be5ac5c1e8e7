"""A school's own repository whose writer key is lost: its root key gives it another one, and clients only go upwards."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from edubox.errors import NotTrusted
from edubox.trust import publisher
from edubox.trust.editor import Editor
from edubox.trust.publisher import change, create_local, is_root_key, local_id, rekey
from edubox.trust.record import Record
from edubox.trust.verify import refresh
from tests.trust.repositories import DAY, NOW, Mirror, key


@pytest.fixture
def made():
    """A repository with one index: its mirror, its id, its root key and its writer key."""
    root, writer = key(), key()
    name, files = create_local(root, writer, NOW)
    mirror = Mirror(files)
    mirror.files |= change(mirror, name, {"a.json": b"{}"}, writer, NOW)
    return mirror, name, root, writer


def look(mirror, name, folder, now=NOW):
    """What a client that keeps its memory in *folder* finds: names of targets, and the version of their list."""
    bootstrap = mirror.files[f"publishers/{name}/metadata/1.root.json"]
    with refresh(mirror, f"publishers/{name}", folder, bootstrap, now=now, strict=True) as found:
        for path, data in found.received().items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        return set(found.target_hashes())


def test_a_repository_is_named_by_its_first_root_and_by_nothing_else(made):
    mirror, name, _, _ = made
    root = mirror.files[f"publishers/{name}/metadata/1.root.json"]
    assert local_id(root) == name
    assert local_id(root + b" ") != name
    assert {path.split("/")[:3] == ["publishers", *name.split("/")] for path in mirror.files} == {True}
    assert create_local(key(), key(), NOW)[0] != name


def test_old_and_new_clients_follow_to_the_new_key_and_no_longer_believe_the_old_one(made, tmp_path):
    mirror, name, root, writer = made
    assert look(mirror, name, tmp_path / "old") == {"a.json"}
    stolen, new = mirror.copy(), key()
    mirror.files |= rekey(mirror, name, root, new, NOW + DAY)
    for folder in ("old", "new"):
        assert look(mirror, name, tmp_path / folder, NOW + DAY) == {"a.json"}
    mirror.files |= change(mirror, name, {"b.json": b"{}"}, new, NOW + DAY)
    assert look(mirror, name, tmp_path / "old", NOW + DAY) == {"a.json", "b.json"}
    stolen.files |= change(stolen, name, {"c.json": b"{}"}, writer, NOW + 2 * DAY)
    with pytest.raises(NotTrusted):
        look(stolen, name, tmp_path / "old", NOW + 2 * DAY)
    with pytest.raises(NotTrusted):
        change(mirror, name, {"c.json": b"{}"}, writer, NOW + 2 * DAY)


def test_versions_rise_even_for_a_clock_that_went_back(made, tmp_path):
    mirror, name, root, _ = made
    look(mirror, name, tmp_path / "old")
    mirror.files |= rekey(mirror, name, root, key(), NOW - timedelta(days=700))
    with pytest.raises(NotTrusted):
        look(mirror, name, tmp_path / "old", NOW + 5000 * DAY)
    assert look(mirror, name, tmp_path / "old", NOW - timedelta(days=600)) == {"a.json"}


def test_the_record_of_an_academy_can_pin_the_new_root(made):
    mirror, name, root, _ = made
    mirror.files |= rekey(mirror, name, root, key(), NOW)
    record: Record = publisher.describe(mirror, name, "École", "school")
    assert (record.root_version, record.id) == (2, name)


def test_only_the_root_key_replaces_a_writer(made):
    mirror, name, root, writer = made
    assert is_root_key(mirror, name, root)
    for wrong in (writer, key()):
        assert not is_root_key(mirror, name, wrong)
        with pytest.raises(NotTrusted):
            rekey(mirror, name, wrong, key(), NOW)


@pytest.mark.parametrize("role", ["targets", "snapshot", "timestamp"])
def test_what_somebody_else_put_into_the_mirror_is_not_signed_by_the_new_key(made, role):
    mirror, name, root, _ = made
    path = mirror.path(role, f"publishers/{name}")
    value = json.loads(mirror.files[path])
    value["signed"]["x-note"] = "added by whoever can write to the disk"
    mirror.files[path] = json.dumps(value).encode()
    with pytest.raises(NotTrusted, match=role):
        rekey(mirror, name, root, key(), NOW + DAY)


def test_a_cut_after_the_new_root_alone_is_healed_by_doing_it_again(made, tmp_path):
    mirror, name, root, _ = made
    look(mirror, name, tmp_path / "old")
    files = rekey(mirror, name, root, key(), NOW + DAY)
    first = next(iter(files))
    assert first.endswith("2.root.json"), "the root comes before what it vouches for"
    mirror.files[first] = files[first]
    mirror.files |= rekey(mirror, name, root, key(), NOW + DAY)
    assert Editor.open(mirror, f"publishers/{name}", 1).root.version == 3
    assert look(mirror, name, tmp_path / "old", NOW + DAY) == {"a.json"}
