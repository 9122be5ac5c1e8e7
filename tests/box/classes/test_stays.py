"""What people wrote stays in its box: no stick, no phone and no box nearby gets a word of it."""

from __future__ import annotations

import shutil

import pytest

from edubox.box.own import backup
from edubox.box.school import classes, handins, reports
from edubox.box.school.database import NAME, SchoolFile
from edubox.store.mirror_app import mirror_app
from edubox.sync.carried import courier, exchange
from edubox.sync.carried.carry import chosen
from tests.box.own.school import School

WORDS = (b"Zanzibar", b"Xylophone", b"Quetzal")
HANDED = (b"Okapi", b"Ibex")


@pytest.fixture
def school(tmp_path):
    school = School(tmp_path)
    school.publish("lune", "La lune")
    file = SchoolFile(school.box)
    code = classes.make(file, "Zanzibar")
    classes.announce(file, code, "Xylophone", "2099-01-01", "2026-12-01")
    reports.add(file, f"{school.own().id}/lune", "", "La lune", "other", "Quetzal", 1)
    handins.open_box(file, code, "Xylophone", "", "2099-01-01", "2099-02-01")
    source = tmp_path / "work"
    source.write_bytes(b"%PDF-" + HANDED[1])
    handins.take(
        file, school.box, code, classes.of_code(file, code).dropboxes[0], source, "x.pdf", "Okapi", 1
    )
    assert all(word in file.path.read_bytes() for word in (*WORDS, HANDED[0]))
    return school


def carried(folder):
    """Everything below *folder*: names and bytes."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    assert paths
    return b"".join(str(path.relative_to(folder)).encode() + path.read_bytes() for path in paths)


def untouched(text):
    return not any(word in text for word in (*WORDS, *HANDED, NAME.encode()))


def test_a_stick_carries_lessons_and_no_class(school, tmp_path):
    mount = tmp_path / "stick"
    mount.mkdir()
    exchange.prepare(mount, school.country.root, school.box / "mirror", lambda *_: None)
    assert untouched(carried(mount))


def test_a_phone_carries_lessons_and_no_class(school, tmp_path):
    parts = tmp_path / "parts"
    parts.mkdir()
    mirror = school.box / "mirror"
    shutil.copytree(school.country.mirror / "directory", mirror / "directory", dirs_exist_ok=True)
    assert courier.export(mirror, chosen(mirror, []), parts, "all")
    assert untouched(carried(parts))


@pytest.mark.parametrize(
    "path", [f"/{NAME}", "/../handins/1/x", "/handins/1/x", f"/../{NAME}", "/../box.toml", f"//{NAME}"]
)
def test_a_box_nearby_is_offered_lessons_and_no_class(school, path):
    said = []

    def start_response(status, _headers):
        said.append(status)

    app = mirror_app(school.box / "mirror")
    body = b"".join(app({"PATH_INFO": path, "REQUEST_METHOD": "GET"}, start_response))
    assert said[0].startswith("4")
    assert not any(word in body for word in (*WORDS, *HANDED))
    assert untouched(carried(school.box / "mirror"))


def test_the_encrypted_backup_has_what_was_handed_in_and_gives_it_back(school, tmp_path):
    made = school.backup()
    assert not any(word in made.read_bytes() for word in (*WORDS, *HANDED))
    backup.restore(made, tmp_path / "restored", school.code)
    file = SchoolFile(tmp_path / "restored")
    (dropbox,) = classes.every(file)[0].dropboxes
    (one,) = handins.listed(file, dropbox)
    path = handins.path_of(tmp_path / "restored", one.id)
    assert (one.name, path.read_bytes()) == ("Okapi", b"%PDF-" + HANDED[1])
    assert path.stat().st_mode & 0o077 == 0
