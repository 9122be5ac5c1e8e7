"""The teacher's side of classes, among the pages of the desk: plain forms, one action each, and every page works without a script.

A class belongs to its teacher and the colleagues that were added; an administrator sees all, and for one without an owner
every teacher is. ``desk_handins`` and ``desk_year`` add their pages here. A form that says what cannot be is refused (400); a
class that was deleted meanwhile, or is somebody else's, is a page that is not there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from gettext import NullTranslations
from typing import Any

from flask import Blueprint, Response, abort, request

from edubox.box.accounts import journal
from edubox.box.accounts.person import me
from edubox.box.desk import see, surroundings
from edubox.box.own.identity import now_on
from edubox.box.school import classes, handins, reports, week, year
from edubox.box.school.colleagues import colleagues
from edubox.box.school.pages import as_of, lessons_of
from edubox.box.sheet import reached_at
from edubox.box.site import Site
from edubox.errors import DamagedSchool, NotFound, TooMany
from edubox.pages import amounts
from edubox.pages import classroom as pages
from edubox.pages.classroom import Given, SchoolClass, place_of

_HERE = "classes"
#: Days for which something can be announced.
_LONGEST = 366
#: Days of which openings are shown.
_COUNTED = 14
_LESSONS_LISTED = 60
_LONGEST_QUERY = 200


def class_desk(desk: Blueprint, site: Site) -> None:
    """Add the pages of classes to *desk*."""
    school = site.school

    def found(number: str) -> SchoolClass:
        return as_of(own_class(site, number), time.time(), _today(site).isoformat())

    def back(rest: str) -> Response:
        return see(surroundings(site, _HERE)[1].at(f"classes/{rest}"))

    @desk.get("/classes/")
    def listed() -> str:
        now, today = time.time(), _today(site).isoformat()
        damaged = bool(school.damaged())
        try:
            every, problems = [as_of(one, now, today) for one in mine(site)], reports.count(school)
        except DamagedSchool:  # the next class begins a new file, and this one is set aside
            every, problems, damaged = [], 0, True
        return pages.desk_classes(
            *surroundings(site, _HERE), [one for one in every if not one.archived], problems, damaged=damaged,
            full=len(every) >= classes.CLASSES, archived=sum(bool(one.archived) for one in every),
            new_year=year.is_time(site.library.country(), _today(site)),
        )  # fmt: skip

    @desk.post("/classes/")
    def make() -> Response:
        name, level = classes.line(_field("name"), classes.NAME), _field("level")
        if not name or (level and site.library.country().level(level) is None):
            abort(400)
        return back(f"{_done(lambda: classes.make(school, name, level, me().id or None))}/")

    @desk.get("/classes/<number>/")
    def one(number: str) -> str:
        frame, here = surroundings(site, _HERE)
        shown = found(number)
        return pages.desk_class(
            frame, here, shown, lessons_of(site, shown), _dates(site, shown, frame.words),
            site.openings.of_class(number, _today(site) - timedelta(days=_COUNTED)), names=colleagues(site),
            mine=classes.belongs(shown, me()),
        )  # fmt: skip

    @desk.post("/classes/<number>/")
    def change(number: str) -> Response:
        shown = found(number)
        action = _actions(site, shown).get(_field("action"))
        if action is None:
            abort(400)
        _done(action)
        return back(f"{number}/" if classes.allowed(_again(site, number), me()) else "")

    @desk.get("/classes/<number>/give/")
    def choose(number: str) -> str:
        frame, here = surroundings(site, _HERE)
        shown, query = found(number), request.args.get("q", "")[:_LONGEST_QUERY].strip()
        chosen = site.library.lesson(request.args.get("lesson", "")[:_LONGEST_QUERY])
        if query:
            cards = list(dict.fromkeys(hit.card for hit in site.library.search(query, frame.language)))
        else:  # those of the class's own level first, the newest first
            cards = sorted(site.library.cards(), key=lambda card: shown.level not in card.levels)
        return pages.desk_give(frame, here, shown, query, cards[:_LESSONS_LISTED], chosen)

    @desk.post("/classes/<number>/give/")
    def give(number: str) -> Response:
        found(number)
        lesson = site.library.lesson(_field("lesson"))
        chosen = _field("part")
        parts = [one for one in lesson.openable() if str(one.number) == chosen] if lesson else []
        if lesson is None or (chosen and not parts):
            abort(400)
        part, title = (parts[0].path, parts[0].title) if parts else ("", lesson.card.title)
        address, day = lesson.card.address, int(now_on(site.data).timestamp())
        _done(lambda: classes.give(school, number, address, title, day=day, part=part, note=_field("note")))
        if _field("action") == "show":
            _done(lambda: classes.show(
                school, number, address, title, part=part, now=int(time.time()), minutes=site.settings["show_minutes"],
            ))  # fmt: skip
        return back(f"{number}/")

    @desk.get("/classes/<number>/delete/")
    def ask_once_more(number: str) -> str:
        return pages.desk_delete(*surroundings(site, _HERE), found(number))

    @desk.post("/classes/<number>/delete/")
    def delete(number: str) -> Response:
        shown = found(number)
        if _field("action") != "delete":
            abort(400)
        _done(lambda: handins.erase_class(school, site.data, number))
        week.forget(site.data, number)
        journal.note(school, me(), "deleted-class", shown.name)
        return back("")

    @desk.get("/classes/sheet/")
    def sheet() -> str:
        return pages.class_sheet(
            *surroundings(site, _HERE), [one for one in mine(site) if not one.archived], reached_at(site)
        )

    @desk.get("/classes/reports/")
    def reported() -> str:
        frame, here = surroundings(site, _HERE)
        listed = []
        for report in reports.every(school):
            lesson = site.library.lesson(report.lesson)
            listed.append((report, None if lesson is None else place_of(lesson, report.part)))
        return pages.desk_reports(frame, here, listed)

    @desk.post("/classes/reports/")
    def dealt_with() -> Response:
        if _field("action") != "done":
            abort(400)
        _done(lambda: reports.done(school, _number("id")))
        return back("reports/")


def mine(site: Site) -> list[SchoolClass]:
    """The classes that who asks may see, own ones first. Raises DamagedSchool."""
    person = me()
    every = [one for one in classes.every(site.school) if classes.allowed(one, person)]
    return sorted(every, key=lambda one: one.owner != person.id and person.id not in one.colleagues)


def own_class(site: Site, number: str) -> SchoolClass:
    """The class with the code *number*; a page that is not there, if there is none or it is somebody else's."""
    shown = classes.of_teachers(site.school, number)
    if shown is None or not classes.allowed(shown, me()):
        abort(404)
    return shown


def _again(site: Site, number: str) -> SchoolClass:
    return classes.of_teachers(site.school, number) or abort(404)


def _actions(site: Site, shown: SchoolClass) -> dict[str, Callable[[], object]]:
    """What the buttons on the page of a class do, by their names."""
    school, code = site.school, shown.code

    def show(*, only: bool) -> None:
        one = _given(shown)
        classes.show(
            school, code, one.lesson, one.title, part=one.part, only=only, now=int(time.time()),
            minutes=site.settings["show_minutes"],
        )  # fmt: skip

    return {
        "show": lambda: show(only=False),
        "only": lambda: show(only=True),
        "stop": lambda: classes.stop_showing(school, code),
        "withdraw": lambda: classes.withdraw(
            school, code, _given(shown).id, int(now_on(site.data).timestamp())
        ),
        "put-back": lambda: classes.put_back(school, code, _given(shown).id),
        "up": lambda: classes.move(school, code, _given(shown).id, -1),
        "down": lambda: classes.move(school, code, _given(shown).id, 1),
        "announce": lambda: _announce(site, code),
        "take-down": lambda: classes.take_down(school, code, _number("id")),
        "plan": lambda: _plan(site, shown),
        "colleague": lambda: _add_colleague(site, shown),
        "no-colleague": lambda: classes.remove_colleague(school, code, _number("id")),
        "put-away": lambda: year.put_away(school, code, int(now_on(site.data).timestamp())),
        "take-out": lambda: year.take_out(school, code),
        "open-box": lambda: _open_box(site, code),
        "home-on": lambda: classes.switch_home(school, code, on=True),
        "home-off": lambda: classes.switch_home(school, code, on=False),
    }


def _plan(site: Site, shown: SchoolClass) -> None:
    one = _given(shown)
    classes.plan(
        site.school, shown.code, one.id, heading=_field("heading"), opens=day_of("opens"), due=day_of("due"),
        party=_field("party"), note=_field("note"),
    )  # fmt: skip


def _add_colleague(site: Site, shown: SchoolClass) -> None:
    person, known = _number("id"), colleagues(site)
    if person not in known:
        abort(400)
    classes.add_colleague(site.school, shown.code, person)
    # Whoever is added reads what pupils hand in: an administrator, too, who adds himself.
    journal.note(site.school, me(), "shared-class", f"{shown.name} – {known[person]}")


def _open_box(site: Site, code: str) -> None:
    today = _today(site)
    title, until, erase = classes.line(_field("title"), handins.TITLE), day_of("until"), day_of("erase")
    last = (today + timedelta(days=handins.LONGEST)).isoformat()
    if not title or not today.isoformat() <= until < erase <= last:
        abort(400)
    handins.open_box(site.school, code, title, _field("ask"), until, erase)


def day_of(name: str) -> str:
    """The day in the field *name*, ``2026-11-30``, or nothing; what is neither is refused."""
    text = _field(name)
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        abort(400)


def _announce(site: Site, code: str) -> None:
    today = _today(site)
    try:
        until = date.fromisoformat(_field("until"))
    except ValueError:
        abort(400)
    if not _field("text").strip() or not today <= until <= today + timedelta(days=_LONGEST):
        abort(400)
    classes.announce(site.school, code, _field("text"), until.isoformat(), today.isoformat())


def _dates(site: Site, shown: SchoolClass, words: NullTranslations) -> dict[str, str]:
    """The days that the form of announcements offers, the last days of announcements and the end of what is shown, in words."""
    today = _today(site)
    said = {
        one.until: amounts.day(int(datetime.fromisoformat(f"{one.until}T12:00:00+00:00").timestamp()), words)
        for one in shown.announcements
    }
    said["first"], said["usual"], said["last"] = (
        (today + timedelta(days=days)).isoformat() for days in (0, pages.FORTNIGHT, _LONGEST)
    )
    said["week"], said["erase"], said["erase-last"] = (
        (today + timedelta(days=days)).isoformat() for days in (7, 7 + handins.USUAL, handins.LONGEST)
    )
    now = datetime.now().astimezone()
    end = now if shown.showing is None else datetime.fromtimestamp(shown.showing.until).astimezone()
    return said | {"ends": amounts.hour(end, now, words)}


def _today(site: Site) -> date:
    return now_on(site.data).date()


def _given(shown: SchoolClass) -> Given:
    """The lesson of *shown* that the form means."""
    wanted = _number("id")
    found = next((one for one in shown.given if one.id == wanted), None)
    if found is None:
        abort(404)
    return found


def _field(name: str) -> str:
    return request.form.get(name, "")


def _number(name: str) -> int:
    text = _field(name)
    if not (text.isascii() and text.isdecimal() and len(text) < 18):
        abort(400)
    return int(text)


def _done(work: Callable[[], Any]) -> Any:
    """What *work* gives; a class that is gone is not found, a list that is full is a conflict."""
    try:
        return work()
    except NotFound:
        abort(404)
    except TooMany:
        abort(409)
