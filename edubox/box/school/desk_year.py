"""The desk's page for a new school year: what a person ticks is copied or put away, nothing else and never by itself."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from edubox.box.desk import see, surroundings
from edubox.box.own.identity import now_on
from edubox.box.school import classes, year
from edubox.box.school.desk import mine
from edubox.box.site import Site
from edubox.errors import NotFound, TooMany
from edubox.pages import classroom as pages

_HERE = "classes"


def year_desk(desk: Blueprint, site: Site) -> None:
    """Add the page of the new school year to *desk*."""

    @desk.get("/classes/new-year/")
    def prepare() -> str:
        country, today = site.library.country(), now_on(site.data).date()
        last = max((one.ends for one in country.years if one.begins <= today), default=None)
        return pages.desk_year(
            *surroundings(site, _HERE),
            mine(site),
            year.weeks_to_next(country, today),
            last.isoformat() if last else "",
        )

    @desk.post("/classes/new-year/")
    def do() -> Response:
        weeks = request.form.get("weeks", "")
        if not (weeks.isascii() and weeks.isdecimal() and int(weeks[:4]) <= year.MOST_WEEKS):
            abort(400)
        own = {one.code for one in mine(site) if not one.archived}
        copied, away = (set(request.form.getlist(name)[: classes.CLASSES]) for name in ("copy", "put-away"))
        if not (copied | away) <= own:
            abort(404)
        now = int(now_on(site.data).timestamp())
        try:
            # Put away first: a school with as many classes as the box keeps has no room for copies before.
            for code in sorted(away):
                year.put_away(site.school, code, now)
            for code in sorted(copied):
                year.copy(site.school, code, int(weeks), now)
        except NotFound:
            abort(404)
        except TooMany:
            abort(409)
        return see(surroundings(site, _HERE)[1].at("classes/"))
