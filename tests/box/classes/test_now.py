"""What phones of a class ask every few seconds: small, quick, right at once, and no reading."""

from __future__ import annotations

import json
import time

import pytest

from edubox.box.school import classes, now
from edubox.box.school.database import SchoolFile
from edubox.box.serve import _noticing


def ask(browser, code, etag=""):
    return browser.get(f"/class/{code}/now.json", **({"If-None-Match": etag} if etag else {}))


def show(file, code, lesson="ministry/test/volcans", **given):
    classes.show(file, code, lesson, "x", **({"now": int(time.time()), "minutes": 60} | given))


def test_it_names_the_page_in_each_language_and_says_when_to_ask_again(browser, file, code):
    assert ask(browser, code).json == {"next": now.POLL, "show": 0}
    show(file, code, part="b.html")
    said = ask(browser, code).json
    assert said["at"] == {
        "fr": "/fr/lecon/ministry/test/volcans/2/",
        "en": "/en/lesson/ministry/test/volcans/2/",
    }
    assert said["show"] == classes.of_code(file, code).showing.mark
    assert all(browser.get(address).status_code == 200 for address in said["at"].values())


def test_it_is_small_kept_a_moment_and_then_answered_with_nothing_new(browser, file, code):
    show(file, code)
    first = ask(browser, code)
    assert len(first.data) < 200
    assert first.headers["Cache-Control"] == f"max-age={now.FRESH}"
    again = ask(browser, code, first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    show(file, code)
    assert ask(browser, code, first.headers["ETag"]).status_code == 200


def test_a_new_version_of_the_lesson_is_followed_to_where_its_part_is_now(browser, box, file, code):
    from edubox.pack.manifest import Item
    from tests.box.school import page

    show(file, code, part="b.html")
    assert ask(browser, code).json["at"]["fr"].endswith("/2/")
    toc = (
        Item("Avant", "html", "a.html"),
        Item("Lire", "html", "i.html"),
        Item("S’exercer", "html", "b.html"),
    )
    files = {name: page("x") for name in ("a.html", "b.html", "i.html")}
    box.add("volcans", files, title="Les volcans", toc=toc, version=2)
    assert ask(browser, code).json["at"]["fr"].endswith("/3/")
    box.add("volcans", {"i.html": page("x")}, title="Les volcans", version=3)
    assert ask(browser, code).json["at"]["fr"].endswith("/volcans/"), "the part is gone: the lesson"


def test_it_ends_by_itself_without_anything_being_written(browser, file, code, monkeypatch):
    show(file, code, minutes=1)
    assert ask(browser, code).json["show"]
    later = time.time() + 61
    monkeypatch.setattr(now.time, "time", lambda: later)
    assert ask(browser, code).json["show"] == 0


def test_a_lesson_that_is_not_here_is_not_shown(browser, file, code):
    show(file, code, "ministry/test/gone")
    assert ask(browser, code).json["show"] == 0


@pytest.mark.parametrize("number", ["111111", "011111", "1111111", "x", "..%2f"])
def test_a_class_that_is_none_is_not_found_and_not_remembered(browser, code, number):
    assert code != "111111"
    assert ask(browser, number).status_code == 404


def test_another_thread_s_old_answer_does_not_come_back(box, file, code):
    """The first question is slow: while it reads, something else is shown, and the next phone asks."""
    library, answers = _Library(), []
    app = now.with_now(None, file, library, ("fr",))

    def question():
        environ = {"PATH_INFO": f"/class/{code}/now.json", "REQUEST_METHOD": "GET"}
        return json.loads(b"".join(app(environ, lambda *_: None)))["show"]

    def meanwhile():
        library.before_lesson = lambda: None
        show(file, code)
        answers.append(question())

    show(file, code)
    library.before_lesson = meanwhile
    question()
    assert question() == answers[0] == classes.of_code(file, code).showing.mark


class _Library:
    before_lesson = staticmethod(lambda: None)

    def changes(self):
        return 1

    def lesson(self, address):
        from edubox.pages.model import Card, Lesson

        self.before_lesson()
        return Lesson(Card(address, "x", "fr"), 1, "0" * 64)


def test_a_damaged_file_is_no_traceback_and_no_class(browser, file, code):
    file.path.write_bytes(b"")
    assert ask(browser, code).status_code == 503


def test_phones_that_ask_do_not_count_as_readers():
    read = []

    class Keeper:
        def page_opened(self):
            read.append(1)

    def application(_environ, start_response):
        start_response("200 OK", [])
        return []

    noticed = _noticing(application, Keeper())
    for path in ("/class/123456/now.json", "/fr/classe/123456/"):
        noticed({"PATH_INFO": path}, lambda *_: None)
    assert len(read) == 1


def test_the_file_is_not_opened_while_nothing_changes(browser, file, code, monkeypatch):
    show(file, code)
    ask(browser, code)
    monkeypatch.setattr(SchoolFile, "_open", None)
    assert ask(browser, code).json["show"]
