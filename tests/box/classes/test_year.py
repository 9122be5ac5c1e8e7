"""A new school year is a person's doing: copies with later dates, classes put away and taken out again."""

from __future__ import annotations

from datetime import date

import pytest

from edubox.box.school import classes, year
from edubox.pages.country import Country, Year

COUNTRY = Country(years=(Year(date(2026, 9, 1), date(2027, 7, 3)), Year(date(2027, 9, 2), date(2028, 7, 1))))


def by_code(file):
    return {one.code: one for one in classes.every(file)}


def plan(file, code):
    classes.give(file, code, "ministry/test/lune", "La Lune", day=1)
    (one,) = classes.of_teachers(file, code).given
    classes.plan(
        file, code, one.id, heading="Semaine 3", opens="2026-11-23", due="2026-11-30", party="A", note="Lire"
    )


def test_a_copy_has_the_same_lessons_on_the_same_weekdays_and_a_code_of_its_own(browser, file, code):
    plan(file, code)
    classes.announce(file, code, "Musée", "2099-01-01", "2026-01-01")
    assert 'value="52"' in browser.desk("new-year/")
    browser.act("new-year/", **{"copy": code, "put-away": code, "weeks": "52"})
    old, new = (one for _, one in sorted(by_code(file).items(), key=lambda item: item[0] != code))
    (one,) = new.given
    assert (one.opens, one.due, one.heading, one.party, one.note) == (
        "2027-11-22",
        "2027-11-29",
        "Semaine 3",
        "A",
        "Lire",
    )
    assert date.fromisoformat(one.due).weekday() == date(2026, 11, 30).weekday()
    assert new.code != old.code
    assert not new.announcements
    assert old.archived
    assert browser.get(f"/fr/classe/{old.code}/").status_code == 404
    assert browser.get(f"/class/{old.code}/now.json").status_code == 404
    assert browser.get(f"/fr/classe/{new.code}/").status_code == 200


def test_a_class_that_was_put_away_is_taken_out_again_as_it_was(browser, file, code):
    plan(file, code)
    before = by_code(file)[code]
    browser.act(f"{code}/", action="put-away")
    assert f"/classes/{code}/" in browser.desk("new-year/")
    browser.act(f"{code}/", action="take-out")
    assert by_code(file)[code] == before
    assert browser.get(f"/fr/classe/{code}/").status_code == 200


@pytest.mark.parametrize(
    "fields", [{"weeks": "x"}, {"weeks": "-1"}, {"weeks": "9999"}, {}, {"weeks": "52", "copy": "111111"}]
)
def test_what_cannot_be_is_refused_and_changes_nothing(browser, file, code, fields):
    before = classes.every(file)
    assert browser.post("/bureau/classes/new-year/", **fields).status_code in {400, 404}
    assert classes.every(file) == before


def test_the_weeks_and_the_moment_come_from_the_country_s_school_years():
    assert year.weeks_to_next(COUNTRY, date(2027, 5, 1)) == 52
    assert year.weeks_to_next(Country(), date(2027, 5, 1)) == year.USUAL_WEEKS
    days = [date(2026, 10, 1), date(2027, 7, 4), date(2027, 9, 20), date(2027, 11, 1)]
    assert [year.is_time(COUNTRY, day) for day in days] == [False, True, True, False]
    assert not year.is_time(Country(), date(2027, 7, 4))


def test_pupils_see_dates_headings_and_a_curtain_that_opens(browser, file, code):
    classes.give(file, code, "ministry/test/lune", "La Lune", day=1)
    (one,) = classes.of_teachers(file, code).given
    browser.act(
        f"{code}/",
        action="plan",
        id=one.id,
        heading="Semaine 3",
        due="2098-12-01",
        opens="",
        party="",
        note="",
    )
    text = browser.text(f"/fr/classe/{code}/")
    assert "Semaine 3" in text
    assert "1 décembre" in text
    browser.act(
        f"{code}/", action="plan", id=one.id, heading="", due="", opens="2098-11-23", party="", note=""
    )
    text = browser.text(f"/fr/classe/{code}/")
    assert "early" in text
    assert "/fr/lecon/ministry/test/lune/" in text, "a curtain, not a lock"
    assert (
        browser.post(f"/bureau/classes/{code}/", action="plan", id=one.id, due="tomorrow").status_code == 400
    )


def test_a_pupil_chooses_a_group_and_the_box_keeps_nothing_of_it(browser, file, code):
    for slug, party in (("lune", "A"), ("eau", "B"), ("volcans", "")):
        classes.give(file, code, f"ministry/test/{slug}", slug, day=1)
        one = classes.of_teachers(file, code).given[-1]
        classes.plan(file, code, one.id, heading="", opens="", due="", party=party, note="")
    before = file.path.read_bytes()
    text = browser.text(f"/fr/classe/{code}/?group=A")
    assert "test/lune/" in text
    assert "test/volcans/" in text
    assert "test/eau/" not in text
    assert "test/eau/" in browser.text(f"/fr/classe/{code}/?group=Z")
    assert file.path.read_bytes() == before
