"""A class's page, and a problem reported: what pupils see, with and without a code, in both languages."""

from __future__ import annotations

import time

import pytest

from edubox.box.school import classes, pages, reports
from edubox.box.school.pages import _LARGEST_FORM
from tests.box.classes.conftest import Browser

VOLCANS = "ministry/test/volcans"


def give(file, code, slug="volcans", **given):
    classes.give(file, code, f"ministry/test/{slug}", slug, day=1_790_000_000, **given)


def test_the_page_has_the_lessons_in_order_with_the_teacher_s_words_and_nothing_is_markup(
    browser, file, code
):
    give(file, code, "lune", note="Lire <b>d’abord</b>")
    give(file, code, part="b.html")
    classes.announce(file, code, "Musée <vendredi>", "2099-01-01", "2026-11-25")
    text = browser.text(f"/fr/classe/{code}/")
    assert "6e &lt;B&gt;" in text
    assert "Musée &lt;vendredi&gt;" in text
    assert "Lire &lt;b&gt;d’abord&lt;/b&gt;" in text
    assert text.index("/fr/lecon/ministry/test/lune/") < text.index("/fr/lecon/ministry/test/volcans/2/")
    assert "/en/lesson/ministry/test/volcans/2/" in browser.text(f"/en/class/{code}/")


def test_the_page_changes_with_what_the_teacher_does_and_costs_nothing_otherwise(browser, file, code):
    first = browser.get(f"/fr/classe/{code}/")
    etag = first.headers["ETag"]
    assert browser.get(f"/fr/classe/{code}/", **{"If-None-Match": etag}).status_code == 304
    give(file, code)
    changed = browser.get(f"/fr/classe/{code}/", **{"If-None-Match": etag})
    assert changed.status_code == 200
    assert "Les volcans" in changed.get_data(as_text=True)


def test_announcements_leave_after_their_last_day(browser, file, code, monkeypatch):
    from datetime import UTC, datetime

    classes.announce(file, code, "Musée", "2026-11-25", "2026-11-20")
    for day, shown in ((25, True), (26, False)):
        monkeypatch.setattr(pages, "now_on", lambda _, day=day: datetime(2026, 11, day, 12, tzinfo=UTC))
        assert ("Musée" in browser.text(f"/fr/classe/{code}/")) == shown


def test_only_this_leaves_one_thing_on_the_page_until_it_ends(browser, file, code, monkeypatch):
    give(file, code, "lune")
    classes.announce(file, code, "Musée", "2099-01-01", "2026-11-25")
    classes.show(file, code, VOLCANS, "x", now=int(time.time()), minutes=1, only=True)
    text = browser.text(f"/fr/classe/{code}/")
    assert f"/fr/lecon/{VOLCANS}/" in text
    for word in ("lune", "Musée", 'role="search"'):
        assert word not in text
    later = time.time() + 61
    monkeypatch.setattr(pages.time, "time", lambda: later)
    assert "lune" in browser.text(f"/fr/classe/{code}/")


def test_a_lesson_that_left_the_box_is_named_and_leads_nowhere(browser, file, code):
    classes.give(file, code, "ministry/test/gone", "Partie", day=1)
    text = browser.text(f"/fr/classe/{code}/")
    assert "Partie" in text
    assert "ministry/test/gone" not in text


def test_a_wrong_code_gets_a_page_that_helps(browser, code):
    answer = browser.get("/fr/classe/111111/")
    assert answer.status_code == 404
    assert "111111" in answer.get_data(as_text=True)
    assert 'name="code"' in answer.get_data(as_text=True)
    assert "12&lt;" in browser.text("/fr/classe/?code=12<")


def test_a_typed_code_leads_to_the_class_spaces_or_not(browser, code):
    for typed in (code, f"+{code}+", f"{code[:3]}+{code[3:]}"):
        assert browser.get(f"/fr/classe/?code={typed}").headers["Location"] == f"/fr/classe/{code}/"


def test_every_lesson_and_part_has_a_way_to_report_a_problem(browser):
    assert f"/fr/signaler/?lesson={VOLCANS.replace('/', '%2F')}&amp;part=0" in browser.text(
        f"/fr/lecon/{VOLCANS}/"
    )
    assert "part=2" in browser.text(f"/fr/lecon/{VOLCANS}/2/")


def test_a_problem_is_reported_with_a_plain_form_and_thanked_for(browser, file):
    form = browser.text(f"/fr/signaler/?lesson={VOLCANS}&part=2")
    assert "S’exercer" in form
    assert 'content="same-origin"' in form, "else browsers hide whose form it is"
    answer = browser.post("/fr/signaler/", lesson=VOLCANS, part="2", kind="media", text="pas de <son>")
    assert answer.status_code == 303
    thanks = browser.text(answer.headers["Location"])
    assert f"/fr/lecon/{VOLCANS}/2/" in thanks
    (report,) = reports.every(file)
    assert (report.lesson, report.part, report.kind, report.text) == (
        VOLCANS,
        "b.html",
        "media",
        "pas de <son>",
    )


@pytest.mark.parametrize("origin", [None, "null", "http://box.local:8081", "http://evil.example"])
def test_only_our_own_pages_may_send_the_form(browser, file, origin):
    assert browser.post("/fr/signaler/", origin, lesson=VOLCANS, kind="media").status_code == 403
    assert reports.count(file) == 0


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"lesson": "ministry/test/gone", "kind": "media"}, 400), ({"lesson": VOLCANS, "kind": "x"}, 400),
        ({"lesson": "x" * 10_000, "kind": "media"}, 400), ({"lesson": VOLCANS}, 400), ({}, 400),
        ({"lesson": VOLCANS, "kind": "media", "text": "x" * _LARGEST_FORM}, 413),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_written(browser, file, fields, status):
    assert browser.post("/fr/signaler/", **fields).status_code == status
    assert reports.count(file) == 0


def test_a_part_that_is_none_is_the_lesson_and_odd_text_is_kept_as_text(browser, file):
    browser.post(
        "/fr/signaler/",
        lesson=VOLCANS,
        part="-1' OR 1",
        kind="other",
        text="\x00\u202e'); DROP TABLE report;--",
    )
    (report,) = reports.every(file)
    assert (report.part, report.count) == ("", 1)


def test_a_flood_is_told_to_wait_and_writes_little(browser, file):
    places = [
        browser.post("/fr/signaler/", lesson=VOLCANS, kind="media").headers["Location"] for _ in range(25)
    ]
    assert sum("thanks" in one for one in places) == reports.A_MINUTE
    assert reports.every(file)[0].count == reports.A_MINUTE
    assert browser.get(places[-1]).status_code == 200


def test_a_full_list_is_said_to_the_reader(browser, file, monkeypatch):
    monkeypatch.setattr(reports, "KEPT", 0)
    assert "said=full" in browser.post("/fr/signaler/", lesson=VOLCANS, kind="media").headers["Location"]


def test_without_a_lesson_the_page_tells_where_the_form_is_as_in_an_exported_site(browser):
    for address in ("/fr/signaler/", "/en/report/", "/fr/signaler/?lesson=ministry/test/gone&said=thanks"):
        assert "<form class" not in browser.text(address).replace('<form class="find"', "").replace(
            '<form class="panel"', ""
        )


def test_a_damaged_file_is_a_calm_page_and_lessons_go_on(browser, file, code):
    file.path.write_bytes(b"")
    assert browser.get(f"/fr/classe/{code}/").status_code == 503
    assert browser.get(f"/fr/lecon/{VOLCANS}/").status_code == 200


def test_the_box_s_other_doors_do_not_open_for_a_post(browser):
    assert browser.post("/fr/", x="1").status_code == 405
    assert browser.post("/fr/classe/", code="1").status_code == 405


def test_a_language_of_its_own_has_its_own_form(box):
    arab = Browser(box.data, languages=["ar", "fr"])
    assert (
        arab.post("/ar/report/", lesson=VOLCANS, kind="media").headers["Location"].startswith("/ar/report/")
    )
