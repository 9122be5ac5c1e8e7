"""A substitute: in by a code, reads the lessons of the classes and their notes, and nothing else, until the day is over."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest

from edubox.box.accounts import invitations, people, substitutes
from edubox.box.accounts.person import ADMIN, SUBSTITUTE, TEACHER
from edubox.box.school import classes
from tests.box.accounts.conftest import Browser
from tests.box.desk_client import PASSWORD, person

TODAY = datetime.now(UTC).date()
TOMORROW = (TODAY + timedelta(days=1)).isoformat()


@pytest.fixture
def teacher(browser, data, school):
    person(data, ADMIN)
    grace = person(data, TEACHER, "Grace")
    browser.come_in("Grace", PASSWORD)
    browser.own = classes.make(school, "6B", "", grace.id)
    browser.other = classes.make(school, "5A", "", people.named(school, "Ada").id)
    classes.give(school, browser.own, "ministry/test/volcans", "Les volcans", day=1)
    return browser


def hand_over(teacher, *codes, until=TOMORROW):
    return teacher.send(
        "/bureau/remplacer/", **{"action": "make", "class": list(codes) or teacher.own, "until": until}
    )


def come_in(app, teacher, answer=None):
    answer = answer or hand_over(teacher)
    assert answer.status_code == 200, answer.text
    code = re.search(r"/invitation/([A-Z0-9-]{24})/", answer.text)[1]
    browser = Browser(app)
    assert browser.get(f"/bureau/invitation/{code}/").status_code == 200
    return browser, code, browser.post(f"/bureau/invitation/{code}/")


def test_a_substitute_opens_the_code_and_reads_the_lessons_of_the_classes(teacher, app):
    browser, code, answer = come_in(app, teacher)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/bureau/remplacement/")
    text = browser.get("/bureau/remplacement/").text
    assert "Substitute of Grace" in text
    assert "Les volcans" in text
    assert "5A" not in text
    assert 'aria-label="The rooms of the desk"' not in text
    again = Browser(app)
    assert again.post(f"/bureau/invitation/{code}/").status_code == 303, "on another computer, the next day"


def test_a_substitute_reaches_nothing_that_changes_anything(teacher, app):
    browser, _, _ = come_in(app, teacher)
    allowed = set()
    for rule in app.url_map.iter_rules():
        if (
            not rule.endpoint.startswith("desk.")
            or getattr(app.view_functions[rule.endpoint], "needs", TEACHER) == "anybody"
        ):
            continue
        address = re.sub(r"<(?:\w+:)?\w+>", "1", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            if browser._ask(method, address, {"Origin": browser.origin}).status_code != 403:
                allowed.add((method, rule.rule))
    assert {rule for method, rule in allowed if method == "POST"} <= {"/bureau/sortir/"}
    assert all(
        rule.startswith(("/bureau/remplacement/", "/bureau/notes/", "/bureau/sortir/")) for _, rule in allowed
    ), allowed


def test_notes_are_read_for_the_lessons_of_the_classes_alone(teacher, school, app):
    come_in(app, teacher)
    found = next(one for one in people.every(school) if one.role == SUBSTITUTE)
    assert substitutes.may_read(school, found.person, "ministry/test/volcans")
    assert not substitutes.may_read(school, found.person, "ministry/test/other")
    given = classes.of_code(school, teacher.own).given[0].id
    classes.withdraw(school, teacher.own, given, int(time.time()))
    assert not substitutes.may_read(school, found.person, "ministry/test/volcans")


def test_only_own_classes_and_a_day_that_comes_are_handed_over(teacher):
    today = TODAY
    for codes, until in (
        ((teacher.other,), TOMORROW), ((teacher.own, teacher.other), TOMORROW), (("x",), TOMORROW), ((teacher.own,), ""),
        ((teacher.own,), "x"), ((teacher.own,), (today - timedelta(days=2)).isoformat()),
        ((teacher.own,), (today + timedelta(days=500)).isoformat()),
    ):  # fmt: skip
        assert hand_over(teacher, *codes, until=until).status_code == 400, (codes, until)
    assert "5A" not in teacher.get("/bureau/remplacer/").text


def test_it_ends_by_itself_when_the_day_is_over(teacher, app, school):
    browser, code, _ = come_in(app, teacher)
    assert browser.get("/bureau/remplacement/").status_code == 200
    now = int(time.time())
    school.write(lambda db: db.execute("UPDATE person SET until = ? WHERE role = ?", (now - 1, SUBSTITUTE)))
    school.write(lambda db: db.execute("UPDATE invitation SET until = ?", (now - 1,)))
    assert browser.get("/bureau/remplacement/").status_code == 303
    assert Browser(app).post(f"/bureau/invitation/{code}/").status_code == 404
    assert "Substitute of Grace" not in teacher.get("/bureau/remplacer/").text
    come_in(app, teacher)
    assert [one.name for one in people.every(school) if one.role == SUBSTITUTE and not one.closed] == [
        "Substitute of Grace"
    ]


def test_it_ends_by_a_button_of_who_made_it_and_of_nobody_else(teacher, app, school, data):
    person(data, TEACHER, "Eve")
    eve = Browser(app)
    eve.come_in("Eve", PASSWORD)
    browser, code, _ = come_in(app, teacher)
    number = next(one.id for one in people.every(school) if one.role == SUBSTITUTE)
    for asked in (str(number), "x", "1", ""):
        assert eve.send("/bureau/remplacer/", action="end", person=asked).status_code == 404
    assert browser.get("/bureau/remplacement/").status_code == 200
    assert teacher.send("/bureau/remplacer/", action="end", person=number).status_code == 303
    assert browser.get("/bureau/remplacement/").status_code == 303
    assert Browser(app).post(f"/bureau/invitation/{code}/").status_code == 404


def test_a_second_substitute_has_another_name_and_both_go_with_the_teacher(teacher, app, school, data):
    one, _, _ = come_in(app, teacher)
    two, code, _ = come_in(app, teacher)
    assert "Substitute of Grace 2" in two.get("/bureau/remplacement/").text
    people.close(school, people.named(school, "Grace").id, int(time.time()))
    for browser in (one, two):
        assert browser.get("/bureau/remplacement/").status_code == 303
    assert Browser(app).post(f"/bureau/invitation/{code}/").status_code == 404


def test_an_administrator_ends_it_by_closing_the_account_and_no_code_is_left_without_one(
    teacher, app, school
):
    browser, code, _ = come_in(app, teacher)
    ada = Browser(app)
    ada.come_in("Ada", PASSWORD)
    (mark,) = [one.mark for one in invitations.every(school, 0)]
    assert mark not in ada.get("/bureau/personnes/").text
    ada.send("/bureau/personnes/", action="take-back", mark=mark)
    assert len(substitutes.every(school, 0)) == 1
    number = people.named(school, "Substitute of Grace").id
    for action in ("admin", "teacher", "reset"):
        assert ada.send(f"/bureau/personnes/{number}/", action=action).status_code == 400
    assert ada.send(f"/bureau/personnes/{number}/", action="close", sure="yes").status_code == 303
    assert browser.get("/bureau/remplacement/").status_code == 303
    assert Browser(app).post(f"/bureau/invitation/{code}/").status_code == 404


def test_nobody_comes_in_as_a_substitute_by_a_password(teacher, app):
    come_in(app, teacher)
    for password in ("", PASSWORD):
        assert Browser(app).come_in("Substitute of Grace", password).status_code == 401


def test_a_class_that_is_deleted_is_read_no_more(teacher, app, school):
    browser, _, _ = come_in(app, teacher)
    school.write(lambda db: db.execute("DELETE FROM class WHERE code = ?", (teacher.own,)))
    text = browser.get("/bureau/remplacement/").text
    assert "Les volcans" not in text
