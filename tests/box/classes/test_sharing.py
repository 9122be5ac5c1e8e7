"""A class is the teacher's who made it, and the colleagues' they share it with; classes of before accounts are everybody's."""

from __future__ import annotations

import pytest

from edubox.box.school import classes
from tests.box.classes.conftest import Browser
from tests.box.desk_client import person


@pytest.fixture
def ada(box):
    browser = Browser(box.data)
    browser.come_in("teacher", "Awa")
    return browser


@pytest.fixture
def bob(box):
    browser = Browser(box.data)
    browser.come_in("teacher", "Bakary")
    return browser


def status(browser, rest):
    return browser.get(f"/bureau/classes/{rest}").status_code


def test_only_who_made_a_class_finds_it_until_it_is_shared(box, file, ada, bob):
    ada.act(name="5e A")
    (made,) = classes.every(file)
    assert made.owner == person(box.data, "teacher", "Awa").id
    assert "5e A" in ada.desk()
    assert "5e A" not in bob.desk()
    for rest in ("", "give/", "delete/", "fermeture/", "export.zip"):
        assert status(bob, f"{made.code}/{rest}") == 404
    assert bob.post(f"/bureau/classes/{made.code}/", action="put-away").status_code == 404
    colleague = person(box.data, "teacher", "Bakary").id
    assert "Bakary" in ada.desk(f"{made.code}/")
    ada.act(f"{made.code}/", action="colleague", id=colleague)
    assert "5e A" in bob.desk()
    bob.act(f"{made.code}/", action="no-colleague", id=colleague)
    assert status(bob, f"{made.code}/") == 404


def test_a_class_cannot_be_shared_with_nobody(box, file, ada):
    ada.act(name="5e A")
    (made,) = classes.every(file)
    gone = person(box.data, "teacher", "Cheikh").id
    file.write(lambda db: db.execute("UPDATE person SET closed = 1 WHERE id = ?", (gone,)))
    for number in (gone, 9999, ""):
        assert ada.post(f"/bureau/classes/{made.code}/", action="colleague", id=number).status_code == 400


def test_a_class_of_before_accounts_is_every_teacher_s(ada, bob, code):
    assert status(ada, f"{code}/") == status(bob, f"{code}/") == 200


def test_an_administrator_who_joins_a_class_is_seen_in_it_and_in_the_journal(box, file, ada):
    ada.act(name="5e A")
    (made,) = classes.every(file)
    root = Browser(box.data)
    root.come_in("admin", "Marie")
    root.act(f"{made.code}/", action="colleague", id=person(box.data, "admin", "Marie").id)
    assert "Marie" in ada.desk(f"{made.code}/")
    noted = file.read(
        lambda db: [tuple(row) for row in db.execute("SELECT name, what, about FROM journal")], []
    )
    assert ("Marie", "shared-class", "5e A – Marie") in noted
