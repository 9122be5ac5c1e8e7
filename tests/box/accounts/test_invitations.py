"""Codes that let somebody in: who comes in by one, how often, and who no longer does."""

from __future__ import annotations

import re
import threading

import pytest

from edubox.box.accounts import invitations, people
from edubox.box.accounts.invitations import RESET, WEEK
from edubox.box.accounts.person import ADMIN, TEACHER
from edubox.errors import BadCode, NotFound
from edubox.trust import passwords as shared
from tests.box.accounts.conftest import Browser
from tests.box.desk_client import PASSWORD, SECRET, person

NEW = "quatre grands chevaux"


@pytest.fixture
def admin(browser, data):
    person(data, ADMIN)
    browser.come_in("Ada", PASSWORD)
    return browser


def code_in(answer):
    """The code that a page shows."""
    assert answer.status_code == 200, answer.text
    return re.search(r"/invitation/([A-Z0-9-]{24})/", answer.text)[1]


def invite(admin, kind="teacher", name="Grace"):
    return code_in(admin.send("/bureau/personnes/", action=kind, name=name))


def accept(app, code, name="Grace", password=NEW):
    browser = Browser(app)
    return browser, browser.post(f"/bureau/invitation/{code}/", name=name, password=password)


@pytest.mark.parametrize("kind", [TEACHER, ADMIN])
def test_an_invited_colleague_says_name_and_password_and_is_in(admin, app, school, kind):
    code = invite(admin, kind)
    page = Browser(app).get(f"/bureau/invitation/{code}/")
    assert page.text.count('type="password"') == 1
    assert 'value="Grace"' in page.text, "the name that the administrator wrote is there to be changed"
    browser, answer = accept(app, code, "Grace Hopper")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/bureau/")
    assert browser.is_in()
    assert people.named(school, "Grace Hopper").role == kind


def test_a_code_can_be_typed_and_looking_at_it_uses_nothing_up(admin, app):
    code = invite(admin)
    browser = Browser(app)
    for _ in range(3):
        answer = browser.post("/bureau/invitation/", code=f" {code.lower().replace('-', ' ')} ")
        assert answer.status_code == 303
        assert "Choose a password" in browser.get(answer.headers["Location"]).text
    assert accept(app, code)[1].status_code == 303


def test_the_box_keeps_no_code_and_the_page_says_it_once(admin, data, school):
    code = invite(admin)
    assert code not in admin.get("/bureau/personnes/").text
    kept = (data / "school.db").read_bytes()
    assert code.encode() not in kept
    assert code.replace("-", "").encode() not in kept
    assert len(code.replace("-", "")) >= 20


def test_a_used_a_forged_and_an_old_code_open_nothing(admin, app, school, monkeypatch):
    code = invite(admin)
    assert accept(app, code)[1].status_code == 303
    for wrong in (code, "A" * 20, code[:-1], "x" * 5000, "%00", "é" * 20):
        browser, answer = accept(app, wrong, "Eve")
        assert answer.status_code == 404
        assert not browser.is_in()
        assert browser.get(f"/bureau/invitation/{wrong}/").status_code == 404
    late = invite(admin)
    with pytest.raises(BadCode):
        invitations.use(school, late, (invitations.every(school, 0))[0].until, "Eve", SECRET)
    assert [one.name for one in people.every(school)] == ["Ada", "Grace"]


def test_of_two_who_use_a_code_at_the_same_moment_one_comes_in(admin, school):
    code, came = invite(admin), []
    barrier = threading.Barrier(5)

    def use(name):
        barrier.wait()
        try:
            came.append(invitations.use(school, code, 1, name, SECRET))
        except BadCode:
            pass

    threads = [threading.Thread(target=use, args=(f"Person {number}",)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(came) == 1
    assert len(people.every(school)) == 2


@pytest.mark.parametrize(("fields", "status", "said"), [
    ({"name": "ada"}, 409, "Somebody here is called"), ({"name": " "}, 400, "Write your name"), ({"password": "court"}, 400, "at least 8"),
    ({"name": "Grace Hopper", "password": "grace hopper"}, 400, "Too many people"),
])  # fmt: skip
def test_what_the_form_does_not_take_it_says_and_the_code_stays(admin, app, fields, status, said):
    code = invite(admin)
    answer = accept(app, code, **fields)[1]
    assert answer.status_code == status
    assert said in answer.text
    assert accept(app, code)[1].status_code == 303


def test_who_comes_while_many_passwords_are_made_is_told_and_the_code_stays(admin, app, monkeypatch):
    code = invite(admin)
    with monkeypatch.context() as busy:
        busy.setattr(shared, "_places", threading.Semaphore(0))
        _, answer = accept(app, code)
        assert answer.status_code == 503
        assert "Many people" in answer.text
    assert accept(app, code)[1].status_code == 303


def test_an_administrator_sees_what_is_open_and_takes_it_back(admin, app, school):
    code = invite(admin, name="Grâce <b>")
    text = admin.get("/bureau/personnes/").text
    assert "Grâce &lt;b&gt;" in text
    mark = re.search(r'name="mark" value="(\w+)"', text)[1]
    assert admin.send("/bureau/personnes/", action="take-back", mark=mark).status_code == 303
    assert accept(app, code)[1].status_code == 404
    assert not invitations.every(school, 0)


def test_the_box_s_own_used_code_is_none_of_them(school):
    school.write(
        lambda db: db.execute("INSERT INTO invitation VALUES ('h', 'used', 0, 0, ?, '')", (1 << 40,))
    )
    assert not invitations.every(school, 0)
    invitations.take_back(school, "h")
    assert school.read(lambda db: db.execute("SELECT count(*) FROM invitation").fetchone()[0], 0) == 1


def test_invitations_end_with_whoever_made_them(admin, app, data, school):
    person(data, ADMIN, "Grace")
    grace = Browser(app)
    grace.come_in("Grace", PASSWORD)
    codes = [invite(grace), invite(grace, "admin", "X")]
    number = people.named(school, "Grace").id
    assert admin.send(f"/bureau/personnes/{number}/", action="teacher").status_code == 303
    assert [accept(app, code, "Eve")[1].status_code for code in codes] == [404, 404]
    people.change_role(school, number, ADMIN)
    code = invite(grace)
    admin.send(f"/bureau/personnes/{number}/", action="close", sure="yes")
    assert accept(app, code, "Eve")[1].status_code == 404


# --- a lost password ---


def test_whoever_lost_a_password_chooses_another_and_nobody_else_reads_it(admin, app, data, school):
    grace = person(data, TEACHER, "Grace")
    thief = Browser(app)
    thief.come_in("Grace", PASSWORD)
    code = code_in(admin.send(f"/bureau/personnes/{grace.id}/", action="reset"))
    assert thief.is_in(), "asking for a code changes nothing"
    page = Browser(app).get(f"/bureau/invitation/{code}/").text
    assert 'id="person"' not in page
    browser, answer = accept(app, code, "Somebody else")
    assert answer.status_code == 303
    assert browser.is_in()
    assert not thief.is_in(), "whoever was in by the old one is out"
    assert people.account(school, grace.id).name == "Grace"
    assert Browser(app).come_in("Grace", PASSWORD).status_code == 401
    assert Browser(app).come_in("Grace", NEW).status_code == 303
    assert accept(app, code)[1].status_code == 404


def test_another_code_for_the_same_person_replaces_the_first_and_closing_ends_both(data, school):
    person(data, ADMIN)
    grace = person(data, TEACHER, "Grace")
    first, second = (invitations.reset(school, grace.id, 1, 10) for _ in range(2))
    assert invitations.find(school, first, 11) is None
    assert invitations.find(school, second, 11).kind == RESET
    assert invitations.find(school, second, 10 + WEEK) is None
    people.close(school, grace.id, 12)
    with pytest.raises(BadCode):
        invitations.use(school, second, 13, "", SECRET)
    with pytest.raises(NotFound):
        invitations.reset(school, grace.id, 1, 14)
