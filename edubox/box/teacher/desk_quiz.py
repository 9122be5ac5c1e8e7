"""The desk's page on which a quiz is made: its questions are a form, its file is GIFT (``asking``).

Every button but *save* gives the same form back with what was typed and what the button does, so it works without a script;
``quiz_editor.js`` only puts the new form in the place of the old one, and saves by itself.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, request

from edubox.box.desk import see, surroundings
from edubox.box.site import Site
from edubox.box.teacher import asking, writing
from edubox.box.teacher.desk_text import done_but_conflict, opened
from edubox.box.teacher.draft import one_line, safe_path
from edubox.box.teacher.making import open_draft
from edubox.box.teacher.writing import Written
from edubox.errors import EditedMeanwhile
from edubox.pages import drafting as pages

_HERE = "home"
_EXTENSIONS = (".gift", ".gift.txt")


def quiz_desk(desk: Blueprint, site: Site) -> None:
    """Add it to *desk*."""

    @desk.get("/drafts/<ident>/quiz/")
    def quiz(ident: str) -> str:
        draft, path = open_draft(site, ident), request.args.get("path", "")
        staff = "staff" in request.args
        kept = opened(site, ident, path, staff=staff, extensions=_EXTENSIONS) if path else Written("")
        asked = asking.of_gift(kept.text) if path else [asking.new(asking.CHOICE)]
        if len(asked) > asking.MAX_QUESTIONS:
            abort(404)
        return pages.quiz(
            *surroundings(site, _HERE), draft, path=path, title=_title(path), questions=asked, mark=kept.mark,
            conflict=False, staff=staff, saved=request.args.get("saved", ""),
        )  # fmt: skip

    @desk.post("/drafts/<ident>/quiz/")
    def change_quiz(ident: str) -> Response | str | tuple[str, int]:
        draft, form = open_draft(site, ident), request.form
        path, mark, action = form.get("path", ""), form.get("mark", ""), form.get("action", "save")
        title, staff = one_line(form.get("title", ""), 100), "staff" in form
        if path and not (safe_path(path) and path.lower().endswith(_EXTENSIONS)):
            abort(400)
        asked = asking.of_form(form)
        conflict, tried, saved = False, action in {"save", "close", "copy"}, False
        if action == "copy":
            path, mark = "", ""
        if not tried:
            changed = asking.acted(asked, action)
            if changed is None:
                abort(400)
            asked = changed
        elif not any(one.wrong for one in asked) and asked:
            name = path or writing.name_of(title or "quiz", "", ".gift")
            try:
                path, mark = done_but_conflict(
                    site, ident, name, asking.as_gift(asked), mark if path else "", staff=staff
                )
                saved = True
            except EditedMeanwhile:
                conflict = True
        wrong = [number for number, one in enumerate(asked) if one.wrong] if tried else []
        if "script" in form and tried:
            return jsonify({"path": path, "mark": mark, "wrong": wrong, "conflict": conflict, "saved": saved})
        frame, here = surroundings(site, _HERE)
        if saved and action == "close":
            return see(here.at(f"drafts/{ident}/"))
        page = pages.quiz(
            frame, here, draft, path=path, title=title or _title(path), questions=asked, mark=mark, conflict=conflict,
            staff=staff, wrong=wrong, saved="saved" if saved else "",
        )  # fmt: skip
        return (page, 409) if conflict else (page, 422) if wrong else page


def _title(path: str) -> str:
    """What a quiz is called whose file is *path*."""
    name = path.rpartition("/")[2]
    for ending in reversed(_EXTENSIONS):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name
