"""Drafts on the disk: what is kept, what is refused, what a second tab or a power cut cannot spoil."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edubox.box.accounts.person import ADMIN, TEACHER, Person
from edubox.box.teacher import drafts
from edubox.box.teacher.draft import Entry, title_of_file, understood
from edubox.errors import EditedMeanwhile, NotFound, TooMany

ADA, BOB = Person(1, "Ada", TEACHER), Person(2, "Bob", TEACHER)


@pytest.fixture
def made(tmp_path):
    return drafts.create(tmp_path, ADA, "La lune")


def put(data, ident, name, text="x", *, staff=False):
    source = data / "one"
    source.write_text(text)
    return drafts.add_file(data, ident, name, source, staff=staff)


def test_a_draft_is_its_owners_and_the_administrators(tmp_path, made):
    assert [one.id for one in drafts.every(tmp_path, ADA)] == [made.id]
    assert drafts.every(tmp_path, BOB) == []
    assert drafts.allowed(made, ADA)
    assert not drafts.allowed(made, BOB)
    assert drafts.allowed(made, replace(BOB, role=ADMIN))
    assert (drafts.folder(tmp_path, made.id)).stat().st_mode & 0o077 == 0


def test_whoever_changes_an_older_version_is_told(tmp_path, made):
    kept = drafts.change(tmp_path, replace(made, title="Un"))
    with pytest.raises(EditedMeanwhile):
        drafts.change(tmp_path, replace(made, title="Deux"))
    assert drafts.read(tmp_path, made.id) == kept


@pytest.mark.parametrize("ident", ["", "..", "a" * 25, "A" * 26, "../" + "a" * 23, "a" * 26 + "\n"])
def test_what_is_no_id_is_no_draft(tmp_path, ident):
    with pytest.raises(NotFound):
        drafts.read(tmp_path, ident)


def test_thrown_away_it_waits_a_day_and_then_nothing_is_left(tmp_path, made):
    put(tmp_path, made.id, "a.pdf")
    thrown = drafts.throw_away(tmp_path, made.id).thrown
    assert [one.id for one in drafts.every(tmp_path, ADA, thrown=True)] == [made.id]
    assert drafts.empty_bin(tmp_path, now=thrown + drafts.DAY - 1) == 0
    assert drafts.take_back(tmp_path, made.id).thrown == 0
    thrown = drafts.throw_away(tmp_path, made.id).thrown
    assert drafts.empty_bin(tmp_path, now=thrown + drafts.DAY + 1) == 1
    assert not drafts.folder(tmp_path, made.id).exists()


def test_names_from_a_teachers_device_become_safe_and_free(tmp_path, made):
    assert put(tmp_path, made.id, "cours.pdf") == "cours.pdf"
    second = put(tmp_path, made.id, "cours.pdf", "y")
    assert second != "cours.pdf"
    assert put(tmp_path, made.id, "../../../etc/passwd") == "etc/passwd"
    assert put(tmp_path, made.id, "C:\\Temp\\con.txt").startswith("C")
    every = drafts.paths(drafts.folder(tmp_path, made.id) / "files")
    assert len(every) == 4
    assert not [path for path in every if ".." in path.split("/")]


def test_a_file_goes_to_the_teachers_and_back(tmp_path, made):
    path = put(tmp_path, made.id, "dossier/réponses.md")
    place = drafts.folder(tmp_path, made.id)
    drafts.move_file(tmp_path, made.id, path, to_staff=True)
    assert (drafts.paths(place / "files"), drafts.paths(place / "staff")) == ([], [path])
    assert not (place / "files" / "dossier").exists()
    drafts.move_file(tmp_path, made.id, path, to_staff=False)
    assert drafts.paths(place / "files") == [path]


def test_too_many_files_leave_the_next_one_where_it_was(tmp_path, made, monkeypatch):
    monkeypatch.setattr(drafts, "MAX_FILES", 1)
    put(tmp_path, made.id, "a.pdf")
    with pytest.raises(TooMany):
        put(tmp_path, made.id, "b.pdf")
    assert (tmp_path / "one").exists()


def test_links_and_hidden_files_are_none_of_a_drafts_files(tmp_path, made):
    top = drafts.folder(tmp_path, made.id) / "files"
    (top / "link").symlink_to("/etc/passwd")
    (top / "folder").symlink_to("/etc")
    (top / ".hidden").write_text("x")
    assert drafts.paths(top) == []


def test_a_note_from_a_card_is_checked_value_by_value():
    told = {
        "format": 1, "owner": "root", "title": "a\nb\x00" + "c" * 500, "entries": [{"path": "/etc/passwd"}, 3, {"title": 7}],
        "levels": "all", "aside": ["../x", "ok.md"], "token": "short", "version": -1, "cover": "../../x",
    }  # fmt: skip
    draft = understood("a" * 26, told)
    assert (draft.owner, draft.version, draft.token, draft.levels, draft.cover) == (0, 0, "", (), "")
    assert len(draft.title) == 200
    assert draft.entries == () or all(one.path == "" for one in draft.entries)
    for wrong in (None, [], {"format": 2}, "x"):
        with pytest.raises(ValueError, match="no draft"):
            understood("a" * 26, wrong)


def test_a_title_that_was_found_is_taken_only_while_nobody_said_another(tmp_path):
    made = drafts.create(tmp_path, ADA, "cours 3 v2")
    put(tmp_path, made.id, "cours_3_v2.pdf")
    found = drafts.entitle(tmp_path, made.id, "La dichotomie")
    assert (found.title, found.version) == ("La dichotomie", made.version)
    assert drafts.entitle(tmp_path, made.id, "Autre").title == "La dichotomie"
    assert title_of_file("dossier/cours.pdf") == "dossier"


def test_a_draft_has_a_token_only_while_somebody_may_look_at_it(tmp_path, made):
    drafts.create(tmp_path, ADA, "sans")
    drafts.change(tmp_path, replace(made, token="b" * 26, entries=(Entry("", "Un"),)))
    assert drafts.tokens(tmp_path) == {"b" * 26: made.id}
    drafts.throw_away(tmp_path, made.id)
    assert drafts.tokens(tmp_path) == {}


@pytest.mark.parametrize(("before", "name"), [
    ("a/b", "a/b/c"), ("a", "A/b/c"), ("a/b/c", "a/b"), (".caché", ".caché"), (".caché", ".caché/x"), ("é" * 120, "é" * 120 + "/x"),
])  # fmt: skip
def test_no_file_takes_the_place_of_another_one_or_of_a_folder(tmp_path, made, before, name):
    top = drafts.folder(tmp_path, made.id) / "files"
    known = put(tmp_path, made.id, before, "un")
    there = put(tmp_path, made.id, name, "deux")
    assert (top / known).read_text() == "un"
    assert (top / there).read_text() == "deux"


def test_a_link_in_a_draft_leads_no_file_out_of_it(tmp_path, made):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    top = drafts.folder(tmp_path, made.id) / "files"
    (top / "lien").symlink_to(elsewhere)
    there = put(tmp_path, made.id, "lien/x.html")
    assert (top / there).resolve() == top.resolve() / there
    assert not list(elsewhere.iterdir())
    assert drafts.paths(top) == [there]


def test_hidden_files_count_among_those_that_a_draft_holds(tmp_path, made, monkeypatch):
    monkeypatch.setattr(drafts, "MAX_FILES", 3)
    for number in range(3):
        put(tmp_path, made.id, f".{number}")
    with pytest.raises(TooMany):
        put(tmp_path, made.id, ".3")
