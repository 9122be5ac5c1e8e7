"""Coming in, the first administrator, and the way back when all of them are lost."""

from __future__ import annotations

import re
import threading

import pytest

from edubox.box.accounts import door, first, journal, passwords, people
from edubox.box.accounts.person import ADMIN, TEACHER
from edubox.box.app import create_app
from edubox.box.school.database import SchoolFile
from edubox.errors import BadCode
from edubox.settings import load_settings
from edubox.trust import passwords as shared
from tests.box.accounts.conftest import Browser
from tests.box.desk_client import PASSWORD, SECRET, person
from tests.box.own.school import School as OwnSchool
from tests.box.school import settings

NEW = "quatre grands chevaux"


# --- the first administrator ---


def test_from_the_printed_code_to_the_desk_takes_one_form(browser, data, school):
    code = first.read(data)
    assert browser.get("/bureau/classes/").headers["Location"].startswith("/bureau/entrer/")
    assert browser.get("/bureau/entrer/").headers["Location"] == "/bureau/premier/"
    text = browser.get(f"/bureau/premier/{code}/").text
    assert f'value="{code}"' in text
    assert text.count("<form") == 1
    assert text.count('type="password"') == 1
    answer = browser.post("/bureau/premier/", code=code, name="  Ada   Lovelace ", password=NEW)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/bureau/")
    assert browser.is_in()
    assert "Ada Lovelace" in browser.get("/bureau/arriving/").text
    (account,) = people.every(school)
    assert (account.name, account.role) == ("Ada Lovelace", ADMIN)
    assert account.secret.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_code_works_once_whoever_kept_a_copy_of_it(browser, app, data, school):
    code = first.read(data)
    browser.post("/bureau/premier/", code=code, name="Ada", password=NEW)
    assert not (data / "keys" / "first").exists()
    other = Browser(app)
    assert other.get(f"/bureau/premier/{code}/").headers["Location"] == "/bureau/entrer/"
    assert other.post("/bureau/premier/", code=code, name="Eve", password=NEW).status_code == 409
    (data / "keys" / "first").write_text(code)  # a cut between the account and the end of the file
    assert other.post("/bureau/premier/", code=code, name="Eve", password=NEW).status_code == 409
    assert [one.name for one in people.every(school)] == ["Ada"]


def test_of_many_who_use_it_at_the_same_moment_one_comes_in(data, school):
    code, came = first.read(data), []
    barrier = threading.Barrier(6)

    def use(name):
        barrier.wait()
        try:
            came.append(first.use(data, school, code, name, SECRET, 1))
        except BadCode:
            pass

    threads = [threading.Thread(target=use, args=(f"Person {number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(came) == 1
    assert len(people.every(school)) == 1


def test_a_code_is_taken_as_people_type_it(data):
    code = first.read(data)
    assert first.fits(data, code.lower().replace("-", " "))
    for wrong in ("", code[:-1], code + "A", "é" * 12, "\x00", "x" * 10_000):
        assert not first.fits(data, wrong)


@pytest.mark.parametrize(("fields", "status", "said"), [
    ({"code": "AAAA-AAAA-AAAA"}, 409, "This code is not right"), ({"name": "  \u200b "}, 400, "Write your name"),
    ({"password": "court"}, 400, "Take at least 8 characters"), ({"password": "Azerty123!"}, 400, "Too many people have this password"),
    ({"password": "École de test"}, 400, "Too many people"), ({"password": "ada lovelace"}, 400, "Too many people"),
    ({"password": "x" * 300}, 400, "at most 200"),
])  # fmt: skip
def test_what_the_form_does_not_take_it_says_and_the_code_stays(data, fields, status, said):
    browser, code = Browser(create_app(data, settings(name="École de test"))), first.read(data)
    answer = browser.post(
        "/bureau/premier/", **({"code": code, "name": "Ada Lovelace", "password": NEW} | fields)
    )
    assert answer.status_code == status
    assert said in answer.text
    assert NEW not in answer.text
    assert first.read(data) == code
    assert browser.post("/bureau/premier/", code=code, name="Ada", password=NEW).status_code == 303


def test_who_has_the_card_in_hand_names_another_administrator_or_gives_one_a_new_password(app, data, school):
    person(data, ADMIN, "Ada")
    person(data, TEACHER, "Grace")
    for name, status in (("Root", 303), ("ADA", 303), ("Grace", 409)):
        browser = Browser(app)
        answer = browser.post("/bureau/premier/", code=first.make(data), name=name, password=NEW)
        assert answer.status_code == status, name
    assert "Somebody here is called Grace already" in answer.text
    assert [(one.name, one.role) for one in people.every(school)] == [
        ("Ada", ADMIN),
        ("Grace", TEACHER),
        ("Root", ADMIN),
    ]
    assert Browser(app).come_in("Ada", PASSWORD).status_code == 401
    assert Browser(app).come_in("Ada", NEW).status_code == 303


# --- coming in ---


def test_a_wrong_name_and_a_wrong_password_get_the_same_words_and_the_same_work(app, data, monkeypatch):
    person(data, TEACHER)
    tried = []
    real = shared._in_turn
    monkeypatch.setattr(shared, "_in_turn", lambda work: tried.append(1) or real(work))
    one = Browser(app, peer="192.0.2.1").come_in("Ada", "not this one")
    other = Browser(app, peer="192.0.2.2").come_in("Nobody", "not this one")
    assert one.status_code == other.status_code == 401
    assert one.text.replace("Ada", "") == other.text.replace("Nobody", "")
    assert tried == [1, 1]
    assert "not this one" not in one.text


def test_after_five_wrong_ones_there_is_a_wait_and_an_open_session_goes_on(app, data, monkeypatch):
    person(data, TEACHER)
    teacher = Browser(app, peer="192.0.2.1")
    teacher.come_in("Ada", PASSWORD)
    thief = Browser(app, peer="192.0.2.66")
    answers = [thief.come_in("Ada", f"guess number {number}") for number in range(6)]
    assert [one.status_code for one in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert "There were many wrong tries" in answers[-1].text
    monkeypatch.setattr(passwords, "is_right", lambda *_: pytest.fail("a refused try costs no work"))
    assert thief.come_in("Ada", PASSWORD).status_code == 429
    assert Browser(app, peer="192.0.2.67").come_in("ADA", PASSWORD).status_code == 429, (
        "the name waits everywhere else"
    )
    monkeypatch.undo()
    assert [line.what for line in journal.read(SchoolFile(data))] == ["guessed", "came-in"]
    assert teacher.is_in()
    again = Browser(app, peer="192.0.2.1")
    assert again.come_in("Ada", PASSWORD).status_code == 303, "but on the teacher's own computer"


def test_codes_are_no_easier_to_guess_than_passwords(app, data):
    thief = Browser(app, peer="192.0.2.66")
    guesses = [
        thief.post("/bureau/premier/", code=f"AAAA-AAAA-AAA{end}", name="Eve", password=NEW)
        for end in "ACDEFG"
    ]
    assert [one.status_code for one in guesses] == [409] * 5 + [429]
    assert thief.post("/bureau/premier/", code=first.read(data), name="Eve", password=NEW).status_code == 429
    assert thief.come_in("Ada", "x").status_code == 429


def test_a_box_that_tries_as_many_passwords_as_it_can_says_so(app, data, monkeypatch):
    person(data, TEACHER)
    monkeypatch.setattr(shared, "_places", threading.BoundedSemaphore(1))
    shared._places.acquire()
    answer = Browser(app).come_in("Ada", PASSWORD)
    assert answer.status_code == 503
    assert "Many people are logging in" in answer.text


def test_nor_does_it_make_an_administrator_then(browser, data, monkeypatch):
    code = first.read(data)
    monkeypatch.setattr(shared, "_places", threading.Semaphore(0))
    answer = browser.post("/bureau/premier/", code=code, name="Ada", password=PASSWORD)
    assert answer.status_code == 503
    assert "Many people" in answer.text
    assert first.read(data) == code


def test_an_address_of_ipv6_counts_as_its_network(app):
    def named(peer):
        with app.test_request_context(environ_overrides={"REMOTE_ADDR": peer}):
            return door.came_from()

    assert named("2001:db8::1") == named("2001:db8::ffff") != named("2001:db8:0:1::1")
    assert named("::ffff:192.0.2.1") == named("192.0.2.1")
    assert named("") == named("x")


def test_a_password_kept_at_yesterday_s_cost_is_kept_at_today_s_after_coming_in(
    app, data, school, monkeypatch
):
    from argon2 import PasswordHasher

    person(data, TEACHER, secret=PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD))
    browser = Browser(app)
    assert browser.come_in("Ada", PASSWORD).status_code == 303
    assert browser.is_in()
    assert ",t=2,p=1$" in people.named(school, "Ada").secret


def test_who_is_in_already_goes_on_and_can_go(app, data):
    person(data, TEACHER)
    browser = Browser(app)
    browser.come_in("Ada", PASSWORD)
    assert browser.get("/bureau/entrer/?next=/bureau/classes/").headers["Location"] == "/bureau/classes/"
    assert browser.come_in("Ada", PASSWORD).status_code == 303, "in a second tab, whose form is older"
    answer = browser.send("/bureau/sortir/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/bureau/entrer/")
    assert not browser.is_in()


def test_the_forms_work_in_every_language_of_the_box(browser, data):
    for language in ("fr", "en"):
        text = browser.get(f"/bureau/premier/?lang={language}").text
        assert f'action="/bureau/premier/?lang={language}"' in text
        assert not re.search(r"<(script|style)>", text)


# --- when every administrator is lost ---


@pytest.fixture
def own(tmp_path):
    school = OwnSchool(tmp_path / "own")
    person(school.box, ADMIN, "Ada")
    return school, create_app(school.box, load_settings(school.box / "box.toml"))


def test_the_recovery_code_of_the_sheet_gives_an_administrator_a_new_password(own):
    school, app = own
    browser = Browser(app)
    assert "/bureau/secours/" in browser.get("/bureau/entrer/").text
    answer = browser.post(
        "/bureau/secours/", code=school.code.lower().replace("-", " "), name="Ada", password=NEW
    )
    assert answer.status_code == 303, answer.text
    assert browser.is_in()
    assert Browser(app).come_in("Ada", PASSWORD).status_code == 401
    assert Browser(app).come_in("Ada", NEW).status_code == 303


def test_another_recovery_code_or_a_typing_error_is_refused(own, tmp_path):
    school, app = own
    other = OwnSchool(tmp_path / "other").code
    for code in (other, school.code[:-1], school.code + "0", "", "x" * 500):
        answer = Browser(app).post("/bureau/secours/", code=code, name="Ada", password=NEW)
        assert (answer.status_code, "This code is not right" in answer.text) == (409, True)
    assert Browser(app).come_in("Ada", NEW).status_code in {401, 429}


def test_accounts_whose_file_is_damaged_are_made_again_with_the_sheet(own):
    school, app = own
    (school.box / "school.db").write_bytes(b"x" * 100)
    browser = Browser(app)
    assert browser.get("/bureau/classes/").headers["Location"].startswith("/bureau/entrer/")
    assert browser.get("/bureau/entrer/").headers["Location"] == "/bureau/premier/"
    assert browser.post("/bureau/secours/", code=school.code, name="Ada", password=NEW).status_code == 303
    assert browser.is_in()
    assert [one.name for one in people.every(SchoolFile(school.box))] == ["Ada"]
    assert list(school.box.glob("school.db.damaged-1")), "what was there is set aside, not lost"
