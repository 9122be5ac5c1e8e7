"""Before a school closes: a class's next week as one zip that opens anywhere, a page and a booklet for its pupils, and what a cut leaves."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest

from edubox.box.school import classes, week
from edubox.errors import NotFound
from tests.box.school import page, settings

LUNE, VOLCANS = "ministry/test/lune", "ministry/test/volcans"


@pytest.fixture
def given(box, file, code):
    """The class has two lessons, of which Volcans is the heavier."""
    box.add("volcans", {"i.html": page("Le magma", "x" * 9000)}, title="Les volcans", version=2)
    for address in (VOLCANS, LUNE):
        classes.give(file, code, address, address, day=1_790_000_000)
    return code


def made(box, code, *lessons, back="2026-12-24"):
    week.wish(box.data, code, lessons or (VOLCANS, LUNE), back)
    return week.make(box.data, settings(languages=["fr"]), code, 1_795_000_000, lambda *_: None)


def zipped(box, code):
    return zipfile.ZipFile(week.zip_of(box.data, code))


def test_the_lessons_come_the_lightest_first_and_the_zip_opens_without_a_server(box, given):
    done = made(box, given)
    assert done.lessons == (LUNE, VOLCANS)
    assert week.ready(box.data, given) == done
    with zipped(box, given) as whole:
        names = whole.namelist()
        assert names[0] == "index.html"
        assert whole.testzip() is None
        pages = {name: whole.read(name).decode() for name in names if name.endswith("/index.html")}
        lesson = pages[f"fr/lecon/{VOLCANS}/index.html"]
        assert 'href="/' not in lesson, "every link works in any folder"
        assert any("Le magma" in whole.read(name).decode() for name in names if name.endswith("i.html"))
        assert not any("/eau/" in name for name in names), "only what was asked for"


def test_what_would_make_it_too_large_is_named_and_stays(box, given, monkeypatch):
    monkeypatch.setattr(week, "MOST", 3000)
    done = made(box, given)
    assert (done.lessons, done.left) == ((LUNE,), (VOLCANS,))


def test_pupils_find_a_page_a_booklet_and_the_zip_once_it_is_made(box, given, browser):
    for rest in ("emporter/", "imprimer/"):
        assert browser.get(f"/fr/classe/{given}/{rest}").status_code == 404
    assert browser.get(f"/take/{given}/week.zip").status_code == 404
    assert "emporter" not in browser.text(f"/fr/classe/{given}/")
    done = made(box, given)
    assert f"/fr/classe/{given}/emporter/" in browser.text(f"/fr/classe/{given}/")
    page_of = browser.text(f"/fr/classe/{given}/emporter/")
    assert page_of.index("La Lune") < page_of.index("Les volcans")
    booklet = browser.text(f"/fr/classe/{given}/imprimer/")
    assert booklet.count('class="booklet"') == 2
    assert "Le magma" in booklet
    taken = browser.get(f"/take/{given}/week.zip")
    data = taken.get_data()
    assert len(data) == done.size
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    assert taken.headers["Content-Disposition"].startswith("attachment")
    taken.close()


def test_an_archived_class_and_one_that_never_was_give_nothing(box, given, browser, file):
    made(box, given)
    file.write(lambda db: db.execute("UPDATE class SET archived = 1"))
    for code in (given, "999999", "../../x", "１23456"):
        assert browser.get(f"/take/{code}/week.zip").status_code == 404
        assert browser.get(f"/fr/classe/{code}/emporter/").status_code == 404


def test_a_child_that_was_killed_leaves_what_was_ready_and_is_swept_by_the_next(box, given, monkeypatch):
    before = made(box, given)

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(week, "_sweep", lambda _: None)
    monkeypatch.setattr(week, "write_atomic", killed)
    monkeypatch.setattr(week, "wish", lambda *_: None)
    (week.zip_of(box.data, given).with_name(".week.zip.1.new")).write_bytes(b"half")
    with pytest.raises(KeyboardInterrupt):
        made(box, given)
    monkeypatch.undo()
    assert week.ready(box.data, given).lessons == before.lessons
    made(box, given, LUNE)
    place = week.zip_of(box.data, given).parent
    assert sorted(one.name for one in place.iterdir()) == [".lock", "week.json", "week.zip", "wish.json"]


def test_nothing_that_is_here_can_be_taken_is_said(box, given):
    with pytest.raises(NotFound):
        made(box, given, "ministry/test/none")
    with pytest.raises(NotFound):
        week.make(box.data, settings(), "123456", 1, lambda *_: None)


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"format":1,"lessons":3}', b"{" * 90_000])
def test_a_damaged_note_is_no_week(box, given, damage):
    made(box, given)
    (week.zip_of(box.data, given).with_name("week.json")).write_bytes(damage)
    assert week.ready(box.data, given) is None


def test_it_leaves_a_week_after_the_return_and_with_its_class(box, given, file):
    made(box, given)
    week.clear(file, box.data, date(2026, 12, 31))
    assert week.ready(box.data, given)
    week.clear(file, box.data, date(2027, 1, 1))
    assert week.ready(box.data, given) is None
    made(box, given)
    classes.delete(file, given)
    week.clear(file, box.data, date(2026, 12, 1))
    assert list((box.data / week.FOLDER).iterdir()) == []
