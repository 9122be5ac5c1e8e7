"""What pupils see of their class, and where they report a problem: pages that depend on what people wrote.

A class's page is kept like every page, until the lessons, ``school.db`` or the day change. What a class takes along before
its school closes has a page, a booklet and a zip, while its teacher has prepared them. Reports come from anybody
who reads; what can be checked without knowing who is checked: that the form was one of our own pages (``Origin``), that
the lesson is here, and that not too many come at once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from flask import Flask, Response, abort, request

from edubox.box.kept import Rendered, rendered
from edubox.box.origins import host
from edubox.box.own.identity import now_on
from edubox.box.school import classes, reports, week
from edubox.box.school.reports import Turnstile
from edubox.box.site import Site
from edubox.errors import TooMany
from edubox.pages import classroom
from edubox.pages import week as week_pages
from edubox.pages.addresses import Place, parse, path
from edubox.pages.classroom import REPORTS, SchoolClass
from edubox.pages.model import Frame, Lesson, Part
from edubox.pages.takehome.booklet import class_booklet
from edubox.pages.week import Taken

#: Characters of a code as somebody may type it, with spaces.
_LONGEST_CODE = 11
#: Bytes of a form with 500 characters of any script.
_LARGEST_FORM = 16_384
_LONGEST_ADDRESS = 200
_SAID = {"thanks", "full", "flood"}


def class_answer(site: Site, frame: Frame, place: Place, changes: int) -> Rendered:
    """The page of a class, or where its code is typed. Raises DamagedSchool."""
    if not place.code:
        return rendered(classroom.code_page(frame, request.args.get("code", "")[:_LONGEST_CODE]))
    now, today = time.time(), now_on(site.data).date().isoformat()
    version = site.school.version()
    shown = classes.of_code(site.school, place.code)
    if shown is None:
        return rendered(classroom.code_page(frame, place.code), 404)
    shown = as_of(shown, now, today)
    mark = shown.showing.mark if shown.showing else 0
    asked = request.args.get("group", "")[: classes.PARTY]
    party = asked if asked in shown.parties() else ""
    takes = week.ready(site.data, place.code) is not None
    key = ("class", changes, version, mark, today, party, takes, frame.stale_days, frame.language, place)
    return site.page(
        frame,
        key,
        lambda: rendered(
            classroom.class_page(frame, shown, lessons_of(site, shown), today, party, takes=takes)
        ),
    )


def week_answer(site: Site, frame: Frame, place: Place, changes: int) -> Rendered | None:
    """What the class at *place* takes along, or its booklet; None: nothing is prepared. Raises DamagedSchool."""
    version, today = site.school.version(), now_on(site.data).date().isoformat()
    found, made = classes.of_code(site.school, place.code), week.ready(site.data, place.code)
    taken = taken_along(site, place.code)
    if found is None or made is None or taken is None:
        return None
    shown = as_of(found, time.time(), today)

    def make() -> Rendered:
        if place.kind == "booklet":
            return rendered(class_booklet(frame, shown.code, shown.name, taken.lessons, site.data / "site"))
        return rendered(week_pages.week_page(frame, shown, taken))

    return site.page(
        frame, (changes, version, today, made.mark, frame.stale_days, frame.language, place), make
    )


def taken_along(site: Site, code: str) -> Taken | None:
    """What was made for the class *code* to take along; None if nothing was, or nothing of it is here any more."""
    made = week.ready(site.data, code)
    if made is None:
        return None
    lessons, left = (
        tuple(found for one in addresses if (found := site.library.lesson(one)) is not None)
        for addresses in (made.lessons, made.left)
    )
    return Taken(lessons, left, made.back, made.size) if lessons else None


def typed(language: str, languages: tuple[str, ...]) -> str | None:
    """Where somebody who typed a code into the form wants to go, None if it cannot be a code."""
    digits = "".join(request.args.get("code", "")[:_LONGEST_CODE].split())
    address = path(Place("class", code=digits), language)
    return address if digits and parse(address, languages) else None


def as_of(shown: SchoolClass, now: float, today: str) -> SchoolClass:
    """*shown* as it is at *now*, on the day *today*: without what has ended."""
    told = tuple(one for one in shown.announcements if one.until >= today)
    return replace(shown, announcements=told, showing=classes.current(shown, now))


def lessons_of(site: Site, shown: SchoolClass) -> dict[str, Lesson]:
    """The lessons that *shown* speaks of, by address; without those that are not here."""
    wanted = {one.lesson for one in shown.given} | ({shown.showing.lesson} if shown.showing else set())
    found = {address: site.library.lesson(address) for address in wanted}
    return {address: lesson for address, lesson in found.items() if lesson is not None}


def report_answer(site: Site, frame: Frame) -> Rendered:
    """The form to report a problem with the lesson that the query names, or what came of it."""
    lesson, part = _about(site, request.args)
    said = request.args.get("said", "")
    if lesson is None:
        return rendered(classroom.report_page(frame, None))
    return rendered(classroom.report_page(frame, lesson.card, part, said if said in _SAID else ""))


def take_reports(app: Flask, site: Site) -> None:
    """Let *app* take the form of ``report_answer``, in every language."""
    turnstile = Turnstile(time.monotonic)
    for language in site.languages:
        address = path(Place("report"), language)
        view = partial(_take, site, turnstile, address)
        app.add_url_rule(address, f"report-{language}", view, methods=["POST"])


def _take(site: Site, turnstile: Turnstile, address: str) -> Response:
    if host(request.environ) is None or request.headers.get("Origin") != request.host_url.rstrip("/"):
        abort(403)
    if (request.content_length or 0) > _LARGEST_FORM:
        abort(413)
    lesson, part = _about(site, request.form)
    kind = request.form.get("kind", "")
    if lesson is None or kind not in REPORTS:
        abort(400)
    said = "flood"
    if turnstile.lets_pass():
        title = f"{part.title} – {lesson.card.title}" if part else lesson.card.title
        try:
            reports.add(
                site.school, lesson.card.address, part.path if part else "", title, kind, request.form.get("text", ""),
                int(now_on(site.data).timestamp()),
            )  # fmt: skip
            said = "thanks"
        except TooMany:
            said = "full"
    answer = Response(status=303)
    answer.autocorrect_location_header = False
    number = part.number if part else 0
    answer.headers["Location"] = f"{address}?lesson={lesson.card.address}&part={number}&said={said}"
    return answer


def _about(site: Site, given: Mapping[str, str]) -> tuple[Lesson | None, Part | None]:
    """The lesson and the part that the fields *given* name."""
    lesson = site.library.lesson(given.get("lesson", "")[:_LONGEST_ADDRESS])
    number = given.get("part", "")
    found = [one for one in lesson.openable() if str(one.number) == number] if lesson else []
    return lesson, found[0] if found else None
