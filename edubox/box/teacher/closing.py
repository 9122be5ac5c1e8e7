"""Before a school closes: one button makes what a class takes along, tells the class, and switches its home link on.

The page proposes the lessons of the class's next week (what is planned until the day of return, what was given lately), the
lightest first; a person ticks. A child makes the files (``school.week``) while the page shows how far it is; pupils get
them on a page of their class, as files, as a zip for a stick, as a booklet. What a power cut interrupts is still asked for,
and a button does it again.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from flask import Blueprint, Response, abort, request

from edubox.box.desk import see, surroundings
from edubox.box.own.identity import now_on
from edubox.box.school import classes, week
from edubox.box.school.desk import own_class
from edubox.box.school.pages import lessons_of, taken_along
from edubox.box.sheet import reached_at
from edubox.box.site import Site
from edubox.box.teacher.work import said
from edubox.errors import NoRoom, NotFound, TooMany
from edubox.pages import week as pages
from edubox.pages.classroom import SchoolClass
from edubox.pages.giving import State
from edubox.pages.model import Lesson
from edubox.pages.week import FAILURES, STEPS

_HERE = "classes"
#: Days that a school may be closed, that the form proposes, and for which what was given counts as under way.
_LONGEST, _USUAL, _LATELY = 366, 7, 14
#: Lessons of a list.
_LISTED = 60
_DAY = 86_400


def progress_of(data: Path, code: str) -> Path:
    """Where the work for the class *code* tells how far it is."""
    return data / "staging" / f"week-{code}.json"


def closing_desk(desk: Blueprint, site: Site) -> None:
    """Add the page to *desk*."""

    @desk.get("/classes/<number>/fermeture/")
    def before_closing(number: str) -> str:
        shown, today = own_class(site, number), now_on(site.data).date()
        days = {
            "first": (today + timedelta(days=1)).isoformat(),
            "usual": (today + timedelta(days=_USUAL)).isoformat(),
            "last": (today + timedelta(days=_LONGEST)).isoformat(),
        }
        here = _offered(site, shown)
        return pages.closing(
            *surroundings(site, _HERE), shown, here, proposed(shown, today), days, _state(site, number),
            taken_along(site, number), reached_at(site),
        )  # fmt: skip

    @desk.post("/classes/<number>/fermeture/")
    def prepare_closing(number: str) -> Response:
        shown, today = own_class(site, number), now_on(site.data).date()
        if request.form.get("action") != "go-on":
            _ask(site, shown, today)
        elif week.wished(site.data, number) is None:
            abort(400)
        if not site.bench.start(_arguments(site, number), progress_of(site.data, number)):
            abort(409)
        return see(surroundings(site, _HERE)[1].at(f"classes/{number}/fermeture/"))


def proposed(shown: SchoolClass, today: date) -> frozenset[str]:
    """Addresses of the lessons of the next week of *shown*: planned for it, or given lately; else the last ones given."""
    until = (today + timedelta(days=_USUAL)).isoformat()
    lately = (today - date(1970, 1, 1)).days - _LATELY
    given = shown.lessons()
    planned = [
        one.lesson for one in given
        if any(today.isoformat() <= day <= until for day in (one.due, one.opens))
        or (not (one.due or one.opens) and one.day // _DAY >= lately)
    ]  # fmt: skip
    return frozenset(planned or [one.lesson for one in given[-_USUAL:]])


def _ask(site: Site, shown: SchoolClass, today: date) -> None:
    """Write down what the form wants, tell the class, and let its home link be on."""
    listed = {one.card.address for one in _offered(site, shown)}
    wanted = tuple(dict.fromkeys(request.form.getlist("lesson")))[:_LISTED]
    text = request.form.get("text", "").strip()
    try:
        back = date.fromisoformat(request.form.get("back", ""))
    except ValueError:
        abort(400)
    if not wanted or not listed.issuperset(wanted) or not today < back <= today + timedelta(days=_LONGEST):
        abort(400)
    try:
        if not shown.home:
            classes.switch_home(site.school, shown.code, on=True)
        if text and text not in {one.text for one in shown.announcements}:
            classes.announce(site.school, shown.code, text, back.isoformat(), today.isoformat())
        week.wish(site.data, shown.code, wanted, back.isoformat())
    except NotFound:
        abort(404)
    except (TooMany, NoRoom):
        abort(409)


def _offered(site: Site, shown: SchoolClass) -> list[Lesson]:
    """The lessons of *shown* that are here, the lightest first."""
    here = lessons_of(site, shown)
    given = dict.fromkeys(one.lesson for one in shown.lessons() if one.lesson in here)
    taken, left = week.lightest_first(here[address] for address in given)
    return (taken + left)[:_LISTED]


def _state(site: Site, code: str) -> State:
    """How far the work for the class *code* is."""
    told = said(progress_of(site.data, code))
    if site.bench.busy(_arguments(site, code)):
        step, done, total = (told.get(key) for key in ("what", "done", "total"))
        return State(
            "working", step if step in STEPS else "waiting", done if isinstance(done, int) else 0,
            total if isinstance(total, int) else 0,
        )  # fmt: skip
    asked, made = week.wished(site.data, code), week.ready(site.data, code)
    if asked is None or (made is not None and made.mark == asked.mark):
        return State()
    if told.get("state") == "failed" and told.get("error") != "ended":
        why = told.get("error")
        return State("failed", why=why if why in FAILURES else "")
    return State("cut")


def _arguments(site: Site, code: str) -> list[str]:
    return ["box", "week", code, "--data", str(site.data), "--json"]
