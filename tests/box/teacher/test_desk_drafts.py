"""The first page of the desk and the page of a draft: what a teacher sees, presses, and does not lose."""

from __future__ import annotations

import re

import pytest

from edubox.box.accounts.person import TEACHER, Person
from edubox.box.teacher import drafts
from edubox.box.teacher.build import build
from edubox.box.teacher.draft import Entry
from edubox.box.teacher.work import Bench, tell
from tests.box.desk_client import person
from tests.box.teacher.test_desk_give import Teacher


@pytest.fixture
def started(monkeypatch):
    """The arguments of the children that would have begun; none runs."""
    begun: list[list[str]] = []
    monkeypatch.setattr(Bench, "start", lambda _self, args, _progress=None: begun.append(list(args)) or True)
    return begun


@pytest.fixture
def ada(room, started):
    return Teacher(room, role="teacher")


@pytest.fixture
def own(room, ada):
    """A draft of Ada's with two pages."""
    account = person(room.box, "teacher")
    ident = drafts.create(room.box, Person(account.id, "Ada", TEACHER), "La lune").id
    room.put(ident, "a.html", "<!doctype html><html lang=fr><title>Premier</title><h1>un</h1>")
    room.put(ident, "b.html", "<!doctype html><html lang=fr><title>Second</title><h1>deux</h1>")
    return ident


def form_of(teacher, ident) -> dict:
    """What a browser would send of the page as it stands."""
    page = teacher.text(f"drafts/{ident}/")
    value = lambda name: re.findall(f'name="{name}"[^>]*value="([^"]*)"', page)  # noqa: E731
    return {
        "version": value("version")[0], "title": value("title")[0], "title-was": value("title-was")[0],
        "path": value("path"), "name": value("name"),
    }  # fmt: skip


def press(teacher, ident, action, **changed):
    return teacher.post(f"drafts/{ident}/", **form_of(teacher, ident) | changed | {"action": action})


def titles(room, ident) -> list[tuple[str, str]]:
    return [(one.path, one.title) for one in drafts.read(room.box, ident).entries]


def test_the_desk_begins_with_the_field_for_files_and_says_what_is_not_there_yet(ada):
    page = ada.text("")
    assert page.index('id="drop-files"') < page.index("My drafts")
    assert page.count("None yet.") == 2  # the class is there


def test_a_draft_stands_on_its_teachers_desk_and_goes_to_the_class_from_there(ada, own):
    page = ada.text("")
    assert f"/bureau/drafts/{own}/" in page
    assert f"/bureau/drafts/{own}/give/" in page
    assert "La lune" in page


def test_somebody_elses_draft_is_not_there_for_any_of_its_pages(room, own):
    bob = Teacher(room, role="teacher", name="Bob")
    assert "La lune" not in bob.text("")
    for rest in ("", "details/", "state.json", "picture/a.png"):
        assert bob.get(f"drafts/{own}/{rest}").status_code == 404
    for rest in ("", "details/", "file/", "again/", "thrown/"):
        assert bob.post(f"drafts/{own}/{rest}", action="back", path="a.html").status_code == 404
    assert Teacher(room, role="admin", name="Root").get(f"drafts/{own}/").status_code == 200


def test_opening_a_draft_begins_to_put_it_together(ada, own, started, room):
    page = ada.text(f"drafts/{own}/")
    assert started == [["draft", "build", own, "--data", str(room.box), "--json"]]
    assert "being put together" in page
    assert f"/bureau/drafts/{own}/give/" in page


def test_what_was_built_is_listed_with_its_size_and_what_it_asks_of_a_class(room, ada, own):
    build(room.box, own)
    page = ada.text(f"drafts/{own}/")
    assert 'value="Premier"' in page
    assert "for 35 pupils: less than a minute" in page
    assert "being put together" not in page


def test_lines_move_and_are_renamed_and_the_next_build_has_that_order(room, ada, own):
    build(room.box, own)
    assert press(ada, own, "down:0", name=["Un", "Second"]).status_code == 303
    assert titles(room, own) == [("b.html", "Second"), ("a.html", "Un")]
    assert [one["title"] for one in build(room.box, own)["lines"]] == ["Second", "Un"]


def test_a_heading_groups_what_follows_it(room, ada, own):
    build(room.box, own)
    press(ada, own, "heading")
    press(ada, own, "up:2")
    assert [path for path, _ in titles(room, own)] == ["a.html", "", "b.html"]
    assert [one["type"] for one in build(room.box, own)["lines"]] == ["html", "chapter", "html"]
    press(ada, own, "drop:1")
    assert [path for path, _ in titles(room, own)] == ["a.html", "b.html"]


def test_what_is_put_aside_is_not_for_pupils_and_comes_back(room, ada, own):
    build(room.box, own)
    press(ada, own, "aside:0")
    assert [one["path"] for one in build(room.box, own)["lines"]] == ["b.html"]
    assert "Put aside: pupils do not see it" in ada.text(f"drafts/{own}/")
    ada.post(f"drafts/{own}/file/", action="back", path="a.html")
    assert [one["path"] for one in build(room.box, own)["lines"]] == ["b.html", "a.html"]
    press(ada, own, "aside:1")
    ada.post(f"drafts/{own}/file/", action="remove", path="a.html")
    assert drafts.paths(drafts.folder(room.box, own) / "files") == ["b.html"]


def test_of_two_tabs_the_second_is_told_and_overwrites_nothing(room, ada, own):
    build(room.box, own)
    first, second = form_of(ada, own), form_of(ada, own)
    ada.post(f"drafts/{own}/", **first | {"title": "De la première", "action": "save"})
    answer = ada.post(f"drafts/{own}/", **second | {"title": "De la seconde", "action": "save"})
    assert answer.status_code == 409
    assert "Nothing was overwritten" in answer.get_data(as_text=True)
    assert drafts.read(room.box, own).title == "De la première"
    script = ada.post(f"drafts/{own}/", **second | {"action": "save", "script": "1"})
    assert script.get_json() == {"conflict": True}


def test_saving_what_did_not_change_is_no_new_version(room, ada, own):
    build(room.box, own)
    before = drafts.read(room.box, own)
    press(ada, own, "save")
    assert drafts.read(room.box, own) == before


def test_what_no_page_sends_is_refused(ada, own):
    for action in ("up:99", "up:-1", "up:²", "explode", "aside", "save:1"):
        assert press(ada, own, action).status_code == 400, action
    assert press(ada, own, "save", version="x" * 50).status_code == 409
    assert ada.post(f"drafts/{own}/file/", action="remove", path="../draft.json").status_code == 400
    assert ada.get("drafts/../../etc/").status_code == 404


def test_a_thrown_draft_can_be_taken_back_by_its_teacher_only(room, ada, own):
    ada.post(f"drafts/{own}/thrown/")
    assert ada.get(f"drafts/{own}/").status_code == 404
    assert "Take back" in ada.text("")
    bob = Teacher(room, role="teacher", name="Bob")
    assert bob.post(f"drafts/{own}/thrown/", action="back").status_code == 404
    ada.post(f"drafts/{own}/thrown/", action="back")
    assert ada.get(f"drafts/{own}/").status_code == 200


def test_a_failure_is_said_in_words_with_a_button_to_try_again(room, ada, own, started):
    from edubox.box.teacher.build import fingerprint

    place = drafts.folder(room.box, own)
    tell(
        place / drafts.PROGRESS,
        "failed",
        of=fingerprint(room.box, drafts.read(room.box, own)),
        error="too-heavy",
    )
    page = ada.text(f"drafts/{own}/")
    assert "takes more memory than this box has" in page
    assert not started
    assert ada.post(f"drafts/{own}/again/").status_code == 303
    assert started


def test_details_keep_only_what_is_among_the_choices(room, ada, own):
    room.put(own, "photo.png", "no picture at all")
    version = str(drafts.read(room.box, own).version)
    said = {
        "version": version,
        "licence": "CC-BY-4.0",
        "language": "fr",
        "description": "Phases",
        "authors": "Ada Sow, Bob",
    }
    assert ada.post(f"drafts/{own}/details/", **said, cover="photo.png", level="no-such").status_code == 303
    kept = drafts.read(room.box, own)
    assert (kept.licence, kept.language, kept.cover, kept.levels) == ("CC-BY-4.0", "fr", "photo.png", ())
    assert kept.authors == ("Ada Sow", "Bob")
    assert ada.post(f"drafts/{own}/details/", **said).status_code == 409
    page = ada.text(f"drafts/{own}/details/")
    assert "Others may use and change it, and name you." in page
    assert ada.get(f"drafts/{own}/picture/photo.png").mimetype == "image/png"
    assert ada.get(f"drafts/{own}/picture/a.html").status_code == 404


def test_a_hostile_note_is_shown_as_plain_text(room, ada, own):
    note = drafts.folder(room.box, own) / drafts.NOTE
    owner = drafts.read(room.box, own).owner
    note.write_text(
        f'{{"format": 1, "owner": {owner}, "title": "<script>alert(1)</script>", "entries": [7, {{"path": "../../etc/passwd", "title": "x"}}], "version": -4}}'
    )
    page = ada.text(f"drafts/{own}/")
    assert "<script>alert" not in page
    assert "passwd" not in page
    assert drafts.read(room.box, own).entries == (Entry("", "x"),)


def test_what_should_be_looked_at_has_a_heading_of_its_own_and_giving_stays_offered(room, ada, own):
    room.put(own, "c.md", "# Sortie\n\nTél. 06 37 58 66 13 <b>x</b>")
    build(room.box, own)
    page = ada.text(f"drafts/{own}/")
    section = page.partition('<section aria-labelledby="lint">')[2].partition("</section>")[0]
    assert "c.md" in section
    assert "06 37 58 66 13" in section
    assert 'aria-labelledby="warnings"' not in page
    assert "/give/" in page
