"""A teacher's class: its code, its lessons in order, what is told and shown, and an end to everything."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.errors import NotFound, TooMany

TODAY = "2026-11-25"


@pytest.fixture
def school(tmp_path):
    return SchoolFile(tmp_path)


@pytest.fixture
def code(school):
    return classes.make(school, "6e B", "sixieme")


def titles(school, code):
    return [one.title for one in classes.of_code(school, code).lessons()]


def give(school, code, *slugs):
    for slug in slugs:
        classes.give(school, code, f"a/b/{slug}", slug, day=1)
    return {one.title: one.id for one in classes.of_code(school, code).given}


def test_codes_are_six_digits_that_never_begin_with_0_and_tell_nothing_of_each_other(school):
    codes = [classes.make(school, f"{number}") for number in range(60)]
    assert len(set(codes)) == 60
    assert all(re.fullmatch(r"[1-9]\d{5}", one) for one in codes)
    assert codes != sorted(codes)


def test_a_code_that_is_taken_is_not_given_twice(school, monkeypatch):
    drawn = iter([0, 0, 7])
    monkeypatch.setattr(classes.secrets, "randbelow", lambda _: next(drawn))
    assert [classes.make(school, "a"), classes.make(school, "b")] == ["100000", "100007"]


def test_names_notes_and_announcements_are_lines_of_bounded_length(school):
    code = classes.make(school, "  6e \n B\t" + "x" * 500)
    classes.give(school, code, "a/b/c", "t", day=1, note="lire\nla suite " + "x" * 500)
    classes.announce(school, code, "x" * 5000, TODAY, TODAY)
    shown = classes.of_code(school, code)
    assert shown.name.startswith("6e B x")
    assert len(shown.name) == classes.NAME
    assert shown.given[0].note.startswith("lire la suite")
    assert (len(shown.given[0].note), len(shown.announcements[0].text)) == (classes.NOTE, classes.TEXT)


def test_lessons_keep_the_teacher_s_order(school, code):
    ids = give(school, code, "un", "deux", "trois")
    assert titles(school, code) == ["un", "deux", "trois"]
    classes.move(school, code, ids["trois"], -1)
    classes.move(school, code, ids["un"], 1)
    assert titles(school, code) == ["trois", "un", "deux"]
    classes.move(school, code, ids["trois"], -1)
    classes.move(school, code, ids["deux"], 1)
    assert titles(school, code) == ["trois", "un", "deux"]


def test_the_same_lesson_given_again_has_its_new_note_and_a_part_of_it_is_another(school, code):
    give(school, code, "un", "deux")
    classes.give(school, code, "a/b/un", "un", day=2, note="encore")
    classes.give(school, code, "a/b/un", "exercice", day=2, part="exercice.html")
    assert titles(school, code) == ["un", "deux", "exercice"]
    assert classes.of_code(school, code).given[0].note == "encore"


def test_what_was_withdrawn_can_be_put_back_where_it_was_for_a_day(school, code):
    ids = give(school, code, "un", "deux", "trois")
    classes.withdraw(school, code, ids["deux"], 1000)
    assert titles(school, code) == ["un", "trois"]
    assert [one.title for one in classes.of_code(school, code).withdrawn()] == ["deux"]
    classes.put_back(school, code, ids["deux"])
    assert titles(school, code) == ["un", "deux", "trois"]
    classes.withdraw(school, code, ids["deux"], 1000)
    classes.withdraw(school, code, ids["un"], 1000 + classes.UNDO + 1)
    assert [one.title for one in classes.of_code(school, code).withdrawn()] == ["un"]


def test_a_class_reaches_only_what_is_its_own(school, code):
    other = classes.make(school, "5e A")
    ids = give(school, other, "un", "deux")
    classes.announce(school, other, "x", TODAY, TODAY)
    classes.withdraw(school, code, ids["un"], 1000)
    classes.move(school, code, ids["deux"], -1)
    classes.take_down(school, code, classes.of_code(school, other).announcements[0].id)
    assert titles(school, other) == ["un", "deux"]
    classes.withdraw(school, other, ids["un"], 1000)
    classes.put_back(school, code, ids["un"])
    assert titles(school, other) == ["deux"]
    assert classes.of_code(school, other).announcements


def test_announcements_end_and_are_forgotten(school, code):
    classes.announce(school, code, "hier", "2026-11-24", "2026-11-20")
    classes.announce(school, code, "demain", "2026-11-26", TODAY)
    assert [one.text for one in classes.of_code(school, code).announcements] == ["demain"]


def test_what_is_shown_ends_by_itself_or_when_it_is_ended(school, code):
    classes.show(school, code, "a/b/c", "La leçon", now=1000, minutes=60, part="i.html", only=True)
    shown = classes.of_code(school, code)
    assert (classes.current(shown, 1000).title, classes.current(shown, 4599).only) == ("La leçon", True)
    assert classes.current(shown, 4600) is None
    assert classes.current(shown, 999) is None, "a clock that was set back must not show it for years"
    first = shown.showing.mark
    classes.show(school, code, "a/b/c", "La leçon", now=1000, minutes=60)
    assert classes.of_code(school, code).showing.mark != first, "shown again, phones open it again"
    classes.stop_showing(school, code)
    assert classes.of_code(school, code).showing is None


def test_the_home_link_is_off_until_switched_on_and_has_another_key_each_time(school, code, tmp_path):
    assert classes.of_code(school, code).home == ""
    assert classes.of_home_key(tmp_path, "") is None
    keys = []
    for _ in range(2):
        classes.switch_home(school, code, on=True)
        keys.append(classes.of_code(school, code).home)
        assert classes.of_home_key(tmp_path, keys[-1]).code == code
        classes.switch_home(school, code, on=False)
        assert classes.of_home_key(tmp_path, keys[-1]) is None
    assert keys[0] != keys[1]
    assert all(re.fullmatch(r"[a-z2-7]{26}", key) for key in keys)


def test_a_deleted_class_takes_everything_with_it(school, code):
    give(school, code, "un")
    classes.announce(school, code, "x", TODAY, TODAY)
    classes.show(school, code, "a/b/un", "un", now=1, minutes=1)
    classes.delete(school, code)
    for table in ("class", "given", "announcement", "showing"):
        assert (
            school.read(lambda db, t=table: db.execute(f"SELECT count(*) FROM {t}").fetchone()[0], None) == 0
        )


def test_lists_have_an_end_and_say_so(school, code, monkeypatch):
    for name in ("CLASSES", "GIVEN", "ANNOUNCEMENTS"):
        monkeypatch.setattr(classes, name, 2)
    classes.make(school, "5e A")
    give(school, code, "un", "deux")
    for _ in range(2):
        classes.announce(school, code, "x", TODAY, TODAY)
    with pytest.raises(TooMany):
        classes.make(school, "4e C")
    with pytest.raises(TooMany):
        give(school, code, "trois")
    with pytest.raises(TooMany):
        classes.announce(school, code, "x", TODAY, TODAY)


def test_a_class_that_is_gone_is_not_found(school, code):
    classes.delete(school, code)
    for work in (
        lambda: give(school, code, "un"), lambda: classes.delete(school, code), lambda: classes.stop_showing(school, code),
        lambda: classes.show(school, code, "a/b/c", "x", now=1, minutes=1),
        lambda: classes.switch_home(school, code, on=True), lambda: classes.announce(school, code, "x", TODAY, TODAY),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            work()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["up", "down", "withdraw", "back"]), st.integers(0, 3))))
def test_whatever_is_moved_and_withdrawn_no_lesson_is_lost_or_doubled(tmp_path, steps):
    school = SchoolFile(tmp_path)
    code = classes.make(school, "x")
    ids = list(give(school, code, "un", "deux", "trois", "quatre").values())
    for step, which in steps:
        {
            "up": lambda at: classes.move(school, code, at, -1), "down": lambda at: classes.move(school, code, at, 1),
            "withdraw": lambda at: classes.withdraw(school, code, at, 1000), "back": lambda at: classes.put_back(school, code, at),
        }[step](ids[which])  # fmt: skip
    shown = classes.of_code(school, code)
    assert sorted(one.title for one in shown.given) == ["deux", "quatre", "trois", "un"]
    classes.delete(school, code)
