"""The desk's first page, and the page on which a draft is composed.

A draft's page is one form: its title, its contents line by line, and buttons that say what to do with a line. Whatever is
pressed, what was typed is kept with it. The form says of which version of the draft it was made; if another tab changed it
meanwhile, nothing is overwritten and the page says so. After every change the draft is put together again by itself
(``making``), and ``compose.js`` asks ``state.json`` how far that is.
"""

from __future__ import annotations

import time
from dataclasses import replace

from flask import Blueprint, Response, abort, jsonify, request

from edubox.box.accounts.person import me
from edubox.box.desk import see, surroundings
from edubox.box.school.desk import mine
from edubox.box.site import Site
from edubox.box.teacher import drafts, versions
from edubox.box.teacher.build import report
from edubox.box.teacher.draft import Draft, Entry, one_line, safe_path
from edubox.box.teacher.making import done, making, open_draft, put_together
from edubox.errors import EditedMeanwhile
from edubox.pack.media_types import extension
from edubox.pages import drafting as pages
from edubox.pages.drafting import Listed, Row
from edubox.pages.weights import Weight, minutes

_HERE = "home"
#: Lessons given that the first page lists; the others have a page of their own.
_LISTED = 5
_EDITORS = {"md": "text", "markdown": "text", "gift": "quiz"}
#: What a button may ask for: alone, or followed by the number of a line.
_ALONE = {"save", "heading"}
_OF_LINE = {"up", "down", "aside", "drop"}


def draft_desk(desk: Blueprint, site: Site) -> None:
    """Add both to *desk*."""

    @desk.get("/")
    def desk_home() -> str:
        drafts.empty_bin(site.data)
        person = me()
        own, thrown = drafts.every(site.data, person), drafts.every(site.data, person, thrown=True)
        given = [one for one in versions.every(site.school) if one.owner == person.id and not one.withdrawn]
        return pages.home(
            *surroundings(site, _HERE), [_listed(one) for one in own], [_listed(one) for one in thrown], given[:_LISTED],
            [one for one in mine(site) if not one.archived], now=time.time(), full=len(own) >= drafts.MAX_DRAFTS,
        )  # fmt: skip

    @desk.post("/")
    def begin_draft() -> Response:
        """A draft with nothing in it, for somebody who writes their lesson here."""
        frame, here = surroundings(site, _HERE)
        title = one_line(request.form.get("title", "")) or frame.words.gettext("New lesson")
        return see(here.at(f"drafts/{done(lambda: drafts.create(site.data, me(), title)).id}/"))

    @desk.get("/drafts/<ident>/")
    def show_draft(ident: str) -> str:
        return _page(site, open_draft(site, ident), saved="saved" in request.args)

    @desk.post("/drafts/<ident>/")
    def compose_draft(ident: str) -> Response | tuple[str, int]:
        shown, script = open_draft(site, ident), "script" in request.form
        try:
            kept = _kept(site, _composed(site, shown))
        except EditedMeanwhile:
            if script:
                return jsonify({"conflict": True})
            return _page(site, shown, conflict=True), 409
        made = put_together(site, kept)
        if script:
            return jsonify({"conflict": False, "version": kept.version, "state": made.state})
        here = surroundings(site, _HERE)[1]
        return see(here.at(f"drafts/{ident}/") + ("&" if here.query else "?") + "saved#contents")

    @desk.get("/drafts/<ident>/state.json")
    def draft_state(ident: str) -> Response:
        made = put_together(site, open_draft(site, ident))
        return jsonify({"state": made.state, "done": made.done, "total": made.total})

    @desk.post("/drafts/<ident>/file/")
    def change_file(ident: str) -> Response:
        shown, action, path = (
            open_draft(site, ident),
            request.form.get("action", ""),
            request.form.get("path", ""),
        )
        if not safe_path(path) or action not in {"back", "remove", "remove-staff"}:
            abort(400)
        if action == "remove-staff":
            done(lambda: drafts.remove_file(site.data, ident, path, staff=True))
        else:
            if action == "remove":
                done(lambda: drafts.remove_file(site.data, ident, path))
            left = tuple(one for one in shown.aside if one != path)
            done(lambda: drafts.change(site.data, replace(shown, aside=left)))
        return see(surroundings(site, _HERE)[1].at(f"drafts/{ident}/"))

    @desk.post("/drafts/<ident>/again/")
    def build_again(ident: str) -> Response:
        put_together(site, open_draft(site, ident), again=True)
        return see(surroundings(site, _HERE)[1].at(f"drafts/{ident}/"))

    @desk.post("/drafts/<ident>/thrown/")
    def throw_draft(ident: str) -> Response:
        """Into the bin, or out of it again."""
        if request.form.get("action", "") == "back":
            shown = done(lambda: drafts.read(site.data, ident))
            if not drafts.allowed(shown, me()):
                abort(404)
            done(lambda: drafts.take_back(site.data, ident))
        else:
            open_draft(site, ident)
            done(lambda: drafts.throw_away(site.data, ident))
        return see(surroundings(site, _HERE)[1].at())


def rows_of(site: Site, draft: Draft) -> list[Row]:
    """The contents of *draft* as its teacher sees them now: in their order, what came since last, what is aside left out."""
    told = report(site.data, draft.id).get("lines")
    built = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    present = set(drafts.paths(drafts.folder(site.data, draft.id) / drafts.FILES))
    known = {one["path"]: one for one in built if one.get("path") in present}
    named = {one.path for one in draft.entries} | set(draft.aside)
    entries = list(draft.entries)
    if entries:
        entries += [Entry(path) for path in known if path not in named]
    elif built:
        entries = [Entry(str(one.get("path", "")), str(one.get("title", ""))) for one in built]
    else:
        entries = [Entry(path) for path in sorted(present)]
    return [
        _row(one, known.get(one.path, {}))
        for one in entries
        if not one.path or (one.path in present and one.path not in draft.aside)
    ]


def _row(entry: Entry, found: dict[str, object]) -> Row:
    name = entry.path.rpartition("/")[2]
    title = entry.title or str(found.get("title", "")) or name.rpartition(".")[0].replace("_", " ") or name
    kind = str(found.get("type", "file")) if entry.path else "chapter"
    return Row(entry.path, title, kind, editor=_EDITORS.get(extension(name), ""))


def _composed(site: Site, shown: Draft) -> Draft:
    """*shown* as the form says it is to be; a line or a title that was left as it stood says nothing. Ends a request that no page sends."""
    form = request.form
    action, _, number = form.get("action", "save").partition(":")
    if action not in (_OF_LINE if number else _ALONE):
        abort(400)
    version = form.get("version", "")
    title = one_line(form.get("title", ""))
    wanted = [
        Entry(safe_path(path), one_line(name))
        for path, name in zip(form.getlist("path"), form.getlist("name"), strict=False)
    ][:2000]
    before = [Entry(one.path, one.title) for one in rows_of(site, shown)]
    aside = shown.aside
    if action == "heading":
        wanted.append(Entry("", surroundings(site, _HERE)[0].words.gettext("New heading")))
    elif number:
        if not number.isascii() or not number.isdigit() or int(number) >= len(wanted):
            abort(400)
        line = int(number)
        if action in {"up", "down"}:
            other = min(max(line + (1 if action == "down" else -1), 0), len(wanted) - 1)
            wanted[line], wanted[other] = wanted[other], wanted[line]
        else:
            gone = wanted.pop(line)
            aside = (*aside, gone.path) if gone.path else aside
    entries = (
        shown.entries if wanted == before or ("path" not in form and action == "save") else tuple(wanted)
    )
    if title in {"", one_line(form.get("title-was", ""))}:
        title = shown.title
    number_of = int(version) if version.isascii() and version.isdigit() and len(version) < 12 else 0
    return replace(shown, title=title, entries=entries, aside=aside, version=number_of)


def _kept(site: Site, wanted: Draft) -> Draft:
    """*wanted*, kept; unchanged it stays the version that it is. Raises EditedMeanwhile; what else goes wrong ends the request."""
    now = done(lambda: drafts.read(site.data, wanted.id))
    if wanted.version != now.version:
        raise EditedMeanwhile
    if wanted == now:
        return now
    return done(lambda: drafts.change(site.data, wanted))


def _page(site: Site, shown: Draft, *, conflict: bool = False, saved: bool = False) -> str:
    frame, here = surroundings(site, _HERE)
    made = making(site, shown) if conflict else put_together(site, shown)
    shown = drafts.read(site.data, shown.id)  # its build may have found its title
    told = report(site.data, shown.id)
    size, reading = told.get("size"), told.get("reading")
    lint, warnings = (said if isinstance(said := told.get(key), list) else [] for key in ("lint", "warnings"))
    weight = Weight(
        frame.class_size, minutes(reading, frame.class_size, frame.air_kbit) if isinstance(reading, int) else 0.0
    )  # fmt: skip
    return pages.draft(
        frame, here, shown, rows_of(site, shown), made, staff=drafts.paths(drafts.folder(site.data, shown.id) / drafts.STAFF),
        lint=lint, warnings=warnings, size=size if isinstance(size, int) else 0, weight=weight, conflict=conflict,
        saved=saved,
    )  # fmt: skip


def _listed(draft: Draft) -> Listed:
    return Listed(draft.id, draft.title, draft.changed, given=bool(draft.slug))
