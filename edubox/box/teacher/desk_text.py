"""The desk's page on which a text is written in Markdown, with what pupils will read beside it.

A text is a file of its draft, among those of the lesson or among those for teachers only. Who saves says, by a mark, which
text they began with: if it was changed meanwhile, nothing is overwritten, what was typed stays in the field and can be kept
beside the other. The script ``write.js``
sends the same form by itself and gets the mark and the preview back as JSON.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, request

from edubox.box.desk import see, surroundings
from edubox.box.site import Site
from edubox.box.teacher import drafts, writing
from edubox.box.teacher.draft import one_line, safe_path
from edubox.box.teacher.making import done, open_draft
from edubox.box.teacher.writing import LONGEST, Written
from edubox.errors import EditedMeanwhile, NotFound
from edubox.pages import drafting as pages

_HERE = "home"
_EXTENSIONS = (".md", ".markdown")


def text_desk(desk: Blueprint, site: Site) -> None:
    """Add it, and what puts a file among those for teachers only, to *desk*."""

    @desk.get("/drafts/<ident>/text/")
    def text(ident: str) -> str:
        draft, path = open_draft(site, ident), request.args.get("path", "")
        staff = "staff" in request.args
        kept = opened(site, ident, path, staff=staff, extensions=_EXTENSIONS) if path else Written("")
        return pages.text(
            *surroundings(site, _HERE), draft, path=path, title=writing.heading(path), written=kept.text, mark=kept.mark,
            preview=writing.preview(kept.text), conflict=False, staff=staff, saved=request.args.get("saved", ""),
        )  # fmt: skip

    @desk.post("/drafts/<ident>/text/")
    def save_text(ident: str) -> Response | str | tuple[str, int]:
        draft, form = open_draft(site, ident), request.form
        path, title, staff = form.get("path", ""), one_line(form.get("title", ""), 100), "staff" in form
        typed = form.get("written", "").replace("\r\n", "\n").replace("\r", "\n")
        script = "script" in form
        if form.get("action") == "copy":
            path = ""
        if len(typed) > LONGEST or (path and not _is_text(path)):
            abort(400)
        mark, conflict = form.get("mark", ""), False
        if form.get("action") != "look":
            name = path or writing.name_of(title, typed, ".md")
            try:
                path, mark = done_but_conflict(
                    site, ident, name, typed, "" if not path else mark, staff=staff
                )
            except EditedMeanwhile:
                conflict = True
        shown = writing.preview(typed)
        if script:
            return jsonify({"path": path, "mark": mark, "preview": shown, "conflict": conflict})
        frame, here = surroundings(site, _HERE)
        if not conflict and form.get("action") == "close":
            return see(here.at(f"drafts/{ident}/"))
        page = pages.text(
            frame, here, draft, path=path, title=title or writing.heading(path), written=typed, mark=mark, preview=shown,
            conflict=conflict, staff=staff, saved="" if conflict or form.get("action") == "look" else "saved",
        )  # fmt: skip
        return (page, 409) if conflict else page

    @desk.post("/drafts/<ident>/staff/")
    def hide(ident: str) -> Response:
        open_draft(site, ident)
        path, to_staff = request.form.get("path", ""), request.form.get("action", "") == "hide"
        if not safe_path(path) or request.form.get("action", "") not in {"hide", "show"}:
            abort(400)
        done(lambda: drafts.move_file(site.data, ident, path, to_staff=to_staff))
        return see(surroundings(site, _HERE)[1].at(f"drafts/{ident}/"))


def opened(site: Site, ident: str, path: str, *, staff: bool, extensions: tuple[str, ...]) -> Written:
    """The text *path* of the draft *ident*; a page that is not there for another file, or one that no editor opens."""
    try:
        found = (
            writing.read(site.data, ident, path, staff=staff) if path.lower().endswith(extensions) else None
        )
    except NotFound:
        found = None
    return found if found is not None else abort(404)


def done_but_conflict(
    site: Site, ident: str, path: str, text: str, mark: str, *, staff: bool = False
) -> tuple[str, str]:
    """Keep *text*; its path and mark. Raises EditedMeanwhile; what else goes wrong is an answer of its own (``done``)."""
    meanwhile: list[EditedMeanwhile] = []

    def save() -> tuple[str, str]:
        try:
            return writing.save(site.data, ident, path, text, mark, staff=staff)
        except EditedMeanwhile as error:
            meanwhile.append(error)
            return "", ""

    kept = done(save)
    if meanwhile:
        raise meanwhile[0]
    return kept


def _is_text(path: str) -> bool:
    return bool(safe_path(path)) and path.lower().endswith(_EXTENSIONS)
