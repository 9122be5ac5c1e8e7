"""The teacher's side: every button does what it says, works without a script, and is nobody else's."""

from __future__ import annotations

import re
import time

import pytest

from edubox.box.app import create_app
from edubox.box.school import classes, reports
from tests.box.classes.conftest import HOST, Browser
from tests.box.school import settings

VOLCANS = "ministry/test/volcans"


def class_of(file):
    (one,) = classes.every(file)
    return one


def test_a_teacher_makes_a_class_and_reads_its_code_to_the_pupils(browser, file):
    page = browser.act(name="6e <B>", level="sixieme")
    code = class_of(file).code
    assert code in page
    assert "6e &lt;B&gt;" in browser.desk()
    assert class_of(file).level == "sixieme"


@pytest.mark.parametrize("fields", [{"name": ""}, {"name": "  "}, {"name": "x", "level": "cp"}, {}])
def test_a_class_without_a_name_or_of_no_level_is_refused(browser, file, fields):
    assert browser.post("/bureau/classes/", **fields).status_code == 400
    assert classes.every(file) == []


def test_a_lesson_is_found_chosen_and_given_whole_or_in_part(browser, file, code):
    found = browser.desk(f"{code}/give/?q=lune")
    assert "La Lune" in found
    assert "Les volcans" not in found
    assert "Les volcans" in browser.desk(f"{code}/give/")
    assert "S’exercer" in browser.desk(f"{code}/give/?lesson={VOLCANS}")
    browser.act(f"{code}/give/", lesson=VOLCANS, part="", note="Lire", action="give")
    page = browser.act(f"{code}/give/", lesson=VOLCANS, part="2", action="give")
    assert "Lire" in page
    assert [(one.part, one.title, one.note) for one in class_of(file).given] == [
        ("", "Les volcans", "Lire"), ("b.html", "S’exercer", ""),
    ]  # fmt: skip
    assert class_of(file).showing is None


def test_given_and_shown_in_one_go(browser, file, code):
    page = browser.act(f"{code}/give/", lesson=VOLCANS, part="2", action="show")
    assert "S’exercer" in page
    shown = class_of(file).showing
    assert (shown.part, shown.only, shown.until - shown.began) == ("b.html", False, 3600)


@pytest.mark.parametrize("fields", [{"lesson": "ministry/test/gone"}, {"lesson": VOLCANS, "part": "3"}, {}])
def test_what_is_not_here_cannot_be_given(browser, file, code, fields):
    assert browser.post(f"/bureau/classes/{code}/give/", action="give", **fields).status_code == 400
    assert not class_of(file).given


def test_buttons_order_withdraw_put_back_show_and_end(browser, file, code):
    for slug in ("volcans", "lune", "eau"):
        classes.give(file, code, f"ministry/test/{slug}", slug, day=1)
    ids = {one.title: str(one.id) for one in class_of(file).given}
    browser.act(f"{code}/", action="up", id=ids["lune"])
    browser.act(f"{code}/", action="down", id=ids["volcans"])
    assert [one.title for one in class_of(file).lessons()] == ["lune", "eau", "volcans"]
    page = browser.act(f"{code}/", action="withdraw", id=ids["eau"])
    assert "put-back" in page
    browser.act(f"{code}/", action="put-back", id=ids["eau"])
    assert [one.title for one in class_of(file).lessons()] == ["lune", "eau", "volcans"]
    browser.act(f"{code}/", action="only", id=ids["eau"])
    assert class_of(file).showing.only
    browser.act(f"{code}/", action="show", id=ids["eau"])
    assert not class_of(file).showing.only
    assert "stop" in browser.desk(f"{code}/")
    browser.act(f"{code}/", action="stop")
    assert class_of(file).showing is None


def test_the_minutes_of_showing_are_a_setting(box, file, code):
    browser = Browser(box.data, show_minutes=5)
    browser.act(f"{code}/give/", lesson=VOLCANS, action="show")
    assert class_of(file).showing.until - class_of(file).showing.began == 300


def test_an_announcement_has_a_last_day_and_can_be_taken_down(browser, file, code):
    page = browser.desk(f"{code}/")
    first, usual, last = (
        re.search(rf'{name}="(\d{{4}}-\d\d-\d\d)"', page)[1] for name in ("min", "value", "max")
    )
    assert first < usual < last
    page = browser.act(f"{code}/", action="announce", text="Musée <demain>", until=usual)
    assert "Musée &lt;demain&gt;" in page
    browser.act(f"{code}/", action="take-down", id=str(class_of(file).announcements[0].id))
    assert not class_of(file).announcements
    for until in ("2020-01-01", "2099-01-01", "demain", ""):
        answer = browser.post(f"/bureau/classes/{code}/", action="announce", text="x", until=until)
        assert answer.status_code == 400, until


def test_the_home_link_is_shown_while_it_is_on(browser, file, code):
    page = browser.act(f"{code}/", action="home-on")
    key = class_of(file).home
    assert key in page
    assert key not in browser.act(f"{code}/", action="home-off")


def test_a_class_is_deleted_only_after_asking_once_more(browser, file, code):
    assert browser.post(f"/bureau/classes/{code}/delete/").status_code == 400
    assert "6e &lt;B&gt;" in browser.desk(f"{code}/delete/")
    assert code not in browser.act(f"{code}/delete/", action="delete")
    assert classes.every(file) == []
    for rest in ("", "give/", "delete/"):
        assert browser.get(f"/bureau/classes/{code}/{rest}").status_code == 404


def test_each_class_has_a_page_to_print_with_a_square_that_leads_to_it(browser, file, code):
    other = classes.make(file, "5e A")
    page = browser.desk("sheet/")
    for one in (code, other):
        assert f"http://box.local:8080/fr/classe/{one}/" in page
    assert page.count('class="qr"') == 2
    assert browser.get(f"/fr/classe/{other}/").status_code == 200


def test_problems_are_read_and_erased_at_the_desk(browser, file):
    reports.add(file, VOLCANS, "b.html", "S’exercer – Les volcans", "media", "pas de <son>", int(time.time()))
    reports.add(file, "ministry/test/gone", "", "Partie", "other", "", int(time.time()))
    page = browser.desk("reports/")
    assert f'href="/fr/lecon/{VOLCANS}/2/"' in page
    assert "pas de &lt;son&gt;" in page
    assert "ministry/test/gone" not in page
    for report in reports.every(file):
        browser.act("reports/", action="done", id=str(report.id))
    assert reports.count(file) == 0


@pytest.mark.parametrize("rest", ["", "111111/", "111111/give/", "111111/delete/", "reports/"])
def test_nobody_who_has_not_come_in_and_no_other_site_presses_a_button(browser, box, file, rest):
    stranger = create_app(box.data, settings()).test_client()
    headers = {"Host": HOST, "Origin": f"https://{HOST}"}
    for method, refused in (("GET", 303), ("POST", 401)):
        answer = stranger.open(
            f"/bureau/classes/{rest}", method=method, base_url=f"https://{HOST}", headers=headers
        )
        assert answer.status_code == refused
    assert browser.post(f"/bureau/classes/{rest}", "http://box.local:8081", name="x").status_code == 403
    assert classes.every(file) == []


@pytest.mark.parametrize("number", ["-1", "x", "9" * 40, "", "²"])
def test_numbers_that_are_none_are_refused(browser, code, number):
    for action in ("withdraw", "put-back", "up", "show", "take-down"):
        assert browser.post(f"/bureau/classes/{code}/", action=action, id=number).status_code == 400
    assert browser.post(f"/bureau/classes/{code}/", action="x").status_code == 400
    assert browser.post(f"/bureau/classes/{code}/", action="show", id="12345").status_code == 404


def test_a_full_list_is_a_conflict_and_the_form_is_gone(browser, code, monkeypatch):
    monkeypatch.setattr(classes, "CLASSES", 1)
    assert browser.post("/bureau/classes/", name="x").status_code == 409
    assert 'name="name"' not in browser.desk()


def test_a_damaged_file_is_said_and_the_next_class_begins_a_new_one(browser, file, code):
    file.path.write_bytes(b"")
    assert browser.get("/bureau/classes/").headers["Location"].startswith("/bureau/entrer/"), (
        "nobody is known"
    )
    classes.make(file, "5e A")
    browser.come_in()
    assert [one.name for one in classes.every(file)] == ["5e A"]
    assert "verdict note" in browser.desk()
    file.damaged()[0].unlink()
    assert "verdict note" not in browser.desk()
