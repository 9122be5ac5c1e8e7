"""The pages about people: what an administrator does with accounts, and what each does with their own."""

from __future__ import annotations

import pytest

from edubox.box.accounts import journal, people
from edubox.box.accounts.person import ADMIN, TEACHER
from edubox.box.school import classes
from edubox.pages.journal import SENTENCES
from tests.box.accounts.conftest import Browser
from tests.box.desk_client import PASSWORD, person

NEW = "quatre grands chevaux"


@pytest.fixture
def admin(browser, data):
    person(data, ADMIN)
    browser.come_in("Ada", PASSWORD)
    return browser


@pytest.fixture
def grace(app, data):
    person(data, TEACHER, "Grace")
    browser = Browser(app)
    browser.come_in("Grace", PASSWORD)
    return browser


def number_of(school, name):
    return people.named(school, name).id


def test_a_teacher_reaches_none_of_the_administrators_pages(grace, admin, school):
    number = number_of(school, "Grace")
    for address in ("personnes/", f"personnes/{number}/", "journal/"):
        assert grace.get(f"/bureau/{address}").status_code == 403
    for address, fields in (
        ("personnes/", {"action": "admin"}), (f"personnes/{number}/", {"action": "admin"}),
        ("personnes/1/", {"action": "reset"}),
    ):  # fmt: skip
        assert grace.send(f"/bureau/{address}", **fields).status_code == 403
    assert people.account(school, number).role == TEACHER


def test_rights_are_given_and_taken_away(admin, grace, school):
    number = number_of(school, "Grace")
    assert admin.send(f"/bureau/personnes/{number}/", action="admin").status_code == 303
    assert grace.get("/bureau/personnes/").status_code == 200, "without logging in again"
    admin.send(f"/bureau/personnes/{number}/", action="teacher")
    assert grace.get("/bureau/personnes/").status_code == 403


def test_a_removed_teacher_can_do_nothing_and_their_classes_stay(admin, grace, app, school):
    number = number_of(school, "Grace")
    code = classes.make(school, "6B", "", number)
    address = f"/bureau/personnes/{number}/"
    assert admin.send(address, action="close").status_code == 400, "it is asked once more"
    assert grace.is_in()
    token = grace.token()
    assert admin.send(address, action="close", sure="yes").status_code == 303
    for page in (
        "classes/",
        "moi/",
        "partir/",
        "partir/edubox.zip",
        f"classes/{code}/",
        "arriving/state.json",
    ):
        assert grace.get(f"/bureau/{page}").status_code in {303, 401}, page
    assert grace.post("/bureau/classes/", csrf=token, name="7B").status_code == 401
    assert Browser(app).come_in("Grace", PASSWORD).status_code == 401
    assert [one.name for one in classes.every(school)] == ["6B"]
    assert admin.get(f"/bureau/classes/{code}/").status_code == 200
    assert admin.get(address).status_code == 404
    assert admin.send(address, action="admin").status_code == 404


def test_the_last_administrator_stays(admin, grace, school):
    number = number_of(school, "Ada")
    for fields in ({"action": "teacher"}, {"action": "close", "sure": "yes"}):
        answer = admin.send(f"/bureau/personnes/{number}/", **fields)
        assert answer.status_code == 409
        assert "the only administrator" in answer.text
    assert people.account(school, number).role == ADMIN
    answer = admin.send("/bureau/partir/", action="leave", drafts="erase", password=PASSWORD)
    assert answer.status_code == 400
    assert "Name another one first" in answer.text
    assert admin.is_in()


@pytest.mark.parametrize("fields", [{}, {"action": "x"}, {"action": "close", "sure": "no"}])
def test_what_no_form_says_is_refused(admin, grace, school, fields):
    assert admin.send(f"/bureau/personnes/{number_of(school, 'Grace')}/", **fields).status_code == 400
    assert admin.send("/bureau/personnes/", **fields).status_code == 400
    assert grace.send("/bureau/moi/", **fields).status_code == 400


def test_no_number_is_a_crash(admin):
    for number in (0, 999, 1 << 63, 1 << 70):
        assert admin.get(f"/bureau/personnes/{number}/").status_code == 404


def test_another_password_needs_the_old_one_and_ends_other_sessions(grace, app, school):
    elsewhere = Browser(app)
    elsewhere.come_in("Grace", PASSWORD)
    answer = grace.send("/bureau/moi/", action="password", old="wrong one", password=NEW)
    assert answer.status_code == 400
    assert "The password is not right" in answer.text
    assert grace.send("/bureau/moi/", action="password", old=PASSWORD, password="court").status_code == 400
    assert elsewhere.is_in()
    assert grace.send("/bureau/moi/", action="password", old=PASSWORD, password=NEW).status_code == 303
    assert grace.is_in()
    assert not elsewhere.is_in()
    assert Browser(app).come_in("Grace", NEW).status_code == 303


def test_the_old_password_cannot_be_guessed_at_a_computer_that_was_left_open(grace):
    for number in range(5):
        grace.send("/bureau/moi/", action="password", old=f"guess {number}", password=NEW)
    # Whoever has come in by a name from an address waits for the address.
    answer = grace.send("/bureau/moi/", action="password", old=PASSWORD, password=NEW)
    assert "There were many wrong tries" in answer.text


def test_a_name_changes_for_everybody_and_is_nobody_else_s(grace, admin, school):
    assert grace.send("/bureau/moi/", action="name", name="ADA").status_code == 400
    assert grace.send("/bureau/moi/", action="name", name=" ").status_code == 400
    assert grace.send("/bureau/moi/", action="name", name="Grace  Hopper").status_code == 303
    assert "Grace Hopper" in admin.get("/bureau/personnes/").text


# --- the journal ---


def test_the_journal_says_who_did_what_the_newest_first(admin, grace, school):
    grace.send("/bureau/moi/", action="name", name="Grace <i>")
    admin.send(f"/bureau/personnes/{number_of(school, 'Grace <i>')}/", action="close", sure="yes")
    text = admin.get("/bureau/journal/").text
    assert "closed the account of: Grace &lt;i&gt;" in text
    assert text.index("closed the account of") < text.index("changed their name") < text.index("logged in")
    assert "192.0.2" not in text


def test_every_key_that_is_written_has_a_sentence():
    import re
    from pathlib import Path

    import edubox

    said = "".join(path.read_text("utf-8") for path in (Path(edubox.__file__).parent / "box").rglob("*.py"))
    keys = set(re.findall(r'journal\.note\([^)]*?"([a-z-]+)"', said.replace("me()", "me")))
    assert {"deleted-class", "gave-lesson", "closed-account"} <= keys
    assert keys <= SENTENCES.keys()


def test_the_journal_has_an_end_and_pages(admin, school, data, monkeypatch):
    monkeypatch.setattr(journal, "LINES", 150)
    ada = people.named(school, "Ada").person
    for number in range(155):
        journal.note(school, ada, "gave-lesson", f"lesson {number} " + "x" * 500)
    lines = journal.read(school, count=1000)
    assert len(lines) == 150
    assert len(lines[0].about) == journal.ABOUT
    first = admin.get("/bureau/journal/?lang=en").text
    older = (
        first.partition("?lang=en&amp;before=")[2].partition('"')[0]
        or first.partition("before=")[2].partition('"')[0]
    )
    assert "lesson 154 " in first
    assert "lesson 54 " not in first
    assert "lesson 54 " in admin.get(f"/bureau/journal/?before={older}").text
    for wrong in ("x", "-1", "9" * 50, "²"):
        assert admin.get(f"/bureau/journal/?before={wrong}").status_code == 200


def test_what_is_two_years_old_is_gone_with_the_next_line(school, data):
    ada = person(data, ADMIN).person
    journal.note(school, ada, "came-in")
    school.write(lambda db: db.execute("UPDATE journal SET at = at - ?", (journal.YEARS + 10,)))
    journal.note(school, ada, "came-in")
    assert len(journal.read(school)) == 1
