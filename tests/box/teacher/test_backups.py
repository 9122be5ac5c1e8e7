"""A Moodle backup on the desk: its pages become a lesson that can be changed, and what it says of pupils is nowhere."""

from __future__ import annotations

import pytest

from edubox.box.teacher import drafts
from edubox.box.teacher.build import build, is_current
from edubox.errors import PrivateBackup
from tests.box.teacher.staffroom import ADA
from tests.importers.backups import NEEDLES, Backup, course


def given(room, backup, name="cours.mbz") -> str:
    """A draft of the one file *backup*."""
    ident = drafts.create(room.box, ADA, "cours").id
    source = room.box / "staging" / "one"
    source.write_bytes(backup)
    drafts.add_file(room.box, ident, name, source)
    return ident


def left(folder) -> dict[str, list[str]]:
    """Which files below *folder* say something of the people in a backup, as they are or in their names."""
    found = {}
    for path in folder.rglob("*"):
        said = str(path).encode() + (path.read_bytes() if path.is_file() else b"")
        if names := [one for one in NEEDLES if one.encode() in said]:
            found[str(path.relative_to(folder))] = names
    return found


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_what_a_backup_says_of_people_is_nowhere_on_the_box_once_its_lesson_is_given(room, kind):
    ident = given(room, getattr(course(), kind)())
    made = build(room.box, ident)
    assert made["files"] > 3
    room.give(ident, room.code)
    assert left(room.folder) == {}


def test_its_pages_stay_in_the_draft_in_their_order_and_can_be_changed(room):
    ident = given(room, course().tar())
    before = build(room.box, ident)
    titles = [line["title"] for line in before["lines"]]
    assert titles == [
        "Les volcans", "Observer", "Le cône", "À lire", "Le plan", "Comprendre – Le livre", "Début", "Fin",
        "Comprendre – Photos", "a.png", "b.txt", "Comprendre", "Le site",
    ]  # fmt: skip
    assert any("what it holds of users" in one["message"] for one in before["warnings"])
    draft = drafts.read(room.box, ident)
    assert draft.title == "Les volcans"
    assert is_current(room.box, draft)
    paths = drafts.paths(drafts.folder(room.box, ident) / "files")
    assert not [path for path in paths if path.endswith(".mbz")]
    assert [line["title"] for line in build(room.box, ident)["lines"]] == titles


def test_other_files_of_the_draft_stay_as_they_are(room):
    ident = given(room, course().tar())
    room.put(ident, "lire.html", "<!doctype html><html lang=fr><title>Lire</title><h1>Lire</h1>")
    titles = [line["title"] for line in build(room.box, ident)["lines"]]
    assert titles[-1] == "Lire" or "Lire" in titles
    assert "lire.html" in drafts.paths(drafts.folder(room.box, ident) / "files")


def test_a_backup_of_which_nothing_opens_is_deleted_too(room):
    ident = given(room, Backup().section("Tests").add("quiz", "Le test").tar())
    with pytest.raises(PrivateBackup):
        build(room.box, ident)
    assert drafts.paths(drafts.folder(room.box, ident) / "files") == []
    assert left(room.folder) == {}
