"""What the school sheet of a box says: read from its files, without any key library, for the desk and the command line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edubox.box.own import identity
from edubox.errors import NotFound
from edubox.pages.sheet import Sheet

if TYPE_CHECKING:
    from flask import Blueprint

    from edubox.box.site import Site


def sheet(data: Path, settings: dict[str, Any], origin: str, system: datetime | None = None) -> Sheet:
    """The sheet of the box in *data*, whose pages are at *origin* (``http://…``).

    Raises NotFound (the box has no identity yet), NotTrusted (damaged).
    """
    own, desk = identity.read(data), identity.desk_code(data)
    if desk is None:
        raise NotFound(what="The code of the desk, keys/desk,")
    return Sheet(
        settings["name"], f"{origin}/", f"{origin}/b/{desk}/", identity.unprinted_code(data, own), own.id,
        int(identity.now_on(data, system).timestamp()),
    )  # fmt: skip


def add_sheet(desk: Blueprint, site: Site) -> None:
    """Put the sheet on the *desk*: its page, and the button that makes the box forget the recovery code."""
    from flask import Response, abort, request

    from edubox.box.desk import see, surroundings
    from edubox.pages import sheet as pages

    @desk.get("/sheet/")
    def school_sheet() -> str:
        frame, here = surroundings(site, "sheet")
        try:
            return pages.page(frame, here, sheet(site.data, site.settings, request.host_url.rstrip("/")))
        except NotFound:
            abort(404)

    @desk.get("/sheet/style.css")
    def sheet_style() -> Response:
        return Response(pages.style(), content_type="text/css; charset=utf-8")

    @desk.post("/sheet/")
    def sheet_is_printed() -> Response:
        if request.form.get("action") != "printed":
            abort(400)
        identity.forget_code(site.data)
        return see(surroundings(site, "sheet")[1].at("sheet/"))
