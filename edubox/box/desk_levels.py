"""``/bureau/boitier/niveaux/``: the person in charge says which levels the school teaches, for what its academy proposes.

It is the setting ``levels`` of ``box.toml``; nothing else of that file changes. The academy's lists are looked at again with the
next synchronisation, which reads the file for itself (``sync.following``).
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from edubox.box.accounts import journal
from edubox.box.accounts.guard import needs
from edubox.box.accounts.person import ADMIN, me
from edubox.box.desk import see, surroundings
from edubox.box.site import Site
from edubox.errors import BadInput, NoRoom
from edubox.pages import state as pages
from edubox.settings import load_settings, with_setting
from edubox.store.platform import write_atomic
from edubox.sync.following import current_proposal

_HERE = "state"


def levels_desk(desk: Blueprint, site: Site) -> None:
    """Add the page to *desk*."""
    file = site.data / "box.toml"

    def page(problem: str = "", *, done: bool = False) -> str:
        said, known = _said(site), site.library.levels()
        return pages.levels(
            *surroundings(site, _HERE), pages.Taught(
                known.of(said) if said else (), tuple(known.unknown(said)) if known.ids else (),
                current_proposal(site.data).authority, problem, done=done,
            ),
        )  # fmt: skip

    @desk.get("/boitier/niveaux/")
    @needs(ADMIN)
    def levels_page() -> str:
        return page(done=request.args.get("done") == "1")

    @desk.post("/boitier/niveaux/")
    @needs(ADMIN)
    def choose_levels() -> Response:
        wanted = set(request.form.getlist("level"))
        known = site.library.levels().ids
        if not known or not wanted <= set(known):
            abort(400)  # no page of ours offered that
        chosen = [one for one in known if one in wanted]
        try:
            load_settings(file)
            text = file.read_text("utf-8")
            write_atomic(file, with_setting(text, "levels", chosen).encode())
        except (BadInput, OSError):
            return Response(page("unreadable"), 409)
        except NoRoom:
            return Response(page("no-room"), 507)
        journal.note(site.school, me(), "chose-levels")
        here = surroundings(site, _HERE)[1]
        return see(f"{here.at('boitier/niveaux/')}{'&' if here.query else '?'}done=1")


def _said(site: Site) -> list[str]:
    """What the file says now: a technician may have changed it since the box was started."""
    try:
        return list(load_settings(site.data / "box.toml")["levels"])
    except BadInput:
        return list(site.settings["levels"])
