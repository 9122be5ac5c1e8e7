"""The teacher's side of drop-boxes: the list of what came, each file and all of them to take away, and erasing by hand.

Only teachers of the class read what its pupils hand in; an administrator who is none sees how much there is and may erase
it, and adds themselves to the class, which everybody of it sees, before reading. Files are a stranger's: they leave as
attachments, in a sandbox, and never open on the desk's origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from flask import Blueprint, Response, abort, request, send_file

from edubox.box.accounts import journal
from edubox.box.accounts.person import me
from edubox.box.desk import see, surroundings
from edubox.box.own.identity import now_on
from edubox.box.school import classes, export, handins
from edubox.box.school.desk import own_class
from edubox.box.school.handing import said_time
from edubox.box.site import Site
from edubox.errors import NotFound
from edubox.pages import handing
from edubox.pages.classroom import DropBox, SchoolClass

_HERE = "classes"
#: Nothing of it may run, load or be framed, whatever it is.
_SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def handin_desk(desk: Blueprint, site: Site) -> None:
    """Add the pages of drop-boxes, and the export of a class, to *desk*."""

    def found(number: str, box: int, *, to_read: bool = False) -> tuple[SchoolClass, DropBox]:
        shown = own_class(site, number)
        one = next((one for one in shown.dropboxes if one.id == box), None)
        if one is None or (to_read and not classes.belongs(shown, me())):
            abort(404)
        return shown, one

    @desk.get("/classes/<number>/handins/<int:box>/")
    def handed_in(number: str, box: int) -> str:
        shown, one = found(number, box)
        mine = classes.belongs(shown, me())
        is_open = now_on(site.data).date().isoformat() <= one.until
        listed = handins.listed(site.school, one) if mine else []
        frame, here = surroundings(site, _HERE)
        received = {handed.id: said_time(handed.at, frame) for handed in listed}
        return handing.desk_handins(frame, here, shown, one, listed, received, open_now=is_open, mine=mine)

    @desk.post("/classes/<number>/handins/<int:box>/")
    def erase(number: str, box: int) -> Response:
        shown, one = found(number, box)
        action, ident = request.form.get("action", ""), request.form.get("id", "")
        around = surroundings(site, _HERE)[1]
        if action == "erase" and classes.belongs(shown, me()):
            if handins.one(site.school, one, ident) is None:
                abort(404)
            handins.take_back(site.school, site.data, ident)
            return see(around.at(f"classes/{number}/handins/{box}/"))
        if action != "erase-all":
            abort(400)
        try:
            handins.close_box(site.school, site.data, number, box)
        except NotFound:
            abort(404)
        journal.note(site.school, me(), "erased-drop-box", shown.name)
        return see(around.at(f"classes/{number}/"))

    @desk.get("/classes/<number>/handins/<int:box>/<ident>")
    def file(number: str, box: int, ident: str) -> Response:
        _, one = found(number, box, to_read=True)
        handed = handins.one(site.school, one, ident)
        path = handins.path_of(site.data, ident) if handed else None
        if handed is None or path is None:
            abort(404)
        answer = send_file(
            path.absolute(),
            handed.media,
            as_attachment=True,
            download_name=f"{handed.name} - {handed.file}",
            conditional=False,
        )
        answer.headers["Content-Security-Policy"] = _SANDBOX
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @desk.get("/classes/<number>/handins/<int:box>/all.zip")
    def every_file(number: str, box: int) -> Response:
        shown, one = found(number, box, to_read=True)
        return _zip(export.of_box(site.data, handins.listed(site.school, one)), f"{shown.name} - {one.title}")

    @desk.get("/classes/<number>/export.zip")
    def whole_class(number: str) -> Response:
        shown = own_class(site, number)
        openings = site.openings.of_class(number, now_on(site.data).date().replace(year=2000, day=1))
        made = export.of_class(site.school, site.data, shown, openings, mine=classes.belongs(shown, me()))
        return _zip(made, shown.name)


def _zip(pieces: Iterator[bytes], name: str) -> Response:
    answer = Response(pieces, mimetype="application/zip")
    called = quote(handins.file_name(f"{name}.", ".zip"))
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{called}"
    answer.headers["Content-Security-Policy"] = _SANDBOX
    return answer
